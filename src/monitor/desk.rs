//! What one turn of the monitor writes down, tells and sends.
//!
//! Raises alerts and follows their deliveries. Decides nothing about targets.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::around::{Around, Pause, Witnesses};
use super::readiness::telling::Unready;
use super::sharing::Numbering;
use super::{Asked, AskedState, Command, Fact, JournalEntry};
use crate::alert::{
    Alert, AlertKey, AlertLog, AlertPolicy, AlertReason, DeliveryReport, DeliveryResult, DeliveryState,
    Message, RETRY_AFTER, SEND_TIMEOUT, SendRequest,
};
use crate::ids::{AlertId, IncidentId, TargetId};
use crate::incident::{Incident, Severity, Signature};
use crate::maintenance::Window;
use crate::time::Timestamp;

/// Most alerts kept in memory; older ones are in the store.
pub(super) const ALERTS_KEPT: usize = 100;
/// Most requests kept in memory.
pub(super) const REQUESTS_KEPT: usize = 50;
/// Tries that may fail before the page says that alerts are not going out; trying goes on.
pub(super) const TRIES_QUIET: u32 = 3;
/// How long after its deadline a lost answer of an adapter is given up.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// What does not belong to one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// Since when this run watches.
    pub watching_since: Timestamp,
    pub(super) next_incident: u64,
    pub(super) next_alert: u64,
    /// Which numbers are this server's to give.
    #[serde(default)]
    pub(super) numbering: Numbering,
    pub(super) log: AlertLog,
    /// Newest first.
    pub(super) alerts: Vec<Alert>,
    /// Newest first.
    pub(super) requests: Vec<Asked>,
    /// Why the store does not accept writes.
    pub(super) store_trouble: Option<String>,
    /// Since when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) store_failed_at: Option<Timestamp>,
    pub(super) own: OwnState,
    /// Channels that were told that Rebound itself cannot see.
    #[serde(default)]
    pub(super) blind_told: Option<Vec<String>>,
    /// What would not do its part in the next emergency, as people were told.
    #[serde(default)]
    pub(super) unready: Unready,
    /// Healing of every target is paused.
    #[serde(default)]
    pub(super) pause: Option<Pause>,
    /// Planned work that people began.
    #[serde(default)]
    pub(super) windows: Vec<Window>,
}

/// What is known of Rebound's own network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnState {
    pub(super) next_at: Timestamp,
    pub(super) in_flight_until: Option<Timestamp>,
    /// When the beacons were last asked, and whether one answered.
    pub(super) seen: Option<(Timestamp, bool)>,
    /// Silent targets of which nothing is believed before the beacons have answered.
    #[serde(default)]
    pub(super) awaited_by: BTreeSet<TargetId>,
    /// What others tell of the time.
    #[serde(default)]
    pub(super) witnesses: Witnesses,
    /// When Rebound last looked at itself, and how late its loop was then.
    #[serde(default)]
    pub(super) lag: Option<(Timestamp, Duration)>,
    /// How long the store took for its last write.
    #[serde(default)]
    pub(super) store_ms: Option<u64>,
}

impl Shared {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            watching_since: now,
            next_incident: 1,
            next_alert: 1,
            numbering: Numbering::default(),
            log: AlertLog::default(),
            alerts: Vec::new(),
            requests: Vec::new(),
            store_trouble: None,
            store_failed_at: None,
            own: OwnState { next_at: now, ..OwnState::default() },
            blind_told: None,
            unready: Unready::default(),
            pause: None,
            windows: Vec::new(),
        }
    }

    /// Keeps the newest alerts, and those that are still on their way.
    pub(super) fn forget_old_alerts(&mut self) {
        let alerts = &mut self.alerts;
        while alerts.len() > ALERTS_KEPT {
            let settled = |alert: &Alert| {
                alert.deliveries.values().all(|state| !matches!(state, DeliveryState::Pending { .. }))
            };
            let oldest = alerts.iter().rposition(settled).unwrap_or(alerts.len() - 1);
            alerts.remove(oldest);
        }
    }

    /// When a delivery must be tried again or given up, if any.
    pub(super) fn next_delivery(&self) -> Option<Timestamp> {
        let pending = self.alerts.iter().flat_map(|alert| alert.deliveries.values());
        pending
            .filter_map(|delivery| match delivery {
                DeliveryState::Pending { next_at, .. } => *next_at,
                DeliveryState::Delivered { .. }
                | DeliveryState::GaveUp { .. }
                | DeliveryState::CalledOff { .. } => None,
            })
            .min()
    }
}

