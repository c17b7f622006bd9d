//! Whether the host of a call is there, seen without calling it.

use std::collections::HashMap;

use rebound::readiness::{LookRequest, Part, RemedyOf, Seen};
use rebound_engine::ports::Preflight as _;
use rebound_healers::http_call::{Expect, HttpCall, HttpCallSpec};
use rebound_healers::{Action, Healers};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::words::{LONG, clock, start, target};

async fn look(url: &str) -> Seen {
    let spec = HttpCallSpec {
        method: "POST".to_owned(),
        url: url.to_owned(),
        query: vec![],
        headers: vec![],
        body: None,
        expect: Expect::default(),
    };
    let call = Action::HttpCall(Box::new(HttpCall::try_new(spec).unwrap()));
    let healers = Healers::new(HashMap::from([((target(), "restart".to_owned()), call)]), clock());
    let of = RemedyOf { target: target(), remedy: "restart".to_owned() };
    let request = LookRequest {
        remedies: vec![of.clone()],
        drill: None,
        asked_at: start(),
        deadline: start().after(LONG),
    };
    let mut found = healers.look(&request).await;
    let found = found.pop().unwrap();
    assert_eq!(found.part, Part::HttpCall(of));
    found.seen
}

#[tokio::test]
async fn a_host_that_takes_connections_is_there_and_hears_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        listener.accept().await.unwrap().0.read_to_end(&mut heard).await.unwrap();
        heard
    });
    let seen = look(&format!("http://127.0.0.1:{port}/api/admin/emergency-restart?now=1")).await;
    let said = format!("http://127.0.0.1:{port} takes connections; the call itself was not made");
    assert_eq!(seen, Seen::Works(said));
    assert!(heard.await.unwrap().is_empty(), "the remedy is never called");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let Seen::Silent(trouble) = look(&format!("http://127.0.0.1:{port}/restart")).await else {
        panic!("nobody is there")
    };
    assert!(trouble.why.contains("cannot be reached"), "{}", trouble.why);
}

#[tokio::test]
async fn a_host_without_the_encryption_that_the_call_has_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let door = tokio::spawn(async move { drop(listener.accept().await.unwrap()) });
    let seen = look(&format!("https://127.0.0.1:{port}/restart")).await;
    assert!(matches!(seen, Seen::Silent(_)), "{seen:?}");
    door.await.unwrap();
}
