//! A mail server that keeps what it is given: one conversation per connection (RFC 5321).
//!
//! Takes any user and password. Never delivers a mail anywhere and never encrypts: STARTTLS is not offered.

use std::{sync::Arc, time::Duration};

use axum::serve::Listener;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    time::timeout,
};

use crate::{
    door::{Door, Line},
    mail::{Envelope, base64},
    options::SmtpMode,
    world::World,
};

/// Most bytes of a line, its end included. RFC 5321 asks for 1000 at least.
const LINE_BYTES_MAX: u64 = 8 * 1024;

/// Most bytes of a mail.
const MAIL_BYTES_MAX: usize = 1024 * 1024;

/// Most recipients of a mail.
const RECIPIENTS_MAX: usize = 100;

/// How long a client may be silent.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// How long [`SmtpMode::HangAfterData`] keeps a client waiting.
const HANG_MAX: Duration = Duration::from_secs(600);

/// Why a conversation ended. Nobody needs to act on it.
#[derive(Debug)]
struct Ended;

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// Takes connections until the simulator stops.
pub(crate) async fn serve(mut door: Door, world: Arc<World>) {
    loop {
        let line = tokio::select! {
            () = world.stop.cancelled() => return,
            (line, _) = door.accept() => line,
        };
        let mut talk =
            Talk { line: BufReader::new(line), world: Arc::clone(&world), envelope: Envelope::default() };
        world.tasks.spawn(async move {
            if talk.run().await.is_err() {
                tracing::debug!("a mail client went away");
            }
        });
    }
}

struct Talk {
    line: BufReader<Line>,
    world: Arc<World>,
    envelope: Envelope,
}

