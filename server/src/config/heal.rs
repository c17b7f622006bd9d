//! `[targets.heal]`: what may be done about trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::heal::{ActionKind, HealBudget, HealPolicy, Remedy, Rung};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::Problems;
use super::secret::{SecretSource, Secrets};
use super::span::{Span, within};

/// What one remedy does.
#[derive(Debug)]
pub struct RemedySettings {
    /// Its name.
    pub name: String,
    /// The act.
    pub act: Act,
}

/// An act with everything it needs.
#[derive(Debug)]
pub enum Act {
    /// An HTTP request.
    HttpCall(HttpCallSettings),
    /// A GitHub workflow.
    GithubDispatch {
        /// Address of the API.
        api_url: Url,
        /// Owner of the repository.
        owner: String,
        /// Its name.
        repo: String,
        /// The token.
        token: SecretString,
        /// How the workflow is started.
        mode: GithubMode,
        /// Longest time from the dispatch to its run.
        find_run_within: Duration,
        /// From one look at the run to the next.
        poll_every: Duration,
    },
}

/// An HTTP request.
#[derive(Debug)]
#[expect(missing_docs, reason = "named as the keys of docs/CONFIG.md")]
pub struct HttpCallSettings {
    pub method: String,
    pub url: Url,
    pub query: Vec<(String, SecretOrPlain)>,
    pub headers: Vec<(String, SecretOrPlain)>,
    pub body: Option<serde_json::Value>,
    pub expect_status: Vec<u16>,
    pub expect_json: Option<(String, serde_json::Value)>,
}

/// A value that may be secret.
#[derive(Debug)]
pub enum SecretOrPlain {
    /// Not secret.
    Plain(String),
    /// Secret.
    Secret(SecretString),
}

