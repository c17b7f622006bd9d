//! An alert as an e-mail: subject, text, HTML and the headers that keep an incident's messages together.
//!
//! Adds nothing to what the alert says and sends nothing.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use rebound::alert::{Alert, AlertReason};
use rebound::incident::Severity;
use rebound::time::Timestamp;

use crate::text::one_line;

/// Most characters of a title within a subject.
const TITLE_CHARS_MAX: usize = 150;

/// Most characters of any other text.
const TEXT_CHARS_MAX: usize = 1_000;

/// Most facts that are shown.
const FACTS_MAX: usize = 40;

/// Most steps a template may take; the built-in ones need less than 2,000 for [`FACTS_MAX`] facts.
const FUEL: u64 = 50_000;

const TEXT_TEMPLATE: &str = "alert.txt";
const HTML_TEMPLATE: &str = "alert.html";

/// What all messages of a Rebound have in common.
#[derive(Clone, Debug)]
pub(crate) struct Letterhead {
    pub(crate) subject_prefix: String,
    pub(crate) site: String,
}

/// From whom, to whom and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a Mailbox,
    pub(crate) to: &'a [Mailbox],
    pub(crate) at: Timestamp,
}

/// The forms of messages.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    pub(crate) fn try_new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        // Names that end in .html are escaped.
        environment.add_template(TEXT_TEMPLATE, include_str!("../templates/alert.txt"))?;
        environment.add_template(HTML_TEMPLATE, include_str!("../templates/alert.html"))?;
        Ok(Self { environment })
    }

    /// The whole message. An error is a sentence.
    pub(crate) fn write(
        &self,
        alert: &Alert,
        letterhead: &Letterhead,
        envelope: &Envelope<'_>,
    ) -> Result<Message, String> {
        let filled = fill(alert, letterhead);
        let text = self.render(TEXT_TEMPLATE, &filled)?;
        let html = self.render(HTML_TEMPLATE, &filled)?;
        let domain = envelope.from.email.domain();
        let mut message = Message::builder()
            .from(envelope.from.clone())
            .subject(subject(alert, letterhead))
            .date(system_time(envelope.at))
            .message_id(Some(format!("<rebound-alert-{}-{}@{domain}>", alert.id, alert.at.as_ms())))
            .header(AutoSubmitted);
        for mailbox in envelope.to {
            message = message.to(mailbox.clone());
        }
        if let Some(incident) = alert.incident {
            let thread = format!("<rebound-incident-{incident}@{domain}>");
            message = message.in_reply_to(thread.clone()).references(thread);
        }
        message.multipart(MultiPart::alternative_plain_html(text, html)).map_err(|error| error.to_string())
    }

    fn render(&self, template: &str, filled: &Value) -> Result<String, String> {
        let rendered = self.environment.get_template(template).and_then(|template| template.render(filled));
        rendered.map_err(|error| format!("template {template}: {error}"))
    }
}

/// `[CRITICAL] North bridge: the terminal has lost its connection`.
fn subject(alert: &Alert, letterhead: &Letterhead) -> String {
    let about = one_line(&alert.message.about, TITLE_CHARS_MAX);
    let title = one_line(&alert.message.title, TITLE_CHARS_MAX);
    let prefix = one_line(&letterhead.subject_prefix, TITLE_CHARS_MAX);
    format!("{prefix} [{}] {about}: {title}", alert.severity).trim_start().to_owned()
}

fn fill(alert: &Alert, letterhead: &Letterhead) -> Value {
    let line = |text: &str| one_line(text, TEXT_CHARS_MAX);
    let message = &alert.message;
    let facts: Vec<[String; 2]> =
        message.facts.iter().take(FACTS_MAX).map(|(label, value)| [line(label), line(value)]).collect();
    let tone = Tone::of(alert);
    context! {
        severity => alert.severity.to_string(),
        news => news(alert.reason),
        ink => tone.ink(),
        paper => tone.paper(),
        about => line(&message.about),
        title => line(&message.title),
        at => alert.at.to_string(),
        facts => facts,
        advice => message.advice.as_deref().map(line),
        // Becomes something to press, so it must lead to a page.
        link => message.link.as_deref().filter(|link| link.starts_with("http://") || link.starts_with("https://")),
        site => line(&letterhead.site),
        alert => alert.id.number(),
        incident => alert.incident.map(|incident| incident.number()),
    }
}

/// Why the message comes, in two or three words.
const fn news(reason: AlertReason) -> &'static str {
    match reason {
        AlertReason::Opened => "new trouble",
        AlertReason::Worsened => "worse than before",
        AlertReason::Escalated => "a person is needed",
        AlertReason::Reminder => "nobody has acknowledged it yet",
        AlertReason::Recovered => "recovered",
        AlertReason::Ended => "over without a recovery",
        AlertReason::UnknownTooLong => "unknown for too long",
        AlertReason::SeenAgain => "seen again",
        AlertReason::StoreDown => "heals are held",
        AlertReason::StoreBack => "heals go on",
        AlertReason::NotGoingOut => "alerts do not go out",
        AlertReason::NotReady => "not ready for an emergency",
        AlertReason::ReadyAgain => "ready again",
        AlertReason::Drill => "fire drill",
        AlertReason::DrillFailed => "fire drill failed",
        AlertReason::DrillPassed => "fire drill passed",
        AlertReason::DrillMissed => "fire drill missed",
        AlertReason::Test => "test",
    }
}

/// The colour of a message. Says nothing that the words do not say too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Good,
    Bad,
    Uneasy,
    Calm,
}

impl Tone {
    const fn of(alert: &Alert) -> Self {
        if alert.reason.is_recovery() {
            return Self::Good;
        }
        match alert.severity {
            Severity::Critical => Self::Bad,
            Severity::Warning => Self::Uneasy,
            Severity::Info => Self::Calm,
        }
    }

    /// Text on [`Tone::paper`] and on white: contrast of at least 4.5 to 1 on both.
    const fn ink(self) -> &'static str {
        match self {
            Self::Good => "#166534",
            Self::Bad => "#b91c1c",
            Self::Uneasy => "#92400e",
            Self::Calm => "#1e40af",
        }
    }

    const fn paper(self) -> &'static str {
        match self {
            Self::Good => "#dcfce7",
            Self::Bad => "#fee2e2",
            Self::Uneasy => "#fef3c7",
            Self::Calm => "#dbeafe",
        }
    }
}

/// `Auto-Submitted: auto-generated`, so that nobody's absence notice answers (RFC 3834).
#[derive(Clone, Copy, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.as_ms()).unwrap_or(0))
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
