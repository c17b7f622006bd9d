//! The form of the database: its collections, their indexes, and the version that says who may write.
//!
//! Never changes a database that a newer Rebound wrote, and never takes a form back.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};
use rebound_engine::ports::StoreError;

use super::failure::Fault;
use super::form::whole;
use super::health;
use super::history::{HOURS, RECORDINGS, UPTIME, YEARS};
use super::logins::{AMENDMENTS, KEY_USES, SESSIONS, USERS};

/// Version of collections and indexes. 2: several servers share the database, and the journal says who may write what.
const SCHEMA_VERSION: u32 = 2;

/// Version of each document. Grows when an older Rebound would misread it.
pub(super) const RECORD_VERSION: u32 = 1;

/// Every commit, one document each: what happened.
pub(super) const JOURNAL: &str = "journal";
/// What is made from the journal: everything as it is now.
pub(super) const INCIDENTS: &str = "incidents";
pub(super) const ALERTS: &str = "system_alerts";
pub(super) const STATE: &str = "state";
pub(super) const STEPS: &str = "steps";
pub(super) const STATUS: &str = "mt5_watchdog_status";
/// Changes of the settings, each with all that held from then on.
pub(super) const SETTINGS: &str = "settings";
/// The rows of servers, and who has them.
pub(super) const SERVERS: &str = "servers";
/// Who watches which target.
pub(super) const LEASES: &str = "leases";
/// Beside the journal: signs of life of the servers, what they show, and what they ask of each other.
pub(super) const PRESENCE: &str = "presence";
pub(super) const BOARDS: &str = "boards";
pub(super) const ORDERS: &str = "orders";
/// How everything was in the last day, for scripts of earlier systems.
pub(super) const HEALTH: &str = "system_health_history";
/// How long requests between servers are kept.
const ORDERS_KEPT: Duration = Duration::from_secs(24 * 3_600);
/// One document, about the database itself.
pub(super) const META: &str = "meta";
/// Its id.
const ABOUT: &str = "rebound";

/// What is read as a whole, and has documents of ours alone. Under other names of ours, orders and sessions among them, documents
/// of another program do no harm, and are left alone.
const OURS_ALONE: [&str; 12] = [
    JOURNAL, INCIDENTS, STATE, STEPS, SETTINGS, SERVERS, LEASES, PRESENCE, BOARDS, USERS, AMENDMENTS,
    KEY_USES,
];

/// Whether a Rebound has used the database.
pub(super) async fn is_there(database: &Database) -> Result<bool, Fault> {
    Ok(database.collection::<Document>(META).find_one(doc! { "_id": ABOUT }).await?.is_some())
}

/// A field that every document of ours in a collection has, beside its version, and hardly one of another program.
fn sign_of(collection: &str) -> &'static str {
    match collection {
        JOURNAL => "commit",
        STATE | SETTINGS | BOARDS => "body",
        INCIDENTS | STEPS | SERVERS | LEASES => "seq",
        PRESENCE => "beats",
        ORDERS => "what",
        HEALTH => "components",
        SESSIONS => "data",
        USERS => "hash",
        AMENDMENTS => "roster",
        RECORDINGS => "packed",
        UPTIME => "hours",
        YEARS => "covered_ms",
        HOURS => "writer",
        _ => "version",
    }
}

/// Of what matches `filter` in a collection, what Rebound wrote: another program may keep its own under the same name, and nothing of
/// that is changed or removed.
pub(super) fn ours(collection: &str, mut filter: Document) -> Document {
    filter.insert("version", doc! { "$exists": true });
    filter.insert(sign_of(collection), doc! { "$exists": true });
    filter
}

