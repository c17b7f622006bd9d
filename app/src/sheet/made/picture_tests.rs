use std::time::Duration;

use rebound::history::{Bucket, DayUptime, Series};
use rebound::ids::TargetId;
use rebound::report::budget::{Hours, burn};
use rebound::report::heals::{HealDay, Outcomes};
use rebound::time::Timestamp;
use rebound::uptime::{Stretch, UptimeFigures, UptimeState};

use super::*;

const LOOKS: [PictureLook; 2] = [PictureLook::Light, PictureLook::Dark];

fn minute(number: i64) -> Timestamp {
    Timestamp::from_ms(number * 60_000)
}

fn series(values: &[Option<f64>]) -> SeriesView {
    let bucket = |(at, value): (i64, &Option<f64>)| Bucket {
        at: minute(at),
        count: u64::from(value.is_some()),
        mean: *value,
        max: *value,
        p50: *value,
        p95: value.map(|value| value + 4.0),
        limit: value.map(|_| 20.0),
        ..Bucket::default()
    };
    SeriesView {
        target: TargetId::try_new("mt5").unwrap(),
        series: Series::ResponseTime,
        unit: Series::ResponseTime.unit(),
        from: minute(0),
        to: minute(i64::try_from(values.len()).unwrap()),
        bucket_ms: 60_000,
        buckets: (0..).zip(values).map(bucket).collect(),
    }
}

fn heals() -> HealDays {
    let one = Outcomes { proven: 1, did_not_help: 1, lost: 1, refused: 1, ..Outcomes::default() };
    let day = |day, heals| HealDay { day, heals, known_ms: 1, unknown_ms: 0 };
    HealDays {
        target: None,
        from: minute(0),
        to: minute(2 * 1_440),
        whole: one,
        days: vec![day(minute(0), Some(one)), day(minute(1_440), None)],
    }
}

fn month() -> Burn {
    let hour = |down_ms| UptimeFigures { up_ms: 3_600_000 - down_ms, down_ms, ..UptimeFigures::default() };
    let hours: Hours = [(minute(0), hour(100)), (minute(120), hour(0))].into();
    burn(None, (minute(0), minute(43_200)), minute(180), &[hours])
}

fn days() -> TargetDays {
    let day = |number: i64, figures: UptimeFigures| DayUptime {
        day: minute(number * 1_440),
        figures,
        up_share: figures.up_share(),
    };
    let up = UptimeFigures { up_ms: 86_400_000, ..UptimeFigures::default() };
    let down = UptimeFigures { up_ms: 86_000_000, down_ms: 400_000, ..UptimeFigures::default() };
    TargetDays {
        target: TargetId::try_new("mt5").unwrap(),
        name: "MT5 bridge".to_owned(),
        figures: up.plus(down),
        up_share: up.plus(down).up_share(),
        days: vec![day(0, UptimeFigures::default()), day(1, up), day(2, down)],
    }
}

fn hours() -> UptimeView {
    let (from, failed, to) = (minute(0), minute(1_440).before(Duration::from_secs(10)), minute(1_440));
    let stretches = [(from, failed, UptimeState::Up), (failed, to, UptimeState::Down)];
    UptimeView {
        from,
        to,
        stretches: stretches.map(|(from, to, state)| Stretch { from, to, state }).into(),
        figures: UptimeFigures { up_ms: 86_390_000, down_ms: 10_000, ..UptimeFigures::default() },
        percent: Some("99.98 %".to_owned()),
    }
}

/// Every picture there is, with everything in it that can be in one.
fn all(look: PictureLook) -> [String; 6] {
    let trouble = Trouble { from: minute(1), to: minute(2), cause: None };
    let view = series(&[Some(10.0), Some(12.0), None, Some(11.0), None]);
    [
        picture_of_series("MT5 bridge", &view, &[trouble], look),
        picture_of_series("MT5 bridge", &series(&[None]), &[], look),
        picture_of_heals("All targets", &heals(), look),
        picture_of_budget("All targets", &month(), look),
        picture_of_days(&days(), &[], look),
        last_day("MT5 bridge", &hours(), look),
    ]
}

#[test]
fn a_picture_stands_alone_in_both_looks() {
    for (look, ground) in LOOKS.into_iter().zip(["#ffffff", "#14171d"]) {
        for svg in all(look) {
            assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{svg}");
            assert!(svg.contains("<title id=\"title\">") && svg.contains("<desc id=\"description\">"));
            assert!(
                svg.contains(&format!("<rect width=\"1000\" height=\"318\" fill=\"{ground}\"/>")),
                "{svg}"
            );
            assert!(!svg.contains("#0102"), "every name of a colour has its colour: {svg}");
            assert!(!svg.contains("class=") && !svg.contains("href") && !svg.contains("<style"), "{svg}");
            assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        }
    }
}

#[test]
fn what_a_picture_says_is_what_the_page_says() {
    let [line, nothing, heals, budget, days, hours] = all(PictureLook::Light);
    assert!(days.contains("MT5 bridge: last 3 days") && days.contains("1 Jan: not watched"), "{days}");
    assert!(hours.contains("MT5 bridge: last 24 hours") && hours.contains("down 10 s once"), "{hours}");
    assert!(hours.contains("<title>down</title>") && hours.contains("1970-01-01 00:00:00 UTC"), "{hours}");
    assert!(days.contains("3 Jan: 99.53 % up, down 6 min 40 s</title>"), "{days}");
    assert!(
        line.contains("MT5 bridge: Response time</text>") && line.contains("half within 11 ms"),
        "{line}"
    );
    assert!(line.contains("1970-01-01 00:00:00 UTC to 1970-01-01 00:05:00 UTC"), "{line}");
    assert!(nothing.contains("Nothing was read in this time."), "{nothing}");
    assert!(heals.contains("In 2 days 3 heals: 1 proven, 1 did not help, 1 lost; 1 refused."), "{heals}");
    assert!(budget.contains("13 % used") && budget.contains("what 99.99 % allows by then"), "{budget}");
}

#[test]
fn a_name_cannot_change_the_picture() {
    let svg = picture_of_heals("<script>alert(\"1\")</script> & Co", &heals(), PictureLook::Light);
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;alert(&quot;1&quot;)"), "{svg}");
    assert!(svg.contains("&amp; Co: Heals by day"));
}

#[test]
fn a_long_sentence_takes_two_lines_and_is_whole_in_the_description() {
    assert_eq!(lines("short."), ["short."]);
    let long = lines(&"word ".repeat(50));
    assert_eq!(long.iter().map(|line| line.split(' ').count()).collect::<Vec<_>>(), [30, 20]);
    let longer = lines(&"word ".repeat(80));
    assert!(longer.len() == 2 && longer.last().is_some_and(|line| line.ends_with("word…")), "{longer:?}");
}
