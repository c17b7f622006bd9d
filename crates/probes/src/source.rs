//! Reads a bridge's accounts from a MongoDB collection that another program writes.
//!
//! One `find` for each look at the bridge, beside its own answers, through one client that is kept and finds its way back by
//! itself. Decides nothing about health: what cannot be read is told with its reason, which names the database and no secret.
//! Never writes, and never waits longer than it was given.

mod document;
mod fields;
mod selection;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, RawDocumentBuf};
use mongodb::error::{Error, ErrorKind};
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::{ClientOptions, ConnectionString, HostInfo};
use rebound::calendar::Zone;
use rebound::check::{AccountsReading, NoAnswer};
use rebound::time::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::timeout_at;

use crate::dialects::accounts::ListShape;
use crate::dialects::accounts::entry::EntryPlaces;
use crate::endpoint::mongodb::Database;
use crate::endpoint::mongodb::failure::{Secrets, definite, refusal, silence, unparsed, unusable};
use crate::endpoint::mongodb::heard::Heard;
use crate::endpoint::{Failure, MongodbAddress};
use crate::limits::{
    ACCOUNTS_MAX, DATABASE_CONNECT_MAX, DATABASE_HEARTBEAT_EVERY, DOCUMENT_BYTES_MAX, DOCUMENTS_AT_ONCE, Wait,
};
use crate::reading::AccountsTold;
use crate::reading::accounts::{Reader, read_entries};
use crate::reading::explain::FieldExplained;
use crate::reading::explain::accounts::explain_entries;
use crate::setup::SetupError;

pub use fields::AccountFields;
pub use selection::{AccountSelection, Conditions, Wanted};

/// Where a bridge's accounts are read from, checked. Asks nobody yet.
#[derive(Clone)]
pub struct AccountSource {
    access: Database,
    database: String,
    hosts: String,
    selection: AccountSelection,
    places: EntryPlaces,
}

