//! A report in words.

use std::time::Duration;

use rebound::count::counted;
use rebound::report::{CauseFigures, DayFigures, Figures, HealFigures, Report, TargetFigures, ToldFigures};
use rebound::time::{Timestamp, spoken};
use rebound::view::Board;

use super::budget::TIMES_FROM;
use crate::sheet::chart::{DayMark, OutcomesSheet};
use crate::sheet::overview::Week;
use crate::sheet::report::{CauseLine, ReportSheet, TargetLine};
use crate::sheet::{Body, Fact, Piece};

/// Most causes that are listed; the download has all.
const CAUSES_MAX: usize = 20;

/// A month of a year, as it stands in an address: `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i64,
    month: u8,
}

impl Month {
    /// That of `2026-11`; `None` where it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        ((1970..=9_999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month that `at` lies in, in UTC.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let civil = at.civil();
        Self { year: civil.year, month: civil.month }
    }

    const fn after(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    const fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { year: self.year, month: month - 1 },
        }
    }

    /// Its first moment.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        Timestamp::from_civil(self.year, self.month, 1, 0, 0)
    }

    /// The first moment after it.
    #[must_use]
    pub fn ends(self) -> Timestamp {
        self.after().begins()
    }

    /// The address of its page.
    #[must_use]
    pub fn address(self) -> String {
        format!("/reports?month={:04}-{:02}", self.year, self.month)
    }

    fn words(self) -> String {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let name = NAMES.get(usize::from(self.month).saturating_sub(1)).copied().unwrap_or_default();
        format!("{name} {}", self.year)
    }
}

impl Body {
    /// What `month` came to. `left_out` says why not everything of it is counted, where that is so.
    #[must_use]
    pub fn report(
        board: &Board,
        month: Month,
        report: &Report,
        outcomes: OutcomesSheet,
        left_out: Option<String>,
    ) -> Self {
        let now = Month::of(board.at);
        let later = month.after();
        let range = format!("from={}&to={}", report.from.as_ms(), report.to.as_ms());
        let downloads = ["csv", "json"]
            .map(|format| (format!("/api/v1/report?{range}&format={format}"), format.to_uppercase()));
        let name = |line: &TargetFigures| {
            let view = board.targets.iter().find(|view| view.id == line.target);
            view.map_or_else(|| line.target.to_string(), |view| view.name.clone())
        };
        let all = report.whole.trouble_ms;
        Self::Report(Box::new(ReportSheet {
            heading: month.words(),
            sentence: sentence(&report.whole, month == now),
            earlier: (month.before().address(), month.before().words()),
            later: (later <= now).then(|| (later.address(), later.words())),
            downloads: downloads.into(),
            figures: figures(&report.whole),
            told: told(&report.told, &report.whole),
            days: report.days.iter().map(day).collect(),
            outcomes,
            targets: report.targets.iter().map(|line| target(line, name(line))).collect(),
            causes: report.causes.iter().take(CAUSES_MAX).map(|line| cause(line, all)).collect(),
            note: left_out,
        }))
    }
}

impl Week {
    /// What this report, of the last seven days, says on the front page.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let (whole, said) = (&report.whole, &report.told);
        let recover = whole
            .recover_mean_ms
            .map_or_else(|| Piece::Missing("no incident is over".to_owned()), |ms| Piece::Text(millis(ms)));
        let told = match said.alerts {
            0 => "nothing".to_owned(),
            alerts => format!(
                "{}, {} told for nothing",
                counted(alerts, "alert", "alerts"),
                counted(said.needless, "incident", "incidents")
            ),
        };
        Self {
            made_at: report.to,
            facts: vec![
                Fact::new("Incidents", vec![Piece::text(incidents(whole))]),
                Fact::new("Heals", vec![Piece::text(heals(&whole.heals))]),
                Fact::new("Time to recover", vec![recover]),
                Fact::new("Told", vec![Piece::text(told)]),
                Fact::new("Blind", vec![blind(whole)]),
            ],
        }
    }
}

