//! `repository_dispatch`: an event is accepted, and the run must be found.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rebound::heal::StepOutcome;
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, Request, ResponseTemplate};

use crate::words::{Github, LONG, RUN, STEP, TOKEN, accepted, page_of_run, queued, refused};

const SHORT: Duration = Duration::from_millis(20);

const SUCCESS: [(&str, Option<&str>); 3] =
    [("queued", None), ("in_progress", None), ("completed", Some("success"))];

#[tokio::test]
async fn an_accepted_event_is_followed_to_the_end_of_its_run() {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github.lists(json!([queued(&format!("heal {STEP}"))])).await;
    github.shows(&SUCCESS).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Done, "{}", result.output);
    assert_eq!(result.output, format!("run {RUN} ended with success"));
    assert_eq!(result.link, page_of_run());
}

#[tokio::test]
async fn the_event_tells_why_and_by_which_id() {
    let github = Github::with_events().await;
    github.answers_dispatch(refused(422, "no")).await;
    github.heal().await;
    assert_eq!(
        github.dispatches().await,
        [json!({
            "event_type": "mt5-full-restart",
            "client_payload": {
                "trigger": "rebound",
                "reason": "the terminal does not answer the bridge",
                "timestamp": "2026-11-23T15:47:00Z",
                "correlation_id": STEP,
            },
        })]
    );
}

#[tokio::test]
async fn requests_are_signed_versioned_and_filtered() {
    let github = Github::with_events().await;
    let signed = Mock::given(method("POST")).and(header("authorization", format!("Bearer {TOKEN}").as_str()));
    let signed = signed
        .and(header("x-github-api-version", "2022-11-28"))
        .and(header("accept", "application/vnd.github+json"));
    signed.respond_with(accepted()).expect(1).mount(&github.server).await;
    let list = Mock::given(method("GET")).and(path("/repos/acme/ops/actions/runs"));
    let list = list
        .and(query_param("event", "repository_dispatch"))
        .and(query_param("created", ">=2026-11-23T15:37:01Z"));
    let runs = json!({ "workflow_runs": [queued(STEP)] });
    list.respond_with(ResponseTemplate::new(200).set_body_json(runs)).expect(1..).mount(&github.server).await;
    github.shows(&SUCCESS).await;
    assert_eq!(github.heal().await.outcome, StepOutcome::Done);
}

#[tokio::test]
async fn an_event_without_a_run_has_failed() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    github.answers_dispatch(accepted()).await;
    github.lists(json!([])).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Failed, "{}", result.output);
    assert!(result.output.contains("the workflow does not listen"), "{}", result.output);
    assert!(result.output.contains("types: [mt5-full-restart]"), "{}", result.output);
}

#[tokio::test]
async fn the_only_run_without_an_id_is_taken_and_the_output_says_so() {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github.lists(json!([queued("mt5-full-restart")])).await;
    github.shows(&SUCCESS).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Done, "{}", result.output);
    assert!(result.output.contains("no other run began then"), "{}", result.output);
}

#[tokio::test]
async fn of_two_runs_without_an_id_none_is_taken() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    github.answers_dispatch(accepted()).await;
    let mut other = queued("mt5-full-restart");
    other["id"] = json!(RUN + 1);
    github.lists(json!([queued("mt5-full-restart"), other])).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Lost, "{}", result.output);
    assert!(
        result.output.contains("run-name: heal ${{ github.event.client_payload.correlation_id }}"),
        "{}",
        result.output
    );
}

#[tokio::test]
async fn a_run_from_before_the_dispatch_is_not_taken() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    github.answers_dispatch(accepted()).await;
    let mut earlier = queued("mt5-full-restart");
    earlier["created_at"] = json!("2026-11-23T15:45:00Z");
    github.lists(json!([earlier])).await;
    assert_eq!(github.heal().await.outcome, StepOutcome::Failed);
}

#[rstest]
#[case::a_bad_token(refused(401, "Bad credentials"), "make a new one")]
#[case::too_few_rights(
    refused(403, "Resource not accessible by personal access token").insert_header("x-ratelimit-remaining", "4999"),
    "the permission \"Contents: read and write\""
)]
#[case::the_limit_is_spent(
    refused(403, "API rate limit exceeded").insert_header("x-ratelimit-remaining", "0").insert_header("x-ratelimit-reset", "1795449000"),
    "free again at 2026-11-23 15:50:00 UTC"
)]
#[case::a_second_limit(refused(403, "secondary rate limit").insert_header("retry-after", "60"), "Wait 1 min")]
#[case::too_many(refused(429, "Too many requests"), "limit of requests")]
#[case::not_there(refused(404, "Not Found"), "does not exist, or the token cannot see it")]
#[case::not_valid(refused(422, "Invalid request"), "Check the event type \"mt5-full-restart\"")]
#[case::moved(refused(301, "Moved Permanently"), "present owner and name")]
#[tokio::test]
async fn a_refusal_says_what_to_do(#[case] answer: ResponseTemplate, #[case] advice: &str) {
    let github = Github::with_events().await;
    github.answers_dispatch(answer).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Failed, "{}", result.output);
    assert!(result.output.contains(advice), "{}", result.output);
    assert!(!result.output.contains(TOKEN));
    assert_eq!(github.dispatches().await.len(), 1);
}

