//! Logins in an SQLite file of their own: apart from the store, so that a copy of the history can be given away.
//!
//! Every call has a time limit. The file may be open twice: `rebound reset-password` and `rebound users` write it while Rebound runs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rebound::time::Timestamp;
use rebound_engine::ports::StoreError;
use rusqlite::{Connection, OptionalExtension as _, params};
use rusqlite_migration::{M, Migrations};

use super::failure::Fault;
use super::line::{Access, Line};
use super::{file, schema};
use crate::logins::{Amendment, Deed, KeptSession, Logins, SessionKey};

/// Version of the tables. Grows by one with each entry of [`STEPS`].
const SCHEMA_VERSION: u32 = 2;

const STEPS: &[M<'_>] =
    &[M::up(include_str!("logins/schema_1.sql")), M::up(include_str!("logins/schema_2.sql"))];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// `application_id` of the file, "RebL". The first step writes it.
const OUR_MARK: i64 = 0x5265_624C;

/// Longest time for a call. Somebody waits for his page.
const CALL_TIME_MAX: Duration = Duration::from_secs(3);
/// Longest time for each part of opening.
const OPEN_TIME_MAX: Duration = Duration::from_secs(20);

/// Logins in an SQLite file.
pub struct SqliteLogins {
    line: Line,
    path: PathBuf,
}

impl SqliteLogins {
    /// Opens the file, or makes it, readable for its owner only.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be opened or written, is another program's, or was written by a newer Rebound.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = file::create_private(path)?;
        let line = Line::open(&path, Access::Write).await?;
        line.run("open the logins", OPEN_TIME_MAX, |connection, _| recognise(connection)).await?;
        line.run("settings", OPEN_TIME_MAX, |connection, _| schema::settle(connection)).await?;
        line.run("migration", OPEN_TIME_MAX, |connection, _| schema::to_latest(&MIGRATIONS, connection))
            .await?;
        Ok(Self { line, path })
    }

    async fn call<T: Send + 'static>(
        &self,
        act: &'static str,
        job: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let job = move |connection: &mut Connection, gate: &super::line::Gate| {
            // Each job is one statement that writes, and is over with it.
            gate.may_commit()?;
            job(connection)
        };
        self.line.run(act, CALL_TIME_MAX, job).await
    }
}

/// Makes sure that the file is empty, ours, or one of an earlier Rebound, which had no mark; and not from the future.
fn recognise(connection: &Connection) -> Result<(), Fault> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (found, mark) = (number("user_version")?, number("application_id")?);
    let count = |filter: &str| {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE {filter}");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
    };
    let is_earlier = mark == 0 && (count("true")? == 0 || count("name = 'login'")? == 1);
    if mark != OUR_MARK && !is_earlier {
        let path = connection.path().unwrap_or_default();
        let text = format!("{path} is an SQLite file of another program. Move it away");
        return Err(StoreError::Foreign(text).into());
    }
    if found > i64::from(SCHEMA_VERSION) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(StoreError::TooNew { found, known: SCHEMA_VERSION }.into());
    }
    Ok(())
}

fn number_of(column: i64) -> Result<u64, Fault> {
    let damaged = |_| StoreError::Damaged(format!("a change of who may do what has the number {column}"));
    Ok(u64::try_from(column).map_err(damaged)?)
}

#[async_trait]
impl Logins for SqliteLogins {
    async fn begin(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let KeptSession { key, data, ends_at } = session.clone();
        self.call("begin a session", move |connection| {
            let sql = "INSERT OR IGNORE INTO sessions (key, data, ends_at_ms) VALUES (?1, ?2, ?3)";
            Ok(connection.execute(sql, params![key.as_str(), data, ends_at.as_ms()])? == 1)
        })
        .await
    }

    async fn go_on(&self, session: &KeptSession) -> Result<bool, StoreError> {
        let KeptSession { key, data, ends_at } = session.clone();
        self.call("go on with a session", move |connection| {
            let sql = "UPDATE sessions SET data = ?2, ends_at_ms = ?3 WHERE key = ?1";
            Ok(connection.execute(sql, params![key.as_str(), data, ends_at.as_ms()])? == 1)
        })
        .await
    }

