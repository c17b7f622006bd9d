//! People and keys: who may do what, who is out, and what is put down to whom.

use rebound::role::{Right, Role};
use rebound_server::http::{Door, Pass, doors};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::api::{Api, told};
use crate::browser::{Browser, place};
use crate::configuration::Plan;
use crate::process::Place;
use crate::site::{PATIENCE, Site, a_host, a_site};

/// Somebody new, with the password that was made up.
async fn add(api: &Api, name: &str, role: &str) -> String {
    let (status, told) = api.post_with("/api/v1/people", &json!({ "name": name, "role": role })).await;
    assert_eq!(status, 200, "{told}");
    told["password"].as_str().unwrap().to_owned()
}

/// A program with a new key.
async fn with_key(api: &Api, name: &str, role: &str) -> Api {
    let asked = json!({ "name": name, "role": role, "days": 30 });
    let (status, told) = api.post_with("/api/v1/keys", &asked).await;
    assert_eq!(status, 200, "{told}");
    Api { token: told["key"].as_str().unwrap().to_owned(), ..api.clone() }
}

/// The browser of somebody who is logged in.
async fn browser_of(api: &Api, name: &str, password: &str) -> Browser {
    let browser = Browser::at(api);
    assert_eq!(place(&browser.log_in(name, password, "").await), "/");
    browser
}

/// What a person's form leads to.
async fn sent(browser: &Browser, path: &str, form: &[(&str, &str)]) -> Response {
    browser.send(browser.request(Method::POST, path).header("accept", "text/html").form(form)).await
}

async fn knock(api: &Api, door: &Door) -> (u16, Value) {
    let path = door.path.replace("{id}", "none").replace("{name}", "none");
    let answer = api.request(door.method.clone(), &path).send().await.unwrap();
    if door.path.ends_with("/feed") {
        return (answer.status().as_u16(), Value::Null);
    }
    told(answer).await
}

#[tokio::test]
async fn every_route_lets_those_through_who_have_its_right_and_nobody_else() {
    let site = a_site().await.without_remedies().start().await;
    let mut programs = Vec::new();
    for role in Role::ALL {
        programs.push((role, with_key(&site, role.word(), role.word()).await));
    }
    for door in doors() {
        let Pass::With(right) = door.pass else { continue };
        for (role, program) in &programs {
            let (status, body) = knock(program, &door).await;
            let refused = status == 403 && body["code"] == "not_allowed";
            assert_eq!(
                refused,
                !role.may(right),
                "{} {} as {}: {status} {body}",
                door.method,
                door.path,
                role.word()
            );
        }
    }
}

#[test]
fn whoever_may_only_look_can_send_nothing_but_what_is_his_own() {
    let looks = |door: &&Door| door.method != Method::GET && door.pass == Pass::With(Right::See);
    let doors = doors();
    let paths: Vec<&str> = doors.iter().filter(looks).map(|door| door.path).collect();
    assert_eq!(paths, ["/logout", "/look", "/me/password"]);
    let open: Vec<&str> =
        doors.iter().filter(|door| door.pass == Pass::Anybody).map(|door| door.path).collect();
    assert_eq!(open, ["/login", "/login"]);
}

#[test]
fn settings_people_and_keys_are_the_admins_alone() {
    let of_admins = |path: &str| {
        ["/people", "/keys", "/settings/check", "/settings/undo", "/settings/review", "/change-settings"]
            .iter()
            .any(|part| path.contains(part))
            || path == "/api/v1/settings"
    };
    for door in doors() {
        if of_admins(door.path) && !(door.method == Method::GET && door.path == "/api/v1/settings") {
            assert_eq!(door.pass, Pass::With(Right::Manage), "{} {}", door.method, door.path);
        }
    }
}

#[tokio::test]
async fn a_viewer_sees_everything_and_heals_nothing() {
    let site = a_site().await.changeable().start().await;
    let password = add(&site, "vera", "viewer").await;
    let vera = browser_of(&site, "vera", &password).await;

    let page = vera.page("/").await;
    assert!(
        page.contains("MT5 bridge") && !page.contains("Force sync") && !page.contains("Force heal"),
        "{page}"
    );
    assert!(!vera.page("/settings").await.contains("Show what would change"));
    let healed = sent(&vera, "/api/ui/force-heal", &[("target", "mt5"), ("confirm", "HEAL")]).await;
    assert_eq!(healed.status(), 403);
    let said = healed.text().await.unwrap();
    assert!(said.contains("vera is a viewer") && said.contains("this takes an operator"), "{said}");
    assert_eq!(vera.open("/settings/people").await.status(), 403);

    assert!(site.board().await.requests.is_empty(), "nothing was asked for");
    assert!(site.intents().await.is_empty());
}

