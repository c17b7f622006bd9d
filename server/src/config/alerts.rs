//! `[alerts]`: who is told what, and how often.

use std::time::Duration;

use rebound::alert::{AlertPolicy, ChannelSpec};
use rebound::incident::Severity;
use secrecy::SecretString;
use serde::Deserialize;

use super::Problems;
use super::called::called;
use super::secret::{SecretSource, Secrets};
use super::span::{Span, within};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsSection {
    site: Option<String>,
    cooldown: Option<Span>,
    repeat_every: Option<Span>,
    email: Option<EmailSection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmailSection {
    host: String,
    port: Option<u16>,
    security: Option<Security>,
    username: Option<String>,
    password: Option<SecretSource>,
    from: String,
    to: Vec<String>,
    severities: Option<Vec<Severity>>,
    recoveries: Option<bool>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain at first, then encrypted; refused if the server cannot.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
    /// Never encrypted; for a mail server on the same machine.
    Plain,
}

/// How e-mail goes out.
#[derive(Debug)]
#[expect(missing_docs, reason = "named as the keys of docs/CONFIG.md")]
pub struct Email {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    pub from: String,
    pub to: Vec<String>,
}

pub(crate) fn check(
    section: AlertsSection,
    link_base: Option<String>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> (AlertPolicy, Option<Email>) {
    let default = AlertPolicy::default();
    let (minute, day) = (Duration::from_secs(60), Duration::from_secs(24 * 3_600));
    let mut policy = AlertPolicy {
        channels: Vec::new(),
        cooldown: within("alerts.cooldown", section.cooldown, default.cooldown, minute, day, problems),
        repeat_every: within(
            "alerts.repeat_every",
            section.repeat_every,
            default.repeat_every,
            minute,
            day,
            problems,
        ),
        site: section.site.map_or(default.site, |site| called("alerts.site", site, problems)),
        link_base,
    };
    let email = section.email.map(|email| {
        policy.channels.push(ChannelSpec {
            name: "email".to_owned(),
            severities: email
                .severities
                .clone()
                .unwrap_or_else(|| vec![Severity::Warning, Severity::Critical]),
            recoveries: email.recoveries.unwrap_or(true),
        });
        check_email(email, secrets, problems)
    });
    (policy, email)
}

fn check_email(section: EmailSection, secrets: &mut Secrets<'_>, problems: &mut Problems) -> Email {
    if section.to.is_empty() {
        problems.add(
            "alerts.email.to",
            "is empty",
            "Name at least one address; two people are better than one.",
        );
    }
    if section.username.is_some() != section.password.is_some() {
        problems.add("alerts.email", "has a username or a password, but not both", "Give both or none.");
    }
    let security = section.security.unwrap_or(Security::StartTls);
    let port = section.port.unwrap_or(match security {
        Security::StartTls => 587,
        Security::Tls => 465,
        Security::Plain => 25,
    });
    Email {
        host: section.host,
        port,
        security,
        username: section.username,
        password: section
            .password
            .and_then(|source| secrets.read("alerts.email.password", &source, problems)),
        from: section.from,
        to: section.to,
    }
}
