//! Settings of a simulated site: ladders, calendars and channels.

use std::time::Duration;

use rebound::alert::{AlertPolicy, ChannelSpec};
use rebound::calendar::{Calendar, DAY_MINUTES, DaySpan, Holiday, WeekSpan, Zone, ZoneRule};
use rebound::heal::{ActionKind, Remedy, Rung};
use rebound::incident::Severity;
use rebound::time::{Date, Timestamp};

/// Three rungs of a bridge; only the mildest goes through it.
#[must_use]
pub fn ladder() -> Vec<Remedy> {
    vec![
        remedy("refresh", Rung::Soft, true),
        remedy("restart bridge", Rung::Medium, false),
        remedy("restart all", Rung::Hard, false),
    ]
}

/// A remedy with the defaults of the configuration.
#[must_use]
pub fn remedy(name: &str, rung: Rung, through_bridge: bool) -> Remedy {
    Remedy {
        name: name.to_owned(),
        rung,
        action: ActionKind::HttpCall,
        through_bridge,
        slot: None,
        timeout: Duration::from_secs(60),
        verify_within: Duration::from_secs(300),
        verify_after: Duration::from_secs(30),
    }
}

/// Mail as the only channel.
#[must_use]
pub fn mail() -> AlertPolicy {
    AlertPolicy {
        channels: vec![ChannelSpec {
            name: "mail".to_owned(),
            severities: vec![Severity::Critical, Severity::Warning],
            recoveries: true,
        }],
        ..AlertPolicy::default()
    }
}

/// Berlin in 2026 and 2027: one hour ahead of UTC, two from the last Sunday in March to the last in October, 01:00 UTC.
///
/// Source: Directive 2000/84/EC.
#[must_use]
pub fn berlin() -> Zone {
    let at = |year, month, day| Timestamp::from_civil(year, month, day, 1, 0);
    let changes =
        vec![(at(2026, 3, 29), 120), (at(2026, 10, 25), 60), (at(2027, 3, 28), 120), (at(2027, 10, 31), 60)];
    Zone { name: "Europe/Berlin".to_owned(), rule: ZoneRule::Table(60, changes) }
}

/// An exchange with a session each working day, a break at noon and holidays.
#[must_use]
pub fn exchange() -> Calendar {
    let session =
        |day: u32| WeekSpan { from: day * DAY_MINUTES + 9 * 60, to: day * DAY_MINUTES + 17 * 60 + 30 };
    let closed = |year, month, day| Holiday { day: Date { year, month, day }, closes: 0 };
    let half = |year, month, day| Holiday { day: Date { year, month, day }, closes: 14 * 60 };
    Calendar {
        name: "exchange".to_owned(),
        zone: berlin(),
        week: (1..=5).map(session).collect(),
        breaks: vec![DaySpan { from: 12 * 60, to: 12 * 60 + 20 }],
        holidays: vec![
            closed(2026, 4, 3),
            closed(2026, 12, 25),
            half(2026, 12, 24),
            closed(2027, 3, 26),
            closed(2027, 12, 25),
        ],
    }
}

/// A broker whose day ends at 17:00 in New York, with a nightly break round that.
#[must_use]
pub fn broker() -> Calendar {
    let zone = Zone { name: "New York + 7 h".to_owned(), rule: ZoneRule::NewYorkPlus(7 * 60) };
    Calendar {
        name: "broker".to_owned(),
        zone,
        week: vec![WeekSpan { from: DAY_MINUTES + 5, to: 6 * DAY_MINUTES - 5 }],
        breaks: vec![DaySpan { from: DAY_MINUTES - 2, to: DAY_MINUTES + 5 }],
        holidays: Vec::new(),
    }
}
