//! A chart as a file that stands alone: with its title, its labels and its colours in it, so that it looks the same wherever it is
//! opened.
//!
//! Colours and widths are attributes, not styles: a browser that forbids styles, and programs that know none, draw them all the same.

use rebound::history::{SeriesView, TargetDays};
use rebound::report::budget::Burn;
use rebound::report::heals::HealDays;
use rebound::view::{TargetView, UptimeView};

use super::charts::{Trouble, bands};
use super::{budget, chart, charts, heals, uptime};
use crate::parts::moment::words;
use crate::sheet::Told;
use crate::sheet::chart::{ChartSheet, DaysSheet};

/// How a picture looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureLook {
    /// On white.
    #[default]
    Light,
    /// On black.
    Dark,
}

/// The chart of a series, with the incidents of its time behind it. `name` says whose it is.
#[must_use]
pub fn picture_of_series(name: &str, view: &SeriesView, incidents: &[Trouble], look: PictureLook) -> String {
    match chart::chart(view, &bands(view, incidents), "") {
        Some(chart) => picture(name, &chart, look),
        None => empty(&format!("{name}: {}", chart::title(view.series)), look),
    }
}

/// What became of heals, by day.
#[must_use]
pub fn picture_of_heals(name: &str, heals: &HealDays, look: PictureLook) -> String {
    picture(name, &heals::chart(heals), look)
}

/// How the error budget was used.
#[must_use]
pub fn picture_of_budget(name: &str, burn: &Burn, look: PictureLook) -> String {
    picture(name, &budget::chart(burn), look)
}

