//! Changes of who watches what, as they stand in the journal, and the collections made from them.

use futures::TryStreamExt as _;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use rebound::ids::TargetId;
use rebound_engine::cluster::{MemberId, ServerName};
use rebound_engine::ports::StoreError;

use super::failure::Fault;
use super::form::{must_know, number, whole};
use super::schema::{LEASES, SERVERS};
use crate::leases::{Change, Held, Server, Standing};

/// A change as a part of a commit.
pub(super) fn written(change: &Change) -> Result<Document, StoreError> {
    let list = |targets: &[TargetId]| targets.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
    Ok(match change {
        Change::Joined { member, server, row } => doc! {
            "kind": "joined", "member": member.as_str(), "name": &server.name, "instance": &server.instance,
            "row": number(*row)?,
        },
        Change::Ended { member } => doc! { "kind": "ended", "member": member.as_str() },
        Change::Claimed { member, targets } => {
            doc! { "kind": "claimed", "member": member.as_str(), "targets": list(targets) }
        }
        Change::Released { member, targets } => {
            doc! { "kind": "released", "member": member.as_str(), "targets": list(targets) }
        }
    })
}

/// The change of a commit, if it has one.
pub(super) fn read(commit: &Document, name: &dyn Fn() -> String) -> Result<Option<Change>, Fault> {
    let Ok(change) = commit.get_document("change") else { return Ok(None) };
    let damaged = |why: &str| StoreError::Damaged(format!("{}: {why}", name()));
    let text = |key: &str| {
        change.get_str(key).map(str::to_owned).map_err(|_| damaged(&format!("its change has no `{key}`")))
    };
    let targets = || -> Result<Vec<TargetId>, StoreError> {
        let listed = change.get_array("targets").map_err(|_| damaged("its change has no `targets`"))?;
        let target = |id: &mongodb::bson::Bson| id.as_str().and_then(|id| TargetId::try_new(id).ok());
        Ok(listed.iter().filter_map(target).collect())
    };
    let member = MemberId::new(text("member")?);
    Ok(Some(match text("kind")?.as_str() {
        "joined" => {
            let row = change.get("row").and_then(whole).and_then(|row| u64::try_from(row).ok());
            let server = ServerName { name: text("name")?, instance: text("instance")? };
            Change::Joined { member, server, row: row.ok_or_else(|| damaged("its change has no `row`"))? }
        }
        "ended" => Change::Ended { member },
        "claimed" => Change::Claimed { member, targets: targets()? },
        "released" => Change::Released { member, targets: targets()? },
        other => return Err(damaged(&format!("a change \"{other}\" is not known")).into()),
    }))
}

/// Who takes part and who watches what, as the collections say.
pub(super) async fn load(database: &Database) -> Result<Standing, Fault> {
    let mut standing = Standing::default();
    for document in all(database, SERVERS).await? {
        let row = document.get("_id").and_then(whole).and_then(|row| u64::try_from(row).ok());
        let name = || format!("server {row:?}");
        must_know(&document, &name)?;
        let text = |key| document.get_str(key).map(str::to_owned).unwrap_or_default();
        let server = Server {
            member: document.get_str("member").ok().map(|id| MemberId::new(id.to_owned())),
            server: ServerName { name: text("name"), instance: text("instance") },
            seq: seq(&document),
        };
        standing.servers.extend(row.map(|row| (row, server)));
    }
    for document in all(database, LEASES).await? {
        let id = document.get_str("_id").unwrap_or_default().to_owned();
        must_know(&document, &|| format!("lease of \"{id}\""))?;
        let row =
            |key| document.get(key).and_then(whole).and_then(|row| u64::try_from(row).ok()).unwrap_or(0);
        let held = Held {
            holder: document.get_str("holder").ok().map(|id| MemberId::new(id.to_owned())),
            holder_row: row("holder_row"),
            row: row("row"),
            seq: seq(&document),
        };
        standing.leases.extend(TargetId::try_new(&id).ok().map(|id| (id, held)));
    }
    Ok(standing)
}

async fn all(database: &Database, collection: &str) -> Result<Vec<Document>, Fault> {
    Ok(database.collection::<Document>(collection).find(doc! {}).await?.try_collect().await?)
}

fn seq(document: &Document) -> u64 {
    document.get("seq").and_then(whole).and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0)
}

/// The document of a row.
pub(super) fn server(server: &Server) -> Document {
    let mut document = doc! { "name": &server.server.name, "instance": &server.server.instance };
    if let Some(member) = &server.member {
        document.insert("member", member.as_str());
    }
    document
}

/// The document of a target's lease.
pub(super) fn lease(held: &Held) -> Result<Document, StoreError> {
    let mut document = doc! { "row": number(held.row)?, "holder_row": number(held.holder_row)? };
    if let Some(holder) = &held.holder {
        document.insert("holder", holder.as_str());
    }
    Ok(document)
}
