//! One probe over a real connection, with a bridge that behaves and one that does not.

use std::time::Duration;

use rebound::check::{
    AccountsReading, BadAnswer, BridgeReading, NoAnswer, ProbeOutcome, ProbeRequest, Subject,
};
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_probes::{BODY_BYTES_MAX, BridgeProbe, BridgeSpec, Dialect, IDENTITY_KEPT};
use reqwest::Url;
use rstest::rstest;

use crate::fixtures::fixture;
use crate::wire::{Act, Wire, answer, greeter, json, nobody};

const HEALTH: &str = "/api/mt5/bridge/health";
const ACCOUNTS: &str = "/api/mt5/accounts/summary";
/// When every question is asked.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_762_218_420_000);
/// Never reached, however slow the machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A probe of the F-2 bridge at `url`.
pub(crate) fn probe_of(url: &Url) -> BridgeProbe {
    BridgeProbe::new(BridgeSpec::new(url.clone(), Dialect::preset("f2").unwrap())).unwrap()
}

/// An order to ask the target `mt5` at `asked_at`, for `span`.
pub(crate) fn request(asked_at: Timestamp, span: Duration) -> ProbeRequest {
    let subject = Subject::Target(TargetId::try_new("mt5").unwrap());
    ProbeRequest { subject, asked_at, deadline: asked_at.after(span) }
}

/// A healthy bridge, but for `path`.
fn healthy_but(path: &'static str, act: Act) -> impl Fn(&str) -> Act {
    move |asked| if asked == path { act.clone() } else { healthy(asked) }
}

/// What a healthy bridge answers.
pub(crate) fn healthy(path: &str) -> Act {
    match path {
        "/" => json(fixture("root")),
        HEALTH => json(fixture("health_healthy")),
        ACCOUNTS => json(fixture("accounts_healthy")),
        _ => answer("404 Not Found", "application/json", fixture("not_found")),
    }
}

async fn outcome_with(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> ProbeOutcome {
    let wire = Wire::answering(act).await;
    probe_of(&wire.url).probe(&request(NOW, LONG)).await
}

fn reading(outcome: ProbeOutcome) -> BridgeReading {
    let ProbeOutcome::Bridge(reading) = outcome else { panic!("a reading, not {outcome:?}") };
    *reading
}

fn not_listed(outcome: ProbeOutcome) -> String {
    match reading(outcome).accounts {
        AccountsReading::NotListed(why) => why,
        AccountsReading::Listed(accounts) => panic!("no list, not {accounts:?}"),
    }
}

#[tokio::test]
async fn a_healthy_bridge_is_read_whole() {
    let read = reading(outcome_with(healthy).await);
    assert_eq!(read.service.as_deref(), Some("FIDUS MT5 Bridge API"));
    assert_eq!((read.terminal.connected, read.store_connected), (Some(true), Some(true)));
    assert!(matches!(read.accounts, AccountsReading::Listed(accounts) if accounts.len() == 3));
}

#[tokio::test]
async fn a_chunked_answer_is_put_together() {
    let body = fixture("health_healthy");
    let (one, two) = body.split_at(40);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        one.len(),
        two.len()
    );
    let read = reading(outcome_with(healthy_but(HEALTH, Act::Send(chunked.into()))).await);
    assert_eq!(read.terminal.available, Some(true));
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses() {
    let outcome = probe_of(&nobody().await).probe(&request(NOW, LONG)).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Refused));
}

#[rstest]
#[case::silent(Act::Silence)]
#[case::a_slow_loris(Act::Drip)]
#[tokio::test(start_paused = true)]
async fn a_bridge_that_never_finishes_is_given_up_at_the_deadline(#[case] act: Act) {
    let wire = Wire::answering(move |_| act.clone()).await;
    let outcome = probe_of(&wire.url).probe(&request(NOW, Duration::from_millis(2_500))).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::TimedOut(2_500)));
}

#[rstest]
#[case::half_a_body(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"mt5\":".to_vec()))]
#[case::half_a_chunk(Act::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"mt5\":".to_vec()))]
#[case::half_a_head(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()))]
#[case::nothing_at_all(Act::Close)]
#[tokio::test]
async fn a_connection_that_ends_too_early_broke_off(#[case] act: Act) {
    let outcome = outcome_with(healthy_but(HEALTH, act)).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::BrokeOff));
}

#[tokio::test]
async fn what_is_not_http_says_so() {
    let outcome = outcome_with(|_| Act::Send(b"220 mail.example ESMTP ready\r\n".to_vec())).await;
    let ProbeOutcome::NoAnswer(NoAnswer::Other(why)) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("HTTP"), "{why}");
}

#[tokio::test]
async fn plain_text_where_encryption_is_expected_is_a_tls_failure() {
    let mut url = greeter(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    url.set_scheme("https").unwrap();
    let outcome = probe_of(&url).probe(&request(NOW, LONG)).await;
    // A machine without certificates does not get as far.
    let unready = matches!(&outcome, ProbeOutcome::NotAsked(why) if why.contains("ca-certificates"));
    assert!(unready || matches!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Tls(_))), "{outcome:?}");
}

#[rstest]
#[case::endless(Act::Endless)]
#[case::announced(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{".to_vec()))]
#[case::one_byte_more(json(vec![b' '; BODY_BYTES_MAX + 1]))]
#[tokio::test]
async fn a_body_over_the_limit_is_not_read_on(#[case] act: Act) {
    let limit_bytes = u64::try_from(BODY_BYTES_MAX).unwrap();
    let outcome = outcome_with(healthy_but(HEALTH, act)).await;
    assert_eq!(
        outcome,
        ProbeOutcome::BadAnswer(BadAnswer::TooLarge { path: HEALTH.to_owned(), limit_bytes })
    );
}

