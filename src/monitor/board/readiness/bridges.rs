//! Whether a bridge lets Rebound in and is what it should be, from what its checks saw last.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::super::roll::Watched;
use super::super::super::watch::CheckState;
use super::item;
use crate::check::CheckId;
use crate::readiness::sentence;
use crate::reason::Reason;
use crate::target::TargetKind;
use crate::time::Timestamp;
use crate::verdict::Verdict;
use crate::view::{ReadinessGroup, ReadinessState, ReadinessView};

/// The items of a bridge; none of what is no bridge, or not asked for that.
pub(super) fn views(watched: &Watched, now: Timestamp) -> Vec<ReadinessView> {
    match watched.spec.kind {
        TargetKind::Bridge => [key(watched, now), identity(watched, now)].into_iter().flatten().collect(),
        TargetKind::Endpoint(_) => Vec::new(),
    }
}

fn key(watched: &Watched, now: Timestamp) -> Option<ReadinessView> {
    let (about, verdict) = asked(watched, CheckId::BridgeReachable, "bridge.key", "key", now)?;
    Some(match verdict {
        Some(Verdict::Up | Verdict::Degraded(_)) => ReadinessView {
            state: ReadinessState::Ready,
            detail: String::from("The bridge answers, and takes the key if it asks for one."),
            emergency: String::from("Rebound would see what fails, and be let in to mend it."),
            ..about
        },
        Some(Verdict::Down(reason @ Reason::KeyRefused(_))) => ReadinessView {
            state: ReadinessState::NotReady,
            detail: sentence(&reason.to_string()),
            emergency: String::from(
                "Rebound would not see what fails, and remedies that go through the bridge would be refused.",
            ),
            mend: Some(String::from(
                "Put the bridge's present key where `key` of the target points, and start Rebound again.",
            )),
            ..about
        },
        Some(Verdict::Down(_) | Verdict::Unknown(_) | Verdict::Resting(_)) | None => {
            unknown(about, "It does not answer, so whether it takes the key is not known.")
        }
    })
}

fn identity(watched: &Watched, now: Timestamp) -> Option<ReadinessView> {
    let (about, verdict) = asked(watched, CheckId::BridgeIdentity, "bridge.identity", "right service", now)?;
    Some(match verdict {
        Some(Verdict::Up | Verdict::Degraded(_)) => ReadinessView {
            state: ReadinessState::Ready,
            detail: String::from("The service that is expected answers there."),
            emergency: String::from("What is seen and healed is the right bridge."),
            ..about
        },
        Some(Verdict::Down(reason)) => ReadinessView {
            state: ReadinessState::NotReady,
            detail: sentence(&reason.to_string()),
            emergency: String::from("Nothing would be healed: no restart makes another program of it."),
            mend: Some(String::from(
                "See which program has that port, and whether url and dialect of the target are right.",
            )),
            ..about
        },
        Some(Verdict::Unknown(_) | Verdict::Resting(_)) | None => {
            unknown(about, "It does not answer, so which service it is is not known.")
        }
    })
}

/// An item of a check and what the check says; `None` where it is not asked.
fn asked<'w>(
    watched: &'w Watched,
    check: CheckId,
    id: &str,
    what: &str,
    now: Timestamp,
) -> Option<(ReadinessView, Option<&'w Verdict>)> {
    if !watched.spec.checks.iter().any(|spec| spec.id == check) {
        return None;
    }
    let about = item(
        format!("{id}/{}", watched.spec.id),
        ReadinessGroup::Bridges,
        format!("{}: {what}", watched.spec.name),
    );
    let checked_at = watched.state.observed_at.map(|at| at.min(now));
    let verdict = watched.state.checks.get(&check).map(CheckState::verdict);
    Some((ReadinessView { checked_at, ..about }, verdict))
}

fn unknown(about: ReadinessView, why: &str) -> ReadinessView {
    let detail =
        if about.checked_at.is_some() { String::from(why) } else { String::from("It was not asked yet.") };
    let emergency = String::from("What Rebound could see and do is not known until it answers.");
    ReadinessView { state: ReadinessState::Unknown, detail, emergency, ..about }
}
