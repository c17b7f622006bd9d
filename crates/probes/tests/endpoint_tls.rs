//! What is seen of a service's certificate, good and bad.

use std::time::Duration;

use rebound::check::{EndpointReading, NoAnswer, ProbeOutcome};
use rebound::time::Timestamp;
use rebound_probes::{EndpointAddress, EndpointProbe, HttpAddress, SetupError};
use reqwest::Url;
use rstest::rstest;
use tokio::net::TcpListener;

use crate::endpoint_http::{LONG, request};
use crate::endpoint_pki::{Authority, Secure, Years, self_signed};
use crate::wire::greeter;

const HERE: &str = "127.0.0.1";
const GOOD: Years = (2001, 2099);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn probe(url: Url, pem: &str) -> EndpointProbe {
    let address = HttpAddress { trusted_root_pem: Some(pem.to_owned()), ..HttpAddress::new(url) };
    EndpointProbe::new(EndpointAddress::Http(address)).unwrap()
}

async fn seen_of(server: &Secure, authority: &Authority) -> ProbeOutcome {
    probe(server.url.clone(), &authority.pem).probe(&request(LONG)).await
}

fn tls_failure(outcome: ProbeOutcome) -> String {
    let ProbeOutcome::NoAnswer(NoAnswer::Tls(why)) = outcome else { panic!("{outcome:?}") };
    why
}

#[tokio::test]
async fn the_end_of_a_good_certificate_is_told_with_the_answer() {
    let authority = Authority::named("a");
    let server = Secure::showing(authority.vouches(HERE, GOOD), ANSWER).await;
    let reading = EndpointReading {
        status: Some(200),
        certificate_ends: Some(Timestamp::from_civil(2099, 1, 1, 0, 0)),
        ..EndpointReading::default()
    };
    assert_eq!(seen_of(&server, &authority).await, ProbeOutcome::Endpoint(reading));
}

#[tokio::test]
async fn every_question_sees_the_certificate() {
    let authority = Authority::named("a");
    let server = Secure::showing(authority.vouches(HERE, GOOD), ANSWER).await;
    let probe = probe(server.url.clone(), &authority.pem);
    for _ in 0..3 {
        let outcome = probe.probe(&request(LONG)).await;
        let ProbeOutcome::Endpoint(reading) = outcome else { panic!("{outcome:?}") };
        assert!(reading.certificate_ends.is_some());
    }
}

#[tokio::test]
async fn a_certificate_that_was_good_until_it_ended_is_told_and_nothing_is_asked() {
    let authority = Authority::named("a");
    let server = Secure::showing(authority.vouches(HERE, (2001, 2020)), ANSWER).await;
    let reading = EndpointReading {
        certificate_ends: Some(Timestamp::from_civil(2020, 1, 1, 0, 0)),
        ..EndpointReading::default()
    };
    assert_eq!(seen_of(&server, &authority).await, ProbeOutcome::Endpoint(reading));
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stranger_whose_certificate_has_ended_is_a_stranger() {
    let (stranger, trusted) = (Authority::named("a"), Authority::named("b"));
    let server = Secure::showing(stranger.vouches(HERE, (2001, 2020)), ANSWER).await;
    let why = tls_failure(seen_of(&server, &trusted).await);
    assert!(why.contains("not trusted") && why.contains("ends 2020-01-01"), "{why}");
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[rstest]
#[case::by_a_stranger("127.0.0.1", GOOD, "issuer of its certificate is not trusted")]
#[case::for_another_name("127.0.0.2", GOOD, "for another name")]
#[case::too_early("127.0.0.1", (2090, 2099), "not valid yet")]
#[tokio::test]
async fn a_certificate_that_is_not_good_is_not_asked(
    #[case] name: &str,
    #[case] years: Years,
    #[case] why: &str,
) {
    let (authority, stranger) = (Authority::named("a"), Authority::named("b"));
    let vouching = if why.contains("issuer") { &stranger } else { &authority };
    let server = Secure::showing(vouching.vouches(name, years), ANSWER).await;
    let said = tls_failure(seen_of(&server, &authority).await);
    assert!(said.contains(why) && said.contains("ends 2099-01-01"), "{said}");
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_asked() {
    let server = Secure::showing(self_signed(HERE), ANSWER).await;
    let why = tls_failure(seen_of(&server, &Authority::named("a")).await);
    assert!(why.contains("not trusted"), "{why}");
    assert_eq!(server.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn plain_text_where_encryption_is_expected_is_a_tls_failure() {
    let mut url = greeter(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    url.set_scheme("https").unwrap();
    let why = tls_failure(probe(url, &Authority::named("a").pem).probe(&request(LONG)).await);
    assert_eq!(why, "it does not speak TLS");
}

#[tokio::test]
async fn a_handshake_that_is_closed_is_a_tls_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let why = tls_failure(probe(url, &Authority::named("a").pem).probe(&request(LONG)).await);
    assert!(why.contains("closed during the handshake"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_without_end_is_given_up_at_the_deadline() {
    let mut url = greeter(b"").await;
    url.set_scheme("https").unwrap();
    let probe = probe(url, &Authority::named("a").pem);
    let outcome = probe.probe(&request(Duration::from_secs(2))).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(2_000)));
}

#[rstest]
#[case::nothing("")]
#[case::no_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
#[case::half("-----BEGIN CERTIFICATE-----\n")]
fn a_root_that_is_none_is_refused(#[case] pem: &str) {
    let url = Url::parse("https://example.com/").unwrap();
    let address = HttpAddress { trusted_root_pem: Some(pem.to_owned()), ..HttpAddress::new(url) };
    let error = EndpointProbe::new(EndpointAddress::Http(address)).unwrap_err();
    assert!(matches!(error, SetupError::TrustedRoot { .. }), "{error:?}");
}
