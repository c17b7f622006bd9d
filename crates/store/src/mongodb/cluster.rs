//! Several servers on one database: changes of who watches what go through the journal, like everything that counts; signs
//! of life, boards and requests of others do not, because nothing is lost with them.

use std::io::{BufReader, Read as _};

use async_trait::async_trait;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use futures::TryStreamExt as _;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use rebound::ids::TargetId;
use rebound::monitor::{Asked, RequestKind};
use rebound::view::Board;
use rebound_engine::cluster::{Cluster, Joined, MemberId, ORDER_ANSWER_MAX, Order, Roster, ServerName};
use rebound_engine::ports::{StateRecord, StoreError};

use super::failure::Fault;
use super::form::{from_field, number, to_bson, whole};
use super::journal::{Batch, Writer};
use super::schema::{BOARDS, ORDERS, PRESENCE, RECORD_VERSION, ours};
use super::{COMMIT_TIME_MAX, MongodbStore, READ_TIME_MAX, reading, within};
use crate::leases::Change;

/// Most times that a server asks for a row because another was first.
const ROWS_TRIED_MAX: u32 = 20;

/// Oldest request of another server that is carried out, in ms: whoever asked does not wait for longer.
const ORDER_AGE_MAX_MS: i64 = 2 * ORDER_ANSWER_MAX.as_secs() as i64 * 1_000;

/// Largest board that is shown to other servers, packed; a document can have 16 MB.
const BOARD_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Largest board that is read, as text.
const BOARD_TEXT_MAX: u64 = 256 * 1024 * 1024;

/// Most requests of other servers that are taken at once.
const ORDERS_MAX: usize = 16;

impl MongodbStore {
    /// Puts a change of who watches what into the journal, and returns its number.
    async fn change(&self, change: Change, state: &[StateRecord]) -> Result<u64, Fault> {
        let mut writer = self.writer.lock().await;
        self.settle(&mut writer).await?;
        let batch = Batch::of_change(change, state, self.member())?;
        let seq = self.append(&mut writer, batch).await?;
        self.up_to_date(&mut writer).await?;
        Ok(u64::try_from(seq).unwrap_or(0))
    }

    async fn changed(&self, what: &str, change: Change, state: &[StateRecord]) -> Result<u64, StoreError> {
        let changed = within(COMMIT_TIME_MAX, self.change(change, state)).await;
        changed.map_err(|fault| self.speaker.say(what, fault))
    }

