//! The mail sink, as a mail client meets it.

use rebound_sim::{Mail, Sim, SmtpMode};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{Duration, timeout},
};

use crate::started;

/// One conversation, a line at a time.
struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn begin(sim: &Sim) -> Self {
        let mut talk = Self(BufReader::new(TcpStream::connect(sim.smtp_addr).await.unwrap()));
        assert!(talk.hear().await.starts_with("220"));
        talk.say("EHLO client").await;
        talk
    }

    /// Says a line and returns the last line of the answer.
    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.hear().await
    }

    async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn until_data(&mut self) -> String {
        self.say("MAIL FROM:<watch@example.test>").await;
        self.say("RCPT TO:<ops@example.test>").await;
        self.say("DATA").await
    }
}

async fn send(sim: &Sim, body: &str) -> (String, Vec<Mail>) {
    let mut talk = Talk::begin(sim).await;
    assert!(talk.until_data().await.starts_with("354"));
    let answer = talk.say(&format!("{body}\r\n.")).await;
    (answer, sim.mails().await)
}

#[tokio::test]
async fn a_mail_is_kept_with_envelope_subject_and_text() {
    let sim = started().await;
    let (answer, mails) = send(&sim, "Subject: link lost\r\n\r\nSomething broke.").await;
    assert!(answer.starts_with("250"));
    let mail = &mails[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("watch@example.test", &["ops@example.test".to_owned()][..])
    );
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("link lost", "Something broke."));
}

#[tokio::test]
async fn a_stuffed_dot_is_taken_out() {
    let sim = started().await;
    let (_, mails) = send(&sim, "Subject: x\r\n\r\n..hidden\r\n...").await;
    assert_eq!(mails[0].text, ".hidden\n..");
}

#[tokio::test]
async fn a_login_is_remembered_without_its_password() {
    let sim = started().await;
    let mut talk = Talk::begin(&sim).await;
    assert!(talk.say("AUTH PLAIN AHVzZXIAc2VjcmV0").await.starts_with("235"));
    talk.until_data().await;
    talk.say("Subject: x\r\n\r\nx\r\n.").await;
    let mail = &sim.mails().await[0];
    assert_eq!(mail.user.as_deref(), Some("user"));
    assert!(!format!("{mail:?}").contains("secret"));
}

#[tokio::test]
async fn a_login_in_two_steps_works_too() {
    let sim = started().await;
    let mut talk = Talk::begin(&sim).await;
    assert!(talk.say("AUTH LOGIN").await.starts_with("334"));
    assert!(talk.say("dXNlcg==").await.starts_with("334"));
    assert!(talk.say("c2VjcmV0").await.starts_with("235"));
}

#[tokio::test]
async fn one_conversation_carries_two_mails() {
    let sim = started().await;
    let mut talk = Talk::begin(&sim).await;
    for _ in 0..2 {
        talk.until_data().await;
        talk.say("Subject: x\r\n\r\nx\r\n.").await;
    }
    assert_eq!(sim.mails().await.len(), 2);
    assert!(talk.say("QUIT").await.starts_with("221"));
}

#[tokio::test]
async fn the_order_of_commands_is_enforced() {
    let sim = started().await;
    let mut talk = Talk::begin(&sim).await;
    assert!(talk.say("RCPT TO:<a@example.test>").await.starts_with("503"));
    assert!(talk.say("DATA").await.starts_with("503"));
    assert!(talk.say("NOOP").await.starts_with("250"));
    assert!(talk.say("RSET").await.starts_with("250"));
    assert!(talk.say("STARTTLS").await.starts_with("502"));
}

#[tokio::test]
async fn a_mail_of_more_than_a_mebibyte_is_refused() {
    let sim = started().await;
    let line = format!("{}\r\n", "x".repeat(998));
    let (answer, mails) = send(&sim, line.repeat(1_100).trim_end()).await;
    assert!(answer.starts_with("552"), "{answer}");
    assert_eq!(mails, []);
}

#[tokio::test]
async fn refused_recipients_have_the_code_of_the_mode() {
    let sim = started().await;
    for (mode, code) in [(SmtpMode::RejectRecipient, "550"), (SmtpMode::Tempfail, "451")] {
        sim.smtp_mode(mode).await;
        let mut talk = Talk::begin(&sim).await;
        talk.say("MAIL FROM:<a@example.test>").await;
        assert!(talk.say("RCPT TO:<b@example.test>").await.starts_with(code));
    }
}

#[tokio::test]
async fn a_refused_login_cannot_send() {
    let sim = started().await;
    sim.smtp_mode(SmtpMode::RefuseAuth).await;
    let mut talk = Talk::begin(&sim).await;
    assert!(talk.say("AUTH PLAIN AHVzZXIAc2VjcmV0").await.starts_with("535"));
    assert!(talk.say("MAIL FROM:<a@example.test>").await.starts_with("530"));
}

#[tokio::test]
async fn a_mail_without_an_answer_is_not_kept() {
    let sim = started().await;
    sim.smtp_mode(SmtpMode::HangAfterData).await;
    let mut talk = Talk::begin(&sim).await;
    talk.until_data().await;
    let answer = timeout(Duration::from_millis(100), talk.say("Subject: x\r\n\r\nx\r\n.")).await;
    assert!(answer.is_err());
    assert_eq!(sim.mails().await, []);
}

#[tokio::test]
async fn a_dropped_conversation_ends_in_mid_mail() {
    let sim = started().await;
    sim.smtp_mode(SmtpMode::DropMidData).await;
    let mut talk = Talk::begin(&sim).await;
    talk.until_data().await;
    assert_eq!(talk.say("Subject: x").await, "");
}

#[tokio::test]
async fn a_sink_that_is_down_refuses_connections_until_it_is_back() {
    let sim = started().await;
    sim.smtp_mode(SmtpMode::Down).await;
    assert!(TcpStream::connect(sim.smtp_addr).await.is_err());
    sim.smtp_mode(SmtpMode::Ok).await;
    Talk::begin(&sim).await;
}
