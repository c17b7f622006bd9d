//! Heals by a person's word: started whatever was tried before, and stopped.
//!
//! Nothing here starts by itself.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Command;
use super::super::desk::Desk;
use super::super::watch::TargetState;
use super::LOOK_AGAIN;
use crate::heal::{HealPlan, Mode, Refusal, Rung, Situation, plan, positions_in_words};
use crate::ids::IncidentId;
use crate::incident::{Cause, EventKind, Phase, Severity, Signature};
use crate::reason::Reason;
use crate::target::TargetSpec;
use crate::time::Timestamp;

impl TargetState {
    /// Starts the heal plan because a person wants it. What is not done is said, and nothing is changed then.
    pub(in crate::monitor) fn force_heal(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        by: &str,
        lift_cooldown: bool,
        remedy: Option<&str>,
    ) -> Result<String, String> {
        if let Phase::Healing { attempt, .. } = &self.phase {
            return Err(format!("A heal is already running (attempt {attempt}). Follow it on the page."));
        }
        if let Phase::Verifying { until, .. } = &self.phase
            && !lift_cooldown
        {
            return Err(format!(
                "Not started: whether the last remedy helped is being looked at until {}. Lift the cooldown to start another now.",
                until.clock()
            ));
        }
        let asked = Reason::AskedByPerson(String::from(by));
        let mode = Mode::Forced { cooldown_lifted: lift_cooldown, remedy };
        let forced = self.forced_plan(spec, desk, mode, &asked);
        let steps = match forced {
            HealPlan::Steps(steps) => steps,
            HealPlan::Wait(_, because @ Refusal::StoreDown) => {
                return Err(format!("Not started: {because}. It may start as soon as the store does."));
            }
            HealPlan::Wait(until, because) => {
                return Err(format!(
                    "Not started: {because}. It may start from {}, or now if the cooldown is lifted.",
                    until.clock()
                ));
            }
            HealPlan::Person(because) => return Err(format!("Not started: {because}.")),
        };
        if self.incident.is_none() {
            let cause = Cause { check: None, reason: asked, severity: Severity::Warning, since: desk.now };
            self.open(desk, alloc::vec![cause]);
        }
        let Some(remedy) = steps.first() else {
            return Err(String::from("Not started: the plan is empty."));
        };
        let open = if remedy.rung < Rung::Medium {
            None
        } else {
            self.positions.seen().and_then(|seen| positions_in_words(Some(seen), desk.now))
        };
        let warning = open.map(|open| format!(" Note: {open}.")).unwrap_or_default();
        if let Some(incident) = self.incident.as_mut() {
            incident.note(
                desk.now,
                EventKind::Asked,
                format!("{by} asked for \"{}\".{warning}", remedy.name),
            );
            if let Some(before) = incident.stopped.take() {
                incident.note(
                    desk.now,
                    EventKind::Asked,
                    format!("healing goes on, which {} had stopped", before.by),
                );
            }
        }
        self.start(desk, remedy, Some(by));
        Ok(format!(
            "Started \"{}\" ({}). Its steps are shown as they happen.{warning}",
            remedy.name, remedy.rung
        ))
    }

    /// Stops the heal that runs and every further one of this incident. What was begun may have happened, and is looked at.
    pub(in crate::monitor) fn stop_heal(
        &mut self,
        spec: &TargetSpec,
        desk: &mut Desk<'_>,
        by: &str,
    ) -> Result<String, String> {
        let now = desk.now;
        let Some(incident) = self.incident.as_mut() else {
            return Err(format!("Nothing is being healed on {}.", spec.name));
        };
        if let Some(before) = &incident.stopped {
            return Err(format!("{} has stopped healing of this incident already.", before.by));
        }
        incident.stopped = Some(Signature { by: String::from(by), at: now });
        // Whoever stops a heal has seen the incident; what the heal lost is seen by its own alert only.
        let seen = if self.positions.change.is_none() {
            incident.acknowledged.get_or_insert_with(|| Signature { by: String::from(by), at: now });
            ", and has seen it: nobody is reminded of it any more"
        } else {
            ""
        };
        incident.note(now, EventKind::Asked, format!("{by} stopped healing of this incident{seen}"));
        let said = match &self.phase {
            Phase::Healing { step, .. } => {
                desk.out.push(Command::StopStep(step.clone()));
                "The running remedy is being stopped. What it has begun may have happened: the target is looked at."
            }
            Phase::Verifying { .. } => {
                "The last remedy is over and may have helped: it is looked at. No further one is started."
            }
            Phase::Healthy
            | Phase::Suspect { .. }
            | Phase::Waiting { .. }
            | Phase::Escalated { .. }
            | Phase::Suppressed { .. } => "No further remedy is started.",
        };
        self.save(desk);
        if matches!(self.phase, Phase::Waiting { .. }) {
            self.pursue(spec, desk);
        }
        Ok(format!("{said} Force heal starts one again."))
    }

    /// What would be done by itself about `fault` if it opened an incident now.
    pub(in crate::monitor) fn rehearsed_plan(
        &self,
        spec: &TargetSpec,
        fault: &Reason,
        store_works: bool,
        now: Timestamp,
    ) -> HealPlan {
        if self.positions.change.is_some() {
            return HealPlan::Person(Refusal::PositionsLost);
        }
        let situation = Situation {
            // Of no incident: the cooldown of the last one binds.
            incident: IncidentId::new(0),
            opened_at: now,
            causes: &[fault],
            tried: &[],
            attempts: 0,
            used: &self.budget,
            ledger: &self.ledger,
            positions: self.positions.seen(),
            mode: Mode::Own,
            held: None,
            stopped: None,
            dry_run: self.is_dry_run(spec),
            store_works,
        };
        plan(&spec.heal, &situation, now)
    }

    /// What a person who asks now would get. Used for the forecast as well.
    pub(in crate::monitor) fn forced_plan(
        &self,
        spec: &TargetSpec,
        desk: &Desk<'_>,
        mode: Mode<'_>,
        asked: &Reason,
    ) -> HealPlan {
        let held = desk.around.held(desk.now, LOOK_AGAIN);
        let store_works = desk.shared.store_trouble.is_none();
        let next_id = IncidentId::new(desk.shared.next_incident);
        self.forced_plan_with(spec, mode, asked, held.as_ref(), store_works, next_id, desk.now)
    }

    /// As [`Self::forced_plan`], for those who have no desk.
    #[expect(clippy::too_many_arguments, reason = "each is one fact that a plan is made from")]
    pub(in crate::monitor) fn forced_plan_with(
        &self,
        spec: &TargetSpec,
        mode: Mode<'_>,
        asked: &Reason,
        held: Option<&(Timestamp, Refusal)>,
        store_works: bool,
        next_id: IncidentId,
        now: Timestamp,
    ) -> HealPlan {
        if self.positions.change.is_some() {
            return HealPlan::Person(Refusal::PositionsLost);
        }
        let mut causes: Vec<&Reason> = self.believed().map(|(_, reason, _)| reason).collect();
        if causes.is_empty() {
            causes.push(asked);
        }
        let situation = Situation {
            incident: self.incident.as_ref().map_or(next_id, |incident| incident.id),
            opened_at: self.incident.as_ref().map_or(now, |incident| incident.opened_at),
            causes: &causes,
            tried: &[],
            attempts: 0,
            used: &self.budget,
            ledger: &self.ledger,
            positions: self.positions.seen(),
            mode,
            held,
            stopped: None,
            dry_run: self.is_dry_run(spec),
            store_works,
        };
        plan(&spec.heal, &situation, now)
    }
}