/// Why accounts cannot be read from there. Shows nothing of the connection string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The connection string, or the root beside it.
    #[error(transparent)]
    Access(#[from] SetupError),
    /// Nothing says which database it is.
    #[error(
        "nothing says which database it is. Name it in the path of the connection string, mongodb://host/name, or as database"
    )]
    NoDatabase,
    /// A part of the selection cannot work.
    #[error("{problem}. {remedy}")]
    Selection {
        /// What.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// The same with its client.
pub(crate) struct AskedSource {
    source: AccountSource,
    client: OnceCell<Connected>,
}

/// A client that was made, and what it hears of its servers.
struct Connected {
    client: Client,
    heard: Arc<Heard>,
    secrets: Secrets,
}

/// Every document that was found, as JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Documents(Vec<Value>);

impl AccountSource {
    /// Checks what is needed to read accounts; asks nothing yet.
    ///
    /// # Errors
    /// [`SourceError`] with the first that cannot work.
    pub fn try_new(address: MongodbAddress, selection: AccountSelection) -> Result<Self, SourceError> {
        if let Some((problem, remedy)) = selection.problems().into_iter().next() {
            return Err(SourceError::Selection { problem, remedy });
        }
        let parsed = ConnectionString::parse(address.connection.expose_secret());
        let access = Database::try_new(address)?;
        let parsed = parsed.map_err(|_| SetupError::Connection)?;
        let database = selection.database.clone().or(parsed.default_database);
        let database = database.filter(|name| !selection::is_no_database(name));
        let hosts = match parsed.host_info {
            HostInfo::HostIdentifiers(hosts) => {
                hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            HostInfo::DnsRecord(name) => name,
            // The driver's own list grows.
            _ => return Err(SetupError::Connection.into()),
        };
        let places = selection.fields.places();
        Ok(Self { access, database: database.ok_or(SourceError::NoDatabase)?, hosts, selection, places })
    }

    /// The database, for sentences.
    fn database_named(&self) -> String {
        format!("the database \"{}\" on {}", self.database, self.hosts)
    }

    fn reader<'a>(&'a self, server: Option<&'a Zone>) -> Reader<'a> {
        Reader { places: &self.places, server, shape: ListShape::Many, from: &self.selection.collection }
    }
}

impl AskedSource {
    pub(crate) fn new(source: AccountSource) -> Self {
        Self { source, client: OnceCell::new() }
    }

    pub(crate) const fn source(&self) -> &AccountSource {
        &self.source
    }

    /// Finds the documents, within `wait`.
    ///
    /// # Errors
    /// A sentence that says why there are none, with the database and without any secret.
    pub(crate) async fn find(&self, wait: Wait) -> Result<Documents, String> {
        let found = timeout_at(wait.until, Box::pin(self.found(wait))).await;
        let why = match found.unwrap_or_else(|_| Err(self.late(wait))) {
            Ok(documents) if documents.is_empty() => format!(
                "the collection \"{}\" has no document that fits, or is not there",
                self.source.selection.collection
            ),
            Ok(documents) => return Ok(Documents(documents)),
            Err(why) => why,
        };
        Err(format!("{}: {why}", self.source.database_named()))
    }

    /// What the documents say of accounts, by number. The clock of the broker's server is that of `server`.
    pub(crate) fn told(
        &self,
        documents: &Documents,
        server: Option<&Zone>,
        asked_at: Timestamp,
    ) -> AccountsTold {
        let mut told = read_entries(self.source.reader(server), &documents.0, asked_at);
        match &mut told.accounts {
            // The server gives no order, and a page must not jump.
            AccountsReading::Listed(accounts) => accounts.sort_by_key(|account| account.id),
            AccountsReading::NotListed(why) => *why = format!("{}: {why}", self.source.database_named()),
        }
        told
    }

    /// What is read of each field of each document, or why nothing is.
    pub(crate) fn explain(
        &self,
        documents: &Documents,
        server: Option<&Zone>,
        asked_at: Timestamp,
    ) -> Vec<FieldExplained> {
        explain_entries(self.source.reader(server), &documents.0, asked_at)
    }

    async fn found(&self, wait: Wait) -> Result<Vec<Value>, String> {
        let connected = self.client.get_or_try_init(|| self.connect()).await.map_err(words)?;
        let AccountSource { database, selection, .. } = &self.source;
        let collection =
            connected.client.database(database).collection::<RawDocumentBuf>(&selection.collection);
        // One more than is believed, so that too many are noticed; and no longer at the server than it is waited for here.
        let most = i64::try_from(ACCOUNTS_MAX + 1).unwrap_or(i64::MAX);
        let find = collection
            .find(selection.filter())
            .projection(selection.projection())
            .limit(most)
            .batch_size(DOCUMENTS_AT_ONCE)
            .max_time(wait.left().max(Duration::from_millis(1)));
        let failed = |error: Error| connected.sentence(&error, wait);
        let mut cursor = find.await.map_err(failed)?;
        let (mut documents, mut bytes) = (Vec::new(), 0);
        while cursor.advance().await.map_err(failed)? {
            let document = cursor.current();
            bytes += document.as_bytes().len();
            if documents.len() == ACCOUNTS_MAX {
                return Err(format!("more than {ACCOUNTS_MAX} documents fit; name fewer by only or except"));
            }
            if bytes > DOCUMENT_BYTES_MAX {
                return Err(format!(
                    "the documents have more than {DOCUMENT_BYTES_MAX} bytes; name fewer by only or except"
                ));
            }
            let document =
                Document::try_from(document).map_err(|_| "a document cannot be read".to_owned())?;
            documents.push(document::json_of(document));
        }
        Ok(documents)
    }

    async fn connect(&self) -> Result<Connected, Failure> {
        let options = self.source.access.parsed().await.map_err(|error| unparsed(&error))?;
        let secrets = self.source.access.secrets(&options);
        let heard = Arc::new(Heard::default());
        let ear = Arc::clone(&heard);
        let options = kept(options, EventHandler::callback(move |event| ear.hear(event)));
        let client = Client::with_options(options).map_err(|error| unusable(&error, &secrets))?;
        Ok(Connected { client, heard, secrets })
    }

    /// What it means that nothing came in time.
    fn late(&self, wait: Wait) -> String {
        let Some(connected) = self.client.get() else {
            return format!("the servers' names could not be looked up within {} ms", wait.ms);
        };
        let known = connected.heard.failure().filter(|_| connected.heard.roles().is_empty());
        let known = known.and_then(|error| definite(&error)).map(words);
        known.unwrap_or_else(|| NoAnswer::TimedOut(wait.ms).to_string())
    }
}

/// The options of a client that is kept: it looks after its servers by itself, and asks once more where a connection that was
/// kept turns out to be gone.
fn kept(mut options: ClientOptions, ear: EventHandler<SdamEvent>) -> ClientOptions {
    options.sdam_event_handler = Some(ear);
    options.server_selection_timeout = Some(DATABASE_CONNECT_MAX);
    options.connect_timeout = Some(DATABASE_CONNECT_MAX);
    options.heartbeat_freq = Some(DATABASE_HEARTBEAT_EVERY);
    options.retry_reads = Some(true);
    options
}

impl Connected {
    /// Why there are no documents.
    fn sentence(&self, error: &Error, wait: Wait) -> String {
        if matches!(error.kind.as_ref(), ErrorKind::ServerSelection { .. }) {
            if let Some(role) = self.heard.roles().first() {
                return format!("it answers as {role}, and not as the server that is looked for");
            }
            let why = self.heard.failure().and_then(|error| definite(&error));
            return why.map_or_else(|| "no server answers".to_owned(), words);
        }
        refusal(error, &self.secrets).unwrap_or_else(|| words(silence(error, wait, &self.secrets)))
    }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Silent(why) => why.to_string(),
        Failure::Bad(why) => why.to_string(),
        Failure::Foreign { expected, seen } => format!("expected {expected}, met {seen}"),
        Failure::CertificateEnded(ends) => format!("its certificate ended on {ends}"),
        Failure::Unready(why) => why,
    }
}

impl fmt::Display for AccountSource {
    /// Without any secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, hosts, selection, .. } = self;
        write!(f, "{} in the database \"{database}\" on {hosts}{selection}", selection.collection)
    }
}

impl fmt::Debug for AccountSource {
    /// Without the connection string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountSource")
            .field("database", &self.database)
            .field("hosts", &self.hosts)
            .field("selection", &self.selection)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AskedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, f)
    }
}
