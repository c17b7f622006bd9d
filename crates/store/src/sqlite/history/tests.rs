//! Facts about the history in a file.

use rebound::history::Series;

use super::*;
use crate::conformance::samples::target;
use crate::history::conformance::{self, an_hour, hour};

fn one_hour() -> Batch {
    let hours = vec![an_hour(0, &target("mt5"), Series::ResponseTime, 1, &[5.0])];
    Batch { hours, ..Batch::default() }
}

async fn count(history: &SqliteHistory) -> usize {
    let all = history.hours(&target("mt5"), Series::ResponseTime, hour(0), hour(9), Detail::Hours).await;
    all.unwrap().len()
}

#[tokio::test]
async fn sqlite_passes_the_story_of_every_history() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    conformance::story(async || {
        number.set(number.get() + 1);
        SqliteHistory::at(&folder.path().join(format!("{}.history.db", number.get())))
    })
    .await;
}

#[tokio::test]
async fn what_was_kept_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    history.keep(&one_hour()).await.unwrap();
    history.close().await.unwrap();
    assert_eq!(count(&SqliteHistory::at(&path)).await, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    history.keep(&one_hour()).await.unwrap();
    for ending in ["", "-wal"] {
        let found = std::fs::metadata(file::beside(&path, ending)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{ending}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    for number in 1..=4 {
        std::fs::write(&path, "this was a history once, and something has overwritten its first page")
            .unwrap();
        let history = SqliteHistory::at(&path);
        history.keep(&one_hour()).await.unwrap();
        assert_eq!(count(&history).await, 1);
        history.close().await.unwrap();
        let aside = file::beside(&path, &format!(".damaged-{}", number.min(SET_ASIDE_MAX)));
        assert!(std::fs::read_to_string(aside).unwrap().starts_with("this was a history"));
    }
    assert!(!file::beside(&path, ".damaged-4").exists(), "a bad disk is not filled");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_used_is_set_aside_with_the_call_that_meets_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    let many = (0..2_000).map(|number| an_hour(number, &target("mt5"), Series::ResponseTime, 1, &values));
    history.keep(&Batch { hours: many.collect(), ..Batch::default() }).await.unwrap();
    history.close().await.unwrap();
    assert_eq!(history.series_of(&target("mt5"), hour(0)).await, Ok(vec![Series::ResponseTime]));
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let noise = vec![0xA5; usize::try_from(length).unwrap() - 20 * 4_096];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, 20 * 4_096).unwrap();

    let all = async || {
        history.hours(&target("mt5"), Series::ResponseTime, hour(0), hour(9_000), Detail::Minutes).await
    };
    let met = all().await.map(|hours| hours.len());

    assert!(matches!(met, Err(StoreError::Damaged(_))), "{met:?}");
    assert_eq!(all().await, Ok(vec![]), "it begins anew");
    assert!(file::beside(&path, ".damaged-1").exists());
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_a_gap_and_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    let hours = (0..3).map(|number| an_hour(number, &target("mt5"), Series::ResponseTime, 1, &[5.0]));
    history.keep(&Batch { hours: hours.collect(), ..Batch::default() }).await.unwrap();
    let newer = "UPDATE rollups SET minutes = x'02' WHERE hour_ms = (SELECT min(hour_ms) FROM rollups)";
    rusqlite::Connection::open(&path).unwrap().execute(newer, []).unwrap();
    let found = history.hours(&target("mt5"), Series::ResponseTime, hour(0), hour(9), Detail::Minutes).await;
    let found: Vec<Timestamp> = found.unwrap().into_iter().map(|hour| hour.key.hour).collect();
    assert_eq!(found, [hour(1), hour(2)]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_removed_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    history.keep(&one_hour()).await.unwrap();
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(file::beside(&path, ending)).unwrap();
    }
    assert_eq!(count(&history).await, 0);
    history.keep(&one_hour()).await.unwrap();
    history.close().await.unwrap();
    assert_eq!(count(&SqliteHistory::at(&path)).await, 1, "what is written is in the file of that name");
}

#[tokio::test]
async fn the_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    rusqlite::Connection::open(&path).unwrap().execute("CREATE TABLE theirs (a)", []).unwrap();
    let refused = SqliteHistory::at(&path).keep(&one_hour()).await.unwrap_err().to_string();
    assert!(refused.contains("another program"), "{refused}");
    let theirs = rusqlite::Connection::open(&path).unwrap();
    let kept: i64 = theirs.query_row("SELECT count(*) FROM theirs", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn the_history_of_a_newer_rebound_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    history.keep(&one_hour()).await.unwrap();
    history.close().await.unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let refused = history.keep(&one_hour()).await;
    assert_eq!(refused, Err(StoreError::TooNew { found: 2, known: 1 }));
    assert!(!file::beside(&path, ".damaged-1").exists());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_outage_and_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later").join("rebound.history.db");
    let history = SqliteHistory::at(&path);
    assert!(matches!(history.keep(&one_hour()).await, Err(StoreError::Unavailable(_))));
    std::fs::create_dir(folder.path().join("later")).unwrap();
    history.keep(&one_hour()).await.unwrap();
    assert_eq!(count(&history).await, 1);
}
