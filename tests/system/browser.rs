//! A person in a browser: keeps a cookie, sends forms, follows nothing by itself.

use std::sync::Mutex;

use reqwest::{Client, Method, RequestBuilder, Response};

use crate::api::{Api, client};
use crate::configuration::ADMIN_PASSWORD;

/// Somebody with a browser.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) base: String,
    client: Client,
    cookie: Mutex<Option<String>>,
}

impl Browser {
    /// A stranger's.
    pub(crate) fn at(api: &Api) -> Self {
        Self { base: api.base.clone(), client: client(), cookie: Mutex::default() }
    }

    /// The admin's, after the login.
    pub(crate) async fn logged_in(api: &Api) -> Self {
        let browser = Self::at(api);
        let answer = browser.log_in("admin", ADMIN_PASSWORD, "").await;
        assert_eq!(place(&answer), "/");
        browser
    }

    /// The same browser after Rebound moved to another address; the cookie goes with the name of the host.
    pub(crate) fn moved_to(self, api: &Api) -> Self {
        Self { base: api.base.clone(), ..self }
    }

    /// A request as the browser sends it: with the cookie, and with `Origin` where something is to be changed.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let changes = method != Method::GET;
        let request = self.bare(method, path);
        if changes { request.header("origin", &self.base) } else { request }
    }

    /// A request with the cookie and no word about the page that it comes from.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match self.cookie() {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    /// Sends it, and keeps the cookie that comes back.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let answer = request.send().await.unwrap();
        if let Some(set) = answer.headers().get("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            *self.cookie.lock().unwrap() = Some(pair);
        }
        answer
    }

    pub(crate) async fn open(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    /// The page at `path`, which must be shown.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.open(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str, next: &str) -> Response {
        let form = [("username", username), ("password", password), ("next", next)];
        self.send(self.request(Method::POST, "/login").form(&form)).await
    }

    /// The cookie as it is sent.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }
}

/// Where an answer sends the browser.
pub(crate) fn place(answer: &Response) -> &str {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap()
}
