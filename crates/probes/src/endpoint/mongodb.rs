//! Asks a MongoDB server or cluster whether it answers and can be written.
//!
//! A client of its own for each question, so that each proves that a new one is let in. Runs `hello` and `ping`, reads nothing
//! else, writes nothing. Never shows the connection string: it is a secret, and so is what the driver says of it.

pub(crate) mod failure;
pub(crate) mod heard;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::doc;
use mongodb::error::{Error, ErrorKind, Result as Answer};
use mongodb::event::EventHandler;
use mongodb::options::{ClientOptions, ConnectionString, ServerAddress, ServerMonitoringMode, Tls};
use rebound::check::{DatabaseReading, NoAnswer};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{timeout, timeout_at};

use self::failure::{Secrets, definite, refusal, silence, unparsed, unusable};
use self::heard::{Heard, Role};
use super::tcp::Place;
use super::{Failure, MongodbAddress};
use crate::limits::{Budget, DATABASE_CLOSE_MAX, DATABASE_CONNECT_MAX, Wait};
use crate::setup::SetupError;

/// The port of a server that names none.
const PORT: u16 = 27_017;

/// A MongoDB server or cluster, and how to get in.
#[derive(Clone)]
pub(crate) struct Database {
    connection: SecretString,
    trusted_root: Option<PathBuf>,
}

impl Database {
    /// Checks the connection string; asks nothing yet.
    pub(crate) fn try_new(address: MongodbAddress) -> Result<Self, SetupError> {
        let MongodbAddress { connection, trusted_root } = address;
        let parsed =
            ConnectionString::parse(connection.expose_secret()).map_err(|_| SetupError::Connection)?;
        // Whoever names a root wants TLS: that it is not used must not go unnoticed.
        if trusted_root.is_some() && !matches!(parsed.tls, Some(Tls::Enabled(_))) {
            return Err(SetupError::RootWithoutTls);
        }
        Ok(Self { connection, trusted_root })
    }

    /// Asks once. The caller holds the deadline. No reading, where the server does not say whether it takes writes.
    pub(crate) async fn ask(&self, budget: Budget) -> Result<Option<DatabaseReading>, Failure> {
        // What is left after the search is for the question, or for a look at why nobody was found.
        let search = budget.side.four_fifths();
        let mut options = self.options(search).await?;
        let secrets = self.secrets(&options);
        let places: Vec<Place> = options.hosts.iter().filter_map(place).collect();
        let heard = Arc::new(Heard::default());
        let ear = Arc::clone(&heard);
        options.sdam_event_handler = Some(EventHandler::callback(move |event| ear.hear(event)));
        let client = Client::with_options(options).map_err(|error| unusable(&error, &secrets))?;

        let asked = timeout_at(budget.side.until, hello(&client)).await;
        tokio::spawn(close(client));
        let error = match asked {
            Ok(Ok(role)) => return Ok(role.map(Role::reading)),
            Ok(Err(error)) => error,
            Err(_) => return Err(Failure::Silent(NoAnswer::TimedOut(budget.side.ms))),
        };
        if matches!(error.kind.as_ref(), ErrorKind::ServerSelection { .. }) {
            return unselected(&heard, &places, budget).await.map(Some);
        }
        match refusal(&error, &secrets) {
            Some(why) => Ok(Some(DatabaseReading::Refuses(why))),
            None => Err(silence(&error, budget.side, &secrets)),
        }
    }

    async fn options(&self, search: Wait) -> Result<ClientOptions, Failure> {
        // Only the kind of address that is looked up by name takes time here.
        let mut options = match timeout_at(search.until, self.parsed()).await {
            Ok(Ok(options)) => options,
            Ok(Err(error)) => {
                return Err(unparsed(&error));
            }
            Err(_) => {
                let why = format!("the servers' names could not be looked up within {} ms", search.ms);
                return Err(Failure::Silent(NoAnswer::Other(why)));
            }
        };
        let left = Duration::from_millis(u64::from(search.ms)).saturating_sub(search.passed());
        options.server_selection_timeout = Some(left);
        options.connect_timeout = Some(left.min(DATABASE_CONNECT_MAX));
        Ok(options)
    }

    /// What the connection string says, and what is the same for every client that asks: one connection, and no question asked
    /// twice. An address that is looked up by name takes time here.
    pub(crate) async fn parsed(&self) -> Answer<ClientOptions> {
        let mut options = ClientOptions::parse(self.connection.expose_secret()).await?;
        if let (Some(root), Some(Tls::Enabled(tls))) = (&self.trusted_root, &mut options.tls) {
            tls.ca_file_path = Some(root.clone());
        }
        options.app_name = Some("rebound".to_owned());
        options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
        options.min_pool_size = None;
        options.max_pool_size = Some(1);
        options.retry_reads = Some(false);
        options.retry_writes = Some(false);
        Ok(options)
    }

    /// What no message may hold.
    pub(crate) fn secrets(&self, options: &ClientOptions) -> Secrets {
        Secrets::of(&self.connection, options)
    }
}

impl fmt::Debug for Database {
    /// Without the connection string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

/// What the server that takes writes says of itself, once it also answered a `ping`.
async fn hello(client: &Client) -> Result<Option<Role>, Error> {
    let admin = client.database("admin");
    let hello = admin.run_command(doc! { "hello": 1 }).await?;
    admin.run_command(doc! { "ping": 1 }).await?;
    Ok(Role::of(&hello))
}

/// Ends a client's tasks and connections. What does not end in time ends with its last handle.
async fn close(client: Client) {
    drop(timeout(DATABASE_CLOSE_MAX, client.shutdown().immediate(true)).await);
}

/// What it means that no server that takes writes was found in time.
async fn unselected(heard: &Heard, places: &[Place], budget: Budget) -> Result<DatabaseReading, Failure> {
    let roles = heard.roles();
    if let Some(role) = roles.iter().find(|role| role.is_writable()) {
        return Ok(DatabaseReading::Refuses(format!(
            "a server answers as {role}, but does not fit the connection string: look at its replicaSet"
        )));
    }
    if let Some(role) = roles.first() {
        return Ok(DatabaseReading::ReadOnly(format!("{role}; no primary answers")));
    }
    if let Some(failure) = heard.failure().and_then(|error| definite(&error)) {
        return Err(failure);
    }
    // The driver says only that it took too long: look whether anybody accepts connections there.
    let mut silent = Failure::Silent(NoAnswer::Other("no server was found".to_owned()));
    for place in places {
        match place.connect(budget.side).await {
            Ok(_) => return Err(Failure::Silent(NoAnswer::TimedOut(budget.side.passed_ms()))),
            Err(why) => silent = Failure::Silent(why),
        }
    }
    Err(silent)
}

fn place(address: &ServerAddress) -> Option<Place> {
    let ServerAddress::Tcp { host, port } = address else {
        return None;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some(Place::new(host.to_owned(), port.unwrap_or(PORT)))
}
