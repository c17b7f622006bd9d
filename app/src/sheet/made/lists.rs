//! Lists of incidents and alerts in words.

use rebound::alert::Alert;
use rebound::incident::{Incident, Severity};
use rebound::time::spoken;
use rebound::view::{Board, Tone};

use super::alert;
use super::incident::{over_tone, what};
use super::overview::requests;
use super::request::Place;
use crate::sheet::lists::{AlertList, Choice, Filter, IncidentList, IncidentRow, Pages};
use crate::sheet::{Body, Mark};

/// What a list is narrowed to, as it stands in the page's address; empty: not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// A target's id.
    pub target: String,
    /// `critical`, `warning` or `info`.
    pub severity: String,
    /// Of incidents `open` or `over`; of alerts `unseen` or `seen`.
    pub state: String,
}

impl Body {
    /// Incidents as they were found, newest first.
    #[must_use]
    pub fn incidents(
        board: &Board,
        found: &[Incident],
        narrowing: &Narrowing,
        newest: Option<String>,
        older: Option<String>,
    ) -> Self {
        let states = [("", "Open and over"), ("open", "Open"), ("over", "Over")];
        let filter = filter(board, narrowing, &states);
        let sentence = match (found.len(), filter.narrowed) {
            (0, false) => "No incident yet.".to_owned(),
            (0, true) => "No such incident.".to_owned(),
            (_, _) => counted(found),
        };
        Self::Incidents(Box::new(IncidentList {
            sentence,
            filter,
            rows: found.iter().map(|incident| row(incident, board)).collect(),
            pages: Pages { newest, older },
        }))
    }

    /// Alerts as they were found, newest first.
    #[must_use]
    pub fn alerts(
        board: &Board,
        found: &[Alert],
        narrowing: &Narrowing,
        newest: Option<String>,
        older: Option<String>,
    ) -> Self {
        let states = [("", "Seen or not"), ("unseen", "Not seen"), ("seen", "Seen")];
        let filter = filter(board, narrowing, &states);
        let waiting = found.iter().filter(|found| alert::is_open(found)).count();
        let sentence = match (found.len(), waiting) {
            (0, _) if filter.narrowed => "No such alert.".to_owned(),
            (0, _) => "No alert yet.".to_owned(),
            (_, 0) => "Nothing waits for you.".to_owned(),
            (_, 1) => "One alert waits for somebody to say that it was seen.".to_owned(),
            (_, waiting) => format!("{waiting} alerts wait for somebody to say that they were seen."),
        };
        Self::Alerts(Box::new(AlertList {
            sentence,
            filter,
            rows: found.iter().map(alert::sheet).collect(),
            requests: requests(board, Place::Alerts),
            pages: Pages { newest, older },
        }))
    }
}

/// `2 open, 48 over, on this page.`
fn counted(found: &[Incident]) -> String {
    let open = found.iter().filter(|incident| incident.closed.is_none()).count();
    match (open, found.len() - open) {
        (0, 1) => "None open, one over on this page.".to_owned(),
        (0, over) => format!("None open, {over} over on this page."),
        (open, 0) => format!("{open} open."),
        (open, over) => format!("{open} open, {over} over on this page."),
    }
}

fn row(incident: &Incident, board: &Board) -> IncidentRow {
    let view = board.targets.iter().find(|view| view.id == incident.target);
    let name = view.map_or_else(|| incident.target.to_string(), |view| view.name.clone());
    let (state, how) = match &incident.closed {
        Some(closing) => (Mark::of(over_tone(&closing.how), "Over"), closing.how.to_string()),
        None => {
            let doing = view.filter(|view| view.incident.as_ref().is_some_and(|open| open.id == incident.id));
            let tone = doing.map_or(Tone::Busy, |view| view.tone);
            let word = doing.map_or("Open", |view| view.phase.as_str());
            (Mark::of(tone, word), doing.map(|view| view.phase_detail.clone()).unwrap_or_default())
        }
    };
    let heals = match incident.steps.len() {
        0 => "no heal".to_owned(),
        1 => "1 heal".to_owned(),
        heals => format!("{heals} heals"),
    };
    IncidentRow {
        id: incident.id.number(),
        mark: Mark::severity(incident.severity),
        state,
        what: what(incident),
        target: (incident.target.to_string(), name),
        began: incident.first_failure,
        // Closed incidents carry their own end; the moment handed in is not used for them.
        lasted: incident.closed.as_ref().map(|_| spoken(incident.downtime(incident.first_failure))),
        how,
        heals,
    }
}

fn filter(board: &Board, narrowing: &Narrowing, states: &[(&str, &str)]) -> Filter {
    let words = |(value, word): &(&str, &str)| ((*value).to_owned(), (*word).to_owned());
    let severities = [Severity::Critical, Severity::Warning, Severity::Info];
    let severity =
        severities.map(|severity| (severity_name(severity).to_owned(), Mark::severity(severity).word));
    let mut targets = vec![(String::new(), "All targets".to_owned())];
    targets.extend(board.targets.iter().map(|view| (view.id.to_string(), view.name.clone())));
    let mut severities = vec![(String::new(), "All severities".to_owned())];
    severities.extend(severity);
    let field = |label: &str, name: &str, chosen: &str, options: Vec<(String, String)>| Choice {
        label: label.to_owned(),
        name: name.to_owned(),
        chosen: chosen.to_owned(),
        options,
    };
    Filter {
        fields: vec![
            field("Target", "target", &narrowing.target, targets),
            field("Severity", "severity", &narrowing.severity, severities),
            field("State", "state", &narrowing.state, states.iter().map(words).collect()),
        ],
        narrowed: *narrowing != Narrowing::default(),
    }
}

/// A severity's name in an address.
#[must_use]
pub const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
