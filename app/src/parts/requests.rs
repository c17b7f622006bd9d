//! What was asked lately and what became of it, live.

use leptos::prelude::*;
use rebound::ids::TargetId;
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::icon::Badge;
use crate::parts::moment::{Moment, Told};

/// Most requests shown in one place.
const SHOWN: usize = 4;

/// Which requests belong to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Those for one target.
    Target(TargetId),
    /// Those about alerts.
    Alerts,
    /// Both: there is one target only.
    TargetAndAlerts(TargetId),
}

impl About {
    fn holds(&self, what: &RequestKind) -> bool {
        let of_target = |target: &TargetId| match self {
            Self::Target(own) | Self::TargetAndAlerts(own) => own == target,
            Self::Alerts => false,
        };
        match what {
            RequestKind::ForceSync(target) | RequestKind::ForceHeal { target, .. } => of_target(target),
            RequestKind::TestAlert | RequestKind::Acknowledge(_) => !matches!(self, Self::Target(_)),
        }
    }
}

/// The latest requests of a place, newest first.
#[component]
pub(crate) fn Requests(live: Live, about: About) -> impl IntoView {
    let shown = Memo::new(move |_| {
        live.board.with(|board| {
            board
                .requests
                .iter()
                .filter(|asked| about.holds(&asked.what))
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="requests" aria-label="Asked lately" aria-live="polite">
            {move || shown.get().into_iter().map(request_line).collect_view()}
        </ul>
    }
    .into_any()
}

fn request_line(asked: Asked) -> impl IntoView {
    let (tone, word, text) = match asked.state {
        AskedState::Running(text) => (Tone::Busy, "Running", text),
        AskedState::Done(text) => (Tone::Good, "Done", text),
        AskedState::Refused(text) => (Tone::Warning, "Refused", text),
    };
    view! {
        <li id=format!("request-{}", asked.id) title=format!("Request {}", asked.id)>
            <Badge tone word/>
            <span class="request-text"><strong>{request_words(&asked.what)}</strong>" "{text}</span>
            <span class="quiet-text">{asked.by}", "<Moment at=asked.at told=Told::Clock/></span>
        </li>
    }
    .into_any()
}

fn request_words(what: &RequestKind) -> String {
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
        assert!(About::Target(one.clone()).holds(&sync));
        assert!(!About::Target(other).holds(&sync));
        assert!(!About::Alerts.holds(&sync));
        assert!(About::Alerts.holds(&RequestKind::TestAlert));
        assert!(!About::Target(one.clone()).holds(&RequestKind::TestAlert));
        assert!(About::TargetAndAlerts(one).holds(&RequestKind::TestAlert));
    }
}
