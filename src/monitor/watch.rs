//! One target as it is watched: when it is asked, what its checks say, how its time is charged.
//!
//! Leaves what follows from that to [`super::course`].

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Command;
use super::around::Pause;
use super::course::Limits;
use super::desk::{Desk, GRACE};
use super::drill::Drills;
use super::positions::Positions;
use crate::check::{CheckId, Observation, ProbeOutcome, ProbeRequest, Subject};
use crate::heal::{BudgetUse, Refusal};
use crate::ids::TargetId;
use crate::incident::{Incident, Phase, Severity};
use crate::ledger::Ledger;
use crate::target::{Reach, TargetSpec};
use crate::time::Timestamp;
use crate::uptime::{UptimeLog, UptimeState};
use crate::verdict::{AccountMemory, OwnNetwork, Reallocation};
use crate::view::LastHeal;

mod charging;

mod held;

mod judging;

mod syncing;

pub(super) use charging::matters;
pub(super) use held::CheckState;

/// Failures are no row any more when so many ordinary looks have gone by between two of them.
const ROW_OF_LOOKS: u32 = 4;
/// Least time between two questions, so that a probe that fails at once is not repeated at once.
const PROBE_GAP_MIN: Duration = Duration::from_secs(1);

/// Everything remembered of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetState {
    /// Which.
    pub id: TargetId,
    pub(super) watching_since: Timestamp,
    pub(super) probe: ProbeState,
    pub(super) observed_at: Option<Timestamp>,
    /// When the question was asked whose answer is held.
    #[serde(default)]
    pub(super) looked_at: Option<Timestamp>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) latency_ms: Option<u32>,
    /// Since when nothing arrives, so that beacons asked before are no evidence.
    pub(super) silent_since: Option<Timestamp>,
    pub(super) memory: AccountMemory,
    pub(super) checks: BTreeMap<CheckId, CheckState>,
    pub(super) phase: Phase,
    pub(super) incident: Option<Box<Incident>>,
    /// Closed incidents, newest first.
    pub(super) recent: Vec<Incident>,
    pub(super) budget: BudgetUse,
    pub(super) last_heal: Option<LastHeal>,
    pub(super) last_good: Option<Timestamp>,
    /// By what it was judged when its incident was opened; nothing while none is open, or where a person's word opened it.
    #[serde(default)]
    pub(super) opened_under: Option<Box<Limits>>,
    /// Whether it still fails by those, where others hold since; nothing where the same hold.
    #[serde(default)]
    pub(super) fails_as_opened: Option<bool>,
    /// First good observation of the row that may close the incident.
    pub(super) good_since: Option<Timestamp>,
    /// Channels that told of the open incident.
    pub(super) announced: Option<Vec<String>>,
    /// When people were last told that they are needed.
    pub(super) reminded_at: Option<Timestamp>,
    pub(super) uptime: UptimeLog,
    pub(super) unknown_since: Option<Timestamp>,
    /// Channels that were told of the unknown.
    pub(super) unknown_told: Option<Vec<String>>,
    /// Whether it is Rebound that cannot see: that is told once for all targets.
    #[serde(default)]
    pub(super) unknown_is_own: bool,
    /// What became of earlier heals.
    #[serde(default)]
    pub(super) ledger: Ledger,
    /// What a person said instead of the configured dry run.
    #[serde(default)]
    pub(super) dry_run: Option<bool>,
    /// Healing of this target is paused.
    #[serde(default)]
    pub(super) pause: Option<Pause>,
    /// Capital that a person said is moved.
    #[serde(default)]
    pub(super) declared: Vec<Reallocation>,
    #[serde(default)]
    pub(super) positions: Positions,
    /// When the terminal last answered the bridge.
    #[serde(default)]
    pub(super) terminal_answered_at: Option<Timestamp>,
    /// Since when bridge and terminal answer without a break.
    #[serde(default)]
    pub(super) able_since: Option<Timestamp>,
    /// When it was last asked and nothing that decides about others was wrong.
    #[serde(default)]
    pub(super) observed_good_at: Option<Timestamp>,
    /// When it was last seen down.
    #[serde(default)]
    pub(super) down_at: Option<Timestamp>,
    /// When its last incidents were opened, oldest first; of the last hour.
    #[serde(default)]
    pub(super) openings: Vec<Timestamp>,
    /// Whether planned work is going on.
    #[serde(default)]
    pub(super) in_maintenance: bool,
    /// Whether what fails beside the open incident was held to be another's.
    #[serde(default)]
    pub(super) news_held: bool,
    /// Its fire drills. They are large and change seldom, so they have a record of their own.
    #[serde(skip)]
    pub(super) drills: Drills,
}

