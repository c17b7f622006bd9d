//! Readiness in words.

use rebound::drill::Drill;
use rebound::view::{Board, ReadinessGroup as ViewGroup, ReadinessState, ReadinessView, Tone};

use crate::sheet::readiness::{ReadinessGroup, ReadinessItem, ReadinessSheet};
use crate::sheet::{Body, Mark};

impl Body {
    /// What the next emergency needs, as this board has it. `held` are the drills that the store has, or why they cannot be read.
    #[must_use]
    pub fn readiness(board: &Board, held: Result<&[Drill], String>) -> Self {
        let count = |state: ReadinessState| board.readiness.iter().filter(|item| item.state == state).count();
        let (tone, sentence) = sentence(
            board.readiness.len(),
            count(ReadinessState::NotReady),
            count(ReadinessState::AtRisk),
            count(ReadinessState::Unknown),
        );
        let mut groups: Vec<ReadinessGroup> = Vec::new();
        // Drills have a part of their own on the page.
        for view in board.readiness.iter().filter(|view| view.group != ViewGroup::Drills) {
            let name = view.group.word();
            let at = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
                groups.push(ReadinessGroup { name: name.to_owned(), items: Vec::new(), unset: Vec::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(at) {
                // What nobody asked for must not hide what was asked for and fails.
                let list =
                    if view.state == ReadinessState::NotSetUp { &mut group.unset } else { &mut group.items };
                list.push(item(view));
            }
        }
        Self::Readiness(Box::new(ReadinessSheet {
            sentence,
            tone,
            groups,
            drills: super::drill::drills(board, held),
        }))
    }
}

fn item(view: &ReadinessView) -> ReadinessItem {
    let tone = match view.state {
        ReadinessState::Ready => Tone::Good,
        ReadinessState::NotSetUp => Tone::Resting,
        ReadinessState::Unknown => Tone::Unknown,
        ReadinessState::AtRisk => Tone::Warning,
        ReadinessState::NotReady => Tone::Bad,
    };
    ReadinessItem {
        id: view.id.clone(),
        mark: Mark::of(tone, view.state.word()),
        name: view.name.clone(),
        server: view.server.clone(),
        detail: view.detail.clone(),
        checked: view.checked_at,
        emergency: view.emergency.clone(),
        mend: view.mend.clone(),
    }
}

/// What a person takes away from the page: the worst first, and nothing called ready that nobody has seen.
fn sentence(all: usize, not_ready: usize, at_risk: usize, unknown: usize) -> (Tone, String) {
    let things = |count: usize| if count == 1 { "One thing".to_owned() } else { format!("{count} things") };
    let would = |count: usize| if count == 1 { "would not do its part" } else { "would not do their part" };
    match (all, not_ready, at_risk, unknown) {
        (0, _, _, _) => (Tone::Unknown, "Nothing was looked at yet.".to_owned()),
        (_, 0, 0, 0) => {
            (Tone::Good, "Ready for the next emergency, as far as can be seen without one.".to_owned())
        }
        (_, 0, 0, unknown) => {
            (Tone::Unknown, format!("Nothing speaks against it, but of {unknown} of {all} nobody knows."))
        }
        (_, 0, risk, _) => (Tone::Warning, format!("{} may fail in the next emergency.", things(risk))),
        (_, bad, 0, _) => (Tone::Bad, format!("{} {} in the next emergency.", things(bad), would(bad))),
        (_, bad, risk, _) => {
            let more =
                if risk == 1 { "one more may fail".to_owned() } else { format!("{risk} more may fail") };
            (Tone::Bad, format!("{} {} in the next emergency, and {more}.", things(bad), would(bad)))
        }
    }
}

#[cfg(test)]
mod tests {
    use rebound::view::Tone;

    use super::sentence;

    #[test]
    fn the_worst_is_said_first_and_what_nobody_knows_is_not_called_ready() {
        assert_eq!(sentence(9, 0, 0, 0).0, Tone::Good);
        assert_eq!(sentence(9, 0, 0, 2).1, "Nothing speaks against it, but of 2 of 9 nobody knows.");
        assert_eq!(sentence(9, 0, 1, 2).1, "One thing may fail in the next emergency.");
        let (tone, words) = sentence(9, 1, 2, 0);
        assert_eq!(tone, Tone::Bad);
        assert_eq!(words, "One thing would not do its part in the next emergency, and 2 more may fail.");
    }
}
