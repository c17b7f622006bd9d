//! The charts of a target: which stretch of time, and what is shown of it.

use std::time::Duration;

use rebound::history::{DayUptime, Series, SeriesView, TargetDays};
use rebound::report::budget::Burn;
use rebound::report::heals::HealDays;
use rebound::time::{Timestamp, spoken};
use rebound::uptime::UptimeFigures;

use super::chart::{chart, spark};
use super::outcomes::HealSpan;
use crate::sheet::chart::{ChartsSheet, DayMark, DaysSheet, Files, OutcomesSheet, Range, Spark};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Most causes that are told of one time.
const CAUSES_MAX: usize = 2;
/// Stretches that can be chosen: their word in the address, and how long they are.
const RANGES: [(&str, &str, i64); 5] = [
    ("1h", "1 h", HOUR_MS),
    ("24h", "24 h", 24 * HOUR_MS),
    ("7d", "7 days", 7 * 24 * HOUR_MS),
    ("30d", "30 days", 30 * 24 * HOUR_MS),
    ("90d", "90 days", 90 * 24 * HOUR_MS),
];
/// The stretch that is shown where none is chosen.
const USUAL: &str = "24h";
/// Shortest stretch that can be dragged out.
const SPAN_MIN_MS: i64 = 5 * 60_000;

/// A stretch of time on a page of charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Up to now, by its word in the address.
    Last(String),
    /// Between two times, chosen by dragging.
    Between(Timestamp, Timestamp),
}

impl Span {
    /// What the address asks for. What nobody offers counts as the usual.
    #[must_use]
    pub fn read(range: Option<&str>, from: Option<&str>, to: Option<&str>) -> Self {
        let time = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
        match (time(from), time(to)) {
            (Some(from), Some(to)) if from >= 0 && to.saturating_sub(from) >= SPAN_MIN_MS => {
                Self::Between(Timestamp::from_ms(from), Timestamp::from_ms(to))
            }
            (_, _) => {
                let known = range.filter(|word| RANGES.iter().any(|(known, _, _)| known == word));
                Self::Last(known.unwrap_or(USUAL).to_owned())
            }
        }
    }

    /// How many days have a mark each beside it.
    #[must_use]
    pub fn marks(&self) -> u32 {
        match self {
            Self::Last(word) if word == "7d" => 7,
            Self::Last(word) if word == "30d" => 30,
            Self::Last(_) | Self::Between(_, _) => 90,
        }
    }

    /// Its beginning and its end.
    #[must_use]
    pub fn bounds(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            Self::Between(from, to) => (*from, *to),
            Self::Last(word) => {
                let found = RANGES.iter().find(|(known, _, _)| known == word);
                let ms = found.map_or(24 * HOUR_MS, |(_, _, ms)| *ms);
                (Timestamp::from_ms(now.as_ms().saturating_sub(ms)), now)
            }
        }
    }

    /// As it stands in an address.
    fn query(&self) -> String {
        match self {
            Self::Between(from, to) => format!("from={}&to={}", from.as_ms(), to.as_ms()),
            Self::Last(word) => format!("range={word}"),
        }
    }

    fn ranges(&self, page: &str) -> Vec<Range> {
        let range = |(word, words, _): &(&str, &str, i64)| Range {
            words: (*words).to_owned(),
            address: format!("{page}range={word}"),
            chosen: matches!(self, Self::Last(chosen) if chosen == word),
        };
        RANGES.iter().map(range).collect()
    }
}

/// A stretch in which a target was in trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, or now.
    pub to: Timestamp,
    /// What failed.
    pub cause: Option<String>,
}

/// What was read of a target within a stretch.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// Its series.
    pub series: Vec<SeriesView>,
    /// Its last days.
    pub days: Option<TargetDays>,
    /// What became of its heals.
    pub heals: Option<HealDays>,
    /// How its error budget of this month was used.
    pub budget: Option<Burn>,
    /// When it was in trouble, in that stretch or another.
    pub incidents: Vec<Trouble>,
    /// Why something is missing.
    pub note: Option<String>,
}

