//! What is secret is never shown: on no page, in no answer, in no log, in no mail.

use rebound_sim::{GithubMode, RestartMode};

use crate::browser::Browser;
use crate::configuration::{ADMIN_PASSWORD, Plan, SECRETS};
use crate::process::Place;
use crate::site::{Spoken, a_host, eventually};

#[tokio::test]
async fn a_night_with_every_kind_of_trouble_shows_no_secret_anywhere() {
    let host = a_host().await;
    host.restart_mode(RestartMode::Unauthorized).await;
    host.github_mode(GithubMode::BadToken).await;
    let place = Place::planned(&Plan::usual(&host), &host);
    let program = place.serve().await;
    let api = program.api.clone();
    api.is_well().await;

    host.break_link().await;
    api.shows("Needs a person").within(60.s()).await;
    let mails = eventually("two mails", 60.s(), async || {
        let mails = host.mails().await;
        (mails.len() >= 2).then_some(mails)
    })
    .await;
    let browser = Browser::at(&api);
    browser.log_in("admin", "guess", "").await;
    browser.log_in("admin", ADMIN_PASSWORD, "").await;
    let mut shown =
        vec![("a mail", mails.iter().map(|mail| mail.raw.clone() + &mail.text).collect::<String>())];
    for path in ["/", "/incidents/1", "/login"] {
        shown.push((path, browser.open(path).await.text().await.unwrap()));
    }
    for path in [
        "/health",
        "/api/v1/board",
        "/api/v1/incidents",
        "/api/v1/incidents/1",
        "/api/v1/alerts",
        "/api/v1/journal?limit=500",
        "/api/system/alerts",
        "/api/system/mt5-watchdog/status",
    ] {
        shown.push((path, api.text(path).await));
    }
    program.kill().await;
    shown.push(("the log", place.log()));

    assert!(
        shown.iter().any(|(where_, text)| *where_ == "the log" && text.contains("DEBUG")),
        "nothing was logged"
    );
    for (where_, text) in &shown {
        for (name, secret) in SECRETS {
            assert!(!text.contains(secret), "{where_} shows {name}");
        }
        assert!(!text.contains(&api.token), "{where_} shows a bearer token");
        assert!(
            !text.contains("guess") || *where_ == "a mail",
            "{where_} shows what was typed as a password"
        );
        let cookie = browser.cookie().unwrap();
        assert!(!text.contains(cookie.split('=').nth(1).unwrap()), "{where_} shows the session");
    }
}
