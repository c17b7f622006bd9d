//! E-mail, and all a mail server may answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rebound::alert::DeliveryResult;
use rebound_engine::ports::Notifier;
use rebound_notify::{EmailNotifier, EmailSpec, Security};
use rstest::rstest;
use secrecy::SecretString;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::conformance::{Channel, Other, keeps_its_promises};
use crate::fake_smtp::{Answer, FakeSmtp, GREETING, MESSAGE, Manners, Tls};
use crate::words::{LONG, clock, order, order_titled};

pub(crate) const PASSWORD: &str = "pw-5f3a9c";

pub(crate) fn spec(port: u16) -> EmailSpec {
    EmailSpec {
        host: "localhost".to_owned(),
        port,
        security: Security::Plain,
        username: Some("ada".to_owned()),
        password: Some(SecretString::from(PASSWORD)),
        from: "Rebound <rebound@example.org>".to_owned(),
        to: vec!["ada@example.org".to_owned(), "Bob <bob@example.org>".to_owned()],
        subject_prefix: String::new(),
        site: "North site".to_owned(),
        root_certificate_pem: None,
    }
}

fn notifier(spec: EmailSpec) -> EmailNotifier {
    EmailNotifier::try_new(spec, clock()).unwrap()
}

pub(crate) async fn server_that(answers: Vec<(&'static str, Answer)>) -> FakeSmtp {
    FakeSmtp::start(Manners { answers, tls: None }).await
}

struct Email;

#[async_trait]
impl Channel for Email {
    const SECRET: &'static str = PASSWORD;
    type Notifier = EmailNotifier;

    async fn before(&self, other: Other) -> EmailNotifier {
        let answers = match other {
            Other::Takes => vec![],
            Other::IsBusy => vec![("MAIL", Answer::Line("451 try again later"))],
            Other::RefusesForEver => vec![("AUTH", Answer::Line("535 authentication failed"))],
            Other::IsSilent => vec![("EHLO", Answer::Silence)],
        };
        let server = server_that(answers).await;
        let notifier = notifier(spec(server.port));
        // Lives as long as the test.
        std::mem::forget(server);
        notifier
    }
}

#[tokio::test]
async fn email_keeps_the_promises_of_every_channel() {
    keeps_its_promises(Email).await;
}

#[tokio::test]
async fn a_message_goes_to_everybody_with_headers_that_recognise_it() {
    let server = server_that(vec![]).await;
    assert_eq!(notifier(spec(server.port)).send(&order(LONG)).await, DeliveryResult::Delivered);
    assert_eq!(server.heard_beginning("RCPT"), ["RCPT TO:<ada@example.org>", "RCPT TO:<bob@example.org>"]);
    for header in [
        "Subject: [CRITICAL] North: the bridge does not answer",
        "Message-ID: <rebound-alert-42-1795448820000@example.org>",
        "In-Reply-To: <rebound-incident-7@example.org>",
        "References: <rebound-incident-7@example.org>",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative;",
    ] {
        assert_eq!(server.heard_beginning(header).len(), 1, "{header}: {:#?}", server.heard());
    }
    assert_eq!(server.heard_beginning("QUIT").len(), 1);
}

#[tokio::test]
async fn a_title_adds_no_header() {
    let server = server_that(vec![]).await;
    let order = order_titled("down\r\nBcc: thief@example.org");
    assert_eq!(notifier(spec(server.port)).send(&order).await, DeliveryResult::Delivered);
    assert!(server.heard_beginning("Bcc").is_empty(), "{:#?}", server.heard());
}

#[rstest]
#[case::it_shuts_down(GREETING, "421 shutting down", "421 shutting down")]
#[case::it_is_busy("MAIL", "451 try again later", "just now (451 try again later)")]
#[case::a_full_mailbox(
    "RCPT",
    "452 mailbox full",
    "takes no recipient just now: ada@example.org (452 mailbox full)"
)]
#[case::it_cannot_store(MESSAGE, "451 disk full", "451 disk full")]
#[tokio::test]
async fn what_may_pass_is_tried_again(
    #[case] at: &'static str,
    #[case] line: &'static str,
    #[case] said: &str,
) {
    let server = server_that(vec![(at, Answer::Line(line))]).await;
    let result = notifier(spec(server.port)).send(&order(LONG)).await;
    assert!(matches!(&result, DeliveryResult::Retry(why) if why.contains(said)), "{result:?}");
}

#[rstest]
#[case::a_wrong_password("AUTH", "535 5.7.8 authentication failed", "app password")]
#[case::a_wrong_sender("MAIL", "553 not yours", "an address that the account may send from")]
#[case::no_such_recipients("RCPT", "550 no such user", "Correct the recipients' addresses")]
#[case::spam(MESSAGE, "554 looks like spam", "554 looks like spam")]
#[case::not_let_in(GREETING, "554 go away", "let this machine in")]
#[tokio::test]
async fn what_never_passes_is_told_with_what_to_do(
    #[case] at: &'static str,
    #[case] line: &'static str,
    #[case] said: &str,
) {
    let server = server_that(vec![(at, Answer::Line(line))]).await;
    let result = notifier(spec(server.port)).send(&order(LONG)).await;
    assert!(matches!(&result, DeliveryResult::Permanent(why) if why.contains(said)), "{result:?}");
}

