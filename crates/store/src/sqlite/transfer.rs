//! How a file takes over what another store held.
//!
//! While it is half done, the file has a table `transfer`: the mark. Never opens such a file for anything else.

use async_trait::async_trait;
use rebound::alert::Alert;
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound_engine::ports::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::failure::Fault;
use super::line::Gate;
use super::writing::{Document, Entry, append};
use super::{COMMIT_TIME_MAX, READ_TIME_MAX, SqliteStore};
use crate::transfer::{Begun, Recipient, cannot_begin};

#[async_trait]
impl Recipient for SqliteStore {
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        self.writer.run("read the mark", READ_TIME_MAX, |connection, _| begun(connection)).await
    }

    async fn begin(&self, whole: &str) -> Result<(), StoreError> {
        let (whole, name) = (whole.to_owned(), self.path.display().to_string());
        self.write("mark", move |transaction| {
            let journal: i64 = transaction.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
            if journal > 0 || is_marked(transaction)? {
                return Err(cannot_begin(&name).into());
            }
            transaction.execute_batch("CREATE TABLE transfer (whole TEXT NOT NULL) STRICT")?;
            transaction.execute("INSERT INTO transfer (whole) VALUES (?1)", [&whole])?;
            Ok(())
        })
        .await
    }

    async fn append(&self, entries: &[JournalEntry]) -> Result<(), StoreError> {
        let entries: Vec<Entry> = entries.iter().map(Entry::of).collect::<Result<_, _>>()?;
        self.write("append", move |transaction| {
            entries.iter().try_for_each(|entry| append(transaction, entry))
        })
        .await
    }

    async fn put(&self, incidents: &[Incident], alerts: &[Alert]) -> Result<(), StoreError> {
        let incidents = incidents.iter().map(|incident| Fact::Incident(Box::new(incident.clone())));
        let alerts = alerts.iter().map(|alert| Fact::Alert(Box::new(alert.clone())));
        let documents: Vec<Option<Document>> =
            incidents.chain(alerts).map(|fact| Document::of(&fact)).collect::<Result<_, _>>()?;
        self.write("put", move |transaction| {
            documents.iter().flatten().try_for_each(|document| document.keep(transaction))
        })
        .await
    }

    async fn finish(&self) -> Result<(), StoreError> {
        self.write("take the mark away", |transaction| Ok(transaction.execute_batch("DROP TABLE transfer")?))
            .await
    }
}

impl SqliteStore {
    /// Does `job` in a transaction of its own.
    async fn write(
        &self,
        act: &'static str,
        job: impl FnOnce(&Transaction<'_>) -> Result<(), Fault> + Send + 'static,
    ) -> Result<(), StoreError> {
        let opened = self.opened.clone();
        let whole = move |connection: &mut Connection, gate: &Gate| {
            opened.still_there()?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            job(&transaction)?;
            gate.may_commit()?;
            transaction.commit()?;
            Ok(opened.still_there()?)
        };
        self.writer.run(act, COMMIT_TIME_MAX, whole).await
    }
}

fn begun(connection: &Connection) -> Result<Option<Begun>, Fault> {
    if !is_marked(connection)? {
        return Ok(None);
    }
    let whole = connection.query_row("SELECT whole FROM transfer", [], |row| row.get(0))?;
    let journal: i64 = connection.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
    Ok(Some(Begun { whole, journal: u64::try_from(journal).unwrap_or(0) }))
}

fn is_marked(connection: &Connection) -> Result<bool, Fault> {
    Ok(connection.table_exists(None::<&str>, "transfer")?)
}
