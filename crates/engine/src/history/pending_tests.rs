use std::collections::BTreeMap;

use rebound::history::{Sample, Series};
use rebound::ids::AccountId;
use rebound::uptime::UptimeState;

use super::super::rollup::{HOUR_MS, Rollup, Writer};
use super::*;

fn id() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

fn hour(number: i64, account: u64, value: f64) -> Hour {
    let series = Series::Balance(AccountId::new(account));
    let at = Timestamp::from_ms(number * HOUR_MS);
    let key = HourKey { hour: at, target: id(), series, writer: Writer(1) };
    Hour { key, whole: Rollup::of(&Sample { series, value, limit: None }, at), minutes: BTreeMap::new() }
}

fn recording(number: i64, bytes: usize) -> Recording {
    let at = Timestamp::from_ms(number);
    Recording { of: None, from: at, to: at, writer: Writer(1), count: 1, lines: vec![b'x'; bytes] }
}

#[test]
fn a_newer_version_takes_the_place_of_an_older_and_is_not_replaced_by_what_comes_back() {
    let mut pending = Pending::default();
    pending.add(vec![hour(0, 1, 1.0)], vec![], vec![]);
    let older = pending.next_part().unwrap();
    pending.add(vec![hour(0, 1, 2.0)], vec![], vec![]);
    pending.give_back(older);
    let batch = pending.next_part().unwrap();
    assert_eq!(batch.hours, [hour(0, 1, 2.0)]);
    assert_eq!(pending.next_part(), None);
}

#[test]
fn what_comes_back_is_written_in_the_same_order() {
    let mut pending = Pending::default();
    pending.add(vec![], vec![], (0..3).map(|number| recording(number, 10)).collect());
    let batch = pending.next_part().unwrap();
    pending.give_back(batch.clone());
    assert_eq!(pending.next_part(), Some(batch));
    assert_eq!(pending.recording_bytes, 0);
}

#[test]
fn beyond_the_limit_the_oldest_hours_go_and_are_counted() {
    let mut pending = Pending::default();
    let accounts = u64::try_from(HOURS_MAX / 2).unwrap();
    for number in 0..3 {
        pending.add((0..accounts).map(|account| hour(number, account, 1.0)).collect(), vec![], vec![]);
    }
    assert_eq!((pending.hours.len(), pending.lost), (HOURS_MAX, accounts));
    let first = pending.next_part().unwrap();
    assert_eq!(first.hours[0].key.hour, Timestamp::from_ms(HOUR_MS));
    assert_eq!(first.rows(), BATCH_ROWS_MAX);
}

#[test]
fn recordings_that_wait_are_bounded_in_bytes_and_so_is_one_write() {
    let mut pending = Pending::default();
    let mib = 1024 * 1024;
    pending.add(vec![], vec![], (0..40).map(|number| recording(number, mib)).collect());
    assert_eq!((pending.recordings.len(), pending.lost), (32, 8));
    let batch = pending.next_part().unwrap();
    assert_eq!((batch.recordings.len(), batch.recordings[0].from), (4, Timestamp::from_ms(8)));
}

#[test]
fn the_parts_together_are_everything() {
    let mut pending = Pending::default();
    let mut day = UptimeDay::empty(id(), Timestamp::from_ms(0));
    day.hours[0].spend(UptimeState::Up, 1);
    pending.add((0..2_500).map(|account| hour(0, account, 1.0)).collect(), vec![day], vec![recording(0, 5)]);
    let mut rows = Vec::new();
    while let Some(batch) = pending.next_part() {
        rows.push((batch.hours.len(), batch.days.len(), batch.recordings.len()));
    }
    assert_eq!(rows, [(1_000, 0, 0), (1_000, 0, 0), (500, 1, 1)]);
}