fn sentence(whole: &Figures, goes_on: bool) -> String {
    let so_far = if goes_on { " so far" } else { "" };
    let incidents = match whole.incidents {
        0 => return format!("No incident{so_far}."),
        1 => "One incident".to_owned(),
        count => format!("{count} incidents"),
    };
    let healed = match whole.healed {
        0 => String::new(),
        1 => ", one of them healed and proven".to_owned(),
        count => format!(", {count} of them healed and proven"),
    };
    format!("{incidents}{so_far}{healed}; {} of trouble.", millis(whole.trouble_ms))
}

fn figures(whole: &Figures) -> Vec<Fact> {
    let time = |ms: Option<u64>, why: &str| match ms {
        Some(ms) => Piece::Text(millis(ms)),
        None => Piece::Missing(why.to_owned()),
    };
    let recover = match (whole.recover_mean_ms, whole.recover_max_ms) {
        (Some(mean), Some(most)) if mean != most => {
            vec![Piece::Text(millis(mean)), Piece::text(format!(", at most {}", millis(most)))]
        }
        (mean, _) => vec![time(mean, "no incident is over")],
    };
    vec![
        Fact::new("Up", vec![share(whole.up_share)]),
        Fact::new("Error budget used", vec![budget(whole.budget_used_percent)]),
        Fact::new("Incidents", vec![Piece::text(incidents(whole))]),
        Fact::new("Time to detect", vec![time(whole.detect_mean_ms, "no incident")]),
        Fact::new("Time to recover", recover),
        Fact::new("Heals", vec![Piece::text(heals(&whole.heals))]),
        Fact::new("Blind", vec![blind(whole)]),
    ]
}

fn incidents(whole: &Figures) -> String {
    let others = whole.incidents.saturating_sub(whole.open + whole.healed + whole.by_itself);
    let parts = [
        ("open", whole.open),
        ("healed", whole.healed),
        ("by itself", whole.by_itself),
        ("otherwise over", others),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() { "none".to_owned() } else { format!("{}: {}", whole.incidents, parts.join(", ")) }
}

fn heals(heals: &HealFigures) -> String {
    if heals.begun == 0 {
        return "none".to_owned();
    }
    let parts = [
        ("did not help", heals.failed),
        ("unclear", heals.unclear),
        ("asked for by people", heals.by_people),
    ];
    let more =
        parts.into_iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!(", {count} {word}"));
    format!("{} of {} helped{}", heals.helped, heals.begun, more.collect::<String>())
}

fn told(told: &ToldFigures, whole: &Figures) -> Vec<Fact> {
    let each = if whole.incidents == 0 {
        Piece::Missing("no incident".to_owned())
    } else {
        Piece::text(format!("{:.1}", f64::from(told.alerts) / f64::from(whole.incidents)))
    };
    vec![
        Fact::new(
            "Alerts",
            vec![Piece::text(format!("{}, {} of them critical", told.alerts, told.critical))],
        ),
        Fact::new("Reminders", vec![Piece::text(told.reminders.to_string())]),
        Fact::new("Alerts per incident", vec![each]),
        Fact::new(
            "Told for nothing",
            vec![Piece::text(format!(
                "{} of {} ended by themselves, untouched",
                told.needless, told.incidents_told
            ))],
        ),
    ]
}

/// A day on which nobody watched says so: no trouble was seen on it, and none could have been.
fn day(day: &DayFigures) -> DayMark {
    let known = &day.uptime;
    let seen = known.total_ms().saturating_sub(known.unknown_ms);
    let (class, words) = match (day.trouble_ms, seen, known.unknown_ms) {
        (0, 0, 0) => ("none", "not watched".to_owned()),
        (0, 0, _) => ("unknown", "nothing known".to_owned()),
        (0, _, 0) => ("up", "no trouble".to_owned()),
        (0, _, blind) => ("up", format!("no trouble, unknown for {}", millis(blind))),
        (ms, _, _) => ("down", format!("{} began, {} of trouble", incidents_of(day.incidents), millis(ms))),
    };
    DayMark { day: day.from, class: class.to_owned(), words }
}

fn incidents_of(incidents: u32) -> String {
    counted(incidents, "incident", "incidents")
}

/// Time of which nobody knows how it was; not known itself where nothing was watched.
fn blind(whole: &Figures) -> Piece {
    if whole.uptime.total_ms() == 0 {
        return Piece::Missing("nothing is known of this time".to_owned());
    }
    Piece::Text(millis(whole.uptime.unknown_ms))
}

