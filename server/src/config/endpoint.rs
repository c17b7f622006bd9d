//! A target with `kind = "endpoint"`: how it is asked, and what is expected of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rebound::target::{EndpointSpec, EndpointWay, Reach};
use secrecy::SecretString;
use url::Url;

use super::Problems;
use super::address;
use super::secret::{SecretSource, Secrets};
use super::span::{DAY, HOUR, Span, within, written};
use super::value::{SecretOrPlain, ValueSection, values};

/// How an endpoint is reached.
#[derive(Debug)]
pub struct EndpointSettings {
    /// Where it is.
    pub address: EndpointAddress,
    /// Headers that go with a question over HTTP.
    pub headers: Vec<(String, SecretOrPlain)>,
    /// Certificates in PEM form to trust instead of this machine's, for what is asked over HTTP.
    pub trusted_root: Option<String>,
}

/// Where an endpoint is.
#[derive(Debug)]
pub enum EndpointAddress {
    /// An http or https address.
    Http(Url),
    /// `host:port`.
    Tcp(String),
    /// A MongoDB connection string, and a file of certificates to trust instead of the public ones.
    Mongodb(SecretString, Option<PathBuf>),
}

/// The keys of a target that only endpoints have.
#[derive(Debug, Default)]
pub(crate) struct EndpointKeys<'a> {
    pub(crate) url: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) connection: Option<&'a SecretSource>,
    pub(crate) statuses: Option<&'a [u16]>,
    pub(crate) text: Option<&'a str>,
    pub(crate) latency_warning: Option<Span>,
    pub(crate) latency_good: Option<Span>,
    pub(crate) latency_critical: Option<Span>,
    pub(crate) certificate_warning: Option<Span>,
    pub(crate) headers: Option<&'a BTreeMap<String, ValueSection>>,
    pub(crate) trusted_root: Option<&'a str>,
}

/// An endpoint as core and adapters are told of it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) spec: EndpointSpec,
    pub(crate) settings: EndpointSettings,
    pub(crate) reach: Reach,
}

/// Most statuses that may be called good.
const STATUSES_MAX: usize = 50;
/// Most headers that are sent.
const HEADERS_MAX: usize = 20;
/// Longest text that is looked for.
const TEXT_MAX: usize = 200;
/// Longest answer that is still waited for, as of `timeout`.
const LATENCY_MAX: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Checks the keys of an endpoint that is asked in the given way. Keys of other ways were told already.
pub(crate) fn check(
    at: &str,
    way: EndpointWay,
    keys: &EndpointKeys<'_>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<Endpoint> {
    let place = match way {
        EndpointWay::Http => http(at, keys, problems),
        EndpointWay::Tcp => tcp(at, keys, problems),
        EndpointWay::Mongodb => mongodb(at, keys, secrets, problems),
    };
    let spec = spec(at, way, keys, problems);
    let headers = keys.headers.map(|headers| {
        if headers.len() > HEADERS_MAX {
            let what = format!("has {} entries, at most {HEADERS_MAX} are sent", headers.len());
            problems.add(&format!("{at}: headers"), &what, "Leave out some.");
        }
        values(&format!("{at}: headers"), headers, secrets, problems)
    });
    let root = keys
        .trusted_root
        .and_then(|path| secrets.read_certificates(&format!("{at}: trusted_root"), path, problems));
    let (address, reach) = place?;
    if let EndpointAddress::Http(url) = &address
        && url.scheme() == "http"
    {
        no_certificate(at, keys, problems);
    }
    let settings = EndpointSettings { address, headers: headers.unwrap_or_default(), trusted_root: root };
    Some(Endpoint { spec, settings, reach })
}

fn http(at: &str, keys: &EndpointKeys<'_>, problems: &mut Problems) -> Option<(EndpointAddress, Reach)> {
    let key = format!("{at}: url");
    let Some(text) = keys.url else {
        let help = "Give the address that is asked, e.g. \"https://example.com/health\".";
        problems.add(&key, "is missing", help);
        return None;
    };
    let url = address::http_url(&key, text, problems)?;
    let reach = address::reach(url.host_str().unwrap_or_default());
    Some((EndpointAddress::Http(url), reach))
}

