//! `[[targets]]`: what is watched, and by which settings.
//!
//! Bridges and endpoints share one section; a key that belongs to the other kind is told, never ignored.

use std::collections::BTreeMap;
use std::path::Path;

use rebound::calendar::{Calendar, Zone};
use rebound::check::CheckId;
use rebound::ids::TargetId;
use rebound::target::{EndpointWay, Reach, TargetKind, TargetSpec, WatchSpec};
use rebound_probes::{AccountSource, Dialect};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::Problems;
use super::accounts::{self, AccountSection};
use super::accounts_from::{self, AccountsFromSection, ServerClock};
use super::calendars::Calendars;
use super::called::named;
use super::checks::{self, Askable, CheckSection};
use super::endpoint::{self, EndpointAddress, EndpointKeys, EndpointSettings};
use super::heal::{self, HealSection, Remedies, RemedySettings, Whom};
use super::kind::{Kind, KindWord};
use super::secret::{SecretSource, Secrets};
use super::span::{HOUR, SECOND, Span, within, written};
use super::thresholds::ThresholdsSection;
use super::value::ValueSection;
use super::{address, dialect, zone};

/// What core and adapters are told of one target.
#[derive(Debug)]
pub struct TargetSettings {
    /// For the core.
    pub spec: TargetSpec,
    /// For whoever asks it.
    pub asked: Asked,
    /// What its remedies do.
    pub remedies: Vec<RemedySettings>,
}

/// How a target is asked.
#[derive(Debug)]
pub enum Asked {
    /// A bridge.
    Bridge(Box<BridgeSettings>),
    /// An endpoint.
    Endpoint(EndpointSettings),
}

