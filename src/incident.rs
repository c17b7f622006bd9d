//! One stretch of trouble of one target, from the first failure to proven recovery.
//!
//! Holds what happened and when; what happens next is decided in [`crate::monitor`].

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::CheckId;
use crate::heal::{ActionKind, Refusal, Rung, StepOutcome};
use crate::ids::{IncidentId, StepId, TargetId};
use crate::reason::{Layer, Reason};
use crate::time::Timestamp;

/// How bad something is. Ordered from mild to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A person should look today.
    Warning,
    /// Trading is at risk now.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        })
    }
}

/// Where a target stands between healthy and given up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// No check fails.
    #[default]
    Healthy,
    /// Something fails that is not believed yet.
    Suspect {
        /// When the first of the failures was seen.
        since: Timestamp,
    },
    /// Trouble is believed; a heal must wait.
    Waiting {
        /// Until when.
        until: Timestamp,
        /// For what.
        because: Refusal,
    },
    /// A heal step is in flight.
    Healing {
        /// Which.
        step: StepId,
        /// Attempt of this incident, from 1.
        attempt: u32,
        /// When its result must be back.
        deadline: Timestamp,
    },
    /// A heal step ended; observations must prove what it did.
    Verifying {
        /// Which.
        step: StepId,
        /// Attempt of this incident, from 1.
        attempt: u32,
        /// Only what is asked from then on counts.
        from: Timestamp,
        /// By when recovery must be proven.
        until: Timestamp,
    },
    /// A person was told; nothing more happens by itself.
    Escalated {
        /// Why nothing more happens.
        because: Refusal,
    },
    /// Trouble is believed, and is not the target's own: no incident is opened and nobody is told.
    Suppressed {
        /// What holds it down.
        by: Holder,
    },
}

/// What keeps trouble of a target from being an incident of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A target that it depends on is down.
    Parent {
        /// Which.
        id: TargetId,
        /// Its name for people.
        name: String,
        /// Whether it is well again since a moment ago, and those that depend on it have to start first.
        #[serde(default)]
        settles: bool,
    },
    /// Planned work.
    Maintenance {
        /// What is done.
        name: String,
        /// Until when.
        until: Timestamp,
    },
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent { name, settles: false, .. } => write!(f, "\"{name}\" is down, on which it depends"),
            Self::Parent { name, settles: true, .. } => {
                write!(
                    f,
                    "\"{name}\", on which it depends, was down until a moment ago: it is given time to start"
                )
            }
            Self::Maintenance { name, until } => write!(f, "planned work until {}: {name}", until.clock()),
        }
    }
}

impl Phase {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspect { .. } => "Suspect",
            Self::Waiting { because: Refusal::Paused { .. }, .. } => "Paused",
            Self::Waiting { .. } => "Waiting",
            Self::Healing { .. } => "Healing",
            Self::Verifying { .. } => "Verifying",
            Self::Escalated { .. } => "Needs a person",
            Self::Suppressed { by: Holder::Maintenance { .. } } => "Maintenance",
            Self::Suppressed { by: Holder::Parent { .. } } => "Suppressed",
        }
    }
}

/// One stretch of trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Whose.
    pub target: TargetId,
    /// The worst it has been.
    pub severity: Severity,
    /// Last good observation before the trouble, where there was one.
    pub last_good: Option<Timestamp>,
    /// First observation that failed.
    pub first_failure: Timestamp,
    /// When it was believed and opened.
    pub opened_at: Timestamp,
    /// When an alert about it was raised.
    pub alerted_at: Option<Timestamp>,
    /// What fails or failed: what failed when something was last added first, each part in the order seen.
    pub causes: Vec<Cause>,
    /// What was done about it.
    pub steps: Vec<Step>,
    /// Good observations in a row towards closing.
    pub successes: u32,
    /// What happened, in order; at most [`EVENTS_MAX`].
    pub events: Vec<IncidentEvent>,
    /// Who said that he has seen it.
    pub acknowledged: Option<Signature>,
    /// Who stopped healing of it; then only a person starts another heal.
    #[serde(default)]
    pub stopped: Option<Signature>,
    /// Which incident of the target within an hour it is, from 1.
    #[serde(default)]
    pub repeat: u32,
    /// How often it was good again for a moment and failed once more, while it was open.
    #[serde(default)]
    pub flaps: u32,
    /// How long it was seen good between failures, while it was open, in ms.
    #[serde(default)]
    pub good_ms: u64,
    /// Whether it comes and goes: then it closes only after a long good time.
    #[serde(default)]
    pub flapping: bool,
    /// The layer that fails, as far as all evidence together told when it was opened or changed.
    #[serde(default)]
    pub layer: Option<Layer>,
    /// How it ended, if it has.
    pub closed: Option<Closing>,
}

