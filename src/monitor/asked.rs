//! What people and programs ask for: each request is put on record, carried out or refused, and answered.
//!
//! Changes targets only through their own course.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::around::Pause;
use super::board::phase_detail;
use super::desk::Matter;
use super::run::Monitor;
use super::{Asked, AskedState, Command, PAUSE_MAX, Request, RequestKind, words};
use crate::alert::AlertReason;
use crate::heal::Refusal;
use crate::ids::{AccountId, AlertId, TargetId};
use crate::incident::{Phase, Severity};
use crate::maintenance::{Scope, UNNAMED, When, Window};
use crate::target::TargetKind;
use crate::text::{is_invisible, misleads};
use crate::time::{Timestamp, spoken};
use crate::verdict::Reallocation;

/// Most forced syncs of one target that wait at the same time.
const SYNCS_WAITING_MAX: usize = 20;
/// Most windows of planned work that people began and that are not over.
const WINDOWS_MAX: usize = 200;
/// Most declarations of one target that are not over.
const DECLARED_MAX: usize = 20;
/// Longest name of planned work, in characters.
const NAME_MAX: usize = 120;

/// What is asked for, its name as it is told everywhere: short, and without what turns the words beside it round.
fn plainly(what: RequestKind) -> RequestKind {
    let RequestKind::StartMaintenance { target, until, name } = what else { return what };
    let name: String = name.trim().chars().filter(|c| !misleads(*c)).take(NAME_MAX).collect();
    let name =
        if name.chars().all(|c| c.is_whitespace() || is_invisible(c)) { String::from(UNNAMED) } else { name };
    RequestKind::StartMaintenance { target, until, name }
}

/// What a run answers that will be forgotten.
const FORGETS: &str = "Nothing was changed: this server has not reached the store since it started, and would forget it in the moment in \
                       which it does. Ask again then, or ask a server that reaches the store.";
/// What a server adds that cannot tell the others.
const UNSHARED: &str = "The store does not accept writes: other servers do not know of it, and if one of them takes over, it holds no \
                        longer.";

/// Whether what is asked for is to hold for longer than a moment.
const fn must_last(what: &RequestKind) -> bool {
    match what {
        RequestKind::Pause { .. }
        | RequestKind::Resume { .. }
        | RequestKind::StartMaintenance { .. }
        | RequestKind::EndMaintenance { .. }
        | RequestKind::SetDryRun { .. }
        | RequestKind::DeclareMove { .. }
        | RequestKind::TakeBackMoves(_) => true,
        RequestKind::ForceSync(_)
        | RequestKind::ForceHeal { .. }
        | RequestKind::StopHeal(_)
        | RequestKind::TestAlert
        | RequestKind::Acknowledge(_)
        | RequestKind::CheckReadiness
        | RequestKind::Drill { .. } => false,
    }
}

impl Monitor {
    /// Whether what is asked for here is known to this server alone, although several share the targets.
    fn is_alone_with_it(&self) -> bool {
        self.held.is_some() && self.shared.store_trouble.is_some()
    }

    pub(super) fn asked(&mut self, request: Request, out: &mut Vec<Command>) {
        let Request { id, by, what } = request;
        let what = plainly(what);
        let target = what.target().cloned();
        let begun = Asked {
            id,
            by: by.clone(),
            what: what.clone(),
            at: self.now,
            state: AskedState::Running(String::from("under way")),
        };
        self.desk(out).ask(begun, target.as_ref());
        let must_last = must_last(&what);
        let state = match &target {
            Some(id) if self.watched.get(id).is_none() => no_target(id),
            Some(_) | None if self.forgets && must_last => AskedState::Refused(String::from(FORGETS)),
            Some(_) | None => self.carry_out(id, &by, what, out),
        };
        let state = match &state {
            AskedState::Done(said) if must_last && self.is_alone_with_it() => {
                AskedState::Done(format!("{said} {UNSHARED}"))
            }
            AskedState::Done(_) | AskedState::Running(_) | AskedState::Refused(_) => state,
        };
        self.desk(out).answer(id, target.as_ref(), state);
    }

