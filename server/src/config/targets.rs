//! `[[targets]]`: what is watched, and by which settings.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use rebound::calendar::Calendar;
use rebound::check::{CheckId, CheckSpec};
use rebound::heal::HealPolicy;
use rebound::ids::{AccountId, TargetId};
use rebound::target::{ExpectedAccount, Reach, TargetSpec, Thresholds, WatchSpec};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::Problems;
use super::heal::{HealSection, Remedies, RemedySettings};
use super::secret::{SecretSource, Secrets};
use super::span::{Span, within};

/// What core and adapters are told of one target.
#[derive(Debug)]
pub struct TargetSettings {
    /// For the core.
    pub spec: TargetSpec,
    /// Address of the bridge.
    pub url: Url,
    /// Name of a built-in dialect, or path of a dialect file (ending in `.toml`).
    pub dialect: String,
    /// The bridge's key.
    pub key: Option<SecretString>,
    /// What its remedies do.
    pub remedies: Vec<RemedySettings>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetSection {
    id: String,
    name: Option<String>,
    url: String,
    dialect: Option<String>,
    key: Option<SecretSource>,
    calendar: Option<Calendar>,
    interval: Option<Span>,
    retry_every: Option<Span>,
    timeout: Option<Span>,
    #[serde(default)]
    accounts: Vec<AccountSection>,
    #[serde(default)]
    thresholds: ThresholdsSection,
    #[serde(default)]
    checks: BTreeMap<CheckId, CheckSection>,
    #[serde(default)]
    heal: HealSection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountSection {
    id: u64,
    name: Option<String>,
    #[serde(default)]
    reserve: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdsSection {
    fresh_age_max: Option<Span>,
    sync_window: Option<Span>,
    sync_share_min: Option<u8>,
    sync_share_critical: Option<u8>,
    zero_accounts_min: Option<u32>,
    clock_skew_max: Option<Span>,
    successes_to_close: Option<u32>,
    unknown_alert_after: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckSection {
    enabled: Option<bool>,
    failures: Option<u32>,
    market_hours: Option<bool>,
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Most failures or successes in a row that may be asked for.
const ROW_MAX: u32 = 100;

pub(crate) fn check(
    index: usize,
    section: TargetSection,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<TargetSettings> {
    let at = format!("targets[{index}] \"{}\"", section.id);
    let id = match TargetId::try_new(&section.id) {
        Ok(id) => Some(id),
        Err(error) => {
            problems.add(
                &format!("{at}: id"),
                &error.to_string(),
                "Choose a short name in small letters, e.g. \"mt5\".",
            );
            None
        }
    };
    let url = super::parse_url(&format!("{at}: url"), &section.url, problems);
    let watch = watch(&at, &section, problems);
    let thresholds = thresholds(&at, &section.thresholds, problems);
    let checks = checks(&at, &section.checks, problems);
    let key = section.key.as_ref().and_then(|source| secrets.read(&format!("{at}: key"), source, problems));
    let Remedies { policy, settings } =
        super::heal::check(&at, section.heal, url.as_ref(), secrets, problems);
    let accounts = accounts(&at, &section.accounts, problems);
    let (id, url) = (id?, url?);
    let spec = TargetSpec {
        name: section.name.unwrap_or_else(|| id.to_string()),
        id,
        calendar: section.calendar.unwrap_or_default(),
        watch,
        reach: reach(&url),
        accounts,
        checks,
        thresholds,
        heal: HealPolicy { ladder: policy.ladder, budget: policy.budget, dry_run: policy.dry_run },
    };
    Some(TargetSettings {
        spec,
        url,
        dialect: dialect(section.dialect, secrets.folder),
        key,
        remedies: settings,
    })
}

/// A built-in dialect by name, or the path of a file, which starts where the configuration stands.
fn dialect(named: Option<String>, folder: &Path) -> String {
    match named {
        None => "f2".to_owned(),
        Some(file) if file.ends_with(".toml") => folder.join(file).display().to_string(),
        Some(name) => name,
    }
}

fn watch(at: &str, section: &TargetSection, problems: &mut Problems) -> WatchSpec {
    let default = WatchSpec::default();
    let key = |name: &str| format!("{at}: {name}");
    let watch = WatchSpec {
        interval: within(
            &key("interval"),
            section.interval,
            default.interval,
            SECOND,
            SECOND * 3_600,
            problems,
        ),
        retry_every: within(
            &key("retry_every"),
            section.retry_every,
            default.retry_every,
            SECOND,
            SECOND * 600,
            problems,
        ),
        timeout: within(
            &key("timeout"),
            section.timeout,
            default.timeout,
            SECOND / 10,
            SECOND * 60,
            problems,
        ),
    };
    if watch.timeout > watch.interval {
        let what = format!(
            "interval = \"{}\" is shorter than timeout = \"{}\"",
            humantime::format_duration(watch.interval),
            humantime::format_duration(watch.timeout)
        );
        problems.add(at, &what, "Make the interval longer, or lower the timeout.");
    }
    watch
}

fn thresholds(at: &str, section: &ThresholdsSection, problems: &mut Problems) -> Thresholds {
    let default = Thresholds::default();
    let key = |name: &str| format!("{at}: thresholds.{name}");
    let thresholds = Thresholds {
        fresh_age_max: within(
            &key("fresh_age_max"),
            section.fresh_age_max,
            default.fresh_age_max,
            SECOND * 10,
            DAY,
            problems,
        ),
        sync_window: within(
            &key("sync_window"),
            section.sync_window,
            default.sync_window,
            SECOND * 10,
            DAY,
            problems,
        ),
        sync_share_min: percent(
            &key("sync_share_min"),
            section.sync_share_min,
            default.sync_share_min,
            problems,
        ),
        sync_share_critical: percent(
            &key("sync_share_critical"),
            section.sync_share_critical,
            default.sync_share_critical,
            problems,
        ),
        zero_accounts_min: section.zero_accounts_min.unwrap_or(default.zero_accounts_min),
        clock_skew_max: within(
            &key("clock_skew_max"),
            section.clock_skew_max,
            default.clock_skew_max,
            SECOND,
            SECOND * 3_600,
            problems,
        ),
        successes_to_close: row(
            &key("successes_to_close"),
            section.successes_to_close,
            default.successes_to_close,
            problems,
        ),
        unknown_alert_after: within(
            &key("unknown_alert_after"),
            section.unknown_alert_after,
            default.unknown_alert_after,
            SECOND * 30,
            DAY,
            problems,
        ),
    };
    if thresholds.sync_share_critical > thresholds.sync_share_min {
        let what = format!(
            "sync_share_critical = {} is above sync_share_min = {}",
            thresholds.sync_share_critical, thresholds.sync_share_min
        );
        problems.add(&key("sync_share_critical"), &what, "Make it at most as large as sync_share_min.");
    }
    thresholds
}

fn checks(at: &str, sections: &BTreeMap<CheckId, CheckSection>, problems: &mut Problems) -> Vec<CheckSpec> {
    let mut checks = Vec::new();
    for id in CheckId::ALL {
        let default = id.default_spec();
        let Some(section) = sections.get(&id) else {
            checks.push(default);
            continue;
        };
        let key = format!("{at}: checks.\"{id}\".failures");
        if section.enabled.unwrap_or(true) {
            checks.push(CheckSpec {
                id,
                failures_to_open: row(&key, section.failures, default.failures_to_open, problems),
                market_hours: section.market_hours.unwrap_or(default.market_hours),
            });
        }
    }
    if checks.is_empty() {
        problems.add(at, "has every check switched off", "Leave at least \"bridge.reachable\" on.");
    }
    checks
}

fn accounts(at: &str, sections: &[AccountSection], problems: &mut Problems) -> Vec<ExpectedAccount> {
    let mut accounts: Vec<ExpectedAccount> = Vec::new();
    for section in sections {
        let id = AccountId::new(section.id);
        if accounts.iter().any(|account| account.id == id) {
            problems.add(
                &format!("{at}: accounts"),
                &format!("account {id} is listed twice"),
                "Remove one of the two.",
            );
        }
        accounts.push(ExpectedAccount { id, name: section.name.clone(), reserve: section.reserve });
    }
    accounts
}

/// Silence of a bridge on this machine is its own, whatever the network does.
fn reach(url: &Url) -> Reach {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if loopback { Reach::Loopback } else { Reach::Network }
}

fn percent(key: &str, value: Option<u8>, default: u8, problems: &mut Problems) -> u8 {
    let value = value.unwrap_or(default);
    if value > 100 {
        problems.add(key, &format!("= {value} is outside of 0 to 100"), "Give a share in percent.");
    }
    value
}

fn row(key: &str, value: Option<u32>, default: u32, problems: &mut Problems) -> u32 {
    let value = value.unwrap_or(default);
    if value == 0 || value > ROW_MAX {
        problems.add(
            key,
            &format!("= {value} is outside of 1 to {ROW_MAX}"),
            "Give a number within the range.",
        );
    }
    value
}
