//! Whether the workflow could be started, asked without starting it.

use rebound_healers::github::ReadyState;
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::words::{Github, refused};

fn repository(fields: Value) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(fields)
        .insert_header("github-authentication-token-expiration", "2026-12-03 15:47:00 UTC")
}

#[tokio::test]
async fn a_token_that_may_write_is_ready_and_its_end_is_told() {
    let github = Github::with_events().await;
    github.answers("", repository(json!({ "permissions": { "push": true } }))).await;
    let readiness = github.dispatcher().readiness().await;
    assert_eq!(readiness.state, ReadyState::Ready);
    assert_eq!(readiness.expires_in_days, Some(9), "a started day does not count");
    assert_eq!(readiness.sentences, ["the token expires in 9 d. Make a new one in time"]);
    assert!(github.dispatches().await.is_empty());
}

#[rstest]
#[case::a_bad_token(refused(401, "Bad credentials"), ReadyState::NotReady, "refuses the token")]
#[case::not_visible(
    refused(404, "Not Found"),
    ReadyState::NotReady,
    "does not exist, or the token cannot see it"
)]
#[case::an_outage(refused(503, "Unavailable"), ReadyState::CannotTell, "503")]
#[case::read_only(repository(json!({ "permissions": { "push": false } })), ReadyState::NotReady, "not write")]
#[case::archived(repository(json!({ "archived": true })), ReadyState::NotReady, "archived")]
#[tokio::test]
async fn what_stands_in_the_way_is_told(
    #[case] answer: ResponseTemplate,
    #[case] state: ReadyState,
    #[case] said: &str,
) {
    let github = Github::with_events().await;
    github.answers("", answer).await;
    let readiness = github.dispatcher().readiness().await;
    assert_eq!(readiness.state, state, "{:?}", readiness.sentences);
    assert!(readiness.sentences[0].contains(said), "{:?}", readiness.sentences);
}

#[rstest]
#[case::switched_on("active", ReadyState::Ready)]
#[case::switched_off("disabled_manually", ReadyState::NotReady)]
#[tokio::test]
async fn a_workflow_must_be_switched_on(#[case] shown: &str, #[case] state: ReadyState) {
    let github = Github::with_workflow().await;
    github.answers("", ResponseTemplate::new(200).set_body_json(json!({}))).await;
    let workflow = ResponseTemplate::new(200).set_body_json(json!({ "state": shown }));
    github.answers("/actions/workflows/restart.yml", workflow).await;
    assert_eq!(github.dispatcher().readiness().await.state, state);
}
