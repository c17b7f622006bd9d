//! A server that speaks as much of MongoDB's protocol as a client needs to say hello, well or badly.
//!
//! Source: the MongoDB wire protocol, messages `OP_MSG`, `OP_QUERY` and `OP_REPLY`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mongodb::bson::{Document, doc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::endpoint_pki::Shown;

const OP_REPLY: i32 = 1;
const OP_QUERY: i32 = 2004;
const OP_MSG: i32 = 2013;
/// Length, number of the request, number answered, kind: four bytes each.
const HEAD_BYTES: usize = 16;

/// How to answer one command.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// This document.
    This(Document),
    /// Nothing, for ever.
    Nothing,
    /// Close at once.
    Close,
}

/// A listener on a free port of this machine. Ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct MongoWire {
    pub(crate) address: SocketAddr,
    commands: Arc<Mutex<Vec<Document>>>,
}

impl MongoWire {
    /// Answers each command as `say` says of its name; `hello` has its old name while a connection begins.
    pub(crate) async fn answering(say: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        Self::listening(None, say).await
    }

    /// The same over TLS, with this certificate.
    pub(crate) async fn secured(shown: Shown, say: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        Self::listening(Some(shown.acceptor()), say).await
    }

    async fn listening(tls: Option<TlsAcceptor>, say: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let commands = Arc::new(Mutex::new(Vec::new()));
        let (say, kept) = (Arc::new(say), Arc::clone(&commands));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (say, kept) = (Arc::clone(&say), Arc::clone(&kept));
                let tls = tls.clone();
                // A client that leaves is no trouble of the test's.
                tokio::spawn(async move {
                    match tls {
                        None => drop(converse(stream, say.as_ref(), &kept).await),
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            drop(converse(stream, say.as_ref(), &kept).await);
                        }
                    }
                });
            }
        });
        Self { address, commands }
    }

    /// The names of the commands so far, each once, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let commands = self.commands.lock().unwrap();
        let mut names: Vec<String> = commands.iter().map(|command| name(command).to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// What a server says to `hello`, with `own` on top.
pub(crate) fn hello(own: Document) -> Say {
    let mut hello = doc! {
        "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000,
        "logicalSessionTimeoutMinutes": 30, "connectionId": 1, "minWireVersion": 0, "maxWireVersion": 25, "ok": 1.0,
    };
    hello.extend(own);
    Say::This(hello)
}

fn name(command: &Document) -> &str {
    command.keys().next().unwrap()
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    say: &(dyn Fn(&str) -> Say + Send + Sync),
    kept: &Mutex<Vec<Document>>,
) -> io::Result<()> {
    loop {
        let length = usize::try_from(stream.read_i32_le().await?).unwrap();
        let mut rest = vec![0; length - 4];
        stream.read_exact(&mut rest).await?;
        let number = |at: usize| i32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let (request, kind) = (number(0), number(8));
        let body = &rest[HEAD_BYTES - 4..];
        let command = match kind {
            // Flags and the kind of section stand before it.
            OP_MSG => Document::from_reader(&body[5..]).unwrap(),
            // Flags, the name of a collection, and two numbers stand before it.
            OP_QUERY => {
                let end = 4 + body[4..].iter().position(|byte| *byte == 0).unwrap();
                Document::from_reader(&body[end + 1 + 8..]).unwrap()
            }
            other => panic!("a message of kind {other}"),
        };
        let said = say(name(&command));
        kept.lock().unwrap().push(command);
        match said {
            Say::This(answer) => stream.write_all(&message(kind, request, &answer)).await?,
            Say::Nothing => std::future::pending().await,
            Say::Close => return Ok(()),
        }
    }
}

fn message(asked: i32, request: i32, answer: &Document) -> Vec<u8> {
    let mut written = Vec::new();
    answer.to_writer(&mut written).unwrap();
    // No flags and one section of kind 0; or no flags, no cursor, from the first, one document.
    let (kind, before) = if asked == OP_QUERY {
        (OP_REPLY, [[0; 4], [0; 4], [0; 4], [0; 4], 1_i32.to_le_bytes()].concat())
    } else {
        (OP_MSG, vec![0; 5])
    };
    let length = i32::try_from(HEAD_BYTES + before.len() + written.len()).unwrap();
    let head = [length, 1, request, kind].map(i32::to_le_bytes).concat();
    [head, before, written].concat()
}
