//! Who is told what, and how often.
//!
//! Decides whether an alert is due and which channels it goes to; sends nothing.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{AlertId, IncidentId, TargetId};
use crate::incident::{Severity, Signature};
use crate::time::{Timestamp, duration_ms};

/// Who is told what, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPolicy {
    /// Ways to people. The page itself always shows every alert and is not listed.
    pub channels: Vec<ChannelSpec>,
    /// The same reason of the same target is told again only after this time.
    #[serde(with = "duration_ms")]
    pub cooldown: Duration,
    /// A critical incident that needs a person is repeated after this time until somebody acknowledges it.
    #[serde(with = "duration_ms")]
    pub repeat_every: Duration,
    /// Name of this Rebound in messages.
    pub site: String,
    /// Address of the page for links in messages, without a slash at its end.
    pub link_base: Option<String>,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        let half_an_hour = Duration::from_secs(30 * 60);
        Self {
            channels: Vec::new(),
            cooldown: half_an_hour,
            repeat_every: half_an_hour,
            site: String::from("Rebound"),
            link_base: None,
        }
    }
}

/// One way to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSpec {
    /// Its name, by which notifiers know it, e.g. `email`.
    pub name: String,
    /// Severities it carries.
    pub severities: Vec<Severity>,
    /// Whether it also carries the recovery of what it had announced.
    pub recoveries: bool,
}

/// Why an alert is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertReason {
    /// An incident opened.
    Opened,
    /// An open incident became worse.
    Worsened,
    /// Nothing more happens by itself: a person is needed.
    Escalated,
    /// Nobody acknowledged an escalation.
    Reminder,
    /// What was announced is over.
    Recovered,
    /// What was announced is over, and nothing says that it recovered: it is not asked any more, or judged by other limits.
    Ended,
    /// A target has been unknown for too long.
    UnknownTooLong,
    /// A target that was unknown is seen again.
    SeenAgain,
    /// The store does not accept writes.
    StoreDown,
    /// The store accepts writes again.
    StoreBack,
    /// Alerts do not reach people.
    NotGoingOut,
    /// Something would not do its part in the next emergency.
    NotReady,
    /// What would not have done its part would do it now.
    ReadyAgain,
    /// A fire drill tests the way.
    Drill,
    /// A fire drill found something that would fail in an emergency.
    DrillFailed,
    /// A fire drill found that what had failed would work.
    DrillPassed,
    /// A fire drill was due and was not held.
    DrillMissed,
    /// A person tests the way.
    Test,
}

impl AlertReason {
    /// Stable name for keys, filters and interfaces.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worsened => "worsened",
            Self::Escalated => "escalated",
            Self::Reminder => "reminder",
            Self::Recovered => "recovered",
            Self::Ended => "ended",
            Self::UnknownTooLong => "unknown_too_long",
            Self::SeenAgain => "seen_again",
            Self::StoreDown => "store_down",
            Self::StoreBack => "store_back",
            Self::NotGoingOut => "not_going_out",
            Self::NotReady => "not_ready",
            Self::ReadyAgain => "ready_again",
            Self::Drill => "drill",
            Self::DrillFailed => "drill_failed",
            Self::DrillPassed => "drill_passed",
            Self::DrillMissed => "drill_missed",
            Self::Test => "test",
        }
    }

    /// Whether it tells the end of something, however that came.
    #[must_use]
    pub const fn is_end(self) -> bool {
        self.is_recovery() || matches!(self, Self::Ended)
    }

    /// Whether it tells that something is good again.
    #[must_use]
    pub const fn is_recovery(self) -> bool {
        matches!(
            self,
            Self::Recovered | Self::SeenAgain | Self::StoreBack | Self::ReadyAgain | Self::DrillPassed
        )
    }
}

/// One message to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// Why.
    pub reason: AlertReason,
    /// How bad.
    pub severity: Severity,
    /// About whom; `None`: Rebound itself.
    pub target: Option<TargetId>,
    /// About which incident.
    pub incident: Option<IncidentId>,
    /// When it was raised.
    pub at: Timestamp,
    /// Its contents.
    pub message: Message,
    /// What became of it on each channel.
    pub deliveries: BTreeMap<String, DeliveryState>,
    /// Who said that he has seen it.
    pub acknowledged: Option<Signature>,
    /// When what it tells of ended.
    pub resolved_at: Option<Timestamp>,
}

/// The contents of an alert, without form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// One line: severity and target are put before it by the channel.
    pub title: String,
    /// Name of the target for people.
    pub about: String,
    /// Facts as label and value, in reading order.
    pub facts: Vec<(String, String)>,
    /// What to do now, if anything.
    pub advice: Option<String>,
    /// Where to look.
    pub link: Option<String>,
}

/// What became of an alert on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryState {
    /// Being sent, or to be sent again at the time.
    Pending {
        /// Tries begun so far.
        attempts: u32,
        /// When it is tried again; while a try is under way, when that counts as lost.
        next_at: Option<Timestamp>,
        /// Why the last try failed.
        error: Option<String>,
    },
    /// Taken over by the other side.
    Delivered {
        /// When.
        at: Timestamp,
        /// Tries it took.
        attempts: u32,
    },
    /// Given up.
    GaveUp {
        /// When.
        at: Timestamp,
        /// Tries made.
        attempts: u32,
        /// Why the last failed.
        error: String,
    },
    /// Not tried any more, because what it was about was over. Whether it would have arrived is not known.
    CalledOff {
        /// When.
        at: Timestamp,
        /// Tries begun.
        attempts: u32,
        /// Why the last failed, if one did.
        error: Option<String>,
    },
}

