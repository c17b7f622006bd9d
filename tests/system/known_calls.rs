//! The calls of earlier systems: their shapes, and that they do what they say.

use rebound::alert::AlertReason;
use rebound::monitor::AskedState;
use rebound_sim::Fault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::told;
use crate::configuration::RECONNECT;
use crate::site::{Site, a_site, site};

const STATUS: &str = "/api/system/mt5-watchdog/status";
const FORCE_SYNC: &str = "/api/system/mt5-watchdog/force-sync";
const FORCE_HEALING: &str = "/api/system/mt5-watchdog/force-healing";

#[tokio::test]
async fn the_status_of_a_healthy_bridge_is_told_in_the_types_that_scripts_expect() {
    let site = site().await;

    let status: Value = site.get(STATUS).await;

    for field in ["healthy", "bridge_api_available", "data_fresh", "accounts_syncing", "broker_connected"] {
        assert_eq!(status[field], true, "{field} in {status}");
    }
    assert_eq!(status["trading_allowed"], true);
    assert_eq!(status["accounts_synced"], "7 of 7");
    assert_eq!(status["consecutive_failures"], 0);
    assert!(status["failure_threshold"].is_u64(), "{status}");
    assert_eq!(status["auto_healing_in_progress"], false);
    assert_eq!(status["github_token_configured"], true);
    assert!(status["last_check"].as_str().is_some_and(|at| at.ends_with('Z')), "{status}");
    assert!(status["last_healing_attempt"].is_null() && status["incident"].is_null(), "{status}");
}

#[tokio::test]
async fn what_cannot_be_seen_is_null_in_the_status_and_never_false() {
    let making = a_site().await.without_remedies().with(Fault::ProcessDown).await;
    let site = making.start().await;
    site.shows("Needs a person").await;

    let status: Value = site.get(STATUS).await;

    assert_eq!((&status["healthy"], &status["bridge_api_available"]), (&json!(false), &json!(false)));
    for field in ["data_fresh", "accounts_syncing", "broker_connected", "trading_allowed", "accounts_synced"]
    {
        assert!(status[field].is_null(), "{field} in {status}");
    }
    assert_eq!(status["github_token_configured"], false);
}

#[tokio::test]
async fn the_status_tells_failures_and_the_last_heal() {
    let site = site().await;

    site.host.break_link().await;
    let incident = site.recovers().await;

    let status: Value = site.get(STATUS).await;
    assert_eq!(status["last_healing_attempt"], incident.steps[0].started_at.rfc3339());
}

/// A site that is looked at once an hour, so that whatever reaches the bridge in between was asked for.
async fn a_quiet_site() -> Site {
    let making =
        a_site().await.planned(|plan| plan.target = "interval = \"1h\"\ntimeout = \"2s\"".to_owned());
    let site = making.start().await;
    site.is_well().await;
    site
}

