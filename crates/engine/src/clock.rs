//! The one place that reads a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rebound::time::Timestamp;
use tokio::time::Instant;

use crate::ports::Clock;

/// Wall time at the start plus monotonic time since, and put forward where the machine's wall clock runs ahead of that: after a
/// suspension, or when its time was set. Never steps back. A wrong clock is noticed by what others tell of the time.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
    /// How far it was put forward since, in ms; `None` for a clock that follows no wall.
    forward_ms: Option<Arc<AtomicI64>>,
}

/// A lead of the wall clock below this is slewing, and not followed.
const FORWARD_MIN: Duration = Duration::from_secs(2);

impl SystemClock {
    /// A clock that shows the machine's time from now on.
    #[must_use]
    pub fn start() -> Self {
        Self { forward_ms: Some(Arc::new(AtomicI64::new(0))), ..Self::starting_at(wall()) }
    }

    /// A clock that shows `now` now and follows no wall clock; it stands still under a paused test runtime.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn starting_at(now: Timestamp) -> Self {
        Self { started_at: now, started: Instant::now(), forward_ms: None }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let steady = self.started_at.after(self.started.elapsed());
        let Some(forward_ms) = &self.forward_ms else {
            return steady;
        };
        let lead_ms = lead_ms(wall(), steady);
        let forward = forward_ms.load(Ordering::Relaxed);
        let least = i64::try_from(FORWARD_MIN.as_millis()).unwrap_or(i64::MAX);
        let forward = if lead_ms - forward >= least {
            forward_ms.fetch_max(lead_ms, Ordering::Relaxed).max(lead_ms)
        } else {
            forward
        };
        Timestamp::from_ms(steady.as_ms().saturating_add(forward))
    }
}

fn lead_ms(wall: Timestamp, steady: Timestamp) -> i64 {
    wall.as_ms().saturating_sub(steady.as_ms())
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn wall() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: u64) -> Duration {
        Duration::from_secs(count * 3_600)
    }

    #[tokio::test]
    async fn a_clock_behind_the_wall_is_put_forward_and_one_ahead_never_steps_back() {
        let following = |started_at| SystemClock {
            forward_ms: Some(Arc::new(AtomicI64::new(0))),
            ..SystemClock::starting_at(started_at)
        };
        let behind = following(wall().before(hours(1)));
        assert!(wall().since(behind.now()) < Duration::from_secs(5));
        let ahead = following(wall().after(hours(1)));
        let first = ahead.now();
        assert!(first >= wall().after(hours(1)).before(Duration::from_secs(5)) && ahead.now() >= first);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_of_a_test_moves_only_with_the_test() {
        let clock = SystemClock::starting_at(Timestamp::from_ms(0));
        tokio::time::advance(hours(1)).await;
        assert_eq!(clock.now(), Timestamp::from_ms(3_600_000));
    }
}