    fn carry_out(&mut self, id: u64, by: &str, what: RequestKind, out: &mut Vec<Command>) -> AskedState {
        let told = |result: Result<String, String>| match result {
            Ok(said) => AskedState::Done(said),
            Err(said) => AskedState::Refused(said),
        };
        match what {
            RequestKind::ForceSync(target) => self.force_sync(id, &target, out),
            RequestKind::ForceHeal { target, lift_cooldown, remedy } => {
                let done = self.with_target(&target, out, |state, spec, desk| {
                    state.force_heal(spec, desk, by, lift_cooldown, remedy.as_deref())
                });
                done.map_or_else(|| no_target(&target), told)
            }
            RequestKind::StopHeal(target) => {
                let done =
                    self.with_target(&target, out, |state, spec, desk| state.stop_heal(spec, desk, by));
                done.map_or_else(|| no_target(&target), told)
            }
            RequestKind::TestAlert => self.test_alert(by, out),
            RequestKind::Acknowledge(alert) => self.acknowledge(alert, by, out),
            RequestKind::Pause { target, until } => told(self.pause(target.as_ref(), by, until, out)),
            RequestKind::Resume { target } => told(self.resume(target.as_ref(), out)),
            RequestKind::StartMaintenance { target, until, name } => {
                told(self.start_maintenance(target, by, until, name))
            }
            RequestKind::EndMaintenance { target } => told(self.end_maintenance(target.as_ref())),
            RequestKind::SetDryRun { target, dry_run } => {
                let done = self.with_target(&target, out, |state, spec, desk| {
                    state.dry_run = dry_run;
                    state.pursue_again(spec, desk);
                    let name = &spec.name;
                    if state.is_dry_run(spec) {
                        return Ok(format!("Nothing is really done on {name} from now on."));
                    }
                    let next = match &state.incident {
                        Some(_) => phase_detail(state),
                        None => String::from("Nothing is to be healed just now."),
                    };
                    Ok(format!("Heals are really done on {name} from now on. {next}"))
                });
                done.map_or_else(|| no_target(&target), told)
            }
            RequestKind::DeclareMove { target, accounts, until } => {
                told(self.declare_move(&target, accounts, by, until, out))
            }
            RequestKind::TakeBackMoves(target) => told(self.take_back_moves(&target, out)),
            RequestKind::CheckReadiness => self.check_readiness(id),
            RequestKind::Drill { target } => self.drill_by_hand(id, by, target.as_ref(), out),
        }
    }

    fn force_sync(&mut self, request: u64, target: &TargetId, out: &mut Vec<Command>) -> AskedState {
        let done = self.with_target(target, out, |state, _, desk| {
            if state.probe.syncs.len() >= SYNCS_WAITING_MAX {
                return AskedState::Refused(format!("{SYNCS_WAITING_MAX} syncs already wait for an answer."));
            }
            state.probe.syncs.push((request, desk.now));
            state.probe.next_at = desk.now;
            AskedState::Running(String::from("The accounts are being read."))
        });
        done.unwrap_or_else(|| no_target(target))
    }

    fn test_alert(&mut self, by: &str, out: &mut Vec<Command>) -> AskedState {
        let mut desk = self.desk(out);
        let message = words::test(desk.policy, by);
        let told = desk.raise(Matter::of_rebound(AlertReason::Test, Severity::Info, message));
        match told {
            Some(channels) if !channels.is_empty() => AskedState::Done(format!(
                "A test alert is on its way by {}. Its delivery is shown under the last alerts.",
                channels.join(", ")
            )),
            Some(_) | None => AskedState::Done(String::from(
                "A test alert is shown on this page. No other channel is configured: nobody is told elsewhere.",
            )),
        }
    }

