//! Hours as an older Rebound kept them, each series of a target in a document of its own. They are read and grow old; none is written.

use futures::TryStreamExt as _;
use mongodb::bson::{Document, doc};
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound_engine::history::rollup::Hour;
use rebound_engine::ports::StoreError;

use super::super::failure::Fault;
use super::rows::{hour_of, known};
use super::{MongodbHistory, readable};

/// Where they stand.
pub(super) const ROLLUPS: &str = "rollups";

impl MongodbHistory {
    /// Whether there are any.
    pub(super) async fn has_older(&self) -> Result<bool, Fault> {
        let found = self.collection(ROLLUPS).find_one(doc! {}).projection(doc! { "_id": 1 }).await?;
        Ok(found.is_some())
    }

    /// The hours of a series at these times, which `when` names, with or without their minutes.
    pub(super) async fn older_hours(
        &self,
        (target, series): (&TargetId, Series),
        when: Document,
        with_minutes: bool,
    ) -> Result<Vec<Hour>, Fault> {
        let filter = doc! { "target": target.as_str(), "series": series.to_string(), "hour": when };
        let fields = if with_minutes {
            doc! { "series": 0 }
        } else {
            doc! { "minutes": 0 }
        };
        let found = self.collection(ROLLUPS).find(filter).projection(fields).await?;
        let found: Vec<Document> = found.try_collect().await?;
        Ok(found.iter().filter_map(|document| readable(older_hour(document, target, series))).collect())
    }
}

fn older_hour(document: &Document, target: &TargetId, series: Series) -> Result<Hour, StoreError> {
    known(document)?;
    hour_of(document, document, document.get("minutes"), (target, series))
}