/// Most events an incident keeps; later ones are counted, not kept, except its end.
pub const EVENTS_MAX: usize = 200;

/// One failing check of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The check; `None` where a person asked for the heal.
    pub check: Option<CheckId>,
    /// Why it fails, as last seen.
    pub reason: Reason,
    /// How bad.
    pub severity: Severity,
    /// When it was first seen.
    pub since: Timestamp,
}

/// One heal attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// The remedy's name.
    pub remedy: String,
    /// How far it reaches.
    pub rung: Rung,
    /// What kind of act it is.
    pub action: ActionKind,
    /// Why it was chosen, as a sentence.
    pub because: String,
    /// The fault that it was chosen against: [`Reason::code`] of the main cause.
    #[serde(default)]
    pub fault: String,
    /// Whether the ledger has it.
    #[serde(default)]
    pub noted: bool,
    /// Who asked for it; `None`: Rebound itself.
    pub asked_by: Option<String>,
    /// When its intent was stored.
    pub started_at: Timestamp,
    /// How the act ended.
    pub result: Option<StepEnd>,
    /// What observations said of it afterwards.
    pub proof: Proof,
}

impl Step {
    /// Whether it was carried out, or may have been, and was not seen to be useless. What a person stopped is not credited.
    #[must_use]
    pub fn may_have_helped(&self) -> bool {
        let counts = |end: &StepEnd| end.outcome.may_have_happened() && end.outcome != StepOutcome::Stopped;
        let useless = matches!(self.proof, Proof::DidNotHelp(_) | Proof::LostPositions(_));
        // What is noted as not told will never be.
        let unclear = self.noted && matches!(self.proof, Proof::NotTold(_));
        self.result.as_ref().is_some_and(counts) && !useless && !unclear
    }

    /// Whether it was not begun: it changed nothing.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.result.as_ref().is_some_and(|end| end.outcome == StepOutcome::Refused)
    }
}

/// How an act ended, as told by whoever carried it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEnd {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: StepOutcome,
    /// What was said.
    pub output: String,
    /// Where it can be looked at.
    pub link: Option<String>,
}

/// What observations said of a heal step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// Nothing yet.
    Pending,
    /// The target was seen healthy after the act.
    Recovered(Timestamp),
    /// The target was seen failing when the time for proof was over, or failing again later.
    DidNotHelp(Timestamp),
    /// Positions or orders were not those from before the act.
    LostPositions(Timestamp),
    /// Nothing can be said: the act was not carried out, or nothing could be seen.
    NotTold(Timestamp),
}

/// Something that happened in an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentEvent {
    /// When.
    pub at: Timestamp,
    /// Which part of the story it belongs to.
    pub kind: EventKind,
    /// What, as a sentence.
    pub text: String,
}

/// The parts of an incident's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A check was seen failing or good.
    Seen,
    /// Something was concluded.
    Judged,
    /// A heal was planned, or refused.
    Planned,
    /// A heal was carried out, or not.
    Done,
    /// Observations proved something.
    Proven,
    /// A person was told.
    Told,
    /// A person did something.
    Asked,
}

impl EventKind {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seen => "Seen",
            Self::Judged => "Judged",
            Self::Planned => "Planned",
            Self::Done => "Done",
            Self::Proven => "Proven",
            Self::Told => "Told",
            Self::Asked => "Asked",
        }
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// First good observation of the row that proved it.
    pub recovered_at: Timestamp,
    /// When the row was long enough.
    pub at: Timestamp,
    /// What preceded it.
    pub how: Recovery,
}

