//! How the own network is looked at.

use std::time::Duration;

use rebound::check::{ProbeOutcome, ProbeRequest, Subject};
use rebound::time::Timestamp;
use rebound_probes::{BEACONS_MAX, Beacons, SetupError};
use rstest::rstest;
use tokio::net::TcpListener;

use crate::wire::{Act, Wire, answer, nobody};

/// 2025-11-04T01:07:00 UTC.
const NOW: Timestamp = Timestamp::from_ms(1_762_218_420_000);
/// Never reached, however slow the machine.
const LONG: Duration = Duration::from_secs(20);

fn request(span: Duration) -> ProbeRequest {
    ProbeRequest { subject: Subject::OwnNetwork, asked_at: NOW, deadline: NOW.after(span) }
}

async fn seen(beacons: Vec<String>, span: Duration) -> ProbeOutcome {
    Beacons::new(beacons).unwrap().probe(&request(span)).await
}

/// What is seen of one beacon with a URL that answers with `act`.
async fn seen_of(act: Act, span: Duration) -> ProbeOutcome {
    let wire = Wire::answering(move |_| act.clone()).await;
    seen(vec![wire.url.to_string()], span).await
}

fn counted(answered: u32, asked: u32) -> ProbeOutcome {
    ProbeOutcome::Beacons { answered, asked, dates: Vec::new() }
}

#[tokio::test]
async fn beacons_that_answer_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().to_string();
    let web = Wire::answering(|_| answer("200 OK", "text/plain", "")).await;
    let gone = nobody().await;
    let place_gone = format!("127.0.0.1:{}", gone.port().unwrap());
    let beacons = vec![here.clone(), place_gone, here, web.url.to_string(), gone.to_string()];
    assert_eq!(seen(beacons, LONG).await, counted(3, 5));
}

#[rstest]
#[case::good("200 OK")]
#[case::not_found("404 Not Found")]
#[case::no_such_method("405 Method Not Allowed")]
#[case::broken("500 Internal Server Error")]
#[case::elsewhere("301 Moved Permanently")]
#[tokio::test]
async fn any_head_is_an_answer(#[case] status: &'static str) {
    assert_eq!(seen_of(answer(status, "text/plain", ""), LONG).await, counted(1, 1));
}

#[rstest]
#[case::not_http(Act::Send(b"220 mail.example ESMTP ready\r\n".to_vec()))]
#[case::half_a_head(Act::Send(b"HTTP/1.1 200 OK\r\nDate: Tue".to_vec()))]
#[case::nothing(Act::Close)]
#[tokio::test]
async fn what_is_no_head_is_no_answer(#[case] act: Act) {
    assert_eq!(seen_of(act, LONG).await, counted(0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_silent_beacon_does_not_cost_the_answer_of_another() {
    let silent = Wire::answering(|_| Act::Silence).await;
    let web = Wire::answering(|_| answer("200 OK", "text/plain", "")).await;
    let beacons = vec![silent.url.to_string(), web.url.to_string()];
    assert_eq!(seen(beacons, Duration::from_secs(3)).await, counted(1, 2));
}

#[tokio::test]
async fn a_url_is_asked_for_its_head_alone() {
    let wire = Wire::answering(|_| answer("200 OK", "text/plain", "")).await;
    seen(vec![wire.url.join("/ping?from=here").unwrap().to_string()], LONG).await;
    assert!(wire.heads()[0].starts_with("HEAD /ping?from=here HTTP/1.1\r\n"), "{:?}", wire.heads());
}

#[tokio::test]
async fn the_dates_of_beacons_are_told_as_of_the_question() {
    let head = b"HTTP/1.1 302 Found\r\nDate: Tue, 04 Nov 2025 01:07:00 GMT\r\nContent-Length: 9\r\n\r\n";
    let ProbeOutcome::Beacons { answered: 1, dates, .. } = seen_of(Act::Send(head.to_vec()), LONG).await
    else {
        panic!("one answer")
    };
    assert_eq!(dates.len(), 1);
    assert!(dates[0] <= NOW && NOW.since(dates[0]) < LONG, "{}", dates[0]);
}

#[tokio::test]
async fn a_date_that_is_none_is_not_told() {
    let head = b"HTTP/1.1 200 OK\r\nDate: soon\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(seen_of(Act::Send(head.to_vec()), LONG).await, counted(1, 1));
}

#[tokio::test]
async fn no_beacons_are_no_answer_of_any() {
    let seen = Beacons::default().probe(&request(Duration::from_secs(1))).await;
    assert_eq!(seen, counted(0, 0));
}

#[test]
fn too_many_beacons_are_refused() {
    let beacons = vec!["a:1".to_owned(); BEACONS_MAX + 1];
    let error = Beacons::new(beacons).unwrap_err();
    assert_eq!(error, SetupError::TooManyBeacons { count: 9, max: 8 });
}