/// When a target is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProbeState {
    pub(super) next_at: Timestamp,
    pub(super) in_flight_until: Option<Timestamp>,
    /// The question that waits for its answer; no other answer counts.
    #[serde(default)]
    pub(super) asked_at: Option<Timestamp>,
    /// Forced syncs that wait for an answer asked after them.
    pub(super) syncs: Vec<(u64, Timestamp)>,
}

/// What the last look said of one check, for those who read it elsewhere than on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSeen {
    /// Which check.
    pub id: CheckId,
    /// The word of its verdict.
    pub verdict: &'static str,
    /// Why, where the verdict has a reason.
    pub reason: Option<String>,
    /// What was read.
    pub value: Option<String>,
    /// Since when the verdict's word holds.
    pub since: Timestamp,
    /// Failures in a row.
    pub failures: u32,
}

impl TargetState {
    /// Its fire drills.
    #[must_use]
    pub const fn drills(&self) -> &Drills {
        &self.drills
    }

    /// The same with these fire drills.
    #[must_use]
    pub fn with_drills(self, drills: Drills) -> Self {
        Self { drills, ..self }
    }

    /// When it was last looked at, and what was seen of each check then; `None`: not since it is watched.
    #[must_use]
    pub fn last_look(&self) -> Option<(Timestamp, Vec<CheckSeen>)> {
        let seen = |(id, check): (&CheckId, &CheckState)| CheckSeen {
            id: *id,
            verdict: check.verdict().word(),
            reason: check.verdict().reason().map(ToString::to_string),
            value: check.value.as_ref().map(ToString::to_string),
            since: check.since,
            failures: check.failures(),
        };
        Some((self.observed_at?, self.checks.iter().map(seen).collect()))
    }
}

impl TargetState {
    pub(super) fn new(id: TargetId, now: Timestamp) -> Self {
        let mut uptime = UptimeLog::default();
        uptime.set(now, UptimeState::Unknown);
        Self {
            id,
            watching_since: now,
            probe: ProbeState { next_at: now, ..ProbeState::default() },
            observed_at: None,
            looked_at: None,
            answered_at: None,
            latency_ms: None,
            silent_since: None,
            memory: AccountMemory::default(),
            checks: BTreeMap::new(),
            phase: Phase::Healthy,
            incident: None,
            recent: Vec::new(),
            budget: BudgetUse::default(),
            last_heal: None,
            last_good: None,
            opened_under: None,
            fails_as_opened: None,
            good_since: None,
            announced: None,
            reminded_at: None,
            uptime,
            unknown_since: Some(now),
            unknown_told: None,
            unknown_is_own: false,
            ledger: Ledger::default(),
            dry_run: None,
            pause: None,
            declared: Vec::new(),
            positions: Positions::default(),
            terminal_answered_at: None,
            able_since: None,
            observed_good_at: None,
            down_at: None,
            openings: Vec::new(),
            in_maintenance: false,
            news_held: false,
            drills: Drills::default(),
        }
    }

