//! What a site decided: as lines for people, and as facts for checks.

use std::collections::{BTreeMap, BTreeSet};

use rebound::alert::{Alert, AlertReason};
use rebound::heal::StepRequest;
use rebound::ids::{AlertId, IncidentId};
use rebound::incident::{Incident, Phase};
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::{Timestamp, spoken};

/// What was decided, in order.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Every alert, once, as raised.
    pub alerts: Vec<Alert>,
    /// Every incident as last written.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Every step that was really handed out.
    pub steps: Vec<(Timestamp, StepRequest)>,
    lines: Vec<String>,
    alerts_seen: BTreeSet<AlertId>,
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
        self.alerts.iter().filter(|alert| alert.reason == reason).count()
    }

    /// Adds a line of the world's.
    pub fn says(&mut self, at: Timestamp, text: &str) {
        let civil = at.civil();
        self.lines.push(format!("{:02}:{:02}:{:02}  {text}", civil.hour, civil.minute, civil.second));
    }

    /// Takes in what was written down.
    pub fn take(&mut self, entry: &JournalEntry) {
        match &entry.fact {
            Fact::Incident(incident) => self.incident(entry.at, incident),
            Fact::Alert(alert) if self.alerts_seen.insert(alert.id) => {
                let text =
                    format!("alert {} {}: {}", alert.severity, alert.reason.code(), alert.message.title);
                self.says(entry.at, &text);
                self.alerts.push(alert.as_ref().clone());
            }
            Fact::StepFinished(result) => {
                self.says(entry.at, &format!("heal {}: {}", result.outcome.word(), result.output));
            }
            Fact::Phase { phase, because } if *phase != Phase::Healthy.word() => {
                self.says(entry.at, &format!("phase {phase}: {because}"));
            }
            Fact::Asked(asked) => self.says(entry.at, &format!("asked by {}: {:?}", asked.by, asked.state)),
            Fact::Alert(_) | Fact::StepIntended(_) | Fact::Phase { .. } | Fact::Began { .. } => {}
        }
    }

    /// A step is handed out.
    pub fn starts(&mut self, at: Timestamp, request: &StepRequest) {
        self.says(at, &format!("heal start \"{}\": {}", request.remedy, request.because));
        self.steps.push((at, request.clone()));
    }

    fn incident(&mut self, at: Timestamp, incident: &Incident) {
        let known = self.incidents.insert(incident.id, incident.clone());
        if known.is_none() {
            let cause = incident.main_cause().map_or_else(String::new, |cause| cause.reason.to_string());
            let text = format!(
                "incident {} opened {} after the first failure: {} {cause}",
                incident.id,
                spoken(incident.time_to_detect()),
                incident.severity
            );
            self.says(at, &text);
        }
        if let Some(closed) = &incident.closed
            && known.is_none_or(|before| before.closed.is_none())
        {
            let down = spoken(incident.downtime(at));
            self.says(at, &format!("incident {} closed: {}, down for {down}", incident.id, closed.how));
        }
    }
}
