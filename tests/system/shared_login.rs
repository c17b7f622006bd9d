//! Who gets in where several programs share a MongoDB, and while that is away.
//!
//! Each story has a server of its own, as it is installed for tests.

use mongodb::Client;
use mongodb::bson::{Document, doc};
use rebound_sim::Sim;
use rebound_test_mongodb::Server;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::api::Api;
use crate::browser::{Browser, place};
use crate::configuration::{ADMIN_PASSWORD, Plan};
use crate::process::{Place, Program};
use crate::site::{PATIENCE, a_host, eventually};

/// A place whose program is called `name`, with `login` as its way in.
fn place_with(name: &str, login: &str, host: &Sim, server: &Server) -> Place {
    let text = Plan::usual(host).text(host);
    let changes = [
        ("path = \"rebound.db\"", "url = { file = \"mongodb.url\" }".to_owned()),
        ("[server]\n", format!("[server]\nname = \"{name}\"\n")),
        ("password = { env = \"ADMIN_PASSWORD\" }", login.to_owned()),
    ];
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1)
    });
    let place = Place::with(&text);
    std::fs::write(place.path("mongodb.url"), server.url()).unwrap();
    place
}

/// The same with the usual password.
fn usual(name: &str, host: &Sim, server: &Server) -> Place {
    place_with(name, "password = { env = \"ADMIN_PASSWORD\" }", host, server)
}

/// What a browser with `cookie` gets from another program.
async fn with_cookie(cookie: &str, program: &Program) -> Response {
    Browser::at(&program.api).bare(Method::GET, "/").header("cookie", cookie).send().await.unwrap()
}

/// The password that a program made up, if it did.
fn made_up(place: &Place) -> Option<String> {
    let ready: Value = serde_json::from_slice(&std::fs::read(place.path("ready.json")).unwrap()).unwrap();
    ready["first_password"].as_str().map(str::to_owned)
}

