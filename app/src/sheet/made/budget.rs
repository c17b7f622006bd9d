//! How the error budget of a month was used: what was lost, beside what the aim allows by then.
//!
//! The line breaks where nothing is known: what was lost meanwhile nobody can say.

use std::time::Duration;

use plotters::prelude::{AreaSeries, ChartBuilder, IntoDrawingArea as _, LineSeries, Rectangle, SVGBackend};
use plotters::style::Color as _;
use rebound::history::Unit;
use rebound::ids::TargetId;
use rebound::report::budget::{Burn, BurnStep};
use rebound::time::{Timestamp, spoken};

use super::chart::told;
use super::drawing::{
    AREA, BLIND, DAY_MS, LIMIT, LINE, SIZE, Undrawn, inside, millis, round_up_seconds, times,
};
use crate::sheet::Told;
use crate::sheet::chart::{ChartSheet, Files, Point};

/// From so many percent on, what is used is told in times.
pub(super) const TIMES_FROM: u64 = 1_000;
/// Most steps of the crosshair: one for every six hours of a month.
const POINTS_MAX: usize = 124;

/// The chart of this stretch.
pub(super) fn chart(burn: &Burn) -> ChartSheet {
    let high = high(burn);
    let label = |share: f64| told(Unit::Seconds, high * share);
    ChartSheet {
        name: "budget".to_owned(),
        title: "Error budget of the month".to_owned(),
        sentence: sentence(burn),
        from: burn.from,
        to: burn.to,
        svg: draw(burn, high).unwrap_or_default(),
        legend: legend(burn),
        heights: [(label(1.0), "0"), (label(0.5), "50"), (label(0.0), "100")]
            .map(|(words, top)| (words, top.to_owned()))
            .into(),
        times: times(burn.from, burn.to),
        axis: Told::DateUtc,
        points: points(burn),
        points_told: Told::Clock,
        rows: rows(burn),
        rows_told: Told::DateUtc,
        columns: ["Until the end of (UTC)", "Used"].map(str::to_owned),
        files: files(burn),
        zoom: None,
    }
}

fn legend(burn: &Burn) -> Vec<(String, String)> {
    let allowed = format!("what {} allows by then", aim(burn));
    let mut legend = vec![("line".to_owned(), "down".to_owned()), ("limit".to_owned(), allowed)];
    if burn.steps.iter().any(|step| !step.is_known) {
        legend.push(("blind".to_owned(), "nothing is known".to_owned()));
    }
    legend
}

/// `99.99 %`.
fn aim(burn: &Burn) -> String {
    format!("{}.{:02} %", burn.aim / 100, burn.aim % 100)
}

/// What the aim allows by the end of the stretch, if all that is still to come is known and charged.
fn allowed_at_end(burn: &Burn) -> f64 {
    let (allowed, at) = burn.steps.last().map_or((0, burn.from), |step| (step.allowed_ms, step.at));
    let left = millis(burn.to) - millis(at);
    allowed as f64 + burn.budget_ms as f64 * left / (millis(burn.to) - millis(burn.from)).max(1.0)
}

/// The upper end of the axis, in seconds.
fn high(burn: &Burn) -> f64 {
    let most = (burn.uptime.down_ms as f64).max(allowed_at_end(burn)) / 1_000.0;
    round_up_seconds(most)
}

fn draw(burn: &Burn, high: f64) -> Result<String, Undrawn> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (from, to) = (millis(burn.from), millis(burn.to));
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(from..to, 0.0..high)?;
        for run in runs(burn) {
            let ((begins, first), Some(last)) = (run.before, run.steps.last()) else { continue };
            if last.is_known {
                let down = |step: &BurnStep| (millis(step.at), seconds(step.down_ms));
                let line: Vec<_> = std::iter::once((millis(begins), seconds(first)))
                    .chain(run.steps.iter().map(down))
                    .collect();
                chart.draw_series(AreaSeries::new(line.iter().copied(), 0.0, AREA))?;
                chart.draw_series(LineSeries::new(line, LINE))?;
            } else {
                let band = [(millis(begins), 0.0), (millis(last.at), high)];
                chart.draw_series([Rectangle::new(band, BLIND.filled())])?;
            }
        }
        let allowed = |step: &BurnStep| (millis(step.at), seconds(step.allowed_ms));
        let even = std::iter::once((from, 0.0))
            .chain(burn.steps.iter().map(allowed))
            .chain(std::iter::once((to, allowed_at_end(burn) / 1_000.0)));
        chart.draw_series(LineSeries::new(even, LIMIT))?;
        area.present()?;
    }
    Ok(inside(&svg))
}

