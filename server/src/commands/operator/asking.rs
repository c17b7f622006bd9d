//! Commands that ask for a change and tell the answer.

use rebound::ids::{AccountId, TargetId};
use rebound::monitor::{Asked, AskedState};
use serde_json::{Value, json};

use super::page::Page;
use super::server::Server;
use super::trouble::{DONE, Trouble};
use super::{DryRun, Lasts, Whom};

type Ended = Result<u8, Trouble>;

pub(super) async fn stop(server: &Server, target: &TargetId) -> Ended {
    told(&server.post(&of_target(target, "stop-heal"), None).await?)
}

pub(super) async fn pause(server: &Server, whom: &Whom, lasts: &Lasts) -> Ended {
    let body = json!({ "for": lasts.lasts });
    told(&server.post(&of_whom(whom, "pause"), Some(&body)).await?)
}

pub(super) async fn resume(server: &Server, whom: &Whom) -> Ended {
    told(&server.post(&of_whom(whom, "resume"), None).await?)
}

pub(super) async fn start_maintenance(server: &Server, whom: &Whom, lasts: &Lasts, name: &str) -> Ended {
    let body = json!({ "for": lasts.lasts, "name": name });
    told(&server.post(&of_whom(whom, "maintenance/start"), Some(&body)).await?)
}

pub(super) async fn end_maintenance(server: &Server, whom: &Whom) -> Ended {
    told(&server.post(&of_whom(whom, "maintenance/end"), None).await?)
}

pub(super) async fn acknowledge(server: &Server, alert: u64) -> Ended {
    told(&server.post(&format!("/api/v1/alerts/{alert}/acknowledge"), None).await?)
}

pub(super) async fn set_dry_run(server: &Server, target: &TargetId, dry_run: DryRun) -> Ended {
    let dry_run = match dry_run {
        DryRun::On => Value::Bool(true),
        DryRun::Off => Value::Bool(false),
        DryRun::AsConfigured => Value::Null,
    };
    let body = json!({ "dry_run": dry_run });
    told(&server.post(&of_target(target, "dry-run"), Some(&body)).await?)
}

pub(super) async fn declare_move(
    server: &Server,
    target: &TargetId,
    lasts: &str,
    accounts: &[AccountId],
) -> Ended {
    let body = json!({ "for": lasts, "accounts": accounts });
    told(&server.post(&of_target(target, "declare-move"), Some(&body)).await?)
}

pub(super) async fn take_back_moves(server: &Server, target: &TargetId) -> Ended {
    told(&server.post(&of_target(target, "take-back-moves"), None).await?)
}

/// Tells what became of a request.
///
/// # Errors
/// [`Trouble::Refused`] with the server's reason.
pub(super) fn told(asked: &Asked) -> Ended {
    match &asked.state {
        AskedState::Running(said) | AskedState::Done(said) => {
            let mut page = Page::new();
            page.line(said);
            page.print()?;
            Ok(DONE)
        }
        AskedState::Refused(why) => Err(Trouble::Refused(why.clone())),
    }
}

/// The path of a call about one target. An id that was read from the command line needs no other form in a path.
pub(super) fn of_target(target: &TargetId, call: &str) -> String {
    format!("/api/v1/targets/{target}/{call}")
}

fn of_whom(whom: &Whom, call: &str) -> String {
    match &whom.target {
        Some(target) if !whom.all => of_target(target, call),
        Some(_) | None => format!("/api/v1/{call}"),
    }
}
