use std::fs;
use std::path::PathBuf;

use rebound::ids::TargetId;
use rebound::monitor::Fact;
use rebound_engine::ports::PAGE_MAX;
use tempfile::TempDir;

use super::*;
use crate::conformance;

/// A directory with a store's file in it, removed at the end.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("rebound.db")
    }

    async fn open(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(&self.file()).await
    }

    /// Makes a store with a thousand entries, and closes it.
    async fn filled(self) -> Self {
        let store = self.open().await.unwrap();
        let entries: Vec<_> = (0..1_000).map(entry).collect();
        store.commit(&entries, &[record("shared", "{}")]).await.unwrap();
        store.close().await.unwrap();
        self
    }

    fn sql(&self, sql: &str) {
        Connection::open(self.file()).unwrap().execute_batch(sql).unwrap();
    }

    async fn damage(&self) -> String {
        match self.open().await {
            Err(StoreError::Damaged(text)) => text,
            other => panic!("expected a damaged file, got {other:?}"),
        }
    }

    async fn refusal(&self) -> String {
        refused(self.open().await)
    }
}

fn refused<T: fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Unavailable(text)) => text,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn entry(second: i64) -> JournalEntry {
    JournalEntry {
        at: Timestamp::from_ms(second * 1_000),
        target: Some(TargetId::try_new("mt5").unwrap()),
        incident: Some(IncidentId::new(7)),
        fact: Fact::Phase { phase: "Suspect".to_owned(), because: format!("{second}: {}", "x".repeat(200)) },
    }
}

fn record(key: &str, body: &str) -> StateRecord {
    StateRecord { key: key.to_owned(), body: body.to_owned() }
}

async fn entries(store: &SqliteStore) -> usize {
    let mut after = 0;
    let mut count = 0;
    while let Some((last, _)) = {
        let page = store.journal(after, PAGE_MAX).await.unwrap();
        count += page.len();
        page.last().cloned()
    } {
        after = last;
    }
    count
}

impl SqliteStore {
    /// Lets the file grow to `pages` pages, as a disk would that has no room for more.
    async fn limit_pages(&self, pages: i64) {
        let job = move |connection: &mut Connection, _: &Gate| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        };
        self.writer.run("limit", COMMIT_TIME_MAX, job).await.unwrap();
    }

    async fn number(&self, pragma: &'static str) -> i64 {
        let job = move |connection: &mut Connection, _: &Gate| {
            Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
        };
        self.writer.run("ask", COMMIT_TIME_MAX, job).await.unwrap()
    }
}

#[tokio::test]
async fn sqlite_passes_the_story_of_every_store() {
    let place = Place::new();
    let next = AtomicUsize::new(0);
    let open = async || {
        let name = format!("{}.db", next.fetch_add(1, Ordering::Relaxed));
        SqliteStore::open(&place.directory.path().join(name)).await.unwrap()
    };
    conformance::story(&open).await;
    conformance::transfer_story(&open).await;
}

#[tokio::test]
async fn a_reopened_store_has_everything_and_goes_on() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    assert_eq!(entries(&store).await, 1_000);
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "{}")]));
    store.commit(&[entry(1_000)], &[]).await.unwrap();
    assert_eq!(store.journal(1_000, 10).await, Ok(vec![(1_001, entry(1_000))]));
}

#[tokio::test]
async fn the_settings_are_those_that_keep_commits() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    assert_eq!(store.number("synchronous").await, 2, "FULL");
    assert_eq!(store.number("auto_vacuum").await, 2, "INCREMENTAL");
    assert_eq!(store.number("foreign_keys").await, 1);
    assert_eq!(store.number("user_version").await, i64::from(schema::SCHEMA_VERSION));
    assert!(place.directory.path().join("rebound.db-wal").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let store = place.open().await.unwrap();
    store.commit(&[entry(1)], &[]).await.unwrap();
    store.backup_to(&place.directory.path().join("copy.db")).await.unwrap();
    for file in fs::read_dir(place.directory.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} has mode {mode:o}", file.path().display());
    }
}

