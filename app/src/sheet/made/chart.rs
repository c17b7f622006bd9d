//! Draws series. Only the lines are drawn; labels stand beside the drawing as text, so that they stay readable at every width.
//!
//! The colours in the drawing are names: the style sheet gives each its true colour, in light and dark.

use std::time::Duration;

use plotters::prelude::{
    AreaSeries, ChartBuilder, IntoDrawingArea as _, LineSeries, RGBColor, Rectangle, SVGBackend,
};
use plotters::style::Color as _;
use rebound::amount::Amount;
use rebound::history::{Bucket, Series, SeriesView, Unit};
use rebound::ids::TargetId;
use rebound::time::{Timestamp, spoken};

use crate::sheet::chart::{ChartSheet, Point, Spark};

/// The drawing's own units.
const SIZE: (u32, u32) = (2_000, 400);
/// Most rows of the table behind a chart; the download has every step.
const ROWS_MAX: usize = 24;
/// Most labels of the horizontal axis.
const TIMES_MAX: i64 = 6;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
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
const LINE: RGBColor = RGBColor(1, 2, 3);
/// What lies under it.
const AREA: RGBColor = RGBColor(1, 2, 4);
/// A second line: the slowest, or the lowest.
const SECOND: RGBColor = RGBColor(1, 2, 5);
/// A step alone between two gaps.
const DOT: RGBColor = RGBColor(1, 2, 8);
/// Where it becomes trouble.
const LIMIT: RGBColor = RGBColor(1, 2, 6);
/// An incident.
const BAND: RGBColor = RGBColor(1, 2, 7);

/// Why a chart could not be drawn.
type Undrawn = Box<dyn std::error::Error>;

/// The chart of a series, with the incidents of its time behind it; `None` where nothing at all was read.
pub(super) fn chart(view: &SeriesView, incidents: &[(Timestamp, Timestamp)]) -> Option<ChartSheet> {
    let known: Vec<&Bucket> = view.buckets.iter().filter(|bucket| !bucket.is_gap()).collect();
    let last = known.last()?;
    let scale = Scale::of(view, &known);
    let svg = draw(view, incidents, scale).unwrap_or_default();
    Some(ChartSheet {
        name: view.series.to_string(),
        title: title(view.series),
        sentence: sentence(view, &known, last),
        svg,
        legend: legend(view),
        heights: scale.labels(view.unit),
        times: times(view.from, view.to),
        by_day: step(view.from, view.to) >= DAY_MS,
        points: view.buckets.iter().map(|bucket| point(view, bucket)).collect(),
        rows: rows(view),
        csv: csv(&view.target, view.series, view.from, view.to),
    })
}

/// The line alone; `None` where nothing at all was read.
pub(super) fn spark(view: &SeriesView, name: &str) -> Option<Spark> {
    let known: Vec<&Bucket> = view.buckets.iter().filter(|bucket| !bucket.is_gap()).collect();
    let last = main(view.series, known.last()?)?;
    let svg = draw(view, &[], Scale::of(view, &known)).unwrap_or_default();
    Some(Spark { name: name.to_owned(), words: told(view.unit, last), svg })
}

fn title(series: Series) -> String {
    match series {
        Series::ResponseTime => "Response time".to_owned(),
        Series::Answered => "Questions answered".to_owned(),
        Series::ReadAge => "Age of the newest account read".to_owned(),
        Series::SyncShare => "Accounts syncing".to_owned(),
        Series::Balance(account) => format!("Balance of {account}"),
        Series::Equity(account) => format!("Equity of {account}"),
    }
}

/// What the line shows of a step: the worst of it, where that is what matters.
const fn main(series: Series, bucket: &Bucket) -> Option<f64> {
    match series {
        Series::ResponseTime => match bucket.p50 {
            Some(half) => Some(half),
            None => bucket.mean,
        },
        Series::Answered => bucket.mean,
        Series::ReadAge => bucket.max,
        Series::SyncShare => bucket.min,
        Series::Balance(_) | Series::Equity(_) => bucket.last,
    }
}

/// What the second line shows, where there is one.
const fn second(series: Series, bucket: &Bucket) -> Option<f64> {
    match series {
        Series::ResponseTime => bucket.p95,
        Series::Answered | Series::ReadAge | Series::SyncShare | Series::Balance(_) | Series::Equity(_) => {
            None
        }
    }
}

