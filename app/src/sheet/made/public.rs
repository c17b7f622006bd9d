//! What everybody may see, in words that tell nothing that is nobody's business.

use rebound::history::UptimeDays;
use rebound::incident::Incident;
use rebound::time::spoken;
use rebound::view::{Board, TargetView, Tone};

use super::charts::days;
use crate::sheet::Mark;
use crate::sheet::public::{PublicIncident, PublicSheet, PublicTarget};

/// Days of which trouble is told.
const DAYS_TOLD: usize = 14;

impl PublicSheet {
    /// The page called `title`, of those targets of the board that `shown` says.
    #[must_use]
    pub fn of(
        title: &str,
        board: &Board,
        shown: &dyn Fn(&TargetView) -> bool,
        history: Option<&UptimeDays>,
        incidents: Option<&[Incident]>,
    ) -> Self {
        let views: Vec<&TargetView> = board.targets.iter().filter(|view| shown(view)).collect();
        let targets = views.iter().map(|view| {
            let known =
                history.and_then(|history| history.targets.iter().find(|known| known.target == view.id));
            PublicTarget {
                name: view.name.clone(),
                mark: mark(view.tone),
                days: known.map(|known| days(known, &[])),
            }
        });
        let quiet = quiet(incidents.is_some(), history.map(|history| watched_days(history, &views)));
        let incidents = incidents.unwrap_or_default().iter().filter_map(|incident| {
            let view = views.iter().find(|view| view.id == incident.target)?;
            let lasted = incident.closed.as_ref().map(|_| spoken(incident.downtime(incident.first_failure)));
            Some(PublicIncident { name: view.name.clone(), from: incident.first_failure, lasted })
        });
        let incidents: Vec<PublicIncident> = incidents.collect();
        let quiet = if incidents.is_empty() { quiet } else { String::new() };
        let (tone, sentence) = sentence(&views);
        Self {
            at: board.at,
            title: title.to_owned(),
            sentence,
            state: Mark::of(tone, ""),
            targets: targets.collect(),
            quiet,
            incidents,
        }
    }
}

/// On how many of the last days the target was watched that was watched least.
fn watched_days(history: &UptimeDays, views: &[&TargetView]) -> usize {
    let days = history.targets.iter().filter(|known| views.iter().any(|view| view.id == known.target));
    let watched = days.map(|known| {
        let last = known.days.iter().rev().take(DAYS_TOLD);
        last.filter(|day| day.figures.total_ms() > 0).count()
    });
    watched.min().unwrap_or(0)
}

/// What can be said where no trouble is listed: nothing is called quiet that nobody watched.
fn quiet(is_read: bool, watched: Option<usize>) -> String {
    match (is_read, watched) {
        (false, _) => "What was before cannot be told just now.".to_owned(),
        (true, Some(days)) if days >= DAYS_TOLD => {
            format!("No trouble was seen in the last {DAYS_TOLD} days.")
        }
        (true, Some(days)) => format!("No trouble was seen; watched on {days} of the last {DAYS_TOLD} days."),
        (true, None) => "No trouble was seen. How long it was watched is not known.".to_owned(),
    }
}

fn mark(tone: Tone) -> Mark {
    let word = match tone {
        Tone::Good => "Works",
        Tone::Resting => "Rests",
        Tone::Busy => "Is being repaired",
        Tone::Warning => "Works with limits",
        Tone::Bad => "Does not work",
        Tone::Unknown => "Not known",
    };
    Mark::of(tone, word)
}

/// The worst first. What is not known is never called fine.
fn sentence(views: &[&TargetView]) -> (Tone, String) {
    let count = |tone: Tone| views.iter().filter(|view| view.tone == tone).count();
    let of = |count: usize, one: &str, more: &str| match count {
        1 if views.len() == 1 => format!("It {one}."),
        1 => format!("One of {} {one}.", views.len()),
        count => format!("{count} of {} {more}.", views.len()),
    };
    match (count(Tone::Bad), count(Tone::Busy), count(Tone::Warning), count(Tone::Unknown)) {
        (0, 0, 0, 0) if views.is_empty() => (Tone::Unknown, "Nothing is watched.".to_owned()),
        (0, 0, 0, 0) => match count(Tone::Resting) {
            0 => (Tone::Good, "Everything works.".to_owned()),
            all if all == views.len() => (Tone::Resting, of(all, "rests", "rest")),
            some => (Tone::Good, of(some, "rests", "rest") + " Everything else works."),
        },
        (0, 0, 0, unknown) => (Tone::Unknown, of(unknown, "is not known to work", "are not known to work")),
        (0, 0, limited, _) => (Tone::Warning, of(limited, "works with limits", "work with limits")),
        (0, busy, _, _) => (Tone::Busy, of(busy, "is being repaired", "are being repaired")),
        (bad, _, _, _) => (Tone::Bad, of(bad, "does not work", "do not work")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_nobody_watched_are_not_called_quiet() {
        assert_eq!(quiet(true, Some(14)), "No trouble was seen in the last 14 days.");
        assert_eq!(quiet(true, Some(1)), "No trouble was seen; watched on 1 of the last 14 days.");
        assert_eq!(quiet(false, Some(14)), "What was before cannot be told just now.");
        assert!(quiet(true, None).contains("not known"));
    }

    #[test]
    fn what_nobody_watches_is_not_called_fine() {
        assert_eq!(sentence(&[]), (Tone::Unknown, "Nothing is watched.".to_owned()));
    }
}
