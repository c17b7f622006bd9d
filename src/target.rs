//! What is watched, and by which settings.
//!
//! Holds no secrets and no addresses that act: those live with the adapters, under the same [`TargetId`] and action name.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::AlertPolicy;
use crate::calendar::Calendar;
use crate::check::{CheckId, CheckSpec};
use crate::drill::DrillPolicy;
use crate::heal::HealPolicy;
use crate::ids::{AccountId, TargetId};
use crate::maintenance::Window;
use crate::readiness::ReadinessSpec;
use crate::time::duration_ms;
use crate::word::Word;

/// Everything the core must know to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// What is watched. Ids are unique.
    pub targets: Vec<TargetSpec>,
    /// Who is told what, and how often.
    pub alerts: AlertPolicy,
    /// How Rebound finds out that its own network is gone.
    pub own_network: OwnNetworkSpec,
    /// Planned work.
    pub maintenance: Vec<Window>,
    /// How it is found out whether Rebound is ready for an emergency.
    #[serde(default)]
    pub readiness: ReadinessSpec,
    /// When emergencies are rehearsed, and of what.
    #[serde(default)]
    pub drills: DrillPolicy,
}

/// One thing watched as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetSpec {
    /// Its name in addresses and logs.
    pub id: TargetId,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Targets that must work for this one to work. No circle leads back.
    pub depends_on: Vec<TargetId>,
    /// When its markets are open.
    pub calendar: Calendar,
    /// How often it is asked.
    pub watch: WatchSpec,
    /// Which way leads to it.
    pub reach: Reach,
    /// Accounts that must be read. Empty: every account the bridge lists.
    pub accounts: Vec<ExpectedAccount>,
    /// The questions asked of it.
    pub checks: Vec<CheckSpec>,
    /// Where a number becomes trouble.
    pub thresholds: Thresholds,
    /// What may be done about trouble.
    pub heal: HealPolicy,
}

/// What a target is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A bridge with its accounts.
    Bridge,
    /// Any other service.
    Endpoint(EndpointSpec),
}

/// A service that is no bridge, and what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSpec {
    /// How it is asked.
    pub way: EndpointWay,
    /// Statuses of a good HTTP answer. Empty: 200 to 299.
    pub statuses: Vec<u16>,
    /// Text that must stand in the body of a good answer.
    pub text: Option<String>,
    /// An answer slower than this is worth a warning.
    #[serde(with = "duration_ms")]
    pub latency_warning: Duration,
    /// A warning ends when answers are faster than this; at most `latency_warning`.
    #[serde(with = "duration_ms")]
    pub latency_good: Duration,
    /// An answer slower than this is critical.
    #[serde(with = "duration_ms")]
    pub latency_critical: Duration,
    /// A certificate that ends sooner than this is worth a warning; one that has ended is critical.
    #[serde(with = "duration_ms")]
    pub certificate_warning: Duration,
}

/// How an endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointWay {
    /// A `GET` over HTTP or HTTPS.
    Http,
    /// A bare connect.
    Tcp,
    /// The `hello` command of MongoDB.
    Mongodb,
}

impl EndpointSpec {
    /// The defaults of a way.
    #[must_use]
    pub fn new(way: EndpointWay) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3_600);
        Self {
            way,
            statuses: Vec::new(),
            text: None,
            latency_warning: Duration::from_secs(2),
            latency_good: Duration::from_millis(1_500),
            latency_critical: Duration::from_secs(4),
            certificate_warning: DAY * 21,
        }
    }
}

impl TargetKind {
    /// The questions asked of it.
    #[must_use]
    pub const fn checks(&self) -> &'static [CheckId] {
        match self {
            Self::Bridge => &CheckId::BRIDGE,
            Self::Endpoint(spec) => match spec.way {
                EndpointWay::Http => {
                    &[CheckId::EndpointHttp, CheckId::EndpointLatency, CheckId::EndpointCertificate]
                }
                EndpointWay::Tcp => &[CheckId::EndpointTcp, CheckId::EndpointLatency],
                EndpointWay::Mongodb => &[CheckId::EndpointMongodb, CheckId::EndpointLatency],
            },
        }
    }

    /// What it is called in sentences about it.
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Endpoint(spec) => match spec.way {
                EndpointWay::Http | EndpointWay::Tcp => "endpoint",
                EndpointWay::Mongodb => "database",
            },
        }
    }
}

impl TargetSpec {
    /// A bridge with every check and every default: no remedy, no calendar, over the network.
    #[must_use]
    pub fn bridge(id: TargetId) -> Self {
        Self::new(id, TargetKind::Bridge)
    }

