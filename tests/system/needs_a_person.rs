//! Where no heal can help, none is tried, and one alert says what to do.

use rebound::alert::AlertReason;
use rebound::incident::Severity;
use rebound_sim::Fault;

use crate::site::site;

#[tokio::test]
async fn another_program_on_the_port_is_never_restarted() {
    a_person_is_told_once(Fault::WrongService, "wrong_service", "which program listens on that port").await;
}

#[tokio::test]
async fn a_refused_key_is_never_restarted() {
    a_person_is_told_once(Fault::Http401, "key_refused", "Compare the bridge's key").await;
}

#[tokio::test]
async fn a_terminal_in_another_session_is_never_restarted() {
    a_person_is_told_once(Fault::SessionMismatch, "session_mismatch", "same logged-on user").await;
}

#[tokio::test]
async fn a_login_that_the_broker_refuses_is_never_restarted() {
    a_person_is_told_once(Fault::IpcCredentials, "login_refused", "Check login, password and server").await;
}

async fn a_person_is_told_once(fault: Fault, code: &str, advice: &str) {
    let site = site().await;

    site.host.fault(fault).await;
    let board = site.shows("Needs a person").await;
    let mail = site.mail("CRITICAL").await;
    site.after_looks(4).await;

    let cause = board.targets[0].incident.as_ref().unwrap().main_cause().unwrap().clone();
    assert_eq!((cause.reason.code(), cause.severity), (code, Severity::Critical));
    let alerts = site.alerts().await;
    assert_eq!(alerts.iter().map(|alert| alert.reason).collect::<Vec<_>>(), [AlertReason::Opened]);
    assert!(alerts[0].message.advice.as_ref().unwrap().contains(advice), "{:?}", alerts[0].message.advice);
    assert!(mail.text.contains(advice), "{}", mail.text);
    assert_eq!(site.host.mails().await.len(), 1);
    site.was_left_alone().await;
}

#[tokio::test]
async fn switched_off_trading_is_a_warning_and_never_a_lost_link() {
    let site = site().await;

    site.host.fault(Fault::TradingOff).await;
    let mail = site.mail("WARNING").await;
    site.after_looks(3).await;

    let incident = &site.incidents().await[0];
    assert_eq!(incident.severity, Severity::Warning);
    assert!(mail.text.contains("Switch the Algo Trading button"), "{}", mail.text);
    assert!(!mail.text.contains("lost its connection"), "{}", mail.text);
    site.was_left_alone().await;
}

#[tokio::test]
async fn one_account_that_fails_is_a_warning_that_names_it() {
    let site = site().await;

    site.host.fault(Fault::OneAccountFailing).await;
    let mail = site.mail("WARNING").await;

    assert!(mail.text.contains(&rebound_sim::FAILING_ACCOUNT.to_string()), "{}", mail.text);
    site.was_left_alone().await;
}
