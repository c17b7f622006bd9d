//! When a page that hears nothing calls: Rebound itself may be gone, and then nobody else may tell.
//!
//! Pure: told at each tick of the page's clock whether the board is old.

use std::time::Duration;

use rebound::time::Timestamp;

/// So long nothing must be heard. A restart of Rebound is shorter.
const QUIET_MIN: Duration = Duration::from_secs(60);
/// A longer pause between two ticks is a machine that slept: what was not heard meanwhile says nothing. Browsers let a page that
/// nobody sees tick once a minute.
const SLEPT: Duration = Duration::from_secs(90);

/// Since when nothing is heard, as far as the page was awake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quiet {
    since: Option<Timestamp>,
    ticked: Option<Timestamp>,
    called: bool,
}

impl Quiet {
    /// One tick. Returns since when nothing is heard, where it is to be called now.
    pub(super) fn tick(&mut self, now: Timestamp, stale: bool) -> Option<Timestamp> {
        let slept = self.ticked.replace(now).is_none_or(|before| now.since(before) > SLEPT);
        if !stale {
            (self.since, self.called) = (None, false);
            return None;
        }
        if slept || self.since.is_none() {
            self.since = Some(now);
        }
        let since = self.since.filter(|since| now.since(*since) >= QUIET_MIN && !self.called)?;
        self.called = true;
        Some(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    /// At which seconds it calls.
    fn calls(ticks: impl IntoIterator<Item = (i64, bool)>) -> Vec<i64> {
        let mut quiet = Quiet::default();
        ticks
            .into_iter()
            .filter_map(|(second, stale)| quiet.tick(at(second), stale).map(|_| second))
            .collect()
    }

    #[test]
    fn a_minute_without_news_calls_once_until_news_came() {
        assert_eq!(calls((0..300).map(|second| (second, true))), [60]);
        let back = (0..300).map(|second| (second, second != 100));
        assert_eq!(calls(back), [60, 161]);
    }

    #[test]
    fn a_restart_does_not_call() {
        assert_eq!(calls((0..300).map(|second| (second, second % 60 != 0))), [0; 0]);
    }

    #[test]
    fn a_machine_that_wakes_up_does_not_call_before_it_had_a_minute_to_hear() {
        assert_eq!(calls([(0, false), (1, false), (30_000, true), (30_001, true), (30_002, false)]), [0; 0]);
        assert_eq!(
            calls([(0, false), (30_000, true), (30_030, true), (30_059, true), (30_060, true)]),
            [30_060]
        );
    }

    #[test]
    fn a_page_that_nobody_sees_ticks_once_a_minute_and_calls() {
        assert_eq!(calls((0..5).map(|minute| (minute * 60, true))), [60]);
    }
}
