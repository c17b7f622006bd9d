//! The bridge's emergency restart, and all it may answer.

use std::time::Duration;

use rebound::heal::{StepOutcome, StepResult};
use rebound_engine::ports::Healer;
use rebound_healers::Action;
use rebound_healers::http_call::{Expect, HttpCall, HttpCallSpec, InvalidHttpCall, Value};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::words::{LONG, STEP, TOKEN, healers, step};

const RESTART: &str = "/api/admin/emergency-restart";

fn spec(base: &str) -> HttpCallSpec {
    HttpCallSpec {
        method: "POST".to_owned(),
        url: format!("{base}{RESTART}"),
        query: vec![("token".to_owned(), Value::Secret(SecretString::from(TOKEN)))],
        headers: vec![("x-site".to_owned(), Value::Plain("north".to_owned()))],
        body: None,
        expect: Expect { status: vec![], json_field: Some(("success".to_owned(), json!(true))) },
    }
}

async fn heal_within(spec: HttpCallSpec, within: Duration) -> StepResult {
    healers(Action::HttpCall(Box::new(HttpCall::try_new(spec).unwrap()))).run(&step(within)).await
}

async fn bridge_that_answers(answer: ResponseTemplate) -> MockServer {
    let bridge = MockServer::start().await;
    let restart = Mock::given(method("POST")).and(path(RESTART)).and(query_param("token", TOKEN));
    restart
        .and(header("idempotency-key", STEP))
        .and(header("x-rebound-step", STEP))
        .respond_with(answer)
        .mount(&bridge)
        .await;
    bridge
}

fn json_answer(status: u16, body: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

#[rstest]
#[case::carried_out(
    json_answer(200, json!({ "success": true, "message": "MT5 reinitialized" })),
    StepOutcome::Done, "MT5 reinitialized"
)]
#[case::a_failure_dressed_as_200(
    json_answer(200, json!({ "success": false, "message": "MT5 reinitialization failed", "error_code": [-10005, "IPC timeout"] })),
    StepOutcome::Failed, "MT5 reinitialization failed (error -10005: IPC timeout)"
)]
#[case::another_program(json_answer(200, json!({ "ok": true })), StepOutcome::Lost, "no field \"success\"")]
#[case::a_wrong_token(json_answer(401, json!({ "detail": "Unauthorized" })), StepOutcome::Failed, "put the right one")]
#[case::no_right(ResponseTemplate::new(403), StepOutcome::Failed, "give it the right")]
#[case::a_wrong_path(ResponseTemplate::new(404), StepOutcome::Failed, "compare its path")]
#[case::a_wrong_method(ResponseTemplate::new(405), StepOutcome::Failed, "change the remedy's method")]
#[case::a_wrong_query(json_answer(422, json!({ "detail": [{ "msg": "field required" }] })), StepOutcome::Failed, "field required")]
#[case::no_token_there(
    json_answer(500, json!({ "detail": "Admin token not configured" })),
    StepOutcome::Failed, "Admin token not configured"
)]
#[case::broken_in_the_act(json_answer(500, json!({ "detail": "IPC broke" })), StepOutcome::Lost, "may have happened")]
#[case::a_redirect(ResponseTemplate::new(307).insert_header("location", "/"), StepOutcome::Failed, "not followed")]
#[case::too_long(ResponseTemplate::new(200).set_body_string("x".repeat(70_000)), StepOutcome::Lost, "longer than 64 KiB")]
#[case::the_token_in_the_answer(
    json_answer(401, json!({ "detail": format!("token {TOKEN} is wrong") })),
    StepOutcome::Failed, "token ••• is wrong"
)]
#[tokio::test]
async fn an_answer_says_what_became_of_the_act(
    #[case] answer: ResponseTemplate,
    #[case] outcome: StepOutcome,
    #[case] said: &str,
) {
    let bridge = bridge_that_answers(answer).await;
    let result = heal_within(spec(&bridge.uri()), LONG).await;
    assert_eq!(result.outcome, outcome, "{}", result.output);
    assert!(result.output.contains(said), "{}", result.output);
    assert!(!result.output.contains(TOKEN), "{}", result.output);
    assert!(result.output.chars().count() <= 300);
}

