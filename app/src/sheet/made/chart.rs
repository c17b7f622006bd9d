//! Draws series, and says in words what is drawn.

use std::time::Duration;

use plotters::prelude::{AreaSeries, ChartBuilder, IntoDrawingArea as _, LineSeries, Rectangle, SVGBackend};
use plotters::style::Color as _;
use rebound::amount::Amount;
use rebound::history::{Bucket, Series, SeriesView, Unit};
use rebound::time::{Timestamp, spoken};

use super::drawing::{
    AREA, BAND, DAY_MS, DOT, LIMIT, LINE, SECOND, SIZE, Undrawn, inside, millis, round_up, round_up_seconds,
    step, times,
};
use crate::sheet::Told;
use crate::sheet::chart::{ChartSheet, Files, Point, Spark};

/// Most rows of the table behind a chart; the download has every step.
const ROWS_MAX: usize = 24;
/// Asks for the numbers of a series as lines, as finely as they are kept.
const LINES: &str = "points=2000&";

/// The chart of a series, with the incidents of its time behind it; `None` where nothing at all was read.
///
/// `zoom` is where a stretch that is dragged out is shown.
pub(super) fn chart(
    view: &SeriesView,
    incidents: &[(Timestamp, Timestamp)],
    zoom: &str,
) -> Option<ChartSheet> {
    let known = known(view);
    let last = known.last()?;
    let scale = Scale::of(view, &known);
    let svg = draw(view, incidents, scale, None).unwrap_or_default();
    Some(ChartSheet {
        name: view.series.to_string(),
        title: title(view.series),
        sentence: sentence(view, &known, last),
        from: view.from,
        to: view.to,
        svg,
        legend: legend(view, scale),
        heights: scale.labels(view.unit),
        times: times(view.from, view.to),
        axis: if step(view.from, view.to) >= DAY_MS { Told::Date } else { Told::Minute },
        points: view.buckets.iter().map(|bucket| point(view, bucket)).collect(),
        points_told: Told::Clock,
        rows: rows(view),
        rows_told: Told::Clock,
        columns: ["From", "Read"].map(str::to_owned),
        files: files(view),
        zoom: Some(zoom.to_owned()),
    })
}

/// The balance of an account without axes, with its equity where that was read; `None` where no balance was.
pub(super) fn spark(balance: &SeriesView, equity: Option<&SeriesView>, name: &str) -> Option<Spark> {
    let last = told(balance.unit, last_of(balance)?);
    let equity = equity.and_then(|view| Some((view, told(view.unit, last_of(view)?))));
    let scale = Scale::of(balance, &known(balance));
    let scale = equity.as_ref().map_or(scale, |(view, _)| scale.with(Scale::of(view, &known(view))));
    let svg = draw(balance, &[], scale, equity.as_ref().map(|(view, _)| *view)).unwrap_or_default();
    let lines = [("Balance", Some(balance)), ("Equity", equity.as_ref().map(|(view, _)| *view))];
    let files = lines.into_iter().filter_map(|(what, view)| Some((what.to_owned(), files(view?)))).collect();
    let words = match equity {
        Some((_, equity)) => format!("{last}, equity {equity}"),
        None => last,
    };
    Some(Spark { name: name.to_owned(), words, svg, files })
}

/// As numbers it is as fine as they are kept.
fn files(view: &SeriesView) -> Files {
    let SeriesView { target, series, from, to, .. } = view;
    let (from, to) = (from.as_ms(), to.as_ms());
    let address =
        |more| format!("/api/v1/targets/{target}/series/{series}?from={from}&to={to}&{more}format=");
    let files = |more| Files::of(target.as_str(), &series.to_string(), &address(more));
    Files { csv: files(LINES).csv, ..files("") }
}

fn known(view: &SeriesView) -> Vec<&Bucket> {
    view.buckets.iter().filter(|bucket| !bucket.is_gap()).collect()
}

fn last_of(view: &SeriesView) -> Option<f64> {
    main(view.series, known(view).last()?)
}

pub(super) fn title(series: Series) -> String {
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

fn legend(view: &SeriesView, scale: Scale) -> Vec<(String, String)> {
    let legend = match view.series {
        Series::ResponseTime => vec![("line", "half within"), ("second", "95 % within")],
        Series::Answered => vec![("line", "answered")],
        Series::ReadAge => vec![("line", "oldest it became")],
        Series::SyncShare => vec![("line", "lowest it became")],
        Series::Balance(_) | Series::Equity(_) => vec![("line", "last read")],
    };
    let mut legend: Vec<(String, String)> =
        legend.into_iter().map(|(style, words)| (style.to_owned(), words.to_owned())).collect();
    let limits: Vec<f64> = view.buckets.iter().filter_map(|bucket| bucket.limit).collect();
    if limits.iter().any(|limit| scale.holds(*limit)) {
        legend.push(("limit".to_owned(), "trouble begins".to_owned()));
    } else if let Some(limit) = limits.last() {
        // It lies far outside of the drawing, and is told all the same.
        legend.push(("none".to_owned(), format!("trouble begins at {}", told(view.unit, *limit))));
    }
    legend
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
                let high = high.max(1.0);
                Self {
                    low: 0.0,
                    high: if view.unit == Unit::Ms { round_up(high) } else { round_up_seconds(high) },
                }
            }
        }
    }

    /// One that holds both.
    const fn with(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn holds(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    fn labels(self, unit: Unit) -> Vec<(String, String)> {
        let middle = f64::midpoint(self.low, self.high);
        let at = [(self.high, "0"), (middle, "50"), (self.low, "100")];
        at.into_iter().map(|(value, top)| (told(unit, value), top.to_owned())).collect()
    }
}

fn draw(
    view: &SeriesView,
    incidents: &[(Timestamp, Timestamp)],
    scale: Scale,
    beside: Option<&SeriesView>,
) -> Result<String, Undrawn> {
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
        let beside = beside.map(|other| pieces(other, |bucket| main(other.series, bucket)));
        let seconds = pieces(view, |bucket| second(view.series, bucket)).into_iter();
        for piece in seconds.chain(beside.unwrap_or_default()) {
            chart.draw_series(LineSeries::new(piece, SECOND))?;
        }
        let near = |bucket: &Bucket| bucket.limit.filter(|limit| scale.holds(*limit));
        for piece in pieces(view, near) {
            chart.draw_series(LineSeries::new(piece, LIMIT))?;
        }
        area.present()?;
    }
    Ok(inside(&svg))
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
pub(super) fn told(unit: Unit, value: f64) -> String {
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

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
