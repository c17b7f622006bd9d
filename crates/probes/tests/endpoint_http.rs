//! A service asked over HTTP, one that behaves and ones that do not.

use std::time::Duration;

use rebound::check::{BadAnswer, EndpointReading, NoAnswer, ProbeOutcome, ProbeRequest, Subject};
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_probes::{BODY_BYTES_MAX, EndpointAddress, EndpointProbe, HttpAddress, SetupError};
use reqwest::Url;
use rstest::rstest;
use secrecy::SecretString;

use crate::wire::{Act, Wire, answer, nobody};

/// When every question is asked: 2025-11-04T01:07:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_762_218_420_000);
/// Never reached, however slow the machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// An order to ask an endpoint, for `span`.
pub(crate) fn request(span: Duration) -> ProbeRequest {
    let subject = Subject::Target(TargetId::try_new("web").unwrap());
    ProbeRequest { subject, asked_at: NOW, deadline: NOW.after(span) }
}

async fn asked(address: HttpAddress, span: Duration) -> ProbeOutcome {
    EndpointProbe::new(EndpointAddress::Http(address)).unwrap().probe(&request(span)).await
}

/// What is seen of a service that answers with `act`, where `text` is looked for.
async fn seen(act: Act, text: Option<&str>) -> ProbeOutcome {
    let wire = Wire::answering(move |_| act.clone()).await;
    asked(HttpAddress { text: text.map(str::to_owned), ..HttpAddress::new(wire.url.clone()) }, LONG).await
}

fn reading(outcome: ProbeOutcome) -> EndpointReading {
    let ProbeOutcome::Endpoint(reading) = outcome else { panic!("a reading, not {outcome:?}") };
    reading
}

#[rstest]
#[case::good("200 OK", 200)]
#[case::no_content("204 No Content", 204)]
#[case::not_found("404 Not Found", 404)]
#[case::no_key("401 Unauthorized", 401)]
#[case::broken("500 Internal Server Error", 500)]
#[case::a_proxy_without_its_service("502 Bad Gateway", 502)]
#[tokio::test]
async fn any_status_is_a_reading(#[case] status: &'static str, #[case] number: u16) {
    let read = reading(seen(answer(status, "text/plain", ""), None).await);
    assert_eq!(read, EndpointReading { status: Some(number), ..EndpointReading::default() });
}

#[rstest]
#[case::moved("302 Found", 302)]
#[case::moved_for_good("308 Permanent Redirect", 308)]
#[tokio::test]
async fn a_redirect_is_told_and_never_followed(#[case] status: &'static str, #[case] number: u16) {
    let trap = Wire::answering(|_| answer("200 OK", "text/plain", "come in")).await;
    let head = format!("HTTP/1.1 {status}\r\nLocation: {}trap\r\nContent-Length: 0\r\n\r\n", trap.url);
    let read = reading(seen(Act::Send(head.into()), None).await);
    assert_eq!((read.status, trap.heads().len()), (Some(number), 0));
}

#[rstest]
#[case::there("<h1>Sign in</h1>", Some(true))]
#[case::not_there("<h1>Maintenance</h1>", Some(false))]
#[case::empty("", Some(false))]
#[tokio::test]
async fn the_text_is_looked_for_in_the_body(#[case] body: &str, #[case] found: Option<bool>) {
    assert_eq!(reading(seen(answer("200 OK", "text/html", body), Some("Sign in")).await).text_found, found);
}

#[tokio::test]
async fn a_text_is_found_across_chunks_and_among_bytes_that_are_no_text() {
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\xff\xfeSi\r\n5\r\ngn in\r\n0\r\n\r\n";
    let read = reading(seen(Act::Send(chunked.to_vec()), Some("Sign in")).await);
    assert_eq!(read.text_found, Some(true));
}

#[tokio::test]
async fn nothing_is_known_of_a_text_in_a_packed_body() {
    let packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08";
    let read = reading(seen(Act::Send(packed.to_vec()), Some("Sign in")).await);
    assert_eq!((read.status, read.text_found), (Some(200), None));
}

#[tokio::test]
async fn no_text_is_told_where_none_is_looked_for() {
    let read = reading(seen(answer("200 OK", "text/plain", "hello"), None).await);
    assert_eq!(read.text_found, None);
}

#[tokio::test]
async fn an_endless_body_is_read_to_the_limit_and_no_further() {
    assert_eq!(reading(seen(Act::Endless, None).await).status, Some(200));
    let limit_bytes = u64::try_from(BODY_BYTES_MAX).unwrap();
    let too_large = BadAnswer::TooLarge { path: "/".to_owned(), limit_bytes };
    assert_eq!(seen(Act::Endless, Some("Sign in")).await, ProbeOutcome::BadAnswer(too_large));
}

#[tokio::test]
async fn a_text_before_the_limit_of_a_large_body_is_found() {
    let body = ["Sign in", &"x".repeat(BODY_BYTES_MAX)].concat();
    let read = reading(seen(answer("200 OK", "text/html", body), Some("Sign in")).await);
    assert_eq!(read.text_found, Some(true));
}

