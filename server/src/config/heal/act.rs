//! What a remedy does, with everything it needs.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{RemedySection, Whom};
use crate::config::Problems;
use crate::config::address::http_url;
use crate::config::secret::Secrets;
use crate::config::span::{HOUR, SECOND, within};
use crate::config::value::{SecretOrPlain, values};

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
        /// Where the token stands, for people.
        token_place: String,
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

pub(super) fn http_call(
    at: &str,
    section: RemedySection,
    whom: Whom<'_>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<Act> {
    let Some(text) = section.url else {
        problems.add(
            &format!("{at}: url"),
            "is missing",
            "Give an address, or a path such as \"/api/admin/emergency-restart\", which stands below the url of the bridge.",
        );
        return None;
    };
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let url = match whom.url().filter(|_| is_path) {
        Some(target) => below(target, whom, &text),
        None => http_url(&format!("{at}: url"), &text, problems),
    }?;
    let query = values(&format!("{at}: query"), &section.query, secrets, problems);
    let headers = values(&format!("{at}: headers"), &section.headers, secrets, problems);
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

/// The address of a path on the target. The url of a bridge is where all of its paths begin, also where a proxy gives it a path
/// of its own; the url of an endpoint is the one page that is asked, and says nothing of where others are.
fn below(target: &Url, whom: Whom<'_>, path: &str) -> Option<Url> {
    match whom {
        Whom::Bridge(..) => Url::parse(&format!("{}{path}", target.as_str().trim_end_matches('/'))).ok(),
        Whom::Endpoint(_) => target.join(path).ok(),
    }
}

pub(super) fn github(
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
    let token_place = section.token.as_ref().map(ToString::to_string).unwrap_or_default();
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
    let api_url = http_url(&format!("{at}: api_url"), api_url, problems);
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
        token_place,
        mode: mode?,
        find_run_within: find,
        poll_every: poll,
    })
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
