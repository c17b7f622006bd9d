//! How a target's time is charged, and when people hear that nobody knows.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::desk::{Desk, Matter};
use super::super::words;
use super::{CheckState, TargetState};
use crate::alert::AlertReason;
use crate::check::CheckId;
use crate::incident::Severity;
use crate::reason::Reason;
use crate::target::TargetSpec;
use crate::time::Timestamp;
use crate::uptime::UptimeState;
use crate::verdict::Verdict;

impl TargetState {
    /// Tells people when nobody has known for too long, and when somebody knows again.
    pub(in crate::monitor) fn mind_the_unknown(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let Some(since) = self.unknown_since else {
            return;
        };
        if self.unknown_told.is_some() || desk.now < since.after(spec.thresholds.unknown_alert_after) {
            return;
        }
        let why = self.why_not_known();
        if let Some(why) = why.filter(|_| self.unknown_is_own) {
            tell_blindness(desk, since, why);
            self.unknown_told = Some(Vec::new());
            return;
        }
        let message = words::unknown_too_long(desk.policy, spec, since, why);
        let told = desk.raise(Matter {
            reason: AlertReason::UnknownTooLong,
            severity: Severity::Warning,
            target: Some(&self.id),
            incident: None,
            same_as: Some(String::from(AlertReason::UnknownTooLong.code())),
            announced: &[],
            message,
        });
        self.unknown_told = Some(told.unwrap_or_default());
    }

    /// Why it is not known how the target is.
    fn why_not_known(&self) -> Option<&Reason> {
        self.checks.iter().filter(|(id, _)| matters(**id)).find_map(|(_, check)| match check.verdict() {
            Verdict::Unknown(reason) => Some(reason),
            Verdict::Up | Verdict::Degraded(_) | Verdict::Down(_) | Verdict::Resting(_) => None,
        })
    }

    /// What the target is, as far as failures are believed. `None`: a failure is not believed yet, so nothing is concluded.
    pub(in crate::monitor) fn standing(&self) -> Option<UptimeState> {
        if !self.checks.is_empty() && self.checks.values().all(CheckState::is_up) {
            return Some(UptimeState::Up);
        }
        let believed =
            self.checks.values().filter_map(CheckState::failing).map(|(_, severity)| severity).max();
        match believed {
            Some(Severity::Critical) => return Some(UptimeState::Down),
            Some(Severity::Warning | Severity::Info) | None => {}
        }
        // A warning does not make the rest known.
        if self.checks.is_empty() || self.checks.iter().any(|(id, check)| matters(*id) && is_unknown(check)) {
            return Some(UptimeState::Unknown);
        }
        if believed.is_some() {
            return Some(UptimeState::Degraded);
        }
        if self.checks.values().any(|check| check.failures() > 0) {
            return None;
        }
        let rests = self.checks.values().any(|check| matches!(check.verdict(), Verdict::Resting(_)));
        Some(if rests { UptimeState::MarketClosed } else { UptimeState::Up })
    }

    pub(super) fn charge(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) {
        if self.in_maintenance {
            self.unknown_since = None;
            return;
        }
        let Some(standing) = self.standing() else {
            return;
        };
        if self.uptime.current() != Some(standing) {
            let at = match standing {
                UptimeState::Down => self.first_failure(Severity::Critical).unwrap_or(asked_at),
                UptimeState::Degraded => self.first_failure(Severity::Warning).unwrap_or(asked_at),
                UptimeState::Up
                | UptimeState::Unknown
                | UptimeState::Maintenance
                | UptimeState::MarketClosed => asked_at,
            };
            self.uptime.set(at.max(self.watching_since), standing);
        }
        match standing {
            UptimeState::Unknown => {
                self.mind_whose_it_is(desk);
                self.unknown_since.get_or_insert(asked_at);
            }
            UptimeState::Up | UptimeState::MarketClosed | UptimeState::Degraded | UptimeState::Down => {
                self.known_again(spec, desk, standing);
            }
            UptimeState::Maintenance => self.unknown_since = None,
        }
        if standing == UptimeState::Up {
            self.last_good = Some(asked_at);
        }
    }

    /// Where it was Rebound that could not see, and now it is the target that cannot be told, or the other way round, people
    /// are given as long again before they hear of it.
    fn mind_whose_it_is(&mut self, desk: &mut Desk<'_>) {
        let own = self.why_not_known().is_some_and(Reason::is_of_rebound);
        let told_of_the_target = self.unknown_told.is_some() && !self.unknown_is_own;
        if own == self.unknown_is_own || told_of_the_target {
            return;
        }
        if self.unknown_told.is_some() {
            self.rebound_sees_again(desk);
        }
        (self.unknown_is_own, self.unknown_since) = (own, None);
    }

    /// Rebound itself is blind no longer: the first target that shows it tells it for all.
    fn rebound_sees_again(&mut self, desk: &mut Desk<'_>) {
        (self.unknown_told, self.unknown_is_own) = (None, false);
        let Some(announced) = desk.shared.blind_told.take() else {
            return;
        };
        desk.resolve(|alert| alert.reason == AlertReason::UnknownTooLong && alert.target.is_none());
        let message = words::sees_again(desk.policy);
        let _channels = desk.raise(Matter {
            reason: AlertReason::SeenAgain,
            severity: Severity::Info,
            target: None,
            incident: None,
            same_as: None,
            announced: &announced,
            message,
        });
    }

    fn known_again(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, standing: UptimeState) {
        self.unknown_since = None;
        if core::mem::take(&mut self.unknown_is_own) {
            if self.unknown_told.is_some() {
                self.rebound_sees_again(desk);
            }
            return;
        }
        let Some(announced) = self.unknown_told.take() else {
            return;
        };
        desk.resolve(|alert| {
            alert.reason == AlertReason::UnknownTooLong && alert.target.as_ref() == Some(&self.id)
        });
        let message = words::seen_again(desk.policy, spec, standing);
        let _channels = desk.raise(Matter {
            reason: AlertReason::SeenAgain,
            severity: Severity::Info,
            target: Some(&self.id),
            incident: None,
            same_as: None,
            announced: &announced,
            message,
        });
    }
}

/// Rebound's own blindness is told once, however many targets it hides.
fn tell_blindness(desk: &mut Desk<'_>, since: Timestamp, why: &Reason) {
    if desk.shared.blind_told.is_some() {
        return;
    }
    let message = words::blind(desk.policy, since, why);
    let told = desk.raise(Matter {
        reason: AlertReason::UnknownTooLong,
        severity: Severity::Warning,
        target: None,
        incident: None,
        same_as: Some(String::from(AlertReason::UnknownTooLong.code())),
        announced: &[],
        message,
    });
    desk.shared.blind_told = Some(told.unwrap_or_default());
}

fn is_unknown(check: &CheckState) -> bool {
    matches!(check.verdict(), Verdict::Unknown(_))
}

/// Whether not knowing this check means not knowing the target.
pub(in crate::monitor) const fn matters(check: CheckId) -> bool {
    !matches!(
        check,
        CheckId::TerminalTradingAllowed
            | CheckId::AccountFailed
            | CheckId::AccountIdentity
            | CheckId::PositionsKept
            | CheckId::EndpointCertificate
    )
}