impl ChartsSheet {
    /// The charts of `target` for `span`, and its heals of so many days.
    #[must_use]
    pub fn of(
        target: &str,
        (span, days_of_heals): (&Span, HealSpan),
        now: Timestamp,
        numbers: &Numbers,
    ) -> Self {
        // A way to another stretch keeps the days of heals, and the other way round.
        let page = if days_of_heals == HealSpan::default() {
            format!("/targets/{target}?")
        } else {
            format!("/targets/{target}?{}&", days_of_heals.query())
        };
        let other = format!("/targets/{target}?{}&", span.query());
        let is_account = |view: &&SeriesView| matches!(view.series, Series::Balance(_) | Series::Equity(_));
        let shown: Vec<&SeriesView> = numbers.series.iter().filter(|view| !is_account(view)).collect();
        let charts: Vec<_> =
            shown.iter().filter_map(|view| chart(view, &bands(view, &numbers.incidents), &page)).collect();
        let nothing = charts.is_empty().then(|| {
            "Nothing was read in this time. Numbers appear here a minute after the first answer.".to_owned()
        });
        Self {
            made_at: now,
            ranges: span.ranges(&page),
            charts,
            sparks: sparks(&numbers.series),
            days: numbers.days.as_ref().map(|known| {
                let count = known.days.len();
                let address = format!("/api/v1/uptime?target={target}&days={count}&format=");
                let files = Some(Files::of(target, "uptime", &address));
                DaysSheet { files, ..days(known, &numbers.incidents) }
            }),
            outcomes: OutcomesSheet::of(
                &other,
                days_of_heals,
                numbers.heals.as_ref(),
                numbers.budget.as_ref(),
            ),
            note: numbers.note.clone().or(nothing),
        }
    }
}

/// The trouble within the time of a series.
pub(super) fn bands(view: &SeriesView, incidents: &[Trouble]) -> Vec<(Timestamp, Timestamp)> {
    let within = incidents.iter().filter(|one| one.from < view.to && one.to > view.from);
    within.map(|one| (one.from, one.to)).collect()
}

/// The accounts of which a balance was read.
fn sparks(series: &[SeriesView]) -> Vec<Spark> {
    let of = |wanted: Series| series.iter().find(|view| view.series == wanted);
    let spark_of = |view: &SeriesView| match view.series {
        Series::Balance(account) => spark(view, of(Series::Equity(account)), &format!("{account} balance")),
        Series::ResponseTime | Series::Answered | Series::ReadAge | Series::SyncShare | Series::Equity(_) => {
            None
        }
    };
    series.iter().filter_map(spark_of).collect()
}

pub(super) fn days(known: &TargetDays, incidents: &[Trouble]) -> DaysSheet {
    let watched = known.days.iter().filter(|day| day.figures.total_ms() > 0).count();
    let down = span(known.figures.down_ms);
    let sentence = match known.up_share {
        None => format!("Nothing is known of the last {} days.", known.days.len()),
        Some(share) => {
            let unknown = known.figures.unknown_ms;
            let blind = if unknown == 0 { String::new() } else { format!(", unknown for {}", span(unknown)) };
            format!(
                "{} up, down for {down}{blind}; watched on {watched} of {} days.",
                percent(share),
                known.days.len()
            )
        }
    };
    DaysSheet { sentence, days: known.days.iter().map(|one| day(one, incidents)).collect(), files: None }
}

fn day(day: &DayUptime, incidents: &[Trouble]) -> DayMark {
    let figures = &day.figures;
    let class = class(figures);
    let words = match (day.up_share, figures.total_ms()) {
        (_, 0) => "not watched".to_owned(),
        (None, _) => "nothing known".to_owned(),
        (Some(share), _) => {
            let parts = [
                ("down", figures.down_ms),
                ("degraded", figures.degraded_ms),
                ("unknown", figures.unknown_ms),
                ("maintenance", figures.maintenance_ms),
            ];
            let parts = parts
                .into_iter()
                .filter(|(_, ms)| *ms > 0)
                .map(|(word, ms)| format!(", {word} {}", span(ms)));
            format!("{} up{}{}", percent(share), parts.collect::<String>(), causes(day.day, incidents))
        }
    };
    DayMark { day: day.day, class: class.to_owned(), words }
}

/// What failed on a day, each once.
fn causes(day: Timestamp, incidents: &[Trouble]) -> String {
    let ends = day.as_ms() + DAY_MS;
    let on_day = incidents.iter().filter(|one| one.from.as_ms() < ends && one.to > day);
    match each_once(on_day.filter_map(|one| one.cause.clone()).collect()) {
        None => String::new(),
        Some(causes) => format!("; {causes}"),
    }
}