    async fn session(&self, key: &SessionKey, now: Timestamp) -> Result<Option<KeptSession>, StoreError> {
        let key = key.clone();
        self.call("read a session", move |connection| {
            let sql = "SELECT data, ends_at_ms FROM sessions WHERE key = ?1 AND ends_at_ms > ?2";
            let found = connection.query_row(sql, params![key.as_str(), now.as_ms()], |row| {
                Ok(KeptSession {
                    key: key.clone(),
                    data: row.get(0)?,
                    ends_at: Timestamp::from_ms(row.get(1)?),
                })
            });
            Ok(found.optional()?)
        })
        .await
    }

    async fn end(&self, key: &SessionKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.call("end a session", move |connection| {
            connection.execute("DELETE FROM sessions WHERE key = ?1", [key.as_str()])?;
            Ok(())
        })
        .await
    }

    async fn end_all(&self) -> Result<(), StoreError> {
        self.call("end every session", |connection| {
            connection.execute("DELETE FROM sessions", [])?;
            Ok(())
        })
        .await
    }

    async fn remove_over(&self, before: Timestamp) -> Result<(), StoreError> {
        self.call("remove sessions", move |connection| {
            connection.execute("DELETE FROM sessions WHERE ends_at_ms <= ?1", [before.as_ms()])?;
            Ok(())
        })
        .await
    }

    async fn hash_of(&self, username: &str) -> Result<Option<String>, StoreError> {
        let username = username.to_owned();
        self.call("read a user", move |connection| {
            let sql = "SELECT hash FROM login WHERE username = ?1";
            Ok(connection.query_row(sql, [username], |row| row.get(0)).optional()?)
        })
        .await
    }

    async fn keep_first_hash(&self, username: &str, hash: &str) -> Result<String, StoreError> {
        let (username, hash) = (username.to_owned(), hash.to_owned());
        self.call("keep a user", move |connection| {
            let sql = "INSERT OR IGNORE INTO login (username, hash) VALUES (?1, ?2)";
            connection.execute(sql, params![username, hash])?;
            let sql = "SELECT hash FROM login WHERE username = ?1";
            Ok(connection.query_row(sql, [username], |row| row.get(0))?)
        })
        .await
    }

    async fn replace_hash(&self, username: &str, hash: &str) -> Result<(), StoreError> {
        let (username, hash) = (username.to_owned(), hash.to_owned());
        self.call("keep a user", move |connection| {
            let sql = "INSERT OR REPLACE INTO login (username, hash) VALUES (?1, ?2)";
            connection.execute(sql, params![username, hash])?;
            Ok(())
        })
        .await
    }

    async fn roster(&self) -> Result<Option<(u64, String)>, StoreError> {
        self.call("read the roster", |connection| {
            let sql = "SELECT number, roster FROM amendments ORDER BY number DESC LIMIT 1";
            let newest = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            newest.map(|(number, roster)| Ok((number_of(number)?, roster))).transpose()
        })
        .await
    }

    async fn amend(&self, amendment: &Amendment) -> Result<bool, StoreError> {
        let Amendment { deed: Deed { number, at, by, what }, roster } = amendment.clone();
        let number = i64::try_from(number)
            .map_err(|_| StoreError::Unavailable(format!("change {number} is above the highest number")))?;
        self.call("change the roster", move |connection| {
            let sql = "INSERT OR IGNORE INTO amendments (number, at_ms, by, what, roster) VALUES (?1, ?2, ?3, ?4, ?5)";
            Ok(connection.execute(sql, params![number, at.as_ms(), by, what, roster])? == 1)
        })
        .await
    }

    async fn deeds(&self, before: Option<u64>, limit: u32) -> Result<Vec<Deed>, StoreError> {
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        self.call("read what was changed", move |connection| {
            let sql =
                "SELECT number, at_ms, by, what FROM amendments WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
            let mut statement = connection.prepare(sql)?;
            let mut found = statement.query(params![before, limit])?;
            let mut deeds = Vec::new();
            while let Some(row) = found.next()? {
                let at = Timestamp::from_ms(row.get(1)?);
                deeds.push(Deed { number: number_of(row.get(0)?)?, at, by: row.get(2)?, what: row.get(3)? });
            }
            Ok(deeds)
        })
        .await
    }

