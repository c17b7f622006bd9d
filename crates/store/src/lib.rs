//! Keeps what must not be forgotten: [`SqliteStore`] in one file, [`MongodbStore`] in a database that several machines reach,
//! [`MemoryStore`] for tests.
//!
//! Implements [`rebound_engine::ports::Store`] and what belongs to it: the cluster of several servers, [`WaitingFile`] for what
//! waits while a store refuses, [`StoreLook`], which tells how much room is left, and [`transfer::Recipient`] for what moves from
//! one store to another. The history of numbers is kept beside them: [`SqliteHistory`], [`MongodbHistory`], [`MemoryHistory`];
//! and who is logged in: [`SqliteLogins`], [`MongodbLogins`], [`MemoryLogins`].
//! Decides nothing about incidents or alerts, and reads no clock: every time comes with the facts.

pub mod sqlite;

pub mod mongodb;

pub mod memory;

pub mod transfer;

pub mod history;

pub mod logins;

pub mod waiting;

pub mod conformance;

mod leases;

mod look;

pub use self::mongodb::history::MongodbHistory;
pub use self::mongodb::logins::MongodbLogins;
pub use self::mongodb::{MongodbAddress, MongodbStore};
pub use look::StoreLook;
pub use memory::history::MemoryHistory;
pub use memory::logins::MemoryLogins;
pub use memory::{MemoryCluster, MemoryServer, MemoryStore};
pub use sqlite::SqliteStore;
pub use sqlite::history::SqliteHistory;
pub use sqlite::logins::SqliteLogins;
pub use waiting::WaitingFile;
