use rebound::uptime::UptimeState;

use super::*;

fn id() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

/// 2026-11-23 00:00 UTC, and so many minutes.
fn at(minutes: i64) -> Timestamp {
    Timestamp::from_ms(1_795_392_000_000 + minutes * 60_000)
}

fn stretch(from: i64, to: i64, state: UptimeState) -> Stretch {
    Stretch { from: at(from), to: at(to), state }
}

#[test]
fn stretches_are_cut_at_hours_and_days_and_nothing_of_them_is_lost() {
    let stretches = [
        stretch(-90, 30, UptimeState::Up),
        stretch(30, 31, UptimeState::Down),
        stretch(31, 45, UptimeState::Unknown),
        stretch(45, 24 * 60 + 5, UptimeState::MarketClosed),
    ];
    let days = days_of(&id(), &stretches);
    let [before, today, after] = days.values().collect::<Vec<_>>()[..] else { panic!("three days") };
    assert_eq!((before.day, before.covered_ms()), (day_of(at(-1)), 90 * 60_000));
    assert_eq!((before.hours[22].up_ms, before.hours[23].up_ms), (1_800_000, 3_600_000));
    assert_eq!(today.covered_ms(), 24 * 3_600_000);
    assert!(today.hours.iter().all(|hour| hour.total_ms() == 3_600_000), "each adds up to an hour");
    let first = today.hours[0];
    assert_eq!((first.up_ms, first.down_ms, first.unknown_ms), (1_800_000, 60_000, 14 * 60_000));
    assert_eq!((after.hours[0].market_closed_ms, after.covered_ms()), (300_000, 300_000));
}

#[test]
fn an_hour_that_is_told_again_replaces_unless_less_is_known_of_it() {
    let mut kept = days_of(&id(), &[stretch(0, 90, UptimeState::Up)]).remove(&at(0)).unwrap();
    let corrected = [stretch(0, 58, UptimeState::Up), stretch(58, 95, UptimeState::Down)];
    kept.overlay(&days_of(&id(), &corrected)[&at(0)]);
    assert_eq!((kept.hours[0].down_ms, kept.hours[1].down_ms), (120_000, 35 * 60_000));
    // The oldest stretches of the monitor are gone: of the first hour it knows only the end.
    kept.overlay(&days_of(&id(), &[stretch(50, 95, UptimeState::Up)])[&at(0)]);
    assert_eq!(kept.hours[0].down_ms, 120_000, "what knows less does not replace");
    assert_eq!(kept.hours[1].up_ms, 35 * 60_000, "what knows as much does");
}
