//! How late Rebound itself is: a task that should wake at fixed times and notes when it does not.
//!
//! A machine without a processor for it, a suspended host, a runtime that is blocked: all of them make others look silent.

use std::sync::Arc;
use std::time::Duration;

use rebound::time::Timestamp;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::ports::Clock;

/// From one beat to the next.
const BEAT: Duration = Duration::from_millis(500);
/// How often the lateness is told where there is none.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// A lateness that is told at once.
const TELL_AT_ONCE: Duration = Duration::from_secs(1);

/// The beats of this process.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// The largest lateness since the last time it was told, and how often it was told.
    told: watch::Receiver<(u64, Duration)>,
}

impl Pulse {
    /// Begins to beat, until `stop`.
    pub(crate) fn start(clock: Arc<dyn Clock>, stop: CancellationToken) -> Self {
        let (tell, told) = watch::channel((0, Duration::ZERO));
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = beat(clock, tell) => {}
            }
        });
        Self { told }
    }

    /// The largest lateness since it was last told. Waits until there is something to tell.
    pub(crate) async fn late(&mut self) -> Duration {
        if self.told.changed().await.is_err() {
            // It stops with the loop that asks.
            std::future::pending::<()>().await;
        }
        self.told.borrow_and_update().1
    }
}

async fn beat(clock: Arc<dyn Clock>, tell: watch::Sender<(u64, Duration)>) {
    let (mut largest, mut count) = (Duration::ZERO, 0);
    let mut told_at = clock.now();
    loop {
        let due = clock.now().after(BEAT);
        sleep(BEAT).await;
        let now: Timestamp = clock.now();
        largest = largest.max(now.since(due));
        if largest >= TELL_AT_ONCE || now.since(told_at) >= TELL_EVERY {
            count += 1;
            tell.send_replace((count, largest));
            (largest, told_at) = (Duration::ZERO, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::clock::SystemClock;

    /// A clock that jumps as a suspended machine's does.
    #[derive(Debug)]
    struct Jumping {
        steady: SystemClock,
        jumped_ms: AtomicI64,
    }

    impl Clock for Jumping {
        fn now(&self) -> Timestamp {
            Timestamp::from_ms(self.steady.now().as_ms() + self.jumped_ms.load(Ordering::Relaxed))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_stood_still_is_noticed_at_once_and_a_quiet_one_says_so_now_and_then() {
        let clock = Arc::new(Jumping {
            steady: SystemClock::starting_at(Timestamp::from_ms(0)),
            jumped_ms: AtomicI64::new(0),
        });
        let stop = CancellationToken::new();
        let mut pulse = Pulse::start(Arc::clone(&clock) as Arc<dyn Clock>, stop.clone());
        assert_eq!(pulse.late().await.as_secs(), 0);
        tokio::time::advance(Duration::from_millis(100)).await;
        clock.jumped_ms.store(30_000, Ordering::Relaxed);
        assert_eq!(pulse.late().await.as_secs(), 30);
        stop.cancel();
    }
}
