//! Asks one service that is no bridge how it is: over HTTP, by a bare connect, or as a MongoDB client.
//!
//! Decides what belongs together in a reading; any status is a reading, and whether it is a good one is for the core to say.
//! Never changes anything there: a `GET`, a connection without a byte, or the commands `hello` and `ping`.

mod certificate;
mod http;
pub(crate) mod mongodb;
mod tcp;

use std::fmt;
use std::path::PathBuf;

use hyper::Method;
use rebound::check::{BadAnswer, DatabaseReading, EndpointReading, NoAnswer, ProbeOutcome, ProbeRequest};
use rebound::target::EndpointWay;
use rebound::time::Timestamp;
use reqwest::Url;
use secrecy::SecretString;
use tokio::time::timeout_at;

use crate::date::date_told;
use crate::limits::{BODY_BYTES_MAX, Budget};
use crate::setup::{SetupError, public_url};
use crate::told::short;

pub(crate) use certificate::Dates;
pub(crate) use http::HttpDoor;
pub(crate) use tcp::Place;

use self::mongodb::Database;

/// Where an endpoint is, and what is needed to ask it.
#[derive(Debug)]
pub enum EndpointAddress {
    /// Over HTTP or HTTPS.
    Http(HttpAddress),
    /// `host:port`, for a bare connect.
    Tcp(String),
    /// A MongoDB server or cluster.
    Mongodb(MongodbAddress),
}

/// What is needed to ask a service over HTTP.
///
/// It is asked directly: a proxy named in the environment is not used, because a proxy's own answer would look like the
/// service's.
pub struct HttpAddress {
    /// The whole address, with a query where one is needed. Without user and fragment.
    pub url: Url,
    /// Headers to send, e.g. `Authorization`. Their values are never shown.
    pub headers: Vec<(String, SecretString)>,
    /// Text that is looked for in the body.
    pub text: Option<String>,
    /// Certificates in PEM form to trust instead of this machine's; for `https` with a root of one's own.
    pub trusted_root_pem: Option<String>,
}

/// What is needed to ask a MongoDB server or cluster.
#[derive(Clone)]
pub struct MongodbAddress {
    /// The connection string. All of it is a secret.
    pub connection: SecretString,
    /// A file of certificates in PEM form to trust instead of the public ones; read at each question. Only for a connection
    /// string that asks for TLS.
    pub trusted_root: Option<PathBuf>,
}

/// Asks one endpoint.
#[derive(Debug)]
pub struct EndpointProbe {
    way: Way,
}

#[derive(Debug)]
enum Way {
    Http(Box<HttpWay>),
    Tcp(Place),
    Mongodb(Database),
}

#[derive(Debug)]
struct HttpWay {
    door: HttpDoor,
    /// The path, for messages.
    path: String,
    text: Option<String>,
}

/// Why an endpoint gave nothing to read.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing usable arrived.
    Silent(NoAnswer),
    /// Something arrived that is not an answer.
    Bad(BadAnswer),
    /// Another kind of program answers.
    Foreign {
        /// What it should speak.
        expected: &'static str,
        /// What was met.
        seen: String,
    },
    /// It showed a certificate that was good until it ended, then. Nothing was asked.
    CertificateEnded(Timestamp),
    /// Rebound could not ask.
    Unready(String),
}

impl EndpointAddress {
    /// The way that it is for.
    #[must_use]
    pub const fn way(&self) -> EndpointWay {
        match self {
            Self::Http(_) => EndpointWay::Http,
            Self::Tcp(_) => EndpointWay::Tcp,
            Self::Mongodb(_) => EndpointWay::Mongodb,
        }
    }
}

impl HttpAddress {
    /// A page that is asked without headers and trusted as this machine trusts.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self { url, headers: Vec::new(), text: None, trusted_root_pem: None }
    }
}

