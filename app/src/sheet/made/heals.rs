//! What became of heals, a column for each day.
//!
//! A day of which nothing is known has no column and says so: it is not a day without heals.

use std::time::Duration;

use plotters::prelude::{ChartBuilder, IntoDrawingArea as _, Rectangle, SVGBackend};
use plotters::style::{Color as _, RGBColor};
use rebound::count::counted;
use rebound::ids::TargetId;
use rebound::report::heals::{HealDay, HealDays, Outcomes};
use rebound::time::spoken;

use super::drawing::{BLIND, FAILED, PROVEN, REFUSED, SIZE, UNCLEAR, Undrawn, days, inside, round_up};
use crate::sheet::Told;
use crate::sheet::chart::{ChartSheet, Files, Point};

/// How much of its day a column leaves free at each side.
const GAP: f64 = 0.14;

/// The chart of these days.
pub(super) fn chart(heals: &HealDays) -> ChartSheet {
    let high = high(heals);
    let points: Vec<Point> = heals.days.iter().map(point).collect();
    ChartSheet {
        name: "heals".to_owned(),
        title: "Heals by day".to_owned(),
        sentence: sentence(heals),
        from: heals.from,
        to: heals.to,
        svg: draw(heals, high).unwrap_or_default(),
        legend: legend(heals),
        heights: [(high, "0"), (high / 2, "50"), (0, "100")]
            .map(|(count, top)| (count.to_string(), top.to_owned()))
            .into(),
        times: days(heals.from, heals.days.len()),
        axis: Told::DateUtc,
        rows: points.iter().rev().cloned().collect(),
        points,
        points_told: Told::DateUtc,
        rows_told: Told::DateUtc,
        columns: ["Day (UTC)", "Heals that began"].map(str::to_owned),
        files: files(heals),
        zoom: None,
    }
}

/// What a column is made of, from below: the name of its style, its colour, and how many of the heals.
fn parts(heals: &Outcomes) -> [(&'static str, RGBColor, u32); 4] {
    [
        ("proven", PROVEN, heals.proven),
        ("failed", FAILED, heals.did_not_help + heals.lost_positions),
        ("unclear", UNCLEAR, heals.lost + heals.not_proven + heals.going_on),
        ("refused", REFUSED, heals.refused + heals.stopped),
    ]
}

/// Only what is drawn has to be explained.
fn legend(heals: &HealDays) -> Vec<(String, String)> {
    let words = |style| match style {
        "proven" => "proven",
        "failed" => "did not help",
        "unclear" => "not proven",
        _ => "refused or stopped",
    };
    let parts = parts(&heals.whole).into_iter().filter(|(_, _, count)| *count > 0);
    let mut legend: Vec<(String, String)> =
        parts.map(|(style, _, _)| (style.to_owned(), words(style).to_owned())).collect();
    if heals.days.iter().any(|day| day.heals.is_none()) {
        legend.push(("blind".to_owned(), "nothing is known".to_owned()));
    }
    legend
}

/// The upper end of the axis: half of it is a whole number, too.
fn high(heals: &HealDays) -> u32 {
    let most = heals.days.iter().filter_map(|day| day.heals).map(|heals| heals.all()).max().unwrap_or(0);
    match most {
        0..=2 => 2,
        3..=4 => 4,
        5..=10 => 10,
        more => round_up(f64::from(more)) as u32,
    }
}

fn draw(heals: &HealDays, high: u32) -> Result<String, Undrawn> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (wide, tall) = (heals.days.len().max(1) as f64, f64::from(high));
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(0.0..wide, 0.0..tall)?;
        for (begins, ends) in blind(&heals.days) {
            let band = [(begins as f64, 0.0), (ends as f64, tall)];
            chart.draw_series([Rectangle::new(band, BLIND.filled())])?;
        }
        for (number, day) in heals.days.iter().enumerate() {
            let left = number as f64;
            let Some(heals) = day.heals else { continue };
            let mut low = 0.0;
            for (_, colour, count) in parts(&heals).into_iter().filter(|(_, _, count)| *count > 0) {
                let top = low + f64::from(count);
                let column = [(left + GAP, low), (left + 1.0 - GAP, top)];
                chart.draw_series([Rectangle::new(column, colour.filled())])?;
                low = top;
            }
        }
        area.present()?;
    }
    Ok(inside(&svg))
}

/// Days one after the other of which nothing is known: the first of them, and the one after the last.
fn blind(days: &[HealDay]) -> Vec<(usize, usize)> {
    let mut at = 0;
    let runs = days.chunk_by(|one, next| one.heals.is_some() == next.heals.is_some());
    let runs = runs.map(|run| {
        at += run.len();
        (run.first().is_some_and(|day| day.heals.is_none()), (at - run.len(), at))
    });
    runs.filter(|(is_blind, _)| *is_blind).map(|(_, run)| run).collect()
}

fn point(day: &HealDay) -> Point {
    let words = match (&day.heals, day.unknown_ms) {
        (None, 0) if day.known_ms == 0 => "not known: nobody watched".to_owned(),
        (None, _) if day.known_ms == 0 => "not known: nothing was seen".to_owned(),
        (None, _) => "not known: there is more than could be read".to_owned(),
        (Some(heals), 0..1_000) => words(heals),
        (Some(heals), blind) => {
            format!("{}; unknown for {}", words(heals), spoken(Duration::from_secs(blind / 1_000)))
        }
    };
    Point { at: day.day, words: Some(words) }
}

