//! Whether Rebound can still do what it is there for: watch, and tell people.
//!
//! Decides by harmlessness: whoever watches it from outside hears a sign of life only while both are true, because silence is
//! the one message that needs nothing of Rebound.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::desk::TRIES_QUIET;
use super::super::run::Monitor;
use super::super::watch::TargetState;
use crate::alert::DeliveryState;
use crate::readiness::{Part, Seen};
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::verdict::Verdict;

/// How long nothing of any target may be seen until Rebound no longer counts as watching.
const BLIND_MAX: Duration = Duration::from_secs(10 * 60);
/// Ordinary looks at a target that may bring nothing until it no longer counts as watched.
const LOOKS_MISSED_MAX: u32 = 3;

/// What is known of a way to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::monitor) struct Way {
    /// When it last brought an alert.
    pub(in crate::monitor) delivered_at: Option<Timestamp>,
    /// When it last failed for good or several times, and why; `None` where it worked since.
    pub(in crate::monitor) fails: Option<(Timestamp, String)>,
}

impl Monitor {
    /// Why Rebound cannot do what it is there for; `None` while it can.
    pub(super) fn why_not_able(&self) -> Option<String> {
        self.cannot_watch().or_else(|| self.cannot_tell())
    }

    /// What is known of the way to people called `name`, from what it brought and what the last look found.
    pub(in crate::monitor) fn way(&self, name: &str) -> Way {
        let (mut delivered_at, mut works_at) = (None, None);
        let mut fails: Option<(Timestamp, String)> = None;
        let mut failed = |at: Timestamp, why: &str| {
            if fails.as_ref().is_none_or(|(known, _)| *known < at) {
                fails = Some((at, String::from(why)));
            }
        };
        for alert in &self.shared.alerts {
            match alert.deliveries.get(name) {
                Some(DeliveryState::Delivered { at, .. }) => delivered_at = delivered_at.max(Some(*at)),
                Some(DeliveryState::GaveUp { at, error, .. }) => failed(*at, error),
                Some(
                    DeliveryState::Pending { attempts, error: Some(error), .. }
                    | DeliveryState::CalledOff { attempts, error: Some(error), .. },
                ) if *attempts >= TRIES_QUIET => failed(alert.at, error),
                Some(DeliveryState::Pending { .. } | DeliveryState::CalledOff { .. }) | None => {}
            }
        }
        if let Some(found) = self.readiness.found.get(&Part::Channel(String::from(name))) {
            match &found.finding.seen {
                Seen::Refused(trouble) => failed(found.finding.at, &trouble.why),
                Seen::Silent(trouble) if found.is_believed() => failed(found.finding.at, &trouble.why),
                Seen::Works(_) => works_at = Some(found.finding.at),
                Seen::Silent(_)
                | Seen::NotSeen(_)
                | Seen::Missing(_)
                | Seen::Token { .. }
                | Seen::Room { .. }
                | Seen::Recipients { .. } => {}
            }
        }
        let works_at = works_at.max(delivered_at);
        Way { delivered_at, fails: fails.filter(|(at, _)| works_at.is_none_or(|works| works < *at)) }
    }

    /// Whether something of any target is seen; or none is watched, as by one of several servers that stands by.
    pub(super) fn sees_something(&self) -> bool {
        let mut watched = self.watched.values().peekable();
        watched.peek().is_none() || watched.any(|watched| is_seen(&watched.spec, &watched.state, self.now))
    }

    /// Whether nothing of any target was seen for long.
    fn cannot_watch(&self) -> Option<String> {
        let blind = self.now.since(self.readiness.sighted_at) >= BLIND_MAX;
        blind.then(|| format!("nothing of any target was seen for {}", spoken(BLIND_MAX)))
    }

    /// Whether nobody can be told.
    fn cannot_tell(&self) -> Option<String> {
        let channels = &self.config.alerts.channels;
        if channels.is_empty() {
            let why = self.shared.store_trouble.as_ref()?;
            return Some(format!(
                "no way to people is configured, and the store does not accept writes: {why}"
            ));
        }
        let failing: Vec<&str> = channels
            .iter()
            .map(|channel| channel.name.as_str())
            .filter(|name| self.way(name).fails.is_some())
            .collect();
        (failing.len() == channels.len()).then(|| format!("alerts do not go out by {}", failing.join(", ")))
    }
}

/// Whether something of a target, good or bad, was seen lately.
fn is_seen(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> bool {
    let most = BLIND_MAX.max((spec.watch.interval + spec.watch.timeout) * LOOKS_MISSED_MAX);
    let seen = state
        .checks
        .values()
        .any(|check| matches!(check.verdict(), Verdict::Up | Verdict::Degraded(_) | Verdict::Down(_)));
    seen && state.observed_at.is_some_and(|at| now.since(at) < most)
}
