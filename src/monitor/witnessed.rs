//! What the history may know of a target: what was just judged, and how its time is charged.
//!
//! Changes nothing. An observation that did not count gives nothing.

use alloc::vec::Vec;

use super::Monitor;
use super::roll::Watched;
use super::watch::CheckState;
use crate::check::{Observation, ProbeOutcome, Subject};
use crate::history::{Silence, Witnessed};
use crate::ids::TargetId;
use crate::time::Timestamp;
use crate::uptime::Stretch;
use crate::verdict::{AccountFigures, Evidence, OwnNetwork, PositionsKept, Verdict, account_figures};

impl Monitor {
    /// `seen` with what was made of it, if it was judged by the event that was handled last.
    #[must_use]
    pub fn witnessed<'a>(&'a self, seen: &'a Observation) -> Option<Witnessed<'a>> {
        let Subject::Target(id) = &seen.subject else { return None };
        let watched = self.watched.get(id)?;
        let state = &watched.state;
        if state.looked_at != Some(seen.asked_at) || state.observed_at != Some(self.now) {
            return None;
        }
        Some(Witnessed {
            spec: &watched.spec,
            seen,
            memory: &state.memory,
            accounts: self.figures(watched, seen),
            silence: silence(watched),
            now: self.now,
        })
    }

    /// How the time of a target from `from` until now is charged.
    #[must_use]
    pub fn charged_since(&self, id: &TargetId, from: Timestamp) -> Vec<Stretch> {
        self.target(id).map(|state| state.uptime.between(from, self.now)).unwrap_or_default()
    }

    fn figures(&self, watched: &Watched, seen: &Observation) -> Option<AccountFigures> {
        let ProbeOutcome::Bridge(reading) = &seen.outcome else { return None };
        let Watched { spec, state, hours, .. } = watched;
        let session = hours.session(spec, self.now);
        let evidence = Evidence {
            spec,
            expected: &state.memory.awaited(spec, session, self.now),
            session,
            seen,
            memory: &state.memory,
            fails_now: false,
            cause: None,
            terminal_answered_at: None,
            able_since: None,
            declared: &[],
            positions: PositionsKept::AsFarAsSeen,
            watching_since: state.watching_since,
            own_network: OwnNetwork::Works,
            own_clock_wrong: self.shared.own.clock_wrong(self.config.own_network.clock_skew_max),
            now: self.now,
        };
        account_figures(reading, &evidence)
    }
}

/// The first check of a kind asks whether it answers: where that is not known, a silence may be Rebound's own.
fn silence(watched: &Watched) -> Silence {
    let first = watched.spec.kind.checks().first().and_then(|check| watched.state.checks.get(check));
    match first.map(CheckState::verdict) {
        Some(Verdict::Unknown(_)) => Silence::NotKnown,
        Some(Verdict::Up | Verdict::Degraded(_) | Verdict::Down(_) | Verdict::Resting(_)) | None => {
            Silence::Targets
        }
    }
}
