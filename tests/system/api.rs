//! A program that asks Rebound over HTTP, with a bearer token.

use std::sync::Once;
use std::time::Duration;

use rebound::alert::Alert;
use rebound::ids::IncidentId;
use rebound::incident::Incident;
use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound::view::{Board, TargetView};
use rebound_server::auth::Tokens;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::configuration::API_SECRET;

/// Longest time for one answer; a store that is held by somebody else slows answers down.
const ANSWER_MAX: Duration = Duration::from_secs(15);
/// A moment at which a token of a year is neither over nor out of reach: 2096.
pub(crate) const FAR_AHEAD: Timestamp = Timestamp::from_ms(4_000_000_000_000);

/// Somebody with a token.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) token: String,
    pub(crate) client: Client,
}

#[derive(Deserialize)]
struct JournalLine {
    entry: JournalEntry,
}

impl Api {
    pub(crate) fn at(base: &str) -> Self {
        Self { base: base.to_owned(), token: token("cron", FAR_AHEAD), client: client() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// What `GET path` answers, if it answers 200.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "GET {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("GET {path}: {error}: {text}"))
    }

    /// The text that `GET path` answers.
    pub(crate) async fn text(&self, path: &str) -> String {
        self.request(Method::GET, path).send().await.unwrap().text().await.unwrap()
    }

    /// Status and body that a request without a body leads to.
    pub(crate) async fn send(&self, method: Method, path: &str) -> (u16, Value) {
        told(self.request(method, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str) -> (u16, Value) {
        self.send(Method::POST, path).await
    }

    /// Status and body that a `POST` with a body of JSON leads to.
    pub(crate) async fn post_with(&self, path: &str, body: &Value) -> (u16, Value) {
        told(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// Asks for something that is carried out. Returns what was said.
    pub(crate) async fn does(&self, path: &str, body: &Value) -> String {
        let (status, asked) = self.post_with(path, body).await;
        let said = asked["state"]["Done"].as_str();
        let said = said.unwrap_or_else(|| panic!("POST {path} {body}: {status} {asked}"));
        assert_eq!((status, &asked["by"]), (202, &Value::from("cron")), "{asked}");
        said.to_owned()
    }

    /// Asks for something that is refused. Returns why.
    pub(crate) async fn is_refused(&self, path: &str, body: &Value) -> String {
        let (status, asked) = self.post_with(path, body).await;
        let why = asked["state"]["Refused"].as_str();
        assert_eq!(status, 202, "{asked}");
        why.unwrap_or_else(|| panic!("POST {path} {body}: {asked}")).to_owned()
    }

    pub(crate) async fn board(&self) -> Board {
        self.get("/api/v1/board").await
    }

    /// The board's only target.
    pub(crate) async fn target(&self) -> TargetView {
        self.board().await.targets.remove(0)
    }

    /// Newest first.
    pub(crate) async fn incidents(&self) -> Vec<Incident> {
        self.get("/api/v1/incidents").await
    }

    pub(crate) async fn incident(&self, id: IncidentId) -> Incident {
        self.get(&format!("/api/v1/incidents/{id}")).await
    }

    /// Oldest first.
    pub(crate) async fn alerts(&self) -> Vec<Alert> {
        let mut alerts: Vec<Alert> = self.get("/api/v1/alerts").await;
        alerts.reverse();
        alerts
    }

    pub(crate) async fn journal(&self) -> Vec<JournalEntry> {
        let lines: Vec<JournalLine> = self.get("/api/v1/journal?limit=500").await;
        lines.into_iter().map(|line| line.entry).collect()
    }

    /// The steps that were intended, as the journal has them.
    pub(crate) async fn intents(&self) -> Vec<rebound::heal::StepRequest> {
        let facts = self.journal().await.into_iter().map(|entry| entry.fact);
        let intended =
            facts.filter_map(|fact| if let Fact::StepIntended(step) = fact { Some(step) } else { None });
        intended.collect()
    }

    /// The phases that targets went through, as the journal has them.
    pub(crate) async fn phases(&self) -> Vec<String> {
        let facts = self.journal().await.into_iter().map(|entry| entry.fact);
        facts
            .filter_map(|fact| if let Fact::Phase { phase, .. } = fact { Some(phase) } else { None })
            .collect()
    }
}

/// Status and body of an answer; a body that is not JSON is a text.
pub(crate) async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A token for the program `name`, made a day before it ends.
pub(crate) fn token(name: &str, made_at: Timestamp) -> String {
    Tokens::new(&SecretString::from(API_SECRET)).issue(name, 1, made_at).unwrap()
}

/// A client that follows nothing and keeps no cookies.
pub(crate) fn client() -> Client {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().ok();
    });
    Client::builder().timeout(ANSWER_MAX).redirect(Policy::none()).no_proxy().build().unwrap()
}
