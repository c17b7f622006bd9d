//! What happens to alerts while the mail server is away, refuses, or hangs.

use rebound::alert::{AlertReason, DeliveryState};
use rebound::view::Board;
use rebound_sim::SmtpMode;
use reqwest::Method;

use crate::browser::Browser;
use crate::site::{PATIENCE, Spoken, eventually, site};

#[tokio::test]
async fn an_alert_that_found_no_mail_server_is_sent_again() {
    let site = site().await;
    site.host.smtp_mode(SmtpMode::Down).await;

    site.host.break_link().await;
    site.recovers().await;
    site.until("a failed try", |board| {
        let mut ways = board.alerts.iter().flat_map(|alert| alert.deliveries.values());
        ways.any(|way| matches!(way, DeliveryState::Pending { error: Some(_), .. }))
    })
    .await;
    assert!(site.host.mails().await.is_empty());
    site.host.smtp_mode(SmtpMode::Ok).await;

    site.mail("CRITICAL").await;
    site.mail("recovered").await;
    site.until("every alert delivered", all_delivered).await;
    assert_eq!(site.host.mails().await.len(), 2, "each is told once");
}

fn all_delivered(board: &Board) -> bool {
    let mut ways = board.alerts.iter().flat_map(|alert| alert.deliveries.values());
    ways.all(|way| matches!(way, DeliveryState::Delivered { .. }))
}

#[tokio::test]
async fn a_temporary_refusal_is_tried_again() {
    let site = site().await;
    site.host.smtp_mode(SmtpMode::Tempfail).await;

    site.post("/api/system/test-alert").await;
    site.until("a refused try", |board| {
        let mut ways = board.alerts.iter().flat_map(|alert| alert.deliveries.values());
        ways.any(|way| matches!(way, DeliveryState::Pending { error: Some(_), .. }))
    })
    .await;
    site.host.smtp_mode(SmtpMode::Ok).await;

    site.mail("test").await;
    site.until("a second try", |board| {
        matches!(board.alerts[0].deliveries["email"], DeliveryState::Delivered { attempts: 2, .. })
    })
    .await;
}

#[tokio::test]
async fn a_refused_recipient_shows_on_the_page_that_alerts_are_not_going_out() {
    not_going_out(SmtpMode::RejectRecipient, "550").await;
}

#[tokio::test]
async fn a_refused_password_shows_on_the_page_that_alerts_are_not_going_out() {
    not_going_out(SmtpMode::RefuseAuth, "535").await;
}

async fn not_going_out(mode: SmtpMode, said: &str) {
    let site = site().await;
    site.host.smtp_mode(mode).await;

    site.post("/api/system/test-alert").await;
    let board = site.until("the banner", |board| banner(board).is_some()).await;

    let banner_text = banner(&board).unwrap();
    assert!(banner_text.contains(said), "{banner_text}");
    let page = Browser::logged_in(&site).await.page("/").await;
    assert!(page.contains("alerts are not going out by email"), "{page}");
    let told = site.alerts().await;
    assert_eq!(told.iter().filter(|alert| alert.reason == AlertReason::NotGoingOut).count(), 1);
    assert!(site.host.mails().await.is_empty());

    site.host.smtp_mode(SmtpMode::Ok).await;
    let (status, _) = site.send(Method::POST, "/api/system/test-alert").await;
    assert_eq!(status, 202);
    site.mail("test").await;
    site.until("no banner", |board| banner(board).is_none()).await;
}

fn banner(board: &Board) -> Option<String> {
    let found =
        board.banners.iter().find(|banner| banner.title.contains("alerts are not going out by email"));
    found.map(|banner| banner.text.clone())
}

#[tokio::test]
async fn a_mail_server_that_hangs_holds_up_neither_heals_nor_later_mails() {
    let site = site().await;
    site.host.smtp_mode(SmtpMode::HangAfterData).await;

    site.host.break_link().await;
    let incident = site.recovers().await;
    assert_eq!(incident.steps.len(), 1);
    assert!(site.host.mails().await.is_empty());
    site.host.smtp_mode(SmtpMode::Ok).await;

    site.mail_within("CRITICAL", 60.s()).await;
    site.mail_within("recovered", 60.s()).await;
    eventually("both mails once", PATIENCE, async || (site.host.mails().await.len() == 2).then_some(()))
        .await;
}
