//! `[targets.thresholds]`: where a number becomes trouble.
//!
//! Only bridges have accounts and a clock of their own; an endpoint that is given a threshold of these is told so.

use std::time::Duration;

use rebound::target::Thresholds;
use serde::Deserialize;

use super::Problems;
use super::span::{DAY, HOUR, SECOND, Span, within};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdsSection {
    fresh_age_max: Option<Span>,
    sync_window: Option<Span>,
    sync_share_min: Option<u8>,
    sync_share_good: Option<u8>,
    sync_share_critical: Option<u8>,
    zero_accounts_min: Option<u32>,
    clock_skew_max: Option<Span>,
    successes_to_close: Option<u32>,
    unknown_alert_after: Option<Span>,
    flap_incidents: Option<u32>,
    flap_hold: Option<Span>,
}

/// Most failures or successes in a row that may be asked for.
const ROW_MAX: u32 = 100;
/// Fewest incidents an hour that may count as flapping: one is no repetition.
const FLAP_MIN: u32 = 2;
/// How far above `sync_share_min` a failure of it ends by default, in percent.
const SHARE_GAP: u8 = 10;
/// Most percent.
const WHOLE: u8 = 100;

impl ThresholdsSection {
    /// The keys that are given and make sense for bridges only.
    pub(crate) fn of_bridges(&self) -> Vec<&'static str> {
        let keys = [
            ("fresh_age_max", self.fresh_age_max.is_some()),
            ("sync_window", self.sync_window.is_some()),
            ("sync_share_min", self.sync_share_min.is_some()),
            ("sync_share_good", self.sync_share_good.is_some()),
            ("sync_share_critical", self.sync_share_critical.is_some()),
            ("zero_accounts_min", self.zero_accounts_min.is_some()),
            ("clock_skew_max", self.clock_skew_max.is_some()),
        ];
        keys.into_iter().filter_map(|(key, given)| given.then_some(key)).collect()
    }

    /// The thresholds; what is not given has its default.
    pub(crate) fn check(&self, at: &str, problems: &mut Problems) -> Thresholds {
        let default = Thresholds::default();
        let key = |name: &str| format!("{at}: thresholds.{name}");
        let mut span =
            |name: &str, given: Option<Span>, default: Duration, least: Duration, most: Duration| {
                within(&key(name), given, default, least, most, problems)
            };
        let fresh_age_max =
            span("fresh_age_max", self.fresh_age_max, default.fresh_age_max, SECOND * 10, DAY);
        let sync_window = span("sync_window", self.sync_window, default.sync_window, SECOND * 10, DAY);
        let clock_skew_max =
            span("clock_skew_max", self.clock_skew_max, default.clock_skew_max, SECOND, HOUR);
        let unknown_alert_after = span(
            "unknown_alert_after",
            self.unknown_alert_after,
            default.unknown_alert_after,
            SECOND * 30,
            DAY,
        );
        let flap_hold = span("flap_hold", self.flap_hold, default.flap_hold, SECOND * 10, DAY);
        let mut number = |name: &str, given: Option<u32>, default: u32, least: u32| {
            count(&key(name), given, default, least, problems)
        };
        let successes_to_close =
            number("successes_to_close", self.successes_to_close, default.successes_to_close, 1);
        let flap_incidents = number("flap_incidents", self.flap_incidents, default.flap_incidents, FLAP_MIN);
        let zero_accounts_min = self.zero_accounts_min.unwrap_or(default.zero_accounts_min);
        let shares = self.shares(at, &default, problems);
        Thresholds {
            fresh_age_max,
            sync_window,
            sync_share_min: shares.least,
            sync_share_good: shares.good,
            sync_share_critical: shares.critical,
            zero_accounts_min,
            clock_skew_max,
            successes_to_close,
            unknown_alert_after,
            flap_incidents,
            flap_hold,
        }
    }

    fn shares(&self, at: &str, default: &Thresholds, problems: &mut Problems) -> Shares {
        let key = |name: &str| format!("{at}: thresholds.{name}");
        let least = percent(&key("sync_share_min"), self.sync_share_min, default.sync_share_min, problems);
        let good = least.saturating_add(SHARE_GAP).min(WHOLE);
        let good = percent(&key("sync_share_good"), self.sync_share_good, good, problems);
        let critical = default.sync_share_critical.min(least);
        let critical = percent(&key("sync_share_critical"), self.sync_share_critical, critical, problems);
        if critical > least {
            let what = format!("sync_share_critical = {critical} is above sync_share_min = {least}");
            let help = "Make it at most as large as sync_share_min.";
            problems.add(&key("sync_share_critical"), &what, help);
        }
        if good < least && least <= WHOLE {
            let what = format!("sync_share_good = {good} is below sync_share_min = {least}");
            problems.add(&key("sync_share_good"), &what, "Make it at least as large as sync_share_min.");
        }
        Shares { least, good, critical }
    }
}

/// Shares in percent.
struct Shares {
    least: u8,
    good: u8,
    critical: u8,
}

fn percent(key: &str, value: Option<u8>, default: u8, problems: &mut Problems) -> u8 {
    let value = value.unwrap_or(default);
    if value > WHOLE {
        problems.add(key, &format!("= {value} is outside of 0 to {WHOLE}"), "Give a share in percent.");
    }
    value
}

/// A number of things in a row, or its default; a problem if it is outside of `least` to [`ROW_MAX`].
pub(crate) fn count(key: &str, value: Option<u32>, default: u32, least: u32, problems: &mut Problems) -> u32 {
    let value = value.unwrap_or(default);
    if value < least || value > ROW_MAX {
        let what = format!("= {value} is outside of {least} to {ROW_MAX}");
        problems.add(key, &what, "Give a number within the range.");
    }
    value
}
