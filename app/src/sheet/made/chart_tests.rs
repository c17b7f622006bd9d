use rebound::ids::TargetId;

use super::super::drawing::MINUTE_MS;
use super::*;

fn bucket(minute: i64, value: f64) -> Bucket {
    Bucket {
        at: Timestamp::from_ms(minute * MINUTE_MS),
        count: 6,
        min: Some(value),
        max: Some(value + 2.0),
        mean: Some(value + 1.0),
        last: Some(value),
        p50: Some(value),
        p95: Some(value + 2.0),
        limit: None,
    }
}

fn gap(minute: i64) -> Bucket {
    Bucket { at: Timestamp::from_ms(minute * MINUTE_MS), ..Bucket::default() }
}

fn view(series: Series, buckets: Vec<Bucket>) -> SeriesView {
    SeriesView {
        target: TargetId::try_new("mt5").unwrap(),
        series,
        unit: series.unit(),
        from: Timestamp::default(),
        to: Timestamp::from_ms(i64::try_from(buckets.len()).unwrap() * MINUTE_MS),
        bucket_ms: 60_000,
        buckets,
    }
}

#[test]
fn a_gap_is_a_gap_in_the_line_and_in_the_words() {
    let view = view(Series::ResponseTime, vec![bucket(0, 10.0), bucket(1, 12.0), gap(2), bucket(3, 11.0)]);
    assert_eq!(pieces(&view, |bucket| main(view.series, bucket)).len(), 2);
    let chart = chart(&view, &[], "/targets/mt5?").unwrap();
    assert_eq!(chart.points.get(2).map(|point| &point.words), Some(&None));
    assert_eq!(
        chart.sentence,
        "Last: half within 11 ms, 95 % within 13 ms. Nothing was read in 1 of 4 steps of 1 min."
    );
    assert!(chart.svg.contains("<polyline"), "a line is drawn: {}", chart.svg);
    assert!(chart.svg.contains("#010208"), "a step alone is a dot: {}", chart.svg);
    assert!(!chart.svg.contains("<svg"), "only the inside");
}

#[test]
fn where_nothing_was_read_there_is_no_chart() {
    assert_eq!(chart(&view(Series::SyncShare, vec![gap(0), gap(1)]), &[], ""), None);
}

#[test]
fn an_incident_stands_behind_the_line() {
    let view = view(Series::Answered, vec![bucket(0, 90.0), bucket(1, 40.0)]);
    let band = (Timestamp::from_ms(30_000), Timestamp::from_ms(90_000));
    assert!(chart(&view, &[band], "").unwrap().svg.contains("#010207"));
    assert!(!chart(&view, &[], "/targets/mt5?").unwrap().svg.contains("#010207"));
}

#[test]
fn the_axis_ends_at_a_round_number_and_a_far_limit_does_not_flatten_the_line() {
    let mut near = bucket(0, 400.0);
    near.limit = Some(900.0);
    let view_near = view(Series::ReadAge, vec![near]);
    assert_eq!(Scale::of(&view_near, &[&near]).high, 1_200.0, "20 min, of which 10 are a half");
    let mut far = bucket(0, 20.0);
    far.limit = Some(900.0);
    let view_far = view(Series::ReadAge, vec![far]);
    assert_eq!(Scale::of(&view_far, &[&far]).high, 60.0);
    let words = |view: &SeriesView| chart(view, &[], "").unwrap().legend.pop().unwrap().1;
    assert_eq!(words(&view_near), "trouble begins");
    assert_eq!(words(&view_far), "trouble begins at 15 min", "and is told, since it cannot be seen");
}

#[test]
fn a_table_row_of_several_steps_is_honest_about_them() {
    let row = merged(&[bucket(0, 10.0), gap(1), bucket(2, 30.0)]);
    assert_eq!(
        (row.count, row.min, row.max, row.mean, row.last),
        (12, Some(10.0), Some(32.0), Some(21.0), Some(30.0))
    );
    assert!(merged(&[gap(0), gap(1)]).is_gap());
}

#[test]
fn almost_all_is_not_all() {
    assert_eq!(told(Unit::Percent, 99.996), "99.99 %");
    assert_eq!(told(Unit::Percent, 100.0), "100 %");
}
