//! What other servers show of their own readiness, and whether there are others at all.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{item, ordered};
use crate::count::counted;
use crate::monitor::{Heard, OtherServer};
use crate::view::{Board, ReadinessGroup, ReadinessState, ReadinessView, ServerView};

fn others_work(working: usize) -> String {
    counted(working, "other works", "others work")
}

/// Whether another server would take over.
fn stand_by(servers: &[ServerView]) -> ReadinessView {
    let about = item(String::from("own.servers"), ReadinessGroup::Own, String::from("Other servers"));
    let silent: Vec<&str> =
        servers.iter().filter(|server| !server.works).map(|server| server.name.as_str()).collect();
    let working = servers.iter().filter(|server| server.works && !server.here).count();
    if !silent.is_empty() {
        return ReadinessView {
            state: ReadinessState::AtRisk,
            detail: format!("Nothing is heard of {}; {}.", silent.join(", "), others_work(working)),
            emergency: String::from("Fewer servers than meant would take over from this one."),
            mend: Some(String::from("Look at the machine of each silent server, and start Rebound there.")),
            ..about
        };
    }
    if working == 0 {
        return alone(about);
    }
    ReadinessView {
        state: ReadinessState::Ready,
        detail: format!("{} beside this one.", others_work(working)),
        emergency: String::from("If this server died, another would watch and heal what it watches."),
        ..about
    }
}

/// What others do cannot be known through a store that is away.
fn unheard() -> ReadinessView {
    ReadinessView {
        state: ReadinessState::Unknown,
        detail: String::from("Other servers are heard of through the store, which this one cannot reach."),
        emergency: String::from(
            "Those that reach it take over from this server; if none does, each goes on with its own targets.",
        ),
        mend: Some(String::from("Mend the store, or the way to it.")),
        ..item(String::from("own.servers"), ReadinessGroup::Own, String::from("Other servers"))
    }
}

fn alone(about: ReadinessView) -> ReadinessView {
    ReadinessView {
        state: ReadinessState::NotSetUp,
        detail: String::from(
            "This is the only Rebound on its store. A second one on a shared store would take over within seconds.",
        ),
        emergency: String::from("If this machine died, nothing would be watched until it is back."),
        ..about
    }
}

/// The item of a Rebound that watches alone.
pub(super) fn only_one() -> ReadinessView {
    alone(item(String::from("own.servers"), ReadinessGroup::Own, String::from("Other servers")))
}

impl Board {
    /// Adds what other servers show of what they need, each thing with its server's name.
    pub(in crate::monitor::board) fn add_readiness(&mut self, name: &str, others: &[OtherServer]) {
        let mut views: Vec<ReadinessView> = core::mem::take(&mut self.readiness);
        views.retain(|view| view.id != "own.servers");
        for view in &mut views {
            belongs_to(view, name);
        }
        for other in others {
            let Some(board) = &other.board else { continue };
            let theirs = board.readiness.iter().filter(|view| view.id != "own.servers");
            views.extend(theirs.map(|view| {
                let mut view = view.clone();
                belongs_to(&mut view, &other.name);
                if other.heard != Heard::Works {
                    darken(&mut view, &other.name);
                }
                view
            }));
        }
        views.push(if self.own.store_trouble.is_some() && !others.is_empty() {
            unheard()
        } else {
            stand_by(&self.servers)
        });
        self.readiness = ordered(views);
    }
}

fn belongs_to(view: &mut ReadinessView, server: &str) {
    view.server = Some(String::from(server));
    view.id = format!("{}@{server}", view.id);
}

/// What a silent server showed is not known, however good it looked.
fn darken(view: &mut ReadinessView, server: &str) {
    view.state = ReadinessState::Unknown;
    view.detail = format!("Nothing is heard of the server \"{server}\"; before that: {}", view.detail);
}