impl EndpointProbe {
    /// Prepares the question; asks nothing yet and needs no network.
    ///
    /// # Errors
    /// [`SetupError`] if the address, a header or the certificate cannot be used. A machine without any certificate is no
    /// error here: `https` then gives [`ProbeOutcome::NotAsked`] with what to do.
    pub fn new(address: EndpointAddress) -> Result<Self, SetupError> {
        let way = match address {
            EndpointAddress::Http(HttpAddress { url, headers, text, trusted_root_pem }) => {
                let trusted = trusted_root_pem.as_deref();
                let door = HttpDoor::try_new(Method::GET, &url, &headers, trusted, Dates::Kept)?;
                Way::Http(Box::new(HttpWay { door, path: short(url.path()), text }))
            }
            EndpointAddress::Tcp(address) => Way::Tcp(
                Place::parse(&address).ok_or_else(|| SetupError::Address { address: short(&address) })?,
            ),
            EndpointAddress::Mongodb(address) => Way::Mongodb(Database::try_new(address)?),
        };
        Ok(Self { way })
    }

    /// Asks once, within the time from `request.asked_at` to `request.deadline`.
    ///
    /// Never panics over what the other side sends; every failure is an outcome.
    pub async fn probe(&self, request: &ProbeRequest) -> ProbeOutcome {
        let Some(budget) = Budget::start(request) else {
            return ProbeOutcome::NotAsked("no time was left to ask".to_owned());
        };
        let read = async {
            match &self.way {
                Way::Http(way) => way.read(budget).await,
                Way::Tcp(place) => connected(place, budget).await,
                Way::Mongodb(database) => database.ask(budget).await.map(of_database),
            }
        };
        let late = || Err(Failure::Silent(NoAnswer::TimedOut(budget.main.ms)));
        match timeout_at(budget.main.until, Box::pin(read)).await.unwrap_or_else(|_| late()) {
            Ok(reading) => ProbeOutcome::Endpoint(reading),
            Err(failure) => failure.into(),
        }
    }
}

impl HttpWay {
    async fn read(&self, budget: Budget) -> Result<EndpointReading, Failure> {
        let mut answer = self.door.ask(budget).await?;
        let http_date = date_told(answer.date(), budget.main.passed());
        // Read to its end also where no text is looked for: who stops in the middle has not answered.
        let body = answer.body().await?;
        let text_found = match &self.text {
            // A packed body cannot be looked through, and nothing is known of the text.
            Some(text) if answer.is_plain() => {
                let found = String::from_utf8_lossy(&body.bytes).contains(text.as_str());
                if !found && !body.whole {
                    return Err(self.too_large());
                }
                Some(found)
            }
            Some(_) | None => None,
        };
        Ok(EndpointReading {
            status: Some(answer.status),
            text_found,
            certificate_ends: answer.certificate_ends,
            database: None,
            http_date,
        })
    }

    fn too_large(&self) -> Failure {
        let limit_bytes = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
        Failure::Bad(BadAnswer::TooLarge { path: self.path.clone(), limit_bytes })
    }
}

async fn connected(place: &Place, budget: Budget) -> Result<EndpointReading, Failure> {
    place.connect(budget.side).await.map(|_| EndpointReading::default()).map_err(Failure::Silent)
}

fn of_database(database: Option<DatabaseReading>) -> EndpointReading {
    EndpointReading { database, ..EndpointReading::default() }
}

impl MongodbAddress {
    /// A server that is trusted where a public authority vouches for it.
    #[must_use]
    pub const fn new(connection: SecretString) -> Self {
        Self { connection, trusted_root: None }
    }
}

impl fmt::Debug for MongodbAddress {
    /// Without the connection string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongodbAddress").field("trusted_root", &self.trusted_root).finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpAddress {
    /// Without headers and query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAddress").field("url", &public_url(&self.url)).finish_non_exhaustive()
    }
}

impl From<Failure> for ProbeOutcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent(why) => Self::NoAnswer(why),
            Failure::Bad(why) => Self::BadAnswer(why),
            Failure::Foreign { expected, seen } => Self::WrongService { expected: expected.to_owned(), seen },
            Failure::CertificateEnded(ends) => {
                Self::Endpoint(EndpointReading { certificate_ends: Some(ends), ..EndpointReading::default() })
            }
            Failure::Unready(why) => Self::NotAsked(why),
        }
    }
}