    fn acknowledge(&mut self, alert: AlertId, by: &str, out: &mut Vec<Command>) -> AskedState {
        let Some(alert) = self.desk(out).acknowledge(alert, by) else {
            return AskedState::Refused(format!("There is no alert {alert} among those kept here."));
        };
        let mut all = Some(true);
        if let (Some(target), Some(incident)) = (&alert.target, alert.incident) {
            all = self.with_target(target, out, |state, _, desk| {
                let open = state.incident.as_ref().is_some_and(|open| open.id == incident);
                !open || state.acknowledge(desk, by, alert.at)
            });
        }
        let more = if all == Some(false) {
            " It was raised before positions or orders were lost: acknowledge the newest alert of this incident as well."
        } else {
            ""
        };
        AskedState::Done(format!("Alert {} is acknowledged.{more}", alert.id))
    }

    fn pause(
        &mut self,
        target: Option<&TargetId>,
        by: &str,
        until: Timestamp,
        out: &mut Vec<Command>,
    ) -> Result<String, String> {
        self.check_until(until)?;
        let pause = Pause { by: String::from(by), at: self.now, until };
        match target {
            None => self.shared.pause = Some(pause),
            Some(id) => {
                self.with_target(id, out, |state, _, _| state.pause = Some(pause));
            }
        }
        // A heal that runs goes on: what is half done is worse than what is done.
        self.pursue_all_again(target, out);
        Ok(format!(
            "Healing of {} is paused until {until}. Watching and alerts go on; a heal that already runs is not stopped.",
            self.scope_in_words(target)
        ))
    }

    fn resume(&mut self, target: Option<&TargetId>, out: &mut Vec<Command>) -> Result<String, String> {
        let now = self.now;
        let was = match target {
            None => self.shared.pause.take(),
            Some(id) => self.with_target(id, out, |state, _, _| state.pause.take()).flatten(),
        };
        if was.is_none_or(|pause| pause.until <= now) {
            let of_all = self.shared.pause.as_ref().filter(|pause| target.is_some() && pause.until > now);
            return Err(match of_all {
                Some(pause) => format!(
                    "Healing of {} is paused with that of all targets, by {}: resume all.",
                    self.scope_in_words(target),
                    pause.by
                ),
                None => format!("Healing of {} is not paused.", self.scope_in_words(target)),
            });
        }
        self.pursue_all_again(target, out);
        let still = target.is_some() && self.shared.pause.as_ref().is_some_and(|pause| pause.until > now);
        let still = if still { " Healing of all targets is still paused." } else { "" };
        Ok(format!("Healing of {} goes on.{still}", self.scope_in_words(target)))
    }

    fn start_maintenance(
        &mut self,
        target: Option<TargetId>,
        by: &str,
        until: Timestamp,
        name: String,
    ) -> Result<String, String> {
        self.check_until(until)?;
        let now = self.now;
        self.shared.windows.retain(|window| window.when.ends(now).is_some());
        if self.shared.windows.len() >= WINDOWS_MAX {
            return Err(format!(
                "{WINDOWS_MAX} stretches of planned work are not over yet; end one of them first."
            ));
        }
        let said = format!(
            "Planned work on {} until {until}: nothing is healed, nobody is told, and uptime is not charged.",
            self.scope_in_words(target.as_ref())
        );
        self.shared.windows.push(Window {
            name,
            scope: Scope::of(target),
            when: When::Once { from: now, to: until },
            by: Some(String::from(by)),
        });
        self.windows_changed();
        Ok(said)
    }

    fn end_maintenance(&mut self, target: Option<&TargetId>) -> Result<String, String> {
        let (now, scope) = (self.now, Scope::of(target.cloned()));
        let ended = |window: &Window| window.scope == scope && window.when.ends(now).is_some();
        if !self.shared.windows.iter().any(ended) {
            return Err(format!(
                "Nobody began planned work on {} here. What is configured ends by itself.",
                self.scope_in_words(target)
            ));
        }
        self.shared.windows.retain(|window| !ended(window));
        self.windows_changed();
        Ok(format!(
            "The planned work on {} is over; everything is looked at afresh.",
            self.scope_in_words(target)
        ))
    }

