//! The operator's hand over HTTP: what it holds and lets go, whom it is put down to, and what is refused.

use rebound::heal::StepOutcome;
use rebound::ids::AccountId;
use rebound::incident::Recovery;
use rebound::monitor::{AskedState, Fact, RequestKind};
use rebound::view::{Explained, LedgerView, WindowView};
use rebound_sim::{Fault, RestartMode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::configuration::RECONNECT;
use crate::site::{Spoken, a_site, eventually, site};

#[tokio::test]
async fn a_pause_holds_heals_until_somebody_ends_it() {
    let site = site().await;

    let said = site.does("/api/v1/targets/mt5/pause", &json!({ "for": "2h" })).await;
    assert!(said.contains("Healing of MT5 bridge is paused until"), "{said}");
    site.host.break_link().await;
    let board = site.shows("Paused").await;
    site.after_looks(2).await;

    let pause = board.targets[0].pause.as_ref().unwrap();
    assert_eq!(pause.by.as_deref(), Some("cron"));
    assert_eq!(board.pause, None, "only this target is paused");
    site.was_left_alone().await;
    site.does("/api/v1/targets/mt5/resume", &json!({})).await;
    let incident = site.recovers().await;
    assert_eq!(incident.closed.unwrap().how, Recovery::AfterHeal("reconnect terminal".to_owned()));
}

#[tokio::test]
async fn a_pause_of_all_is_on_the_board_and_holds_each_target() {
    let site = site().await;

    site.does("/api/v1/pause", &json!({ "for": "90m" })).await;
    let board = site.until("the pause", |board| board.pause.is_some()).await;

    assert_eq!(board.pause.unwrap().by.as_deref(), Some("cron"));
    assert!(board.targets[0].pause.is_some());
    let said = site.does("/api/v1/resume", &json!({})).await;
    assert!(said.contains("all targets goes on"), "{said}");
    site.until("no pause", |board| board.pause.is_none() && board.targets[0].pause.is_none()).await;
}

#[tokio::test]
async fn what_is_not_held_cannot_be_let_go() {
    let site = site().await;

    for (path, why) in [
        ("/api/v1/targets/mt5/resume", "is not paused"),
        ("/api/v1/resume", "is not paused"),
        ("/api/v1/targets/mt5/maintenance/end", "Nobody began planned work"),
        ("/api/v1/maintenance/end", "Nobody began planned work"),
        ("/api/v1/targets/mt5/stop-heal", "Nothing is being healed"),
    ] {
        let told = site.is_refused(path, &json!({})).await;
        assert!(told.contains(why), "{path}: {told}");
    }
}

#[tokio::test]
async fn planned_work_keeps_silence_and_lets_everything_be_looked_at_afterwards() {
    let site = site().await;

    let work = json!({ "for": "2h", "name": "the broker moves servers" });
    site.does("/api/v1/targets/mt5/maintenance/start", &work).await;
    site.host.break_link().await;
    site.shows("Maintenance").await;
    site.after_looks(2).await;

    let windows: Vec<WindowView> = site.get("/api/v1/maintenance").await;
    let [window] = windows.as_slice() else { panic!("one window, not {windows:?}") };
    assert_eq!((window.name.as_str(), window.by.as_deref()), ("the broker moves servers", Some("cron")));
    assert_eq!(window.targets.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["mt5"]);
    assert!(window.ends.is_some() && window.begins.is_none(), "{window:?}");
    assert!(site.alerts().await.is_empty(), "nobody is told of planned work");
    site.was_left_alone().await;
    site.does("/api/v1/targets/mt5/maintenance/end", &json!({})).await;
    site.recovers().await;
    assert_eq!(site.host.restarts().await, 1);
}

#[tokio::test]
async fn planned_work_on_all_needs_no_name() {
    let site = site().await;

    site.does("/api/v1/maintenance/start", &json!({ "for": "1m" })).await;
    let board = site.until("the work", |board| board.targets[0].maintenance.is_some()).await;

    assert!(board.maintenance[0].targets.is_empty(), "all are meant");
    assert_eq!(board.maintenance[0].name, "planned work");
    site.does("/api/v1/maintenance/end", &json!({})).await;
    site.until("no work", |board| board.targets[0].maintenance.is_none()).await;
}

#[tokio::test]
async fn a_dry_run_is_switched_on_and_off_while_rebound_runs() {
    let site = site().await;

    site.does("/api/v1/targets/mt5/dry-run", &json!({ "dry_run": true })).await;
    site.host.break_link().await;
    let board = site.shows("Needs a person").await;
    assert!(board.targets[0].heal.dry_run);
    site.was_left_alone().await;

    let said = site.does("/api/v1/targets/mt5/dry-run", &json!({ "dry_run": false })).await;
    assert!(said.contains("really done"), "{said}");
    site.recovers().await;
    assert_eq!(site.host.restarts().await, 1);
}

#[tokio::test]
async fn a_dry_run_of_nobodys_choice_is_as_configured() {
    let site = a_site().await.heals("dry_run = true", &[RECONNECT]).start().await;
    site.does("/api/v1/targets/mt5/dry-run", &json!({ "dry_run": false })).await;
    site.until("heals that are done", |board| !board.targets[0].heal.dry_run).await;

    site.does("/api/v1/targets/mt5/dry-run", &json!({ "dry_run": null })).await;

    site.until("what is configured", |board| board.targets[0].heal.dry_run).await;
}

#[tokio::test]
async fn a_heal_that_runs_is_stopped_and_no_further_one_follows() {
    let site = site().await;
    site.host.restart_mode(RestartMode::Slow).await;
    site.host.restart_delay(8.s()).await;
    site.host.break_link().await;
    eventually("the restart call", 40.s(), async || (site.host.restarts().await == 1).then_some(())).await;

    let said = site.does("/api/v1/targets/mt5/stop-heal", &json!({})).await;
    assert!(said.contains("is being stopped"), "{said}");
    let stopped = |board: &rebound::view::Board| {
        let step = board.targets[0].incident.iter().flat_map(|incident| &incident.steps).next();
        step.and_then(|step| step.result.as_ref()).is_some_and(|end| end.outcome == StepOutcome::Stopped)
    };
    let board = site.until("a step that was stopped", stopped).await;
    site.after_looks(3).await;

    let incident = board.targets[0].incident.as_ref().unwrap();
    assert_eq!(incident.stopped.as_ref().unwrap().by, "cron");
    assert!(site.host.dispatches().await.is_empty(), "the next remedy was started");
    assert_eq!(site.intents().await.len(), 1);
}

#[tokio::test]
async fn the_remedy_that_is_asked_for_is_the_one_that_is_used() {
    let site = site().await;

    for (path, body) in [
        ("/api/v1/targets/mt5/force-heal", json!({ "remedy": "turn it off and on" })),
        ("/api/v1/targets/mt5/force-heal?remedy=turn%20it%20off%20and%20on", json!({})),
    ] {
        let why = site.is_refused(path, &body).await;
        assert!(why.contains("no remedy of this target is called \"turn it off and on\""), "{why}");
    }
    site.was_left_alone().await;
    site.does("/api/v1/targets/mt5/force-heal", &json!({ "remedy": "restart host" })).await;
    let incident = site.recovers().await;

    assert_eq!(incident.steps.len(), 1);
    assert_eq!(incident.steps[0].remedy, "restart host");
    assert_eq!(incident.steps[0].asked_by.as_deref(), Some("cron"));
    assert_eq!((site.host.restarts().await, site.host.dispatches().await.len()), (0, 1));
}

#[tokio::test]
async fn the_cooldown_is_lifted_in_the_body_as_well() {
    let site = a_site().await.heals("cooldown = \"10m\"", &[RECONNECT]).start().await;
    site.is_well().await;
    site.does("/api/v1/targets/mt5/force-heal", &json!({})).await;
    site.recovers().await;

    let (status, told) =
        site.post_with("/api/v1/targets/mt5/force-heal", &json!({ "lift_cooldown": "yes" })).await;
    assert_eq!((status, &told["code"]), (422, &json!("not_confirmed")), "{told}");
    site.does("/api/v1/targets/mt5/force-heal", &json!({ "lift_cooldown": "mt5" })).await;

    site.until("a second heal", |board| board.targets[0].recent.len() == 2).await;
}

#[tokio::test]
async fn capital_that_is_said_to_be_moved_is_no_trouble() {
    let site = site().await;

    let said = site
        .does("/api/v1/targets/mt5/declare-move", &json!({ "accounts": [1_000_001, 1_000_002], "for": "4h" }))
        .await;
    assert!(said.contains("taken as moved capital"), "{said}");
    let board = site.until("the declaration", |board| !board.targets[0].declared.is_empty()).await;
    let declared = &board.targets[0].declared[0];
    assert_eq!(declared.by.as_deref(), Some("cron"));
    assert!(declared.what.contains("1000001") && declared.what.contains("1000002"), "{declared:?}");

    site.does("/api/v1/targets/mt5/declare-move", &json!({ "for": "4h" })).await;
    site.host.fault(Fault::ZeroBalances).await;
    site.after_looks(4).await;
    assert!(site.incidents().await.is_empty(), "moved capital is no incident");
    let mut whom: Vec<Vec<AccountId>> = Vec::new();
    for entry in site.journal().await {
        if let Fact::Asked(asked) = entry.fact
            && let RequestKind::DeclareMove { accounts, .. } = asked.what
            && asked.state != AskedState::Running("under way".to_owned())
        {
            assert_eq!(asked.by, "cron");
            whom.push(accounts);
        }
    }
    assert_eq!(whom, [vec![AccountId::new(1_000_001), AccountId::new(1_000_002)], vec![]]);
}

#[tokio::test]
async fn an_account_of_nobody_cannot_be_declared() {
    let site = site().await;

    let body = json!({ "accounts": [1_000_001, 7_654_321], "for": "4h" });
    let (status, told) = site.post_with("/api/v1/targets/mt5/declare-move", &body).await;

    assert_eq!((status, &told["code"]), (404, &json!("not_found")), "{told}");
    assert!(told["message"].as_str().unwrap().contains("7654321"), "{told}");
    assert!(site.target().await.declared.is_empty());
}

#[tokio::test]
async fn a_target_explains_itself() {
    let site = site().await;
    site.does("/api/v1/targets/mt5/pause", &json!({ "for": "2h" })).await;
    site.host.break_link().await;
    site.shows("Paused").await;

    let answers: Vec<Explained> = site.get("/api/v1/targets/mt5/explain").await;

    let questions: Vec<&str> = answers.iter().map(|answer| answer.question.as_str()).collect();
    assert_eq!(
        questions,
        [
            "Why is it in this phase?",
            "What would heal it?",
            "What is it waiting for?",
            "When is the next look?"
        ]
    );
    assert!(answers[0].answer.contains("terminal.broker_link"), "{answers:#?}");
    assert!(answers[1].answer.contains("\"reconnect terminal\" (soft)"), "{answers:#?}");
    assert!(answers[2].answer.contains("cron paused healing"), "{answers:#?}");
}

#[tokio::test]
async fn the_ledger_counts_what_helped_and_what_did_not() {
    let site = site().await;
    site.host.restart_mode(RestartMode::Lies).await;
    site.host.break_link().await;
    site.recovers().await;

    let lines: Vec<LedgerView> = site.get("/api/v1/targets/mt5/ledger").await;
    let line = |remedy: &str| lines.iter().find(|line| line.remedy == remedy).unwrap();
    let (lie, truth) = (line("reconnect terminal"), line("restart host"));
    assert_eq!((lie.tried, lie.helped, lie.failed, lie.took_p50_ms), (1, 0, 1, None));
    assert_eq!((truth.tried, truth.helped, truth.failed), (1, 1, 0));
    assert!(truth.took_p50_ms.is_some() && truth.took_p50_ms == truth.took_p95_ms, "{truth:?}");

    let sums: Vec<Value> = site.get("/api/v1/ledger").await;
    assert_eq!(sums.len(), 2, "{sums:?}");
    assert_eq!((&sums[0]["rung"], &sums[1]["rung"]), (&json!("soft"), &json!("hard")));
    assert_eq!((&sums[1]["fault"], &sums[1]["helped"]), (&json!(truth.fault), &json!(1)));
    assert_eq!(sums[1]["took_p50_at_most_ms"], json!(truth.took_p50_ms));
    assert_eq!((&sums[1]["targets"], &sums[0]["took_p95_at_most_ms"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_used_is_told_with_its_value_and_changes_nothing() {
    let site = a_site().await.start().await;
    let long = "x".repeat(121);

    for (path, body, told) in [
        ("/api/v1/pause", json!({}), "missing field `for`"),
        ("/api/v1/pause", json!({ "for": "10s" }), "for = \"10s\" is outside of 1 min to 7 d"),
        ("/api/v1/targets/mt5/pause", json!({ "for": "8d" }), "for = \"8d\" is outside of 1 min to 7 d"),
        ("/api/v1/targets/mt5/pause", json!({ "for": 120 }), "for = 120 is no span of time"),
        ("/api/v1/targets/mt5/pause", json!({ "for": "2h", "until": "noon" }), "unknown field `until`"),
        ("/api/v1/targets/mt5/pause", json!(["2h"]), "The body cannot be used"),
        ("/api/v1/maintenance/start", json!({ "for": "soon" }), "for = \"soon\" is no span of time"),
        (
            "/api/v1/maintenance/start",
            json!({ "for": "2h", "name": long }),
            "name has 121 characters, at most 120 fit",
        ),
        ("/api/v1/targets/mt5/dry-run", json!({}), "missing field `dry_run`"),
        ("/api/v1/targets/mt5/dry-run", json!({ "dry_run": "on" }), "\"on\""),
        ("/api/v1/targets/mt5/declare-move", json!({ "accounts": [-1], "for": "4h" }), "-1"),
        ("/api/v1/targets/mt5/force-heal", json!({ "remedies": "all" }), "unknown field `remedies`"),
    ] {
        let (status, answer) = site.post_with(path, &body).await;
        assert_eq!((status, &answer["code"]), (422, &json!("bad_body")), "{path} {body}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{path} {body}: {answer}");
        assert!(answer["help"].as_str().unwrap().starts_with("Send "), "{path} {body}: {answer}");
    }
    assert!(site.board().await.requests.is_empty(), "nothing was asked for");
}

#[tokio::test]
async fn a_target_of_nobody_is_told_so_whatever_is_asked_of_it() {
    let site = a_site().await.start().await;

    let body = json!({ "for": "2h" });
    let none = json!({});
    for (call, body) in [
        ("stop-heal", &none),
        ("pause", &body),
        ("resume", &none),
        ("maintenance/start", &body),
        ("maintenance/end", &none),
        ("dry-run", &json!({ "dry_run": true })),
        ("declare-move", &body),
    ] {
        let (status, told) = site.post_with(&format!("/api/v1/targets/none/{call}"), body).await;
        assert_eq!((status, &told["code"]), (404, &json!("no_such_target")), "{call}: {told}");
    }
    for call in ["explain", "ledger"] {
        let (status, told) = site.send(Method::GET, &format!("/api/v1/targets/none/{call}")).await;
        assert_eq!((status, &told["code"]), (404, &json!("no_such_target")), "{call}: {told}");
    }
}
