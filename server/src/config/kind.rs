//! What kind of target a section is about, and the words for it in problems.

use rebound::check::CheckId;
use rebound::target::{EndpointSpec, EndpointWay, TargetKind};
use serde::Deserialize;

use super::Problems;

/// `kind` as it is written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindWord {
    #[default]
    Bridge,
    Endpoint,
}

/// The kind of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bridge,
    Endpoint(EndpointWay),
}

impl Kind {
    /// The kind that a section names. An endpoint must say how it is asked; one that does not is taken for what `likely` says, so
    /// that what else is wrong with it is told, too.
    pub(crate) fn of(
        at: &str,
        kind: KindWord,
        way: Option<EndpointWay>,
        likely: Option<EndpointWay>,
        problems: &mut Problems,
    ) -> Option<Self> {
        match (kind, way) {
            (KindWord::Bridge, _) => Some(Self::Bridge),
            (KindWord::Endpoint, Some(way)) => Some(Self::Endpoint(way)),
            (KindWord::Endpoint, None) => {
                let help = "Say how it is asked: way = \"http\", \"tcp\" or \"mongodb\".";
                problems.add(&format!("{at}: way"), "is missing", help);
                likely.map(Self::Endpoint)
            }
        }
    }

    /// What is asked of it.
    pub(crate) fn checks(self) -> &'static [CheckId] {
        match self {
            Self::Bridge => TargetKind::Bridge.checks(),
            Self::Endpoint(way) => TargetKind::Endpoint(EndpointSpec::new(way)).checks(),
        }
    }

    /// What it is called in problems, with the way that is written in the file.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Bridge => "a bridge".to_owned(),
            Self::Endpoint(way) => format!("an endpoint with way = \"{}\"", written(way)),
        }
    }

    /// Tells that the key at `key` belongs to `owners` and not to this.
    pub(crate) fn tell(self, key: &str, owners: &[Self], problems: &mut Problems) {
        let is_bridge = |kind: &Self| *kind == Self::Bridge;
        let ways: Vec<String> =
            owners.iter().filter(|kind| !is_bridge(kind)).map(|kind| kind.words()).collect();
        let bridges = owners.iter().any(is_bridge).then(|| "a bridge".to_owned());
        let owners: Vec<String> = match ways.len() {
            3 => vec!["an endpoint".to_owned()],
            _ => ways,
        };
        let owners: Vec<String> = bridges.into_iter().chain(owners).collect();
        let what = format!("is a key of {}, and this is {}", owners.join(" or "), self.words());
        let help = match self {
            Self::Bridge => "Leave it out, or write kind = \"endpoint\".",
            Self::Endpoint(_) => "Leave it out.",
        };
        problems.add(key, &what, help);
    }
}

/// A way as it is written in the file.
pub(crate) const fn written(way: EndpointWay) -> &'static str {
    match way {
        EndpointWay::Http => "http",
        EndpointWay::Tcp => "tcp",
        EndpointWay::Mongodb => "mongodb",
    }
}
