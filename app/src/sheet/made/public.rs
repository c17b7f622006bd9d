//! What everybody may see, in words that tell nothing that is nobody's business.

use rebound::history::UptimeDays;
use rebound::incident::Incident;
use rebound::time::spoken;
use rebound::view::{Board, TargetView, Tone};

use super::charts::days;
use crate::sheet::Mark;
use crate::sheet::public::{PublicIncident, PublicSheet, PublicTarget};

impl PublicSheet {
    /// The page called `title`, of those targets of the board that `shown` says.
    #[must_use]
    pub fn of(
        title: &str,
        board: &Board,
        shown: &dyn Fn(&TargetView) -> bool,
        history: Option<&UptimeDays>,
        incidents: &[Incident],
    ) -> Self {
        let views: Vec<&TargetView> = board.targets.iter().filter(|view| shown(view)).collect();
        let targets = views.iter().map(|view| {
            let known =
                history.and_then(|history| history.targets.iter().find(|known| known.target == view.id));
            PublicTarget { name: view.name.clone(), mark: mark(view.tone), days: known.map(days) }
        });
        let incidents = incidents.iter().filter_map(|incident| {
            let view = views.iter().find(|view| view.id == incident.target)?;
            let lasted = incident.closed.as_ref().map(|_| spoken(incident.downtime(incident.first_failure)));
            Some(PublicIncident { name: view.name.clone(), from: incident.first_failure, lasted })
        });
        let (tone, sentence) = sentence(&views);
        Self {
            at: board.at,
            title: title.to_owned(),
            sentence,
            state: Mark::of(tone, ""),
            targets: targets.collect(),
            incidents: incidents.collect(),
        }
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
        (0, 0, 0, 0) => (Tone::Good, "Everything works.".to_owned()),
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
    fn what_nobody_watches_is_not_called_fine() {
        assert_eq!(sentence(&[]), (Tone::Unknown, "Nothing is watched.".to_owned()));
    }
}