    /// A target with every check of its kind and every default.
    #[must_use]
    pub fn new(id: TargetId, kind: TargetKind) -> Self {
        Self {
            name: String::from(id.as_str()),
            id,
            depends_on: Vec::new(),
            calendar: Calendar::always(),
            watch: WatchSpec::default(),
            reach: Reach::Network,
            accounts: Vec::new(),
            checks: kind.checks().iter().map(|check| check.default_spec()).collect(),
            thresholds: Thresholds::default(),
            heal: HealPolicy::default(),
            kind,
        }
    }
}

/// How often a target is asked, and how long an answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSpec {
    /// From one question to the next while all is well.
    #[serde(with = "duration_ms")]
    pub interval: Duration,
    /// From one question to the next while a failure is unconfirmed or a recovery unproven.
    #[serde(with = "duration_ms")]
    pub retry_every: Duration,
    /// Longest time from the question to the last byte of the answer.
    #[serde(with = "duration_ms")]
    pub timeout: Duration,
}

/// Which way leads from Rebound to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Over the network: if Rebound's own network is gone, silence says nothing about the target.
    Network,
    /// On the same machine: silence is the target's own.
    Loopback,
}

/// An account that must be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedAccount {
    /// Its login number.
    pub id: AccountId,
    /// Its name for people.
    pub name: Option<String>,
    /// Whether a balance of zero is its ordinary state.
    pub reserve: bool,
    /// The broker's server that it must be read from, where that is to be checked.
    pub server: Option<Word>,
    /// The currency that it must be in, where that is to be checked.
    pub currency: Option<Word>,
    /// When its own markets are open; `None`: as the target's.
    pub calendar: Option<Box<Calendar>>,
}

impl ExpectedAccount {
    /// An account of which nothing but its number is expected.
    #[must_use]
    pub const fn numbered(id: AccountId) -> Self {
        Self { id, name: None, reserve: false, server: None, currency: None, calendar: None }
    }
}

/// Where a number becomes trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Largest age of the newest account read.
    #[serde(with = "duration_ms")]
    pub fresh_age_max: Duration,
    /// An account counts as syncing if it was read within this time.
    #[serde(with = "duration_ms")]
    pub sync_window: Duration,
    /// Least share of expected accounts that sync, in percent.
    pub sync_share_min: u8,
    /// Share from which on a failure of `sync_share_min` is over, in percent; at least `sync_share_min`.
    pub sync_share_good: u8,
    /// Share under which one observation is enough, in percent.
    pub sync_share_critical: u8,
    /// Least number of accounts (reserve left out) for "all are zero" to mean anything.
    pub zero_accounts_min: u32,
    /// Largest believable lead of the bridge's clock over ours.
    #[serde(with = "duration_ms")]
    pub clock_skew_max: Duration,
    /// Good observations in a row that prove a recovery.
    pub successes_to_close: u32,
    /// How long a target may stay unknown before people are told.
    #[serde(with = "duration_ms")]
    pub unknown_alert_after: Duration,
    /// Incidents within an hour from which on the target is flapping: the last stays open until it was good for `flap_hold`.
    pub flap_incidents: u32,
    /// How long a flapping target must be good until its incident closes.
    #[serde(with = "duration_ms")]
    pub flap_hold: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            fresh_age_max: Duration::from_secs(15 * 60),
            sync_window: Duration::from_secs(15 * 60),
            sync_share_min: 50,
            sync_share_good: 60,
            sync_share_critical: 20,
            zero_accounts_min: 3,
            clock_skew_max: Duration::from_secs(60),
            successes_to_close: 2,
            unknown_alert_after: Duration::from_secs(15 * 60),
            flap_incidents: 3,
            flap_hold: Duration::from_secs(10 * 60),
        }
    }
}

impl Default for WatchSpec {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(10),
            retry_every: Duration::from_secs(5),
            timeout: Duration::from_secs(5),
        }
    }
}

/// How Rebound finds out that its own network is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNetworkSpec {
    /// Whether beacons are configured. Without them a silent target is believed to be silent.
    pub watched: bool,
    /// How often the beacons are asked.
    #[serde(with = "duration_ms")]
    pub interval: Duration,
    /// Longest time for all beacons to answer.
    #[serde(with = "duration_ms")]
    pub timeout: Duration,
    /// Largest difference between our clock and what others tell in `Date` headers that is believed to be theirs.
    #[serde(with = "duration_ms")]
    pub clock_skew_max: Duration,
    /// Longest lag of Rebound's own loop during which silence of others is believed.
    #[serde(with = "duration_ms")]
    pub lag_max: Duration,
}

impl Default for OwnNetworkSpec {
    fn default() -> Self {
        Self {
            watched: false,
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(3),
            clock_skew_max: Duration::from_secs(60),
            lag_max: Duration::from_secs(2),
        }
    }
}
