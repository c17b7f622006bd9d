//! One board of several servers: what this one watches, and what the others last showed of theirs.
//!
//! What is shown by a server that is silent is not known, however good it looked.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::alert::{Alert, AlertReason};
use crate::ids::TargetId;
use crate::incident::Severity;
use crate::monitor::Monitor;
use crate::monitor::roll::Roll;
use crate::target::TargetSpec;
use crate::time::Timestamp;
use crate::view::{
    ALERTS_SHOWN, Banner, Board, CheckView, DrillView, REQUESTS_SHOWN, ServerView, TargetView, Tone,
    WINDOWS_SHOWN,
};

/// A server that shares the targets, as it was last heard of. A board that cannot be had is `None`.
#[derive(Clone, Debug)]
pub struct OtherServer {
    /// Its name.
    pub name: String,
    /// Its own board, with its own targets only.
    pub board: Option<Arc<Board>>,
    /// When it was last heard of, by this server's clock.
    pub heard_at: Timestamp,
    /// Whether it gives signs of life.
    pub heard: Heard,
}

/// Whether another server gives signs of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// This server cannot reach the store, through which it hears of others.
    Not,
    /// This server began to look a moment ago, and saw no sign of life since.
    Awaited,
    /// It gives none.
    Silent,
    /// It does.
    Works,
}

impl OtherServer {
    fn works(&self) -> bool {
        self.heard == Heard::Works
    }
}

impl Monitor {
    /// Adds what `others` show to the board of this server, which is called `name` and shares the targets with them; `None`: that was
    /// not read yet.
    #[must_use]
    pub fn whole_board(&self, board: Board, name: &str, others: Option<&[OtherServer]>) -> Board {
        let mut board = board;
        let is_read = others.is_some_and(|others| others.iter().all(|other| other.board.is_some()));
        let others = others.unwrap_or_default();
        let (own, now) = (core::mem::take(&mut board.targets), board.at);
        let mut servers: Vec<ServerView> = others.iter().map(server_view).collect();
        servers.push(ServerView {
            name: String::from(name),
            here: true,
            works: true,
            heard_at: now,
            targets: own.iter().map(|view| view.id.clone()).collect(),
            store_trouble: board.own.store_trouble.clone(),
        });
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        // Hundreds of views are large, and this is done several times a second: own ones are moved, and of the others' only those
        // are copied that are shown.
        let mut here: BTreeMap<TargetId, TargetView> =
            own.into_iter().map(|view| (view.id.clone(), view)).collect();
        let elsewhere = seen_elsewhere(others);
        let find = |spec: &TargetSpec| {
            if let Some(mut view) = here.remove(&spec.id) {
                view.server = Some(String::from(name));
                return Some(view);
            }
            let shown = elsewhere.get(&spec.id).map(|(other, view)| as_shown_by(other, view));
            shown.or_else(|| self.nobodys(spec, is_read, now))
        };
        board.targets = self.config.targets.iter().filter_map(find).collect();
        board.servers = servers;
        board.add(others, now);
        board.add_readiness(name, others);
        board.add_drills(name, others);
        (board.tone, board.sentence) = super::overall(&board.targets, now);
        board
    }

    /// A target that no server is known to watch, although what all of them show was read, or because it was not.
    fn nobodys(&self, spec: &TargetSpec, is_read: bool, now: Timestamp) -> Option<TargetView> {
        let roll = Roll::new(core::slice::from_ref(spec), BTreeMap::new(), now);
        let mut view = self.target_view(roll.values().next()?, now);
        let why = if is_read {
            "no server is known to watch it"
        } else {
            "what the other servers show was not read yet"
        };
        darken(&mut view, why);
        Some(view)
    }
}

impl Board {
    /// Whether a banner says that the store works again: good news that is not so here, or that one server tells for all.
    fn tells_of_return(&self, banner: &Banner) -> bool {
        let is_it = |alert: &Alert| Some(alert.id) == banner.alert && alert.reason == AlertReason::StoreBack;
        self.alerts.iter().any(is_it)
    }