fn target(line: &TargetFigures, name: String) -> TargetLine {
    let figures = &line.figures;
    TargetLine {
        id: line.target.to_string(),
        name,
        up: share(figures.up_share),
        budget: budget(figures.budget_used_percent),
        over: figures.budget_used_percent.is_some_and(|used| used > 100),
        incidents: figures.incidents,
        trouble: millis(figures.trouble_ms),
        recover: figures
            .recover_mean_ms
            .map_or_else(|| Piece::Missing("no incident is over".to_owned()), |ms| Piece::Text(millis(ms))),
        heals: heals(&figures.heals),
    }
}

fn cause(line: &CauseFigures, all: u64) -> CauseLine {
    CauseLine {
        words: line.words.clone(),
        incidents: line.incidents,
        trouble: millis(line.trouble_ms),
        share: line.trouble_ms.saturating_mul(100).checked_div(all).unwrap_or(0).to_string(),
    }
}

/// `99.98 %`.
fn share(share: Option<u32>) -> Piece {
    match share {
        Some(share) => Piece::Text(format!("{}.{:02} %", share / 100, share % 100)),
        None => Piece::Missing("nothing is known of this time".to_owned()),
    }
}

fn budget(used: Option<u64>) -> Piece {
    match used {
        Some(used) if used < TIMES_FROM => Piece::Text(format!("{used} %")),
        Some(used) => Piece::Text(format!("{} ×", used / 100)),
        None => Piece::Missing("nothing is known of this time".to_owned()),
    }
}

fn millis(ms: u64) -> String {
    // Whole seconds: parts of one say nothing in a month.
    spoken(Duration::from_secs(ms / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_where_the_calendar_says() {
        let month = |text| Month::read(text).unwrap();
        assert_eq!(month("1970-01").begins(), Timestamp::default());
        assert_eq!(month("2026-11").begins().rfc3339(), "2026-11-01T00:00:00Z");
        assert_eq!(month("2026-12").ends().rfc3339(), "2027-01-01T00:00:00Z");
        assert_eq!(month("2024-02").ends().rfc3339(), "2024-03-01T00:00:00Z");
        assert_eq!(Month::of(month("2026-11").ends()), month("2026-12"));
        for nonsense in ["", "2026", "2026-13", "2026-0", "11-2026", "-5-01"] {
            assert_eq!(Month::read(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_quiet_month_is_told_in_three_words() {
        assert_eq!(sentence(&Figures::default(), false), "No incident.");
        assert_eq!(sentence(&Figures::default(), true), "No incident so far.");
        let busy = Figures { incidents: 3, healed: 2, trouble_ms: 95_000, ..Figures::default() };
        assert_eq!(
            sentence(&busy, false),
            "3 incidents, 2 of them healed and proven; 1 min 35 s of trouble."
        );
    }

    #[test]
    fn a_day_on_which_nobody_watched_is_not_shown_as_good() {
        use rebound::uptime::UptimeFigures;

        let of = |uptime| day(&DayFigures { uptime, ..DayFigures::default() });
        assert_eq!(of(UptimeFigures::default()).class, "none");
        assert_eq!(of(UptimeFigures { unknown_ms: 9, ..UptimeFigures::default() }).class, "unknown");
        let seen = of(UptimeFigures { up_ms: 1, unknown_ms: 60_000, ..UptimeFigures::default() });
        assert_eq!((seen.class.as_str(), seen.words.as_str()), ("up", "no trouble, unknown for 1 min"));
        assert_eq!(blind(&Figures::default()), Piece::Missing("nothing is known of this time".to_owned()));
    }

    #[test]
    fn heals_and_incidents_add_up_in_words() {
        let many = HealFigures { begun: 5, helped: 3, failed: 1, unclear: 1, by_people: 2 };
        assert_eq!(heals(&many), "3 of 5 helped, 1 did not help, 1 unclear, 2 asked for by people");
        assert_eq!(heals(&HealFigures::default()), "none");
        let whole = Figures { incidents: 4, open: 1, healed: 2, ..Figures::default() };
        assert_eq!(incidents(&whole), "4: 1 open, 2 healed, 1 otherwise over");
    }
}
