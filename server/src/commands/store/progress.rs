//! How far a transfer has come: a bar where a person looks on, else a line now and then. Both on the error output.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Fewest records between two lines, where there is no bar.
const RECORDS_PER_LINE: u64 = 5_000;

/// Records between two lines, where nobody knows how many there are.
const RECORDS_PER_LINE_UNKNOWN: u64 = 50_000;

/// Most lines for one part of the work, where that is known.
const LINES_MAX: u64 = 10;

/// Most bars drawn in a second: enough to look alive, and no load for a slow line.
const DRAWN_PER_SECOND: u8 = 5;

/// One part of the work, as it is shown.
pub(super) struct Progress {
    act: &'static str,
    total: Option<u64>,
    done: u64,
    /// How many were done when it was last said.
    said: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to show that `act` is done to `total` records; `None`: nobody knows how many there are.
    pub(super) fn of(act: &'static str, total: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(act, total));
        let mut progress = Self { act, total, done: 0, said: 0, bar };
        if total.is_some() {
            progress.say();
        }
        progress
    }

    /// `records` more are done.
    pub(super) fn add(&mut self, records: u64) {
        let per_line =
            self.total.map_or(RECORDS_PER_LINE_UNKNOWN, |total| RECORDS_PER_LINE.max(total / LINES_MAX));
        let lines = self.done / per_line;
        self.done = self.done.saturating_add(records);
        match &self.bar {
            Some(bar) => bar.inc(records),
            None if self.done / per_line > lines => self.say(),
            None => {}
        }
    }

    fn say(&mut self) {
        if self.bar.is_some() {
            return;
        }
        self.said = self.done;
        match self.total {
            Some(total) => eprintln!("{}: {} of {total} records", self.act, self.done),
            None => eprintln!("{}: {} records", self.act, self.done),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        match &self.bar {
            Some(bar) => bar.finish_and_clear(),
            // How far it came, where the last line does not tell.
            None if self.done > self.said => self.say(),
            None => {}
        }
    }
}

fn bar(act: &'static str, total: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(DRAWN_PER_SECOND);
    let form = match total {
        Some(_) => "{msg:12} [{bar:40}] {pos} of {len} records, {eta} left",
        None => "{msg:12} {spinner} {pos} records",
    };
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(total, target).with_style(style.progress_chars("=> ")).with_message(act)
}
