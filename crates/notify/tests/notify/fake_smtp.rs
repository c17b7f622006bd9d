//! A mail server that answers as told and remembers what it heard.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Put in place of a command for the first line, and for the end of a message.
pub(crate) const GREETING: &str = "GREETING";
pub(crate) const MESSAGE: &str = "MESSAGE";

/// What is done when a command comes that begins with the given words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Line(&'static str),
    Silence,
    /// Closes the connection; before [`MESSAGE`], in the middle of it.
    Drop,
}

/// How it behaves where it does not simply take the message.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    pub(crate) answers: Vec<(&'static str, Answer)>,
    pub(crate) tls: Option<Tls>,
}

#[derive(Clone)]
pub(crate) enum Tls {
    FromTheFirstByte(TlsAcceptor),
    AfterStartTls(TlsAcceptor),
}

/// What it heard: commands and lines of messages.
type Heard = Arc<Mutex<Vec<String>>>;

pub(crate) struct FakeSmtp {
    pub(crate) port: u16,
    heard: Heard,
    door: JoinHandle<()>,
}

impl FakeSmtp {
    pub(crate) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let ear = Arc::clone(&heard);
        let door = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                greet(stream, &manners, &ear).await;
            }
        });
        Self { port, heard, door }
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Lines heard that begin so.
    pub(crate) fn heard_beginning(&self, words: &str) -> Vec<String> {
        self.heard().into_iter().filter(|line| line.starts_with(words)).collect()
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.door.abort();
    }
}

async fn greet(stream: TcpStream, manners: &Manners, heard: &Heard) {
    match &manners.tls {
        Some(Tls::FromTheFirstByte(acceptor)) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                converse(BufReader::new(stream), manners, heard, GREETING).await;
            }
        }
        Some(Tls::AfterStartTls(acceptor)) => {
            let open = converse(BufReader::new(stream), manners, heard, GREETING).await;
            let Some(open) = open else { return };
            if let Ok(stream) = acceptor.accept(open.into_inner()).await {
                heard.lock().unwrap().push("(encrypted)".to_owned());
                converse(BufReader::new(stream), manners, heard, "").await;
            }
        }
        None => {
            converse(BufReader::new(stream), manners, heard, GREETING).await;
        }
    }
}

/// Speaks until the other side or its manners end it. Gives the stream back after `STARTTLS`.
async fn converse<S>(
    mut stream: BufReader<S>,
    manners: &Manners,
    heard: &Heard,
    first: &str,
) -> Option<BufReader<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut command = first.to_owned();
    let mut in_message = false;
    loop {
        if !command.is_empty() {
            let usual = usual_answer(&command, manners);
            let told = manners.answers.iter().find(|(words, _)| command.starts_with(words));
            match told.map_or(Answer::Line(usual), |(_, answer)| *answer) {
                Answer::Line(line) => stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?,
                Answer::Silence => std::future::pending().await,
                Answer::Drop => return None,
            }
            stream.flush().await.ok()?;
            in_message = command == "DATA";
            if command == "STARTTLS" {
                return Some(stream);
            }
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        heard.lock().unwrap().push(line.clone());
        let drops = in_message && manners.answers.iter().any(|told| matches!(told, (MESSAGE, Answer::Drop)));
        if drops {
            return None;
        }
        command = match (in_message, line.as_str()) {
            (true, ".") => MESSAGE.to_owned(),
            (true, _) => String::new(),
            (false, _) => line,
        };
    }
}

fn usual_answer(command: &str, manners: &Manners) -> &'static str {
    match command.split([' ', ':']).next().unwrap_or_default() {
        GREETING => "220 mail.example.org",
        "EHLO" if matches!(manners.tls, Some(Tls::AfterStartTls(_))) => {
            "250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
        }
        "EHLO" => "250-mail.example.org\r\n250 AUTH PLAIN LOGIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 goodbye",
        _ => "250 ok",
    }
}
