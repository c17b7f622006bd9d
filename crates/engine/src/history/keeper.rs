//! The task that keeps the history: adds up what the loop lays down, and writes it once a minute.
//!
//! One call of the store at a time, each with a time limit. While the store fails, what waits is bounded; the oldest goes, and is
//! counted and told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rebound::history::HistoryState;
use rebound::ids::TargetId;
use rebound::target::Config;
use rebound::time::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::aggregate::Aggregator;
use super::pending::Pending;
use super::port::{Batch, Horizon, Removed};
use super::recorder::Recorder;
use super::ring::{Note, Ring};
use super::rollup::{MINUTE_MS, Writer, floor};
use super::tap::Tap;
use super::uptime::UptimeDay;
use super::{History, Kept};
use crate::ports::{Clock, StoreError};

/// Longest time for one call of the store.
const CALL_MAX: Duration = Duration::from_secs(30);
/// How long a store that fails is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// How often what has been kept long enough is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);
/// Longest time for the last writes at an orderly stop.
const LAST_WRITES_MAX: Duration = Duration::from_secs(5);

/// The history as the engine holds it.
#[derive(Clone, Debug)]
pub(crate) struct Keeping {
    pub(crate) history: History,
    state: Arc<Mutex<HistoryState>>,
    stop: CancellationToken,
    stopped: CancellationToken,
}

impl Keeping {
    /// How it fares.
    pub(crate) fn state(&self) -> HistoryState {
        locked(&self.state).clone()
    }

    /// Writes what is left, and ends.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.stopped.cancelled().await;
    }
}

/// The task.
pub(crate) struct Keeper {
    clock: Arc<dyn Clock>,
    history: History,
    ring: Arc<Ring>,
    aggregator: Aggregator,
    recorder: Option<Recorder>,
    pending: Pending,
    state: Arc<Mutex<HistoryState>>,
    calls: JoinSet<Done>,
    next_write: Timestamp,
    next_prune: Timestamp,
    /// Until when the store is left alone.
    rests_until: Timestamp,
}

/// A call of the store that has ended.
enum Done {
    Kept(Batch, Result<(), StoreError>),
    Loaded(TargetId, Result<Vec<UptimeDay>, StoreError>),
    Pruned(Result<Removed, StoreError>),
}

impl Keeper {
    /// Begins to keep what a run in this `row` of servers sees.
    pub(crate) fn start(
        history: History,
        clock: Arc<dyn Clock>,
        config: &Config,
        row: u64,
    ) -> (Tap, Keeping) {
        let ring = Arc::new(Ring::default());
        let now = clock.now();
        let writer = Writer::new(now, row);
        let state = Arc::new(Mutex::new(HistoryState::default()));
        let (stop, stopped) = (CancellationToken::new(), CancellationToken::new());
        let keeping = Keeping {
            history: history.clone(),
            state: Arc::clone(&state),
            stop: stop.clone(),
            stopped: stopped.clone(),
        };
        ring.push(Note::Settings(Arc::new(config.clone())));
        let records = !history.kept.recordings.is_zero();
        let keeper = Self {
            clock,
            history,
            ring: Arc::clone(&ring),
            aggregator: Aggregator::new(writer),
            recorder: records.then(|| Recorder::new(writer)),
            pending: Pending::default(),
            state,
            calls: JoinSet::new(),
            next_write: next_minute(now),
            next_prune: next_minute(now),
            rests_until: now,
        };
        let guard = stopped.drop_guard();
        tokio::spawn(async move {
            keeper.run(&stop).await;
            drop(guard);
        });
        (Tap::new(ring), keeping)
    }