    /// Adds what other servers show beside their targets.
    fn add(&mut self, others: &[OtherServer], now: Timestamp) {
        for other in others {
            let Some(board) = &other.board else { continue };
            self.alerts.extend(board.alerts.iter().cloned());
            self.requests.extend(board.requests.iter().cloned());
            let is_said = self.own.store_trouble.is_some()
                || self.banners.iter().any(|banner| self.tells_of_return(banner));
            let news = board.banners.iter().filter(|banner| !(is_said && board.tells_of_return(banner)));
            self.banners.extend(news.cloned());
            for window in &board.maintenance {
                if !self.maintenance.contains(window) {
                    self.maintenance.push(window.clone());
                }
            }
            let later = |theirs: &&crate::view::HeldView| {
                theirs.until > now && self.pause.as_ref().is_none_or(|own| own.until < theirs.until)
            };
            if let Some(pause) = board.pause.as_ref().filter(later).filter(|_| other.works()) {
                self.pause = Some(pause.clone());
            }
        }
        for other in others.iter().filter(|other| other.heard == Heard::Silent) {
            self.banners.push(Banner {
                severity: Severity::Warning,
                title: format!("Rebound: the server \"{}\" is silent", other.name),
                text: format!(
                    "Nothing was heard of it since {}. Other servers take over what it watched; until then nothing is known of that.",
                    other.heard_at
                ),
                alert: None,
                since: other.heard_at,
            });
        }
        let unheard: Vec<&OtherServer> = others.iter().filter(|other| other.heard == Heard::Not).collect();
        if let Some(since) = unheard.iter().map(|other| other.heard_at).min() {
            self.banners.push(Banner {
                severity: Severity::Warning,
                title: String::from("Rebound: nothing is heard of the other servers"),
                text: format!(
                    "This server cannot reach the store, through which it hears of them, since {since}. What they watch is not known here. See to the store; look at the pages of the other servers meanwhile."
                ),
                alert: None,
                since,
            });
        }
        self.alerts.sort_by_key(|alert| core::cmp::Reverse(alert.id));
        self.alerts.dedup_by_key(|alert| alert.id);
        self.alerts.truncate(ALERTS_SHOWN);
        self.requests.sort_by_key(|asked| core::cmp::Reverse(asked.id));
        // What was asked of all servers is one request, which each of them answers.
        self.requests.dedup_by(|a, b| a.what == b.what && a.by == b.by && a.at.since(b.at) < SAME_REQUEST);
        self.requests.truncate(REQUESTS_SHOWN);
        self.banners.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.since.cmp(&a.since)));
        self.banners.dedup_by(|a, b| a.alert.is_some() && a.alert == b.alert);
        self.maintenance.sort_by_key(|view| (view.begins.is_some(), view.begins.or(view.ends)));
        self.maintenance.truncate(WINDOWS_SHOWN);
    }
}

impl Board {
    /// Adds the drills of what others watch, in the order of the targets.
    fn add_drills(&mut self, name: &str, others: &[OtherServer]) {
        let mut views: BTreeMap<TargetId, DrillView> = BTreeMap::new();
        for other in others {
            for view in other.board.iter().flat_map(|board| &board.drills) {
                let view = DrillView { server: Some(other.name.clone()), ..view.clone() };
                let newer = views.get(&view.target).is_none_or(|known| known.due <= view.due);
                if newer {
                    views.insert(view.target.clone(), view);
                }
            }
        }
        for view in core::mem::take(&mut self.drills) {
            views.insert(view.target.clone(), DrillView { server: Some(String::from(name)), ..view });
        }
        self.drills = self.targets.iter().filter_map(|view| views.remove(&view.id)).collect();
    }
}

/// Requests of the same person for the same, so close together, are one that went to several servers.
const SAME_REQUEST: core::time::Duration = core::time::Duration::from_secs(3);

fn server_view(other: &OtherServer) -> ServerView {
    let board = other.board.as_ref();
    ServerView {
        name: other.name.clone(),
        here: false,
        works: other.works(),
        heard_at: other.heard_at,
        targets: board
            .map(|board| board.targets.iter().map(|view| view.id.clone()).collect())
            .unwrap_or_default(),
        store_trouble: board.and_then(|board| board.own.store_trouble.clone()),
    }
}

/// Which other server's view of each target is shown: of one that works before one that is silent, then what was seen last.
fn seen_elsewhere(others: &[OtherServer]) -> BTreeMap<&TargetId, (&OtherServer, &TargetView)> {
    let mut seen: BTreeMap<&TargetId, (&OtherServer, &TargetView)> = BTreeMap::new();
    for other in others {
        for view in other.board.iter().flat_map(|board| &board.targets) {
            let counts = |(other, view): (&OtherServer, &TargetView)| (other.works(), view.observed_at);
            if seen.get(&view.id).is_none_or(|known| counts(*known) <= counts((other, view))) {
                seen.insert(&view.id, (other, view));
            }
        }
    }
    seen
}

/// A view as another server shows it. What a silent one shows is not known now.
fn as_shown_by(other: &OtherServer, view: &TargetView) -> TargetView {
    let mut view = view.clone();
    view.server = Some(other.name.clone());
    let (name, since) = (&other.name, other.heard_at.clock());
    match other.heard {
        Heard::Works => {}
        Heard::Awaited => {
            darken(&mut view, &format!("whether the server \"{name}\" watches it is being looked at"));
        }
        Heard::Silent => {
            darken(&mut view, &format!("the server \"{name}\", which watched it, is silent since {since}"));
        }
        Heard::Not => {
            let why =
                format!("the server \"{name}\" watches it, of which nothing is heard here since {since}");
            darken(&mut view, &why);
        }
    }
    view
}

/// Nothing of it is known now; what was seen last stays, and looks old.
fn darken(view: &mut TargetView, why: &str) {
    view.tone = Tone::Unknown;
    view.phase = String::from(super::NOT_KNOWN);
    view.phase_until = None;
    view.sentence = format!("{why}.");
    view.phase_detail = format!("Not known: {why}.");
    view.heal.forecast = format!("What it would do is not known here: {why}.");
    for rung in &mut view.heal.rungs {
        rung.says = String::from("Not known here.");
    }
    for explained in &mut view.explain {
        explained.answer = format!("Not known here: {why}.");
    }
    view.next_probe_at = None;
    for account in &mut view.accounts {
        account.live = false;
    }
    for check in &mut view.checks {
        let CheckView { verdict, tone, reason, .. } = check;
        (*verdict, *tone, *reason) = (String::from("Unknown"), Tone::Unknown, Some(String::from(why)));
    }
}
