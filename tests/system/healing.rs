//! Trouble is found, healed, proven and told.

use rebound::alert::{AlertReason, DeliveryState};
use rebound::check::CheckId;
use rebound::heal::StepOutcome;
use rebound::incident::{Proof, Recovery, Severity};
use rebound_sim::{Fault, GithubMode, RestartMode};

use crate::browser::Browser;
use crate::configuration::restart_host;
use crate::site::{Spoken, a_site, site};

#[tokio::test]
async fn a_lost_link_is_found_healed_proven_and_told() {
    let site = site().await;

    site.host.break_link().await;
    let incident = site.recovers().await;

    assert_eq!(site.incidents().await.len(), 1);
    assert_eq!(incident.severity, Severity::Critical);
    assert_eq!(incident.main_cause().unwrap().check, Some(CheckId::TerminalBrokerLink));
    assert_eq!(
        incident.closed.as_ref().unwrap().how,
        Recovery::AfterHeal("reconnect terminal".to_owned()),
        "{incident:#?}"
    );
    assert_eq!(incident.steps.len(), 1);
    assert_eq!(incident.steps[0].result.as_ref().unwrap().outcome, StepOutcome::Done);
    assert!(matches!(incident.steps[0].proof, Proof::Recovered(_)));
    assert!(incident.last_good.unwrap() < incident.first_failure);
    assert_eq!(site.host.restarts().await, 1);
    assert!(site.host.restart_calls().await[0].token_right);
    assert!(site.host.dispatches().await.is_empty());
}

#[tokio::test]
async fn a_heal_is_told_twice_as_it_starts_and_when_it_is_proven() {
    let site = site().await;

    site.host.break_link().await;
    let begun = site.mail("CRITICAL").await;
    site.recovers().await;
    let ended = site.mail("recovered").await;

    assert!(begun.subject.contains("MT5 bridge"), "{}", begun.subject);
    assert!(begun.text.contains("lost its connection to the broker"), "{}", begun.text);
    assert!(begun.text.contains("healing begins: \"reconnect terminal\" (attempt 1)"), "{}", begun.text);
    for duration in ["Downtime", "Time to detect", "Time to heal"] {
        assert!(ended.text.contains(duration), "no {duration} in {}", ended.text);
    }
    assert_eq!(begun.to, ["admin@example.com"]);
    site.until("both alerts delivered", |board| {
        let mut ways = board.alerts.iter().flat_map(|alert| alert.deliveries.values());
        ways.all(|way| matches!(way, DeliveryState::Delivered { attempts: 1, .. }))
    })
    .await;
    let alerts = site.alerts().await;
    assert_eq!(
        alerts.iter().map(|alert| alert.reason).collect::<Vec<_>>(),
        [AlertReason::Opened, AlertReason::Recovered]
    );
    assert!(alerts.iter().all(|alert| alert.resolved_at.is_some()));
    assert_eq!(site.host.mails().await.len(), 2);
}

#[tokio::test]
async fn the_intent_stands_in_the_journal_before_the_act() {
    let site = site().await;

    site.host.break_link().await;
    site.recovers().await;

    let kinds: Vec<&str> = site.journal().await.iter().map(|entry| entry.fact.kind()).collect();
    let place = |kind| kinds.iter().position(|known| *known == kind).unwrap();
    assert!(place("step_intended") < place("step_finished"));
    assert_eq!(site.intents().await.len(), 1);
    assert_eq!(site.phases().await, ["Healing", "Verifying", "Healthy"]);
}

#[tokio::test]
async fn a_heal_that_lies_is_found_out_and_the_next_rung_heals() {
    let site = site().await;
    site.host.restart_mode(RestartMode::Lies).await;

    site.host.break_link().await;
    let incident = site.recovers().await;

    let [lie, truth] = incident.steps.as_slice() else { panic!("two steps, not {:#?}", incident.steps) };
    assert_eq!(lie.result.as_ref().unwrap().outcome, StepOutcome::Done);
    assert!(matches!(lie.proof, Proof::DidNotHelp(_)));
    assert_eq!(truth.remedy, "restart host");
    assert!(matches!(truth.proof, Proof::Recovered(_)));
    assert_eq!(incident.closed.unwrap().how, Recovery::AfterHeal("restart host".to_owned()));
    assert_eq!((site.host.restarts().await, site.host.dispatches().await.len()), (1, 1));
}

