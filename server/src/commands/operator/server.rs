//! The way to a running server: its address, the token, one request and its answer.
//!
//! Never follows redirects, so that the token goes nowhere else, and never shows the token.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::trouble::Trouble;

/// Longest time to make a connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Longest time for a whole answer: the server begins one within 30 s.
const ANSWER_MAX: Duration = Duration::from_secs(40);
/// Largest answer that is read: a board of 500 bridges with all their accounts has some 20 MB.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest token file, in bytes: a token has some 200.
const TOKEN_BYTES_MAX: u64 = 8 * 1024;
/// Where the token is looked for where no file is named.
const TOKEN_VARIABLE: &str = "REBOUND_TOKEN";

/// How the server is reached.
#[derive(Debug, Args)]
pub struct Reach {
    /// The server's address.
    #[arg(
        long,
        value_name = "URL",
        env = "REBOUND_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080"
    )]
    #[arg(value_parser = address)]
    server: Url,
    /// The file with the bearer token; otherwise REBOUND_TOKEN holds it.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it as http://127.0.0.1:8080"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("it begins with {}:, which is neither http: nor https:", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a name or a password; put a token into REBOUND_TOKEN instead".to_owned());
    }
    Ok(url)
}

/// A server and the right to ask it.
pub(super) struct Server {
    /// Without a slash at its end.
    base: String,
    token: SecretString,
    client: Client,
}

/// An error as the server tells it.
#[derive(Deserialize)]
struct Problem {
    message: String,
    help: String,
}

impl Server {
    /// Finds the token and prepares to ask.
    ///
    /// # Errors
    /// If there is no token that can be sent.
    pub(super) fn at(reach: &Reach) -> Result<Self, Trouble> {
        rebound_probes::install_tls();
        let token = token(reach.token_file.as_deref())?;
        let base = reach.server.as_str().trim_end_matches('/').to_owned();
        let client = client(&reach.server)
            .map_err(|error| Trouble::NotReached { server: base.clone(), why: innermost(&error) })?;
        Ok(Self { base, token, client })
    }

    /// What `GET path` answers.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        self.request(Method::GET, path, None).await
    }

    /// What `POST path` answers.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Trouble> {
        self.request(Method::POST, path, body).await
    }

    /// Reads what the server sent as `T`.
    pub(super) fn read<T: DeserializeOwned>(&self, value: Value) -> Result<T, Trouble> {
        serde_json::from_value(value).map_err(|error| self.unreadable(&error.to_string()))
    }

    async fn request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Trouble> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        request = request.bearer_auth(self.token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.not_reached(error))?;
        let status = response.status();
        let bytes = self.body(response).await?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| self.unreadable(&error.to_string()));
        }
        let told: Option<Problem> = serde_json::from_slice(&bytes).ok();
        let (message, help) = told.map_or_else(
            || (format!("{} answered with {status}.", self.base), String::new()),
            |told| (told.message, told.help),
        );
        Err(Trouble::Told { status: status.as_u16(), message, help })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.not_reached(error))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(self.unreadable(&format!("it has more than {ANSWER_BYTES_MAX} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn not_reached(&self, error: reqwest::Error) -> Trouble {
        let why = if error.is_timeout() {
            "no answer came in time".to_owned()
        } else {
            innermost(&error.without_url())
        };
        Trouble::NotReached { server: self.base.clone(), why }
    }

    fn unreadable(&self, why: &str) -> Trouble {
        Trouble::Unreadable { server: self.base.clone(), why: why.to_owned() }
    }
}

fn client(server: &Url) -> reqwest::Result<Client> {
    let own = match server.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    let builder = Client::builder()
        .user_agent(concat!("rebound/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT_MAX)
        .timeout(ANSWER_MAX);
    // A proxy that the environment names could never reach this machine's own address.
    if own { builder.no_proxy() } else { builder }.build()
}

fn token(file: Option<&Path>) -> Result<SecretString, Trouble> {
    let (place, text) = match file {
        Some(path) => (path.display().to_string(), read_token(path)?),
        None => match std::env::var(TOKEN_VARIABLE) {
            Ok(text) => (TOKEN_VARIABLE.to_owned(), SecretString::from(text)),
            Err(std::env::VarError::NotPresent) => return Err(Trouble::NoToken),
            Err(std::env::VarError::NotUnicode(_)) => {
                let why = "it is no text".to_owned();
                return Err(Trouble::Token { place: TOKEN_VARIABLE.to_owned(), why });
            }
        },
    };
    let token = text.expose_secret().trim();
    let why = if token.is_empty() {
        "it is empty"
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        "it has blanks or signs that no token has"
    } else {
        return Ok(SecretString::from(token));
    };
    Err(Trouble::Token { place, why: why.to_owned() })
}

fn read_token(path: &Path) -> Result<SecretString, Trouble> {
    let cannot = |why: String| Trouble::TokenFile { path: path.to_owned(), why };
    let length = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?.len();
    if length > TOKEN_BYTES_MAX {
        return Err(cannot(format!("it has {length} bytes, a token has at most {TOKEN_BYTES_MAX}")));
    }
    std::fs::read_to_string(path).map(SecretString::from).map_err(|error| cannot(error.to_string()))
}

/// The words of the first cause, which say most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::address;

    #[rstest]
    #[case::plain("http://127.0.0.1:8080", true)]
    #[case::encrypted("https://rebound.example.com/", true)]
    #[case::no_scheme("127.0.0.1:8080", false)]
    #[case::another_scheme("ftp://example.com", false)]
    #[case::a_password("http://admin:secret@127.0.0.1:8080", false)]
    fn a_servers_address_is_a_plain_web_address(#[case] text: &str, #[case] good: bool) {
        assert_eq!(address(text).is_ok(), good);
    }
}