#[tokio::test]
async fn a_second_rebound_is_refused_until_the_first_ends() {
    let place = Place::new();
    let first = place.open().await.unwrap();
    let text = place.refusal().await;
    assert!(text.contains("another Rebound uses"), "{text}");
    first.commit(&[entry(1)], &[]).await.unwrap();
    first.close().await.unwrap();
    assert_eq!(entries(&place.open().await.unwrap()).await, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_name_for_the_file_does_not_let_a_second_rebound_in() {
    let place = Place::new();
    let _first = place.open().await.unwrap();
    let alias = place.directory.path().join("alias.db");
    std::os::unix::fs::symlink(place.file(), &alias).unwrap();
    let text = refused(SqliteStore::open(&alias).await);
    assert!(text.contains("another Rebound uses"), "{text}");
}

#[tokio::test]
async fn a_file_of_random_bytes_is_called_damaged_and_left_alone() {
    let place = Place::new();
    let noise: Vec<u8> =
        (0..20_000_u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
    fs::write(place.file(), &noise).unwrap();
    let text = place.damage().await;
    assert!(text.contains("rebound.db") && text.contains("not a database"), "{text}");
    assert_eq!(fs::read(place.file()).unwrap(), noise);
}

#[tokio::test]
async fn a_truncated_file_is_called_damaged() {
    let place = Place::new().filled().await;
    let file = fs::OpenOptions::new().write(true).open(place.file()).unwrap();
    for part in [2, 40] {
        file.set_len(file.metadata().unwrap().len() / part).unwrap();
        let text = place.damage().await;
        assert!(text.contains("rebound.db"), "{text}");
    }
}

#[tokio::test]
async fn a_page_overwritten_with_noise_is_found_when_the_file_is_opened() {
    let place = Place::new().filled().await;
    let mut bytes = fs::read(place.file()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(place.file(), bytes).unwrap();
    place.damage().await;
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let place = Place::new();
    place.sql("CREATE TABLE songs (name TEXT)");
    let before = fs::read(place.file()).unwrap();
    let Err(StoreError::Foreign(text)) = place.open().await else { panic!("it was taken") };
    assert!(text.contains("another program"), "{text}");
    assert_eq!(fs::read(place.file()).unwrap(), before);
    let beside = fs::read_dir(place.directory.path()).unwrap().count();
    assert_eq!(beside, 1, "nothing was left beside it");
}

#[tokio::test]
async fn a_file_from_a_newer_rebound_is_left_alone() {
    let place = Place::new().filled().await;
    place.sql("PRAGMA user_version = 9");
    let before = fs::read(place.file()).unwrap();
    let error = place.open().await.unwrap_err();
    assert_eq!(error, StoreError::TooNew { found: 9, known: schema::SCHEMA_VERSION });
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[tokio::test]
async fn a_record_from_a_newer_rebound_is_named() {
    let place = Place::new().filled().await;
    place.sql("UPDATE state SET version = 2; UPDATE journal SET version = 2 WHERE seq = 5");
    let store = place.open().await.unwrap();
    let Err(StoreError::Damaged(text)) = store.load_state().await else { panic!("the state was read") };
    assert!(text.contains("state \"shared\" has form 2"), "{text}");
    let Err(StoreError::Damaged(text)) = store.journal(0, 10).await else { panic!("the journal was read") };
    assert!(text.contains("journal entry 5 has form 2"), "{text}");
    assert_eq!(store.journal(5, 10).await.map(|page| page.len()), Ok(10), "the others can be read");
}

#[tokio::test]
async fn a_record_that_is_not_what_it_should_be_is_named() {
    let place = Place::new().filled().await;
    place.sql("UPDATE journal SET body = '{\"Phase\":' WHERE seq = 3");
    let store = place.open().await.unwrap();
    let Err(StoreError::Damaged(text)) = store.journal(0, 10).await else { panic!("the journal was read") };
    assert!(text.contains("journal entry 3 cannot be read"), "{text}");
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named() {
    let place = Place::new();
    let missing = place.directory.path().join("missing/rebound.db");
    let text = refused(SqliteStore::open(&missing).await);
    assert!(text.contains("missing/rebound.db") && text.contains("Make the directory"), "{text}");
    let text = refused(SqliteStore::open(place.directory.path()).await);
    assert!(text.contains("is not a file"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    fs::set_permissions(place.directory.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(place.directory.path().join("probe"), "").is_ok() {
        eprintln!("not tried: this user may write everywhere");
        return;
    }
    let text = place.refusal().await;
    assert!(text.contains("rebound.db") && text.contains("Let Rebound write"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new().filled().await;
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o400)).unwrap();
    if fs::OpenOptions::new().write(true).open(place.file()).is_ok() {
        eprintln!("not tried: this user may write everywhere");
        return;
    }
    let text = place.refusal().await;
    assert!(text.contains("rebound.db") && text.contains("Let Rebound write"), "{text}");
}

#[tokio::test]
async fn a_full_disk_keeps_nothing_of_a_commit_and_commits_go_on_when_there_is_room() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    store.limit_pages(store.number("page_count").await + 4).await;

    let big: Vec<_> = (0..1_000).map(entry).collect();
    let answer = store.commit(&big, &[record("shared", "lost")]).await;
    assert!(matches!(&answer, Err(StoreError::Full(text)) if text.contains("full")), "{answer:?}");
    assert_eq!(entries(&store).await, 1_000);
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "{}")]));
    store.commit(&[entry(1)], &[]).await.expect("what fits is still kept");

    store.limit_pages(1_000_000).await;
    store.commit(&big, &[record("shared", "kept")]).await.unwrap();
    assert_eq!(entries(&store).await, 2_001);
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "kept")]));
}