/// What an alert is about.
#[derive(Debug)]
pub(super) struct Matter<'a> {
    pub(super) reason: AlertReason,
    pub(super) severity: Severity,
    pub(super) target: Option<&'a TargetId>,
    pub(super) incident: Option<IncidentId>,
    /// Makes it the same as an earlier alert for the cooldown; `None`: never held back.
    pub(super) same_as: Option<String>,
    /// Channels that told of the beginning, for a recovery.
    pub(super) announced: &'a [String],
    pub(super) message: Message,
}

impl Matter<'_> {
    /// What is about Rebound itself, and never held back.
    pub(super) const fn of_rebound(reason: AlertReason, severity: Severity, message: Message) -> Self {
        Self { reason, severity, target: None, incident: None, same_as: None, announced: &[], message }
    }
}

/// One turn of the monitor.
pub(super) struct Desk<'a> {
    pub(super) now: Timestamp,
    pub(super) policy: &'a AlertPolicy,
    /// What surrounds the target that the turn is about.
    pub(super) around: Around,
    pub(super) shared: &'a mut Shared,
    /// Targets that must be asked soon, because what they show decides about this one.
    pub(super) wanted: Vec<TargetId>,
    pub(super) out: &'a mut Vec<Command>,
}

impl Desk<'_> {
    pub(super) fn record(&mut self, target: Option<&TargetId>, incident: Option<IncidentId>, fact: Fact) {
        let entry = JournalEntry { at: self.now, target: target.cloned(), incident, fact };
        self.out.push(Command::Record(Box::new(entry)));
    }

    pub(super) fn record_incident(&mut self, incident: &Incident) {
        self.record(Some(&incident.target), Some(incident.id), Fact::Incident(Box::new(incident.clone())));
    }

    pub(super) fn take_incident_id(&mut self) -> IncidentId {
        let id = IncidentId::new(self.shared.next_incident);
        self.shared.hear_numbers(id.number(), 0);
        id
    }

    /// Raises an alert unless the same was told within the cooldown. Returns the channels it goes to, if raised.
    pub(super) fn raise(&mut self, matter: Matter<'_>) -> Option<Vec<String>> {
        if let Some(reason) = matter.same_as {
            let key = AlertKey { target: matter.target.cloned(), reason, severity: matter.severity };
            if !self.shared.log.may_tell(key, self.policy.cooldown, self.now) {
                return None;
            }
        }
        let id = AlertId::new(self.shared.next_alert);
        self.shared.hear_numbers(0, id.number());
        let channels = self.policy.channels_for(matter.severity, matter.reason, matter.announced);
        let pending = DeliveryState::Pending { attempts: 1, next_at: Some(self.try_lost_at()), error: None };
        let alert = Alert {
            id,
            reason: matter.reason,
            severity: matter.severity,
            target: matter.target.cloned(),
            incident: matter.incident,
            at: self.now,
            message: matter.message,
            deliveries: channels
                .iter()
                .map(|channel| (channel.clone(), pending.clone()))
                .collect::<BTreeMap<_, _>>(),
            acknowledged: None,
            resolved_at: matter.reason.is_end().then_some(self.now),
        };
        self.record(alert.target.as_ref(), alert.incident, Fact::Alert(Box::new(alert.clone())));
        for channel in &channels {
            self.send(&alert, channel, 1);
        }
        self.shared.alerts.insert(0, alert);
        self.shared.forget_old_alerts();
        Some(channels)
    }

    /// How many alerts were ever raised: another number says that somebody was told meanwhile.
    pub(super) const fn alerts_so_far(&self) -> u64 {
        self.shared.next_alert
    }

    /// Marks every alert of an incident, or of a matter outside incidents, as over.
    pub(super) fn resolve(&mut self, is_over: impl Fn(&Alert) -> bool) {
        let now = self.now;
        let mut changed = Vec::new();
        for alert in self.shared.alerts.iter_mut().filter(|alert| alert.resolved_at.is_none()) {
            if is_over(alert) {
                alert.resolved_at = Some(now);
                changed.push(alert.clone());
            }
        }
        for alert in changed {
            self.record_alert(alert);
        }
    }

    /// Notes that somebody has seen an alert. Returns it as it is now.
    pub(super) fn acknowledge(&mut self, id: AlertId, by: &str) -> Option<Alert> {
        let now = self.now;
        let alert = self.shared.alerts.iter_mut().find(|alert| alert.id == id)?;
        if alert.acknowledged.is_none() {
            alert.acknowledged = Some(Signature { by: String::from(by), at: now });
            let alert = alert.clone();
            self.record_alert(alert.clone());
            return Some(alert);
        }
        Some(alert.clone())
    }

    /// Takes in how one try to deliver went. Late reports of tries given up are ignored.
    pub(super) fn delivered(&mut self, report: &DeliveryReport) {
        let now = self.now;
        let Some(alert) = self.shared.alerts.iter_mut().find(|alert| alert.id == report.alert) else {
            return;
        };
        let Some(delivery) = alert.deliveries.get_mut(&report.channel) else {
            return;
        };
        let attempts = match delivery {
            DeliveryState::Pending { attempts, .. } => *attempts,
            // What was under way when it was called off may have arrived all the same.
            DeliveryState::CalledOff { attempts, .. } if report.result == DeliveryResult::Delivered => {
                *attempts
            }
            DeliveryState::CalledOff { .. }
            | DeliveryState::Delivered { .. }
            | DeliveryState::GaveUp { .. } => return,
        };
        *delivery = after_try(now, attempts, &report.result);
        let gave_up = match delivery {
            DeliveryState::GaveUp { .. } => true,
            DeliveryState::Pending { attempts, .. } => *attempts >= TRIES_QUIET,
            DeliveryState::Delivered { .. } | DeliveryState::CalledOff { .. } => false,
        };
        let works = matches!(delivery, DeliveryState::Delivered { .. });
        let alert = alert.clone();
        self.record_alert(alert.clone());
        if works {
            let title = super::words::not_going_out_title(&report.channel);
            self.resolve(|told| told.reason == AlertReason::NotGoingOut && told.message.title == title);
        }
        // What a fire drill finds is told by the drill.
        if gave_up && !matches!(alert.reason, AlertReason::NotGoingOut | AlertReason::Drill) {
            self.tell_not_going_out(&alert, report);
        }
    }

    /// An alert that is still on its way is not tried any more.
    pub(super) fn call_off(&mut self, id: AlertId) {
        let now = self.now;
        let Some(alert) = self.shared.alerts.iter_mut().find(|alert| alert.id == id) else { return };
        let mut changed = false;
        for delivery in alert.deliveries.values_mut() {
            if let DeliveryState::Pending { attempts, error, .. } = delivery {
                *delivery = DeliveryState::CalledOff { at: now, attempts: *attempts, error: error.take() };
                changed = true;
            }
        }
        let alert = alert.clone();
        if changed {
            self.record_alert(alert);
        }
    }

    /// Sends again what is due, and gives up tries whose answer was lost.
    pub(super) fn retry_deliveries(&mut self) {
        let now = self.now;
        let lost_at = self.try_lost_at();
        let mut again = Vec::new();
        for alert in &mut self.shared.alerts {
            for (channel, delivery) in &mut alert.deliveries {
                if let DeliveryState::Pending { attempts, next_at: Some(at), error } = delivery
                    && *at <= now
                {
                    *attempts += 1;
                    *delivery = DeliveryState::Pending {
                        attempts: *attempts,
                        next_at: Some(lost_at),
                        error: error.take(),
                    };
                    again.push((alert.id, channel.clone()));
                }
            }
        }
        for (id, channel) in again {
            let Some(alert) = self.shared.alerts.iter().find(|alert| alert.id == id).cloned() else {
                continue;
            };
            let attempt = match alert.deliveries.get(&channel) {
                Some(DeliveryState::Pending { attempts, .. }) => *attempts,
                Some(
                    DeliveryState::Delivered { .. }
                    | DeliveryState::GaveUp { .. }
                    | DeliveryState::CalledOff { .. },
                )
                | None => continue,
            };
            if attempt as usize > RETRY_AFTER.len() + 1 {
                let lost = DeliveryResult::Permanent(String::from("no answer came from the channel"));
                self.delivered(&DeliveryReport { alert: id, channel, result: lost });
            } else {
                self.send(&alert, &channel, attempt);
            }
        }
    }

    /// Puts a request on record.
    pub(super) fn ask(&mut self, asked: Asked, target: Option<&TargetId>) {
        self.record(target, None, Fact::Asked(asked.clone()));
        self.shared.requests.insert(0, asked);
        self.shared.requests.truncate(REQUESTS_KEPT);
    }

    /// Notes what became of a request.
    pub(super) fn answer(&mut self, id: u64, target: Option<&TargetId>, state: AskedState) {
        let Some(asked) = self.shared.requests.iter_mut().find(|asked| asked.id == id) else {
            return;
        };
        asked.state = state;
        let asked = asked.clone();
        self.record(target, None, Fact::Asked(asked));
    }

    fn record_alert(&mut self, alert: Alert) {
        let target = alert.target.clone();
        self.record(target.as_ref(), alert.incident, Fact::Alert(Box::new(alert)));
    }

    fn send(&mut self, alert: &Alert, channel: &str, attempt: u32) {
        self.out.push(Command::Send(Box::new(SendRequest {
            alert: alert.clone(),
            channel: String::from(channel),
            attempt,
            deadline: self.now.after(SEND_TIMEOUT),
        })));
    }

    fn try_lost_at(&self) -> Timestamp {
        self.now.after(SEND_TIMEOUT).after(GRACE)
    }

    fn tell_not_going_out(&mut self, alert: &Alert, report: &DeliveryReport) {
        let why = match &report.result {
            DeliveryResult::Retry(why) | DeliveryResult::Permanent(why) => why.clone(),
            DeliveryResult::Delivered => return,
        };
        let message = super::words::not_going_out(self.policy, alert, &report.channel, &why);
        // Over the channel that just failed nothing is told; the page always shows it, other channels carry it.
        let matter = Matter {
            reason: AlertReason::NotGoingOut,
            severity: Severity::Critical,
            target: None,
            incident: None,
            same_as: Some(alloc::format!("not_going_out/{}", report.channel)),
            announced: &[],
            message,
        };
        self.raise_except(matter, &report.channel);
    }

    fn raise_except(&mut self, matter: Matter<'_>, channel: &str) {
        let policy = AlertPolicy {
            channels: self.policy.channels.iter().filter(|spec| spec.name != channel).cloned().collect(),
            ..self.policy.clone()
        };
        let mut desk = Desk {
            now: self.now,
            policy: &policy,
            around: self.around.clone(),
            shared: &mut *self.shared,
            wanted: Vec::new(),
            out: &mut *self.out,
        };
        drop(desk.raise(matter));
    }
}

fn after_try(now: Timestamp, attempts: u32, result: &DeliveryResult) -> DeliveryState {
    match result {
        DeliveryResult::Delivered => DeliveryState::Delivered { at: now, attempts },
        DeliveryResult::Permanent(error) => DeliveryState::GaveUp { at: now, attempts, error: error.clone() },
        DeliveryResult::Retry(error) => {
            let wait =
                usize::try_from(attempts).ok().and_then(|tries| RETRY_AFTER.get(tries.saturating_sub(1)));
            match wait {
                Some(wait) => DeliveryState::Pending {
                    attempts,
                    next_at: Some(now.after(*wait)),
                    error: Some(error.clone()),
                },
                None => DeliveryState::GaveUp { at: now, attempts, error: error.clone() },
            }
        }
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
