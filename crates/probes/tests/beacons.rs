//! How the own network is looked at.

use std::time::Duration;

use rebound::check::{ProbeOutcome, ProbeRequest, Subject};
use rebound::time::Timestamp;
use rebound_probes::{BEACONS_MAX, Beacons, SetupError};
use tokio::net::TcpListener;

use crate::wire::nobody;

fn request(span: Duration) -> ProbeRequest {
    let asked_at = Timestamp::from_ms(1_762_218_420_000);
    ProbeRequest { subject: Subject::OwnNetwork, asked_at, deadline: asked_at.after(span) }
}

#[tokio::test]
async fn beacons_that_answer_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().to_string();
    let gone = nobody().await;
    let gone = format!("127.0.0.1:{}", gone.port().unwrap());
    let beacons = Beacons::new(vec![here.clone(), gone, here]).unwrap();
    let seen = beacons.probe(&request(Duration::from_secs(20))).await;
    assert_eq!(seen, ProbeOutcome::Beacons { answered: 2, asked: 3 });
}

#[tokio::test]
async fn no_beacons_are_no_answer_of_any() {
    let seen = Beacons::default().probe(&request(Duration::from_secs(1))).await;
    assert_eq!(seen, ProbeOutcome::Beacons { answered: 0, asked: 0 });
}

#[test]
fn too_many_beacons_are_refused() {
    let beacons = vec!["a:1".to_owned(); BEACONS_MAX + 1];
    assert_eq!(Beacons::new(beacons), Err(SetupError::TooManyBeacons { count: 9, max: 8 }));
}
