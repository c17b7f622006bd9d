//! Where a kind of bridge tells open positions and pending orders.
//!
//! Decides whether the places can be used at all. Never looks at an answer; see `reading`.

use serde::Deserialize;

use super::Problem;
use super::checked::{few_places, ok_alone, some_places, some_statuses};
use super::http_path::HttpPath;
use crate::json::path::Places;

/// Where the answer about open positions has its facts. `ticket`, `symbol` and `stop_loss` are places inside one position.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PositionPlaces {
    pub(crate) path: HttpPath,
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
    pub(crate) list: Places,
    /// Where the bridge says that it could not read them. A list beside an error is not believed.
    #[serde(default)]
    pub(crate) error: Places,
    /// How many there are; a list of another length is not believed.
    #[serde(default)]
    pub(crate) count: Places,
    pub(crate) ticket: Places,
    #[serde(default)]
    pub(crate) symbol: Places,
    /// The price of the stop loss; 0 is none.
    #[serde(default)]
    pub(crate) stop_loss: Places,
    #[serde(default)]
    pub(crate) null_stop_loss: NullStopLoss,
}

/// What a stop loss means that is there and null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NullStopLoss {
    /// That it is not told.
    #[default]
    Untold,
    /// That there is none.
    None,
}

/// Where the answer about pending orders has its facts. `ticket` is a place inside one order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderPlaces {
    pub(crate) path: HttpPath,
    #[serde(default = "ok_alone")]
    pub(crate) statuses: Vec<u16>,
    pub(crate) list: Places,
    #[serde(default)]
    pub(crate) error: Places,
    #[serde(default)]
    pub(crate) count: Places,
    pub(crate) ticket: Places,
}

impl PositionPlaces {
    pub(super) fn problem(&self) -> Option<Problem> {
        some_statuses("positions.statuses", &self.statuses)
            .or_else(|| some_places("positions.list", &self.list))
            .or_else(|| some_places("positions.ticket", &self.ticket))
            .or_else(|| few_places("positions.error", &self.error))
            .or_else(|| few_places("positions.count", &self.count))
            .or_else(|| few_places("positions.symbol", &self.symbol))
            .or_else(|| few_places("positions.stop_loss", &self.stop_loss))
    }
}

impl OrderPlaces {
    pub(super) fn problem(&self) -> Option<Problem> {
        some_statuses("orders.statuses", &self.statuses)
            .or_else(|| some_places("orders.list", &self.list))
            .or_else(|| some_places("orders.ticket", &self.ticket))
            .or_else(|| few_places("orders.error", &self.error))
            .or_else(|| few_places("orders.count", &self.count))
    }
}
