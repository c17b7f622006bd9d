//! `workflow_dispatch`: GitHub names the run, or does not.

use rebound::heal::StepOutcome;
use rebound_engine::ports::Healer as _;
use rebound_healers::Action;
use rebound_healers::github::{DispatchMode, GithubDispatch, GithubSpec, InvalidGithubDispatch};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::words::{
    Github, LONG, RUN, STEP, TOKEN, accepted, clock, healers, page_of_run, queued, refused, step,
};

const SUCCESS: [(&str, Option<&str>); 2] = [("in_progress", None), ("completed", Some("success"))];

#[tokio::test]
async fn a_run_that_github_names_is_followed_without_a_search() {
    let github = Github::with_workflow().await;
    let details = json!({ "workflow_run_id": RUN, "run_url": "x", "html_url": "x" });
    github.answers_dispatch(ResponseTemplate::new(200).set_body_json(details)).await;
    github.shows(&SUCCESS).await;
    let result = github.heal().await;
    assert_eq!((result.outcome, result.link), (StepOutcome::Done, page_of_run()), "{}", result.output);
    assert_eq!(
        github.dispatches().await,
        [json!({ "ref": "main", "inputs": { "correlation_id": STEP }, "return_run_details": true })]
    );
}

#[tokio::test]
async fn a_step_that_is_stopped_can_still_be_looked_at() {
    let github = Github::with_workflow().await;
    github
        .answers_dispatch(ResponseTemplate::new(200).set_body_json(json!({ "workflow_run_id": RUN })))
        .await;
    github.shows(&[("in_progress", None)]).await;
    let healers = healers(Action::GithubDispatch(Box::new(github.dispatcher())));
    let step = step(LONG);
    let is_known = async {
        while healers.link(&step.step) != page_of_run() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        end = healers.run(&step) => panic!("it goes on: {end:?}"),
        () = is_known => {}
    }
    assert_eq!(healers.link(&step.step), page_of_run(), "known though nobody follows it any more");
}

#[rstest]
#[case::an_older_server(accepted())]
#[case::details_that_cannot_be_understood(ResponseTemplate::new(200).set_body_string("ok"))]
#[tokio::test]
async fn a_run_that_github_does_not_name_is_searched(#[case] answer: ResponseTemplate) {
    let github = Github::with_workflow().await;
    github.answers_dispatch(answer).await;
    github.lists(json!([queued(&format!("heal {STEP}"))])).await;
    github.shows(&SUCCESS).await;
    assert_eq!(github.heal().await.outcome, StepOutcome::Done);
}

#[tokio::test]
async fn undeclared_inputs_are_named_as_the_cause() {
    let github = Github::with_workflow().await;
    github.answers_dispatch(refused(422, "Unexpected inputs provided: [\"reason\"]")).await;
    let result = github.heal().await;
    assert_eq!(result.outcome, StepOutcome::Failed);
    assert!(result.output.contains("Unexpected inputs provided"), "{}", result.output);
    assert!(result.output.contains("on: workflow_dispatch"), "{}", result.output);
}

fn spec() -> GithubSpec {
    GithubSpec {
        api_url: "https://api.github.com".to_owned(),
        owner: "acme".to_owned(),
        repo: "ops".to_owned(),
        token: SecretString::from(TOKEN),
        token_place: "the file token".to_owned(),
        mode: DispatchMode::RepositoryDispatch { event_type: "restart".to_owned() },
        find_run_within: LONG,
        poll_every: LONG,
        request_timeout: LONG,
    }
}

fn workflow(file: &str, git_ref: &str) -> DispatchMode {
    DispatchMode::WorkflowDispatch {
        workflow_file: file.to_owned(),
        git_ref: git_ref.to_owned(),
        inputs: vec![],
    }
}

#[rstest]
#[case::the_repository(GithubSpec { repo: "ops/../x".to_owned(), ..spec() }, "no repository")]
#[case::the_token(GithubSpec { token: SecretString::from("a\nb"), ..spec() }, "GitHub token")]
#[case::no_token(GithubSpec { token: SecretString::from(""), ..spec() }, "GitHub token")]
#[case::the_address(GithubSpec { api_url: "api.github.com".to_owned(), ..spec() }, "no address of an API")]
#[case::the_file(GithubSpec { mode: workflow(".github/workflows/x.yml", "main"), ..spec() }, "without folders")]
#[case::the_branch(GithubSpec { mode: workflow("x.yml", ""), ..spec() }, "branch or tag")]
fn a_dispatch_that_cannot_be_sent_cannot_be_made(#[case] spec: GithubSpec, #[case] why: &str) {
    let error: InvalidGithubDispatch = GithubDispatch::try_new(spec, clock()).unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn a_token_is_never_shown_in_debug() {
    let dispatch = GithubDispatch::try_new(spec(), clock()).unwrap();
    assert!(!format!("{dispatch:?}").contains(TOKEN));
}
