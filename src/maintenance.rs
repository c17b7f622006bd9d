//! Planned work: when nothing is healed and nothing is told, and uptime is not charged.
//!
//! Decides from the time handed in. What was asked for by a person lies beside what is configured.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Session, WeekSpan, Zone};
use crate::ids::TargetId;
use crate::time::Timestamp;

/// What planned work is called that nobody gave a name.
pub const UNNAMED: &str = "planned work";

/// One window of planned work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// What is done in it, for people.
    pub name: String,
    /// Whom it is about.
    pub scope: Scope,
    /// When.
    pub when: When,
    /// Who asked for it; `None`: it is configured.
    pub by: Option<String>,
}

/// Whom something is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every target.
    All,
    /// These.
    Targets(Vec<TargetId>),
}

impl Scope {
    /// One target, or all where none is named.
    #[must_use]
    pub fn of(target: Option<TargetId>) -> Self {
        target.map_or(Self::All, |id| Self::Targets(alloc::vec![id]))
    }

    /// Whether it is about `target`.
    #[must_use]
    pub fn has(&self, target: &TargetId) -> bool {
        match self {
            Self::All => true,
            Self::Targets(ids) => ids.contains(target),
        }
    }
}

/// When a window is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Once.
    Once {
        /// First moment.
        from: Timestamp,
        /// First moment after it.
        to: Timestamp,
    },
    /// Every week.
    Weekly {
        /// The zone of the stretches.
        zone: Zone,
        /// The stretches; at least one.
        spans: Vec<WeekSpan>,
    },
}

impl When {
    /// The end of the window, if `now` lies in it.
    #[must_use]
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Once { from, to } => (*from <= now && now < *to).then_some(*to),
            Self::Weekly { zone, spans } => match weekly(zone, spans).session(now) {
                Session::Open { until, .. } => until,
                Session::Closed(_) => None,
            },
        }
    }

    /// The beginning of the next window after `now`, where one is coming.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Once { from, .. } => (*from > now).then_some(*from),
            Self::Weekly { zone, spans } => match weekly(zone, spans).session(now) {
                Session::Closed(until) => Some(until),
                Session::Open { until, .. } => match weekly(zone, spans).session(until?) {
                    Session::Closed(next) => Some(next),
                    Session::Open { .. } => None,
                },
            },
        }
    }
}

fn weekly(zone: &Zone, spans: &[WeekSpan]) -> Calendar {
    Calendar { zone: zone.clone(), week: spans.to_vec(), ..Calendar::always() }
}

/// The window that `target` is in at `now` and that ends last, and its end.
#[must_use]
pub fn current<'a>(
    windows: impl IntoIterator<Item = &'a Window>,
    target: &TargetId,
    now: Timestamp,
) -> Option<(&'a Window, Timestamp)> {
    windows
        .into_iter()
        .filter(|window| window.scope.has(target))
        .filter_map(|window| window.when.ends(now).map(|ends| (window, ends)))
        .max_by_key(|(_, ends)| *ends)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use rstest::rstest;

    use super::*;

    fn at(day: u8, hour: u8, minute: u8) -> Timestamp {
        Timestamp::from_civil(2026, 11, day, hour, minute)
    }

    fn sunday_night() -> Window {
        let spans = alloc::vec![WeekSpan { from: 60, to: 3 * 60 }];
        Window {
            name: String::from("updates"),
            scope: Scope::All,
            when: When::Weekly { zone: Zone::utc(), spans },
            by: None,
        }
    }

    #[rstest]
    #[case::before(at(22, 0, 59), None)]
    #[case::its_first_minute(at(22, 1, 0), Some(at(22, 3, 0)))]
    #[case::its_last_minute(at(22, 2, 59), Some(at(22, 3, 0)))]
    #[case::after(at(22, 3, 0), None)]
    #[case::a_week_later(at(29, 2, 0), Some(at(29, 3, 0)))]
    fn a_repeating_window_comes_every_week(#[case] now: Timestamp, #[case] ends: Option<Timestamp>) {
        assert_eq!(sunday_night().when.ends(now), ends);
    }

    #[test]
    fn a_window_says_when_it_comes_next() {
        assert_eq!(sunday_night().when.next(at(24, 12, 0)), Some(at(29, 1, 0)));
        assert_eq!(sunday_night().when.next(at(22, 2, 0)), Some(at(29, 1, 0)));
        let once = When::Once { from: at(24, 12, 0), to: at(24, 13, 0) };
        assert_eq!((once.next(at(24, 11, 0)), once.next(at(24, 12, 0))), (Some(at(24, 12, 0)), None));
    }

    #[test]
    fn of_two_windows_the_one_that_ends_last_counts_and_others_targets_are_left_alone() {
        let id = |name: &str| TargetId::try_new(name).unwrap();
        let until = |hours: u64, scope| Window {
            name: String::from("work"),
            scope,
            when: When::Once {
                from: at(24, 0, 0),
                to: at(24, 0, 0).after(Duration::from_secs(hours * 3_600)),
            },
            by: None,
        };
        let windows = [until(2, Scope::All), until(5, Scope::of(Some(id("a"))))];
        let ends = |name: &str| current(&windows, &id(name), at(24, 1, 0)).map(|(_, ends)| ends);
        assert_eq!(ends("a"), Some(at(24, 5, 0)));
        assert_eq!(ends("b"), Some(at(24, 2, 0)));
    }
}
