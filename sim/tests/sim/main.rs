//! The simulated host over real sockets: one fact per test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod binary;
mod bridge;
mod conn_bridge;
mod control;
mod f1;
mod f3;
mod f4;
mod faults;
mod github;
mod host;
mod identity;
mod mt5_httpapi;
mod permissions;
mod planned;
mod positions;
mod quant_server;
mod restart;
mod smtp;
mod web;
mod wire;

use std::{
    sync::Once,
    time::{Duration, Instant},
};

use rebound_sim::{Dialect, Sim, SimOptions, start};
use reqwest::{Client, RequestBuilder, redirect::Policy};
use serde_json::Value;

/// Longest time a test waits for something that should happen by itself.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

async fn started() -> Sim {
    start(SimOptions::quick()).await.expect("loopback ports are free")
}

/// A host whose bridge speaks this dialect.
async fn speaking(dialect: Dialect) -> Sim {
    start(SimOptions { dialect, ..SimOptions::quick() }).await.expect("loopback ports are free")
}

/// The key of the bridges that want one.
const KEY: &str = "demo-api-key";

/// A request with the key of every dialect that has one.
fn with_key(request: RequestBuilder) -> RequestBuilder {
    request.header("x-api-key", KEY).bearer_auth(KEY)
}

/// Status and JSON of a path, asked with the key.
async fn ask(sim: &Sim, path: &str) -> (u16, Value) {
    read(with_key(client().get(format!("{}{path}", sim.bridge_url)))).await
}

/// Status and JSON of a `POST` to a path, with the key.
async fn post(sim: &Sim, path: &str) -> (u16, Value) {
    read(with_key(client().post(format!("{}{path}", sim.bridge_url)))).await
}

/// Status and JSON of an answer; null for a body that is no JSON.
async fn read(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// A client that gives up soon, follows nothing and keeps no connection.
fn client() -> Client {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().ok();
    });
    Client::builder()
        .timeout(Duration::from_millis(1_500))
        .redirect(Policy::none())
        .user_agent("rebound-sim-tests")
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap()
}

async fn get(sim: &Sim, path: &str) -> Value {
    let url = format!("{}{path}", sim.bridge_url);
    client().get(url).send().await.unwrap().json().await.unwrap()
}

async fn status_of(sim: &Sim, path: &str) -> u16 {
    let url = format!("{}{path}", sim.bridge_url);
    client().get(url).send().await.unwrap().status().as_u16()
}

async fn health(sim: &Sim) -> Value {
    get(sim, HEALTH).await
}

const HEALTH: &str = "/api/mt5/bridge/health";

/// Looks again and again until `look` finds something.
#[expect(clippy::disallowed_methods, reason = "a test's patience is real time")]
async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < WAIT_MAX, "it did not happen within {WAIT_MAX:?}");
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

/// Gives the host time to do something that it should not do.
async fn some_ticks(sim: &Sim) {
    let before = sim.ticks().await;
    eventually(async || (sim.ticks().await > before + 4).then_some(())).await;
}

/// The sorted names of an object's fields.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Compares two answers field by field: the same fields, of the same kinds, at every depth. Lists are compared
/// by their first entry. A null where the other has something is another kind.
#[track_caller]
fn assert_same_shape(met: &Value, recorded: &Value) {
    assert_eq!(shape(met), shape(recorded));
}

fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(list) => list.iter().take(1).map(shape).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
    }
}

/// Whether a JSON value is a time.
fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
}
