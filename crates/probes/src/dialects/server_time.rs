//! How far the wall clock of a broker's server is from UTC.
//!
//! The terminal's interface cannot tell it, so whoever writes the dialect or the configuration must.

use rebound::calendar::{Zone, ZoneRule};
use serde::Deserialize;

use super::Problem;

/// As a dialect says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ServerTime {
    /// Always that many minutes ahead of UTC.
    Fixed { minutes: i32 },
    /// That many minutes ahead of New York: with seven hours the server's day ends at 17:00 there.
    NewYorkPlus { minutes: i32 },
}

/// UTC-12:00.
const FIXED_MIN: i32 = -12 * 60;
/// UTC+14:00, the largest offset in use.
const FIXED_MAX: i32 = 14 * 60;
/// No broker's server is behind New York.
const AHEAD_MIN: i32 = 0;
/// The largest offset in use, from New York in winter.
const AHEAD_MAX: i32 = 19 * 60;

impl ServerTime {
    /// The zone of the server.
    pub(crate) fn zone(self) -> Zone {
        match self {
            Self::Fixed { minutes } => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let name = format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
                Zone { name, rule: ZoneRule::Fixed(minutes) }
            }
            Self::NewYorkPlus { minutes } => {
                let name = format!("New York+{:02}:{:02}", minutes / 60, minutes % 60);
                Zone { name, rule: ZoneRule::NewYorkPlus(minutes) }
            }
        }
    }

    pub(super) fn problem(self) -> Option<Problem> {
        let (minutes, range) = match self {
            Self::Fixed { minutes } => (minutes, FIXED_MIN..=FIXED_MAX),
            Self::NewYorkPlus { minutes } => (minutes, AHEAD_MIN..=AHEAD_MAX),
        };
        (!range.contains(&minutes)).then(|| {
            (
                format!("server_time.minutes = {minutes} is outside of {} to {}", range.start(), range.end()),
                "Write how many minutes the server's clock is ahead: 120 for GMT+2, 420 for New York + 7 h.",
            )
        })
    }
}