#[tokio::test]
async fn a_wrong_recipient_does_not_keep_the_message_from_the_others() {
    let server = server_that(vec![("RCPT TO:<ada", Answer::Line("550 no such user"))]).await;
    assert_eq!(notifier(spec(server.port)).send(&order(LONG)).await, DeliveryResult::Delivered);
    assert_eq!(server.heard_beginning("Message-ID").len(), 1);
}

#[rstest]
#[case::at_once(GREETING)]
#[case::after_the_message(MESSAGE)]
#[tokio::test]
async fn a_silent_server_does_not_hold_the_message_for_ever(#[case] at: &'static str) {
    let server = server_that(vec![(at, Answer::Silence)]).await;
    let result = notifier(spec(server.port)).send(&order(Duration::from_millis(300))).await;
    assert!(matches!(&result, DeliveryResult::Retry(why) if why.contains("in time")), "{result:?}");
}

#[tokio::test]
async fn a_server_that_does_not_say_goodbye_has_the_message() {
    let server = server_that(vec![("QUIT", Answer::Silence)]).await;
    assert_eq!(
        notifier(spec(server.port)).send(&order(Duration::from_secs(3))).await,
        DeliveryResult::Delivered
    );
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_message_is_tried_again() {
    let server = server_that(vec![(MESSAGE, Answer::Drop)]).await;
    let result = notifier(spec(server.port)).send(&order(LONG)).await;
    assert!(matches!(&result, DeliveryResult::Retry(_)), "{result:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let port = server_that(vec![]).await.port;
    let result = notifier(EmailSpec { host: "127.0.0.1".to_owned(), ..spec(port) }).send(&order(LONG)).await;
    assert!(matches!(&result, DeliveryResult::Retry(why) if why.contains("cannot be reached")), "{result:?}");
}

/// A server that signs its own certificate, and the certificate.
async fn server_with(tls: fn(TlsAcceptor) -> Tls) -> (FakeSmtp, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let manners = Manners { answers: vec![], tls: Some(tls(TlsAcceptor::from(Arc::new(config)))) };
    (FakeSmtp::start(manners).await, cert.pem())
}

#[rstest]
#[case::from_the_first_byte(Security::Tls, Tls::FromTheFirstByte)]
#[case::after_starttls(Security::StartTls, Tls::AfterStartTls)]
#[tokio::test]
async fn mail_goes_out_encrypted(#[case] security: Security, #[case] tls: fn(TlsAcceptor) -> Tls) {
    let (server, pem) = server_with(tls).await;
    let spec = EmailSpec { security, root_certificate_pem: Some(pem), ..spec(server.port) };
    assert_eq!(notifier(spec).send(&order(LONG)).await, DeliveryResult::Delivered);
    let heard = server.heard();
    let encrypted = heard.iter().position(|line| line == "(encrypted)").unwrap_or(0);
    let signed_in = heard.iter().position(|line| line.starts_with("AUTH")).unwrap();
    assert!(encrypted < signed_in, "{heard:#?}");
}

#[rstest]
#[case::from_the_first_byte(Security::Tls, Tls::FromTheFirstByte)]
#[case::after_starttls(Security::StartTls, Tls::AfterStartTls)]
#[tokio::test]
async fn a_certificate_that_nobody_signed_is_not_trusted(
    #[case] security: Security,
    #[case] tls: fn(TlsAcceptor) -> Tls,
) {
    let (server, _) = server_with(tls).await;
    let result = notifier(EmailSpec { security, ..spec(server.port) }).send(&order(LONG)).await;
    assert!(matches!(&result, DeliveryResult::Retry(why) if why.contains("root certificate")), "{result:?}");
    assert!(server.heard_beginning("AUTH").is_empty());
}

#[tokio::test]
async fn without_starttls_no_password_is_sent() {
    let server = server_that(vec![]).await;
    let result =
        notifier(EmailSpec { security: Security::StartTls, ..spec(server.port) }).send(&order(LONG)).await;
    assert!(
        matches!(&result, DeliveryResult::Permanent(why) if why.contains("does not change to TLS")),
        "{result:?}"
    );
    assert!(server.heard_beginning("AUTH").is_empty());
}

#[rstest]
#[case::the_sender(EmailSpec { from: "rebound".to_owned(), ..spec(25) }, "no mail address")]
#[case::a_recipient(EmailSpec { to: vec!["a@b\r\nc".to_owned()], ..spec(25) }, "no mail address")]
#[case::no_recipient(EmailSpec { to: vec![], ..spec(25) }, "no recipient")]
#[case::too_many(EmailSpec { to: vec!["a@example.org".to_owned(); 21], ..spec(25) }, "21 recipients")]
#[case::no_host(EmailSpec { host: String::new(), ..spec(25) }, "host is empty")]
#[case::half_an_account(EmailSpec { password: None, ..spec(25) }, "go together")]
#[case::no_certificate(EmailSpec { root_certificate_pem: Some("x".to_owned()), ..spec(25) }, "certificate")]
fn mail_that_cannot_be_sent_cannot_be_set_up(#[case] spec: EmailSpec, #[case] why: &str) {
    let error = EmailNotifier::try_new(spec, clock()).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn the_password_is_never_shown_in_debug() {
    assert!(!format!("{:?} {:?}", spec(25), notifier(spec(25))).contains(PASSWORD));
}