fn tcp(at: &str, keys: &EndpointKeys<'_>, problems: &mut Problems) -> Option<(EndpointAddress, Reach)> {
    let (key, help) = (format!("{at}: address"), "Write it as \"example.com:5432\".");
    let Some(text) = keys.address else {
        problems.add(&key, "is missing", help);
        return None;
    };
    let Some(host) = address::host_of(text) else {
        problems.add(&key, &format!("= \"{text}\" is not host:port"), help);
        return None;
    };
    Some((EndpointAddress::Tcp(text.to_owned()), address::reach(host)))
}

fn mongodb(
    at: &str,
    keys: &EndpointKeys<'_>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<(EndpointAddress, Reach)> {
    let key = format!("{at}: connection");
    let Some(source) = keys.connection else {
        let help = "Say where the connection string is: connection = { env = \"MONGO_URL\" }.";
        problems.add(&key, "is missing", help);
        return None;
    };
    let connection = secrets.read(&key, source, problems)?;
    let Some(hosts) = address::mongodb_hosts(&connection) else {
        let help = "It begins with mongodb:// or mongodb+srv:// and names at least one host.";
        problems.add(&key, "holds no MongoDB connection string", help);
        return None;
    };
    let reach = address::mongodb_reach(&hosts);
    let root = keys.trusted_root.map(|path| secrets.folder.join(path));
    Some((EndpointAddress::Mongodb(connection, root), reach))
}

fn spec(at: &str, way: EndpointWay, keys: &EndpointKeys<'_>, problems: &mut Problems) -> EndpointSpec {
    let default = EndpointSpec::new(way);
    let key = |name: &str| format!("{at}: {name}");
    let mut latency = |name: &str, given: Option<Span>, default: Duration| {
        within(&key(name), given, default, MILLISECOND, LATENCY_MAX, problems)
    };
    // Where only some are given, the others keep the proportion of the defaults.
    let latency_warning = latency("latency_warning", keys.latency_warning, default.latency_warning);
    let latency_good = latency("latency_good", keys.latency_good, latency_warning * 3 / 4);
    let latency_critical = latency("latency_critical", keys.latency_critical, latency_warning * 2);
    if latency_good > latency_warning || latency_warning > latency_critical {
        let what = format!(
            "latency_good = \"{}\", latency_warning = \"{}\" and latency_critical = \"{}\" do not ascend",
            written(latency_good),
            written(latency_warning),
            written(latency_critical)
        );
        problems.add(at, &what, "Make each at least as long as the one before it.");
    }
    let warning = keys.certificate_warning;
    let warning =
        within(&key("certificate_warning"), warning, default.certificate_warning, HOUR, DAY * 365, problems);
    EndpointSpec {
        way,
        statuses: statuses(&key("statuses"), keys.statuses, problems),
        text: keys.text.map(|text| checked_text(&key("text"), text, problems)),
        latency_warning,
        latency_good,
        latency_critical,
        certificate_warning: warning,
    }
}

fn statuses(key: &str, given: Option<&[u16]>, problems: &mut Problems) -> Vec<u16> {
    let given = given.unwrap_or_default();
    if given.len() > STATUSES_MAX {
        let what = format!("has {} entries, at most {STATUSES_MAX} are read", given.len());
        problems.add(key, &what, "Name those that are good; left out, 200 to 299 are.");
    }
    for status in given {
        let help = "Name statuses of a good answer, e.g. [200, 204].";
        if !(200..=599).contains(status) {
            problems.add(key, &format!("= {status} is outside of 200 to 599"), help);
        } else if (300..=399).contains(status) {
            problems.add(key, &format!("= {status} sends elsewhere, which is never followed"), help);
        }
    }
    given.to_vec()
}

fn checked_text(key: &str, text: &str, problems: &mut Problems) -> String {
    let length = text.chars().count();
    if text.is_empty() || length > TEXT_MAX {
        let what = format!("has {length} characters, outside of 1 to {TEXT_MAX}");
        problems.add(key, &what, "Choose a short text that only a good answer has.");
    }
    text.to_owned()
}

/// What is said of certificates has no use where there is none.
fn no_certificate(at: &str, keys: &EndpointKeys<'_>, problems: &mut Problems) {
    let given = [
        ("certificate_warning", keys.certificate_warning.is_some()),
        ("trusted_root", keys.trusted_root.is_some()),
    ];
    for (name, _) in given.iter().filter(|(_, given)| *given) {
        let what = "has no use: the url is http, which has no certificate";
        problems.add(&format!("{at}: {name}"), what, "Leave it out, or write the url with https.");
    }
}
