//! Numbers over time: drawings with what stands round them, and the days of a target.

use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The charts of a target for one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartsSheet {
    /// When they were made.
    pub made_at: Timestamp,
    /// Beginning of the stretch.
    pub from: Timestamp,
    /// End of the stretch.
    pub to: Timestamp,
    /// Stretches that can be chosen.
    pub ranges: Vec<Range>,
    /// The charts.
    pub charts: Vec<ChartSheet>,
    /// Balance and equity of accounts.
    pub sparks: Vec<Spark>,
    /// The last 90 days, a mark each.
    pub days: Option<DaysSheet>,
    /// Why there are no charts, or not all.
    pub note: Option<String>,
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
    /// The inside of the drawing, in its own units.
    pub svg: String,
    /// What its lines are, by the name of their style.
    pub legend: Vec<(String, String)>,
    /// Labels of the vertical axis, and how far below the upper edge they stand, in percent.
    pub heights: Vec<(String, String)>,
    /// Labels of the horizontal axis, and how far from the left edge they stand, in percent.
    pub times: Vec<(Timestamp, String)>,
    /// Whether the stretch is so long that its labels are days.
    pub by_day: bool,
    /// What was read, for the crosshair.
    pub points: Vec<Point>,
    /// The same as a table, in longer steps.
    pub rows: Vec<Point>,
    /// Where the numbers are downloaded.
    pub csv: String,
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
}

/// What was read in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