#[tokio::test]
async fn a_forced_sync_really_reads_the_accounts_and_restarts_nothing() {
    let site = a_quiet_site().await;
    let before = site.host.bridge_requests().await;

    let (status, answer) = site.post(FORCE_SYNC).await;

    assert_eq!((status, &answer["success"]), (202, &json!(true)), "{answer}");
    let id = answer["id"].as_u64().unwrap();
    assert_eq!(answer["follow"], format!("/api/v1/requests/{id}"));
    let read = |board: &rebound::view::Board| {
        let asked = board.requests.iter().find(|asked| asked.id == id);
        matches!(asked.map(|asked| &asked.state), Some(AskedState::Done(said)) if said.contains("7 of 7 accounts were read"))
    };
    site.until("the sync's end", read).await;
    assert!(site.host.bridge_requests().await > before);
    let followed: Value = site.get(&format!("/api/v1/requests/{id}")).await;
    assert_eq!((&followed["by"], &followed["id"]), (&json!("cron"), &json!(id)));
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_forced_sync_of_a_silent_bridge_says_that_nothing_was_read() {
    let site = a_quiet_site().await;
    site.host.fault(Fault::ProcessDown).await;

    site.post(FORCE_SYNC).await;

    site.until("the sync's end", |board| {
        let state = board.requests.first().map(|asked| &asked.state);
        matches!(state, Some(AskedState::Done(said)) if said.starts_with("No account was read"))
    })
    .await;
}

#[tokio::test]
async fn a_request_can_be_followed_from_the_moment_it_was_answered() {
    let site = a_quiet_site().await;

    for _ in 0..3 {
        let (_, answer) = site.post("/api/system/test-alert").await;
        let (status, followed) = site.send(Method::GET, answer["follow"].as_str().unwrap()).await;
        assert_eq!((status, &followed["id"]), (200, &answer["id"]), "{followed}");
    }
    assert_eq!(site.send(Method::GET, "/api/v1/requests/1").await.0, 404);
    assert_eq!(site.send(Method::GET, "/api/v1/requests/99999999999999").await.0, 404);
}

/// A site whose cooldown outlasts the story.
async fn a_site_that_rests_after_a_heal() -> Site {
    let site = a_site().await.heals("cooldown = \"10m\"", &[RECONNECT]).start().await;
    site.is_well().await;
    site
}

#[tokio::test]
async fn a_forced_heal_starts_at_once_and_is_proven_like_any_other() {
    let site = a_site_that_rests_after_a_heal().await;

    let (status, answer) = site.post(FORCE_HEALING).await;
    assert_eq!((status, &answer["success"]), (202, &json!(true)), "{answer}");
    let incident = site.recovers().await;

    assert_eq!(incident.steps.len(), 1);
    assert_eq!(incident.steps[0].asked_by.as_deref(), Some("cron"));
    assert_eq!(site.host.restarts().await, 1);
}

#[tokio::test]
async fn a_forced_heal_inside_the_cooldown_is_refused_with_its_reason_unless_it_is_lifted() {
    let site = a_site_that_rests_after_a_heal().await;
    site.post(FORCE_HEALING).await;
    site.recovers().await;

    let (status, answer) = site.post(FORCE_HEALING).await;
    assert_eq!((status, &answer["success"]), (409, &json!(false)), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("the last heal was less than"), "{answer}");
    let (status, _) = site.post("/api/v1/targets/mt5/force-heal?lift_cooldown=yes").await;
    assert_eq!(status, 422, "only the target's own id lifts the cooldown");
    assert_eq!(site.host.restarts().await, 1);

    let lifted = site.request(Method::POST, FORCE_HEALING).json(&json!({ "lift_cooldown": "mt5" }));
    let (status, answer) = told(lifted.send().await.unwrap()).await;
    assert_eq!(status, 202, "{answer}");
    site.until("a second heal", |board| board.targets[0].recent.len() == 2).await;
    assert_eq!(site.host.restarts().await, 2);
}

#[tokio::test]
async fn a_heal_refused_over_the_json_interface_is_a_request_with_its_reason() {
    let site = a_site_that_rests_after_a_heal().await;
    site.post(FORCE_HEALING).await;
    site.recovers().await;

    let (status, answer) = site.post("/api/v1/targets/mt5/force-heal").await;

    assert_eq!(status, 202, "{answer}");
    assert!(answer["state"]["Refused"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_no_request_starts_nothing() {
    let site = a_site_that_rests_after_a_heal().await;

    for body in ["{", "[]", "[\"mt5\"]", "null", "{\"target\": 5}"] {
        let answer = site.request(Method::POST, FORCE_HEALING).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
    }
    site.was_left_alone().await;
}

#[tokio::test]
async fn a_test_alert_arrives_by_mail() {
    let site = site().await;

    let (status, answer) = site.post("/api/system/test-alert").await;
    let mail = site.mail("test").await;

    assert_eq!(status, 202, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("on its way by email"), "{answer}");
    assert!(mail.text.contains("Asked by: cron"), "{}", mail.text);
    assert_eq!(mail.user.as_deref(), Some("rebound"));
}

#[tokio::test]
async fn alerts_are_filtered_by_severity_component_and_acknowledgement() {
    let site = a_site().await.without_remedies().start().await;
    site.is_well().await;
    site.post("/api/system/test-alert").await;
    site.host.break_link().await;
    site.mail("CRITICAL").await;

    let count = async |filter: &str| {
        let found: Value = site.get(&format!("/api/system/alerts{filter}")).await;
        assert_eq!(found["count"].as_u64(), found["alerts"].as_array().map(|rows| rows.len() as u64));
        found["count"].as_u64().unwrap()
    };
    assert_eq!(count("").await, 2);
    assert_eq!(count("?severity=critical").await, 1);
    assert_eq!(count("?severity=info").await, 1);
    assert_eq!(count("?severity=warning").await, 0);
    assert_eq!(count("?component=mt5").await, 1);
    assert_eq!(count("?component=mt5&acknowledged=true").await, 0);
    assert_eq!(count("?limit=1").await, 1);
}

#[tokio::test]
async fn an_acknowledgement_keeps_who_and_when_and_takes_the_banner_away() {
    let site = a_site().await.without_remedies().start().await;
    site.is_well().await;
    site.host.break_link().await;
    let board = site.until("a banner", |board| !board.banners.is_empty()).await;
    let id = board.banners[0].alert.unwrap();

    let (status, answer) = site.send(Method::PUT, &format!("/api/system/alerts/{id}/acknowledge")).await;

    assert_eq!((status, &answer["acknowledged_by"]), (200, &json!("cron")), "{answer}");
    site.until("no banner", |board| board.banners.is_empty()).await;
    let found: Value = site.get("/api/system/alerts?acknowledged=true").await;
    let row = &found["alerts"][0];
    assert_eq!((&row["id"], &row["acknowledged_by"]), (&json!(id), &json!("cron")));
    assert!(row["acknowledged_at"].is_string() && row["acknowledged"] == true, "{row}");
    assert_eq!(
        (&row["component"], &row["severity"], &row["status"]),
        (&json!("mt5"), &json!("critical"), &json!("opened"))
    );
    let incident = &site.incidents().await[0];
    assert_eq!(incident.acknowledged.as_ref().unwrap().by, "cron");
    let escalations = site.alerts().await.into_iter().filter(|alert| alert.reason == AlertReason::Escalated);
    assert_eq!(escalations.count(), 0);
}