/// Steps one after the other of which something is known, or of none.
struct Run<'a> {
    /// When it begins, and the downtime until then.
    before: (Timestamp, u64),
    steps: &'a [BurnStep],
}

fn runs(burn: &Burn) -> Vec<Run<'_>> {
    let mut before = (burn.from, 0);
    let chunks = burn.steps.chunk_by(|one, next| one.is_known == next.is_known);
    chunks
        .map(|steps| {
            let run = Run { before, steps };
            before = steps.last().map_or(before, |last| (last.at, last.down_ms));
            run
        })
        .collect()
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

fn points(burn: &Burn) -> Vec<Point> {
    let every = burn.steps.len().div_ceil(POINTS_MAX).max(1);
    let last = burn.steps.len().saturating_sub(1);
    let steps = burn.steps.iter().enumerate();
    let shown = steps.filter(|(number, _)| (number + 1) % every == 0 || *number == last);
    shown.map(|(_, step)| Point { at: step.at, words: Some(words(step)) }).collect()
}

/// The last step of each day, newest first.
fn rows(burn: &Burn) -> Vec<Point> {
    // The end of a day belongs to the day.
    let inside = |step: &BurnStep| step.at.as_ms() - 1;
    let days = burn.steps.chunk_by(|one, next| inside(one) / DAY_MS == inside(next) / DAY_MS);
    let ends = days.filter_map(<[BurnStep]>::last);
    let rows = ends.map(|step| Point { at: Timestamp::from_ms(inside(step)), words: Some(words(step)) });
    rows.rev().collect()
}

/// `38 % used`, or how many times over, where a share would say nothing any more.
fn used_up(percent: u64) -> String {
    if percent < TIMES_FROM { format!("{percent} % used") } else { format!("{} times that", percent / 100) }
}

/// `down 10 s of 26 s allowed, 38 % used`.
fn words(step: &BurnStep) -> String {
    let used = match step.used_percent {
        None => return "nothing is known yet".to_owned(),
        Some(used) => {
            let used = used_up(used);
            format!("down {} of {} allowed, {used}", span(step.down_ms), span(step.allowed_ms))
        }
    };
    let blind = if step.is_known { "" } else { "; nothing is known of the hour before" };
    format!("{used}{blind}")
}

/// `Down 10 s of 26 s that 99.99 % allows up to now: 38 % used. The whole month allows 4 min 27 s. Unknown for 3 min.`
fn sentence(burn: &Burn) -> String {
    let Some(used) = burn.used_percent else { return "Nothing is known of this month yet.".to_owned() };
    let last = burn.steps.last();
    let allowed = last.map_or(0, |step| step.allowed_ms);
    let is_over = last.is_some_and(|step| step.at >= burn.to);
    let until = if is_over { "" } else { " up to now" };
    let whole = format!(" The whole month allows {}.", span(burn.budget_ms));
    let whole = if is_over { "" } else { &whole };
    let unwatched = last.map_or(0, |step| step.unwatched_ms);
    let blind = [("unknown", burn.uptime.unknown_ms), ("not watched", unwatched)];
    let blind: Vec<String> = blind
        .into_iter()
        .filter(|(_, ms)| *ms >= 1_000)
        .map(|(word, ms)| format!("{word} for {}", spoken(Duration::from_secs(ms / 1_000))))
        .collect();
    let blind = if blind.is_empty() { String::new() } else { format!(" Not in it: {}.", blind.join(", ")) };
    format!(
        "Down {} of {} that {} allows{until}: {}.{whole}{blind}",
        span(burn.uptime.down_ms),
        span(allowed),
        aim(burn),
        used_up(used)
    )
}

