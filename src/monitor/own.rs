//! What Rebound knows of itself: its network, its clock, its loop, its store.
//!
//! Judges no target; what is found here keeps others from being judged.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::around::BEACON;
use super::desk::{GRACE, Matter};
use super::run::Monitor;
use super::watch::{CheckState, TargetState};
use super::{Command, SelfSeen, words};
use crate::alert::AlertReason;
use crate::check::{Observation, ProbeOutcome, ProbeRequest, Subject};
use crate::incident::Severity;
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

    pub(super) fn store_changed(&mut self, state: Result<(), String>, out: &mut Vec<Command>) {
        let was = self.shared.store_trouble.is_some();
        let mut desk = self.desk(out);
        match state {
            Err(why) => {
                if !was {
                    let message = words::store_down(desk.policy, &why);
                    let _channels = desk.raise(Matter {
                        reason: AlertReason::StoreDown,
                        severity: Severity::Critical,
                        target: None,
                        incident: None,
                        same_as: Some(String::from(AlertReason::StoreDown.code())),
                        announced: &[],
                        message,
                    });
                }
                self.shared.store_trouble = Some(why);
            }
            Ok(()) if was => {
                let was = desk.shared.store_trouble.clone().unwrap_or_default();
                let open: Vec<String> = desk
                    .shared
                    .alerts
                    .iter()
                    .filter(|alert| alert.reason == AlertReason::StoreDown && alert.resolved_at.is_none())
                    .flat_map(|alert| alert.deliveries.keys().cloned())
                    .collect();
                let told = desk
                    .shared
                    .alerts
                    .iter()
                    .any(|alert| alert.reason == AlertReason::StoreDown && alert.resolved_at.is_none());
                desk.resolve(|alert| alert.reason == AlertReason::StoreDown);
                if told {
                    let message = words::store_back(desk.policy, &was);
                    let _channels = desk.raise(Matter {
                        reason: AlertReason::StoreBack,
                        severity: Severity::Info,
                        target: None,
                        incident: None,
                        same_as: None,
                        announced: &open,
                        message,
                    });
                }
                self.shared.store_trouble = None;
            }
            Ok(()) => {}
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
