//! Makes sheets from what the core tells. On the server only.

use rebound::incident::Severity;
use rebound::monitor::{Asked, RequestKind};
use rebound::time::Timestamp;
use rebound::view::{Banner, Board, OwnView, Tone};

use super::{BannerSheet, Fact, Line, Mark, Piece, RequestSheet, Sheet, TargetSheet, Told};

mod alert;

mod incident;

mod request;

mod target;

mod uptime;

impl Sheet {
    /// What the Overview shows of this board.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        let alone = board.targets.len() == 1;
        Self {
            at: board.at,
            title: tab_title(board),
            sentence: board.sentence.clone(),
            tone: board.tone,
            banners: board.banners.iter().map(banner).collect(),
            targets: board
                .targets
                .iter()
                .map(|view| {
                    // One target alone also shows what was asked about alerts.
                    let requests = request::latest(&board.requests, |what| {
                        request::is_for(what, &view.id) || alone && is_about_alerts(what)
                    });
                    TargetSheet::of(view, requests)
                })
                .collect(),
            alerts: board.alerts.iter().map(alert::sheet).collect(),
            requests: requests_about_alerts(&board.requests),
            own: own(&board.own, board.watching_since),
        }
    }
}

fn requests_about_alerts(requests: &[Asked]) -> Vec<RequestSheet> {
    request::latest(requests, is_about_alerts)
}

const fn is_about_alerts(what: &RequestKind) -> bool {
    matches!(what, RequestKind::TestAlert | RequestKind::Acknowledge(_))
}

/// What the browser's tab says: the worst first, in few words.
fn tab_title(board: &Board) -> String {
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
        match board.tone {
            Tone::Bad => "● Trouble",
            Tone::Warning => "▲ Warning",
            Tone::Unknown => "? Unknown",
            Tone::Good | Tone::Resting | Tone::Busy => "✓ Fine",
        }
        .to_owned()
    };
    format!("{state} · Rebound")
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

fn own(own: &OwnView, watching_since: Timestamp) -> Vec<Fact> {
    let known = |tone, word: &str, why: &str| {
        let mut line = vec![Piece::Mark(Mark::of(tone, word))];
        if !why.is_empty() {
            line.push(Piece::Reason(why.to_owned()));
        }
        line
    };
    let store = match &own.store_trouble {
        None => known(Tone::Good, "Works", ""),
        Some(trouble) => known(Tone::Bad, "Down", trouble),
    };
    let network = match (own.network_watched, own.network_works) {
        (false, _) => known(Tone::Unknown, "Not watched", "No beacons are configured."),
        (true, Some(true)) => known(Tone::Good, "Works", ""),
        (true, Some(false)) => known(Tone::Bad, "Gone", "No beacon answers."),
        (true, None) => known(Tone::Unknown, "Not known yet", ""),
    };
    let channels = if own.channels.is_empty() {
        known(Tone::Warning, "None", "Alerts are shown on this page only.")
    } else {
        vec![Piece::Text(own.channels.join(", "))]
    };
    vec![
        Fact::new("Store", store),
        Fact::new("Own network", network),
        Fact::new("Alerts go by", channels),
        Fact::new("Watching since", vec![Piece::Moment(watching_since, Told::Clock)]),
    ]
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
