//! Text for a terminal: lines, tables, colours where a person reads it, times as people say them.
//!
//! What comes from outside is cleaned of control characters, which could otherwise rewrite what a person sees.

use std::io::{IsTerminal as _, Write as _};

use rebound::time::{Timestamp, spoken};
use rebound::view::Tone;

use super::trouble::Trouble;

/// Blanks between two columns.
const GAP: usize = 2;

/// Text in the making.
pub(super) struct Page {
    colour: bool,
    text: String,
}

/// One cell of a table.
pub(super) struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    /// A tone, as its word in its colour.
    pub(super) fn tone(tone: Tone) -> Self {
        Self::tone_with_word(tone, word(tone))
    }

    /// A tone as another word in its colour.
    pub(super) fn tone_with_word(tone: Tone, word: &str) -> Self {
        Self { text: clean(word), tone: Some(tone) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: clean(&text.into()), tone: None }
    }
}

impl Page {
    /// For standard output: with colours if it is a terminal and nobody forbids them.
    pub(super) fn new() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { colour: std::io::stdout().is_terminal() && !forbidden, text: String::new() }
    }

    #[cfg(test)]
    pub(super) fn plain() -> Self {
        Self { colour: false, text: String::new() }
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(&clean(text));
        self.text.push('\n');
    }

    /// A line in the colour of `tone`.
    pub(super) fn line_in(&mut self, tone: Tone, text: &str) {
        let painted = self.paint(tone, &clean(text));
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    /// An empty line, unless nothing stands above it.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Rows whose columns stand under each other, `indent` blanks from the left.
    pub(super) fn table(&mut self, indent: usize, rows: &[Vec<Cell>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.text.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in rows {
            let mut line = " ".repeat(indent);
            let mut owed = 0;
            for (cell, width) in row.iter().zip(&widths) {
                // Blanks are written only before the next word: no line ends in them.
                if !cell.text.is_empty() {
                    line.push_str(&" ".repeat(owed));
                    owed = 0;
                    line.push_str(
                        &cell.tone.map_or_else(|| cell.text.clone(), |tone| self.paint(tone, &cell.text)),
                    );
                }
                if *width > 0 {
                    owed += width - cell.text.chars().count() + GAP;
                }
            }
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    /// Writes it out.
    ///
    /// # Errors
    /// If it cannot be written; a reader who has gone away wants no more, which is fine.
    pub(super) fn print(self) -> Result<(), Trouble> {
        write_out(&self.text)
    }

    fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Resting => "2",
            Tone::Busy => "36",
            Tone::Unknown => "35",
            Tone::Warning => "33",
            Tone::Bad => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Writes `text` to standard output, at once.
///
/// # Errors
/// As [`Page::print`].
pub(super) fn write_out(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Trouble::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The word that stands for a tone, since colours are seen by few.
pub(super) const fn word(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "fine",
        Tone::Resting => "resting",
        Tone::Busy => "healing",
        Tone::Unknown => "unknown",
        Tone::Warning => "warning",
        Tone::Bad => "bad",
    }
}

/// `text` without control characters.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `2026-11-23 17:00:43 UTC (in 5 min)`.
pub(super) fn moment(at: Timestamp, now: Timestamp) -> String {
    format!("{at} ({})", distance(at, now))
}

/// `in 5 min`, `3 s ago`, `now`.
pub(super) fn distance(at: Timestamp, now: Timestamp) -> String {
    let (ahead, behind) = (at.since(now), now.since(at));
    match (ahead.as_secs(), behind.as_secs()) {
        (0, 0) => "now".to_owned(),
        (0, _) => format!("{} ago", spoken(behind)),
        (_, _) => format!("in {}", spoken(ahead)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_no_line_ends_in_blanks() {
        let mut page = Page::plain();
        page.table(
            2,
            &[
                vec!["mt5".into(), Cell::tone(Tone::Good), "Healthy".into(), "well".into()],
                vec!["broker-web".into(), Cell::tone(Tone::Unknown), "".into(), "not asked yet".into()],
                vec!["x".into(), "".into(), "".into(), "".into()],
            ],
        );
        assert_eq!(
            page.text,
            "  mt5         fine     Healthy  well\n  broker-web  unknown           not asked yet\n  x\n"
        );
    }

    #[test]
    fn what_a_bridge_says_cannot_rewrite_the_screen() {
        let mut page = Page::plain();
        page.line("answered with \u{1b}[2J\u{7}all well");
        assert_eq!(page.text, "answered with  [2J all well\n");
    }

    #[test]
    fn times_are_told_with_their_distance() {
        let now = Timestamp::from_ms(1_795_448_822_000);
        assert_eq!(moment(now.after(Duration::from_secs(300)), now), "2026-11-23 15:52:02 UTC (in 5 min)");
        assert_eq!(distance(now.before(Duration::from_secs(3)), now), "3 s ago");
        assert_eq!(distance(now.after(Duration::from_millis(400)), now), "now");
    }
}
