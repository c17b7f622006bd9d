//! The numbers that are kept of what was seen, and the form in which they are shown.
//!
//! Only what was truly read is a number: a placeholder, the data of another account and silence that may be Rebound's own give
//! none. Nothing is interpolated; where nothing was read there is a gap.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::{AccountsReading, Observation, ProbeOutcome};
use crate::ids::{AccountId, TargetId};
use crate::target::{TargetKind, TargetSpec};
use crate::time::Timestamp;
use crate::uptime::UptimeFigures;
use crate::verdict::{AccountFigures, AccountMemory, AccountStanding};

/// Most accounts of one target whose balance and equity are kept, in the order in which they are expected.
pub const ACCOUNTS_KEPT_MAX: usize = 200;

/// One row of numbers of a target over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Series {
    /// How long an answer took.
    ResponseTime,
    /// Share of questions that were answered.
    Answered,
    /// Age of the newest account read, beside the age at which it becomes trouble.
    ReadAge,
    /// Share of expected accounts that sync, beside the share below which it becomes trouble.
    SyncShare,
    /// Balance of an account.
    Balance(AccountId),
    /// Equity of an account.
    Equity(AccountId),
}

/// What the numbers of a series count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    Seconds,
    /// Percent.
    Percent,
    /// Money, in the currency of the account: it has a last, a lowest and a highest value, and no mean.
    Money,
}

const BALANCE: &str = "balance.";
const EQUITY: &str = "equity.";

impl Series {
    /// Those of a target as a whole.
    pub const OF_TARGET: [Self; 4] = [Self::ResponseTime, Self::Answered, Self::ReadAge, Self::SyncShare];

    /// What its numbers count.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::ResponseTime => Unit::Ms,
            Self::ReadAge => Unit::Seconds,
            Self::Answered | Self::SyncShare => Unit::Percent,
            Self::Balance(_) | Self::Equity(_) => Unit::Money,
        }
    }

    /// Whether percentiles are kept of it.
    #[must_use]
    pub const fn has_percentiles(self) -> bool {
        matches!(self, Self::ResponseTime)
    }
}

impl fmt::Display for Series {
    /// Its name in addresses and stores: `response_time`, `balance.1000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseTime => f.write_str("response_time"),
            Self::Answered => f.write_str("answered"),
            Self::ReadAge => f.write_str("read_age"),
            Self::SyncShare => f.write_str("sync_share"),
            Self::Balance(account) => write!(f, "{BALANCE}{account}"),
            Self::Equity(account) => write!(f, "{EQUITY}{account}"),
        }
    }
}

/// Why a text names no series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no series: it is one of response_time, answered, read_age, sync_share, balance.ACCOUNT and equity.ACCOUNT"
)]
pub struct NoSeries(String);

/// Longest text that is repeated in an error.
const SHOWN_MAX: usize = 40;

impl FromStr for Series {
    type Err = NoSeries;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let account = |prefix: &str| {
            let number = text.strip_prefix(prefix)?;
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|_| digits).map(AccountId::new)
        };
        Self::OF_TARGET
            .into_iter()
            .find(|series| series.to_string() == text)
            .or_else(|| account(BALANCE).map(Self::Balance))
            .or_else(|| account(EQUITY).map(Self::Equity))
            .ok_or_else(|| NoSeries(text.chars().take(SHOWN_MAX).collect()))
    }
}

impl TryFrom<String> for Series {
    type Error = NoSeries;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.to_string()
    }
}

/// One number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Of which series.
    pub series: Series,
    /// The number, in the series' unit. Money is the very number that was read.
    pub value: f64,
    /// Where it becomes trouble, by the settings of its time.
    pub limit: Option<f64>,
}

/// Whose a silence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The target's: it was asked and did not answer.
    Targets,
    /// Perhaps Rebound's own: nobody knows whether the target would have answered.
    NotKnown,
}

/// An observation with what its judges made of it.
#[derive(Clone, Debug)]
pub struct Witnessed<'a> {
    /// The target's settings.
    pub spec: &'a TargetSpec,
    /// What was seen.
    pub seen: &'a Observation,
    /// What is remembered of the accounts, `seen` included.
    pub memory: &'a AccountMemory,
    /// What is told of the accounts; `None` where they are not told, or their times cannot be trusted.
    pub accounts: Option<AccountFigures>,
    /// Whose a silence is.
    pub silence: Silence,
    /// When it was judged.
    pub now: Timestamp,
}

/// The numbers in an observation.
#[must_use]
pub fn samples(witnessed: &Witnessed<'_>) -> Vec<Sample> {
    let mut samples = Vec::new();
    answer(witnessed, &mut samples);
    if let Some(figures) = witnessed.accounts {
        let limits = &witnessed.spec.thresholds;
        if let Some(age) = figures.newest_age {
            let limit = Some(limits.fresh_age_max.as_secs_f64());
            samples.push(Sample { series: Series::ReadAge, value: age.as_secs_f64(), limit });
        }
        if let Some((read, expected)) = figures.synced {
            let limit = Some(f64::from(limits.sync_share_min));
            let value = f64::from(read) * 100.0 / f64::from(expected);
            samples.push(Sample { series: Series::SyncShare, value, limit });
        }
        money(witnessed, &mut samples);
    }
    samples
}

