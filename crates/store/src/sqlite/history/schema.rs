//! The form of the history's file. It is nobody's only copy of anything: what cannot be used is set aside by the caller.

use std::time::Duration;

use rebound_engine::ports::StoreError;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::super::failure::Fault;
use super::super::line::Access;

/// Version of the tables. Grows by one with each entry of [`STEPS`].
const SCHEMA_VERSION: u32 = 1;

const STEPS: &[M<'_>] = &[M::up(include_str!("schema_1.sql"))];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// `application_id` of the history, "RebH". The first step writes it.
const OUR_MARK: i64 = 0x5265_6248;

/// Longest wait for a lock that another program has on the file.
const LOCK_TIME_MAX: Duration = Duration::from_secs(4);

/// Settings of a connection. Reads and writes nothing of the file.
pub(super) fn prepare(connection: &Connection, access: Access) -> Result<(), Fault> {
    connection.busy_timeout(LOCK_TIME_MAX)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    if access == Access::Write {
        // Not synced with every write: a power failure may take the last seconds, and a disk is not worn out by numbers.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(())
}

/// Makes sure that the file is empty or ours, and not from the future.
pub(super) fn recognise(connection: &Connection) -> Result<(), Fault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (found, mark) = (number("user_version")?, number("application_id")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let path = connection.path().unwrap_or_default();
    if mark != OUR_MARK && (tables > 0 || mark != 0) {
        // It is not set aside: it may be dear to somebody.
        let text = format!(
            "{path} is an SQLite file of another program. Move it away, and the history is kept there"
        );
        return Err(StoreError::Foreign(text).into());
    }
    if found > i64::from(SCHEMA_VERSION) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(StoreError::TooNew { found, known: SCHEMA_VERSION }.into());
    }
    Ok(())
}

/// Brings the tables to [`SCHEMA_VERSION`], each step whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    super::super::schema::to_latest(&MIGRATIONS, connection)
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
