//! What scripts of earlier systems read of the last day: one document a minute in `system_health_history`.
//!
//! Not a part of the history that counts: a minute that could not be written is left out, and nothing is made from it.

use std::time::Duration;

use mongodb::bson::{Bson, Document, doc};
use rebound::view::{Board, TargetView, Tone};
use rebound_engine::ports::StoreError;

use super::failure::Fault;
use super::form::date;
use super::schema::{HEALTH, RECORD_VERSION};
use super::{MongodbStore, PRUNE_TIME_MAX, within};

/// How long a document is kept, as the earlier systems did.
pub(super) const KEPT: Duration = Duration::from_secs(24 * 3_600);

impl MongodbStore {
    /// Notes how everything is at the time of `board`.
    ///
    /// # Errors
    /// [`StoreError`]; then this minute is missing.
    pub async fn note_health(&self, board: &Board) -> Result<(), StoreError> {
        let noting = async {
            self.database.collection::<Document>(HEALTH).insert_one(document(board)).await?;
            Ok(())
        };
        within(PRUNE_TIME_MAX, noting)
            .await
            .map_err(|fault: Fault| self.speaker.say("note the health", fault))
    }
}

fn document(board: &Board) -> Document {
    let known: Vec<&TargetView> = board.targets.iter().filter(|view| view.tone != Tone::Unknown).collect();
    let healthy = known.iter().filter(|view| status(view.tone) == HEALTHY).count();
    let mut document = doc! {
        "timestamp": date(board.at),
        "created_at": date(board.at),
        "overall_status": status(board.tone),
        "components": board.targets.iter().map(component).map(Bson::Document).collect::<Vec<_>>(),
        "version": i64::from(RECORD_VERSION),
    };
    if !known.is_empty() {
        #[expect(clippy::cast_precision_loss, reason = "there are never so many targets")]
        let percentage = healthy as f64 * 100.0 / known.len() as f64;
        document.insert("health_percentage", percentage);
    }
    document
}

fn component(view: &TargetView) -> Document {
    let mut component = doc! {
        "component": view.id.as_str(),
        "name": &view.name,
        "status": status(view.tone),
        "message": &view.sentence,
    };
    if let Some(ms) = view.latency_ms {
        component.insert("response_time", f64::from(ms));
    }
    // As a text: so the earlier systems wrote it.
    if let Some(at) = view.observed_at.and_then(|at| date(at).try_to_rfc3339_string().ok()) {
        component.insert("last_check", at);
    }
    component
}

const HEALTHY: &str = "healthy";

/// In the words of the earlier systems, and `unknown`, which they did not have.
const fn status(tone: Tone) -> &'static str {
    match tone {
        Tone::Good | Tone::Resting => HEALTHY,
        Tone::Busy | Tone::Warning => "degraded",
        Tone::Bad => "offline",
        Tone::Unknown => "unknown",
    }
}