fn legend(view: &SeriesView) -> Vec<(String, String)> {
    let mut legend = match view.series {
        Series::ResponseTime => vec![("line", "half within"), ("second", "95 % within")],
        Series::Answered => vec![("line", "answered")],
        Series::ReadAge => vec![("line", "oldest it became")],
        Series::SyncShare => vec![("line", "lowest it became")],
        Series::Balance(_) | Series::Equity(_) => vec![("line", "last read")],
    };
    if view.buckets.iter().any(|bucket| bucket.limit.is_some()) {
        legend.push(("limit", "trouble begins"));
    }
    legend.into_iter().map(|(style, words)| (style.to_owned(), words.to_owned())).collect()
}

/// The vertical axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(view: &SeriesView, known: &[&Bucket]) -> Self {
        let drawn = |bucket: &&Bucket| {
            let parts = [main(view.series, bucket), second(view.series, bucket)];
            parts.into_iter().flatten().collect::<Vec<_>>()
        };
        let values: Vec<f64> = known.iter().flat_map(drawn).collect();
        let most = values.iter().copied().fold(f64::MIN, f64::max);
        match view.unit {
            Unit::Percent => Self { low: 0.0, high: 100.0 },
            Unit::Money => {
                let least = values.iter().copied().fold(f64::MAX, f64::min);
                // A balance that does not move is a line in the middle, not a cliff of cents.
                let room = ((most - least) * 0.15).max(most.abs() * 0.005).max(1.0);
                Self { low: least - room, high: most + room }
            }
            Unit::Ms | Unit::Seconds => {
                // A limit far above hides what is below it; it is shown where it is near.
                let limit = known.iter().filter_map(|bucket| bucket.limit).fold(0.0, f64::max);
                let high = if limit <= most * 3.0 { most.max(limit) } else { most };
                Self { low: 0.0, high: round_up(high.max(1.0)) }
            }
        }
    }

    fn labels(self, unit: Unit) -> Vec<(String, String)> {
        let middle = f64::midpoint(self.low, self.high);
        let at = [(self.high, "0"), (middle, "50"), (self.low, "100")];
        at.into_iter().map(|(value, top)| (told(unit, value), top.to_owned())).collect()
    }
}

/// The next round number: 1, 2 or 5 with noughts.
fn round_up(value: f64) -> f64 {
    let tens = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps.into_iter().map(|step| step * tens).find(|step| *step >= value).unwrap_or(value)
}

fn draw(view: &SeriesView, incidents: &[(Timestamp, Timestamp)], scale: Scale) -> Result<String, Undrawn> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (from, to) = (millis(view.from), millis(view.to));
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(from..to, scale.low..scale.high)?;
        let bands = incidents.iter().map(|(begins, ends)| {
            let corners = [(millis(*begins).max(from), scale.low), (millis(*ends).min(to), scale.high)];
            Rectangle::new(corners, BAND.filled())
        });
        chart.draw_series(bands)?;
        for piece in pieces(view, |bucket| main(view.series, bucket)) {
            match piece.as_slice() {
                // A line of no length has round ends: a dot that stays round however wide the drawing is made.
                [alone] => {
                    chart.draw_series(LineSeries::new([*alone, *alone], DOT))?;
                }
                _ => {
                    chart.draw_series(AreaSeries::new(piece.iter().copied(), scale.low, AREA))?;
                    chart.draw_series(LineSeries::new(piece, LINE))?;
                }
            }
        }
        for piece in pieces(view, |bucket| second(view.series, bucket)) {
            chart.draw_series(LineSeries::new(piece, SECOND))?;
        }
        let near = |bucket: &Bucket| bucket.limit.filter(|limit| (scale.low..=scale.high).contains(limit));
        for piece in pieces(view, near) {
            chart.draw_series(LineSeries::new(piece, LIMIT))?;
        }
        area.present()?;
    }
    let inside = svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
    Ok(inside
        .and_then(|rest| rest.rsplit_once("</svg>"))
        .map(|(inside, _)| inside.trim().to_owned())
        .unwrap_or_default())
}

