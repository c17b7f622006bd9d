//! What the servers of one database say of themselves while one is sought that takes writes.
//!
//! Never judges: a server is what it says that it is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mongodb::bson::Document;
use mongodb::error::Error;
use mongodb::event::sdam::SdamEvent;
use rebound::check::DatabaseReading;

use crate::told::short;

/// What one server says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    words: String,
    writable: bool,
}

/// The last word of each server.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    roles: BTreeMap<String, Role>,
    failure: Option<Error>,
}

impl Role {
    /// Reads an answer to `hello`; nothing if it does not say whether the server takes writes.
    pub(super) fn of(hello: &Document) -> Option<Self> {
        // Marks of a role are only there where they hold.
        let says = |field| hello.get_bool(field).is_ok_and(|told| told);
        // Servers that have not learnt `hello` yet call it so.
        let primary = hello.get_bool("isWritablePrimary").or_else(|_| hello.get_bool("ismaster")).ok()?;
        let writable = primary && !says("readOnly");
        let words = match hello.get_str("setName") {
            _ if hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") => {
                "router of a sharded cluster".to_owned()
            }
            Ok(set) => {
                let role = if primary {
                    "primary"
                } else if says("secondary") {
                    "secondary"
                } else if says("arbiterOnly") {
                    "arbiter"
                } else {
                    "member without a role"
                };
                format!("{role} of {}", short(set))
            }
            Err(_) if says("isreplicaset") => "member of a replica set that is not initiated".to_owned(),
            Err(_) if primary => "server of its own".to_owned(),
            Err(_) => "server that takes no writes".to_owned(),
        };
        let words = if primary && !writable { format!("{words}, in read-only mode") } else { words };
        Some(Self { words, writable })
    }

    /// Whether it takes writes.
    pub(super) const fn is_writable(&self) -> bool {
        self.writable
    }

    /// As a reading.
    pub(super) fn reading(self) -> DatabaseReading {
        if self.writable {
            DatabaseReading::Writable(self.words)
        } else {
            DatabaseReading::ReadOnly(self.words)
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Heard {
    /// Notes what the driver tells of a server.
    pub(crate) fn hear(&self, event: SdamEvent) {
        if let SdamEvent::ServerHeartbeatSucceeded(told) = event {
            if let Some(role) = Role::of(&told.reply) {
                self.state().roles.insert(told.server_address.to_string(), role);
            }
        } else if let SdamEvent::ServerHeartbeatFailed(told) = event {
            let mut state = self.state();
            state.roles.remove(&told.server_address.to_string());
            state.failure = Some(told.failure);
        }
    }

    /// The servers that answer.
    pub(crate) fn roles(&self) -> Vec<Role> {
        self.state().roles.values().cloned().collect()
    }

    /// The last failure of any server.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.state().failure.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, doc};
    use rebound::check::DatabaseReading::{self, ReadOnly, Writable};
    use rstest::rstest;

    use super::Role;

    #[rstest]
    #[case::primary(doc! { "isWritablePrimary": true, "setName": "rs0" }, Writable("primary of rs0".to_owned()))]
    #[case::secondary(
        doc! { "isWritablePrimary": false, "secondary": true, "setName": "rs0" },
        ReadOnly("secondary of rs0".to_owned())
    )]
    #[case::arbiter(
        doc! { "isWritablePrimary": false, "arbiterOnly": true, "setName": "rs0" },
        ReadOnly("arbiter of rs0".to_owned())
    )]
    #[case::starting(
        doc! { "isWritablePrimary": false, "secondary": false, "setName": "rs0" },
        ReadOnly("member without a role of rs0".to_owned())
    )]
    #[case::not_initiated(
        doc! { "isWritablePrimary": false, "isreplicaset": true },
        ReadOnly("member of a replica set that is not initiated".to_owned())
    )]
    #[case::alone(doc! { "isWritablePrimary": true }, Writable("server of its own".to_owned()))]
    #[case::frozen(
        doc! { "isWritablePrimary": true, "readOnly": true },
        ReadOnly("server of its own, in read-only mode".to_owned())
    )]
    #[case::router(
        doc! { "isWritablePrimary": true, "msg": "isdbgrid" },
        Writable("router of a sharded cluster".to_owned())
    )]
    #[case::cannot(doc! { "isWritablePrimary": false }, ReadOnly("server that takes no writes".to_owned()))]
    #[case::by_its_old_name(doc! { "ismaster": true }, Writable("server of its own".to_owned()))]
    fn a_server_is_what_it_says(#[case] hello: Document, #[case] reading: DatabaseReading) {
        assert_eq!(Role::of(&hello).map(Role::reading), Some(reading));
    }

    #[test]
    fn a_server_that_does_not_say_it_is_nothing_known() {
        assert_eq!(Role::of(&doc! { "ok": 1, "setName": "rs0", "secondary": true }), None);
    }
}
