//! Which run came of a dispatch, and what its end means.
//!
//! Pure: looks at lists that were read, asks nothing.

use chrono::DateTime;
use rebound::heal::StepOutcome;
use rebound::time::Timestamp;
use serde::Deserialize;

/// GitHub's number of a run.
pub(super) type RunId = u64;

/// A run as GitHub shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Run {
    pub(super) id: RunId,
    name: Option<String>,
    display_title: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    html_url: Option<String>,
    created_at: Option<String>,
}

impl Run {
    /// `queued`, `in_progress`, `completed` and others.
    pub(super) fn status(&self) -> &str {
        self.status.as_deref().unwrap_or("unknown")
    }

    /// Its page. Only of the web, since it becomes a link.
    pub(super) fn link(&self) -> Option<String> {
        self.html_url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }

    /// How it ended, if it has.
    pub(super) fn end(&self) -> Option<(StepOutcome, String)> {
        if self.status() != "completed" {
            return None;
        }
        let number = self.id;
        let end = match self.conclusion.as_deref().unwrap_or("none") {
            "success" | "neutral" => (StepOutcome::Done, format!("run {number} ended with success")),
            "cancelled" => (
                StepOutcome::Failed,
                format!("run {number} was cancelled on GitHub. Part of it may have been done"),
            ),
            "skipped" => (
                StepOutcome::Failed,
                format!("run {number} was skipped: the conditions of its jobs did not hold"),
            ),
            "timed_out" => (
                StepOutcome::Failed,
                format!("run {number} took longer than the workflow allows. See its log"),
            ),
            "startup_failure" => (
                StepOutcome::Failed,
                format!("run {number} could not start. See that the workflow file is valid"),
            ),
            "action_required" => (
                StepOutcome::Failed,
                format!("run {number} waits for an approval on GitHub. Approve it there"),
            ),
            conclusion => {
                (StepOutcome::Failed, format!("run {number} ended with \"{conclusion}\". See its log"))
            }
        };
        Some(end)
    }

    fn created_at(&self) -> Option<Timestamp> {
        let at = DateTime::parse_from_rfc3339(self.created_at.as_deref()?).ok()?;
        Some(Timestamp::from_ms(at.timestamp_millis()))
    }

    fn names(&self, correlation_id: &str) -> bool {
        [&self.display_title, &self.name].into_iter().flatten().any(|title| holds_word(title, correlation_id))
    }
}

/// Which run is looked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) correlation_id: String,
    /// A run that names the id is listed if it was created from then on.
    pub(super) listed_from: Timestamp,
    /// A run that names no id counts only if it was created from then on.
    pub(super) unnamed_from: Timestamp,
}

/// What a list of runs holds of the run looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    /// It names the correlation id.
    Named(RunId),
    /// It names no id and is the only one that it could be.
    Only(RunId),
    /// So many it could be.
    Several(usize),
    /// None.
    Nothing,
}

/// Picks the run looked for out of `runs`.
pub(super) fn pick(runs: &[Run], wanted: &Wanted) -> Pick {
    // Where several workflows listen, the first to be created.
    if let Some(run) = runs.iter().filter(|run| run.names(&wanted.correlation_id)).min_by_key(|run| run.id) {
        return Pick::Named(run.id);
    }
    let young = |run: &&Run| run.created_at().is_some_and(|at| at >= wanted.unnamed_from);
    let possible: Vec<&Run> = runs.iter().filter(young).collect();
    match possible.as_slice() {
        [] => Pick::Nothing,
        [run] => Pick::Only(run.id),
        several => Pick::Several(several.len()),
    }
}

/// Whether `word` stands in `text` by itself, so that step 1 is not found in the title of step 12.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn run(id: RunId, title: &str, created_at: &str) -> Run {
        serde_json::from_value(serde_json::json!({
            "id": id, "name": "Restart", "display_title": title, "created_at": created_at,
            "status": "completed", "conclusion": "success", "html_url": "javascript:alert(1)",
        }))
        .unwrap()
    }

    fn wanted() -> Wanted {
        let sent_at = Timestamp::from_civil(2026, 11, 23, 15, 47);
        Wanted { correlation_id: "mt5-7-1".to_owned(), listed_from: sent_at, unnamed_from: sent_at }
    }

    #[rstest]
    #[case::names_the_id(vec![run(2, "heal mt5-7-1", "2026-11-23T15:48:00Z"), run(3, "x", "2026-11-23T15:48:00Z")], Pick::Named(2))]
    #[case::names_it_though_our_clock_is_ahead(vec![run(2, "heal mt5-7-1", "2026-11-23T15:40:00Z")], Pick::Named(2))]
    #[case::the_only_one(vec![run(2, "Restart", "2026-11-23T15:48:00Z")], Pick::Only(2))]
    #[case::too_old(vec![run(2, "Restart", "2026-11-23T15:46:59Z")], Pick::Nothing)]
    #[case::another_id_that_begins_alike(vec![run(2, "heal mt5-7-12", "2026-11-23T15:46:00Z")], Pick::Nothing)]
    #[case::two_it_could_be(
        vec![run(2, "Restart", "2026-11-23T15:48:00Z"), run(3, "Restart", "2026-11-23T15:49:00Z")],
        Pick::Several(2)
    )]
    #[case::none(vec![], Pick::Nothing)]
    fn the_run_of_a_dispatch_is_picked(#[case] runs: Vec<Run>, #[case] picked: Pick) {
        assert_eq!(pick(&runs, &wanted()), picked);
    }

    #[test]
    fn a_link_that_is_no_page_is_not_shown() {
        assert_eq!(run(1, "x", "2026-11-23T15:48:00Z").link(), None);
    }
}