/// How a workflow is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GithubMode {
    /// `repository_dispatch` with this event type.
    Event(String),
    /// `workflow_dispatch` of this file at this branch or tag.
    Workflow {
        /// File name below `.github/workflows`.
        file: String,
        /// Branch or tag.
        git_ref: String,
        /// Inputs of the workflow; `{correlation_id}`, `{reason}` and `{timestamp}` in their values are filled in.
        inputs: BTreeMap<String, String>,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealSection {
    cooldown: Option<Span>,
    per_hour_max: Option<u32>,
    attempts_max: Option<u32>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    remedies: Vec<RemedySection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedySection {
    name: String,
    rung: Rung,
    kind: ActionKind,
    through_bridge: Option<bool>,
    timeout: Option<Span>,
    verify_after: Option<Span>,
    verify_within: Option<Span>,
    // http_call
    method: Option<String>,
    url: Option<String>,
    #[serde(default)]
    query: BTreeMap<String, ValueSection>,
    #[serde(default)]
    headers: BTreeMap<String, ValueSection>,
    body: Option<toml::Value>,
    expect: Option<ExpectSection>,
    // github_dispatch
    api_url: Option<String>,
    owner: Option<String>,
    repo: Option<String>,
    token: Option<SecretSource>,
    event_type: Option<String>,
    workflow: Option<String>,
    git_ref: Option<String>,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    find_run_within: Option<Span>,
    poll_every: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectSection {
    #[serde(default)]
    status: Vec<u16>,
    json: Option<ExpectJson>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectJson {
    path: String,
    equals: toml::Value,
}

/// Plain text, or a table that says where the secret is.
#[derive(Debug)]
enum ValueSection {
    Plain(String),
    Secret(SecretSource),
}

impl<'de> Deserialize<'de> for ValueSection {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        match value {
            toml::Value::String(text) => Ok(Self::Plain(text)),
            toml::Value::Table(_) => {
                SecretSource::deserialize(value).map(Self::Secret).map_err(serde::de::Error::custom)
            }
            toml::Value::Integer(number) => Ok(Self::Plain(number.to_string())),
            toml::Value::Boolean(flag) => Ok(Self::Plain(flag.to_string())),
            toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) => {
                Err(serde::de::Error::custom("write a text, { env = \"NAME\" } or { file = \"path\" }"))
            }
        }
    }
}

/// What was read of `[targets.heal]`.
pub(crate) struct Remedies {
    pub(crate) policy: HealPolicy,
    pub(crate) settings: Vec<RemedySettings>,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// Most heals an hour, and attempts an incident, that may be allowed.
const HEALS_MAX: u32 = 60;

pub(crate) fn check(
    at: &str,
    section: HealSection,
    bridge: Option<&Url>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Remedies {
    let default = HealBudget::default();
    let budget = HealBudget {
        cooldown: within(
            &format!("{at}: heal.cooldown"),
            section.cooldown,
            default.cooldown,
            Duration::ZERO,
            HOUR * 24,
            problems,
        ),
        per_hour_max: count(
            &format!("{at}: heal.per_hour_max"),
            section.per_hour_max,
            default.per_hour_max,
            problems,
        ),
        attempts_max: count(
            &format!("{at}: heal.attempts_max"),
            section.attempts_max,
            default.attempts_max,
            problems,
        ),
    };
    let mut remedies = Remedies {
        policy: HealPolicy { ladder: Vec::new(), budget, dry_run: section.dry_run },
        settings: Vec::new(),
    };
    for remedy in section.remedies {
        let at = format!("{at}: remedy \"{}\"", remedy.name);
        if remedies.policy.ladder.iter().any(|known| known.name == remedy.name) {
            problems.add(&at, "the name is used twice", "Give each remedy of a target a name of its own.");
        }
        if let Some((ladder, settings)) = check_remedy(&at, remedy, bridge, secrets, problems) {
            remedies.policy.ladder.push(ladder);
            remedies.settings.push(settings);
        }
    }
    // Mildest first, whatever the order of the file; the order of equals stays.
    remedies.policy.ladder.sort_by_key(|remedy| remedy.rung);
    remedies
}

fn check_remedy(
    at: &str,
    section: RemedySection,
    bridge: Option<&Url>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<(Remedy, RemedySettings)> {
    let (timeout_default, verify_default) = match section.kind {
        ActionKind::HttpCall => (SECOND * 60, SECOND * 300),
        ActionKind::GithubDispatch => (SECOND * 900, SECOND * 300),
    };
    let key = |name: &str| format!("{at}: {name}");
    let timeout = within(&key("timeout"), section.timeout, timeout_default, SECOND, HOUR, problems);
    let verify_after =
        within(&key("verify_after"), section.verify_after, SECOND * 30, Duration::ZERO, HOUR, problems);
    let verify_within =
        within(&key("verify_within"), section.verify_within, verify_default, SECOND * 5, HOUR * 2, problems);
    if verify_within <= verify_after {
        problems.add(
            &key("verify_within"),
            "is not longer than verify_after",
            "Leave time for at least two looks.",
        );
    }
    let (name, rung, kind, asked) =
        (section.name.clone(), section.rung, section.kind, section.through_bridge);
    let act = match kind {
        ActionKind::HttpCall => http_call(at, section, bridge, secrets, problems)?,
        ActionKind::GithubDispatch => github(at, section, secrets, problems)?,
    };
    let same_host = match (&act, bridge) {
        (Act::HttpCall(call), Some(bridge)) => {
            call.url.host_str() == bridge.host_str()
                && call.url.port_or_known_default() == bridge.port_or_known_default()
        }
        (Act::HttpCall(_), None) | (Act::GithubDispatch { .. }, _) => false,
    };
    let through_bridge = asked.unwrap_or(same_host);
    let remedy = Remedy {
        name: name.clone(),
        rung,
        action: kind,
        through_bridge,
        timeout,
        verify_within,
        verify_after,
    };
    Some((remedy, RemedySettings { name, act }))
}

fn http_call(
    at: &str,
    section: RemedySection,
    bridge: Option<&Url>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<Act> {
    let Some(text) = section.url else {
        problems.add(
            &format!("{at}: url"),
            "is missing",
            "Give an address, or a path such as \"/api/admin/emergency-restart\" on the bridge.",
        );
        return None;
    };
    let url = match bridge {
        Some(bridge) if text.starts_with('/') => bridge.join(&text).ok(),
        Some(_) | None => super::parse_url(&format!("{at}: url"), &text, problems),
    }?;
    let mut values = |part: &str, map: BTreeMap<String, ValueSection>| {
        let mut read = Vec::new();
        for (name, value) in map {
            let key = format!("{at}: {part}.{name}");
            match value {
                ValueSection::Plain(text) => read.push((name, SecretOrPlain::Plain(text))),
                ValueSection::Secret(source) => {
                    if let Some(secret) = secrets.read(&key, &source, problems) {
                        read.push((name, SecretOrPlain::Secret(secret)));
                    }
                }
            }
        }
        read
    };
    let query = values("query", section.query);
    let headers = values("headers", section.headers);
    let expect = section.expect.unwrap_or_default();
    Some(Act::HttpCall(HttpCallSettings {
        method: section.method.unwrap_or_else(|| "POST".to_owned()),
        url,
        query,
        headers,
        body: section.body.map(json),
        expect_status: expect.status,
        expect_json: expect.json.map(|field| (field.path, json(field.equals))),
    }))
}

fn github(
    at: &str,
    section: RemedySection,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<Act> {
    let mut need = |name: &str, value: Option<String>| {
        if value.is_none() {
            problems.add(
                &format!("{at}: {name}"),
                "is missing",
                "A GitHub remedy needs owner, repo and token.",
            );
        }
        value
    };
    let owner = need("owner", section.owner);
    let repo = need("repo", section.repo);
    let token = match &section.token {
        Some(source) => secrets.read(&format!("{at}: token"), source, problems),
        None => {
            problems.add(
                &format!("{at}: token"),
                "is missing",
                "Write token = { env = \"REBOUND_GITHUB_TOKEN\" }.",
            );
            None
        }
    };
    let mode = match (section.event_type, section.workflow) {
        (Some(event), None) => Some(GithubMode::Event(event)),
        (None, Some(file)) => Some(GithubMode::Workflow {
            file,
            git_ref: section.git_ref.unwrap_or_else(|| "main".to_owned()),
            inputs: section.inputs,
        }),
        (Some(_), Some(_)) | (None, None) => {
            let help = "Give workflow (a file; its run is known at once) or event_type, not both.";
            problems.add(at, "does not say which workflow", help);
            None
        }
    };
    let api_url = section.api_url.as_deref().unwrap_or("https://api.github.com");
    let api_url = super::parse_url(&format!("{at}: api_url"), api_url, problems);
    let find = within(
        &format!("{at}: find_run_within"),
        section.find_run_within,
        SECOND * 120,
        SECOND,
        HOUR,
        problems,
    );
    let poll = within(
        &format!("{at}: poll_every"),
        section.poll_every,
        SECOND * 5,
        SECOND / 10,
        SECOND * 300,
        problems,
    );
    Some(Act::GithubDispatch {
        api_url: api_url?,
        owner: owner?,
        repo: repo?,
        token: token?,
        mode: mode?,
        find_run_within: find,
        poll_every: poll,
    })
}

fn count(key: &str, value: Option<u32>, default: u32, problems: &mut Problems) -> u32 {
    let value = value.unwrap_or(default);
    if value == 0 || value > HEALS_MAX {
        let help = "To heal nothing by itself, leave the remedies out or set dry_run = true.";
        problems.add(key, &format!("= {value} is outside of 1 to {HEALS_MAX}"), help);
    }
    value
}

fn json(value: toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => serde_json::Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}
