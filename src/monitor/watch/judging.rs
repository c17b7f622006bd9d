//! What the newest observation says of each check; and, where the limits were changed during an incident, what it says by those
//! that this was opened with.

use alloc::string::String;
use core::time::Duration;

use super::super::course::Limits;
use super::super::desk::Desk;
use super::{CheckState, ROW_OF_LOOKS, TargetState};
use crate::calendar::Session;
use crate::check::{CheckId, CheckSpec, Observation, ProbeOutcome};
use crate::incident::{EventKind, Severity};
use crate::target::TargetSpec;
use crate::time::Timestamp;
use crate::verdict::{Awaited, Evidence, OwnNetwork, Verdict, judge};

/// What is the same for every check of one look.
#[derive(Clone, Copy)]
struct Look<'a> {
    seen: &'a Observation,
    session: Session,
    own_network: OwnNetwork,
    own_clock_wrong: Option<Duration>,
    now: Timestamp,
}

impl TargetState {
    pub(super) fn judge_all(&mut self, spec: &TargetSpec, desk: &mut Desk<'_>, seen: &Observation) {
        let look = Look {
            seen,
            session: desk.around.session,
            own_network: self.own_network(spec, desk, seen.asked_at),
            own_clock_wrong: desk.shared.own.clock_wrong(desk.around.own.clock_skew_max),
            now: desk.now,
        };
        let expected = self.memory.awaited(spec, look.session, desk.now);
        let row_ends = (spec.watch.interval + spec.watch.timeout) * ROW_OF_LOOKS;
        for check in &spec.checks {
            let fails_now = self.checks.get(&check.id).is_some_and(CheckState::is_believed);
            let judgement = judge(*check, &self.evidence(spec, &expected, look, check.id, fails_now));
            let state = self.checks.entry(check.id).or_insert_with(|| CheckState::new(desk.now));
            state.note(judgement, check.failures_to_open, row_ends, seen.asked_at);
        }
        if self.checks.len() != spec.checks.len() {
            self.checks.retain(|id, _| spec.checks.iter().any(|check| check.id == *id));
        }
        self.judge_as_opened(spec, look);
        let ipc = self.checks.get(&CheckId::TerminalIpc);
        if ipc.is_some_and(|check| *check.verdict() == Verdict::Up) {
            self.terminal_answered_at = Some(desk.now);
        }
        let decides =
            |check: &CheckState| check.verdict().failure().is_some_and(|(_, bad)| bad == Severity::Critical);
        let answered = matches!(seen.outcome, ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_));
        if answered && !self.decisive().any(decides) {
            self.observed_good_at = Some(seen.asked_at);
        }
    }

    /// Notes whether what the open incident is about still fails by the limits that it was opened with, where others hold since.
    fn judge_as_opened(&mut self, spec: &TargetSpec, look: Look<'_>) {
        let others = self.opened_under.as_ref().filter(|first| ***first != Limits::of(spec));
        let (Some(incident), Some(first)) = (&self.incident, others.map(|first| first.laid_over(spec)))
        else {
            self.fails_as_opened = None;
            return;
        };
        let expected = self.memory.awaited(&first, look.session, look.now);
        let about = |check: &&CheckSpec| incident.causes.iter().any(|cause| cause.check == Some(check.id));
        let fails = first.checks.iter().filter(about).any(|check| {
            // It failed when the incident was opened, so it must be clearly better.
            let evidence = self.evidence(&first, &expected, look, check.id, true);
            judge(*check, &evidence).verdict.failure().is_some()
        });
        let is_new = self.fails_as_opened.replace(fails).is_none();
        if let Some(incident) = self.incident.as_mut().filter(|_| is_new) {
            let text =
                "the limits were changed: it has recovered when it is good by those it was opened with";
            incident.note(look.now, EventKind::Judged, String::from(text));
        }
    }

    fn evidence<'a>(
        &'a self,
        spec: &'a TargetSpec,
        expected: &'a [Awaited<'a>],
        look: Look<'a>,
        check: CheckId,
        fails_now: bool,
    ) -> Evidence<'a> {
        Evidence {
            spec,
            expected,
            session: look.session,
            seen: look.seen,
            memory: &self.memory,
            fails_now,
            cause: self.incident.as_ref().and_then(|incident| incident.cause_of(check)),
            terminal_answered_at: self.terminal_answered_at,
            able_since: self.able_since,
            declared: &self.declared,
            positions: self.positions.kept(),
            watching_since: self.watching_since,
            own_network: look.own_network,
            own_clock_wrong: look.own_clock_wrong,
            now: look.now,
        }
    }
}
