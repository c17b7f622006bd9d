//! What is refused at the door: programs without a token, forms of other sites, bodies too big, paths that are none.

use rebound::time::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::api::{token, told};
use crate::browser::Browser;
use crate::site::{Site, a_site};

const FORCE_SYNC: &str = "/api/v1/targets/mt5/force-sync";

#[tokio::test]
async fn a_program_without_a_valid_token_is_told_so_in_json() {
    let site = a_site().await.start().await;
    let over = token("cron", Timestamp::from_ms(1_000_000_000_000));

    for header in ["", "Bearer nonsense", "Bearer ", &format!("Bearer {over}"), "Basic YWRtaW46YQ=="] {
        let request = site.client.get(format!("{}/api/v1/board", site.base));
        let request = if header.is_empty() { request } else { request.header("authorization", header) };
        let (status, body) = told(request.send().await.unwrap()).await;
        assert_eq!((status, &body["code"]), (401, &Value::from("unauthorized")), "{header}");
        assert!(body["message"].is_string() && body["help"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn a_token_of_nobodys_signature_is_refused() {
    let site = a_site().await.start().await;
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjcm9uIiwiYXVkIjoicmVib3VuZCIsImV4cCI6NDAwMDAwMDAwMH0.";

    let answer = site.client.get(format!("{}/api/v1/board", site.base)).bearer_auth(unsigned);

    assert_eq!(answer.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_change_by_cookie_needs_the_word_of_our_own_page() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;
    let with = |name: &str, value: &str| browser.bare(Method::POST, FORCE_SYNC).header(name, value);

    assert_eq!(status(browser.bare(Method::POST, FORCE_SYNC)).await, 403);
    assert_eq!(status(with("origin", "https://evil.example")).await, 403);
    assert_eq!(status(with("origin", "null")).await, 403);
    assert_eq!(status(with("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(status(with("sec-fetch-site", "same-site")).await, 403);
    assert!(site.board().await.requests.is_empty(), "nothing was asked for");

    assert_eq!(status(with("origin", &browser.base)).await, 202);
    assert_eq!(status(with("sec-fetch-site", "same-origin")).await, 202);
}

async fn status(request: reqwest::RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused_wherever_it_is_sent() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;
    let big = format!("target=mt5&filler={}", "x".repeat(65 * 1024));

    for path in ["/login", "/api/ui/force-sync", "/api/system/mt5-watchdog/force-healing"] {
        let form =
            browser.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(status(form.body(big.clone())).await, 413, "{path}");
    }
    assert!(site.board().await.requests.is_empty(), "nothing was asked for");
}

#[tokio::test]
async fn a_path_that_is_none_is_told_so_in_json() {
    let site = a_site().await.start().await;

    for path in ["/api/v1/nothing", "/nothing/at/all"] {
        let (status, body) = site.send(Method::GET, path).await;
        assert_eq!((status, &body["code"]), (404, &Value::from("not_found")), "{path}");
    }
    let (status, body) = site.send(Method::DELETE, "/api/v1/board").await;
    assert_eq!(status, 405, "{body}");
}

#[tokio::test]
async fn targets_incidents_and_alerts_that_are_none_are_told_so_in_json() {
    let site = a_site().await.start().await;

    for (method, path) in [
        (Method::POST, "/api/v1/targets/none/force-sync"),
        (Method::POST, "/api/v1/targets/none/force-heal"),
        (Method::GET, "/api/v1/incidents/99"),
        (Method::POST, "/api/v1/alerts/99/acknowledge"),
        (Method::PUT, "/api/system/alerts/99/acknowledge"),
        (Method::GET, "/api/system/mt5-watchdog/status?target=none"),
    ] {
        let (status, body) = site.send(method, path).await;
        assert_eq!(status, 404, "{path}: {body}");
        assert!(body["message"].is_string() && body["help"].is_string(), "{path}: {body}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_a_request_is_told_in_json() {
    let site = a_site().await.start().await;

    for path in ["/api/v1/incidents/abc", "/api/v1/alerts?severity=terrible", "/api/v1/journal?after=x"] {
        let (status, body) = site.send(Method::GET, path).await;
        assert!((400..500).contains(&status), "{path}: {status}");
        assert!(body["message"].is_string() && body["help"].is_string(), "{path}: {body}");
    }
}

#[tokio::test]
async fn pages_run_our_scripts_only() {
    let site = a_site().await.start().await;
    let browser = Browser::logged_in(&site).await;

    let answer = browser.open("/").await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = answer.text().await.unwrap();

    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(nonce.len() >= 16 && page.contains(nonce), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let again = browser.open("/").await;
    assert!(
        !again.headers()["content-security-policy"].to_str().unwrap().contains(nonce),
        "a nonce is used once"
    );
    assert!(!page.contains(" style="), "the policy forbids styles in elements");
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let site = a_site().await.start().await;
    for path in ["/health", "/login", "/", "/api/v1/board", "/nothing", "/pkg/nothing.js", "/favicon.svg"] {
        carries_headers(&site, path).await;
    }
}

async fn carries_headers(site: &Site, path: &str) {
    let answer = site.request(Method::GET, path).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
    assert_eq!(header("x-frame-options").as_deref(), Some("DENY"), "{path}");
    assert_eq!(header("referrer-policy").as_deref(), Some("same-origin"), "{path}");
    assert!(header("content-security-policy").is_some(), "{path}");
    assert!(header("cache-control").is_some(), "{path}");
}

#[tokio::test]
async fn liveness_needs_no_token_and_tells_no_secrets() {
    let site = a_site().await.start().await;

    let (status, body) = told(site.client.get(format!("{}/health", site.base)).send().await.unwrap()).await;

    assert_eq!(status, 200);
    let mut keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["service", "status", "version"]);
}