/// Causes of one time, each once, and not more than can be read at a glance.
pub(super) fn each_once(mut causes: Vec<String>) -> Option<String> {
    causes.sort_unstable();
    causes.dedup();
    let more = causes.len().saturating_sub(CAUSES_MAX);
    causes.truncate(CAUSES_MAX);
    match (causes.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(causes.join("; ")),
        (false, more) => Some(format!("{}; and {more} more", causes.join("; "))),
    }
}

/// The worst that counts of a day.
const fn class(figures: &UptimeFigures) -> &'static str {
    if figures.down_ms > 0 {
        "down"
    } else if figures.degraded_ms > 0 {
        "degraded"
    } else if figures.up_ms > 0 {
        "up"
    } else if figures.unknown_ms > 0 {
        "unknown"
    } else if figures.maintenance_ms > 0 {
        "maintenance"
    } else if figures.market_closed_ms > 0 {
        "closed"
    } else {
        "none"
    }
}

fn percent(share: u32) -> String {
    format!("{}.{:02} %", share / 100, share % 100)
}

fn span(ms: u64) -> String {
    // Something, though little, is not told as "0 s".
    if (1..1_000).contains(&ms) { "under 1 s".to_owned() } else { spoken(Duration::from_secs(ms / 1_000)) }
}

#[cfg(test)]
mod tests {
    use rebound::ids::TargetId;

    use super::*;

    #[test]
    fn what_nobody_offers_is_the_usual_stretch() {
        assert_eq!(Span::read(Some("7d"), None, None), Span::Last("7d".to_owned()));
        for nonsense in [None, Some("1y"), Some("")] {
            assert_eq!(Span::read(nonsense, None, None), Span::Last(USUAL.to_owned()));
        }
        assert_eq!(Span::read(None, Some("5"), Some("6")), Span::Last(USUAL.to_owned()), "too short");
        let between = Span::Between(Timestamp::from_ms(0), Timestamp::from_ms(SPAN_MIN_MS));
        assert_eq!(Span::read(Some("7d"), Some("0"), Some("300000")), between);
    }

    #[test]
    fn a_day_tells_its_worst_and_one_of_which_nothing_is_known_tells_no_share() {
        let of = |figures: UptimeFigures| {
            day(&DayUptime { day: Timestamp::default(), figures, up_share: figures.up_share() }, &[])
        };
        let bad = of(UptimeFigures { up_ms: 86_000_000, down_ms: 400_000, ..UptimeFigures::default() });
        assert_eq!((bad.class.as_str(), bad.words.as_str()), ("down", "99.53 % up, down 6 min 40 s"));
        let blind = of(UptimeFigures { unknown_ms: 1_000, ..UptimeFigures::default() });
        assert_eq!((blind.class.as_str(), blind.words.as_str()), ("unknown", "nothing known"));
        assert_eq!(of(UptimeFigures::default()).words, "not watched");
    }

    #[test]
    fn a_day_tells_what_failed_on_it() {
        let at = |hour: i64| Timestamp::from_ms(hour * HOUR_MS);
        let trouble =
            |from, to, cause: &str| Trouble { from: at(from), to: at(to), cause: Some(cause.to_owned()) };
        let all = [
            trouble(1, 2, "it is silent"),
            trouble(3, 25, "it is silent"),
            trouble(30, 31, "the link is lost"),
        ];
        assert_eq!(causes(at(0), &all), "; it is silent");
        assert_eq!(causes(at(24), &all), "; it is silent; the link is lost");
        assert_eq!(causes(at(48), &all), "");
        let many = ["e", "d", "c", "b", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(each_once(many).as_deref(), Some("a; b; and 3 more"));
    }

    #[test]
    fn days_of_which_nothing_is_known_are_not_called_up() {
        let known = TargetDays {
            target: TargetId::try_new("mt5").unwrap(),
            name: String::new(),
            figures: UptimeFigures::default(),
            up_share: None,
            days: Vec::new(),
        };
        assert_eq!(days(&known, &[]).sentence, "Nothing is known of the last 0 days.");
    }
}