impl Talk {
    async fn run(&mut self) -> Result<(), Ended> {
        self.say("220 rebound-sim ESMTP").await?;
        loop {
            let line = self.hear().await?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.greet().await?,
                "HELO" => self.say("250 rebound-sim").await?,
                "AUTH" => self.authenticate(rest).await?,
                "MAIL" => self.mail_from(rest).await?,
                "RCPT" => self.recipient(rest).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.reset();
                    self.say("250 2.0.0 Reset").await?;
                }
                "NOOP" => self.say("250 2.0.0 OK").await?,
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => self.say("502 5.5.1 Command not implemented").await?,
            }
        }
    }

    async fn greet(&mut self) -> Result<(), Ended> {
        self.reset();
        let lines = ["250-rebound-sim", "250-8BITMIME", "250-SMTPUTF8"];
        let lines = lines.join("\r\n");
        self.say(&format!("{lines}\r\n250-SIZE {MAIL_BYTES_MAX}\r\n250 AUTH PLAIN LOGIN")).await
    }

    async fn authenticate(&mut self, words: &str) -> Result<(), Ended> {
        let (mechanism, initial) = words.split_once(' ').unwrap_or((words, ""));
        let user = if mechanism.eq_ignore_ascii_case("PLAIN") {
            let answer = if initial.is_empty() { self.ask("334 ").await? } else { initial.to_owned() };
            // authorisation identity, NUL, user, NUL, password
            let fields = base64(&answer);
            fields.split(|byte| *byte == 0).nth(1).map(<[u8]>::to_vec).unwrap_or_default()
        } else if mechanism.eq_ignore_ascii_case("LOGIN") {
            let user =
                if initial.is_empty() { self.ask("334 VXNlcm5hbWU6").await? } else { initial.to_owned() };
            self.ask("334 UGFzc3dvcmQ6").await?;
            base64(&user)
        } else {
            return self.say("504 5.5.4 Mechanism not known").await;
        };
        if self.mode() == SmtpMode::RefuseAuth {
            return self.refuse("535 5.7.8 Authentication credentials invalid").await;
        }
        self.envelope.user = Some(String::from_utf8_lossy(&user).into_owned());
        self.say("235 2.7.0 Authentication successful").await
    }

    async fn mail_from(&mut self, words: &str) -> Result<(), Ended> {
        if self.mode() == SmtpMode::RefuseAuth && self.envelope.user.is_none() {
            return self.refuse("530 5.7.0 Authentication required").await;
        }
        let Some(address) = address(words, "FROM:") else {
            return self.say("501 5.5.4 Say MAIL FROM:<address>").await;
        };
        self.reset();
        self.envelope.from = Some(address);
        self.say("250 2.1.0 OK").await
    }

    async fn recipient(&mut self, words: &str) -> Result<(), Ended> {
        if self.envelope.from.is_none() {
            return self.say("503 5.5.1 Say MAIL first").await;
        }
        let Some(address) = address(words, "TO:") else {
            return self.say("501 5.5.4 Say RCPT TO:<address>").await;
        };
        if self.envelope.to.len() == RECIPIENTS_MAX {
            return self.refuse("452 4.5.3 Too many recipients").await;
        }
        match self.mode() {
            SmtpMode::RejectRecipient => self.refuse("550 5.1.1 Mailbox unavailable").await,
            SmtpMode::Tempfail => self.refuse("451 4.3.0 Try again later").await,
            SmtpMode::Ok
            | SmtpMode::HangAfterData
            | SmtpMode::DropMidData
            | SmtpMode::RefuseAuth
            | SmtpMode::Down => {
                self.envelope.to.push(address);
                self.say("250 2.1.5 OK").await
            }
        }
    }

    async fn data(&mut self) -> Result<(), Ended> {
        if self.envelope.to.is_empty() {
            return self.say("503 5.5.1 Say RCPT first").await;
        }
        self.say("354 End with a dot on a line of its own").await?;
        let mut raw = Vec::new();
        let mut too_large = false;
        loop {
            let line = self.hear().await?;
            if self.mode() == SmtpMode::DropMidData {
                return Err(Ended);
            }
            if line == b".\r\n" || line == b".\n" {
                break;
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            too_large |= raw.len() + line.len() > MAIL_BYTES_MAX;
            if !too_large {
                raw.extend_from_slice(line);
            }
        }
        if too_large {
            self.reset();
            return self.refuse("552 5.3.4 Mail too large").await;
        }
        if self.mode() == SmtpMode::HangAfterData {
            return self.hang().await;
        }
        let envelope = self.envelope.clone();
        self.world.look(|state| state.mail.keep(envelope, &raw));
        self.reset();
        self.say("250 2.0.0 Kept").await
    }

    /// Says nothing until the client goes away.
    async fn hang(&mut self) -> Result<(), Ended> {
        let mut ignored = [0_u8; 512];
        let gone = async {
            while self.line.read(&mut ignored).await? > 0 {}
            Err(Ended)
        };
        timeout(HANG_MAX, gone).await.unwrap_or(Err(Ended))
    }

    /// One line, its end included.
    async fn hear(&mut self) -> Result<Vec<u8>, Ended> {
        let mut line = Vec::new();
        let mut limited = (&mut self.line).take(LINE_BYTES_MAX);
        let Ok(read) = timeout(IDLE_MAX, limited.read_until(b'\n', &mut line)).await else {
            self.say("421 4.4.2 Idle for too long").await?;
            return Err(Ended);
        };
        read?;
        if line.ends_with(b"\n") {
            return Ok(line);
        }
        if !line.is_empty() {
            self.say("500 5.5.2 Line too long").await?;
        }
        Err(Ended)
    }

    async fn ask(&mut self, question: &str) -> Result<String, Ended> {
        self.say(question).await?;
        let answer = self.hear().await?;
        Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
    }

    async fn say(&mut self, line: &str) -> Result<(), Ended> {
        self.line.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.line.flush().await?)
    }

    async fn refuse(&mut self, line: &str) -> Result<(), Ended> {
        self.world.look(|state| state.mail.refused_total += 1);
        self.say(line).await
    }

    /// Forgets the mail, not the user.
    fn reset(&mut self) {
        self.envelope = Envelope { user: self.envelope.user.take(), ..Envelope::default() };
    }

    fn mode(&self) -> SmtpMode {
        self.world.look(|state| state.mail.mode())
    }
}

/// The address in `FROM:<a@b> SIZE=1`.
fn address(words: &str, keyword: &str) -> Option<String> {
    let head = words.get(..keyword.len())?;
    let rest = words.get(keyword.len()..)?.trim_start();
    let address = rest.strip_prefix('<')?.split_once('>')?.0;
    head.eq_ignore_ascii_case(keyword).then(|| address.to_owned())
}
