//! Facts about packed bytes.

use super::*;

fn an_hour() -> (Timestamp, BTreeMap<u8, Rollup>) {
    let hour = crate::history::conformance::hour(0);
    let of = crate::conformance::samples::target("mt5");
    let series = rebound::history::Series::ResponseTime;
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    (hour, crate::history::conformance::an_hour(0, &of, series, 1, &values).minutes)
}

#[test]
fn bytes_that_are_cut_off_anywhere_are_refused_and_never_misread() {
    let (hour, all) = an_hour();
    let packed = minutes(hour, &all);
    assert_eq!(minutes_from(hour, &packed), Ok(all));
    for length in 0..packed.len() {
        let cut = minutes_from(hour, &packed[..length]);
        assert!(matches!(cut, Err(StoreError::Damaged(_))), "{length} bytes: {cut:?}");
    }
}

#[test]
fn a_form_of_a_newer_rebound_is_refused() {
    let (hour, all) = an_hour();
    let mut packed = minutes(hour, &all);
    packed[0] = 2;
    let refused = minutes_from(hour, &packed).unwrap_err().to_string();
    assert!(refused.contains("has form 2, this Rebound understands 1"), "{refused}");
}

#[test]
fn a_day_of_one_state_takes_few_bytes() {
    let mut hours = [UptimeFigures::default(); 24];
    hours.iter_mut().for_each(|hour| hour.up_ms = 3_600_000);
    let packed = day(&hours);
    assert!(packed.len() <= 24 * 5 + 1, "{} bytes", packed.len());
    assert_eq!(day_from(&packed), Ok(hours));
    assert!(day_from(&packed[..packed.len() - 1]).is_err());
}

#[test]
fn an_hour_of_a_balance_that_does_not_move_takes_few_bytes() {
    let of = crate::conformance::samples::target("mt5");
    let series = rebound::history::Series::ReadAge;
    let (hour, _) = an_hour();
    let all = crate::history::conformance::an_hour(0, &of, series, 1, &[10_000.17; 60]).minutes;
    let packed = minutes(hour, &all);
    assert!(packed.len() < 500, "{} bytes", packed.len());
}
