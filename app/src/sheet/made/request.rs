//! What was asked lately.

use rebound::ids::TargetId;
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::view::Tone;

use crate::sheet::{Mark, RequestSheet};

/// Most requests shown in one place.
const SHOWN: usize = 4;

/// The latest requests that belong to a place.
pub(super) fn latest(requests: &[Asked], belongs: impl Fn(&RequestKind) -> bool) -> Vec<RequestSheet> {
    requests.iter().filter(|asked| belongs(&asked.what)).take(SHOWN).map(sheet).collect()
}

/// Whether it was asked for this target.
pub(super) fn is_for(what: &RequestKind, own: &TargetId) -> bool {
    match what {
        RequestKind::ForceSync(target) | RequestKind::ForceHeal { target, .. } => target == own,
        RequestKind::TestAlert | RequestKind::Acknowledge(_) => false,
    }
}

fn sheet(asked: &Asked) -> RequestSheet {
    let (tone, word, text) = match &asked.state {
        AskedState::Running(text) => (Tone::Busy, "Running", text),
        AskedState::Done(text) => (Tone::Good, "Done", text),
        AskedState::Refused(text) => (Tone::Warning, "Refused", text),
    };
    RequestSheet {
        id: asked.id,
        mark: Mark::of(tone, word),
        what: words(&asked.what),
        text: text.clone(),
        by: asked.by.clone(),
        at: asked.at,
    }
}

fn words(what: &RequestKind) -> String {
    match what {
        RequestKind::ForceSync(_) => "Force sync.".to_owned(),
        RequestKind::ForceHeal { lift_cooldown: false, .. } => "Force heal.".to_owned(),
        RequestKind::ForceHeal { lift_cooldown: true, .. } => "Force heal, cooldown lifted.".to_owned(),
        RequestKind::TestAlert => "Test alert.".to_owned(),
        RequestKind::Acknowledge(alert) => format!("Acknowledge alert {alert}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_at_the_target_it_is_for_and_nowhere_else() {
        let (one, other) = (TargetId::try_new("one").unwrap(), TargetId::try_new("other").unwrap());
        let sync = RequestKind::ForceSync(one.clone());
        assert!(is_for(&sync, &one));
        assert!(!is_for(&sync, &other));
        assert!(!is_for(&RequestKind::TestAlert, &one));
    }
}
