//! Settings that are changed while Rebound runs.

use rebound_engine::service::SettingsNow;
use rebound_sim::Fault;
use serde_json::{Value, json};

use crate::site::{Making, Site, a_site};

const DRY_RUN: &str = "targets/mt5/heal/dry_run";
const FAILURES: &str = "targets/mt5/checks/terminal.broker_link/failures";

async fn a_changeable_site() -> Making {
    a_site().await.changeable()
}

async fn value_of(site: &Site, key: &str) -> (String, String) {
    let now: SettingsNow = site.get("/api/v1/settings").await;
    let all = now.groups.into_iter().flat_map(|group| group.parts).flat_map(|part| part.settings);
    let found = all.into_iter().find(|setting| setting.key == key);
    found.map(|setting| (setting.value, setting.file)).unwrap_or_else(|| panic!("{key} is no setting"))
}

async fn change(site: &Site, revision: u64, changes: &Value) -> (u16, Value) {
    site.post_with("/api/v1/settings", &json!({ "revision": revision, "changes": changes, "note": "a test" }))
        .await
}

#[tokio::test]
async fn what_is_changed_holds_at_once_and_after_a_restart() {
    let mut site = a_changeable_site().await.start().await;
    site.is_well().await;
    let (status, made) = change(&site, 0, &json!({ DRY_RUN: "true" })).await;
    assert_eq!((status, &made["number"], &made["by"]), (200, &json!(1), &json!("cron")), "{made}");

    site.host.fault(Fault::LinkLost).await;
    site.until("a heal that is only decided", |board| board.targets[0].incident.is_some()).await;
    site.after_looks(3).await;
    site.was_left_alone().await;

    site.restart().await;
    assert_eq!(value_of(&site, DRY_RUN).await, ("true".to_owned(), "false".to_owned()));
    site.after_looks(3).await;
    site.was_left_alone().await;

    let (status, undone) =
        site.post_with("/api/v1/settings/undo", &json!({ "revision": 1, "undo": 1 })).await;
    assert_eq!((status, &undone["note"]), (200, &json!("Takes change 1 back.")), "{undone}");
    let log: Vec<Value> = site.get("/api/v1/settings/log").await;
    let numbers: Vec<&Value> = log.iter().map(|revision| &revision["number"]).collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn what_cannot_be_taken_changes_nothing_and_says_why() {
    let site = a_changeable_site().await.start().await;
    let (status, told) = change(&site, 0, &json!({ FAILURES: "0" })).await;
    assert_eq!((status, &told["code"]), (422, &json!("bad_settings")), "{told}");
    assert!(told["message"].as_str().unwrap().contains("outside of 1 to 100"), "{told}");
    let (status, told) = change(&site, 0, &json!({ "targets/mt5/url": "http://127.0.0.1:1" })).await;
    assert_eq!((status, &told["code"]), (422, &json!("bad_settings")), "{told}");
    let (status, told) = change(&site, 7, &json!({ FAILURES: "4" })).await;
    assert_eq!((status, &told["code"]), (409, &json!("settings_moved")), "{told}");
    let before = value_of(&site, FAILURES).await;
    let (status, told) = change(&site, 0, &json!({ FAILURES: before.0 })).await;
    assert_eq!((status, &told["code"]), (422, &json!("nothing_changes")), "{told}");
    assert_eq!(value_of(&site, FAILURES).await, before);
    let log: Vec<Value> = site.get("/api/v1/settings/log").await;
    assert_eq!(log.len(), 0);
}

#[tokio::test]
async fn whoever_gets_mail_is_changed_without_a_restart() {
    let site = a_changeable_site().await.start().await;
    site.is_well().await;
    let (status, made) = change(&site, 0, &json!({ "alerts/email/to": "night-shift@example.com" })).await;
    assert_eq!(status, 200, "{made}");
    site.post("/api/v1/test-alert").await;
    let mail = site.mail("INFO").await;
    assert!(format!("{mail:?}").contains("night-shift@example.com"), "{mail:?}");
}

#[tokio::test]
async fn a_check_of_a_change_says_what_it_would_do_and_does_nothing() {
    let site = a_changeable_site().await.start().await;
    let body = json!({ "changes": { FAILURES: "9" } });
    let (status, told) = site.post_with("/api/v1/settings/check", &body).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["revision"], &told["changes"][0]["after"]["value"]),
        (&json!(0), &json!("9")),
        "{told}"
    );
    assert!(told["would_be"].is_object(), "{told}");
    assert_ne!(value_of(&site, FAILURES).await.0, "9");
}