    async fn call<T>(
        &self,
        what: &str,
        work: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, StoreError> {
        within(READ_TIME_MAX, work).await.map_err(|fault| self.speaker.say(what, fault))
    }

    /// This run, where it takes part.
    fn me(&self) -> Result<MemberId, StoreError> {
        self.member().ok_or_else(|| StoreError::Fenced("this server does not take part".to_owned()))
    }

    async fn take_a_row(&self, server: &ServerName) -> Result<Joined, Fault> {
        for _ in 0..ROWS_TRIED_MAX {
            let mut writer = self.writer.lock().await;
            self.settle(&mut writer).await?;
            self.up_to_date(&mut writer).await?;
            let Some(standing) = writer.standing() else { continue };
            let row = standing.row_for(server)?;
            let member = MemberId::new(ObjectId::new().to_hex());
            let joined = Change::Joined { member: member.clone(), server: server.clone(), row };
            let batch = Batch::of_change(joined, &[], None)?;
            self.append(&mut writer, batch).await?;
            self.up_to_date(&mut writer).await?;
            if writer.standing().and_then(|standing| standing.row_of(&member)) == Some(row) {
                self.become_member(member.clone());
                return Ok(Joined { member, row });
            }
        }
        let text = format!("another server was first {ROWS_TRIED_MAX} times in a row");
        Err(StoreError::Unavailable(text).into())
    }

    /// Removes what runs that are over left beside the journal.
    async fn tidy(&self, writer: &Writer) -> Result<(), Fault> {
        let current: Vec<Bson> = writer
            .standing()
            .map(|standing| standing.members(|_| 0))
            .unwrap_or_default()
            .into_iter()
            .map(|member| Bson::from(member.id.as_str()))
            .collect();
        for collection in [PRESENCE, BOARDS] {
            let over = ours(collection, doc! { "_id": { "$nin": current.clone() } });
            self.collection(collection).delete_many(over).await?;
        }
        Ok(())
    }

    async fn beat(&self) -> Result<(), Fault> {
        let me = self.me()?;
        let beat = doc! {
            "$inc": { "beats": 1_i64 },
            "$currentDate": { "at": true },
            "$set": { "version": i64::from(RECORD_VERSION) },
        };
        self.collection(PRESENCE).update_one(doc! { "_id": me.as_str() }, beat).upsert(true).await?;
        Ok(())
    }

    /// How long before this run's last sign of life a request was handed over, in ms. Both times are the database's own, so no clocks
    /// are compared.
    async fn age_ms(&self, me: &MemberId, order: &Document) -> Result<Option<i64>, Fault> {
        let own = self.collection(PRESENCE).find_one(doc! { "_id": me.as_str() }).await?;
        let at = |document: &Document| document.get_datetime("at").ok().map(|at| at.timestamp_millis());
        Ok(own.as_ref().and_then(at).zip(at(order)).map(|(now, then)| now - then))
    }

    async fn roster(&self) -> Result<Roster, Fault> {
        let found: Vec<Document> = self.collection(PRESENCE).find(doc! {}).await?.try_collect().await?;
        let mut writer = self.writer.lock().await;
        self.up_to_date(&mut writer).await?;
        let beats = |id: &MemberId| {
            let own = found.iter().find(|one| one.get_str("_id").ok() == Some(id.as_str()));
            own.and_then(|one| one.get("beats")).and_then(whole).and_then(|beats| u64::try_from(beats).ok())
        };
        let Some(roster) = writer.roster(|id| beats(id).unwrap_or(0)) else {
            return Err(StoreError::Unavailable("the journal was not read yet".to_owned()).into());
        };
        Ok(roster)
    }
}

/// A board as a document can hold it: a tenth of its text.
fn packed(board: &Board) -> Result<Bson, StoreError> {
    let failed = |why: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!(
            "a board of {} targets cannot be written: {why}",
            board.targets.len()
        ))
    };
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut packer, board).map_err(|error| failed(&error))?;
    let bytes = packer.finish().map_err(|error| failed(&error))?;
    if bytes.len() > BOARD_BYTES_MAX {
        return Err(failed(&format!("it has {} bytes, packed, and may have {BOARD_BYTES_MAX}", bytes.len())));
    }
    Ok(Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes }))
}

/// The board in what [`packed`] made.
fn unpacked(bytes: &[u8]) -> Result<Board, serde_json::Error> {
    // No more is read than a board can have, whoever wrote it.
    serde_json::from_reader(BufReader::new(ZlibDecoder::new(bytes).take(BOARD_TEXT_MAX)))
}

#[async_trait]
impl Cluster for MongodbStore {
    async fn join(&self, server: &ServerName) -> Result<Joined, StoreError> {
        let joined = self.call("take part", self.take_a_row(server)).await?;
        let tidying = async { self.tidy(&*self.writer.lock().await).await };
        if let Err(error) = self.call("tidy up", tidying).await {
            tracing::debug!(%error, "what earlier runs left stays for now");
        }
        Ok(joined)
    }

    fn resume(&self, member: &MemberId) {
        self.become_member(member.clone());
    }

    async fn leave(&self) -> Result<(), StoreError> {
        let member = self.me()?;
        self.changed("end taking part", Change::Ended { member }, &[]).await.map(drop)
    }

    async fn renew(&self) -> Result<Roster, StoreError> {
        let renewing = async {
            self.beat().await?;
            self.roster().await
        };
        self.call("give a sign of life", renewing).await
    }

    async fn look(&self) -> Result<Roster, StoreError> {
        self.call("look at the servers", self.roster()).await
    }

    async fn claim(&self, targets: &[TargetId]) -> Result<u64, StoreError> {
        let change = Change::Claimed { member: self.me()?, targets: targets.to_vec() };
        self.changed("claim targets", change, &[]).await
    }

    async fn release(&self, targets: &[TargetId], state: &[StateRecord]) -> Result<u64, StoreError> {
        let change = Change::Released { member: self.me()?, targets: targets.to_vec() };
        self.changed("let targets go", change, state).await
    }

    async fn put_out(&self, member: &MemberId) -> Result<(), StoreError> {
        self.changed("put a server out", Change::Ended { member: member.clone() }, &[]).await.map(drop)
    }

    async fn state_of(&self, keys: &[String]) -> Result<Vec<StateRecord>, StoreError> {
        let some = doc! { "_id": { "$in": keys.to_vec() } };
        self.read("read the state", reading::state(&self.database, some)).await
    }