    fn declare_move(
        &mut self,
        target: &TargetId,
        accounts: Vec<AccountId>,
        by: &str,
        until: Timestamp,
        out: &mut Vec<Command>,
    ) -> Result<String, String> {
        self.check_until(until)?;
        let done = self.with_target(target, out, |state, spec, desk| {
            if spec.kind != TargetKind::Bridge {
                return Err(format!("{} has no accounts whose capital could be moved.", spec.name));
            }
            // What is said again of the same accounts replaces what was said before.
            state.declared.retain(|declared| declared.until > desk.now && declared.accounts != accounts);
            if state.declared.len() >= DECLARED_MAX {
                return Err(format!("{DECLARED_MAX} declarations are not over yet."));
            }
            state.declared.push(Reallocation { accounts, from: desk.now, until, by: String::from(by) });
            state.probe.next_at = desk.now;
            Ok(format!("Until {until} accounts of {} at 0 are taken as moved capital.", spec.name))
        });
        done.unwrap_or_else(|| Err(format!("No target is called \"{target}\".")))
    }

    fn take_back_moves(&mut self, target: &TargetId, out: &mut Vec<Command>) -> Result<String, String> {
        let done = self.with_target(target, out, |state, spec, desk| {
            state.declared.retain(|declared| declared.until > desk.now);
            if state.declared.is_empty() {
                return Err(format!("Nothing is declared as moved capital on {}.", spec.name));
            }
            state.declared.clear();
            state.probe.next_at = desk.now;
            Ok(format!("Accounts of {} at 0 are judged as always again.", spec.name))
        });
        done.unwrap_or_else(|| Err(format!("No target is called \"{target}\".")))
    }

    fn check_until(&self, until: Timestamp) -> Result<(), String> {
        if until <= self.now {
            return Err(format!("Nothing was changed: {until} is already over."));
        }
        if until.since(self.now) > PAUSE_MAX {
            return Err(format!(
                "Nothing was changed: {} is longer than {}. What is forgotten must end by itself; ask again later.",
                spoken(until.since(self.now)),
                spoken(PAUSE_MAX)
            ));
        }
        Ok(())
    }

    fn scope_in_words(&self, target: Option<&TargetId>) -> String {
        match target.and_then(|id| self.watched.get(id)) {
            Some(watched) => watched.spec.name.clone(),
            None => String::from("all targets"),
        }
    }

    /// What held heals changed: whoever waits for it is looked at again.
    fn pursue_all_again(&mut self, target: Option<&TargetId>, out: &mut Vec<Command>) {
        let ids: Vec<TargetId> = match target {
            Some(id) => alloc::vec![id.clone()],
            None => self.watched.ids().cloned().collect(),
        };
        for id in ids {
            self.with_target(&id, out, |state, spec, desk| state.pursue_again(spec, desk));
        }
    }
}

impl super::watch::TargetState {
    /// What a person changed may let a waiting or given-up heal start, or hold it.
    fn pursue_again(&mut self, spec: &crate::target::TargetSpec, desk: &mut super::desk::Desk<'_>) {
        match &self.phase {
            Phase::Waiting { .. }
            | Phase::Escalated { because: Refusal::DryRun(_) | Refusal::Paused { .. } } => {
                self.pursue(spec, desk)
            }
            Phase::Healthy
            | Phase::Suspect { .. }
            | Phase::Healing { .. }
            | Phase::Verifying { .. }
            | Phase::Escalated { .. }
            | Phase::Suppressed { .. } => {}
        }
    }
}

pub(super) fn no_target(target: &TargetId) -> AskedState {
    AskedState::Refused(format!("No target is called \"{target}\".").to_string())
}
