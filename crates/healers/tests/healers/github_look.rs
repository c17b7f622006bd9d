//! Whether the workflow could be started, asked without starting it.

use std::collections::HashMap;
use std::time::Duration;

use rebound::readiness::{Finding, LookRequest, Part, RemedyOf, Seen};
use rebound::time::Timestamp;
use rebound_engine::ports::Preflight as _;
use rebound_healers::github::GithubSeen;
use rebound_healers::{Action, Healers};
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::words::{Github, LONG, TOKEN, clock, refused, start, target};

const WORKFLOW: &str = "/actions/workflows/restart.yml";

fn shown(fields: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(fields)
}

fn writable() -> ResponseTemplate {
    shown(json!({ "permissions": { "push": true } }))
}

/// What a look finds where the repository answers so, and the workflow is on.
async fn look(repository: ResponseTemplate) -> GithubSeen {
    let github = Github::with_workflow().await;
    github.answers("", repository).await;
    github.answers(WORKFLOW, shown(json!({ "state": "active" }))).await;
    let seen = github.dispatcher().look().await;
    assert!(github.dispatches().await.is_empty(), "a look starts nothing");
    seen
}

#[tokio::test]
async fn a_token_tells_its_scopes_and_its_end() {
    let answer = writable()
        .insert_header("github-authentication-token-expiration", "2026-12-03 15:47:00 UTC")
        .insert_header("x-oauth-scopes", "repo, workflow");
    let seen = look(answer).await;
    let Seen::Token { said, ends, doubt, renew } = seen.token else { panic!("{:?}", seen.token) };
    assert_eq!(said, "GitHub takes the token; its scopes are repo, workflow");
    assert_eq!(ends, Some(Timestamp::from_civil(2026, 12, 3, 15, 47)));
    assert_eq!(doubt, None);
    assert!(renew.contains("the environment variable REBOUND_GITHUB_TOKEN"), "{renew}");
    assert!(matches!(seen.workflow, Seen::Works(_)), "{:?}", seen.workflow);
}

#[tokio::test]
async fn a_token_without_scopes_says_what_is_not_known() {
    let Seen::Token { said, ends: None, doubt: None, .. } = look(writable()).await.token else {
        panic!("it is taken")
    };
    assert!(said.contains("told only where one is missing") && said.contains("no end"), "{said}");
}

#[rstest]
#[case("gist", true)]
#[case("public_repo", false)]
#[case("workflow, repo", false)]
#[tokio::test]
async fn a_classic_token_without_the_right_scope_is_doubted(#[case] scopes: &str, #[case] doubted: bool) {
    let Seen::Token { doubt, .. } = look(writable().insert_header("x-oauth-scopes", scopes)).await.token
    else {
        panic!("it is taken")
    };
    assert_eq!(doubt.is_some(), doubted);
}

/// Whom the trouble is laid to.
#[derive(Debug, PartialEq, Eq)]
enum Laid {
    Token,
    Workflow,
    Nobody,
}

#[rstest]
#[case::a_bad_token(
    refused(401, "Bad credentials"),
    Laid::Token,
    "GitHub refuses the token (401: Bad credentials)"
)]
#[case::not_allowed(refused(403, "Resource not accessible"), Laid::Token, "the token may not do this")]
#[case::read_only(shown(json!({ "permissions": { "push": false } })), Laid::Token, "can read acme/ops but not write")]
#[case::not_visible(refused(404, "Not Found"), Laid::Workflow, "does not exist, or the token cannot see it")]
#[case::moved(refused(301, "Moved"), Laid::Workflow, "acme/ops has moved")]
#[case::archived(shown(json!({ "archived": true })), Laid::Workflow, "archived or disabled")]
#[case::an_outage(refused(503, "Unavailable"), Laid::Nobody, "503")]
#[case::too_many(refused(429, "slow down"), Laid::Nobody, "limit of requests")]
#[case::nonsense(ResponseTemplate::new(200).set_body_string("<html>"), Laid::Nobody, "could not be understood")]
#[tokio::test]
async fn each_answer_is_laid_to_what_must_be_mended(
    #[case] answer: ResponseTemplate,
    #[case] laid: Laid,
    #[case] said: &str,
) {
    let seen = look(answer).await;
    let (found, why) = match (&seen.token, &seen.workflow) {
        (Seen::Refused(trouble), _) => (Laid::Token, &trouble.why),
        (_, Seen::Refused(trouble)) => (Laid::Workflow, &trouble.why),
        (Seen::NotSeen(why), Seen::NotSeen(_)) => (Laid::Nobody, why),
        other => panic!("{other:?}"),
    };
    assert_eq!(found, laid, "{seen:?}");
    assert!(why.contains(said), "{why}");
}

