//! Who gets in as a person, for how long, and where to.

use reqwest::Method;

use crate::browser::{Browser, place};
use crate::configuration::ADMIN_PASSWORD;
use crate::site::a_site;

#[tokio::test]
async fn a_stranger_is_sent_to_the_login_and_back_to_what_he_wanted() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);

    assert_eq!(place(&browser.open("/").await), "/login");
    let sent = browser.open("/incidents/4?x=1").await;
    assert_eq!(place(&sent), "/login?next=%2Fincidents%2F4%3Fx%3D1");
    assert!(browser.page("/login?next=%2Fincidents%2F4").await.contains("value=\"/incidents/4\""));

    let entered = browser.log_in("admin", ADMIN_PASSWORD, "/incidents/4?x=1").await;
    assert_eq!(place(&entered), "/incidents/4?x=1");
    assert!(browser.page("/").await.contains("MT5 bridge"));
}

/// He logged out in another tab, perhaps, and the page still stands there.
#[tokio::test]
async fn a_form_of_whoever_is_logged_out_meanwhile_leads_to_the_login_and_back_and_does_nothing() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;
    browser.send(browser.request(Method::POST, "/logout")).await;
    let sync = || browser.request(Method::POST, "/api/ui/force-sync").form(&[("target", "mt5")]);
    let page = format!("{}/targets/mt5", site.base);
    let form = browser.send(sync().header("accept", "text/html").header("referer", page)).await;
    assert_eq!(place(&form), "/login?error=ended&next=%2Ftargets%2Fmt5");
    assert!(browser.page(place(&form)).await.contains("nothing was done"));

    let told = browser.send(sync().header("accept", "application/json")).await;
    assert_eq!(told.status(), 401);
    let told = told.text().await.unwrap();
    assert!(told.contains("You are not logged in any more") && !told.contains("Bearer"), "{told}");
    assert!(site.board().await.requests.is_empty(), "nothing was asked");
}

#[tokio::test]
async fn a_wrong_name_or_password_gets_nobody_in() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);

    for (username, password) in [("admin", "guess"), ("root", ADMIN_PASSWORD), ("admin", "")] {
        let answer = browser.log_in(username, password, "").await;
        assert!(place(&answer).starts_with("/login?error=wrong"), "{username}: {}", place(&answer));
        assert_eq!(place(&browser.open("/").await), "/login");
    }
    assert!(browser.page("/login?error=wrong").await.contains("Name or password is wrong."));
}

#[tokio::test]
async fn the_sixth_quick_try_is_refused_even_with_the_right_password() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);

    for _ in 0..5 {
        assert!(place(&browser.log_in("admin", "guess", "").await).starts_with("/login?error=wrong"));
    }
    let sixth = browser.log_in("admin", ADMIN_PASSWORD, "").await;

    assert!(place(&sixth).starts_with("/login?error=locked"), "{}", place(&sixth));
    assert!(browser.page("/login?error=locked").await.contains("too many tries"));
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);

    let answer = browser.log_in("admin", ADMIN_PASSWORD, "").await;

    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "the site is served without HTTPS: {cookie}");
}

#[tokio::test]
async fn a_site_behind_https_sends_its_cookie_there_only() {
    let making = a_site().await;
    let site = making.adjusted(|settings| settings.login.secure_cookie = true).start().await;

    let answer = Browser::at(&site).log_in("admin", ADMIN_PASSWORD, "").await;

    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("Secure"));
}

#[tokio::test]
async fn the_login_changes_the_session_so_that_a_planted_one_is_worth_nothing() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;
    let first = browser.cookie().unwrap();

    browser.log_in("admin", ADMIN_PASSWORD, "").await;

    assert_ne!(browser.cookie().unwrap(), first);
    let old = Browser::at(&site).bare(Method::GET, "/").header("cookie", first).send().await.unwrap();
    assert_eq!(place(&old), "/login");
}

#[tokio::test]
async fn a_logout_ends_the_session_for_whoever_kept_the_cookie() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;
    let kept = browser.cookie().unwrap();

    let answer = browser.send(browser.request(Method::POST, "/logout")).await;

    let greeted = browser.page(place(&answer)).await;
    assert!(!greeted.contains("That did not work"), "a logout is no failure");
    let again = Browser::at(&site).bare(Method::GET, "/").header("cookie", kept).send().await.unwrap();
    assert_eq!(place(&again), "/login");
}

#[tokio::test]
async fn a_session_survives_a_restart_of_the_server() {
    let mut site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;

    site.restart().await;

    assert!(browser.moved_to(&site).page("/").await.contains("MT5 bridge"));
}

#[tokio::test]
async fn the_way_back_never_leads_to_another_site() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);

    for away in ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example"] {
        assert_eq!(place(&browser.log_in("admin", ADMIN_PASSWORD, away).await), "/", "{away}");
    }
}

#[tokio::test]
async fn a_login_form_on_another_site_is_refused() {
    let site = a_site().await.start().await;
    let browser = Browser::at(&site);
    let form = [("username", "admin"), ("password", ADMIN_PASSWORD)];

    let foreign = browser.bare(Method::POST, "/login").header("origin", "https://evil.example").form(&form);

    assert_eq!(browser.send(foreign).await.status(), 403);
    assert_eq!(browser.cookie(), None);
}
