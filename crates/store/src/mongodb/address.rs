//! Where the database is: a connection string, which is a secret, and what goes with it.
//!
//! Asks nobody by itself, and shows hosts and the database's name only.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use mongodb::options::{
    Acknowledgment, ClientOptions, ConnectionString, HostInfo, ReadPreference, SelectionCriteria,
    ServerMonitoringMode, Tls, WriteConcern,
};

use super::failure::Fault;

/// The database, where the connection string names none.
const DATABASE: &str = "rebound";

/// Databases that are not for others.
const OF_THE_SERVER: [&str; 3] = ["admin", "config", "local"];

/// Longest search for a server that takes writes. The driver's own 30 s would hold up the watch.
const SERVER_SELECTION_MAX: Duration = Duration::from_secs(2);

/// Longest time for a new connection.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// How often the driver looks at each server: how soon an outage and its end are noticed.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(5);

/// Most connections: one that writes and a few for pages.
const CONNECTIONS_MAX: u32 = 8;

/// Where a MongoDB database is, and how to get in.
#[derive(Clone, PartialEq, Eq)]
pub struct MongodbAddress {
    connection: String,
    database: String,
    hosts: String,
    trusted_root: Option<PathBuf>,
    /// What must not be seen in any text: the login, and the whole string.
    secrets: Vec<String>,
}

/// Why a connection string cannot be used. Shows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The driver does not understand it.
    #[error("is no connection string of MongoDB")]
    NotUnderstood,
    /// One of its options cannot be used: its name, never its value.
    #[error("has an option {0} that cannot be used as it stands there")]
    Option(String),
    /// It lets anybody answer in the place of the server.
    #[error("switches the check of certificates off")]
    Unchecked,
    /// The database is the server's own.
    #[error("names a database that MongoDB keeps for itself")]
    OfTheServer,
    /// The name of the database cannot be one.
    #[error("names a database with a character that a name cannot have")]
    DatabaseName,
    /// A root is named, and TLS is not used.
    #[error("does not ask for TLS, though a trusted root is named")]
    RootWithoutTls,
}

impl MongodbAddress {
    /// Checks a connection string; asks nobody. `trusted_root` is a file with certificates in PEM form, which are trusted
    /// instead of the usual ones.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn try_new(connection: &str, trusted_root: Option<PathBuf>) -> Result<Self, AddressError> {
        let parsed = ConnectionString::parse(connection).map_err(|_| what_is_wrong(connection))?;
        if let Some(name) = of_the_drivers_own(&parsed) {
            return Err(AddressError::Option(name.to_owned()));
        }
        if let Some(Tls::Enabled(tls)) = &parsed.tls
            && tls.allow_invalid_certificates == Some(true)
        {
            return Err(AddressError::Unchecked);
        }
        // Whoever names a root wants TLS: that it is not used must not go unnoticed.
        if trusted_root.is_some() && !matches!(parsed.tls, Some(Tls::Enabled(_))) {
            return Err(AddressError::RootWithoutTls);
        }
        let database = parsed.default_database.unwrap_or_else(|| DATABASE.to_owned());
        if database.is_empty()
            || database.contains(['/', '\\', '.', ' ', '"', '$', '*', '<', '>', ':', '|', '?'])
        {
            return Err(AddressError::DatabaseName);
        }
        if OF_THE_SERVER.contains(&database.as_str()) {
            return Err(AddressError::OfTheServer);
        }
        let hosts = match parsed.host_info {
            HostInfo::HostIdentifiers(hosts) => {
                hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            HostInfo::DnsRecord(name) => name,
            // The driver's own list grows.
            _ => return Err(AddressError::NotUnderstood),
        };
        let login =
            parsed.credential.into_iter().flat_map(|login| [login.password, login.username]).flatten();
        let mut secrets: Vec<String> = std::iter::once(connection.to_owned()).chain(login).collect();
        secrets.extend(written_login(connection));
        secrets.retain(|secret| !secret.is_empty());
        Ok(Self { connection: connection.to_owned(), database, hosts, trusted_root, secrets })
    }

    /// The database's name.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The same servers and login, with another database.
    #[must_use]
    pub fn with_database(self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self }
    }

    pub(super) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The driver's options. An address that is looked up by name takes time here.
    pub(super) async fn options(&self) -> Result<ClientOptions, Fault> {
        let mut options = ClientOptions::parse(&self.connection).await?;
        if let (Some(root), Some(Tls::Enabled(tls))) = (&self.trusted_root, &mut options.tls) {
            tls.ca_file_path = Some(root.clone());
        }
        options.app_name = Some("rebound".to_owned());
        options.server_selection_timeout = Some(SERVER_SELECTION_MAX);
        options.connect_timeout = Some(CONNECT_MAX);
        options.heartbeat_freq = Some(HEARTBEAT_EVERY);
        options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
        options.min_pool_size = None;
        options.max_pool_size = Some(CONNECTIONS_MAX);
        // What is acknowledged is on the disks of most members, and what is read is the newest.
        options.write_concern =
            Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
        options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        Ok(options)
    }
}