    async fn show(&self, board: &Board) -> Result<(), StoreError> {
        let me = self.me()?;
        let body = packed(board)?;
        let shown = doc! {
            "$set": { "seq": number(board.seq)?, "body": body, "version": i64::from(RECORD_VERSION) },
            "$currentDate": { "at": true },
        };
        let showing = async {
            self.collection(BOARDS).update_one(doc! { "_id": me.as_str() }, shown).upsert(true).await?;
            Ok(())
        };
        self.call("show the board", showing).await
    }

    async fn boards(&self, known: &[(MemberId, u64)]) -> Result<Vec<(MemberId, Board)>, StoreError> {
        let me = self.me()?;
        let mut wanted = vec![doc! { "_id": { "$ne": me.as_str() } }];
        for (id, seq) in known {
            wanted.push(doc! { "$nor": [{ "_id": id.as_str(), "seq": number(*seq)? }] });
        }
        let reading = async {
            let found = self.collection(BOARDS).find(doc! { "$and": wanted }).await?;
            let found: Vec<Document> = found.try_collect().await?;
            Ok(found)
        };
        let found = self.call("read the boards", reading).await?;
        // A server of another version may show what this one cannot read: it is heard of all the same.
        let board = |document: Document| {
            let id = MemberId::new(document.get_str("_id").ok()?.to_owned());
            match unpacked(document.get_binary_generic("body").ok()?) {
                Ok(board) => Some((id, board)),
                Err(error) => {
                    tracing::debug!(%error, "the board of another server cannot be read");
                    None
                }
            }
        };
        Ok(found.into_iter().filter_map(board).collect())
    }

    async fn hand_over(&self, to: &MemberId, order: &Order) -> Result<(), StoreError> {
        let new = doc! {
            "$set": {
                "to": to.as_str(), "by": &order.by, "what": to_bson(&order.what)?, "state": "new",
                "version": i64::from(RECORD_VERSION),
            },
            "$currentDate": { "at": true },
        };
        let handing = async {
            self.collection(ORDERS).update_one(doc! { "_id": &order.id }, new).upsert(true).await?;
            Ok(())
        };
        self.call("hand a request over", handing).await
    }

    async fn answer_to(&self, order: &str) -> Result<Option<Asked>, StoreError> {
        let asking = async {
            let answered = doc! { "_id": order, "state": "answered" };
            let Some(mut found) = self.collection(ORDERS).find_one(answered).await? else { return Ok(None) };
            let asked = from_field(&mut found, "asked", &|| format!("request \"{order}\""))?;
            Ok(Some(asked))
        };
        self.call("read an answer", asking).await
    }

    async fn take_back(&self, order: &str) -> Result<bool, StoreError> {
        let taking = async {
            let new = doc! { "_id": order, "state": "new" };
            Ok(self.collection(ORDERS).delete_one(new).await?.deleted_count > 0)
        };
        self.call("take a request back", taking).await
    }

    async fn orders(&self) -> Result<Vec<Order>, StoreError> {
        let me = self.me()?;
        let taking = async {
            let mut taken = Vec::new();
            while taken.len() < ORDERS_MAX {
                let new = doc! { "to": me.as_str(), "state": "new" };
                let begun = doc! { "$set": { "state": "begun" } };
                let found = self.collection(ORDERS).find_one_and_update(new, begun).await?;
                let Some(mut found) = found else { break };
                let id = found.get_str("_id").unwrap_or_default().to_owned();
                let by = found.get_str("by").unwrap_or_default().to_owned();
                let age = self.age_ms(&me, &found).await?;
                if age.is_some_and(|ms| ms > ORDER_AGE_MAX_MS) {
                    // Whoever asked was told long ago that it may not have been done: what comes late surprises everybody.
                    tracing::warn!(
                        id,
                        by,
                        age_ms = age,
                        "a request of another server came too late, and is not carried out"
                    );
                    continue;
                }
                match from_field::<RequestKind>(&mut found, "what", &|| format!("request \"{id}\"")) {
                    Ok(what) => taken.push(Order { id, by, what }),
                    // The one who asked finds no answer, and is told that it is not known.
                    Err(_) => tracing::warn!(id, "a request of another server cannot be read"),
                }
            }
            Ok(taken)
        };
        self.call("take requests", taking).await
    }

    async fn answer(&self, order: &str, asked: &Asked) -> Result<(), StoreError> {
        let answered = doc! { "$set": { "state": "answered", "asked": to_bson(asked)? } };
        let answering = async {
            self.collection(ORDERS).update_one(doc! { "_id": order }, answered).await?;
            Ok(())
        };
        self.call("answer a request", answering).await
    }
}
