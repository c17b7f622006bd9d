//! Kills a process that writes, again and again, and looks for what it had been told was kept.
//!
//! The writer is this same test binary, started once more for the test `writes_until_it_is_killed` only.

#![expect(clippy::unwrap_used, reason = "a test panics where it cannot go on")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{PAGE_MAX, StateRecord, Store};
use rebound_store::SqliteStore;

/// Names the file to the writer; without it the writer does nothing.
const FILE: &str = "REBOUND_TEST_WRITER_FILE";

/// What the writer says before a number once that commit has returned.
const KEPT: &str = "kept ";

/// Commits that must be seen before the writer is killed, one round each. Some rounds are long enough for the log to be
/// folded into the file.
const ROUNDS: [usize; 14] = [1, 2, 3, 5, 8, 13, 1, 21, 34, 4, 55, 7, 80, 11];

#[tokio::test]
async fn what_was_said_to_be_kept_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rebound.db");
    let mut commits = 0;
    for until in ROUNDS {
        let said = kill_a_writer_after(&file, until);
        assert_eq!(said.first(), Some(&(commits + 1)), "the writer goes on where the file ends");

        let found = whole_commits(&file).await;
        let last = *said.last().unwrap();
        assert!(found >= last, "commit {last} was said to be kept, the file ends with {found}");
        assert!(found <= last + 1, "at most the commit under way may be kept beyond what was said");
        assert_eq!(integrity(&file), "ok");
        commits = found;
    }
}

/// The numbers that a writer said before it was killed; at least `until` of them.
fn kill_a_writer_after(file: &Path, until: usize) -> Vec<i64> {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut number =
        || lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix(KEPT).map(str::to_owned));
    let mut said: Vec<_> =
        (0..until).map(|_| number().expect("the writer goes on until it is killed")).collect();
    writer.kill().unwrap();
    // What it said between the last line that was waited for and its end counts as well.
    said.extend(std::iter::from_fn(number));
    writer.wait().unwrap();
    said.iter().map(|number| number.parse().expect("a line is written whole")).collect()
}

/// Number of the last commit in the file, after a look at every entry: each commit is there as a whole, in order, and the
/// state is that of the last one.
async fn whole_commits(file: &Path) -> i64 {
    let store = SqliteStore::open(file).await.unwrap();
    let mut numbers = Vec::new();
    let mut after = 0;
    loop {
        let page = store.journal(after, PAGE_MAX).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        numbers.extend(page.iter().map(|(_, entry)| entry.at.as_ms()));
    }
    let last = numbers.last().copied().unwrap_or(0);
    let expected: Vec<_> =
        (1..=last).flat_map(|number| entries_of(number).into_iter().map(|entry| entry.at.as_ms())).collect();
    assert_eq!(numbers, expected);
    assert_eq!(store.load_state().await.unwrap(), [state_of(last)]);
    store.close().await.unwrap();
    last
}

fn integrity(file: &Path) -> String {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let store = SqliteStore::open(Path::new(&file)).await.unwrap();
    let state = store.load_state().await.unwrap();
    let last: i64 = state.first().map_or(0, |record| record.body.parse().unwrap());
    // The harness leaves its own line open.
    println!();
    for number in last + 1.. {
        store.commit(&entries_of(number), &[state_of(number)]).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{KEPT}{number}").unwrap();
        out.flush().unwrap();
    }
}

/// One to five entries of up to 60 kB, so that a commit spans many pages.
fn entries_of(number: i64) -> Vec<JournalEntry> {
    let size = usize::try_from(number * 7_919 % 60_000).unwrap();
    let entry = |_| JournalEntry {
        at: Timestamp::from_ms(number),
        target: None,
        incident: None,
        fact: Fact::Phase { phase: "Healthy".to_owned(), because: "x".repeat(size) },
    };
    (0..=number % 5).map(entry).collect()
}

fn state_of(number: i64) -> StateRecord {
    StateRecord { key: "last".to_owned(), body: number.to_string() }
}
