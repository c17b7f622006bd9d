//! Boards on which a person has laid a hand on something, or is asked to.

use rebound::ids::AccountId;
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::view::{Board, HeldView, Tone, WindowView};

use crate::incidents::{flapping_incident, stopped_incident};
use crate::parts::{ago, explained, id, rungs};
use crate::states::{healing, healthy};

fn held(by: Option<&str>, what: &str, seconds: i64) -> HeldView {
    HeldView { by: by.map(str::to_owned), what: what.to_owned(), until: ago(-seconds) }
}

fn asked(number: u64, what: RequestKind, seconds: i64, state: AskedState) -> Asked {
    Asked { id: number, by: "anna".to_owned(), what, at: ago(seconds), state }
}

/// Healing paused, dry run on, capital moved: as much as can hold on one target.
pub(crate) fn paused() -> Board {
    let mut board = healthy();
    let target = id("mt5-frankfurt");
    if let Some(view) = board.targets.first_mut() {
        view.pause = Some(held(Some("anna"), "healing is paused", 4 * 3_600));
        view.declared = vec![
            held(Some("ben"), "capital of 886557, 886602 is moved", 22 * 3_600),
            held(Some("anna"), "capital of all accounts is moved", 5 * 86_400),
        ];
        view.heal.dry_run = true;
    }
    let until = ago(-4 * 3_600);
    board.requests = vec![
        asked(
            24,
            RequestKind::Pause { target: Some(target.clone()), until },
            20,
            AskedState::Done("Healing of MT5 bridge, Frankfurt is paused until 2026-11-23 16:00:05 UTC. Watching and alerts go on; a heal that already runs is not stopped.".to_owned()),
        ),
        asked(
            23,
            RequestKind::SetDryRun { target: target.clone(), dry_run: Some(true) },
            80,
            AskedState::Done("Nothing is really done on MT5 bridge, Frankfurt from now on.".to_owned()),
        ),
        asked(
            22,
            RequestKind::DeclareMove {
                target,
                accounts: vec![AccountId::new(886_557), AccountId::new(886_602)],
                until: ago(-22 * 3_600),
            },
            7_200,
            AskedState::Done("Until 2026-11-24 10:00:05 UTC accounts of MT5 bridge, Frankfurt at 0 are taken as moved capital.".to_owned()),
        ),
    ];
    board
}

/// A person stopped a heal.
pub(crate) fn stopped() -> Board {
    let mut board = healing();
    if let Some(view) = board.targets.first_mut() {
        view.incident = Some(stopped_incident());
        view.phase = "Verifying".to_owned();
        view.phase_detail =
            "Looking whether \"Full restart by workflow\" helped (attempt 2): observations count from 11:59:55 UTC, proof is due by 12:04:30 UTC."
                .to_owned();
    }
    board.requests.insert(
        0,
        asked(
            21,
            RequestKind::StopHeal(id("mt5-frankfurt")),
            12,
            AskedState::Done("The running remedy is being stopped. What it has begun may have happened: the target is looked at. Force heal starts one again.".to_owned()),
        ),
    );
    board
}

/// A heal waits for positions to be closed.
pub(crate) fn positions_open() -> Board {
    let mut board = healing();
    board.sentence = "MT5 bridge, Frankfurt: the bridge does not answer. A heal waits.".to_owned();
    board.tone = Tone::Bad;
    if let Some(view) = board.targets.first_mut() {
        view.phase = "Waiting".to_owned();
        view.phase_until = Some(ago(-30));
        view.phase_detail = "A heal waits until 12:00:35 UTC: 3 positions and 1 pending order are open, 1 without a stop loss; \"Restart terminal\" waits for them to be closed.".to_owned();
        view.tone = Tone::Bad;
        view.heal.rungs = rungs([
            "too mild: terminal_hangs needs at least medium.",
            "3 positions and 1 pending order are open, 1 without a stop loss: waits up to 10 min.",
            "3 positions and 1 pending order are open, 1 without a stop loss: waits up to 10 min.",
        ]);
        view.explain = explained([
            "Waiting: A heal waits until 12:00:35 UTC. terminal.ipc: the terminal answered until a short time ago and now hangs (error -10005: IPC timeout). The fault lies in the terminal.",
            "\"Restart terminal\" (medium): 3 positions and 1 pending order are open, 1 without a stop loss: waits up to 10 min.",
            "For open positions to be closed: 3 positions and 1 pending order are open, 1 without a stop loss.",
            "At 12:00:10 UTC, in 5 s.",
        ]);
        if let Some(incident) = view.incident.as_mut() {
            incident.steps.clear();
            incident.acknowledged = None;
            incident.layer = Some(rebound::reason::Layer::Terminal);
        }
    }
    board
}

/// A link that comes and goes is one incident.
pub(crate) fn flapping() -> Board {
    let mut board = healthy();
    board.tone = Tone::Bad;
    board.sentence =
        "MT5 bridge, Frankfurt: the terminal has lost its connection to the broker. It is looked at."
            .to_owned();
    if let Some(view) = board.targets.first_mut() {
        view.incident = Some(flapping_incident());
        view.phase = "Waiting".to_owned();
        view.phase_until = Some(ago(-20));
        view.phase_detail = "A heal waits until 12:00:25 UTC: whether the heal helped cannot be told: it fails again, but too seldom to be believed.".to_owned();
        view.tone = Tone::Bad;
    }
    board
}

/// Planned work that a person began, and a window that is configured.
pub(crate) fn planned_work() -> Board {
    let mut board = healthy();
    let target = id("mt5-frankfurt");
    board.tone = Tone::Resting;
    board.sentence = "MT5 bridge, Frankfurt: planned work until 12:45:05 UTC: Windows updates.".to_owned();
    board.maintenance = vec![
        WindowView {
            name: "Windows updates".to_owned(),
            targets: vec![target.clone()],
            by: Some("anna".to_owned()),
            begins: None,
            ends: Some(ago(-2_700)),
        },
        WindowView {
            name: "Broker maintenance".to_owned(),
            targets: Vec::new(),
            by: None,
            begins: Some(ago(-417_595)),
            ends: None,
        },
    ];
    if let Some(view) = board.targets.first_mut() {
        view.maintenance = Some(held(None, "Windows updates", 2_700));
        view.phase = "Maintenance".to_owned();
        view.phase_detail =
            "No incident is opened and nobody is told: planned work until 12:45:05 UTC: Windows updates."
                .to_owned();
        view.phase_until = Some(ago(-2_700));
        view.tone = Tone::Resting;
    }
    board.requests = vec![asked(
        31,
        RequestKind::StartMaintenance {
            target: Some(target),
            until: ago(-2_700),
            name: "Windows updates".to_owned(),
        },
        900,
        AskedState::Done("Planned work on MT5 bridge, Frankfurt until 2026-11-23 12:45:05 UTC: nothing is healed, nobody is told, and uptime is not charged.".to_owned()),
    )];
    board
}
