//! Makes sheets from what the core tells. On the server only.

use rebound::incident::Severity;
use rebound::view::{Banner, Board, Tone};
use rebound_engine::service::Principal;

use super::{BannerSheet, Body, Fact, Line, Mark, Piece, Reader, Sheet};

mod alert;

mod drawing;

mod chart;

mod heals;

mod budget;

pub(crate) mod charts;

pub(crate) mod outcomes;

pub(crate) mod picture;

mod hold;

mod incident;

mod ledger;

pub(crate) mod lists;

mod overview;

mod own;

mod public;

mod readiness;

mod drill;

pub(crate) mod report;

mod request;

mod server;

mod settings;

mod steps;

mod target;

pub(crate) mod uptime;

impl Sheet {
    /// The page of `who` at `address` that is about `body`, with what every page shows of this board.
    #[must_use]
    pub fn of(board: &Board, address: &str, who: &Principal, body: Body) -> Self {
        Self {
            seq: board.seq,
            at: board.at,
            who: Reader { name: who.name.clone(), role: who.role },
            address: address.to_owned(),
            title: tab_title(board, &body),
            banners: board.banners.iter().map(banner).collect(),
            holds: hold::on_all(board),
            body,
        }
    }
}

impl Body {
    /// What the page is called.
    fn name(&self) -> Option<String> {
        match self {
            Self::Overview(_) => None,
            Self::Target(target, _) => Some(target.name.clone()),
            Self::Incidents(_) => Some("Incidents".to_owned()),
            Self::Incident(report) => Some(format!("Incident {}", report.incident.id)),
            Self::Alerts(_) => Some("Alerts".to_owned()),
            Self::Report(report) => Some(report.heading.clone()),
            Self::Readiness(_) => Some("Readiness".to_owned()),
            Self::Settings(_) => Some("Settings".to_owned()),
            Self::Review(_) => Some("A change of the settings".to_owned()),
            Self::Gone { .. } => Some("Not here".to_owned()),
        }
    }
}

/// What the browser's tab says: the worst first, in few words.
fn tab_title(board: &Board, body: &Body) -> String {
    let count = |tone: Tone| board.targets.iter().filter(|target| target.tone == tone).count();
    let state = if count(Tone::Bad) > 0 {
        format!("● {} in trouble", count(Tone::Bad))
    } else if count(Tone::Busy) > 0 {
        format!("↻ {} healing", count(Tone::Busy))
    } else if count(Tone::Warning) > 0 {
        format!("▲ {} with a warning", count(Tone::Warning))
    } else if count(Tone::Unknown) > 0 {
        format!("? {} unknown", count(Tone::Unknown))
    } else {
        // Where no target is in trouble Rebound itself may be.
        let told = board.banners.iter().map(|banner| banner.severity).max();
        let own = match told {
            Some(Severity::Critical) => Tone::Bad,
            Some(Severity::Warning) => Tone::Warning,
            Some(Severity::Info) | None => board.tone,
        };
        match own.max(board.tone) {
            Tone::Bad => "● Trouble",
            Tone::Warning => "▲ Warning",
            Tone::Unknown => "? Unknown",
            Tone::Good | Tone::Resting | Tone::Busy => "✓ Fine",
        }
        .to_owned()
    };
    match body.name() {
        Some(name) => format!("{state} · {name} · Rebound"),
        None => format!("{state} · Rebound"),
    }
}

fn banner(banner: &Banner) -> BannerSheet {
    BannerSheet {
        mark: Mark::severity(banner.severity),
        title: banner.title.clone(),
        text: banner.text.clone(),
        alert: banner.alert.map(rebound::ids::AlertId::number),
        since: banner.since,
    }
}

/// With a capital at its beginning.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl Fact {
    fn new(label: &str, line: Line) -> Self {
        Self { label: label.to_owned(), line }
    }
}

impl Piece {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

impl Mark {
    /// A word with the sign of its tone.
    fn of(tone: Tone, word: &str) -> Self {
        Self::signed(tone, crate::parts::icon::tone_name(tone), word)
    }

    /// A word with a sign of its own.
    fn signed(tone: Tone, sign: &str, word: &str) -> Self {
        Self { tone, sign: sign.to_owned(), word: word.to_owned() }
    }

    fn severity(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::signed(Tone::Resting, "info", "Info"),
            Severity::Warning => Self::signed(Tone::Warning, "warning", "Warning"),
            Severity::Critical => Self::signed(Tone::Bad, "bad", "Critical"),
        }
    }
}
