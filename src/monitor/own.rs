//! What Rebound knows of itself: its network, its clock, its loop.
//!
//! Judges no target; what is found here keeps others from being judged.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use super::around::BEACON;
use super::desk::GRACE;
use super::run::Monitor;
use super::watch::{CheckState, TargetState};
use super::{Command, SelfSeen};
use crate::check::{Observation, ProbeOutcome, ProbeRequest, Subject};
use crate::reason::Reason;
use crate::verdict::Verdict;

impl Monitor {
    pub(super) fn own_network_seen(&mut self, seen: &Observation) {
        let newest = self.shared.own.seen.is_none_or(|(at, _)| at <= seen.asked_at);
        if !newest {
            return;
        }
        self.shared.own.in_flight_until = None;
        if let ProbeOutcome::Beacons { answered, asked, dates } = &seen.outcome
            && *asked > 0
        {
            self.shared.own.seen = Some((seen.asked_at, *answered > 0));
            for (index, date) in dates.iter().enumerate() {
                self.shared.own.witnesses.hear(&format!("{BEACON}{index}"), *date, seen.asked_at);
            }
        }
        self.shared.own.next_at = self.now.after(self.config.own_network.interval);
        // Targets that wait for this answer are asked again at once.
        for id in core::mem::take(&mut self.shared.own.awaited_by) {
            if self.watched.get(&id).is_some_and(|watched| watched.state.waits_for_own_network()) {
                self.ask_soon(&id);
            }
        }
    }

    /// What Rebound notices of itself. Silence of others while it was held up is no fact about them.
    pub(super) fn self_seen(&mut self, seen: SelfSeen) {
        let own = &mut self.shared.own;
        own.lag = Some((self.now, Duration::from_millis(seen.lag_ms)));
        if seen.store_ms.is_some() {
            own.store_ms = seen.store_ms;
        }
    }

    pub(super) fn ask_own_network(&mut self, out: &mut Vec<Command>) {
        let own = &mut self.shared.own;
        if own.in_flight_until.is_some_and(|until| until <= self.now) {
            // The prober broke its promise; the beacons are asked again when it is time.
            own.in_flight_until = None;
        }
        if own.in_flight_until.is_some() || own.next_at > self.now {
            return;
        }
        let deadline = self.now.after(self.config.own_network.timeout);
        own.in_flight_until = Some(deadline.after(GRACE));
        own.next_at = self.now.after(self.config.own_network.interval);
        let request = ProbeRequest { subject: Subject::OwnNetwork, asked_at: self.now, deadline };
        out.push(Command::Probe(request));
    }
}

impl TargetState {
    fn waits_for_own_network(&self) -> bool {
        let unchecked = |check: &CheckState| *check.verdict() == Verdict::Unknown(Reason::SelfUnchecked);
        self.probe.in_flight_until.is_none() && self.checks.values().any(unchecked)
    }
}