    async fn note_use(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.call("note a use", move |connection| {
            let sql = "INSERT INTO key_uses (key, at_ms) VALUES (?1, ?2)
                ON CONFLICT (key) DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)";
            connection.execute(sql, params![key, at.as_ms()])?;
            Ok(())
        })
        .await
    }

    async fn uses(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        self.call("read uses", |connection| {
            let mut statement = connection.prepare("SELECT key, at_ms FROM key_uses")?;
            let found = statement.query_map([], |row| Ok((row.get(0)?, Timestamp::from_ms(row.get(1)?))))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

impl fmt::Debug for SqliteLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLogins").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logins::conformance;

    #[test]
    fn the_steps_lead_to_the_version() {
        assert_eq!(MIGRATIONS.validate(), Ok(()));
        assert_eq!(STEPS.len(), SCHEMA_VERSION as usize);
    }

    #[tokio::test]
    async fn sqlite_passes_the_story_of_every_keeper_of_logins() {
        let folder = tempfile::tempdir().unwrap();
        let number = std::cell::Cell::new(0);
        conformance::story(async || {
            number.set(number.get() + 1);
            SqliteLogins::open(&folder.path().join(format!("{}.sessions.db", number.get()))).await.unwrap()
        })
        .await;
    }

    #[tokio::test]
    async fn a_password_made_up_by_an_earlier_rebound_stays_and_plain_ids_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.sessions.db");
        let earlier = Connection::open(&path).unwrap();
        let made = "create table login (username text primary key, hash text not null) strict;
            insert into login values ('admin', 'hash');
            create table tower_sessions (id text primary key not null, data blob not null, expiry_date integer not null);";
        earlier.execute_batch(made).unwrap();
        drop(earlier);
        let logins = SqliteLogins::open(&path).await.unwrap();
        assert_eq!(logins.hash_of("admin").await, Ok(Some("hash".to_owned())));
        drop(logins);
        let count = "SELECT count(*) FROM sqlite_schema WHERE name = 'tower_sessions'";
        let left: i64 = Connection::open(&path).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
        SqliteLogins::open(&path).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_without_a_roster_keeps_everything_and_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.sessions.db");
        let mut earlier = Connection::open(&path).unwrap();
        MIGRATIONS.to_version(&mut earlier, 1).unwrap();
        let made = "INSERT INTO login VALUES ('admin', 'hash');
            INSERT INTO sessions VALUES ('one-hash', '{}', 4000000000000);";
        earlier.execute_batch(made).unwrap();
        drop(earlier);
        let logins = SqliteLogins::open(&path).await.unwrap();
        assert_eq!(logins.hash_of("admin").await, Ok(Some("hash".to_owned())));
        let key = SessionKey::new("one-hash".to_owned());
        assert!(logins.session(&key, Timestamp::from_ms(0)).await.unwrap().is_some());
        assert_eq!(logins.roster().await, Ok(None));
    }

    #[tokio::test]
    async fn the_hashes_of_earlier_rosters_are_gone_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.sessions.db");
        let logins = SqliteLogins::open(&path).await.unwrap();
        for number in 1..=2 {
            let deed = Deed {
                number,
                at: Timestamp::from_ms(0),
                by: "admin".to_owned(),
                what: "a change".to_owned(),
            };
            let amendment = Amendment { deed, roster: format!("roster {number}") };
            assert_eq!(logins.amend(&amendment).await, Ok(true));
        }
        drop(logins);
        let count = "SELECT count(*) FROM amendments WHERE roster IS NOT NULL";
        let left: i64 = Connection::open(&path).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 1);
    }

    #[tokio::test]
    async fn a_file_of_another_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.sessions.db");
        Connection::open(&path).unwrap().execute_batch("create table letters (text)").unwrap();
        let refused = SqliteLogins::open(&path).await.unwrap_err().to_string();
        assert!(refused.contains("of another program"), "{refused}");
    }
}