/// Checks who wrote the database, and makes what is missing.
pub(super) async fn prepare(database: &Database) -> Result<(), Fault> {
    let meta = database.collection::<Document>(META);
    let found = meta.find_one(doc! { "_id": ABOUT }).await?;
    let version = found.as_ref().map(|found| found.get("schema").and_then(whole));
    match version {
        None => nobody_elses(database).await?,
        Some(Some(version)) if (1..=i64::from(SCHEMA_VERSION)).contains(&version) => {}
        Some(Some(version)) if version > i64::from(SCHEMA_VERSION) => {
            let found = u32::try_from(version).unwrap_or(u32::MAX);
            return Err(StoreError::TooNew { found, known: SCHEMA_VERSION }.into());
        }
        Some(Some(_) | None) => {
            return Err(foreign(database, META).into());
        }
    }
    for (collection, keys, unique) in [
        (JOURNAL, doc! { "last": 1 }, true),
        (JOURNAL, doc! { "commit": 1 }, true),
        (JOURNAL, doc! { "at": 1 }, false),
        (INCIDENTS, doc! { "open": 1, "target": 1 }, false),
        (ALERTS, doc! { "target": 1, "_id": -1 }, false),
        (ALERTS, doc! { "acknowledged": 1, "_id": -1 }, false),
        (ALERTS, doc! { "timestamp": -1 }, false),
        (STEPS, doc! { "target": 1, "intended_at": -1 }, false),
        (ORDERS, doc! { "to": 1, "state": 1 }, false),
    ] {
        let options = IndexOptions::builder().unique(unique).build();
        let index = IndexModel::builder().keys(keys).options(options).build();
        match database.collection::<Document>(collection).create_index(index).await.map_err(Fault::from) {
            Ok(_) => {}
            // Somebody made one of his own over the same fields, with a retention perhaps: it serves as well.
            Err(fault) if !unique && fault.is_other_index() => {}
            Err(fault) => return Err(fault),
        }
    }
    for (collection, field, kept) in [
        (ORDERS, "at", ORDERS_KEPT),
        (HEALTH, "created_at", health::KEPT),
        (SESSIONS, "ends_at", Duration::ZERO),
    ] {
        end_by_themselves(database, collection, field, kept).await?;
    }
    if matches!(version, Some(Some(1))) {
        // From now on an older Rebound refuses: it would write without being asked whether it may.
        let schema = doc! { "$max": { "schema": i64::from(SCHEMA_VERSION) } };
        meta.update_one(doc! { "_id": ABOUT }, schema).await?;
    }
    if version.is_none() {
        let about = doc! { "$setOnInsert": {
            "schema": i64::from(SCHEMA_VERSION), "projected": 0_i64, "version": i64::from(RECORD_VERSION),
        } };
        meta.update_one(doc! { "_id": ABOUT }, about).upsert(true).await?;
    }
    Ok(())
}

/// Makes sure that a database without our mark has nothing of another program where we would read it.
async fn nobody_elses(database: &Database) -> Result<(), Fault> {
    for collection in OURS_ALONE {
        let collected = database.collection::<Document>(collection);
        let lacks = |field: &str| {
            let mut lacks = Document::new();
            lacks.insert(field, doc! { "$exists": false });
            lacks
        };
        let theirs = collected.find_one(doc! { "$or": [lacks("version"), lacks(sign_of(collection))] });
        if theirs.projection(doc! { "_id": 1 }).await?.is_some() {
            return Err(foreign(database, collection).into());
        }
    }
    Ok(())
}

fn foreign(database: &Database, collection: &str) -> StoreError {
    StoreError::Foreign(format!(
        "the collection \"{collection}\" of the database \"{}\" has documents of another program. Name a database of its own at the end of \
         store.url, as in mongodb://host/rebound",
        database.name()
    ))
}

/// Lets documents of ours end by themselves, so long after the time in `field`. Another program may keep its own under the same name, orders
/// of a market perhaps: what has no version of ours stays.
async fn end_by_themselves(
    database: &Database,
    collection: &str,
    field: &str,
    kept: Duration,
) -> Result<(), Fault> {
    let ours = ours(collection, Document::new());
    let name = format!("rebound_{field}");
    let options =
        IndexOptions::builder().name(name).expire_after(kept).partial_filter_expression(ours).build();
    let mut keys = Document::new();
    keys.insert(field, 1);
    let index = IndexModel::builder().keys(keys).options(options).build();
    match database.collection::<Document>(collection).create_index(index).await.map_err(Fault::from) {
        // A server that takes only one index of these fields keeps the one that somebody made before.
        Err(fault) if !fault.is_other_index() => Err(fault),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Up to which number of the journal the other collections are made.
pub(super) async fn projected(database: &Database) -> Result<i64, Fault> {
    let found = database.collection::<Document>(META).find_one(doc! { "_id": ABOUT }).await?;
    Ok(found.as_ref().and_then(|found| found.get("projected")).and_then(whole).unwrap_or(0))
}

/// Notes that they are made up to `seq`. Never goes back.
pub(super) async fn note_projected(database: &Database, seq: i64) -> Result<(), Fault> {
    let meta = database.collection::<Document>(META);
    meta.update_one(doc! { "_id": ABOUT }, doc! { "$max": { "projected": seq } }).await?;
    Ok(())
}