/// Waits until a browser with `cookie` sees the page of `program`.
async fn is_known(cookie: &str, program: &Program) {
    eventually("the session is known", PATIENCE, async || {
        (with_cookie(cookie, program).await.status() == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_login_is_good_on_every_program_and_a_logout_ends_it_on_all_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (usual("one", &host, &server), usual("two", &host, &server));
    let (first, second) = (one.serve().await, two.serve().await);
    let browser = Browser::logged_in(&first.api).await;
    let cookie = browser.cookie().unwrap();
    assert_eq!(with_cookie(&cookie, &second).await.status(), 200);
    let feed = Browser::at(&second.api).bare(Method::GET, "/api/v1/feed").header("cookie", &cookie);
    let mut feed = feed.send().await.unwrap();
    assert_eq!(feed.status(), 200);

    browser.send(browser.request(Method::POST, "/logout")).await;

    for program in [&first, &second] {
        assert_eq!(place(&with_cookie(&cookie, program).await), "/login");
    }
    let ends = async { while feed.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(PATIENCE, ends).await.expect("what was open is closed");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_password_is_made_up_once_for_all_and_a_new_one_ends_what_was_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let [one, two] = ["one", "two"].map(|name| place_with(name, "", &host, &server));
    let (first, second) = tokio::join!(one.serve(), two.serve());
    let told: Vec<String> = [made_up(&one), made_up(&two)].into_iter().flatten().collect();
    let [password] = told.as_slice() else { panic!("{told:?}") };
    let browser = Browser::at(&first.api);
    for program in [&first, &second] {
        assert_eq!(place(&Browser::at(&program.api).log_in("admin", password, "").await), "/");
    }
    browser.log_in("admin", password, "").await;
    let cookie = browser.cookie().unwrap();
    is_known(&cookie, &second).await;

    let (code, said, complaint) = two.run(&["reset-password"]).await;

    assert_eq!(code, Some(0), "{complaint}");
    let new = said.split("password ").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(place(&with_cookie(&cookie, &first).await), "/login");
    let wrong = Browser::at(&first.api).log_in("admin", password, "").await;
    assert!(place(&wrong).starts_with("/login?error=wrong"));
    assert_eq!(place(&Browser::at(&first.api).log_in("admin", new, "").await), "/");
    let client = Client::with_uri_str(server.url()).await.unwrap();
    let users = client.database("rebound").collection::<Document>("users");
    let kept = users.find_one(doc! { "_id": "admin" }).await.unwrap().unwrap();
    assert!(kept.get_str("hash").unwrap().starts_with("$argon2id$"));
    assert!(!one.log().contains(kept.get_str("hash").unwrap()) && !one.log().contains(new));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn who_is_logged_in_stays_so_and_others_can_log_in_while_a_true_mongodb_is_away() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (usual("one", &host, &server), usual("two", &host, &server));
    let (first, second) = (one.serve().await, two.serve().await);
    let before = Browser::logged_in(&first.api).await;
    let cookie = before.cookie().unwrap();

    tokio::task::block_in_place(|| server.kill());

    assert!(before.page("/").await.contains("MT5 bridge"), "it was checked lately here");
    let elsewhere = Browser::at(&second.api).bare(Method::GET, "/incidents").header("cookie", &cookie);
    let elsewhere = elsewhere.send().await.unwrap();
    assert_eq!(place(&elsewhere), "/login?error=unchecked&next=%2Fincidents", "nothing is known of it there");
    let set = elsewhere.headers().get("set-cookie").map(|set| set.to_str().unwrap().to_owned());
    assert!(set.is_none_or(|set| set.starts_with(&cookie)), "and its cookie stays");
    let asked = Browser::at(&second.api).bare(Method::GET, "/api/v1/board").header("cookie", &cookie);
    assert_eq!(asked.send().await.unwrap().status(), 503);
    let during = Browser::logged_in(&second.api).await;
    assert!(during.page("/").await.contains("MT5 bridge"));
    let out = Browser::logged_in(&first.api).await;
    let ended = out.cookie().unwrap();
    out.send(out.request(Method::POST, "/logout")).await;
    assert_eq!(place(&with_cookie(&ended, &first).await), "/login");

    server.start_again().await;

    is_known(&cookie, &second).await;
    is_known(&during.cookie().unwrap(), &first).await;
    assert_eq!(place(&with_cookie(&ended, &second).await), "/login");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_that_is_frozen_during_a_login_keeps_nobody_out() {
    let (host, server) = (a_host().await, Server::start().await);
    let one = usual("one", &host, &server);
    let first = one.serve().await;
    Browser::logged_in(&first.api).await;
    server.freeze();
    let browser = Browser::at(&first.api);
    let entered = browser.log_in("admin", ADMIN_PASSWORD, "").await;
    server.thaw();
    assert_eq!(place(&entered), "/");
    let cookie = browser.cookie().unwrap();
    is_known(&cookie, &first).await;
    browser.send(browser.request(Method::POST, "/logout")).await;
    assert_eq!(place(&with_cookie(&cookie, &first).await), "/login");
    let two = usual("two", &host, &server);
    let second = two.serve().await;
    assert_eq!(place(&with_cookie(&cookie, &second).await), "/login");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn whoever_reads_a_true_mongodb_can_use_no_session() {
    let (host, server) = (a_host().await, Server::start().await);
    let one = usual("one", &host, &server);
    let first = one.serve().await;
    let browser = Browser::logged_in(&first.api).await;
    let id = browser.cookie().unwrap().split_once('=').unwrap().1.to_owned();
    let client = Client::with_uri_str(server.url()).await.unwrap();
    let sessions = client.database("rebound").collection::<Document>("sessions");
    let kept = sessions.find_one(doc! {}).await.unwrap().unwrap();
    assert!(!kept.to_string().contains(&id), "{kept}");
    let forged = format!("rebound_session={}", kept.get_str("_id").unwrap());
    assert_eq!(place(&with_cookie(&forged, &first).await), "/login");
    assert!(!one.log().contains(&id), "no log shows it");
    assert!(kept.get_datetime("ends_at").is_ok() && kept.get_i64("version").is_ok(), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn somebody_who_is_disabled_on_one_program_is_out_on_all_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (usual("one", &host, &server), usual("two", &host, &server));
    let (first, second) = (one.serve().await, two.serve().await);
    let asked = json!({ "name": "anna", "role": "operator" });
    let (status, told) = first.api.post_with("/api/v1/people", &asked).await;
    assert_eq!(status, 200, "{told}");
    let anna = Browser::at(&second.api);
    let password = told["password"].as_str().unwrap();
    assert_eq!(place(&anna.log_in("anna", password, "").await), "/", "she was added on the other");
    let cookie = anna.cookie().unwrap();
    is_known(&cookie, &first).await;

    assert_eq!(first.api.post("/api/v1/people/anna/disable").await.0, 200);

    for program in [&first, &second] {
        assert_eq!(place(&with_cookie(&cookie, program).await), "/login");
        let again = Browser::at(&program.api).log_in("anna", password, "").await;
        assert!(place(&again).starts_with("/login?error=wrong"));
    }
    let client = Client::with_uri_str(server.url()).await.unwrap();
    let kept = client.database("rebound").collection::<Document>("amendments");
    assert_eq!(kept.count_documents(doc! { "roster": { "$exists": true } }).await.unwrap(), 1);
    assert!(!one.log().contains(password) && !two.log().contains(password));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_key_that_is_revoked_on_one_program_is_refused_by_all_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (usual("one", &host, &server), usual("two", &host, &server));
    let (first, second) = (one.serve().await, two.serve().await);
    let (_, told) = first.api.post_with("/api/v1/keys", &json!({ "name": "backup", "role": "viewer" })).await;
    let backup = Api { token: told["key"].as_str().unwrap().to_owned(), ..second.api.clone() };
    assert_eq!(backup.send(Method::GET, "/api/v1/board").await.0, 200);
    assert_eq!(first.api.post("/api/v1/keys/backup/revoke").await.0, 200);
    assert_eq!(backup.send(Method::GET, "/api/v1/board").await.0, 401);
}
