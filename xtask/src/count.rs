//! Reads how many tests passed and failed out of what the test programs print. Never runs one.

use serde::Deserialize;

/// How many passed, failed and did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// Adds one of libtest's closing lines: `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    /// Any other line changes nothing.
    pub(crate) fn add_libtest_line(&mut self, line: &str) {
        let line = without_colours(line);
        let Some((_, numbers)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in numbers.split(';') {
            let Some((number, word)) = part.trim().split_once(' ') else { continue };
            let number: u64 = number.parse().unwrap_or(0);
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Reads the report of Playwright's `json` reporter. A test that passed at its second try counts as passed.
    ///
    /// # Errors
    /// If the text is not such a report.
    pub(crate) fn from_playwright(report: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Report {
            stats: Stats,
        }
        #[derive(Deserialize)]
        struct Stats {
            expected: u64,
            flaky: u64,
            unexpected: u64,
            skipped: u64,
        }
        let Stats { expected, flaky, unexpected, skipped } = serde_json::from_str::<Report>(report)?.stats;
        Ok(Self { passed: expected + flaky, failed: unexpected, skipped })
    }

    /// A command that failed without a failed test, because it did not even compile, is one failure.
    pub(crate) fn with_command(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Drops escape sequences like `ESC [ 3 2 m`.
fn without_colours(line: &str) -> String {
    let mut pieces = line.split('\x1b');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(line: &str) -> Counts {
        let mut counts = Counts::default();
        counts.add_libtest_line(line);
        counts
    }

    #[test]
    fn the_closing_line_of_a_test_program_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(counted(line), Counts { passed: 12, failed: 3, skipped: 1 });
    }

    #[test]
    fn colours_do_not_hide_the_closing_line() {
        let line = "test result: \x1b[32mok\x1b[m. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counted(line), Counts { passed: 2, failed: 0, skipped: 0 });
    }

    #[test]
    fn a_line_of_the_tests_themselves_is_not_counted() {
        assert_eq!(counted("the log said: test result: ok. 9 passed"), Counts::default());
    }

    #[test]
    fn a_report_of_playwright_is_counted() {
        let report = r#"{"config": {}, "stats": {"startTime": "", "duration": 1.5, "expected": 4, "skipped": 1, "unexpected": 2, "flaky": 1}}"#;
        assert_eq!(Counts::from_playwright(report).unwrap(), Counts { passed: 5, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_command_that_does_not_compile_is_a_failure() {
        assert_eq!(Counts::default().with_command(false).failed, 1);
        assert_eq!(Counts { failed: 2, ..Counts::default() }.with_command(false).failed, 2);
    }
}