/// Why a string is not understood: one of its options, where the rest is.
fn what_is_wrong(connection: &str) -> AddressError {
    let Some((base, options)) = connection.split_once('?') else { return AddressError::NotUnderstood };
    if ConnectionString::parse(base).is_err() {
        return AddressError::NotUnderstood;
    }
    let is_wrong = |option: &&str| ConnectionString::parse(format!("{base}?{option}")).is_err();
    match options.split('&').find(is_wrong).and_then(|option| option.split('=').next()) {
        Some(name) if !name.is_empty() && name.chars().all(char::is_alphanumeric) => {
            AddressError::Option(name.chars().take(OPTION_NAME_MAX).collect())
        }
        Some(_) | None => AddressError::NotUnderstood,
    }
}

/// Most characters that are shown of an option's name.
const OPTION_NAME_MAX: usize = 40;

/// An option that the driver refuses later.
#[expect(deprecated, reason = "the driver parses it, and refuses it then")]
fn of_the_drivers_own(parsed: &ConnectionString) -> Option<&'static str> {
    if parsed.socket_timeout.is_some() {
        return Some("socketTimeoutMS");
    }
    (parsed.max_pool_size == Some(0)).then_some("maxPoolSize")
}

/// User and password as they stand in the string, still with their percent signs.
fn written_login(connection: &str) -> Vec<String> {
    let after_scheme = connection.split_once("://").map_or("", |(_, rest)| rest);
    let Some((login, _)) = after_scheme.split_once('@') else { return Vec::new() };
    login.splitn(2, ':').chain(std::iter::once(login)).map(str::to_owned).collect()
}

impl fmt::Display for MongodbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MongoDB, database \"{}\" on {}", self.database, self.hosts)
    }
}

impl fmt::Debug for MongodbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongodbAddress")
            .field("database", &self.database)
            .field("hosts", &self.hosts)
            .field("trusted_root", &self.trusted_root)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "mongodb://anna:p%40ss-word@db.example.com:27018/prod?tls=true";

    #[test]
    fn the_database_is_that_of_the_path_or_our_own() {
        let named = MongodbAddress::try_new(SECRET, None).unwrap();
        assert_eq!(named.database(), "prod");
        let unnamed = MongodbAddress::try_new("mongodb://127.0.0.1/?directConnection=true", None).unwrap();
        assert_eq!(unnamed.database(), "rebound");
    }

    #[test]
    fn the_login_is_never_shown() {
        let address = MongodbAddress::try_new(SECRET, None).unwrap();
        let shown = format!("{address} {address:?}");
        for secret in ["anna", "p%40ss", "p@ss"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert_eq!(address.to_string(), "MongoDB, database \"prod\" on db.example.com:27018");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let root = Some(PathBuf::from("root.pem"));
        let refused = |text, root| MongodbAddress::try_new(text, root).unwrap_err();
        assert_eq!(refused("postgres://127.0.0.1", None), AddressError::NotUnderstood);
        let option = |name: &str| AddressError::Option(name.to_owned());
        assert_eq!(refused("mongodb://127.0.0.1/a?foo=1", None), option("foo"));
        assert_eq!(
            refused("mongodb://127.0.0.1/a?directConnection=true&retryWrites=x", None),
            option("retryWrites")
        );
        assert_eq!(refused("mongodb://127.0.0.1/a?socketTimeoutMS=1", None), option("socketTimeoutMS"));
        assert_eq!(refused("mongodb://127.0.0.1/a?maxPoolSize=0", None), option("maxPoolSize"));
        assert_eq!(refused("mongodb://127.0.0.1:99999/a?tls=true", None), AddressError::NotUnderstood);
        assert_eq!(refused("mongodb://127.0.0.1/a?tls=true&tlsInsecure=true", None), AddressError::Unchecked);
        assert_eq!(refused("mongodb://127.0.0.1/admin", None), AddressError::OfTheServer);
        assert_eq!(refused("mongodb://127.0.0.1/a.b", None), AddressError::DatabaseName);
        assert_eq!(refused("mongodb://127.0.0.1/", root.clone()), AddressError::RootWithoutTls);
        assert!(MongodbAddress::try_new(SECRET, root).is_ok());
    }
}
