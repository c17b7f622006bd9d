//! What a site decided: as lines for people, and as facts for checks.
//!
//! Each fact has its true time, whatever Rebound's own clock says. What was not written down when Rebound was killed is taken
//! back: the next run does not know it.

use std::collections::{BTreeMap, BTreeSet};

use rebound::alert::{Alert, AlertReason};
use rebound::heal::{StepOutcome, StepRequest};
use rebound::ids::{AlertId, IncidentId, StepId};
use rebound::incident::{Incident, Phase};
use rebound::monitor::{Asked, AskedState, Fact, JournalEntry};
use rebound::time::{Timestamp, spoken};

use super::spans::Span;

/// What was decided, in order.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Every alert, once, as raised.
    pub alerts: Vec<Told>,
    /// Every incident as last written.
    pub incidents: BTreeMap<IncidentId, Known>,
    /// Incidents that a crash made forgotten.
    pub lost: Vec<Known>,
    /// Every step that was really handed out.
    pub steps: Vec<Started>,
    /// How steps ended, and when.
    pub ended: BTreeMap<StepId, (Timestamp, StepOutcome)>,
    /// Every request that was carried out.
    pub asked: Vec<Done>,
    /// How often Rebound was started again.
    pub runs: usize,
    /// Whether lines are kept.
    pub keeps_story: bool,
    /// Whether each line begins with its day.
    pub lines_have_days: bool,
    lines: Vec<String>,
    alerts_seen: BTreeSet<AlertId>,
    /// Incidents as they were when last written down, of those that have changed since.
    before: BTreeMap<IncidentId, Option<Known>>,
    alerts_safe: usize,
    asked_safe: usize,
}

/// An alert.
#[derive(Clone, Debug)]
pub struct Told {
    /// When, in true time.
    pub at: Timestamp,
    /// It, as raised.
    pub alert: Alert,
    /// Whether a crash made it forgotten.
    pub lost: bool,
}

/// An incident.
#[derive(Clone, Debug)]
pub struct Known {
    /// It, as last written.
    pub incident: Incident,
    /// When it was opened, in true time.
    pub opened: Timestamp,
    /// When it was closed, in true time.
    pub closed: Option<Timestamp>,
    /// When Rebound was killed before it could write down that it is closed.
    pub open_again: Option<Timestamp>,
    /// Every reason that was ever given for it, and between which two writings it first was, in true time.
    pub codes: BTreeMap<&'static str, Span>,
    written: Timestamp,
}

/// A step that was handed out.
#[derive(Clone, Debug)]
pub struct Started {
    /// When, in true time.
    pub at: Timestamp,
    /// When, by Rebound's clock.
    pub clock: Timestamp,
    /// What.
    pub request: StepRequest,
    /// Who asked for it; `None`: Rebound itself.
    pub asked_by: Option<String>,
    /// In which run, from 0.
    pub run: usize,
}

/// A request that was carried out.
#[derive(Clone, Debug)]
pub struct Done {
    /// When, in true time.
    pub at: Timestamp,
    /// It.
    pub asked: Asked,
    /// Whether a crash made it forgotten.
    pub lost: bool,
}

impl Notes {
    /// The story, one line for each thing that matters.
    #[must_use]
    pub fn story(&self) -> String {
        let mut story = self.lines.join("\n");
        story.push('\n');
        story
    }

    /// Alerts of this reason.
    #[must_use]
    pub fn told(&self, reason: AlertReason) -> usize {
        self.alerts.iter().filter(|told| told.alert.reason == reason).count()
    }

    /// Adds a line of the world's.
    pub fn says(&mut self, at: Timestamp, text: impl FnOnce() -> String) {
        if self.keeps_story {
            let civil = at.civil();
            let day = if self.lines_have_days {
                format!("{:02}-{:02} ", civil.month, civil.day)
            } else {
                String::new()
            };
            let clock = format!("{:02}:{:02}:{:02}", civil.hour, civil.minute, civil.second);
            self.lines.push(format!("{day}{clock}  {}", text()));
        }
    }

