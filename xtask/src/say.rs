//! What a person sees while `cargo xtask` works: one bold heading per step, and how long it took.
//!
//! Never decides anything. The only file of this package that reads a clock.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// One step on the screen, from its heading to its closing line.
pub(crate) struct Step {
    name: String,
    started: Instant,
}

/// Prints the heading and starts the clock.
pub(crate) fn step(name: &str) -> Step {
    println!("\n{}", bold(&format!("── {name}")));
    Step { name: name.to_owned(), started: now() }
}

impl Step {
    /// Closes the step: it did what its name says.
    pub(crate) fn done(self, note: &str) -> Duration {
        self.close("done", note)
    }

    /// Closes the step: it did not.
    pub(crate) fn failed(self, note: &str) -> Duration {
        self.close("FAILED", note)
    }

    fn close(self, word: &str, note: &str) -> Duration {
        let took = self.started.elapsed();
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        println!("{} {word} in {}{note}", self.name, seconds(took));
        took
    }
}

/// One indented line inside a step.
pub(crate) fn note(text: &str) {
    println!("   {text}");
}

/// Bold on a terminal, plain in a log file.
pub(crate) fn bold(text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// `8.4 s`, `2 min 05 s`.
pub(crate) fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// `261 kB`; a kilobyte is 1,000 bytes, as in the browser's own tools.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1_000.0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build tool tells how long its steps took; nothing is decided by it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