/// `3 heals: 2 proven, 1 did not help; 1 refused`.
fn words(heals: &Outcomes) -> String {
    let parts = [
        ("proven", heals.proven),
        ("did not help", heals.did_not_help),
        ("lost positions", heals.lost_positions),
        ("lost", heals.lost),
        ("not proven", heals.not_proven),
        ("stopped", heals.stopped),
        ("going on", heals.going_on),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let begun = match heals.begun() {
        0 => None,
        begun => Some(format!("{}: {}", counted(begun, "heal", "heals"), parts.join(", "))),
    };
    let refused = (heals.refused > 0).then(|| format!("{} refused", heals.refused));
    let told: Vec<String> = begun.into_iter().chain(refused).collect();
    if told.is_empty() { "no heal".to_owned() } else { told.join("; ") }
}

/// `In 30 days 4 heals: 3 proven, 1 did not help. Nothing is known of 12 of these days.`
fn sentence(heals: &HealDays) -> String {
    let all = heals.days.len();
    let known = heals.days.iter().filter(|day| day.heals.is_some()).count();
    let days = counted(u32::try_from(all).unwrap_or(u32::MAX), "day", "days");
    let blind = match all - known {
        0 => String::new(),
        blind if blind == all => return format!("Nothing is known of these {days}."),
        1 => " Nothing is known of one of these days.".to_owned(),
        blind => format!(" Nothing is known of {blind} of these days."),
    };
    format!("In {days} {}.{blind}", words(&heals.whole))
}

fn files(heals: &HealDays) -> Files {
    let whose = heals.target.as_ref();
    let target = whose.map(|target| format!("target={target}&")).unwrap_or_default();
    let (days, until) = (heals.days.len(), heals.to.as_ms() - 1);
    let address = format!("/api/v1/heals?{target}days={days}&until={until}&format=");
    Files::of(whose.map_or("all", TargetId::as_str), "heals", &address)
}

#[cfg(test)]
mod tests {
    use rebound::ids::TargetId;
    use rebound::time::Timestamp;

    use super::super::drawing::DAY_MS;
    use super::*;

    fn of(days: &[Option<Outcomes>]) -> HealDays {
        let day = |(number, heals): (i64, &Option<Outcomes>)| HealDay {
            day: Timestamp::from_ms(number * DAY_MS),
            heals: *heals,
            known_ms: u64::from(heals.is_some()),
            unknown_ms: 0,
        };
        let known = days.iter().flatten();
        HealDays {
            target: Some(TargetId::try_new("mt5").unwrap()),
            from: Timestamp::default(),
            to: Timestamp::from_ms(i64::try_from(days.len()).unwrap() * DAY_MS),
            whole: known.fold(Outcomes::default(), |sum, heals| sum.plus(*heals)),
            days: (0..).zip(days).map(day).collect(),
        }
    }

    fn some() -> Outcomes {
        Outcomes { proven: 2, did_not_help: 1, refused: 1, ..Outcomes::default() }
    }

    #[test]
    fn a_column_is_stacked_of_what_became_of_its_heals() {
        let chart = chart(&of(&[Some(some()), Some(Outcomes::default())]));
        let count = |colour: &str| chart.svg.matches(colour).count();
        assert_eq!(["#010210", "#010211", "#010212", "#010213"].map(count), [1, 1, 0, 1], "{}", chart.svg);
        let heights: Vec<&str> = chart.heights.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(heights, ["4", "2", "0"]);
        assert_eq!(chart.sentence, "In 2 days 3 heals: 2 proven, 1 did not help; 1 refused.");
        assert_eq!(
            chart.legend.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>(),
            ["proven", "did not help", "refused or stopped"]
        );
    }

    #[test]
    fn a_day_of_which_nothing_is_known_is_marked_and_no_zero() {
        let days = of(&[None, Some(Outcomes::default()), None, None]);
        assert_eq!(blind(&days.days), [(0, 1), (2, 4)], "days side by side are one mark");
        let chart = chart(&of(&[None, Some(Outcomes::default()), None]));
        assert_eq!(chart.svg.matches("#010209").count(), 2, "{}", chart.svg);
        let words: Vec<_> = chart.points.iter().filter_map(|point| point.words.as_deref()).collect();
        assert_eq!(words, ["not known: nobody watched", "no heal", "not known: nobody watched"]);
        assert_eq!(chart.sentence, "In 3 days no heal. Nothing is known of 2 of these days.");
        assert_eq!(sentence(&of(&[None, None])), "Nothing is known of these 2 days.");
    }

    #[test]
    fn every_end_of_a_heal_has_its_word() {
        let one = Outcomes {
            proven: 1,
            did_not_help: 1,
            lost_positions: 1,
            lost: 1,
            not_proven: 1,
            stopped: 1,
            refused: 1,
            going_on: 1,
        };
        assert_eq!(
            words(&one),
            "7 heals: 1 proven, 1 did not help, 1 lost positions, 1 lost, 1 not proven, 1 stopped, 1 going on; 1 refused"
        );
        assert_eq!(parts(&one).iter().map(|(_, _, count)| count).sum::<u32>(), one.all());
    }

    #[test]
    fn downloads_are_of_the_very_days_that_are_shown() {
        let chart = chart(&of(&[Some(some())]));
        assert_eq!(chart.files.csv, "/api/v1/heals?target=mt5&days=1&until=86399999&format=csv");
    }
}