    /// Takes in what Rebound wants written down at `now`. Returns the alert, if it is one that was just raised.
    pub fn take(&mut self, now: Timestamp, entry: &JournalEntry) -> Option<AlertId> {
        match &entry.fact {
            Fact::Incident(incident) => self.incident(now, incident),
            Fact::Alert(alert) if self.alerts_seen.insert(alert.id) => {
                self.says(now, || {
                    format!("alert {} {}: {}", alert.severity, alert.reason.code(), alert.message.title)
                });
                self.alerts.push(Told { at: now, alert: alert.as_ref().clone(), lost: false });
                return Some(alert.id);
            }
            Fact::StepFinished(result) => {
                self.says(now, || format!("heal {}: {}", result.outcome.word(), result.output));
                self.ended.insert(result.step.clone(), (now, result.outcome));
            }
            Fact::Phase { phase, because } if *phase != Phase::Healthy.word() => {
                self.says(now, || format!("phase {phase}: {because}"));
            }
            Fact::Asked(asked) => {
                self.says(now, || format!("asked by {}: {:?}", asked.by, asked.state));
                if matches!(asked.state, AskedState::Done(_)) {
                    self.asked.push(Done { at: now, asked: asked.clone(), lost: false });
                }
            }
            Fact::Alert(_)
            | Fact::StepIntended(_)
            | Fact::Phase { .. }
            | Fact::Drill(_)
            | Fact::Began { .. } => {}
        }
        None
    }

    /// What was taken in until now is written down.
    pub fn is_safe(&mut self) {
        self.before.clear();
        self.alerts_safe = self.alerts.len();
        self.asked_safe = self.asked.len();
    }

    /// Rebound is killed: what was not written down is forgotten.
    pub fn forget(&mut self, now: Timestamp) {
        for (id, before) in std::mem::take(&mut self.before) {
            let after = match before {
                Some(before) => self.incidents.insert(id, Known { open_again: Some(now), ..before }),
                None => self.incidents.remove(&id),
            };
            // What nobody remembers ends here.
            let closed = |known: Known| Known { closed: known.closed.or(Some(now)), ..known };
            self.lost.extend(after.map(closed));
        }
        for told in self.alerts.iter_mut().skip(self.alerts_safe) {
            told.lost = true;
            self.alerts_seen.remove(&told.alert.id);
        }
        self.asked.iter_mut().skip(self.asked_safe).for_each(|done| done.lost = true);
        self.is_safe();
    }

    /// A step is handed out.
    pub fn begins(&mut self, at: Timestamp, clock: Timestamp, request: &StepRequest) {
        self.says(at, || format!("heal start \"{}\": {}", request.remedy, request.because));
        let steps = self.incidents.get(&request.incident).map(|known| &known.incident.steps);
        let step = steps.and_then(|steps| steps.iter().find(|step| step.id == request.step));
        let asked_by = step.and_then(|step| step.asked_by.clone());
        let run = self.runs;
        self.steps.push(Started { at, clock, request: request.clone(), asked_by, run });
    }

    fn incident(&mut self, now: Timestamp, incident: &Incident) {
        let closes = incident.closed.is_some();
        let tells_all = self.lines_have_days;
        let known = self.incidents.remove(&incident.id);
        self.before.entry(incident.id).or_insert_with(|| known.clone());
        if known.is_none() {
            self.says(now, || {
                let cause = incident.main_cause().map_or_else(String::new, |cause| cause.reason.to_string());
                let (id, took) = (incident.id, spoken(incident.time_to_detect()));
                let of = if tells_all { format!(" of {}", incident.target) } else { String::new() };
                format!(
                    "incident {id}{of} opened {took} after the first failure: {} {cause}",
                    incident.severity
                )
            });
        }
        let opened = known.as_ref().map_or(now, |known| known.opened);
        let closed = known.as_ref().and_then(|known| known.closed).or_else(|| closes.then_some(now));
        if let (Some(end), None) = (&incident.closed, known.as_ref().and_then(|known| known.closed)) {
            self.says(now, || {
                let down = spoken(incident.downtime(end.at));
                format!("incident {} closed: {}, down for {down}", incident.id, end.how)
            });
        }
        let before = known.as_ref().map_or(now, |known| known.written);
        let open_again = known.as_ref().and_then(|known| known.open_again);
        let mut codes = known.map(|known| known.codes).unwrap_or_default();
        for cause in incident.causes.iter().filter(|cause| cause.check.is_some()) {
            codes.entry(cause.reason.code()).or_insert((before, now));
        }
        let known = Known { incident: incident.clone(), opened, closed, open_again, codes, written: now };
        self.incidents.insert(incident.id, known);
    }
}