    async fn run(mut self, stop: &CancellationToken) {
        loop {
            let now = self.clock.now();
            self.call(now);
            let rest = if self.rests_until > now { self.rests_until } else { self.next_write };
            let wake = self.next_write.min(rest).since(now);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(done) = self.calls.join_next(), if !self.calls.is_empty() => match done {
                    Ok(done) => self.done(done),
                    Err(error) => tracing::error!(%error, "a call of the history broke"),
                },
                () = self.ring.filled() => self.take_in(),
                () = sleep(wake) => {
                    let now = self.clock.now();
                    if now >= self.next_write {
                        self.take_in();
                        self.next_write = next_minute(now);
                        self.line_up(now);
                    }
                }
            }
        }
        self.end().await;
    }

    fn take_in(&mut self) {
        let (notes, lost) = self.ring.take();
        if lost > 0 {
            tracing::warn!(
                lost,
                "observations were not taken into the history: this machine has too much to do"
            );
            locked(&self.state).observations_lost += lost;
            if let Some(recorder) = &mut self.recorder {
                recorder.lose(lost);
            }
        }
        for note in notes {
            match note {
                Note::Seen(seen) => {
                    if let Some(target) = &seen.of {
                        self.aggregator.add(target, seen.at, &seen.samples);
                        self.aggregator.charge(target, &seen.stretches);
                    }
                    if let Some(recorder) = &mut self.recorder {
                        recorder.record(seen.of, seen.at, seen.seen);
                    }
                }
                Note::Settings(config) => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.configure(config);
                    }
                }
                Note::Gone(targets) => {
                    self.aggregator.forget(targets.as_deref());
                    if let Some(recorder) = &mut self.recorder {
                        recorder.end(targets.as_deref(), self.clock.now());
                    }
                }
            }
        }
    }

    /// Puts what changed into the line of what is to be written.
    fn line_up(&mut self, now: Timestamp) {
        let (hours, days) = self.aggregator.give(now);
        let recordings = self.recorder.as_mut().map(|recorder| recorder.give(now)).unwrap_or_default();
        self.pending.add(hours, days, recordings);
        let (samples, rows) = (self.aggregator.lost, self.pending.lost);
        let mut state = locked(&self.state);
        if samples > state.samples_lost {
            tracing::warn!(
                lost = samples,
                "numbers are left out of the history: there are too many series at once"
            );
        }
        if rows > state.rows_lost {
            tracing::warn!(
                lost = rows,
                "the history cannot be written for so long that its oldest rows are dropped"
            );
        }
        (state.samples_lost, state.rows_lost) = (samples, rows);
    }

    /// Begins the next call of the store, if none runs and there is something to do.
    fn call(&mut self, now: Timestamp) {
        if !self.calls.is_empty() || self.rests_until > now {
            return;
        }
        let store = Arc::clone(&self.history.store);
        if let Some((target, from, to)) = self.aggregator.not_loaded() {
            self.calls.spawn(async move {
                let days = within(store.days(Some(&target), from, to)).await;
                Done::Loaded(target, days)
            });
        } else if let Some(batch) = self.pending.next_part() {
            self.calls.spawn(async move {
                let kept = within(store.keep(&batch)).await;
                Done::Kept(batch, kept)
            });
        } else if now >= self.next_prune {
            self.next_prune = now.after(PRUNE_EVERY);
            let horizon = self.history.kept.horizon(now);
            self.calls.spawn(async move { Done::Pruned(within(store.prune(&horizon)).await) });
        }
    }

    fn done(&mut self, done: Done) {
        let outcome = match done {
            Done::Kept(_, Ok(())) => {
                locked(&self.state).written_at = Some(self.clock.now());
                Ok(())
            }
            Done::Kept(batch, Err(error)) => {
                self.pending.give_back(batch);
                Err(error)
            }
            Done::Loaded(target, Ok(days)) => {
                self.aggregator.load(&target, days);
                Ok(())
            }
            Done::Loaded(_, Err(error)) => Err(error),
            Done::Pruned(Ok(removed)) => {
                let Removed { minutes, hours, recordings } = removed;
                tracing::debug!(minutes, hours, recordings, "old history was removed");
                Ok(())
            }
            Done::Pruned(Err(error)) => Err(error),
        };
        self.note(outcome);
    }

    fn note(&mut self, outcome: Result<(), StoreError>) {
        let now = self.clock.now();
        let mut state = locked(&self.state);
        match outcome {
            Ok(()) => {
                if state.fails.take().is_some() {
                    tracing::info!("the history can be written again");
                }
            }
            Err(error) => {
                self.rests_until = now.after(RETRY_AFTER);
                if state.fails.is_none() {
                    tracing::warn!(%error, "the history cannot be kept for now; everything else goes on");
                }
                let since = state.fails.take().map_or(now, |(since, _)| since);
                state.fails = Some((since, error.to_string()));
            }
        }
    }

    /// Writes what is left.
    async fn end(mut self) {
        let now = self.clock.now();
        self.take_in();
        if let Some(recorder) = &mut self.recorder {
            recorder.end(None, now);
        }
        self.line_up(now);
        let writing = async {
            while let Some(done) = self.calls.join_next().await {
                if let Ok(done) = done {
                    self.done(done);
                }
            }
            while let Some((target, from, to)) = self.aggregator.not_loaded() {
                let days = self.history.store.days(Some(&target), from, to).await?;
                self.aggregator.load(&target, days);
            }
            self.line_up(now);
            while let Some(batch) = self.pending.next_part() {
                self.history.store.keep(&batch).await?;
            }
            self.history.store.end().await;
            Ok::<(), StoreError>(())
        };
        match timeout(LAST_WRITES_MAX, writing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last minute of the history could not be written"),
            Err(_) => tracing::warn!("the last minute of the history could not be written in time"),
        }
    }
}

impl Kept {
    /// What has been kept long enough at `now`.
    #[must_use]
    pub fn horizon(&self, now: Timestamp) -> Horizon {
        Horizon {
            minutes: now.before(self.minutes),
            hours: now.before(self.hours),
            recordings: now.before(self.recordings),
            recordings_bytes_max: self.recordings_bytes_max,
        }
    }
}

async fn within<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(CALL_MAX, call).await.unwrap_or_else(|_| {
        Err(StoreError::Unavailable(format!("no answer within {} s", CALL_MAX.as_secs())))
    })
}

fn next_minute(now: Timestamp) -> Timestamp {
    Timestamp::from_ms(floor(now, MINUTE_MS).as_ms() + MINUTE_MS)
}

fn locked(state: &Mutex<HistoryState>) -> MutexGuard<'_, HistoryState> {
    // Nothing that can panic is done while it is locked.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
