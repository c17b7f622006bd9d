//! The one place that reads a clock.

use rebound::time::Timestamp;
use tokio::time::Instant;

use crate::ports::Clock;

/// Wall time at the start plus monotonic time since: never steps back, and stands still under a paused test runtime.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
}

impl SystemClock {
    /// A clock that shows the machine's time from now on.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn start() -> Self {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Self::starting_at(Timestamp::from_ms(ms))
    }

    /// A clock that shows `now` now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn starting_at(now: Timestamp) -> Self {
        Self { started_at: now, started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.started_at.after(self.started.elapsed())
    }
}
