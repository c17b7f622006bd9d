//! One look at bridges of several paths: what is asked, what is left alone, and what silence means.

use std::time::Duration;

use rebound::check::{AccountsReading, BridgeReading, NoAnswer, ProbeOutcome};
use rebound::time::Timestamp;
use rebound_probes::{BridgeProbe, BridgeSpec, Dialect};
use rstest::rstest;

use crate::fixtures::fixture_of;
use crate::presets::dialect;
use crate::probing::{LONG, NOW, probe_of, request};
use crate::wire::{Act, Wire, answer, json};

/// What a healthy mt5-httpapi answers.
fn healthy(path: &str) -> Act {
    let file = path.trim_start_matches('/');
    match file {
        "error" => json(fixture_of("mt5-httpapi", "error_success")),
        "ping" | "terminal" | "account" | "positions" | "orders" => json(fixture_of("mt5-httpapi", file)),
        _ => answer("404 Not Found", "text/html", "<h1>Not Found</h1>"),
    }
}

async fn look(wire: &Wire, dialect: Dialect, span: Duration) -> BridgeReading {
    let probe = BridgeProbe::new(BridgeSpec::new(wire.url.clone(), dialect)).unwrap();
    let outcome = probe.probe(&request(NOW, span)).await;
    let ProbeOutcome::Bridge(reading) = outcome else { panic!("a reading, not {outcome:?}") };
    *reading
}

#[tokio::test]
async fn a_bridge_of_many_paths_is_read_whole() {
    let wire = Wire::answering(healthy).await;
    let read = look(&wire, dialect("mt5-httpapi"), LONG).await;
    assert_eq!(read.service.as_deref(), Some("live"));
    assert_eq!(read.terminal.login.map(|login| login.number()), Some(1_000_001));
    let book = read.positions.unwrap();
    assert_eq!((book.positions.len(), book.orders), (2, Some(vec![80_000_001])));
    let mut asked: Vec<String> =
        wire.heads().iter().filter_map(|head| head.split(' ').nth(1).map(str::to_owned)).collect();
    asked.sort();
    assert_eq!(asked, ["/account", "/error", "/orders", "/ping", "/positions", "/terminal"]);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_path_that_is_silent_is_a_silent_terminal_and_no_silent_bridge() {
    let wire = Wire::answering(|path| if path == "/ping" { healthy(path) } else { Act::Silence }).await;
    let read = look(&wire, dialect("mt5-httpapi"), Duration::from_secs(5)).await;
    assert_eq!(read.terminal.available, Some(false));
    let error = read.terminal.error.map(|error| error.text);
    assert_eq!(error.as_deref(), Some("/terminal: no complete answer within 4500 ms"));
    assert_eq!((wire.asked("/account"), wire.asked("/positions"), wire.asked("/orders")), (0, 0, 0));
}

#[rstest]
#[case::a_silent_error_path("/error")]
#[case::a_silent_list_of_orders("/orders")]
#[tokio::test(start_paused = true)]
async fn what_only_adds_to_a_look_costs_nothing_where_it_is_silent(#[case] silent: &'static str) {
    let wire = Wire::answering(move |path| if path == silent { Act::Silence } else { healthy(path) }).await;
    let read = look(&wire, dialect("mt5-httpapi"), Duration::from_secs(5)).await;
    assert_eq!((read.terminal.available, read.terminal.connected), (Some(true), Some(true)));
    assert!(matches!(read.accounts, AccountsReading::Listed(_) | AccountsReading::NotListed(_)));
}

#[tokio::test]
async fn a_path_that_several_parts_read_is_asked_once() {
    let text = r#"
        format = 1
        name = "one-path"
        [identity]
        path = "/all"
        field = "service"
        expected = "One"
        [health]
        path = "/all"
        connected = ["connected"]
        [accounts]
        path = "/all"
        list = ["accounts"]
        id = ["login"]
        balance = ["balance"]
        read_when = "asked"
        [positions]
        path = "/all"
        list = ["positions"]
        ticket = ["ticket"]
        [orders]
        path = "/all"
        list = ["orders"]
        ticket = ["$"]
    "#;
    let body = r#"{"service":"One","connected":true,"accounts":[{"login":7,"balance":1}],
        "positions":[{"ticket":8}],"orders":[9]}"#;
    let wire = Wire::answering(move |_| json(body)).await;
    let read = look(&wire, Dialect::from_toml(text).unwrap(), LONG).await;
    assert_eq!((read.service.as_deref(), wire.asked("/all")), (Some("One"), 1));
    let book = read.positions.unwrap();
    assert_eq!((book.positions.len(), book.orders), (1, Some(vec![9])));
    assert!(matches!(read.accounts, AccountsReading::Listed(accounts) if accounts.len() == 1));
}

#[tokio::test]
async fn a_link_that_is_lost_makes_what_the_terminal_knew_last_no_read_of_now() {
    let lost = || json(fixture_of("mt5-httpapi", "terminal_link_lost"));
    let wire = Wire::answering(move |path| if path == "/terminal" { lost() } else { healthy(path) }).await;
    let read = look(&wire, dialect("mt5-httpapi"), LONG).await;
    let AccountsReading::NotListed(why) = read.accounts else { panic!("no list") };
    assert_eq!(why, "/account tells what the terminal knew last: it is not connected to the broker");
}

#[tokio::test]
async fn the_date_of_the_health_answer_is_moved_to_the_question() {
    let body = fixture_of("mt5-httpapi", "ping");
    let length = body.len();
    let dated = format!(
        "HTTP/1.1 200 OK\r\nDate: Tue, 04 Nov 2025 01:07:00 GMT\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let dated = move || Act::Send(dated.clone().into());
    let wire = Wire::answering(move |path| if path == "/ping" { dated() } else { healthy(path) }).await;
    let told = look(&wire, dialect("mt5-httpapi"), LONG).await.http_date.unwrap();
    let date = Timestamp::from_ms(1_762_218_420_000);
    assert!(told <= date && date.since(told) < LONG, "{told}");
}

#[tokio::test]
async fn a_look_shows_the_answers_it_was_read_from() {
    let wire = Wire::answering(|path| if path == "/orders" { Act::Close } else { healthy(path) }).await;
    let probe = BridgeProbe::new(BridgeSpec::new(wire.url.clone(), dialect("mt5-httpapi"))).unwrap();
    let look = probe.look(&request(NOW, LONG)).await;
    assert!(matches!(look.outcome, ProbeOutcome::Bridge(_)));
    assert_eq!(look.answers["/ping"].as_ref().unwrap().body, fixture_of("mt5-httpapi", "ping").into_bytes());
    assert_eq!(
        look.answers["/orders"],
        Err("/orders: the connection broke in the middle of the answer".to_owned())
    );
}

/// A listener that takes no further connection: its queue is full, and nobody empties it.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_host_that_makes_no_connection_is_unreachable_and_not_slow() {
    use tokio::net::{TcpSocket, TcpStream};
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
        assert!(waiting.len() < 100, "the queue of the listener never fills");
    }
    let url = reqwest::Url::parse(&format!("http://{address}")).unwrap();
    let outcome = probe_of(&url).probe(&request(NOW, Duration::from_millis(2_500))).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Unreachable(2_500)));
}
