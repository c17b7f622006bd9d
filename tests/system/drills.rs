//! An emergency is rehearsed before it comes: what would fail is known, mended, and proven to be mended.

use rebound::drill::{Drill, DrillPart, DrillState, DrillStep, Proof};
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::readiness::{Part, RemedyOf};
use rebound::view::{Board, ReadinessState};
use rebound_sim::{Fault, GithubMode, SmtpMode};
use serde::Deserialize;
use serde_json::json;

use crate::site::{PATIENCE, Site, eventually, site};

/// What the server tells of drills.
#[derive(Deserialize)]
struct Told {
    history: Vec<Drill>,
}

/// Asks for a drill, waits for its end, and returns it.
async fn rehearses(site: &Site) -> Drill {
    let (status, asked) = site.post("/api/v1/targets/mt5/drill").await;
    assert_eq!(status, 202, "{asked}");
    let asked: Asked = serde_json::from_value(asked).unwrap();
    assert!(matches!(asked.state, AskedState::Running(_)), "{asked:?}");
    let path = format!("/api/v1/requests/{}", asked.id);
    eventually("the drill is over", PATIENCE, async || {
        let asked: Asked = site.get(&path).await;
        matches!(asked.state, AskedState::Done(_)).then_some(())
    })
    .await;
    let told: Told = site.get("/api/v1/drills?target=mt5&limit=1").await;
    told.history.into_iter().next().unwrap()
}

fn token() -> DrillPart {
    let target = rebound::ids::TargetId::try_new("mt5").unwrap();
    DrillPart::Look(Part::GithubToken(RemedyOf { target, remedy: "restart host".to_owned() }))
}

fn step<'a>(drill: &'a Drill, part: &DrillPart) -> &'a DrillStep {
    drill.steps.iter().find(|step| step.part == *part).unwrap_or_else(|| panic!("{:?}", drill.steps))
}

fn lamp(board: &Board) -> ReadinessState {
    board.readiness.iter().find(|view| view.id == "drills/mt5").unwrap().state
}

#[tokio::test]
async fn an_expired_token_fails_the_drill_until_it_is_mended() {
    let site = site().await;
    let drill = rehearses(&site).await;
    assert_eq!(drill.state, DrillState::Passed, "{:?}", drill.steps);
    let mail = site.mail("this is a fire drill: nothing is wrong").await;
    assert!(mail.text.contains("MT5 bridge"), "{}", mail.text);

    site.host.github_mode(GithubMode::BadToken).await;
    let drill = rehearses(&site).await;
    assert_eq!(drill.state, DrillState::Failed);
    let failed = step(&drill, &token());
    assert_eq!(failed.said, "GitHub refuses the token (401: Bad credentials).");
    assert!(failed.mend.as_ref().unwrap().contains("the environment variable GITHUB_TOKEN"), "{failed:?}");
    let mail = site.mail("the fire drill failed").await;
    assert!(mail.text.contains("Bad credentials"), "{}", mail.text);
    site.until("the lamp says so", |board| lamp(board) == ReadinessState::NotReady).await;

    site.host.github_mode(GithubMode::Ok).await;
    assert_eq!(rehearses(&site).await.state, DrillState::Passed);
    site.mail("the fire drill passed again").await;
    site.until("the lamp says so", |board| lamp(board) == ReadinessState::Ready).await;
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_mail_server_that_refuses_fails_the_drill_and_is_no_alert_of_its_own() {
    let site = site().await;
    site.host.smtp_mode(SmtpMode::RefuseAuth).await;
    let drill = rehearses(&site).await;
    let way = step(&drill, &DrillPart::Way("email".to_owned()));
    assert_eq!(way.proof, Proof::Failed);
    assert!(way.said.starts_with("It did not arrive by email: "), "{}", way.said);
    let alerts = site.alerts().await;
    let told =
        alerts.iter().filter(|alert| alert.reason.code() == "not_going_out" && alert.resolved_at.is_none());
    assert!(told.count() <= 1, "{alerts:?}");
}

#[tokio::test]
async fn no_drill_begins_while_something_is_wrong() {
    let site = site().await;
    site.host.fault(Fault::IpcCredentials).await;
    site.until("it is seen", |board| board.targets.iter().any(|view| view.incident.is_some())).await;
    let why = site.is_refused("/api/v1/targets/mt5/drill", &json!({})).await;
    assert_eq!(why, "Not rehearsed: MT5 bridge: incident 1 is open.");
}

#[tokio::test]
async fn a_drill_of_all_is_put_down_to_whoever_asked_and_outlives_a_restart() {
    let mut site = site().await;
    let (status, asked) = site.post("/api/v1/drills").await;
    assert_eq!((status, &asked["by"]), (202, &json!("cron")));
    let asked: Asked = serde_json::from_value(asked).unwrap();
    assert_eq!(asked.what, RequestKind::Drill { target: None });
    site.until("it is over", |board| lamp(board) == ReadinessState::Ready).await;
    site.restart().await;
    let told: Told = site.get("/api/v1/drills").await;
    assert_eq!(told.history[0].by.as_deref(), Some("cron"));
    assert_eq!(lamp(&site.board().await), ReadinessState::Ready);
}
