//! Changes of the settings, one document each under its number: of two servers that change something at once one is first, and
//! the other is told.

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use rebound_engine::ports::{PAGE_MAX, StoreError};
use rebound_engine::settings::Revision;

use super::failure::Fault;
use super::form::{below, date, must_know, number, whole};
use super::schema::{RECORD_VERSION, SETTINGS};

/// Keeps a change, if its number is free. Whether it is kept, now or by an earlier call.
pub(super) async fn keep(database: &Database, revision: &Revision) -> Result<bool, Fault> {
    let id = number(revision.number)?;
    let document = doc! {
        "_id": id, "at": date(revision.at), "by": &revision.by,
        "body": json(revision)?, "version": i64::from(RECORD_VERSION),
    };
    let all = database.collection::<Document>(SETTINGS);
    match all.insert_one(document).await.map_err(Fault::from) {
        Ok(_) => Ok(true),
        // The driver itself may have tried twice.
        Err(fault) if fault.is_duplicate() => {
            let there = all.find_one(doc! { "_id": id }).await?.map(of).transpose()?;
            Ok(there.as_ref() == Some(revision))
        }
        Err(fault) => Err(fault),
    }
}

/// Changes below `before`, newest first.
pub(super) async fn read(
    database: &Database,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Revision>, Fault> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let below = doc! { "_id": { "$lt": below(before) }, "body": { "$exists": true } };
    let all = database.collection::<Document>(SETTINGS);
    let found = all.find(below).sort(doc! { "_id": -1 }).limit(i64::from(limit.min(PAGE_MAX)));
    let found: Vec<Document> = found.await?.try_collect().await?;
    found.into_iter().map(of).collect()
}

fn of(document: Document) -> Result<Revision, Fault> {
    let id = document.get("_id").and_then(whole).unwrap_or_default();
    let name = || format!("change {id} of the settings");
    must_know(&document, &name)?;
    let body = document.get_str("body").unwrap_or_default();
    Ok(serde_json::from_str(body).map_err(|error| StoreError::Damaged(format!("{}: {error}", name())))?)
}

/// As one text: its keys have dots in them, which names of fields cannot have on every server.
fn json(revision: &Revision) -> Result<String, Fault> {
    let text = serde_json::to_string(revision);
    Ok(text
        .map_err(|error| StoreError::Unavailable(format!("a change cannot be written as JSON: {error}")))?)
}
