//! The same answer at other times: what rests while the market is closed, and what does not.

use std::time::Duration;

use rebound::calendar::Calendar;
use rebound::time::Timestamp;
use rstest::rstest;

use super::{Around, not_up, with_a_nightly_break};
use crate::probing::{LONG, request};

const NO_POSITIONS: &str = "positions.kept Unknown not_told";
const LINK_LOST: [&str; 2] = ["terminal.broker_link Down link_lost", NO_POSITIONS];
/// What asks about the market rests; the bridge, its terminal and what it is do not.
const RESTING: [&str; 7] = [
    "terminal.broker_link Resting market_closed",
    "terminal.trading_allowed Resting market_closed",
    "accounts.fresh Resting market_closed",
    "accounts.syncing Resting market_closed",
    "accounts.zero Resting market_closed",
    "account.failed Resting market_closed",
    NO_POSITIONS,
];

/// F-2 with a lost link, asked at that time; its accounts were read half a minute ago.
async fn link_lost_at(asked_at: Timestamp, calendar: Calendar) -> Vec<String> {
    let read = asked_at.before(Duration::from_secs(23)).rfc3339();
    let health = crate::fixtures::fixture("health_link_lost")
        .replace("2025-11-04T01:07:00.120000+00:00", &asked_at.rfc3339());
    let accounts = format!(r#"{{"accounts":[{{"account":1001,"balance":1.5,"last_sync":"{read}"}}]}}"#);
    let wire = crate::wire::Wire::answering(move |path| match path {
        "/" => crate::wire::json(crate::fixtures::fixture("root")),
        "/api/mt5/bridge/health" => crate::wire::json(&health),
        _ => crate::wire::json(&accounts),
    })
    .await;
    let outcome = crate::probing::probe_of(&wire.url).probe(&request(asked_at, LONG)).await;
    not_up(&outcome, &Around { calendar, asked_at, ..Around::default() })
}

#[rstest]
#[case::friday_22_05_utc_in_winter((2025, 11, 7, 22, 5), Calendar::forex(), &RESTING)]
#[case::friday_21_55_utc_in_winter((2025, 11, 7, 21, 55), Calendar::forex(), &LINK_LOST)]
#[case::sunday_21_30_utc_in_winter((2025, 11, 9, 21, 30), Calendar::forex(), &RESTING)]
#[case::sunday_21_30_utc_in_summer((2025, 7, 6, 21, 30), Calendar::forex(), &LINK_LOST)]
#[case::spring_weeks_in_which_only_new_york_has_changed((2025, 3, 14, 21, 5), Calendar::forex(), &RESTING)]
#[case::autumn_week_in_which_only_europe_has_changed((2025, 10, 31, 21, 5), Calendar::forex(), &RESTING)]
#[case::ten_minutes_before_that((2025, 10, 31, 20, 55), Calendar::forex(), &LINK_LOST)]
#[case::at_23_59_of_the_server((2025, 11, 4, 21, 59), with_a_nightly_break(), &RESTING)]
#[case::at_00_02_of_the_server((2025, 11, 4, 22, 2), with_a_nightly_break(), &LINK_LOST)]
#[case::a_crypto_bridge_on_saturday((2025, 11, 8, 12, 0), Calendar::crypto(), &LINK_LOST)]
#[tokio::test]
async fn a_lost_link(
    #[case] (year, month, day, hour, minute): (i64, u8, u8, u8, u8),
    #[case] calendar: Calendar,
    #[case] expected: &[&str],
) {
    let asked_at = Timestamp::from_civil(year, month, day, hour, minute);
    assert_eq!(link_lost_at(asked_at, calendar).await, expected);
}