    /// Takes in what a probe saw. What was not asked, was answered already or was given up does not count.
    pub(super) fn observe(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, seen: &Observation) {
        if self.probe.asked_at != Some(seen.asked_at) {
            return;
        }
        self.probe.asked_at = None;
        self.probe.in_flight_until = None;
        self.observed_at = Some(desk.now);
        self.looked_at = Some(seen.asked_at);
        self.note_answer(spec, seen, desk.now);
        self.judge_all(spec, desk, seen);
        self.answer_syncs(spec, desk, seen);
        self.mind_the_work(spec, desk);
        self.charge(spec, desk, seen.asked_at);
        self.advance(spec, desk, seen.asked_at);
        if self.is_down() {
            self.down_at = Some(desk.now);
        }
        self.probe.next_at = self.next_question(spec, seen.asked_at, desk.now);
    }

    /// Planned work begins or ends: then everything is looked at afresh.
    pub(super) fn mind_the_work(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        let planned = desk.around.maintenance.is_some();
        if planned && self.uptime.current() != Some(UptimeState::Maintenance) {
            self.uptime.set(desk.now.max(self.watching_since), UptimeState::Maintenance);
            self.unknown_since = None;
        }
        if planned == self.in_maintenance {
            return;
        }
        self.in_maintenance = planned;
        self.probe.next_at = self.probe.next_at.min(desk.now);
        if planned {
            self.work_begins(spec, desk);
        } else {
            self.checks.values_mut().for_each(CheckState::afresh);
            self.work_ends(desk);
        }
    }

    /// Asks if it is time.
    pub(super) fn ask_if_due(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        if self.probe.in_flight_until.is_some_and(|until| until <= desk.now) {
            self.give_up_question(spec, desk);
        }
        if self.probe.in_flight_until.is_some() || self.probe.next_at > desk.now {
            return;
        }
        self.ask(spec, desk.now, desk.out);
    }

    /// Asks.
    pub(super) fn ask(&mut self, spec: &TargetSpec, now: Timestamp, out: &mut Vec<Command>) {
        let deadline = now.after(spec.watch.timeout);
        self.probe.in_flight_until = Some(deadline.after(GRACE));
        self.probe.asked_at = Some(now);
        self.probe.next_at = now.after(spec.watch.interval);
        let subject = Subject::Target(self.id.clone());
        out.push(Command::Probe(ProbeRequest { subject, asked_at: now, deadline }));
    }

    /// Whether its next question is due and nothing else can be, as long as no planned work begins.
    pub(super) fn only_waits_to_ask(&self, now: Timestamp) -> bool {
        let calm = matches!(self.phase, Phase::Healthy | Phase::Suspect { .. } | Phase::Suppressed { .. });
        let asks = self.probe.in_flight_until.is_none() && self.probe.next_at <= now;
        calm && asks && !self.in_maintenance && self.unknown_since.is_none()
    }

    /// The prober broke its promise: what it would have said is not known, and what was known before is old.
    fn give_up_question(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>) {
        self.probe.in_flight_until = None;
        if let Some(asked_at) = self.probe.asked_at {
            let lost = Observation {
                subject: Subject::Target(self.id.clone()),
                asked_at,
                latency_ms: 0,
                outcome: ProbeOutcome::NotAsked(String::from("no answer came from the prober")),
            };
            self.observe(spec, desk, &lost);
        }
    }

    /// When this target next needs the monitor.
    pub(super) fn due(&self, spec: &TargetSpec, repeat_every: Duration) -> Timestamp {
        let probe = self.probe.in_flight_until.unwrap_or(self.probe.next_at);
        let phase = match &self.phase {
            Phase::Healthy | Phase::Suspect { .. } | Phase::Suppressed { .. } => None,
            // A wait that is over is ended by the look that is on its way.
            Phase::Waiting { because: Refusal::LookFirst, .. } => None,
            Phase::Waiting { until, .. } | Phase::Verifying { until, .. } => Some(*until),
            Phase::Healing { deadline, .. } => Some(deadline.after(GRACE)),
            Phase::Escalated { because } => {
                let trial = trial_at(because);
                [self.reminder_due(repeat_every), trial].into_iter().flatten().min()
            }
        };
        let unknown = match (self.unknown_since, &self.unknown_told) {
            (Some(since), None) => Some(since.after(spec.thresholds.unknown_alert_after)),
            (Some(_) | None, _) => None,
        };
        [phase, unknown].into_iter().flatten().fold(probe, Timestamp::min)
    }