#[tokio::test]
async fn a_bridge_that_is_down_is_healed_around_it() {
    let site = site().await;

    site.host.fault(Fault::ProcessDown).await;
    let incident = site.recovers().await;

    assert_eq!(incident.main_cause().unwrap().check, Some(CheckId::BridgeReachable));
    assert_eq!(incident.steps.len(), 1, "the soft rung goes through the bridge and is left out");
    let step = &incident.steps[0];
    let dispatch = &site.host.dispatches().await[0];
    assert_eq!(dispatch.correlation_id.as_deref(), Some(step.id.as_str()));
    let link = step.result.as_ref().unwrap().link.clone().expect("the run's link is kept");
    assert!(
        link.ends_with(&format!("/example/mt5-host/actions/runs/{}", dispatch.run_id.unwrap())),
        "{link}"
    );
    assert_eq!(site.host.restarts().await, 0);
}

#[tokio::test]
async fn a_workflow_that_fails_leads_to_a_person_once() {
    nothing_helps(GithubMode::RunFails).await;
}

#[tokio::test]
async fn a_workflow_that_never_starts_leads_to_a_person_once() {
    nothing_helps(GithubMode::NoRun).await;
}

#[tokio::test]
async fn a_token_that_github_refuses_leads_to_a_person_once() {
    nothing_helps(GithubMode::BadToken).await;
}

/// The first rung lies, the second goes as `mode` says: one call for a person, and silence then.
async fn nothing_helps(mode: GithubMode) {
    let site = site().await;
    site.host.restart_mode(RestartMode::Lies).await;
    site.host.github_mode(mode).await;

    site.host.break_link().await;
    let board = site.shows("Needs a person").within(60.s()).await;
    let called = site.mail("a person is needed").await;
    site.after_looks(4).await;

    let incident = site.incident(board.targets[0].incident.as_ref().unwrap().id).await;
    assert_eq!(incident.steps.len(), 2, "{:#?}", incident.steps);
    assert!(incident.closed.is_none());
    let reasons: Vec<AlertReason> = site.alerts().await.iter().map(|alert| alert.reason).collect();
    assert_eq!(reasons, [AlertReason::Opened, AlertReason::Escalated]);
    assert!(called.text.contains("Look at the host by hand"), "{}", called.text);
    assert!(called.text.contains("\"reconnect terminal\" done"), "{}", called.text);
    assert_eq!(site.host.restarts().await, 1);
    let page = Browser::logged_in(&site).await.page("/").await;
    assert!(page.contains("A person is needed") && page.contains("Look at the host by hand"), "{page}");
}

#[tokio::test]
async fn no_more_is_tried_than_one_incident_may_take() {
    let making = a_site().await;
    let hard = restart_host(&making.host);
    let making =
        making.heals("cooldown = \"0s\"\nattempts_max = 1", &[crate::configuration::RECONNECT, &hard]);
    let site = making.start().await;
    site.is_well().await;
    site.host.restart_mode(RestartMode::Lies).await;

    site.host.break_link().await;
    let board = site.shows("Needs a person").await;
    site.after_looks(3).await;

    assert!(
        board.targets[0].sentence.contains("1 heal attempt in one incident is the most allowed"),
        "{}",
        board.targets[0].sentence
    );
    assert_eq!((site.host.restarts().await, site.host.dispatches().await.len()), (1, 0));
}

#[tokio::test]
async fn a_dry_run_decides_everything_and_does_nothing() {
    let making = a_site().await;
    let hard = restart_host(&making.host);
    let site = making.heals("dry_run = true", &[crate::configuration::RECONNECT, &hard]).start().await;
    site.is_well().await;

    site.host.break_link().await;
    let mail = site.mail("CRITICAL").await;
    site.after_looks(2).await;

    assert!(mail.text.contains("dry run: \"reconnect terminal\" would have been started"), "{}", mail.text);
    site.was_left_alone().await;
}

#[tokio::test]
async fn trouble_that_goes_by_itself_is_not_called_healed() {
    let site = a_site().await.without_remedies().start().await;
    site.is_well().await;

    site.host.break_link().await;
    site.shows("Needs a person").await;
    site.host.clear(Fault::LinkLost).await;
    let incident = site.recovers().await;

    assert_eq!(incident.closed.as_ref().unwrap().how, Recovery::ByItself);
    assert!(incident.time_to_heal().is_none());
    assert!(site.mail("recovered by itself").await.text.contains("Downtime"));
}