fn answer(witnessed: &Witnessed<'_>, samples: &mut Vec<Sample>) {
    let answered = |value| Sample { series: Series::Answered, value, limit: None };
    match &witnessed.seen.outcome {
        ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_) => {
            let limit = match &witnessed.spec.kind {
                TargetKind::Endpoint(spec) => Some(ms(spec.latency_warning)),
                TargetKind::Bridge => None,
            };
            let value = f64::from(witnessed.seen.latency_ms);
            samples.push(Sample { series: Series::ResponseTime, value, limit });
            samples.push(answered(100.0));
        }
        // What arrived is not an answer.
        ProbeOutcome::BadAnswer(_) | ProbeOutcome::WrongService { .. } => samples.push(answered(0.0)),
        ProbeOutcome::NoAnswer(_) => match witnessed.silence {
            Silence::Targets => samples.push(answered(0.0)),
            Silence::NotKnown => {}
        },
        ProbeOutcome::Beacons { .. } | ProbeOutcome::NotAsked(_) => {}
    }
}

/// The balances and equities that were read within the time in which an account counts as syncing. An older read says what was,
/// not what is.
fn money(witnessed: &Witnessed<'_>, samples: &mut Vec<Sample>) {
    let ProbeOutcome::Bridge(reading) = &witnessed.seen.outcome else { return };
    let AccountsReading::Listed(_) = &reading.accounts else { return };
    let memory = witnessed.memory;
    let is_read = |standing: &AccountStanding| matches!(standing, AccountStanding::Read);
    let read: BTreeSet<AccountId> =
        memory.listed.iter().filter(|(_, _, standing)| is_read(standing)).map(|(id, _, _)| *id).collect();
    let window = witnessed.spec.thresholds.sync_window;
    for account in memory.expected(&witnessed.spec.accounts).iter().take(ACCOUNTS_KEPT_MAX) {
        let Some(held) = memory.reads.get(&account.id).filter(|_| read.contains(&account.id)) else {
            continue;
        };
        if witnessed.now.since(held.read_at) > window {
            continue;
        }
        let of = |series, value| Sample { series, value, limit: None };
        samples.push(of(Series::Balance(account.id), held.balance.value()));
        if let Some(equity) = held.equity {
            samples.push(of(Series::Equity(account.id), equity.value()));
        }
    }
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// A series between two times, as it is shown: every bucket of the time is there, and one in which nothing was read says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesView {
    /// Of which target.
    pub target: TargetId,
    /// Which.
    pub series: Series,
    /// What its numbers count.
    pub unit: Unit,
    /// Beginning of the first bucket.
    pub from: Timestamp,
    /// End of the last bucket.
    pub to: Timestamp,
    /// How long each bucket is.
    pub bucket_ms: u64,
    /// The buckets, in the order of time, without a hole between them.
    pub buckets: Vec<Bucket>,
}

/// The numbers of a stretch of time. Where nothing was read, `count` is 0 and everything else is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its beginning.
    pub at: Timestamp,
    /// How often it was read.
    pub count: u64,
    /// The lowest.
    pub min: Option<f64>,
    /// The highest.
    pub max: Option<f64>,
    /// The mean; never of money.
    pub mean: Option<f64>,
    /// The last.
    pub last: Option<f64>,
    /// Half of them were at most so high. Within 1 %.
    pub p50: Option<f64>,
    /// 95 of 100 of them were at most so high. Within 1 %.
    pub p95: Option<f64>,
    /// Where it became trouble, by the settings of that time.
    pub limit: Option<f64>,
}

impl Bucket {
    /// Whether nothing was read in it.
    #[must_use]
    pub const fn is_gap(&self) -> bool {
        self.count == 0
    }
}

/// How targets were, day by day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeDays {
    /// Beginning of the first day, in UTC.
    pub from: Timestamp,
    /// End of the last day. The last day is the present one, and goes on.
    pub to: Timestamp,
    /// The targets, in the order of the board.
    pub targets: Vec<TargetDays>,
}

/// How a target was, day by day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetDays {
    /// Which.
    pub target: TargetId,
    /// Its name for people.
    pub name: String,
    /// All of its days together.
    pub figures: UptimeFigures,
    /// Share of the known, charged time that was up or degraded, in hundredths of a percent, rounded down. `None` where nothing
    /// was known.
    pub up_share: Option<u32>,
    /// Every day of the time, oldest first. One on which nobody watched has no time in any state.
    pub days: Vec<DayUptime>,
}

/// How a target was on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUptime {
    /// Beginning of the day, in UTC.
    pub day: Timestamp,
    /// Time in each state. What is missing to the whole day was not watched, or is still to come.
    pub figures: UptimeFigures,
    /// As for all days together.
    pub up_share: Option<u32>,
}

/// How the keeping of the history fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryState {
    /// When something was last written.
    pub written_at: Option<Timestamp>,
    /// Since when it cannot be written, and why, if so.
    pub fails: Option<(Timestamp, String)>,
    /// Observations that nobody had the time to take in.
    pub observations_lost: u64,
    /// Numbers that were left out because there were too many series at once.
    pub samples_lost: u64,
    /// Hours, days and recordings that were dropped because the history could not be written for so long.
    pub rows_lost: u64,
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