/// What preceded a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recovery {
    /// Seen healthy after this remedy was carried out.
    AfterHeal(String),
    /// Seen healthy without a remedy that was carried out shortly before: by itself, or by somebody's hand.
    ByItself,
    /// Seen healthy after a remedy that may have done it, and that nothing proves.
    Unproven,
    /// A person has seen that a heal left positions or orders different, and nothing else was wrong.
    SeenByPerson,
    /// The limits were changed while it was open, and by the new ones it is good.
    OtherLimits,
    /// Nobody watches the target any more.
    NotWatched,
}

impl Recovery {
    /// Whether trouble was seen to end, and not only ceased to be called so.
    #[must_use]
    pub const fn was_seen(&self) -> bool {
        match self {
            Self::AfterHeal(_) | Self::ByItself | Self::Unproven => true,
            Self::SeenByPerson | Self::OtherLimits | Self::NotWatched => false,
        }
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AfterHeal(remedy) => write!(f, "recovered after \"{remedy}\""),
            Self::ByItself => f.write_str("recovered by itself"),
            Self::Unproven => f.write_str("good again, and whether a heal did it is not proven"),
            Self::SeenByPerson => f.write_str("over: a person has seen that positions or orders differ"),
            Self::OtherLimits => f.write_str("good by other limits than those it was opened with"),
            Self::NotWatched => f.write_str("no longer watched"),
        }
    }
}

impl Incident {
    /// Notes what happened. Past [`EVENTS_MAX`] nothing is added.
    pub fn note(&mut self, at: Timestamp, kind: EventKind, text: String) {
        if self.events.len() < EVENTS_MAX {
            self.events.push(IncidentEvent { at, kind, text });
        }
    }

    /// The reason people are told first: positions that a heal lost, else the first of the worst causes.
    #[must_use]
    pub fn main_cause(&self) -> Option<&Cause> {
        let worst = self.causes.iter().map(|cause| cause.severity).max()?;
        let lost = self.causes.iter().find(|cause| matches!(cause.reason, Reason::PositionsChanged { .. }));
        lost.or_else(|| self.causes.iter().find(|cause| cause.severity == worst))
    }

    /// Why it says that a check fails, if it does.
    #[must_use]
    pub fn cause_of(&self, check: CheckId) -> Option<&Reason> {
        self.causes.iter().find(|cause| cause.check == Some(check)).map(|cause| &cause.reason)
    }

    /// Steps that were really started; refused ones changed nothing.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX).saturating_sub(self.refusals())
    }

    /// Attempts that Rebound made by itself: those that count against the budget of an incident.
    #[must_use]
    pub fn own_attempts(&self) -> u32 {
        let own = self.steps.iter().filter(|step| step.asked_by.is_none() && !step.was_refused());
        u32::try_from(own.count()).unwrap_or(u32::MAX)
    }

    /// Steps that were refused.
    #[must_use]
    pub fn refusals(&self) -> u32 {
        let refused = self.steps.iter().filter(|step| step.was_refused()).count();
        u32::try_from(refused).unwrap_or(u32::MAX)
    }

    /// Names of the remedies that were really started.
    #[must_use]
    pub fn tried(&self) -> Vec<String> {
        self.steps.iter().filter(|step| !step.was_refused()).map(|step| step.remedy.clone()).collect()
    }

    /// From the first failure to the recovery, or to `now` while it is open, without the time in which it was seen good in between.
    /// None where nothing failed and a person only asked for a heal.
    #[must_use]
    pub fn downtime(&self, now: Timestamp) -> Duration {
        if self.causes.iter().all(|cause| cause.check.is_none()) {
            return Duration::ZERO;
        }
        let end = self.closed.as_ref().map_or(now, |closed| closed.recovered_at);
        end.since(self.first_failure).saturating_sub(Duration::from_millis(self.good_ms))
    }

    /// It was seen good for so long, and fails again.
    pub(crate) fn was_good(&mut self, span: Duration) {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.good_ms = self.good_ms.saturating_add(ms);
    }

    /// From the first failure until it was believed.
    #[must_use]
    pub fn time_to_detect(&self) -> Duration {
        self.opened_at.since(self.first_failure)
    }

    /// From the start of the first heal to the proven recovery, where both happened.
    #[must_use]
    pub fn time_to_heal(&self) -> Option<Duration> {
        let first = self.steps.iter().find(|step| !step.was_refused())?;
        let closed = self.closed.as_ref()?;
        matches!(closed.how, Recovery::AfterHeal(_)).then(|| closed.at.since(first.started_at))
    }
}
