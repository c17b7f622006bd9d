//! What stands at the top of every page: matters that are not over, with their newest words.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::roll::Watched;
use super::super::watch::TargetState;
use super::super::{Monitor, words};
use super::phase_detail;
use crate::alert::{Alert, AlertReason, Message};
use crate::ids::IncidentId;
use crate::incident::Severity;
use crate::time::Timestamp;
use crate::view::Banner;

impl Monitor {
    /// One banner for each incident or matter that is not over and that nobody has acknowledged, with its newest words.
    pub(super) fn banners(&self, now: Timestamp) -> Vec<Banner> {
        let mut banners: Vec<Banner> = Vec::new();
        let mut seen: Vec<(Option<IncidentId>, AlertReason)> = Vec::new();
        for alert in &self.shared.alerts {
            let matter = match alert.incident {
                Some(incident) => (Some(incident), AlertReason::Opened),
                None => (None, alert.reason),
            };
            if seen.contains(&matter) {
                continue;
            }
            seen.push(matter);
            if shows(alert, now) && !self.is_old_news_of_the_store(alert) && !self.fails_anew(alert) {
                let mut banner = banner(alert);
                let state =
                    alert.target.as_ref().and_then(|id| self.watched.get(id)).map(|watched| &watched.state);
                banner.text.extend(state.and_then(|state| since_then(state, alert)));
                banners.push(banner);
            }
        }
        banners.extend(self.watched.values().filter_map(|watched| self.untold_incident(watched)));
        banners.extend(self.untold_outage());
        banners.extend(self.without_past());
        banners.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.since.cmp(&a.since)));
        banners
    }

    /// Whether an alert tells the end of an incident of a target that has another one open by now.
    fn fails_anew(&self, alert: &Alert) -> bool {
        let open = alert.target.as_ref().and_then(|id| self.watched.get(id)?.state.incident.as_ref());
        alert.reason.is_end() && open.is_some_and(|open| alert.incident != Some(open.id))
    }

    /// What the page says of an incident that people were not told of, because the same was told a short time ago.
    fn untold_incident(&self, watched: &Watched) -> Option<Banner> {
        let Watched { spec, state, .. } = watched;
        let incident = state.incident.as_ref().filter(|_| !state.in_maintenance)?;
        let is_told = self.shared.alerts.iter().any(|alert| alert.incident == Some(incident.id));
        if is_told || incident.severity == Severity::Info || incident.acknowledged.is_some() {
            return None;
        }
        let (severity, since) = (incident.severity, incident.opened_at);
        let title = format!("{}: {}", spec.name, words::main_sentence(incident));
        let text =
            format!("{} The same was told a short time ago, so nobody is told again.", phase_detail(state));
        Some(Banner { severity, title, text, alert: None, since })
    }
}

/// What happened since an alert about an open incident was raised, where the alert would tell what is over as if it were now.
fn since_then(state: &TargetState, alert: &Alert) -> Option<String> {
    let incident = state.incident.as_ref().filter(|incident| alert.incident == Some(incident.id))?;
    if let Some(since) = state.good_since {
        return Some(format!(" Now: good since {}, not long enough to be called over.", since.clock()));
    }
    let last = incident.steps.last().filter(|step| step.started_at > alert.at && !step.was_refused())?;
    Some(format!(" Since then: \"{}\" was started.", last.remedy))
}

/// How long good news and tests stay as a banner.
const NEWS_SHOWN: Duration = Duration::from_secs(10 * 60);

fn shows(alert: &Alert, now: Timestamp) -> bool {
    if alert.acknowledged.is_some() {
        return false;
    }
    match alert.reason {
        AlertReason::Recovered
        | AlertReason::Ended
        | AlertReason::SeenAgain
        | AlertReason::StoreBack
        | AlertReason::ReadyAgain
        | AlertReason::DrillPassed
        | AlertReason::Drill
        | AlertReason::Test => now.since(alert.at) < NEWS_SHOWN,
        AlertReason::Opened
        | AlertReason::Worsened
        | AlertReason::Escalated
        | AlertReason::Reminder
        | AlertReason::UnknownTooLong
        | AlertReason::StoreDown
        | AlertReason::NotReady
        | AlertReason::DrillFailed
        | AlertReason::DrillMissed
        | AlertReason::NotGoingOut => alert.resolved_at.is_none(),
    }
}

fn banner(alert: &Alert) -> Banner {
    Banner { alert: Some(alert.id), ..Banner::of(&alert.message, alert.severity, alert.at) }
}

impl Banner {
    /// What a message tells, of which there is no alert.
    pub(in crate::monitor) fn of(message: &Message, severity: Severity, since: Timestamp) -> Self {
        let mut text: Vec<String> =
            message.facts.iter().map(|(label, value)| format!("{label}: {value}.")).collect();
        text.extend(message.advice.iter().cloned());
        let title = format!("{}: {}", message.about, message.title);
        Self { severity, title, text: text.join(" "), alert: None, since }
    }
}
