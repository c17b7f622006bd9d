//! Numbers over time: drawings with what stands round them, and the days of a target.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Told;

/// The charts of a target for one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartsSheet {
    /// When they were made.
    pub made_at: Timestamp,
    /// Stretches that can be chosen.
    pub ranges: Vec<Range>,
    /// The charts.
    pub charts: Vec<ChartSheet>,
    /// Balance and equity of accounts.
    pub sparks: Vec<Spark>,
    /// The last 90 days, a mark each.
    pub days: Option<DaysSheet>,
    /// What became of heals, and of the error budget.
    pub outcomes: OutcomesSheet,
    /// Why there are no charts, or not all.
    pub note: Option<String>,
}

impl ChartsSheet {
    /// Whether these stand for charts that are told elsewhere: of the page, or before.
    #[must_use]
    pub(crate) fn are_elsewhere(&self) -> bool {
        self.made_at == Timestamp::default()
    }
}

/// What became of heals, day by day, and how the error budget was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomesSheet {
    /// Heals by day; `None` where they cannot be read.
    pub heals: Option<ChartSheet>,
    /// How many days of heals can be chosen.
    pub ranges: Vec<Range>,
    /// The error budget of a month; `None` where it cannot be read.
    pub budget: Option<ChartSheet>,
}

/// A stretch of time that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Its words.
    pub words: String,
    /// Where it leads.
    pub address: String,
    /// Whether it is shown.
    pub chosen: bool,
}

/// One chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartSheet {
    /// The series' name, which tells it from others.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What one takes away from it.
    pub sentence: String,
    /// Beginning of the drawing.
    pub from: Timestamp,
    /// End of the drawing.
    pub to: Timestamp,
    /// The inside of the drawing, in its own units.
    pub svg: String,
    /// What its lines and columns are, by the name of their style.
    pub legend: Vec<(String, String)>,
    /// Labels of the vertical axis, and how far below the upper edge they stand, in percent.
    pub heights: Vec<(String, String)>,
    /// Labels of the horizontal axis, and how far from the left edge they stand, in percent.
    pub times: Vec<(Timestamp, String)>,
    /// How labels of the horizontal axis are told.
    pub axis: Told,
    /// What was read, for the crosshair.
    #[serde(with = "steps")]
    pub points: Vec<Point>,
    /// How their times are told.
    pub points_told: Told,
    /// The same as a table, in longer steps.
    #[serde(with = "steps")]
    pub rows: Vec<Point>,
    /// How its times are told.
    pub rows_told: Told,
    /// What the table's columns are.
    pub columns: [String; 2],
    /// It as files.
    pub files: Files,
    /// Where a stretch that is dragged out is shown; `None` where none can be.
    pub zoom: Option<String>,
}

/// A drawing without axes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spark {
    /// What it shows.
    pub name: String,
    /// Its last number.
    pub words: String,
    /// The inside of the drawing.
    pub svg: String,
    /// Each line of it as files, after what it is: `Balance` or `Equity`.
    pub files: Vec<(String, Files)>,
}

/// What is drawn, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// What they are called, without their ending: whose it is, and what.
    pub name: String,
    /// Where its numbers are, as lines.
    pub csv: String,
    /// Where it is as a drawing that stands alone.
    pub picture: String,
}

impl Files {
    /// What `what` of a target, or of `all`, is called, and where it is: `address` is without the format, which comes last.
    #[cfg(any(feature = "ssr", test))]
    pub(crate) fn of(whose: &str, what: &str, address: &str) -> Self {
        let at = |format| format!("{address}{format}");
        Self { name: format!("rebound-{whose}-{what}"), csv: at("csv"), picture: at("svg") }
    }
}

/// What was read in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step's beginning.
    pub at: Timestamp,
    /// The numbers in words; `None` where nothing was read.
    pub words: Option<String>,
}

/// The last days of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaysSheet {
    /// Everything in one sentence.
    pub sentence: String,
    /// Each day, oldest first.
    pub days: Vec<DayMark>,
    /// They as files; none where everybody may look.
    pub files: Option<Files>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayMark {
    /// Its date.
    pub day: Timestamp,
    /// The name of its style: `up`, `degraded`, `down`, `unknown`, `closed` or `none`.
    pub class: String,
    /// What it was like.
    pub words: String,
}

mod steps {
    //! Points on their way to a browser: as they come step by step, only the time from each to the next is told, and no name again
    //! and again. Slow browsers read them in a third of the time.

    use rebound::time::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Point;

    #[derive(Serialize, Deserialize)]
    struct Steps {
        /// Milliseconds from each point to the one before; of the first, its time.
        each: Vec<i64>,
        words: Vec<Option<String>>,
    }

    pub(super) fn serialize<S: Serializer>(points: &[Point], serializer: S) -> Result<S::Ok, S::Error> {
        let mut last = 0_i64;
        let each = points.iter().map(|point| {
            let at = point.at.as_ms();
            at.wrapping_sub(std::mem::replace(&mut last, at))
        });
        let words = points.iter().map(|point| point.words.clone()).collect();
        Steps { each: each.collect(), words }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Point>, D::Error> {
        let Steps { each, words } = Steps::deserialize(deserializer)?;
        let mut at = 0_i64;
        let point = |(after, words): (i64, Option<String>)| {
            at = at.wrapping_add(after);
            Point { at: Timestamp::from_ms(at), words }
        };
        Ok(each.into_iter().zip(words).map(point).collect())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn points_arrive_as_they_were_in_whatever_order_they_stand() {
            let point = |at, words: Option<&str>| Point {
                at: Timestamp::from_ms(at),
                words: words.map(str::to_owned),
            };
            for points in [
                Vec::new(),
                vec![point(1_795_392_000_000, Some("12 ms")), point(1_795_392_300_000, None)],
                vec![point(600, Some("1")), point(300, Some("")), point(-5, None)],
            ] {
                let mut written = Vec::new();
                serialize(&points, &mut serde_json::Serializer::new(&mut written)).unwrap();
                let read = deserialize(&mut serde_json::Deserializer::from_slice(&written)).unwrap();
                assert_eq!(read, points);
            }
        }
    }
}
