//! A server that answers with raw bytes, well or badly.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How to answer one request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// These bytes, then close.
    Send(Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// One byte of an answer now and then, never to its end.
    Drip,
    /// A head, then a body without end.
    Endless,
    /// Close at once.
    Close,
}

/// A listener on a free port of this machine. Ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Where it listens.
    pub(crate) url: Url,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Wire {
    /// Answers each request as `act` says of its path.
    pub(crate) async fn answering(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (act, kept) = (Arc::new(act), Arc::clone(&heads));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, kept) = (Arc::clone(&act), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, act.as_ref(), &kept).await });
            }
        });
        Self { url, heads }
    }

    /// The heads of the requests so far, in the order of arrival.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// How often a path was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let line = format!("GET {path} HTTP/1.1\r\n");
        self.heads().iter().filter(|head| head.starts_with(&line)).count()
    }
}

/// An address where nothing listens.
pub(crate) async fn nobody() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap()
}

/// An address where everybody hears `words`, whatever they said, and then nothing more.
pub(crate) async fn greeter(words: &'static [u8]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(words).await.unwrap();
            open.push(stream);
        }
    });
    url
}

/// An answer with a body of known length.
pub(crate) fn answer(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Act::Send([head.as_bytes(), body].concat())
}

/// A JSON answer with status 200.
pub(crate) fn json(body: impl AsRef<[u8]>) -> Act {
    answer("200 OK", "application/json", body)
}

async fn serve(mut stream: TcpStream, act: &(dyn Fn(&str) -> Act + Send + Sync), heads: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
    heads.lock().unwrap().push(head);
    // What the other side no longer wants to hear is no trouble of the test's.
    drop(perform(&mut stream, act(&path)).await);
}

async fn perform(stream: &mut TcpStream, act: Act) -> std::io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    match act {
        Act::Send(bytes) => stream.write_all(&bytes).await?,
        Act::Silence => std::future::pending().await,
        Act::Drip => {
            for byte in HEAD.iter().chain(std::iter::repeat(&b'x')) {
                stream.write_all(&[*byte]).await?;
                // Only met under a paused clock, where it takes no time.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Act::Endless => {
            stream.write_all(HEAD).await?;
            stream.write_all(b"\r\n[").await?;
            loop {
                stream.write_all(&[b' '; 8_192]).await?;
            }
        }
        Act::Close => {}
    }
    stream.shutdown().await
}
