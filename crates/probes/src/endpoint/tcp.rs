//! One connection to one place, and why there is none.
//!
//! Never sends a byte, and never goes through a proxy: what a proxy says of its own would look like the other side's word.

use std::io;
use std::net::SocketAddr;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use rebound::check::NoAnswer;
use reqwest::Url;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout_at};

use crate::limits::{ADDRESSES_MAX, HEAD_START, Wait};
use crate::told::short;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// A name or an address; an IPv6 address without brackets.
    host: String,
    port: u16,
}

impl Place {
    /// A place of which both parts are known.
    pub(crate) const fn new(host: String, port: u16) -> Self {
        Self { host, port }
    }

    /// `host:port`, with a port from 1; an IPv6 host in brackets.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let bracketed = bare.len() != host.len();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || (bracketed && c == ':');
        (!bare.is_empty() && bare.chars().all(plain)).then(|| Self::new(bare.to_owned(), port))
    }

    /// Where a URL leads; nothing without a host or a known port.
    pub(crate) fn of_url(url: &Url) -> Option<Self> {
        let host = match url.host()? {
            url::Host::Domain(name) => name.to_owned(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Ipv6(address) => address.to_string(),
        };
        (!host.is_empty()).then_some(Self::new(host, url.port_or_known_default()?))
    }

    /// The host alone.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Makes a connection.
    pub(crate) async fn connect(&self, wait: Wait) -> Result<TcpStream, NoAnswer> {
        let addresses = match timeout_at(wait.until, lookup_host((self.host.as_str(), self.port))).await {
            Ok(Ok(addresses)) => addresses.take(ADDRESSES_MAX).collect(),
            Ok(Err(error)) => return Err(unresolved(&error)),
            Err(_) => {
                return Err(NoAnswer::Other(format!(
                    "the host name could not be looked up within {} ms",
                    wait.ms
                )));
            }
        };
        match timeout_at(wait.until, first_of(addresses)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(not_connected(&error, wait)),
            Err(_) => Err(NoAnswer::Unreachable(wait.ms)),
        }
    }
}

/// The first connection that one of a host's addresses accepts. Each address has a head start over the next, so that one that
/// is silent does not hide the others.
async fn first_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(TcpStream::connect(address));
        }
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => failure = Some(error),
                None => {
                    let none = || io::Error::other("the host name has no address");
                    return Err(failure.unwrap_or_else(none));
                }
            },
            () = sleep(HEAD_START), if waiting.len() > 0 => {}
        }
    }
}

/// Why a connection was not made, while there was time to make it.
pub(crate) fn not_connected(error: &io::Error, wait: Wait) -> NoAnswer {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        NoAnswer::Refused
    } else if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable) {
        // The network itself gave up, earlier than we did.
        NoAnswer::Unreachable(wait.passed_ms())
    } else {
        NoAnswer::Other(short(&error.to_string()))
    }
}

/// Whether a connection that was made has ended before its time.
pub(crate) fn is_broken_off(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

/// A name that does not exist, or a resolver that cannot say just now: the second is no fact about the name.
fn unresolved(error: &io::Error) -> NoAnswer {
    let why = error.to_string();
    if why.contains("emporary failure") || why.contains("emporary error") {
        NoAnswer::Other("the host name could not be looked up for now".to_owned())
    } else {
        NoAnswer::NameUnknown
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;
    use rstest::rstest;

    use super::Place;

    #[rstest]
    #[case::a_name("db.example.com:27017", Some(("db.example.com", 27_017)))]
    #[case::v4("192.0.2.7:22", Some(("192.0.2.7", 22)))]
    #[case::v6("[2001:db8::1]:443", Some(("2001:db8::1", 443)))]
    #[case::v6_without_brackets("2001:db8::1:443", None)]
    #[case::no_port("example.com", None)]
    #[case::port_zero("example.com:0", None)]
    #[case::a_url("https://example.com:443", None)]
    #[case::a_user("me@example.com:22", None)]
    #[case::empty("", None)]
    fn a_place_is_a_host_and_a_port(#[case] text: &str, #[case] place: Option<(&str, u16)>) {
        assert_eq!(Place::parse(text), place.map(|(host, port)| Place::new(host.to_owned(), port)));
    }

    #[rstest]
    #[case::the_port_of_https("https://example.com/login", "example.com", 443)]
    #[case::the_port_of_http("http://example.com", "example.com", 80)]
    #[case::its_own_port("http://[2001:db8::1]:8000/", "2001:db8::1", 8_000)]
    fn a_url_leads_to_a_place(#[case] url: &str, #[case] host: &str, #[case] port: u16) {
        let url = Url::parse(url).unwrap();
        assert_eq!(Place::of_url(&url), Some(Place::new(host.to_owned(), port)));
    }
}