#[tokio::test]
async fn an_answer_that_itself_says_it_failed_is_never_done() {
    let bridge = bridge_that_answers(json_answer(200, json!({ "success": false }))).await;
    let result = heal_within(HttpCallSpec { expect: Expect::default(), ..spec(&bridge.uri()) }, LONG).await;
    assert_eq!(result.outcome, StepOutcome::Failed, "{}", result.output);
}

#[tokio::test]
async fn a_bridge_that_refuses_the_connection_was_not_touched() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let result = heal_within(spec(&base), LONG).await;
    assert_eq!(result.outcome, StepOutcome::Failed, "{}", result.output);
    assert!(result.output.starts_with("nothing was sent"), "{}", result.output);
    assert!(!result.output.contains(TOKEN), "{}", result.output);
}

#[tokio::test]
async fn a_bridge_that_hangs_may_have_done_it() {
    let bridge = bridge_that_answers(ResponseTemplate::new(200).set_delay(LONG)).await;
    let result = heal_within(spec(&bridge.uri()), Duration::from_millis(200)).await;
    assert_eq!(result.outcome, StepOutcome::TimedOut, "{}", result.output);
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let bridge = tokio::spawn(async move {
        let (mut caller, _) = listener.accept().await.unwrap();
        caller.read(&mut [0; 1_024]).await.unwrap()
    });
    let result = heal_within(spec(&base), LONG).await;
    assert_eq!(result.outcome, StepOutcome::Lost, "{}", result.output);
    assert!(bridge.await.unwrap() > 0);
}

#[tokio::test]
async fn the_same_step_is_not_sent_twice() {
    let bridge = bridge_that_answers(json_answer(200, json!({ "success": true }))).await;
    let healers = healers(Action::HttpCall(Box::new(HttpCall::try_new(spec(&bridge.uri())).unwrap())));
    let (first, second) = (healers.run(&step(LONG)).await, healers.run(&step(LONG)).await);
    assert_eq!((first.outcome, second.outcome), (StepOutcome::Done, StepOutcome::Refused));
    assert!(second.output.contains("already carried out"), "{}", second.output);
    assert_eq!(bridge.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_step_whose_deadline_has_passed_is_refused() {
    let bridge = bridge_that_answers(json_answer(200, json!({ "success": true }))).await;
    let result = heal_within(spec(&bridge.uri()), Duration::ZERO).await;
    assert_eq!(result.outcome, StepOutcome::Refused, "{}", result.output);
    assert_eq!(bridge.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_unknown_remedy_is_refused() {
    let healers = rebound_healers::Healers::new(std::collections::HashMap::new(), crate::words::clock());
    let result = healers.run(&step(LONG)).await;
    assert_eq!(result.outcome, StepOutcome::Refused);
    assert!(result.output.contains("\"restart\""), "{}", result.output);
}

#[rstest]
#[case::no_scheme(HttpCallSpec { url: "localhost:8000".to_owned(), ..spec("http://h") }, "no address")]
#[case::a_password(HttpCallSpec { url: "http://u:p@h/".to_owned(), ..spec("http://h") }, "user or password")]
#[case::a_method(HttpCallSpec { method: "RE START".to_owned(), ..spec("http://h") }, "no HTTP method")]
#[case::a_header(
    HttpCallSpec { headers: vec![("x".to_owned(), Value::Plain("a\r\nb: c".to_owned()))], ..spec("http://h") },
    "line break"
)]
fn a_call_that_cannot_be_sent_cannot_be_made(#[case] spec: HttpCallSpec, #[case] why: &str) {
    let error: InvalidHttpCall = HttpCall::try_new(spec).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn a_token_is_never_shown_in_debug() {
    let call = HttpCall::try_new(spec("http://bridge")).unwrap();
    assert!(!format!("{call:?}").contains(TOKEN));
}
