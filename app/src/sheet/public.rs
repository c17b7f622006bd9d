//! What everybody may see: which targets work and when they did not. No account, no address, no reason.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Mark;
use super::chart::DaysSheet;

/// The public page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicSheet {
    /// As of when.
    pub at: Timestamp,
    /// Whose status it is.
    pub title: String,
    /// How it stands, in one sentence.
    pub sentence: String,
    /// How the sentence looks.
    pub state: Mark,
    /// The targets.
    pub targets: Vec<PublicTarget>,
    /// What is known of the last days, in one sentence, where there is no trouble to list.
    pub quiet: String,
    /// Trouble of the last days, newest first.
    pub incidents: Vec<PublicIncident>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicTarget {
    /// Its name.
    pub name: String,
    /// Whether it works.
    pub mark: Mark,
    /// How it was; `None` where no history is kept.
    pub days: Option<DaysSheet>,
}

/// One stretch of trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicIncident {
    /// Of which target.
    pub name: String,
    /// When it began.
    pub from: Timestamp,
    /// How long it lasted; `None`: it goes on.
    pub lasted: Option<String>,
}
