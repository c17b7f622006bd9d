use std::sync::mpsc;

use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

const TIME_MAX: Duration = Duration::from_secs(10);

/// A job that stands still where a test wants it to.
struct Held {
    /// Says that the job has come there.
    there: oneshot::Receiver<()>,
    /// Lets it go on.
    go_on: mpsc::Sender<()>,
    answer: JoinHandle<Result<(), StoreError>>,
}

/// Where a held job stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    BeforeTheGate,
    BehindTheGate,
}

/// Starts to insert one row, and holds.
fn hold(line: &Arc<Line>, place: Where) -> Held {
    let (arrive, there) = oneshot::channel();
    let (go_on, wait) = mpsc::channel();
    let line = Arc::clone(line);
    let job = move |connection: &mut Connection, gate: &Gate| {
        let transaction = connection.transaction()?;
        transaction.execute("INSERT INTO rows VALUES (1)", [])?;
        if place == Where::BehindTheGate {
            gate.may_commit()?;
        }
        arrive.send(()).unwrap();
        wait.recv().unwrap();
        if place == Where::BeforeTheGate {
            gate.may_commit()?;
        }
        Ok(transaction.commit()?)
    };
    let answer = tokio::spawn(async move { line.run("insert", TIME_MAX, job).await });
    Held { there, go_on, answer }
}

async fn line_with_a_table(directory: &TempDir) -> Arc<Line> {
    let file = directory.path().join("line.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE rows (i)").unwrap();
    Arc::new(Line::open(&file, Access::Write).await.unwrap())
}

async fn rows(line: &Line) -> Result<i64, StoreError> {
    let count = |connection: &mut Connection, _: &Gate| {
        Ok(connection.query_row("SELECT count(*) FROM rows", [], |row| row.get(0))?)
    };
    line.run("count", TIME_MAX, count).await
}

async fn its_time_passes() {
    tokio::time::pause();
    tokio::time::advance(TIME_MAX + Duration::from_secs(1)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_job_given_up_in_the_middle_keeps_nothing() {
    let directory = TempDir::new().unwrap();
    let line = line_with_a_table(&directory).await;
    let held = hold(&line, Where::BeforeTheGate);
    held.there.await.unwrap();
    its_time_passes().await;
    let answer = held.answer.await.unwrap();
    assert!(matches!(&answer, Err(StoreError::Unavailable(text)) if text.contains("given up")), "{answer:?}");

    held.go_on.send(()).unwrap();
    assert_eq!(rows(&line).await, Ok(0));
}

#[tokio::test]
async fn a_commit_that_has_begun_is_waited_for() {
    let directory = TempDir::new().unwrap();
    let line = line_with_a_table(&directory).await;
    let held = hold(&line, Where::BehindTheGate);
    held.there.await.unwrap();
    its_time_passes().await;
    held.go_on.send(()).unwrap();
    assert_eq!(held.answer.await.unwrap(), Ok(()));
    assert_eq!(rows(&line).await, Ok(1));
}

#[tokio::test]
async fn a_job_whose_caller_did_not_get_a_turn_is_never_started() {
    let directory = TempDir::new().unwrap();
    let line = line_with_a_table(&directory).await;
    let first = hold(&line, Where::BehindTheGate);
    first.there.await.unwrap();
    let second = hold(&line, Where::BeforeTheGate);
    tokio::task::yield_now().await;
    its_time_passes().await;
    assert!(second.answer.await.unwrap().is_err());
    assert!(second.there.await.is_err(), "the second job was dropped");

    first.go_on.send(()).unwrap();
    assert_eq!(first.answer.await.unwrap(), Ok(()));
    assert_eq!(rows(&line).await, Ok(1));
}