/// Parts of a second matter in a budget of seconds.
fn span(ms: u64) -> String {
    match ms {
        0 => "0 s".to_owned(),
        1..100 => "less than 0.1 s".to_owned(),
        100..10_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        _ => spoken(Duration::from_secs(ms / 1_000)),
    }
}

fn files(burn: &Burn) -> Files {
    let whose = burn.target.as_ref();
    let target = whose.map(|target| format!("target={target}&")).unwrap_or_default();
    let address = format!("/api/v1/budget?{target}from={}&to={}&format=", burn.from.as_ms(), burn.to.as_ms());
    Files::of(whose.map_or("all", TargetId::as_str), "budget", &address)
}

#[cfg(test)]
mod tests {
    use rebound::report::budget::{Hours, burn};
    use rebound::uptime::UptimeFigures;

    use super::super::drawing::HOUR_MS;
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_ms(hour * HOUR_MS)
    }

    fn hour(down_ms: u64) -> UptimeFigures {
        UptimeFigures { up_ms: 3_600_000 - down_ms, down_ms, ..UptimeFigures::default() }
    }

    /// Ten hours of a month, of which `of` are known.
    fn month(of: &[(i64, UptimeFigures)], now: i64) -> Burn {
        let hours: Hours = of.iter().map(|(hour, figures)| (at(*hour), *figures)).collect();
        burn(None, (at(0), at(720)), at(now), &[hours])
    }

    #[test]
    fn the_sentence_says_what_is_used_and_what_is_not_in_it() {
        let burn = month(&[(0, hour(0)), (1, hour(400)), (3, hour(0))], 4);
        assert_eq!(
            sentence(&burn),
            "Down 0.4 s of 1.1 s that 99.99 % allows up to now: 37 % used. The whole month allows 4 min 19 s. Not in it: not watched for 1 h."
        );
        assert_eq!(sentence(&month(&[], 4)), "Nothing is known of this month yet.");
    }

    #[test]
    fn what_is_used_many_times_over_is_no_share_any_more() {
        let used = |down_ms| sentence(&month(&[(0, hour(down_ms))], 1));
        assert!(used(3_590).contains(": 997 % used."), "{}", used(3_590));
        let over = used(60_000);
        assert!(
            over.starts_with("Down 1 min of 0.4 s that 99.99 % allows up to now: 166 times that. "),
            "{over}"
        );
    }

    #[test]
    fn the_last_point_and_the_last_row_tell_the_same_share() {
        let known: Vec<_> =
            (0..700).map(|number| (number, hour(if number == 5 { 90_000 } else { 0 }))).collect();
        let chart = chart(&month(&known, 700));
        let end = "down 1 min 30 s of 4 min 12 s allowed, 35 % used";
        assert_eq!(chart.points.last().and_then(|point| point.words.as_deref()), Some(end));
        assert_eq!(chart.rows.first().and_then(|row| row.words.as_deref()), Some(end));
        assert!(chart.points.len() <= POINTS_MAX + 1, "{}", chart.points.len());
        assert_eq!((chart.rows.len(), chart.rows.last().map(|row| row.at.as_ms() / DAY_MS)), (30, Some(0)));
        let heights: Vec<&str> = chart.heights.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(heights, ["5 min", "2 min 30 s", "0 s"]);
    }

    #[test]
    fn where_nothing_is_known_the_line_breaks() {
        let burn = month(&[(2, hour(0)), (3, hour(0)), (6, hour(1_000))], 7);
        let known: Vec<(bool, usize)> = runs(&burn)
            .iter()
            .map(|run| (run.steps.iter().all(|step| step.is_known), run.steps.len()))
            .collect();
        assert_eq!(known, [(false, 2), (true, 2), (false, 2), (true, 1)]);
        let svg = chart(&burn).svg;
        assert_eq!(
            (svg.matches("#010209").count(), svg.matches("stroke=\"#010203\"").count()),
            (2, 2),
            "{svg}"
        );
        assert_eq!(svg.matches("#010206").count(), 1, "and what is allowed is one line");
    }
}