#[rstest]
#[case::moved("302 Found", 302)]
#[case::moved_for_good("308 Permanent Redirect", 308)]
#[tokio::test]
async fn a_redirect_is_never_followed(#[case] status: &'static str, #[case] number: u16) {
    let trap = Wire::answering(healthy).await;
    let head = format!("HTTP/1.1 {status}\r\nLocation: {}trap\r\nContent-Length: 0\r\n\r\n", trap.url);
    let outcome = outcome_with(move |_| Act::Send(head.clone().into())).await;
    let redirect = BadAnswer::Redirect { path: HEALTH.to_owned(), status: number };
    assert_eq!((outcome, trap.heads().len()), (ProbeOutcome::BadAnswer(redirect), 0));
}

#[rstest]
#[case::no_key("401 Unauthorized", 401)]
#[case::forbidden("403 Forbidden", 403)]
#[case::broken("500 Internal Server Error", 500)]
#[case::away("503 Service Unavailable", 503)]
#[case::not_there("404 Not Found", 404)]
#[tokio::test]
async fn a_refusing_status_is_told_as_it_is(#[case] status: &'static str, #[case] number: u16) {
    let outcome =
        outcome_with(healthy_but(HEALTH, answer(status, "application/json", "{\"detail\":\"no\"}"))).await;
    assert_eq!(
        outcome,
        ProbeOutcome::BadAnswer(BadAnswer::Status { path: HEALTH.to_owned(), status: number })
    );
}

#[rstest]
#[case::garbage("\u{0}\u{1}}{", "application/json", "did not answer with JSON")]
#[case::a_page("<html>Welcome to nginx</html>", "text/html", "it looks like a web page")]
#[case::empty("", "application/json", "EOF")]
#[tokio::test]
async fn a_body_that_is_no_json_says_so(#[case] body: &str, #[case] kind: &str, #[case] why: &str) {
    let outcome = outcome_with(healthy_but(HEALTH, answer("200 OK", kind, body))).await;
    let ProbeOutcome::BadAnswer(bad @ BadAnswer::NotJson { .. }) = outcome else { panic!("{outcome:?}") };
    assert!(bad.to_string().contains(why), "{bad}");
}

#[rstest]
#[case::the_old_bridge(fixture("root_old_service"), "FIDUS MT5 Bridge Service")]
#[case::a_nameless_one("{\"status\":\"healthy\"}".to_owned(), "an answer without \"service\"")]
#[tokio::test]
async fn not_found_and_another_name_is_another_service(#[case] root: String, #[case] seen: &str) {
    let outcome = outcome_with(move |path| match path {
        "/" => json(&root),
        _ => answer("404 Not Found", "application/json", fixture("not_found")),
    })
    .await;
    let expected = "FIDUS MT5 Bridge API".to_owned();
    assert_eq!(outcome, ProbeOutcome::WrongService { expected, seen: seen.to_owned() });
}

#[tokio::test]
async fn a_right_answer_under_another_name_is_another_service() {
    let outcome = outcome_with(healthy_but("/", json(fixture("root_old_service")))).await;
    assert!(matches!(outcome, ProbeOutcome::WrongService { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_bridge_without_an_identity_path_is_read_all_the_same() {
    let read = reading(outcome_with(healthy_but("/", answer("404 Not Found", "text/plain", "no"))).await);
    assert_eq!((read.service, read.terminal.available), (None, Some(true)));
}

#[tokio::test]
async fn the_identity_is_asked_again_after_a_while_only() {
    let wire = Wire::answering(healthy).await;
    let probe = probe_of(&wire.url);
    for asked_at in [NOW, NOW.after(Duration::from_secs(30)), NOW.after(IDENTITY_KEPT)] {
        let read = reading(probe.probe(&request(asked_at, LONG)).await);
        assert_eq!(read.service.as_deref(), Some("FIDUS MT5 Bridge API"));
    }
    assert_eq!((wire.asked(HEALTH), wire.asked("/")), (3, 2));
}

#[rstest]
#[case::away(answer("503 Service Unavailable", "application/json", "{}"), "status 503")]
#[case::broke_off(Act::Close, "the connection broke")]
#[case::too_large(Act::Endless, "more than 1048576 bytes")]
#[case::garbage(json("]["), "did not answer with JSON")]
#[tokio::test]
async fn a_failing_account_list_does_not_cost_the_health_answer(#[case] act: Act, #[case] why: &str) {
    let sentence = not_listed(outcome_with(healthy_but(ACCOUNTS, act)).await);
    assert!(sentence.starts_with(ACCOUNTS) && sentence.contains(why), "{sentence}");
}

#[tokio::test]
async fn a_silent_account_list_is_given_up_before_the_deadline() {
    let wire = Wire::answering(healthy_but(ACCOUNTS, Act::Silence)).await;
    let sentence = not_listed(probe_of(&wire.url).probe(&request(NOW, Duration::from_secs(3))).await);
    assert_eq!(sentence, "/api/mt5/accounts/summary: no complete answer within 2700 ms");
}

#[tokio::test]
async fn no_path_of_a_single_account_is_ever_asked() {
    let wire = Wire::answering(healthy).await;
    reading(probe_of(&wire.url).probe(&request(NOW, LONG)).await);
    let mut asked: Vec<String> =
        wire.heads().iter().filter_map(|head| head.lines().next().map(str::to_owned)).collect();
    asked.sort();
    assert_eq!(
        asked,
        ["GET / HTTP/1.1".to_owned(), format!("GET {ACCOUNTS} HTTP/1.1"), format!("GET {HEALTH} HTTP/1.1")]
    );
}