    fn note_answer(&mut self, spec: &TargetSpec, seen: &Observation, now: Timestamp) {
        self.silent_since = match &seen.outcome {
            ProbeOutcome::NoAnswer(_) => Some(self.silent_since.unwrap_or(seen.asked_at)),
            ProbeOutcome::Bridge(_)
            | ProbeOutcome::Endpoint(_)
            | ProbeOutcome::BadAnswer(_)
            | ProbeOutcome::WrongService { .. }
            | ProbeOutcome::Beacons { .. }
            | ProbeOutcome::NotAsked(_) => None,
        };
        self.able_since = match &seen.outcome {
            ProbeOutcome::Bridge(reading) if reading.terminal.available == Some(false) => None,
            ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_) => {
                Some(self.able_since.unwrap_or(seen.asked_at))
            }
            ProbeOutcome::NoAnswer(_) | ProbeOutcome::BadAnswer(_) | ProbeOutcome::WrongService { .. } => {
                None
            }
            ProbeOutcome::Beacons { .. } | ProbeOutcome::NotAsked(_) => self.able_since,
        };
        if matches!(seen.outcome, ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_)) {
            self.answered_at = Some(now);
            self.latency_ms = Some(seen.latency_ms);
        }
        if let ProbeOutcome::Bridge(reading) = &seen.outcome {
            self.memory.learn(reading, &spec.accounts, now);
            self.positions.look(reading, seen.asked_at, now);
        }
    }

    /// Whether a silence asked for at `asked_at` may be the own network's. A beacon that answered long before says nothing
    /// about a network that flaps, so the beacons are asked again beside a target that stays silent.
    fn own_network(&self, spec: &TargetSpec, desk: &mut Desk<'_>, asked_at: Timestamp) -> OwnNetwork {
        let Some(silent_since) = self.silent_since else {
            return OwnNetwork::Works;
        };
        let own = desk.around.own;
        if let Some(lag) = desk.shared.own.held_up(own.lag_max, asked_at) {
            return OwnNetwork::Slow(lag);
        }
        if !own.watched || spec.reach == Reach::Loopback {
            return OwnNetwork::Trusted;
        }
        let recent = asked_at.before(spec.watch.retry_every + spec.watch.timeout);
        desk.shared.own.next_at = desk.now;
        match desk.shared.own.seen {
            Some((at, works)) if at >= silent_since && at >= recent => {
                if works {
                    OwnNetwork::Works
                } else {
                    OwnNetwork::Gone
                }
            }
            Some(_) | None => {
                desk.shared.own.awaited_by.insert(self.id.clone());
                OwnNetwork::NotLooked
            }
        }
    }

    /// First failure among the checks that are believed to fail at least this badly.
    pub(super) fn first_failure(&self, severity: Severity) -> Option<Timestamp> {
        self.checks
            .values()
            .filter(|check| check.failing().is_some_and(|(_, seen)| seen >= severity))
            .filter_map(CheckState::first_failure)
            .min()
    }

    fn next_question(&self, spec: &TargetSpec, asked_at: Timestamp, now: Timestamp) -> Timestamp {
        if !self.probe.syncs.is_empty() {
            return now;
        }
        let undecided = self.checks.values().any(CheckState::is_undecided)
            || matches!(self.phase, Phase::Verifying { .. } | Phase::Suspect { .. })
            || self.incident.as_ref().is_some_and(|incident| incident.successes > 0 && !incident.flapping)
            || self.silent_since.is_some();
        let wait = if undecided { spec.watch.retry_every } else { spec.watch.interval };
        asked_at.after(wait).max(now.after(PROBE_GAP_MIN))
    }
}

/// When a remedy that rests may be tried once more.
pub(super) const fn trial_at(because: &Refusal) -> Option<Timestamp> {
    if let Refusal::BreakerOpen { until, .. } = because { Some(*until) } else { None }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