#[tokio::test]
async fn what_an_operator_asks_for_is_put_down_to_his_name() {
    let site = a_site().await.start().await;
    let password = add(&site, "otto", "operator").await;
    let otto = browser_of(&site, "otto", &password).await;
    let backup = with_key(&site, "backup-script", "operator").await;

    let paused = sent(&otto, "/api/ui/pause", &[("target", "mt5"), ("hours", "1")]).await;
    assert_eq!(paused.status(), 302);
    backup.post("/api/v1/targets/mt5/resume").await;

    let by: Vec<String> = site.board().await.requests.iter().map(|asked| asked.by.clone()).collect();
    assert!(by.contains(&"otto".to_owned()) && by.contains(&"key backup-script".to_owned()), "{by:?}");
}

#[tokio::test]
async fn a_key_that_is_revoked_is_refused_at_once_and_its_feed_ends() {
    let site = a_site().await.start().await;
    let backup = with_key(&site, "backup", "viewer").await;
    let mut feed = backup.request(Method::GET, "/api/v1/feed").send().await.unwrap();
    assert_eq!(feed.status(), 200);
    let keys: Value = site.get("/api/v1/keys").await;
    assert!(keys[0]["last_used_at"].is_number() && !keys.to_string().contains(&backup.token), "{keys}");

    let id = keys[0]["id"].as_str().unwrap();
    assert_eq!(site.post(&format!("/api/v1/keys/{id}/revoke")).await.0, 200);

    assert_eq!(backup.send(Method::GET, "/api/v1/board").await.0, 401);
    let ends = async { while feed.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(PATIENCE, ends).await.expect("what was open is closed");
}

#[tokio::test]
async fn a_key_works_where_signed_tokens_are_off() {
    let making = a_site().await;
    let site = making.adjusted(|settings| settings.api_secret = None).start().await;
    assert_eq!(site.send(Method::GET, "/api/v1/board").await.0, 401);
    let admin = Browser::logged_in(&site).await;
    let made =
        sent(&admin, "/settings/keys/make", &[("name", "board"), ("role", "viewer"), ("days", "")]).await;
    let page = made.text().await.unwrap();
    let shown = page.split("class=\"secret-text\">").nth(1).unwrap_or_else(|| panic!("{page}"));
    let token = shown.split('<').next().unwrap().to_owned();
    let program = Api { token, ..site.api.clone() };
    assert_eq!(program.send(Method::GET, "/api/v1/board").await.0, 200);
}

#[tokio::test]
async fn wrong_keys_are_slowed_down_and_a_right_one_is_not() {
    let site = a_site().await.start().await;
    let good = with_key(&site, "board", "viewer").await;
    let wrong = Api { token: format!("rbk_00000000_{}", "0".repeat(64)), ..site.api.clone() };
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(wrong.send(Method::GET, "/api/v1/board").await.0);
    }
    assert_eq!(told, [401, 401, 401, 401, 401, 429]);
    assert_eq!(good.send(Method::GET, "/api/v1/board").await.0, 200);
}

#[tokio::test]
async fn somebody_who_is_disabled_is_out_with_the_next_click_and_cannot_log_in() {
    let site = a_site().await.start().await;
    let password = add(&site, "anna", "operator").await;
    let anna = browser_of(&site, "anna", &password).await;
    let admin = Browser::logged_in(&site).await;

    let led = sent(&admin, "/settings/people/disable", &[("name", "anna")]).await;

    assert_eq!(place(&led), "/settings/people?done=disabled");
    assert_eq!(place(&anna.open("/").await), "/login");
    let again = Browser::at(&site).log_in("anna", &password, "").await;
    assert!(place(&again).starts_with("/login?error=wrong"));
    sent(&admin, "/settings/people/enable", &[("name", "anna")]).await;
    assert_eq!(place(&anna.open("/").await), "/login", "the session of before stays over");
    browser_of(&site, "anna", &password).await;
}

#[tokio::test]
async fn a_password_of_ones_own_ends_the_other_sessions_and_asks_for_the_old_one() {
    let site = a_site().await.start().await;
    let old = add(&site, "anna", "viewer").await;
    let (one, other) = (browser_of(&site, "anna", &old).await, browser_of(&site, "anna", &old).await);
    let new = "some words in a row";

    let wrong = sent(&one, "/me/password", &[("old", "guess"), ("new", new), ("again", new)]).await;
    assert_eq!(wrong.status(), 422);
    let short = sent(&one, "/me/password", &[("old", &old), ("new", "short"), ("again", "short")]).await;
    assert!(short.text().await.unwrap().contains("A password has 12 to 1024"));
    let taken = sent(&one, "/me/password", &[("old", &old), ("new", new), ("again", new)]).await;

    assert_eq!(place(&taken), "/me?done=own-password");
    assert_eq!(one.open("/").await.status(), 200);
    assert_eq!(place(&other.open("/").await), "/login");
    browser_of(&site, "anna", new).await;
}