/// Runs of steps in which something was read: a gap is a gap.
fn pieces(view: &SeriesView, value: impl Fn(&Bucket) -> Option<f64>) -> Vec<Vec<(f64, f64)>> {
    let middle = view.bucket_ms as f64 / 2.0;
    let mut pieces = vec![Vec::new()];
    for bucket in &view.buckets {
        match (value(bucket), pieces.last_mut()) {
            (Some(value), Some(piece)) => piece.push((millis(bucket.at) + middle, value)),
            (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            (_, _) => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn millis(at: Timestamp) -> f64 {
    at.as_ms() as f64
}

fn point(view: &SeriesView, bucket: &Bucket) -> Point {
    let words = (!bucket.is_gap()).then(|| words(view, bucket));
    Point { at: bucket.at, words }
}

/// The numbers of a step in words.
fn words(view: &SeriesView, bucket: &Bucket) -> String {
    let told = |value: Option<f64>| value.map(|value| told(view.unit, value));
    let known = |value: Option<f64>| told(value).unwrap_or_else(|| "not known".to_owned());
    match view.series {
        Series::ResponseTime => match (told(bucket.p50), told(bucket.p95)) {
            (Some(half), Some(most)) => format!("half within {half}, 95 % within {most}"),
            (_, _) => format!("{} on average, at most {}", known(bucket.mean), known(bucket.max)),
        },
        Series::Answered => format!("{} of {} answered", known(bucket.mean), bucket.count),
        Series::ReadAge => format!("at most {} old", known(bucket.max)),
        Series::SyncShare if bucket.min == bucket.max => known(bucket.min),
        Series::SyncShare => format!("{} to {}", known(bucket.min), known(bucket.max)),
        Series::Balance(_) | Series::Equity(_) if bucket.min == bucket.max => known(bucket.last),
        Series::Balance(_) | Series::Equity(_) => {
            format!("{}, between {} and {}", known(bucket.last), known(bucket.min), known(bucket.max))
        }
    }
}

/// A number with its unit.
fn told(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Ms if value < 1_000.0 => format!("{value:.0} ms"),
        Unit::Ms => format!("{:.1} s", value / 1_000.0),
        Unit::Seconds => spoken(Duration::from_secs_f64(value.clamp(0.0, 1e9).round())),
        Unit::Percent if value > 99.0 && value < 100.0 => format!("{:.2} %", (value * 100.0).floor() / 100.0),
        Unit::Percent => format!("{value:.0} %"),
        Unit::Money => {
            Amount::try_new(value).map_or_else(|_| "not known".to_owned(), |amount| amount.to_string())
        }
    }
}

/// `Last: half within 13 ms, 95 % within 21 ms. Nothing was read in 12 of 288 steps of 5 min.`
fn sentence(view: &SeriesView, known: &[&Bucket], last: &Bucket) -> String {
    let gaps = view.buckets.len().saturating_sub(known.len());
    let step = spoken(Duration::from_millis(view.bucket_ms));
    let gaps = match gaps {
        0 => String::new(),
        gaps => format!(" Nothing was read in {gaps} of {} steps of {step}.", view.buckets.len()),
    };
    format!("Last: {}.{gaps}", words(view, last))
}

/// The steps of the table: several of the drawing's in one, so that the table can be read.
fn rows(view: &SeriesView) -> Vec<Point> {
    let together = view.buckets.len().div_ceil(ROWS_MAX).max(1);
    let chunks = view.buckets.chunks(together);
    chunks.map(|chunk| point(view, &merged(chunk))).rev().collect()
}

/// Several steps as one. Percentiles do not add up: the highest of them is kept, which the whole did not exceed.
fn merged(steps: &[Bucket]) -> Bucket {
    let known = || steps.iter().filter(|step| !step.is_gap());
    let count: u64 = known().map(|step| step.count).sum();
    let most = |value: fn(&Bucket) -> Option<f64>| known().filter_map(value).reduce(f64::max);
    let weighted =
        known().filter_map(|step| step.mean.map(|mean| mean * step.count as f64)).reduce(|a, b| a + b);
    Bucket {
        at: steps.first().map(|step| step.at).unwrap_or_default(),
        count,
        min: known().filter_map(|step| step.min).reduce(f64::min),
        max: most(|step| step.max),
        mean: weighted.map(|sum| sum / count as f64),
        last: known().next_back().and_then(|step| step.last),
        p50: most(|step| step.p50),
        p95: most(|step| step.p95),
        limit: known().next_back().and_then(|step| step.limit),
    }
}

fn step(from: Timestamp, to: Timestamp) -> i64 {
    let span = to.as_ms() - from.as_ms();
    STEPS_MS.into_iter().find(|step| span / step <= TIMES_MAX).unwrap_or(28 * DAY_MS)
}

/// Labels of the horizontal axis at round times.
fn times(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, String)> {
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

fn csv(target: &TargetId, series: Series, from: Timestamp, to: Timestamp) -> String {
    let (from, to) = (from.as_ms(), to.as_ms());
    format!("/api/v1/targets/{target}/series/{series}?from={from}&to={to}&points=2000&format=csv")
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
