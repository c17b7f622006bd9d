//! What was asked lately.

use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::view::{TargetView, Tone};

use crate::sheet::{Mark, RequestSheet};

/// Most requests shown in one place.
const SHOWN: usize = 4;

/// The place of a page that tells of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// A target's card.
    Card(&'a TargetView),
    /// The last alerts.
    Alerts,
    /// What is planned for all.
    Plans,
}

/// Whether a request is told at `place`. One target alone tells all of them.
pub(super) fn belongs(what: &RequestKind, place: Place<'_>, alone: bool) -> bool {
    match place {
        Place::Card(view) => alone || what.target() == Some(&view.id),
        Place::Alerts => is_about_alerts(what),
        Place::Plans => !alone && what.target().is_none() && !is_about_alerts(what),
    }
}

const fn is_about_alerts(what: &RequestKind) -> bool {
    matches!(what, RequestKind::TestAlert | RequestKind::Acknowledge(_))
}

/// The latest requests of a place.
pub(super) fn latest(
    requests: &[Asked],
    targets: &[TargetView],
    belongs: impl Fn(&RequestKind) -> bool,
) -> Vec<RequestSheet> {
    requests
        .iter()
        .filter(|asked| belongs(&asked.what))
        .take(SHOWN)
        .map(|asked| sheet(asked, targets))
        .collect()
}

fn sheet(asked: &Asked, targets: &[TargetView]) -> RequestSheet {
    let (tone, word, text) = match &asked.state {
        AskedState::Running(text) => (Tone::Busy, "Running", text),
        AskedState::Done(text) => (Tone::Good, "Done", text),
        AskedState::Refused(text) => (Tone::Warning, "Refused", text),
    };
    RequestSheet {
        id: asked.id,
        mark: Mark::of(tone, word),
        what: words(&asked.what, targets),
        text: text.clone(),
        by: asked.by.clone(),
        at: asked.at,
    }
}

fn words(what: &RequestKind, targets: &[TargetView]) -> String {
    let of_all = |target: &Option<_>| if target.is_none() { " of all targets" } else { "" };
    let on_all = |target: &Option<_>| if target.is_none() { " on all targets" } else { "" };
    match what {
        RequestKind::ForceSync(target) => {
            let view = targets.iter().find(|view| view.id == *target);
            if view.is_none_or(super::target::is_bridge) { "Force sync." } else { "Look now." }.to_owned()
        }
        RequestKind::ForceHeal { lift_cooldown, remedy, .. } => {
            let with = remedy.as_ref().map(|name| format!(" with \"{name}\"")).unwrap_or_default();
            let lifted = if *lift_cooldown { ", cooldown lifted" } else { "" };
            format!("Force heal{with}{lifted}.")
        }
        RequestKind::StopHeal(_) => "Stop the heal.".to_owned(),
        RequestKind::TestAlert => "Test alert.".to_owned(),
        RequestKind::Acknowledge(alert) => format!("Acknowledge alert {alert}."),
        RequestKind::Pause { target, .. } => format!("Pause healing{}.", of_all(target)),
        RequestKind::Resume { target } => format!("Resume healing{}.", of_all(target)),
        RequestKind::StartMaintenance { target, name, .. } => {
            let name = if name.trim().is_empty() { String::new() } else { format!(": {}", name.trim()) };
            format!("Planned work{}{name}.", on_all(target))
        }
        RequestKind::EndMaintenance { target } => format!("End planned work{}.", on_all(target)),
        RequestKind::SetDryRun { dry_run: Some(true), .. } => "Dry run on.".to_owned(),
        RequestKind::SetDryRun { dry_run: Some(false), .. } => "Dry run off.".to_owned(),
        RequestKind::SetDryRun { dry_run: None, .. } => "Dry run as configured.".to_owned(),
        RequestKind::CheckReadiness => "Look at what an emergency needs.".to_owned(),
        RequestKind::Drill { target } => {
            let name = target.as_ref().and_then(|id| targets.iter().find(|view| view.id == *id));
            format!("Fire drill of {}.", name.map_or("all targets", |view| view.name.as_str()))
        }
        RequestKind::TakeBackMoves(_) => "Take back moved capital.".to_owned(),
        RequestKind::DeclareMove { accounts, .. } if accounts.is_empty() => {
            "Declare moved capital.".to_owned()
        }
        RequestKind::DeclareMove { accounts, .. } => {
            let count = accounts.len();
            format!("Declare moved capital of {count} {}.", if count == 1 { "account" } else { "accounts" })
        }
    }
}

#[cfg(test)]
mod tests {
    use rebound::ids::TargetId;

    use super::*;

    #[test]
    fn what_is_asked_of_all_is_told_with_the_plans_and_what_is_about_alerts_with_them() {
        let all = RequestKind::Resume { target: None };
        let one = RequestKind::Resume { target: Some(TargetId::try_new("one").unwrap()) };
        assert!(belongs(&all, Place::Plans, false));
        assert!(!belongs(&one, Place::Plans, false));
        assert!(!belongs(&RequestKind::TestAlert, Place::Plans, false));
        assert!(belongs(&RequestKind::TestAlert, Place::Alerts, false));
    }

    #[test]
    fn one_target_alone_tells_all_requests_and_no_other_place_does() {
        assert!(!belongs(&RequestKind::Resume { target: None }, Place::Plans, true));
    }

    #[test]
    fn a_request_says_whether_it_was_for_all() {
        let for_all = RequestKind::Resume { target: None };
        assert_eq!(words(&for_all, &[]), "Resume healing of all targets.");
        let heal = RequestKind::ForceHeal {
            target: TargetId::try_new("one").unwrap(),
            lift_cooldown: true,
            remedy: Some("restart".to_owned()),
        };
        assert_eq!(words(&heal, &[]), "Force heal with \"restart\", cooldown lifted.");
    }
}