#[rstest]
#[case::an_error(ResponseTemplate::new(502))]
#[case::no_answer_in_time(ResponseTemplate::new(204).set_delay(LONG))]
#[tokio::test]
async fn a_doubtful_dispatch_that_arrived_is_not_sent_again(#[case] answer: ResponseTemplate) {
    let github = Github { request_timeout: Duration::from_millis(500), ..Github::with_events().await };
    github.answers_dispatch(answer).await;
    github.lists(json!([queued(STEP)])).await;
    github.shows(&SUCCESS).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Done, "{}", result.output);
    assert_eq!(github.dispatches().await.len(), 1);
}

#[tokio::test]
async fn a_doubtful_dispatch_without_a_run_is_sent_once_more() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    let dispatches = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&dispatches);
    let answer = move |_: &Request| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => ResponseTemplate::new(500),
        _ => accepted(),
    };
    Mock::given(method("POST")).respond_with(answer).mount(&github.server).await;
    let list = move |_: &Request| {
        let runs = if dispatches.load(Ordering::SeqCst) < 2 { json!([]) } else { json!([queued(STEP)]) };
        ResponseTemplate::new(200).set_body_json(json!({ "workflow_runs": runs }))
    };
    Mock::given(path("/repos/acme/ops/actions/runs")).respond_with(list).mount(&github.server).await;
    github.shows(&SUCCESS).await;
    assert_eq!(github.heal().await.outcome, StepOutcome::Done);
    assert_eq!(github.dispatches().await.len(), 2);
}

#[tokio::test]
async fn a_dispatch_is_never_sent_a_third_time() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).mount(&github.server).await;
    github.lists(json!([])).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Lost, "{}", result.output);
    assert_eq!(github.dispatches().await.len(), 2);
}

#[tokio::test]
async fn a_doubtful_dispatch_is_not_sent_again_while_runs_cannot_be_seen() {
    let github = Github { find_run_within: SHORT, ..Github::with_events().await };
    github.answers_dispatch(ResponseTemplate::new(500)).await;
    github.answers("/actions/runs", ResponseTemplate::new(500)).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Lost, "{}", result.output);
    assert_eq!(github.dispatches().await.len(), 1);
}

#[rstest]
#[case("failure", "See its log")]
#[case("cancelled", "was cancelled")]
#[case("skipped", "conditions of its jobs")]
#[case("timed_out", "longer than the workflow allows")]
#[tokio::test]
async fn a_run_without_success_has_failed(#[case] conclusion: &str, #[case] said: &str) {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github.lists(json!([queued(STEP)])).await;
    github.shows(&[("completed", Some(conclusion))]).await;
    let result = github.heal().await;
    assert_eq!((result.outcome, result.link), (StepOutcome::Failed, page_of_run()), "{}", result.output);
    assert!(result.output.contains(said), "{}", result.output);
}

#[tokio::test]
async fn a_run_that_outlasts_the_deadline_may_still_happen() {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github.lists(json!([queued(STEP)])).await;
    github.shows(&[("in_progress", None)]).await;
    let result = github.heal_within(Duration::from_secs(2)).await;
    assert_eq!((result.outcome, result.link), (StepOutcome::TimedOut, page_of_run()), "{}", result.output);
    assert!(result.output.contains("is in progress"), "{}", result.output);
}

#[tokio::test]
async fn an_error_while_following_is_waited_out() {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github.lists(json!([queued(STEP)])).await;
    let of_run = Mock::given(path(format!("/repos/acme/ops/actions/runs/{RUN}")));
    of_run.respond_with(ResponseTemplate::new(502)).up_to_n_times(5).mount(&github.server).await;
    github.shows(&SUCCESS).await;
    assert_eq!(github.heal().await.outcome, StepOutcome::Done);
}

#[tokio::test]
async fn a_run_that_the_token_cannot_see_is_lost() {
    let github = Github::with_events().await;
    github.answers_dispatch(accepted()).await;
    github
        .answers(
            "/actions/runs",
            refused(403, "Resource not accessible").insert_header("x-ratelimit-remaining", "9"),
        )
        .await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Lost, "{}", result.output);
    assert!(result.output.contains("\"Actions: read\""), "{}", result.output);
}
