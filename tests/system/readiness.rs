//! What would go wrong in the next emergency is known before it comes, and somebody outside notices when Rebound is gone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rebound::view::{Board, ReadinessState, ReadinessView};
use rebound_sim::{GithubMode, SmtpMode};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::configuration::Plan;
use crate::process::Place;
use crate::site::{PATIENCE, Site, a_host, a_site, eventually};

const TOKEN: &str = "github.token/mt5/restart host";
const MAIL: &str = "alerts.channel/email";

fn item<'a>(board: &'a Board, id: &str) -> Option<&'a ReadinessView> {
    board.readiness.iter().find(|view| view.id == id)
}

/// Waits until an item is in this state, and returns it.
async fn becomes(site: &Site, id: &str, state: ReadinessState) -> ReadinessView {
    let is_so = |board: &Board| item(board, id).is_some_and(|view| view.state == state);
    let board = site.until(&format!("{id} is {}", state.word()), is_so).await;
    item(&board, id).unwrap().clone()
}

#[tokio::test]
async fn a_token_that_github_refuses_is_known_before_it_is_needed() {
    let making = a_site().await;
    making.host.github_mode(GithubMode::BadToken).await;
    let site = making.start().await;
    let view = becomes(&site, TOKEN, ReadinessState::NotReady).await;
    assert_eq!(view.detail, "GitHub refuses the token (401: Bad credentials).");
    assert!(view.mend.unwrap().contains("the environment variable GITHUB_TOKEN"));
    assert!(view.emergency.contains("\"restart host\" would not be started"), "{}", view.emergency);
    let mail = site.mail("GitHub token").await;
    assert!(mail.text.contains("Bad credentials"), "{}", mail.text);
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_token_that_ends_in_nine_days_is_told_in_time() {
    let making = a_site().await;
    making.host.github_token_ends_in(9).await;
    let site = making.start().await;
    let view = becomes(&site, TOKEN, ReadinessState::AtRisk).await;
    assert!(view.detail.contains("its scopes are repo, workflow. It ends in"), "{}", view.detail);
    site.mail("GitHub token").await;
}

#[tokio::test]
async fn a_mail_server_that_is_down_is_not_ready() {
    let making = a_site().await;
    making.host.smtp_mode(SmtpMode::Down).await;
    let site = making.start().await;
    let view = becomes(&site, MAIL, ReadinessState::NotReady).await;
    assert!(view.detail.contains("cannot be reached"), "{}", view.detail);
}

#[tokio::test]
async fn a_mail_server_that_refuses_the_password_is_not_ready_and_no_mail_is_tried() {
    let making = a_site().await;
    making.host.smtp_mode(SmtpMode::RefuseAuth).await;
    let site = making.start().await;
    let view = becomes(&site, MAIL, ReadinessState::NotReady).await;
    assert!(view.detail.contains("refuses the user name or password"), "{}", view.detail);
}

#[tokio::test]
async fn what_is_well_is_ready_and_may_be_looked_at_once_a_minute() {
    let site = a_site().await.start().await;
    for id in [TOKEN, MAIL, "heals/mt5", "bridge.key/mt5", "bridge.identity/mt5", "store.writes"] {
        becomes(&site, id, ReadinessState::Ready).await;
    }
    let shown: Vec<ReadinessView> = site.get("/api/v1/readiness").await;
    assert!(shown.iter().any(|view| view.id == "http_call/mt5/reconnect terminal"));
    let (_, asked) = site.post("/api/v1/readiness/check").await;
    assert!(asked.to_string().contains("once in 1 min at most"), "{asked}");
    assert!(site.host.mails().await.is_empty(), "a look sends no mail");
    site.was_left_alone().await;
}

/// Takes signs of life, and counts them by their path.
async fn service() -> (String, Arc<Mutex<BTreeMap<String, usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let taken: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let book = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Some(path) = take(stream).await {
                *book.lock().unwrap().entry(path).or_default() += 1;
            }
        }
    });
    (base, taken)
}

async fn take(stream: TcpStream) -> Option<String> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 || line == "\r\n" {
            break;
        }
        lines.push(line);
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).await.ok()?;
    stream.shutdown().await.ok()?;
    lines.first()?.split(' ').nth(1).map(str::to_owned)
}

/// Two programs give signs of life; the second only shows that time goes on.
#[tokio::test]
async fn signs_of_life_end_when_the_program_is_frozen_or_killed_and_show_no_secret() {
    let (base, taken) = service().await;
    let host = a_host().await;
    let place = |name: &str| {
        let more = format!("[outside]\nping = \"{base}/{name}-5f3a9c\"\nevery = \"5s\"");
        Place::planned(&Plan { more, ..Plan::usual(&host) }, &host)
    };
    let count = |name: &str| taken.lock().unwrap().get(&format!("/{name}-5f3a9c")).copied().unwrap_or(0);
    let (first, second) = (place("first"), place("second"));
    let (program, clock) = (first.serve().await, second.serve().await);
    let goes_on = async |name: &str, times: usize| {
        let from = count(name);
        eventually(&format!("{times} signs of life of {name}"), PATIENCE, async || {
            (count(name) >= from + times).then_some(())
        })
        .await;
    };
    goes_on("first", 2).await;
    let shown: Vec<ReadinessView> = program.api.get("/api/v1/readiness").await;
    let view = shown.iter().find(|view| view.id == "outside.ping").unwrap();
    assert_eq!(view.detail, "127.0.0.1 takes a sign of life every 5 s.");
    assert!(!format!("{shown:?}").contains("5f3a9c"));

    program.freeze();
    // One may be on its way.
    goes_on("second", 1).await;
    let frozen_at = count("first");
    goes_on("second", 3).await;
    assert_eq!(count("first"), frozen_at, "a frozen program gives none");
    program.thaw();
    goes_on("first", 1).await;

    program.kill().await;
    goes_on("second", 1).await;
    let killed_at = count("first");
    goes_on("second", 3).await;
    assert_eq!(count("first"), killed_at, "a killed program gives none");
    clock.kill().await;
    assert!(!first.log().contains("5f3a9c") && !second.log().contains("5f3a9c"), "no log has the address");
}
