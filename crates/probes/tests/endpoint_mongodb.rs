//! A database that is asked whether it can be written.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use rebound::check::{DatabaseReading, EndpointReading, NoAnswer, ProbeOutcome};
use rebound_probes::{EndpointAddress, EndpointProbe, MongodbAddress, SetupError};
use rstest::rstest;
use secrecy::SecretString;

use crate::endpoint_http::request;
use crate::endpoint_mongo_wire::{MongoWire, Say, hello};
use crate::endpoint_pki::{Authority, Secure, self_signed};
use crate::endpoint_tcp::Deaf;
use crate::wire::{greeter, nobody};

/// Enough for a server that answers, on a machine that is busy.
const SPAN: Duration = Duration::from_secs(10);
/// For what is waited for to its end.
const SHORT: Duration = Duration::from_secs(2);

fn address(connection: &str) -> EndpointAddress {
    EndpointAddress::Mongodb(MongodbAddress::new(SecretString::from(connection.to_owned())))
}

fn probe(connection: &str) -> EndpointProbe {
    EndpointProbe::new(address(connection)).unwrap()
}

async fn asked(connection: &str, span: Duration) -> ProbeOutcome {
    probe(connection).probe(&request(span)).await
}

fn database(outcome: ProbeOutcome) -> DatabaseReading {
    let ProbeOutcome::Endpoint(EndpointReading { database: Some(database), .. }) = outcome else {
        panic!("{outcome:?}")
    };
    database
}

/// What a server says that calls itself so, and to everything else that it is well.
fn server(own: Document) -> impl Fn(&str) -> Say {
    move |command| match command {
        "hello" | "isMaster" => hello(own.clone()),
        _ => Say::This(doc! { "ok": 1.0 }),
    }
}

/// A server that fails `command` and is a good primary otherwise.
fn primary_but(command: &'static str, said: Say) -> impl Fn(&str) -> Say {
    move |asked| {
        if asked == command { said.clone() } else { server(doc! { "isWritablePrimary": true })(asked) }
    }
}

#[tokio::test]
async fn a_server_that_takes_writes_says_so_and_is_asked_for_nothing_else() {
    let wire = MongoWire::answering(server(doc! { "isWritablePrimary": true })).await;
    let outcome = asked(&format!("mongodb://{}/", wire.address), SPAN).await;
    assert_eq!(database(outcome), DatabaseReading::Writable("server of its own".to_owned()));
    // The driver ends its own session; it began none that reads or writes.
    let asked: Vec<String> = wire.names().into_iter().filter(|name| name != "endSessions").collect();
    assert_eq!(asked, ["hello", "isMaster", "ping"]);
}

#[tokio::test]
async fn a_replica_set_without_a_primary_is_read_only() {
    let wire = MongoWire::answering(|_| {
        hello(doc! { "isWritablePrimary": false, "secondary": true, "setName": "rs0" })
    })
    .await;
    let address = wire.address;
    let outcome = asked(&format!("mongodb://{address}/?replicaSet=rs0"), SHORT).await;
    let words = "secondary of rs0; no primary answers".to_owned();
    assert_eq!(database(outcome), DatabaseReading::ReadOnly(words));
}

#[tokio::test]
async fn a_member_that_is_asked_directly_says_what_it_is() {
    let secondary = doc! { "isWritablePrimary": false, "secondary": true, "setName": "rs0" };
    let wire = MongoWire::answering(server(secondary)).await;
    let outcome = asked(&format!("mongodb://{}/?directConnection=true", wire.address), SPAN).await;
    assert_eq!(database(outcome), DatabaseReading::ReadOnly("secondary of rs0".to_owned()));
}

#[tokio::test]
async fn a_member_of_another_set_does_not_fit() {
    let wire = MongoWire::answering(server(doc! {
        "isWritablePrimary": true, "setName": "rs1", "hosts": ["127.0.0.1:1"], "me": "127.0.0.1:1",
    }))
    .await;
    let outcome = asked(&format!("mongodb://{}/?replicaSet=rs0", wire.address), SHORT).await;
    let DatabaseReading::Refuses(why) = database(outcome) else { panic!("not refused") };
    assert!(why.contains("primary of rs1") && why.contains("replicaSet"), "{why}");
}

#[tokio::test]
async fn a_refused_login_is_told_without_any_secret() {
    let refused = Say::This(doc! {
        "ok": 0.0, "code": 18, "codeName": "AuthenticationFailed",
        "errmsg": "no user \"watcher\" with the password \"s3cret\"",
    });
    let wire = MongoWire::answering(primary_but("saslStart", refused)).await;
    let outcome = asked(&format!("mongodb://watcher:s3cret@{}/", wire.address), SPAN).await;
    let DatabaseReading::Refuses(why) = database(outcome) else { panic!("not refused") };
    assert!(why.contains("login was refused"), "{why}");
    assert!(!why.contains("s3cret") && !why.contains("watcher"), "{why}");
}

