//! A primary steps down in the middle of commits: each fact is there once afterwards, whether the write had happened or not.
//!
//! The server for tests has no other members to step down for, so somebody in between answers as a server does that steps
//! down: <https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml>.

#![expect(clippy::unwrap_used, reason = "a test panics where it cannot go on")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mongodb::bson::{Document, doc};
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{PAGE_MAX, StateRecord, Store};
use rebound_store::{MongodbAddress, MongodbStore};
use rebound_test_mongodb::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A message's opcode: `OP_MSG`.
const OP_MSG: i32 = 2013;
/// Bytes before the body of a message, and before its first document.
const HEADER: usize = 16;
const FIRST_DOCUMENT: usize = HEADER + 5;

/// Most times that one commit is tried.
const TRIES_MAX: usize = 20;

/// How a server ends a write while it steps down.
#[derive(Clone, Copy, Debug)]
enum StepDown {
    /// It is no primary any more: nothing was written.
    NotWritablePrimary,
    /// It was interrupted, after the write.
    InterruptedAfterTheWrite,
}

impl StepDown {
    fn answer(self) -> Document {
        let (code, name) = match self {
            Self::NotWritablePrimary => (10_107, "NotWritablePrimary"),
            Self::InterruptedAfterTheWrite => (11_602, "InterruptedDueToReplStateChange"),
        };
        doc! {
            "ok": 0.0, "code": code, "codeName": name, "errmsg": "stepping down, as the test wants",
            "errorLabels": ["RetryableWriteError"],
        }
    }
}

/// Somebody between a client and the server.
struct Between {
    port: u16,
    plan: Arc<Plan>,
}

#[derive(Default)]
struct Plan {
    /// How the next writes into the journal end, and how many of them.
    next: Mutex<Option<(StepDown, usize)>>,
    met: AtomicUsize,
}

impl Plan {
    fn takes(&self) -> Option<StepDown> {
        let mut next = self.next.lock().unwrap();
        let (kind, left) = (*next)?;
        *next = (left > 1).then_some((kind, left - 1));
        self.met.fetch_add(1, Ordering::SeqCst);
        Some(kind)
    }
}

impl Between {
    async fn and(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Plan::default());
        let (to, kept) = (host_of(server), Arc::clone(&plan));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass_on(stream, to.clone(), Arc::clone(&kept)));
            }
        });
        Self { port, plan }
    }
}

/// Passes one conversation on, message by message.
async fn pass_on(client: TcpStream, to: String, plan: Arc<Plan>) -> Option<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(to).await.ok()?.into_split();
    loop {
        let asked = message(&mut from_client).await?;
        let step_down = if is_write(&asked) { plan.takes() } else { None };
        if !matches!(step_down, Some(StepDown::NotWritablePrimary)) {
            to_server.write_all(&asked).await.ok()?;
            let answer = message(&mut from_server).await?;
            if step_down.is_none() {
                to_client.write_all(&answer).await.ok()?;
            }
        }
        if let Some(kind) = step_down {
            say(&mut to_client, &asked, &kind.answer()).await?;
        }
    }
}

async fn message(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let length = from.read_i32_le().await.ok()?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.resize(usize::try_from(length).ok()?, 0);
    from.read_exact(&mut bytes[4..]).await.ok()?;
    Some(bytes)
}

/// Whether it is an insert into the journal.
fn is_write(message: &[u8]) -> bool {
    let opcode = i32::from_le_bytes(message[12..HEADER].try_into().unwrap());
    if opcode != OP_MSG || message[FIRST_DOCUMENT - 1] != 0 {
        return false;
    }
    let command = Document::from_reader(&message[FIRST_DOCUMENT..]).unwrap();
    command.get_str("insert").ok() == Some("journal")
}

async fn say(client: &mut OwnedWriteHalf, asked: &[u8], answer: &Document) -> Option<()> {
    let body = answer.to_vec().unwrap();
    let length = i32::try_from(FIRST_DOCUMENT + body.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(length.to_le_bytes());
    bytes.extend(1_i32.to_le_bytes());
    // Its own number goes back, so that the client knows which question it answers.
    bytes.extend(&asked[4..8]);
    bytes.extend(OP_MSG.to_le_bytes());
    bytes.extend([0; 5]);
    bytes.extend(body);
    client.write_all(&bytes).await.ok()
}

fn host_of(server: &Server) -> String {
    let url = server.url();
    url.split(['@', '/']).nth(3).unwrap().to_owned()
}

fn entry(number: i64) -> JournalEntry {
    let fact = Fact::Phase { phase: "Healthy".to_owned(), because: "it is well".to_owned() };
    JournalEntry { at: Timestamp::from_ms(number), target: None, incident: None, fact }
}

fn record(number: i64) -> StateRecord {
    StateRecord { key: "last".to_owned(), body: number.to_string() }
}

async fn numbers(store: &MongodbStore) -> Vec<i64> {
    store.journal(0, PAGE_MAX).await.unwrap().iter().map(|(_, entry)| entry.at.as_ms()).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_that_steps_down_in_the_middle_of_a_commit_has_it_once() {
    let server = Server::start().await;
    let between = Between::and(&server).await;
    let url = server.url().replace(&host_of(&server), &format!("127.0.0.1:{}", between.port));
    let store = MongodbStore::open(&MongodbAddress::try_new(&url, None).unwrap(), None).await.unwrap();
    let (mut number, mut refused) = (0, 0);
    let mut waiting = Vec::new();
    for kind in [StepDown::NotWritablePrimary, StepDown::InterruptedAfterTheWrite] {
        // The driver tries a write twice by itself.
        for times in [1, 2, 3, 5] {
            *between.plan.next.lock().unwrap() = Some((kind, times));
            number += 1;
            waiting.push(entry(number));
            let mut tries = 0;
            while let Err(error) = store.commit(&waiting, &[record(number)]).await {
                tries += 1;
                assert!(tries < TRIES_MAX, "{kind:?} {times}: {error}");
                refused += 1;
                number += 1;
                waiting.push(entry(number));
            }
            waiting.clear();
            assert!(
                between.plan.next.lock().unwrap().is_none(),
                "{kind:?} {times} times did not come to pass"
            );
            let expected: Vec<i64> = (1..=number).collect();
            assert_eq!(numbers(&store).await, expected, "{kind:?} {times}: each once, in order");
            assert_eq!(store.load_state().await, Ok(vec![record(number)]));
        }
    }
    let met = between.plan.met.load(Ordering::SeqCst);
    println!(
        "{met} writes met a step-down, {refused} commits were refused, {number} entries stand there once"
    );
}