/// Mount something like `tmpfs` with `size=1m` and name it in `REBOUND_TEST_SMALL_DISK`.
#[tokio::test]
#[ignore = "needs a disk of about 1 MB"]
async fn a_disk_that_is_really_full_is_called_full() {
    let disk = PathBuf::from(std::env::var_os("REBOUND_TEST_SMALL_DISK").expect("names a small disk"));
    let store = SqliteStore::open(&disk.join("small.db")).await.unwrap();
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 400_000]).unwrap();
    let batch: Vec<_> = (0..200).map(entry).collect();
    let mut kept = 0;
    let error = loop {
        match store.commit(&batch, &[]).await {
            Ok(()) => kept += batch.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert_eq!(entries(&store).await, kept);
    fs::remove_file(ballast).unwrap();
    store.commit(&batch, &[]).await.expect("there is room again");
    assert_eq!(entries(&store).await, kept + batch.len());
}

#[tokio::test]
async fn a_commit_that_is_given_up_keeps_nothing() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let other = Connection::open(place.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    tokio::time::pause();
    let text = refused(store.commit(&[entry(1)], &[record("shared", "lost")]).await);
    tokio::time::resume();
    assert!(text.contains("commit: given up after 10 s"), "{text}");

    other.execute_batch("ROLLBACK").unwrap();
    store.commit(&[entry(2)], &[]).await.unwrap();
    assert_eq!(store.journal(1_000, 10).await, Ok(vec![(1_001, entry(2))]));
    assert_eq!(store.load_state().await, Ok(vec![record("shared", "{}")]));
}

#[tokio::test]
async fn a_slow_query_is_stopped_and_the_next_one_works() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let endless = |connection: &mut Connection, _: &Gate| {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    };
    tokio::time::pause();
    let text = refused(store.readers[0].run("count", READ_TIME_MAX, endless).await);
    tokio::time::resume();
    assert!(text.contains("count: given up after 5 s"), "{text}");
    assert_eq!(entries(&store).await, 1_000);
}

#[tokio::test]
async fn pruning_removes_old_entries_and_nothing_else() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let all: Vec<_> = (0..12_345).map(entry).collect();
    store.commit(&all, &[record("shared", "{}")]).await.unwrap();
    let pages = store.number("page_count").await;

    assert_eq!(store.prune(Timestamp::from_ms(12_000_000)).await, Ok(12_000));
    assert_eq!(entries(&store).await, 345);
    assert_eq!(store.journal(0, 1).await, Ok(vec![(12_001, entry(12_000))]), "numbers stay");
    assert_eq!(store.load_state().await.map(|state| state.len()), Ok(1));
    assert!(store.number("page_count").await < pages / 4, "the room goes back to the disk");
    assert_eq!(store.prune(Timestamp::from_ms(12_000_000)).await, Ok(0));

    store.prune(Timestamp::from_ms(i64::MAX)).await.unwrap();
    store.commit(&[entry(1)], &[]).await.unwrap();
    assert_eq!(store.journal(0, 9).await, Ok(vec![(12_346, entry(1))]), "a number is never given twice");
}

#[tokio::test]
async fn a_copy_is_a_store_of_its_own() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let target = place.directory.path().join("copy.db");
    store.backup_to(&target).await.unwrap();
    store.commit(&[entry(1)], &[]).await.unwrap();

    let copy = SqliteStore::open(&target).await.unwrap();
    assert_eq!(entries(&copy).await, 1_000);
    assert_eq!(copy.load_state().await, store.load_state().await);
    copy.commit(&[entry(2)], &[]).await.unwrap();
    assert!(!place.directory.path().join("copy.db.part").exists());
}

#[tokio::test]
async fn a_copy_never_replaces_a_file() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let target = place.directory.path().join("precious.txt");
    fs::write(&target, "mine").unwrap();
    let text = refused(store.backup_to(&target).await);
    assert!(text.contains("precious.txt is there already"), "{text}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    refused(store.backup_to(&place.file()).await);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_moved_away_takes_nothing_until_it_is_back() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let away = place.directory.path().join("away.db");
    fs::rename(place.file(), &away).unwrap();

    let refusal = refused(store.commit(&[entry(2_000)], &[]).await);
    assert!(refusal.contains("rebound.db is not the file any more that Rebound opened"), "{refusal}");
    assert!(refusal.contains("Move the file back") && refusal.contains("restart Rebound"), "{refusal}");

    fs::rename(&away, place.file()).unwrap();
    store.commit(&[entry(2_001)], &[]).await.unwrap();
    assert_eq!(entries(&store).await, 1_001);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_or_its_log_that_was_removed_takes_nothing() {
    for name in ["rebound.db", "rebound.db-wal"] {
        let place = Place::new().filled().await;
        let store = place.open().await.unwrap();
        fs::remove_file(place.directory.path().join(name)).unwrap();
        let refusal = refused(store.commit(&[entry(2_000)], &[]).await);
        assert!(refusal.contains(&format!("{name} is not the file any more")), "{refusal}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_replaced_is_neither_written_nor_copied() {
    let place = Place::new().filled().await;
    let store = place.open().await.unwrap();
    let copy = place.directory.path().join("copy.db");
    store.backup_to(&copy).await.unwrap();
    fs::rename(&copy, place.file()).unwrap();
    refused(store.commit(&[entry(2_000)], &[]).await);
    refused(store.backup_to(&place.directory.path().join("another.db")).await);
}
