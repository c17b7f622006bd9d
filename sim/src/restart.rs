//! What a restart does, whoever is asked for it: the bridge in any dialect, or the host's own service.
//!
//! Repairs only what such a restart repairs; see `Fault::remedy`. How the answer looks is the asked one's
//! matter. Never stops a process.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{clock, options::RestartMode, world::World};

/// How many restart calls are remembered.
const CALLS_MAX: usize = 200;

/// How restarts go, and who asked for one.
#[derive(Debug)]
pub(crate) struct RestartDesk {
    pub(crate) mode: RestartMode,
    pub(crate) delay: Duration,
    pub(crate) calls: VecDeque<RestartCall>,
    pub(crate) calls_total: usize,
}

/// One call for a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartCall {
    /// When it came.
    pub at: DateTime<Utc>,
    /// What was asked: the path, without its query.
    pub path: String,
    /// How the host was told to behave.
    pub mode: RestartMode,
    /// Whether the token was right.
    pub token_right: bool,
    /// The status of the answer.
    pub status: u16,
}

/// What is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The terminal, or the bridge's connection to it. Answers before it repairs, unless it is slow.
    Terminal,
    /// Everything at the host. Answers when it is done.
    Host,
}

/// A call, as far as every dialect has it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) token_right: bool,
    pub(crate) scope: Scope,
    /// The status that the dialect gives each outcome.
    pub(crate) status: fn(&Outcome) -> StatusCode,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No token is configured, so that none can be right.
    NotConfigured,
    /// The token is wrong, or refused.
    Refused,
    /// It did not work: the package's code and text.
    Failed(i64, &'static str),
    /// It says that it worked.
    Done,
}

impl RestartDesk {
    pub(crate) fn new(delay: Duration) -> Self {
        Self { mode: RestartMode::default(), delay, calls: VecDeque::new(), calls_total: 0 }
    }

    fn note(&mut self, asked: &Asked, outcome: &Outcome) {
        self.calls_total += 1;
        if self.calls.len() == CALLS_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(RestartCall {
            at: clock::now(),
            path: asked.path.clone(),
            mode: self.mode,
            token_right: asked.token_right,
            status: (asked.status)(outcome).as_u16(),
        });
    }
}

/// Takes one call, and repairs what the mode repairs. Returns when it is time to answer.
pub(crate) async fn restart(world: &Arc<World>, asked: &Asked) -> Outcome {
    let (mode, delay, outcome) = world.look(|state| {
        let outcome = decide(state.restart.mode, asked.token_right, state.faults.ipc_error_to_stay());
        state.restart.note(asked, &outcome);
        (state.restart.mode, state.restart.delay, outcome)
    });
    if outcome != Outcome::Done || mode == RestartMode::Lies {
        return outcome;
    }
    let scope = asked.scope;
    // The repair is a task of its own: a caller who hangs up does not stop it.
    let repair = world.later(delay, move |world| match scope {
        Scope::Terminal => world.restart_terminal(),
        Scope::Host => world.restart_host(),
    });
    let waits = mode == RestartMode::Slow || scope == Scope::Host;
    if waits && let Err(error) = repair.await {
        tracing::error!(%error, "a restart broke off");
    }
    outcome
}

fn decide(mode: RestartMode, token_right: bool, stays_broken: Option<(i64, &'static str)>) -> Outcome {
    match mode {
        RestartMode::NotConfigured => Outcome::NotConfigured,
        RestartMode::Unauthorized => Outcome::Refused,
        RestartMode::Works | RestartMode::Fails | RestartMode::Lies | RestartMode::Slow if !token_right => {
            Outcome::Refused
        }
        RestartMode::Fails => Outcome::Failed(-10005, "IPC timeout"),
        RestartMode::Lies => Outcome::Done,
        RestartMode::Works | RestartMode::Slow => match stays_broken {
            Some((code, text)) => Outcome::Failed(code, text),
            None => Outcome::Done,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, decide};
    use crate::options::RestartMode;

    #[test]
    fn a_bridge_without_a_token_says_so_before_it_looks_at_one() {
        assert_eq!(decide(RestartMode::NotConfigured, false, None), Outcome::NotConfigured);
    }

    #[test]
    fn what_no_restart_repairs_makes_a_working_restart_fail_and_a_liar_lie() {
        let stays = Some((-6, "Terminal: Authorization failed"));
        assert_eq!(
            decide(RestartMode::Works, true, stays),
            Outcome::Failed(-6, "Terminal: Authorization failed")
        );
        assert_eq!(decide(RestartMode::Lies, true, stays), Outcome::Done);
    }
}