#[tokio::test]
async fn a_date_is_moved_to_the_question() {
    let head = b"HTTP/1.1 200 OK\r\nDate: Tue, 04 Nov 2025 01:07:00 GMT\r\nContent-Length: 0\r\n\r\n";
    let date = reading(seen(Act::Send(head.to_vec()), None).await).http_date.unwrap();
    assert!(date <= NOW && NOW.since(date) < LONG, "{date}");
}

#[rstest]
#[case::silent(Act::Silence)]
#[case::a_slow_loris(Act::Drip)]
#[tokio::test(start_paused = true)]
async fn an_answer_that_never_ends_is_given_up_at_the_deadline(#[case] act: Act) {
    let wire = Wire::answering(move |_| act.clone()).await;
    let outcome = asked(HttpAddress::new(wire.url.clone()), Duration::from_millis(2_500)).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(2_500)));
}

#[rstest]
#[case::half_a_body(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nSign".to_vec()))]
#[case::half_a_chunk(Act::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nSign".to_vec()))]
#[case::half_a_head(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()))]
#[case::nothing_at_all(Act::Close)]
#[tokio::test]
async fn a_connection_that_ends_too_early_broke_off(#[case] act: Act) {
    assert_eq!(seen(act, None).await, ProbeOutcome::NoAnswer(NoAnswer::BrokeOff));
}

#[tokio::test]
async fn what_is_not_http_is_another_service() {
    let outcome = seen(Act::Send(b"220 mail.example ESMTP ready\r\n".to_vec()), None).await;
    assert!(
        matches!(&outcome, ProbeOutcome::WrongService { expected, .. } if expected == "HTTP"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_head_without_end_is_not_read_on() {
    let head = ["HTTP/1.1 200 OK\r\nX: ", &"x".repeat(1_000_000)].concat();
    let outcome = seen(Act::Send(head.into()), None).await;
    assert!(matches!(outcome, ProbeOutcome::WrongService { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses() {
    let outcome = asked(HttpAddress::new(nobody().await), LONG).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Refused));
}

#[tokio::test]
async fn path_query_and_headers_are_sent_as_given() {
    let wire = Wire::answering(|_| answer("200 OK", "text/plain", "")).await;
    let url = wire.url.join("/status?region=eu%20west").unwrap();
    let headers = vec![("authorization".to_owned(), SecretString::from("Bearer s3cret"))];
    reading(asked(HttpAddress { headers, ..HttpAddress::new(url) }, LONG).await);
    let head = wire.heads().remove(0).to_lowercase();
    let host = wire.url.as_str().trim_start_matches("http://").trim_end_matches('/');
    for line in [
        "get /status?region=eu%20west http/1.1\r\n",
        "authorization: bearer s3cret\r\n",
        &format!("host: {host}\r\n"),
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    let url = Url::parse("https://example.com/status?token=s3cret").unwrap();
    let headers = vec![("Authorization".to_owned(), SecretString::from("Bearer s3cret"))];
    let address = EndpointAddress::Http(HttpAddress { headers, ..HttpAddress::new(url) });
    let before = format!("{address:?}");
    let after = format!("{:?}", EndpointProbe::new(address).unwrap());
    for shown in [before, after] {
        assert!(shown.contains("example.com/status") && !shown.contains("s3cret"), "{shown}");
    }
}

#[rstest]
#[case::another_scheme("ftp://example.com/", "only http and https")]
#[case::a_password("https://me:s3cret@example.com/", "as a header")]
#[case::a_fragment("https://example.com/#top", "before the \"#\"")]
fn an_address_that_cannot_be_asked_is_refused(#[case] url: &str, #[case] why: &str) {
    let address = HttpAddress::new(Url::parse(url).unwrap());
    let error = EndpointProbe::new(EndpointAddress::Http(address)).unwrap_err();
    assert!(matches!(error, SetupError::Url { .. }), "{error:?}");
    assert!(error.to_string().contains(why) && !error.to_string().contains("s3cret"), "{error}");
}

#[rstest]
#[case::no_name("X Key", "s3cret", "no name of a header")]
#[case::a_line_break("X-Key", "s3cret\r\nX-Other: 1", "line break")]
#[case::one_of_ours("Content-Length", "3", "set by Rebound itself")]
fn a_header_that_cannot_be_sent_is_refused(#[case] name: &str, #[case] value: &str, #[case] why: &str) {
    let headers = vec![(name.to_owned(), SecretString::from(value.to_owned()))];
    let url = Url::parse("http://example.com/").unwrap();
    let address = HttpAddress { headers, ..HttpAddress::new(url) };
    let error = EndpointProbe::new(EndpointAddress::Http(address)).unwrap_err().to_string();
    assert!(error.contains(why) && error.contains(name) && !error.contains("s3cret"), "{error}");
}

#[tokio::test]
async fn no_time_is_no_question() {
    let wire = Wire::answering(|_| answer("200 OK", "text/plain", "")).await;
    let outcome = asked(HttpAddress::new(wire.url.clone()), Duration::ZERO).await;
    assert!(matches!(outcome, ProbeOutcome::NotAsked(_)), "{outcome:?}");
    assert_eq!(wire.heads().len(), 0);
}