#[rstest]
#[case::switched_on(shown(json!({ "state": "active" })), "there and switched on")]
#[case::switched_off(shown(json!({ "state": "disabled_manually" })), "switched off (disabled_manually)")]
#[case::asleep(shown(json!({ "state": "disabled_inactivity" })), "switched off (disabled_inactivity)")]
#[case::gone(refused(404, "Not Found"), "its workflow restart.yml does not exist")]
#[case::an_outage(refused(502, "Server Error"), "502")]
#[tokio::test]
async fn a_workflow_must_be_there_and_on(#[case] answer: ResponseTemplate, #[case] said: &str) {
    let github = Github::with_workflow().await;
    github.answers("", writable()).await;
    github.answers(WORKFLOW, answer).await;
    let seen = format!("{:?}", github.dispatcher().look().await.workflow);
    assert!(seen.contains(said), "{seen}");
}

#[tokio::test]
async fn a_github_that_is_silent_says_nothing_of_the_token() {
    let github = Github { request_timeout: Duration::from_millis(20), ..Github::with_workflow().await };
    github.answers("", writable().set_delay(LONG)).await;
    let seen = github.dispatcher().look().await;
    assert!(matches!(seen.token, Seen::NotSeen(_)), "{:?}", seen.token);
    assert!(matches!(seen.workflow, Seen::Silent(_)), "{:?}", seen.workflow);
}

#[tokio::test]
async fn a_token_that_github_repeats_is_not_shown() {
    let seen = look(refused(401, &format!("no such token {TOKEN}"))).await;
    assert!(!format!("{seen:?}").contains(TOKEN));
}

fn of(remedy: &str) -> RemedyOf {
    RemedyOf { target: target(), remedy: remedy.to_owned() }
}

fn request(remedies: &[&str], within: Duration) -> LookRequest {
    let remedies = remedies.iter().map(|remedy| of(remedy)).collect();
    LookRequest { remedies, drill: None, asked_at: start(), deadline: start().after(within) }
}

fn two_of_one_workflow(github: &Github) -> Healers {
    let action = || Action::GithubDispatch(Box::new(github.dispatcher()));
    let named = |name: &str| ((target(), name.to_owned()), action());
    Healers::new(HashMap::from([named("restart"), named("restart again")]), clock())
}

#[tokio::test]
async fn remedies_of_one_workflow_are_looked_at_once() {
    let github = Github::with_workflow().await;
    github.answers("", writable()).await;
    github.answers(WORKFLOW, shown(json!({ "state": "active" }))).await;
    let found = two_of_one_workflow(&github).look(&request(&["restart", "restart again"], LONG)).await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(github.server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn only_what_is_asked_for_is_looked_at() {
    let github = Github::with_workflow().await;
    github.answers("", writable()).await;
    let found = two_of_one_workflow(&github).look(&request(&["restart", "unheard of"], LONG)).await;
    let parts: Vec<Part> = found.into_iter().map(|finding: Finding| finding.part).collect();
    assert_eq!(parts, [Part::GithubToken(of("restart")), Part::GithubWorkflow(of("restart"))]);
}

#[tokio::test]
async fn what_there_is_no_time_for_is_not_seen() {
    let github = Github::with_workflow().await;
    github.answers("", writable().set_delay(LONG)).await;
    let found = two_of_one_workflow(&github).look(&request(&["restart"], Duration::ZERO)).await;
    let unseen =
        |finding: &Finding| matches!(&finding.seen, Seen::NotSeen(why) if why.contains("not enough time"));
    assert!(found.len() == 2 && found.iter().all(unseen), "{found:?}");
}