/// How a bridge is asked.
#[derive(Debug)]
pub struct BridgeSettings {
    /// Where it is.
    pub url: Url,
    /// How it speaks.
    pub dialect: Dialect,
    /// Its key.
    pub key: Option<SecretString>,
    /// The clock of its broker's server, for a dialect that tells times by it.
    pub server_time: Option<Zone>,
    /// Certificates in PEM form to trust instead of this machine's.
    pub trusted_root: Option<String>,
    /// Where its accounts are read from, if not from itself.
    pub accounts_from: Option<AccountSource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetSection {
    pub(crate) id: String,
    #[serde(default)]
    kind: KindWord,
    name: Option<String>,
    url: Option<String>,
    #[serde(default)]
    pub(crate) depends_on: Vec<String>,
    calendar: Option<String>,
    interval: Option<Span>,
    retry_every: Option<Span>,
    timeout: Option<Span>,
    trusted_root: Option<String>,
    // bridge
    dialect: Option<String>,
    key: Option<SecretSource>,
    server_time: Option<String>,
    accounts: Option<Vec<AccountSection>>,
    accounts_from: Option<AccountsFromSection>,
    // endpoint
    way: Option<EndpointWay>,
    address: Option<String>,
    connection: Option<SecretSource>,
    statuses: Option<Vec<u16>>,
    text: Option<String>,
    headers: Option<BTreeMap<String, ValueSection>>,
    latency_warning: Option<Span>,
    latency_good: Option<Span>,
    latency_critical: Option<Span>,
    certificate_warning: Option<Span>,
    #[serde(default)]
    thresholds: ThresholdsSection,
    #[serde(default)]
    checks: BTreeMap<CheckId, CheckSection>,
    #[serde(default)]
    heal: HealSection,
}

/// A target as it is told in problems.
pub(crate) fn at(index: usize, section: &TargetSection) -> String {
    format!("targets[{index}] \"{}\"", section.id)
}

pub(crate) fn check(
    index: usize,
    section: TargetSection,
    calendars: &Calendars,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<TargetSettings> {
    let at = at(index, &section);
    let id = TargetId::try_new(&section.id).map_err(|error| {
        let help = "Choose a short name in small letters, e.g. \"mt5\".";
        problems.add(&format!("{at}: id"), &error.to_string(), help);
    });
    let kind = Kind::of(&at, section.kind, section.way, likely_way(&section), problems)?;
    misplaced(&at, kind, &section, problems);
    let asked = asked(&at, kind, &section, secrets, problems);
    let watch = watch(&at, &section, problems);
    let calendar = section.calendar.as_deref();
    let calendar = calendar.and_then(|name| calendars.find(&format!("{at}: calendar"), name, problems));
    let thresholds = section.thresholds.check(&at, problems);
    let accounts = section.accounts.as_deref().unwrap_or_default();
    let accounts = accounts::check(&at, accounts, calendars, problems);
    let mut askable = askable(kind, asked.as_ref());
    if accounts.is_empty() {
        // Whose data they are cannot be told where nothing says whose they should be.
        askable.if_named.push(CheckId::AccountIdentity);
    }
    let checks = checks::check(&at, &kind.words(), &askable, &section.checks, problems);
    let url = asked.as_ref().and_then(ReadyToAsk::url);
    let whom = match kind {
        Kind::Bridge => Whom::Bridge(url, &accounts),
        Kind::Endpoint(_) => Whom::Endpoint(url),
    };
    let Remedies { policy, settings: remedies } = heal::check(&at, section.heal, whom, secrets, problems);
    let depends_on: Result<Vec<TargetId>, _> =
        section.depends_on.iter().map(|name| TargetId::try_new(name)).collect();
    let (id, depends_on, asked) = (id.ok()?, depends_on.ok()?, asked?);
    let spec = TargetSpec {
        name: section
            .name
            .map_or_else(|| id.to_string(), |name| named(&format!("{at}: name"), name, problems)),
        id,
        kind: asked.kind,
        depends_on,
        calendar: calendar.unwrap_or_else(Calendar::always),
        watch,
        reach: asked.reach,
        accounts,
        checks,
        thresholds,
        heal: policy,
    };
    Some(TargetSettings { spec, asked: asked.by, remedies })
}

/// How an endpoint that does not say so is probably asked.
fn likely_way(section: &TargetSection) -> Option<EndpointWay> {
    let told = [
        (EndpointWay::Http, section.url.is_some()),
        (EndpointWay::Tcp, section.address.is_some()),
        (EndpointWay::Mongodb, section.connection.is_some()),
    ];
    told.into_iter().find_map(|(way, given)| given.then_some(way))
}

/// Tells keys that another kind of target has.
fn misplaced(at: &str, kind: Kind, section: &TargetSection, problems: &mut Problems) {
    use EndpointWay::{Http, Mongodb, Tcp};
    const BRIDGE: &[Kind] = &[Kind::Bridge];
    const ENDPOINT: &[Kind] = &[Kind::Endpoint(Http), Kind::Endpoint(Tcp), Kind::Endpoint(Mongodb)];
    const HTTP: &[Kind] = &[Kind::Endpoint(Http)];
    const WEB: &[Kind] = &[Kind::Bridge, Kind::Endpoint(Http)];
    const TLS: &[Kind] = &[Kind::Bridge, Kind::Endpoint(Http), Kind::Endpoint(Mongodb)];
    let keys: [(&str, bool, &[Kind]); 17] = [
        ("url", section.url.is_some(), WEB),
        ("trusted_root", section.trusted_root.is_some(), TLS),
        ("dialect", section.dialect.is_some(), BRIDGE),
        ("key", section.key.is_some(), BRIDGE),
        ("server_time", section.server_time.is_some(), BRIDGE),
        ("accounts", section.accounts.is_some(), BRIDGE),
        ("accounts_from", section.accounts_from.is_some(), BRIDGE),
        ("way", section.way.is_some(), ENDPOINT),
        ("address", section.address.is_some(), &[Kind::Endpoint(Tcp)]),
        ("connection", section.connection.is_some(), &[Kind::Endpoint(Mongodb)]),
        ("statuses", section.statuses.is_some(), HTTP),
        ("text", section.text.is_some(), HTTP),
        ("headers", section.headers.is_some(), HTTP),
        ("latency_warning", section.latency_warning.is_some(), ENDPOINT),
        ("latency_good", section.latency_good.is_some(), ENDPOINT),
        ("latency_critical", section.latency_critical.is_some(), ENDPOINT),
        ("certificate_warning", section.certificate_warning.is_some(), HTTP),
    ];
    for (key, _, owners) in keys.iter().filter(|(_, given, owners)| *given && !owners.contains(&kind)) {
        kind.tell(&format!("{at}: {key}"), owners, problems);
    }
    if kind != Kind::Bridge {
        for key in section.thresholds.of_bridges() {
            kind.tell(&format!("{at}: thresholds.{key}"), BRIDGE, problems);
        }
    }
}

/// What is known of how a target is asked.
struct ReadyToAsk {
    kind: TargetKind,
    reach: Reach,
    by: Asked,
}

impl ReadyToAsk {
    /// Its address, where it is asked over HTTP.
    fn url(&self) -> Option<&Url> {
        match &self.by {
            Asked::Bridge(bridge) => Some(&bridge.url),
            Asked::Endpoint(endpoint) => match &endpoint.address {
                EndpointAddress::Http(url) => Some(url),
                EndpointAddress::Tcp(_) | EndpointAddress::Mongodb(..) => None,
            },
        }
    }
}

fn asked(
    at: &str,
    kind: Kind,
    section: &TargetSection,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<ReadyToAsk> {
    let way = match kind {
        Kind::Bridge => return bridge(at, section, secrets, problems),
        Kind::Endpoint(way) => way,
    };
    let keys = EndpointKeys {
        url: section.url.as_deref(),
        address: section.address.as_deref(),
        connection: section.connection.as_ref(),
        statuses: section.statuses.as_deref(),
        text: section.text.as_deref(),
        latency_warning: section.latency_warning,
        latency_good: section.latency_good,
        latency_critical: section.latency_critical,
        certificate_warning: section.certificate_warning,
        headers: section.headers.as_ref(),
        trusted_root: section.trusted_root.as_deref(),
    };
    let endpoint = endpoint::check(at, way, &keys, secrets, problems)?;
    Some(ReadyToAsk {
        kind: TargetKind::Endpoint(endpoint.spec),
        reach: endpoint.reach,
        by: Asked::Endpoint(endpoint.settings),
    })
}

fn bridge(
    at: &str,
    section: &TargetSection,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<ReadyToAsk> {
    let url = match &section.url {
        Some(text) => address::http_url(&format!("{at}: url"), text, problems),
        None => {
            let help = "Give the address of the bridge, e.g. \"http://127.0.0.1:8000\".";
            problems.add(&format!("{at}: url"), "is missing", help);
            None
        }
    };
    let folder: &Path = secrets.folder;
    let dialect = dialect::check(&format!("{at}: dialect"), section.dialect.as_deref(), folder, problems);
    let key = section.key.as_ref().and_then(|source| secrets.read(&format!("{at}: key"), source, problems));
    let server_time = section.server_time.as_deref();
    let server_time = server_time.and_then(|text| zone::check(&format!("{at}: server_time"), text, problems));
    let root = section.trusted_root.as_deref();
    let trusted_root =
        root.and_then(|path| secrets.read_certificates(&format!("{at}: trusted_root"), path, problems));
    let clock = match (&section.server_time, dialect.as_ref().and_then(Dialect::server_time)) {
        (None, None) => ServerClock::NotKnown,
        (Some(_), _) | (None, Some(_)) => ServerClock::Known,
    };
    let source = section.accounts_from.as_ref();
    let accounts_from = source.map(|source| accounts_from::check(at, source, clock, secrets, problems));
    let (url, dialect) = (url?, dialect?);
    let accounts_from = accounts_from.flatten();
    let reach = address::reach(url.host_str().unwrap_or_default());
    let settings = BridgeSettings { url, dialect, key, server_time, trusted_root, accounts_from };
    Some(ReadyToAsk { kind: TargetKind::Bridge, reach, by: Asked::Bridge(Box::new(settings)) })
}

fn askable(kind: Kind, asked: Option<&ReadyToAsk>) -> Askable {
    let mut askable = Askable { all: kind.checks(), if_named: Vec::new(), never: None };
    match asked.map(|asked| &asked.by) {
        Some(Asked::Bridge(bridge)) => askable.if_named = checks::never_told(bridge),
        Some(Asked::Endpoint(EndpointSettings { address: EndpointAddress::Http(url), .. }))
            if url.scheme() == "http" =>
        {
            askable.never = Some((CheckId::EndpointCertificate, "cannot be asked: the url is http"));
        }
        Some(Asked::Endpoint(_)) | None => {}
    }
    askable
}

fn watch(at: &str, section: &TargetSection, problems: &mut Problems) -> WatchSpec {
    let default = WatchSpec::default();
    let key = |name: &str| format!("{at}: {name}");
    let (interval, retry_every, timeout) = (section.interval, section.retry_every, section.timeout);
    let watch = WatchSpec {
        interval: within(&key("interval"), interval, default.interval, SECOND, HOUR, problems),
        retry_every: within(
            &key("retry_every"),
            retry_every,
            default.retry_every,
            SECOND,
            SECOND * 600,
            problems,
        ),
        timeout: within(&key("timeout"), timeout, default.timeout, SECOND / 10, SECOND * 60, problems),
    };
    if watch.timeout > watch.interval {
        let what = format!(
            "interval = \"{}\" is shorter than timeout = \"{}\"",
            written(watch.interval),
            written(watch.timeout)
        );
        problems.add(at, &what, "Make the interval longer, or lower the timeout.");
    }
    watch
}
