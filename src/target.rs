//! What is watched, and by which settings.
//!
//! Holds no secrets and no addresses that act: those live with the adapters, under the same [`TargetId`] and action name.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::AlertPolicy;
use crate::calendar::Calendar;
use crate::check::CheckSpec;
use crate::heal::HealPolicy;
use crate::ids::{AccountId, TargetId};
use crate::time::duration_ms;

/// Everything the core must know to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// What is watched. Ids are unique.
    pub targets: Vec<TargetSpec>,
    /// Who is told what, and how often.
    pub alerts: AlertPolicy,
    /// How Rebound finds out that its own network is gone.
    pub own_network: OwnNetworkSpec,
}

/// One bridge with its accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetSpec {
    /// Its name in addresses and logs.
    pub id: TargetId,
    /// Its name for people.
    pub name: String,
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
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            fresh_age_max: Duration::from_secs(15 * 60),
            sync_window: Duration::from_secs(15 * 60),
            sync_share_min: 50,
            sync_share_critical: 20,
            zero_accounts_min: 3,
            clock_skew_max: Duration::from_secs(60),
            successes_to_close: 2,
            unknown_alert_after: Duration::from_secs(15 * 60),
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
}

impl Default for OwnNetworkSpec {
    fn default() -> Self {
        Self { watched: false, interval: Duration::from_secs(30), timeout: Duration::from_secs(3) }
    }
}
