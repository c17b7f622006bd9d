//! What all drawings of numbers share: their size, the names of their colours, and the labels of their time.
//!
//! Only lines and columns are drawn; labels stand beside the drawing as text, so that they stay readable at every width. The colours in
//! it are names: the style sheet gives each its true colour, in light and dark.

use plotters::style::RGBColor;
use rebound::time::Timestamp;

/// The drawing's own units.
pub(super) const SIZE: (u32, u32) = (2_000, 400);
/// Most labels of the horizontal axis.
const TIMES_MAX: i64 = 6;
/// Most labels of days: so many stand side by side on a phone.
const DAYS_MAX: usize = 4;
pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// How far apart labels of the horizontal axis may be.
const STEPS_MS: [i64; 11] = [
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
];

/// The line itself.
pub(super) const LINE: RGBColor = RGBColor(1, 2, 3);
/// What lies under it.
pub(super) const AREA: RGBColor = RGBColor(1, 2, 4);
/// A second line: the slowest, or the lowest.
pub(super) const SECOND: RGBColor = RGBColor(1, 2, 5);
/// A step alone between two gaps.
pub(super) const DOT: RGBColor = RGBColor(1, 2, 8);
/// Where it becomes trouble.
pub(super) const LIMIT: RGBColor = RGBColor(1, 2, 6);
/// An incident.
pub(super) const BAND: RGBColor = RGBColor(1, 2, 7);
/// Time of which nothing is known.
pub(super) const BLIND: RGBColor = RGBColor(1, 2, 9);
/// Heals that were proven.
pub(super) const PROVEN: RGBColor = RGBColor(1, 2, 16);
/// Heals that did not help.
pub(super) const FAILED: RGBColor = RGBColor(1, 2, 17);
/// Heals of which nothing is proven.
pub(super) const UNCLEAR: RGBColor = RGBColor(1, 2, 18);
/// Heals that were refused or stopped.
pub(super) const REFUSED: RGBColor = RGBColor(1, 2, 19);

/// Why something could not be drawn.
pub(super) type Undrawn = Box<dyn std::error::Error>;

/// The inside of a drawing: what it is put into gives it its name and its size.
pub(super) fn inside(svg: &str) -> String {
    let rest = svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.rsplit_once("</svg>"))
        .map(|(inside, _)| inside.trim().to_owned())
        .unwrap_or_default()
}

pub(super) fn millis(at: Timestamp) -> f64 {
    at.as_ms() as f64
}

/// Round ends of an axis of time, in seconds; so are their halves.
const HIGHS_S: [f64; 15] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0, 18_000.0,
    36_000.0,
];

/// The next round end of an axis of time, in seconds.
pub(super) fn round_up_seconds(most: f64) -> f64 {
    HIGHS_S.into_iter().find(|high| *high >= most).unwrap_or_else(|| round_up(most / 3_600.0) * 3_600.0)
}

/// The next round number: 1, 2 or 5 with noughts.
pub(super) fn round_up(value: f64) -> f64 {
    let tens = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps.into_iter().map(|step| step * tens).find(|step| *step >= value).unwrap_or(value)
}

/// How far apart labels of the horizontal axis stand.
pub(super) fn step(from: Timestamp, to: Timestamp) -> i64 {
    let span = to.as_ms() - from.as_ms();
    STEPS_MS.into_iter().find(|step| span / step <= TIMES_MAX).unwrap_or(28 * DAY_MS)
}

/// Labels of the horizontal axis at round times.
pub(super) fn times(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, String)> {
    let (step, span) = (step(from, to), to.as_ms() - from.as_ms());
    let first = (from.as_ms().div_euclid(step) + 1) * step;
    let marks = (0..=TIMES_MAX).map(|number| first + number * step).take_while(|at| *at < to.as_ms());
    marks
        .map(|at| {
            let left = (at - from.as_ms()) as f64 * 100.0 / span as f64;
            (Timestamp::from_ms(at), format!("{left:.2}"))
        })
        .collect()
}

/// Labels of the horizontal axis under columns of a day each.
pub(super) fn days(from: Timestamp, count: usize) -> Vec<(Timestamp, String)> {
    let every = count.div_ceil(DAYS_MAX).max(1);
    let middles = (0..count).skip(every / 2).step_by(every);
    middles
        .map(|number| {
            let left = (number as f64 + 0.5) * 100.0 / count as f64;
            let at = from.as_ms() + i64::try_from(number).unwrap_or(0) * DAY_MS;
            (Timestamp::from_ms(at), format!("{left:.2}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_time_are_few_and_round() {
        let day = times(Timestamp::default(), Timestamp::from_ms(DAY_MS));
        assert!(day.len() <= 6, "{day:?}");
        assert!(day.iter().all(|(at, _)| at.as_ms() % (3 * HOUR_MS) == 0), "{day:?}");
        let quarter = times(Timestamp::default(), Timestamp::from_ms(90 * DAY_MS));
        assert!((3..=7).contains(&quarter.len()), "{quarter:?}");
    }

    #[test]
    fn labels_of_columns_stand_under_the_middle_of_their_day() {
        let month = days(Timestamp::default(), 30);
        assert_eq!(month.len(), 4);
        assert_eq!(month.first().map(|(at, left)| (at.as_ms() / DAY_MS, left.as_str())), Some((4, "15.00")));
        assert_eq!(days(Timestamp::default(), 1).len(), 1);
    }

    #[test]
    fn a_round_number_follows() {
        assert_eq!((round_up(13.0), round_up(0.7)), (20.0, 1.0));
    }
}