#[tokio::test]
async fn an_error_is_told_with_its_code() {
    let refused =
        Say::This(doc! { "ok": 0.0, "code": 13, "codeName": "Unauthorized", "errmsg": "log in first" });
    let wire = MongoWire::answering(primary_but("ping", refused)).await;
    let outcome = asked(&format!("mongodb://{}/", wire.address), SPAN).await;
    let why = DatabaseReading::Refuses("error 13 (Unauthorized): log in first".to_owned());
    assert_eq!(database(outcome), why);
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses() {
    let port = nobody().await.port().unwrap();
    let outcome = asked(&format!("mongodb://127.0.0.1:{port}/"), SHORT).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Refused));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_takes_no_connection_is_unreachable() {
    let deaf = Deaf::new().await;
    let outcome = asked(&format!("mongodb://{}/", deaf.address), SHORT).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Unreachable(1_800)));
}

#[rstest]
#[case::from_the_first_word("isMaster")]
#[case::once_it_is_asked("ping")]
#[tokio::test]
async fn a_server_that_hangs_is_given_up_before_the_deadline(#[case] command: &'static str) {
    let wire = MongoWire::answering(primary_but(command, Say::Nothing)).await;
    let outcome = asked(&format!("mongodb://{}/", wire.address), SHORT).await;
    assert!(matches!(outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(_))), "{outcome:?}");
}

#[rstest]
#[case::from_the_first_word("isMaster")]
#[case::once_it_is_asked("ping")]
#[tokio::test]
async fn a_server_that_closes_broke_off(#[case] command: &'static str) {
    let wire = MongoWire::answering(primary_but(command, Say::Close)).await;
    let outcome = asked(&format!("mongodb://{}/", wire.address), SHORT).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::BrokeOff));
}

#[tokio::test]
async fn a_root_of_ones_own_vouches_for_a_database() {
    let authority = Authority::named("our own");
    let say = server(doc! { "isWritablePrimary": true });
    let wire = MongoWire::secured(authority.vouches("127.0.0.1", (2000, 2100)), say).await;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, &authority.pem).unwrap();
    let connection = SecretString::from(format!("mongodb://{}/?tls=true", wire.address));

    let known = MongodbAddress { connection: connection.clone(), trusted_root: Some(root) };
    let known = EndpointProbe::new(EndpointAddress::Mongodb(known)).unwrap();
    let reading = database(known.probe(&request(SPAN)).await);
    assert!(matches!(reading, DatabaseReading::Writable(_)), "{reading:?}");

    let unknown = EndpointProbe::new(EndpointAddress::Mongodb(MongodbAddress::new(connection))).unwrap();
    let outcome = unknown.probe(&request(SHORT)).await;
    assert!(matches!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Tls(_))), "{outcome:?}");
}

#[rstest]
#[case::without_tls("mongodb://db.example.com/")]
#[case::tls_switched_off("mongodb+srv://db.example.com/?tls=false")]
fn a_root_for_a_connection_without_tls_is_refused(#[case] connection: &str) {
    let address = MongodbAddress {
        trusted_root: Some("root.pem".into()),
        ..MongodbAddress::new(SecretString::from(connection.to_owned()))
    };
    let error = EndpointProbe::new(EndpointAddress::Mongodb(address)).unwrap_err();
    assert_eq!(error, SetupError::RootWithoutTls);
}

#[tokio::test]
async fn a_stranger_is_not_told_the_login() {
    let server = Secure::showing(self_signed("127.0.0.1"), b"").await;
    let port = server.url.port().unwrap();
    let outcome = asked(&format!("mongodb://watcher:s3cret@127.0.0.1:{port}/?tls=true"), SHORT).await;
    let ProbeOutcome::NoAnswer(NoAnswer::Tls(why)) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("not trusted"), "{why}");
}

/// Beside the server of these tests, which speaks only as much as it must.
#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_takes_writes() {
    let reading = database(asked(rebound_test_mongodb::url().await, SPAN).await);
    assert!(matches!(reading, DatabaseReading::Writable(_)), "{reading:?}");
}

#[tokio::test]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_refuses_a_wrong_password() {
    let (user, rest) =
        rebound_test_mongodb::url().await.split_once('@').expect("the connection string holds a user");
    let reading = database(asked(&format!("{user}-not@{rest}"), SPAN).await);
    let DatabaseReading::Refuses(why) = reading else { panic!("{reading:?}") };
    assert!(why.contains("login was refused"), "{why}");
}

#[tokio::test]
async fn what_is_not_mongodb_is_another_service() {
    let web = greeter(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    let outcome = asked(&format!("mongodb://127.0.0.1:{}/", web.port().unwrap()), SHORT).await;
    let seen = "something that is not MongoDB".to_owned();
    assert_eq!(outcome, ProbeOutcome::WrongService { expected: "MongoDB".to_owned(), seen });
}

#[rstest]
#[case::another_scheme("postgres://watcher:s3cret@db.example.com/")]
#[case::no_host("mongodb://watcher:s3cret@/")]
#[case::a_wrong_option("mongodb://watcher:s3cret@db.example.com/?tls=s3cret")]
#[case::a_raw_slash("mongodb://watcher:s3/cret@db.example.com/")]
#[case::empty("")]
fn what_is_no_connection_string_is_refused_without_being_shown(#[case] connection: &str) {
    let error = EndpointProbe::new(address(connection)).unwrap_err();
    assert_eq!(error, SetupError::Connection);
}

#[test]
fn a_connection_string_is_never_shown() {
    let connection = "mongodb://watcher:s3cret@db.example.com/";
    let shown = format!("{:?} {:?}", address(connection), probe(connection));
    assert!(!["watcher", "s3cret", "example.com"].iter().any(|part| shown.contains(part)), "{shown}");
}
