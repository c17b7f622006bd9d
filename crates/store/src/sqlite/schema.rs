//! The form of the file: its settings, its tables, and how a file is known to be ours and whole.
//!
//! Never changes a file before it is recognised, and never takes a form back.

use std::time::Duration;

use rebound_engine::ports::StoreError;
use rusqlite::{Connection, MAIN_DB};
use rusqlite_migration::{M, Migrations};

use super::failure::Fault;
use super::line::Access;

/// Version of the tables. Grows by one with each entry of [`STEPS`].
pub(super) const SCHEMA_VERSION: u32 = 2;

/// Version of the JSON in each record. Grows when an older Rebound would misread it.
pub(super) const RECORD_VERSION: u32 = 1;

const STEPS: &[M<'_>] = &[M::up(include_str!("schema_1.sql")), M::up(include_str!("schema_2.sql"))];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// `application_id` of our files, "Rebo". The first step writes it.
const OUR_MARK: i64 = 0x5265_626F;

/// First SQLite without the fault by which a checkpoint beside a writer can lose what was committed.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Longest wait for a lock that another program has on the file.
const LOCK_TIME_MAX: Duration = Duration::from_secs(4);

/// Size to which the write-ahead log is cut back after a burst.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// Refuses to work with an SQLite that can lose commits.
pub(super) fn sqlite_is_safe() -> Result<(), StoreError> {
    let found = rusqlite::version_number();
    if found < SQLITE_VERSION_MIN {
        return Err(StoreError::Unavailable(format!(
            "this Rebound was built with SQLite {}, which can lose commits. Build it with 3.51.3 or later",
            rusqlite::version()
        )));
    }
    Ok(())
}

/// Settings of a connection. Reads and writes nothing of the file.
pub(super) fn prepare(connection: &Connection, access: Access) -> Result<(), Fault> {
    connection.busy_timeout(LOCK_TIME_MAX)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    if access == Access::Write {
        // The log is synced with every commit: NORMAL could lose the last ones when the power fails.
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    Ok(())
}

/// Makes sure that the file is empty or ours, and not from the future.
pub(super) fn recognise(connection: &Connection) -> Result<(), Fault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = number("user_version")?;
    let mark = number("application_id")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let path = connection.path().unwrap_or_default();
    if mark != OUR_MARK && (tables > 0 || mark != 0) {
        let text = format!("{path} is an SQLite file of another program. Name another file as store.path");
        return Err(StoreError::Foreign(text).into());
    }
    if found > i64::from(SCHEMA_VERSION) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(StoreError::TooNew { found, known: SCHEMA_VERSION }.into());
    }
    if found < 0 || (found == 0) != (tables == 0) {
        let text = format!("{path} has version {found} and {tables} tables and indexes, which do not fit");
        return Err(StoreError::Damaged(text).into());
    }
    if connection.is_readonly(MAIN_DB)? {
        let text = format!("{path} may not be written. Let Rebound write to it");
        return Err(StoreError::Unavailable(text).into());
    }
    Ok(())
}

/// Looks at every page and stops at the first that is broken.
pub(super) fn check(connection: &Connection) -> Result<(), Fault> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" {
        return Ok(());
    }
    let path = connection.path().unwrap_or_default();
    Err(StoreError::Damaged(format!("{path}: {said}")).into())
}

/// Settings that are kept in the file.
pub(super) fn settle(connection: &Connection) -> Result<(), Fault> {
    // Only takes effect before the first table, and before the file's first page is written by the next setting.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        let path = connection.path().unwrap_or_default();
        let text = format!("{path} cannot have a write-ahead log. Put it on a local disk");
        return Err(StoreError::Unavailable(text).into());
    }
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
    Ok(())
}

/// Brings the tables to [`SCHEMA_VERSION`], each step whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    to_latest(&MIGRATIONS, connection)
}

/// Carries out the steps that a file lacks, each whole or not at all.
pub(super) fn to_latest(migrations: &Migrations<'_>, connection: &mut Connection) -> Result<(), Fault> {
    migrations.to_latest(connection).map_err(|error| {
        if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
            return Fault::Sqlite(err);
        }
        Fault::Store(StoreError::Damaged(error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_lead_to_the_version() {
        assert_eq!(MIGRATIONS.validate(), Ok(()));
        assert_eq!(STEPS.len(), SCHEMA_VERSION as usize);
    }
}