#[tokio::test]
async fn another_role_holds_with_the_next_click() {
    let site = a_site().await.start().await;
    let password = add(&site, "anna", "viewer").await;
    let anna = browser_of(&site, "anna", &password).await;
    assert!(!anna.page("/alerts").await.contains("Test alert</button>"));
    let body = json!({ "role": "operator" });
    assert_eq!(site.post_with("/api/v1/people/anna/role", &body).await.0, 200);
    assert!(anna.page("/alerts").await.contains("Test alert"));
}

#[tokio::test]
async fn the_admin_of_the_file_stays_and_nobody_changes_himself() {
    let site = a_site().await.start().await;
    for act in ["disable", "remove", "password"] {
        let (status, told) = site.post(&format!("/api/v1/people/admin/{act}")).await;
        assert_eq!((status, &told["code"]), (409, &json!("of_the_file")), "{told}");
    }
    let password = add(&site, "anna", "admin").await;
    let anna = browser_of(&site, "anna", &password).await;
    let own = sent(&anna, "/settings/people/remove", &[("name", "anna")]).await;
    assert_eq!(own.status(), 409);
    assert!(own.text().await.unwrap().contains("is yourself"));
}

#[tokio::test]
async fn who_changed_what_is_kept_and_no_password_with_it() {
    let site = a_site().await.start().await;
    let password = add(&site, "anna", "admin").await;
    let anna = browser_of(&site, "anna", &password).await;
    let added = sent(&anna, "/settings/people/add", &[("name", "ben"), ("role", "viewer")]).await;
    assert!(added.text().await.unwrap().contains("The password of ben."));
    assert_eq!(
        place(&sent(&anna, "/settings/people/remove", &[("name", "ben")]).await),
        "/settings/people?done=removed"
    );

    let log: Vec<Value> = site.get("/api/v1/people/log").await;
    let told: Vec<(&str, &str)> =
        log.iter().map(|deed| (deed["by"].as_str().unwrap(), deed["what"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [("anna", "removed ben"), ("anna", "added ben as viewer"), ("cron", "added anna as admin")]
    );
    let page = anna.page("/settings/people").await;
    assert!(page.contains("anna added ben as viewer") && !page.contains(&password), "{page}");
}

#[tokio::test]
async fn people_outlive_a_restart_and_so_do_their_sessions() {
    let mut site: Site = a_site().await.start().await;
    let password = add(&site, "anna", "viewer").await;
    let anna = browser_of(&site, "anna", &password).await;
    site.restart().await;
    assert!(anna.moved_to(&site).page("/me").await.contains("anna"));
}

#[tokio::test]
async fn people_and_keys_are_changed_from_a_terminal_while_the_program_runs() {
    let host = a_host().await;
    let place_of_program = Place::planned(&Plan::usual(&host), &host);
    let program = place_of_program.serve().await;
    let (code, said, complaint) = place_of_program.run(&["users", "add", "anna", "--role", "operator"]).await;
    assert_eq!(code, Some(0), "{complaint}");
    let password = said.split("password ").nth(1).unwrap().lines().next().unwrap();
    let anna = browser_of(&program.api, "anna", password).await;

    let (_, listed, _) = place_of_program.run(&["users", "list"]).await;
    assert!(listed.contains("admin  admin  of the configuration file"), "{listed}");
    assert!(listed.contains("anna  operator  added by the command line"), "{listed}");
    let (_, key, _) = place_of_program.run(&["keys", "make", "backup", "--days", "30"]).await;
    let backup = Api { token: key.trim().to_owned(), ..program.api.clone() };
    assert_eq!(backup.send(Method::GET, "/api/v1/board").await.0, 200);
    assert_eq!(place_of_program.run(&["keys", "revoke", "backup"]).await.0, Some(0));
    assert_eq!(backup.send(Method::GET, "/api/v1/board").await.0, 401);
    assert_eq!(place_of_program.run(&["users", "disable", "anna"]).await.0, Some(0));
    assert_eq!(place(&anna.open("/").await), "/login");
    let (code, _, complaint) = place_of_program.run(&["users", "remove", "admin"]).await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("is the admin of the configuration file"), "{complaint}");
    assert!(!place_of_program.log().contains(password) && !place_of_program.log().contains(key.trim()));
}
