//! One connection on a thread of its own, with one job at a time and a time limit for each.
//!
//! A job that is given up keeps nothing: it must ask its [`Gate`] right before it makes something durable.
//! Never starts a job for a caller that has stopped waiting for its turn.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rebound_engine::ports::StoreError;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::failure::Fault;
use super::schema;

/// How much longer a caller waits for a commit that is being written to the disk when its time is over.
const SYNC_TIME_MAX: Duration = Duration::from_secs(20);

/// Steps of SQLite's machine between two looks at whether the caller still waits; well under a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read.
    Read,
    /// Read and write.
    Write,
}

/// One connection.
pub(super) struct Line {
    connection: tokio_rusqlite::Connection,
    /// One permit: at most one job is with the thread, so nothing piles up behind a disk that hangs.
    turn: Arc<Semaphore>,
    path: PathBuf,
}

impl Line {
    /// Opens the file at `path`, which must exist.
    pub(super) async fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        Self::open_with(path, access, schema::prepare).await
    }

    /// As [`Line::open`], with other settings of the connection.
    pub(super) async fn open_with(
        path: &Path,
        access: Access,
        prepare: fn(&Connection, Access) -> Result<(), Fault>,
    ) -> Result<Self, StoreError> {
        let mode = match access {
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let failed = |error: rusqlite::Error| Fault::Sqlite(error).of("open", path);
        let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = tokio_rusqlite::Connection::open_with_flags(path, flags).await.map_err(failed)?;
        let prepare = move |connection: &mut Connection| prepare(connection, access);
        let prepared = connection.call_raw(prepare).await.map_err(|_| thread_ended(path))?;
        prepared.map_err(|fault| fault.of("open", path))?;
        Ok(Self { connection, turn: Arc::new(Semaphore::new(1)), path: path.to_owned() })
    }

    /// Does `job` within `time_max`, its wait for a turn included.
    ///
    /// # Errors
    /// What the job ends with, or [`StoreError::Unavailable`] if the time was too short. Then it kept nothing, except where
    /// the disk did not answer while a commit was being synced; the message says so.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        act: &'static str,
        time_max: Duration,
        job: impl FnOnce(&mut Connection, &Gate) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.try_run(act, time_max, job).await?.ok_or_else(|| {
            let path = self.path.display();
            StoreError::Unavailable(format!("{path}: {act}: given up after {} s", time_max.as_secs()))
        })
    }

    /// Like [`Line::run`]; `None` if the time was too short.
    pub(super) async fn try_run<T: Send + 'static>(
        &self,
        act: &'static str,
        time_max: Duration,
        job: impl FnOnce(&mut Connection, &Gate) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let gate = Arc::new(Gate::default());
        let mut whole = pin!(self.hand_over(Arc::clone(&gate), job));
        let answer = match timeout(time_max, &mut whole).await {
            Ok(answer) => answer,
            Err(_) if gate.give_up() => return Ok(None),
            // It is being written: only its own end tells whether it was kept.
            Err(_) => timeout(SYNC_TIME_MAX, whole).await.map_err(|_| {
                let path = self.path.display();
                StoreError::Unavailable(format!(
                    "{path}: {act}: the disk does not answer; whether it was kept is not known"
                ))
            })?,
        };
        answer?.map(Some).map_err(|fault| fault.of(act, &self.path))
    }

    async fn hand_over<T: Send + 'static>(
        &self,
        gate: Arc<Gate>,
        job: impl FnOnce(&mut Connection, &Gate) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Result<T, Fault>, StoreError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| thread_ended(&self.path))?;
        let work = move |connection: &mut Connection| {
            let answer = stop_when_given_up(connection, &gate)
                .and_then(|()| gate.begin())
                .and_then(|()| job(connection, &gate));
            gate.end();
            drop(turn);
            answer
        };
        self.connection.call_raw(work).await.map_err(|_| thread_ended(&self.path))
    }

    /// Closes the connection after the job under way.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        let Self { connection, path, .. } = self;
        connection
            .close()
            .await
            .map_err(|error| StoreError::Unavailable(format!("{}: close: {error}", path.display())))
    }
}

/// Makes SQLite ask the gate while a statement runs. An interrupt from outside could come between two statements, where it
/// is lost.
fn stop_when_given_up(connection: &Connection, gate: &Arc<Gate>) -> Result<(), Fault> {
    let gate = Arc::clone(gate);
    Ok(connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || gate.is_given_up()))?)
}

fn thread_ended(path: &Path) -> StoreError {
    StoreError::Unavailable(format!("{}: its thread has ended. Restart Rebound", path.display()))
}

/// Settles between a job and its caller whether the job was in time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// For its turn.
    #[default]
    Waiting,
    /// Nothing it did is durable.
    Working,
    /// What it did may be durable any moment.
    Committing,
    /// It has ended.
    Over,
    /// The caller has left; nothing may become durable.
    GivenUp,
}

impl Gate {
    /// The job may make its work durable from here on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the caller has given up; then it must keep nothing.
    pub(super) fn may_commit(&self) -> Result<(), StoreError> {
        self.enter(Stage::Committing)
    }

    fn begin(&self) -> Result<(), Fault> {
        Ok(self.enter(Stage::Working)?)
    }

    fn enter(&self, next: Stage) -> Result<(), StoreError> {
        let mut stage = self.stage();
        match *stage {
            Stage::GivenUp => Err(StoreError::Unavailable("given up".to_owned())),
            Stage::Waiting | Stage::Working | Stage::Committing | Stage::Over => {
                *stage = next;
                Ok(())
            }
        }
    }

    fn end(&self) {
        *self.stage() = Stage::Over;
    }

    fn is_given_up(&self) -> bool {
        *self.stage() == Stage::GivenUp
    }

    /// Gives the job up. `false`: too late, wait for its end.
    fn give_up(&self) -> bool {
        let mut stage = self.stage();
        match *stage {
            Stage::Waiting | Stage::Working | Stage::GivenUp => {
                *stage = Stage::GivenUp;
                true
            }
            Stage::Committing | Stage::Over => false,
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // Nothing panics while it is held; and a stage is whole in any case.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
