//! Where the history is kept: in a file of SQLite's, in a database of MongoDB's, or nowhere.

use std::fmt;
use std::path::{Path, PathBuf};

use rebound::readiness::DISK_AT_RISK_PERCENT;
use rebound_store::MongodbAddress;
use rebound_store::mongodb::AddressError;
use secrecy::ExposeSecret as _;

use super::Problems;
use super::secret::Secrets;
use super::sections;

/// The file of the store, where none is named.
const FILE: &str = "rebound.db";

/// Where the history is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreSettings {
    /// In this SQLite file.
    Sqlite(PathBuf),
    /// In this database. Sessions stay on this machine, in a file of their own.
    Mongodb {
        /// The database, with the login to it.
        address: MongodbAddress,
        /// The file of sessions.
        sessions: PathBuf,
        /// The file with the number of this installation.
        instance: PathBuf,
    },
    /// In memory: forgotten at the end. For trying things out.
    Memory,
}

impl StoreSettings {
    /// The file with sessions and the made-up password's hash: apart from the history. `None`: they are forgotten as well.
    #[must_use]
    pub fn sessions(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(sessions_beside(path)),
            Self::Mongodb { sessions, .. } => Some(sessions.clone()),
            Self::Memory => None,
        }
    }

    /// The file for what waits while the store refuses. `None`: nothing outlives the end.
    #[must_use]
    pub fn waiting(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension("waiting")),
            Self::Mongodb { instance, .. } => Some(instance.with_extension("waiting")),
            Self::Memory => None,
        }
    }
}

impl StoreSettings {
    /// The file with the history of numbers: apart from the store, so that it can be lost without it. `None`: it is not in a file.
    #[must_use]
    pub fn history(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(history_beside(path)),
            Self::Mongodb { .. } | Self::Memory => None,
        }
    }
}

impl fmt::Display for StoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{} (SQLite)", path.display()),
            Self::Mongodb { address, .. } => write!(f, "{address}"),
            Self::Memory => f.write_str("memory only, and forgotten at the end"),
        }
    }
}

/// The history of numbers of the store at `path`.
pub(crate) fn history_beside(path: &Path) -> PathBuf {
    path.with_extension("history.db")
}

fn sessions_beside(path: &Path) -> PathBuf {
    path.with_extension("sessions.db")
}

/// Checks the section. What is wrong is told, and the default stands in for it.
pub(super) fn check(
    section: &sections::Store,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> StoreSettings {
    let file = secrets.folder.join(FILE);
    let Some(source) = &section.url else {
        if section.trusted_root.is_some() {
            let help = "Set store.url as well, or take trusted_root out.";
            problems.add("store.trusted_root", "is for a store in MongoDB, and no store.url is set", help);
        }
        return match section.path.as_deref() {
            Some("memory") => StoreSettings::Memory,
            Some(path) => StoreSettings::Sqlite(secrets.folder.join(path)),
            None => StoreSettings::Sqlite(file),
        };
    };
    if section.path.is_some() {
        let help =
            "Keep path for a file on this machine, or url for a database of MongoDB, and take the other out.";
        problems.add("store", "has both path and url, and there is one store", help);
    }
    let root = section.trusted_root.as_deref().and_then(|path| {
        secrets.read_certificates("store.trusted_root", path, problems).map(|_| secrets.folder.join(path))
    });
    let url = secrets.read("store.url", source, problems);
    let address = url.and_then(|url| {
        MongodbAddress::try_new(url.expose_secret(), root)
            .map_err(|error| problems.add("store.url", &error.to_string(), help(&error)))
            .ok()
    });
    address.map_or_else(
        || StoreSettings::Sqlite(file.clone()),
        |address| StoreSettings::Mongodb {
            address,
            sessions: sessions_beside(&file),
            instance: file.with_extension("instance"),
        },
    )
}

/// Most percent of room below which a disk is told of.
const ROOM_MAX: u8 = 50;

/// The share of room below which the disk is told of, in percent.
pub(super) fn room_warning(section: &sections::Store, problems: &mut Problems) -> u8 {
    let percent = section.room_warning.unwrap_or(DISK_AT_RISK_PERCENT);
    if percent > ROOM_MAX {
        let what = format!("= {percent} is outside of 0 to {ROOM_MAX}");
        problems.add("store.room_warning", &what, "Give a share in percent; 0 warns of no share.");
    }
    percent
}

fn help(error: &AddressError) -> &'static str {
    match error {
        AddressError::NotUnderstood => {
            "Write mongodb:// or mongodb+srv://, user:password@, the hosts, /database and ?options; in user and password write \
             every sign but letters and digits with %."
        }
        AddressError::Option(_) => {
            "Correct it, or take it out: Rebound sets times, connections and what is acknowledged by itself."
        }
        AddressError::Unchecked => {
            "Take tlsInsecure and tlsAllowInvalidCertificates out, and name the root of the server's certificate as store.trusted_root."
        }
        AddressError::OfTheServer => {
            "Name one for Rebound, e.g. /rebound; a login that is kept in admin is named by ?authSource=admin."
        }
        AddressError::DatabaseName => "Name it with letters, digits, - and _, e.g. /rebound.",
        AddressError::RootWithoutTls => "Add tls=true to its options, or take trusted_root out.",
    }
}