/// An order to bring one alert to one channel, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRequest {
    /// The alert.
    pub alert: Alert,
    /// The channel's name.
    pub channel: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When the result must be back.
    pub deadline: Timestamp,
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryReport {
    /// The alert.
    pub alert: AlertId,
    /// The channel's name.
    pub channel: String,
    /// How it went.
    pub result: DeliveryResult,
}

/// How one try to deliver went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryResult {
    /// The other side took it.
    Delivered,
    /// It may work later.
    Retry(String),
    /// It will never work like this.
    Permanent(String),
}

/// Waits before the second and later tries; after the last of them a delivery is given up.
pub const RETRY_AFTER: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(60 * 60),
];

/// Longest time for one try.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// What makes two alerts the same for the cooldown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlertKey {
    /// About whom.
    pub target: Option<TargetId>,
    /// Why, and of which cause.
    pub reason: String,
    /// How bad.
    pub severity: Severity,
}

impl fmt::Display for AlertKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.as_ref().map_or("rebound", TargetId::as_str);
        write!(f, "{target}/{}/{}", self.reason, self.severity)
    }
}

/// When each key was last told. Bounded by targets times reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLog {
    told: Vec<(AlertKey, Timestamp)>,
}

/// Most keys remembered; beyond it the oldest is forgotten, which can only cause a repeated alert.
const KEYS_MAX: usize = 10_000;

impl DeliveryState {
    /// What is to be tried again after `now` is tried now: the clock was set back.
    pub(crate) fn set_back(&mut self, now: Timestamp) {
        if let Self::Pending { next_at: Some(at), .. } = self {
            *at = (*at).min(now);
        }
    }
}

impl AlertLog {
    /// Nothing was told after `now`: the clock was set back.
    pub(crate) fn set_back(&mut self, now: Timestamp) {
        self.told.iter_mut().for_each(|(_, at)| *at = (*at).min(now));
    }

    /// Remembers what `other` told about targets that are `meant`.
    pub(crate) fn take_over(&mut self, other: &Self, meant: impl Fn(&TargetId) -> bool) {
        for (key, at) in other.told.iter().filter(|(key, _)| key.target.as_ref().is_some_and(&meant)) {
            let has_room = self.told.len() < KEYS_MAX;
            match self.told.iter_mut().find(|(told, _)| told == key) {
                Some((_, known)) => *known = (*known).max(*at),
                None if has_room => self.told.push((key.clone(), *at)),
                None => {}
            }
        }
    }

    /// Whether `key` may be told at `now`; notes it as told if so.
    #[must_use]
    pub fn may_tell(&mut self, key: AlertKey, cooldown: Duration, now: Timestamp) -> bool {
        if let Some((_, at)) = self.told.iter_mut().find(|(told, _)| *told == key) {
            if now.since(*at) < cooldown {
                return false;
            }
            *at = now;
            return true;
        }
        self.told.retain(|(_, at)| now.since(*at) < cooldown);
        if self.told.len() >= KEYS_MAX {
            self.told.remove(0);
        }
        self.told.push((key, now));
        true
    }
}

impl AlertPolicy {
    /// Channels that carry an alert of this severity. `announced` names those that told of the beginning.
    #[must_use]
    pub fn channels_for(&self, severity: Severity, reason: AlertReason, announced: &[String]) -> Vec<String> {
        // A drill tests the ways of an emergency.
        let severity = if reason == AlertReason::Drill { Severity::Critical } else { severity };
        self.channels
            .iter()
            .filter(|channel| {
                reason == AlertReason::Test
                    || channel.severities.contains(&severity)
                    || (reason.is_end() && channel.recoveries && announced.contains(&channel.name))
            })
            .map(|channel| channel.name.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AlertKey {
        AlertKey { target: None, reason: String::from("test"), severity: Severity::Warning }
    }

    #[test]
    fn the_same_reason_is_told_again_only_after_the_cooldown() {
        let mut log = AlertLog::default();
        let cooldown = Duration::from_secs(1_800);
        let start = Timestamp::from_ms(0);
        assert!(log.may_tell(key(), cooldown, start));
        assert!(!log.may_tell(key(), cooldown, start.after(Duration::from_secs(1_799))));
        assert!(log.may_tell(key(), cooldown, start.after(cooldown)));
    }

    #[test]
    fn a_higher_severity_is_never_held_back() {
        let mut log = AlertLog::default();
        let start = Timestamp::from_ms(0);
        assert!(log.may_tell(key(), Duration::from_secs(1_800), start));
        let worse = AlertKey { severity: Severity::Critical, ..key() };
        assert!(log.may_tell(worse, Duration::from_secs(1_800), start));
    }

    #[test]
    fn a_recovery_follows_the_channels_that_announced_the_trouble() {
        let policy = AlertPolicy {
            channels: alloc::vec![ChannelSpec {
                name: String::from("email"),
                severities: alloc::vec![Severity::Critical],
                recoveries: true,
            }],
            ..AlertPolicy::default()
        };
        let told = [String::from("email")];
        assert_eq!(policy.channels_for(Severity::Info, AlertReason::Recovered, &told).len(), 1);
        assert_eq!(policy.channels_for(Severity::Info, AlertReason::Recovered, &[]).len(), 0);
    }
}