/// The last days of a target, a mark each: the worse, the taller.
#[must_use]
pub fn picture_of_days(known: &TargetDays, incidents: &[Trouble], look: PictureLook) -> String {
    let Palette { quiet, .. } = look.palette();
    let DaysSheet { sentence, days, .. } = charts::days(known, incidents);
    let name = if known.name.is_empty() { known.target.as_str() } else { &known.name };
    let heading = format!("{name}: last {} days", days.len());
    let mut svg = opened(&heading, &sentence, look);
    let wide = BAR_WIDE / days.len().max(1) as f64;
    let bottom = TOP + PLOT_TALL;
    for (number, day) in days.iter().enumerate() {
        let (share, paint) = mark(&day.class, look);
        let (x, tall) = (BAR_LEFT + wide * number as f64, PLOT_TALL * share);
        svg.push_str(&format!(
            r#"<rect x="{x:.1}" y="{:.1}" width="{:.1}" height="{tall:.1}" {paint}><title>{}</title></rect>"#,
            bottom - tall,
            wide * 0.8,
            escaped(&format!("{}: {}", words(day.day, Told::DateUtc, day.day, None), day.words))
        ));
    }
    for (day, x, anchor) in [(days.first(), BAR_LEFT, "start"), (days.last(), BAR_LEFT + BAR_WIDE, "end")] {
        let Some(day) = day else { continue };
        let words = words(day.day, Told::DateUtc, day.day, None);
        svg.push_str(&below(x, anchor, &words, quiet));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The last 24 hours of a target: each stretch as long as it was, the worse, the taller.
#[must_use]
pub fn picture_of_last_day(view: &TargetView, look: PictureLook) -> String {
    last_day(&view.name, &view.uptime, look)
}

fn last_day(name: &str, view: &UptimeView, look: PictureLook) -> String {
    let Palette { quiet, .. } = look.palette();
    let mut svg = opened(&format!("{name}: last 24 hours"), &uptime::sentence(view), look);
    let bottom = TOP + PLOT_TALL;
    let scale = BAR_WIDE / uptime::WIDTH;
    let (_, nothing) = mark("none", look);
    svg.push_str(&format!(
        r#"<rect x="{BAR_LEFT}" y="{}" width="{BAR_WIDE}" height="6" {nothing}/>"#,
        bottom - 6.0
    ));
    for drawn in uptime::marks(view) {
        let (share, paint) = mark(uptime::class(drawn.state), look);
        let (x, wide, tall) = (BAR_LEFT + drawn.x * scale, drawn.width * scale, PLOT_TALL * share);
        let top = bottom - tall;
        svg.push_str(&format!(
            r#"<rect x="{x:.1}" y="{top:.1}" width="{wide:.1}" height="{tall:.1}" {paint}><title>{}</title></rect>"#,
            escaped(drawn.state.word())
        ));
    }
    for (at, x, anchor) in [(view.from, BAR_LEFT, "start"), (view.to, BAR_LEFT + BAR_WIDE, "end")] {
        svg.push_str(&below(x, anchor, &at.to_string(), quiet));
    }
    svg.push_str("</svg>\n");
    svg
}

/// A label below the drawing.
fn below(x: f64, anchor: &str, words: &str, quiet: &str) -> String {
    let y = TOP + PLOT_TALL + 18.0;
    format!(r#"<text x="{x}" y="{y:.0}" fill="{quiet}" font-size="12" text-anchor="{anchor}">{words}</text>"#)
}

/// How tall the mark of a day is, and how it is painted. Heights and edges tell states apart without their colours.
fn mark(class: &str, look: PictureLook) -> (f64, String) {
    let Palette { rule, quiet, limit, trouble, proven, unknown, unknown_ground, .. } = look.palette();
    match class {
        "up" => (0.65, format!("fill=\"{proven}\"")),
        "degraded" => (0.82, format!("fill=\"{limit}\"")),
        "down" => (1.0, format!("fill=\"{trouble}\"")),
        "unknown" => (0.65, format!("fill=\"{unknown_ground}\" {}", edge(unknown, "1.2", "3 2"))),
        "maintenance" | "closed" => (0.3, format!("fill=\"{quiet}\"")),
        _ => (0.06, format!("fill=\"{rule}\"")),
    }
}

/// The picture's own units, and where the drawing stands in it. The drawing keeps its proportions, so that lines are as wide upright as
/// they are flat.
const WIDE: f64 = 1_000.0;
const TALL: f64 = 318.0;
const LEFT: f64 = 82.0;
const TOP: f64 = 86.0;
const PLOT_WIDE: f64 = 900.0;
const PLOT_TALL: f64 = 180.0;
/// A bar has no labels at its left.
const BAR_LEFT: f64 = 20.0;
const BAR_WIDE: f64 = 960.0;
/// A letter of the legend, in the picture's units; a legend that is set a little too wide harms nothing.
const LETTER: f64 = 6.6;
/// Letters of the sentence below the title that fit into a line.
const LINE_LETTERS: usize = 150;
/// Most lines of it; the description has it whole.
const LINES_MAX: usize = 2;

/// The colours of a look: those of `style/tokens.css`.
struct Palette {
    ground: &'static str,
    rule: &'static str,
    text: &'static str,
    quiet: &'static str,
    line: &'static str,
    second: &'static str,
    limit: &'static str,
    trouble: &'static str,
    proven: &'static str,
    failed: &'static str,
    unknown: &'static str,
    unknown_ground: &'static str,
}

impl PictureLook {
    const fn palette(self) -> Palette {
        match self {
            Self::Light => Palette {
                ground: "#ffffff",
                rule: "#e2e5eb",
                text: "#171a21",
                quiet: "#565e6c",
                line: "#4a4fd0",
                second: "#9296d2",
                limit: "#dc9420",
                trouble: "#d9362f",
                proven: "#2f9e63",
                failed: "#b3231f",
                unknown: "#6b4a9c",
                unknown_ground: "#f2edfa",
            },
            Self::Dark => Palette {
                ground: "#14171d",
                rule: "#262b35",
                text: "#eceef3",
                quiet: "#9aa3b2",
                line: "#9299ff",
                second: "#5d63a4",
                limit: "#d1952f",
                trouble: "#e5534b",
                proven: "#3aa76d",
                failed: "#ff8f88",
                unknown: "#c5a7f2",
                unknown_ground: "#261d38",
            },
        }
    }

    /// The drawing with true colours for their names, and widths in its own units.
    fn painted(self, drawing: &str) -> String {
        let Palette { ground, line, second, limit, trouble, proven, failed, unknown, unknown_ground, .. } =
            self.palette();
        let lines = [
            ("010203", line, "4.4\" stroke-linejoin=\"round"),
            ("010208", line, "11\" stroke-linecap=\"round"),
            ("010205", second, "2.8"),
            ("010206", limit, "3.3\" stroke-dasharray=\"11 9"),
        ];
        let areas = [
            ("010204", line, "fill-opacity=\"0.12\"".to_owned()),
            ("010207", trouble, "fill-opacity=\"0.22\"".to_owned()),
            ("010209", unknown, format!("fill-opacity=\"0.1\" {}", edge(unknown, "1.5", "8 8"))),
            ("010210", proven, String::new()),
            ("010211", failed, String::new()),
            ("010212", unknown_ground, edge(unknown, "3", "7 5")),
            ("010213", ground, edge(limit, "4", "none")),
        ];
        let mut painted = drawing.replace(" stroke=\"none\"", "");
        for (name, colour, wide) in lines {
            let named = format!("stroke=\"#{name}\" stroke-width=\"1\"");
            painted = painted.replace(&named, &format!("stroke=\"{colour}\" stroke-width=\"{wide}\""));
        }
        for (name, colour, more) in areas {
            painted = painted.replace(&format!("fill=\"#{name}\""), &format!("fill=\"{colour}\" {more}"));
        }
        painted
    }
}

fn edge(colour: &str, wide: &str, dashes: &str) -> String {
    format!("stroke=\"{colour}\" stroke-width=\"{wide}\" stroke-dasharray=\"{dashes}\"")
}

/// The whole file.
fn picture(name: &str, chart: &ChartSheet, look: PictureLook) -> String {
    let Palette { rule, quiet, .. } = look.palette();
    let heading = format!("{name}: {}", chart.title);
    let mut svg = opened(&heading, &chart.sentence, look);
    let mut right = WIDE - 18.0;
    for (style, words) in chart.legend.iter().rev() {
        right -= words.chars().count() as f64 * LETTER;
        svg.push_str(&format!(
            r#"<text x="{right:.0}" y="28" fill="{quiet}" font-size="12.5">{}</text>"#,
            escaped(words)
        ));
        if style != "none" {
            right -= 22.0;
            svg.push_str(&look.painted(&key(style, right)));
        }
        right -= 16.0;
    }
    let (middle, bottom) = (TOP + PLOT_TALL / 2.0, TOP + PLOT_TALL);
    for y in [TOP, middle, bottom] {
        svg.push_str(&format!(r#"<path d="M{LEFT} {y}h{PLOT_WIDE}" stroke="{rule}"/>"#));
    }
    svg.push_str(&format!(
            r#"<svg x="{LEFT}" y="{TOP}" width="{PLOT_WIDE}" height="{PLOT_TALL}" viewBox="0 0 2000 400" overflow="visible">{}</svg>"#,
            look.painted(&chart.svg)
        ));
    for (words, top) in &chart.heights {
        let y = TOP + top.parse::<f64>().unwrap_or(0.0) / 100.0 * PLOT_TALL + 4.0;
        svg.push_str(&format!(
            r#"<text x="{:.0}" y="{y:.0}" fill="{quiet}" font-size="12" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            escaped(words)
        ));
    }
    for (at, left) in &chart.times {
        let x = LEFT + left.parse::<f64>().unwrap_or(0.0) / 100.0 * PLOT_WIDE;
        let words = words(*at, chart.axis, *at, None);
        svg.push_str(&below(x.round(), "middle", &words, quiet));
    }
    let span = format!("{} to {}", chart.from, chart.to);
    svg.push_str(&format!(
        r#"<text x="{LEFT}" y="{:.0}" fill="{quiet}" font-size="11">{span}</text>"#,
        bottom + 40.0
    ));
    svg.push_str("</svg>\n");
    svg
}

/// A picture of nothing says so.
fn empty(heading: &str, look: PictureLook) -> String {
    const NOTHING: &str = "Nothing was read in this time.";
    let mut svg = opened(heading, NOTHING, look);
    svg.push_str("</svg>\n");
    svg
}

/// The beginning: size, name, description, ground; and both as they are read.
fn opened(title: &str, description: &str, look: PictureLook) -> String {
    let Palette { ground, text, quiet, .. } = look.palette();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDE} {TALL}\" width=\"{WIDE}\" height=\"{TALL}\" role=\"img\" \
         aria-labelledby=\"title description\" font-family=\"system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif\" fill=\"none\">\
         <title id=\"title\">{}</title><desc id=\"description\">{}</desc>\
         <rect width=\"{WIDE}\" height=\"{TALL}\" fill=\"{}\"/>",
        escaped(title),
        escaped(description),
        ground
    );
    svg.push_str(&format!(
        r#"<text x="20" y="28" fill="{text}" font-size="17" font-weight="600">{}</text>"#,
        escaped(title)
    ));
    for (y, line) in [49, 65].into_iter().zip(lines(description)) {
        svg.push_str(&format!(
            r#"<text x="20" y="{y}" fill="{quiet}" font-size="12.5">{}</text>"#,
            escaped(&line)
        ));
    }
    svg
}

/// What a line or a column of the legend looks like, in the drawing's colours.
fn key(style: &str, x: f64) -> String {
    let line = |name: &str| {
        format!(
            r##"<g transform="translate({x:.0} 24) scale(0.45)"><path d="M0 0h36" stroke="#{name}" stroke-width="1"/></g>"##
        )
    };
    let column = |name: &str| {
        format!(
            r##"<g transform="translate({x:.0} 18) scale(0.45)"><rect width="32" height="24" fill="#{name}"/></g>"##
        )
    };
    match style {
        "second" => line("010205"),
        "limit" => line("010206"),
        "proven" => column("010210"),
        "failed" => column("010211"),
        "unclear" => column("010212"),
        "refused" => column("010213"),
        "blind" => column("010209"),
        _ => line("010203"),
    }
}

/// The sentence in lines. What does not fit is told by a sign of omission.
fn lines(sentence: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        let is_full = lines.len() == LINES_MAX;
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_LETTERS => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if is_full => {
                line.push('…');
                break;
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Names are people's: they may hold anything.
fn escaped(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .map(|letter| match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
