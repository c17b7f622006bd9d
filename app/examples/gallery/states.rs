//! Whole boards, one for each state that a person can meet.

use rebound::ids::AlertId;
use rebound::incident::{Proof, Severity};
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::uptime::{Stretch, UptimeState};
use rebound::view::{AccountView, Banner, Board, CheckView, HealView, OwnView, Tone};

use crate::incidents::{critical_alert, open_incident, recovered_alert, warning_alert};
use crate::parts::{
    accounts, ago, blind, calm_checks, calm_target, closed_target, day, explained, failing, id, not_live,
    rungs,
};

pub(crate) fn healthy() -> Board {
    Board {
        seq: 4_211,
        at: ago(0),
        watching_since: ago(86_400 * 12),
        sentence: "All 7 accounts are syncing. Last heal 3 days ago, took 2 min 10 s.".to_owned(),
        tone: Tone::Good,
        banners: Vec::new(),
        targets: vec![calm_target()],
        alerts: vec![recovered_alert(), warning_alert()],
        requests: vec![Asked {
            id: 11,
            by: "anna".to_owned(),
            what: RequestKind::ForceSync(id("mt5-frankfurt")),
            at: ago(400),
            state: AskedState::Done("7 of 7 accounts were read within 3 s.".to_owned()),
        }],
        pause: None,
        maintenance: Vec::new(),
        own: OwnView {
            store_trouble: None,
            network_watched: true,
            network_works: Some(true),
            channels: vec!["email".to_owned(), "telegram".to_owned()],
            clock_ahead_ms: Some(180),
            clock_wrong: false,
            lag_ms: Some(3),
            store_ms: Some(4),
        },
        servers: Vec::new(),
        readiness: Vec::new(),
        drills: Vec::new(),
    }
}

pub(crate) fn healing() -> Board {
    let mut board = healthy();
    let mut target = calm_target();
    let mut checks = calm_checks().into_iter();
    let first = checks
        .next()
        .map(|check| failing(check, "The bridge does not answer: no complete answer within 5000 ms.", 14));
    target.checks = first.into_iter().chain(checks.map(blind)).collect();
    target.accounts = accounts().into_iter().map(not_live).collect();
    target.phase = "Verifying".to_owned();
    target.phase_detail = "Attempt 2 of 3, \"Full restart by workflow\", is done, says the run. Observations must now prove that it helped.".to_owned();
    target.phase_until = Some(ago(-265));
    target.tone = Tone::Busy;
    target.answered_at = Some(ago(152));
    target.incident = Some(open_incident());
    target.uptime.stretches.push(Stretch { from: ago(142), to: ago(0), state: UptimeState::Down });
    target.uptime.figures.down_ms += 142_000;
    target.heal.used_this_hour = 3;
    target.heal.forecast = "It would not start: a heal is being verified.".to_owned();
    target.heal.rungs = rungs([
        "goes through the bridge, which does not answer.",
        "was tried in this incident; rests until 2026-11-23 12:48:25 UTC after 3 failures in a row against this fault.",
        "was tried in this incident.",
    ]);
    target.explain = explained([
        "Verifying: Looking whether \"Full restart by workflow\" helped (attempt 2): observations count from 11:59:55 UTC, proof is due by 12:04:30 UTC. bridge.reachable: the bridge does not answer: no complete answer within 5000 ms. The fault lies in the host or the way to it.",
        "\"Reinitialise IPC\" (soft): goes through the bridge, which does not answer. \"Restart terminal\" (medium): was tried in this incident. \"Full restart by workflow\" (hard): was tried in this incident.",
        "For good observations asked from 11:59:55 UTC on, until 12:04:30 UTC at most.",
        "It is being asked now.",
    ]);
    board.targets = vec![target];
    board.tone = Tone::Busy;
    board.sentence =
        "MT5 bridge, Frankfurt does not answer; it was restarted and is being verified.".to_owned();
    board.alerts.insert(0, critical_alert());
    board.banners = vec![Banner {
        severity: Severity::Critical,
        title: "MT5 bridge, Frankfurt: the bridge does not answer".to_owned(),
        text: "No complete answer within 5000 ms, 14 times in a row. Restart terminal did not help; the full restart is being verified.".to_owned(),
        alert: Some(AlertId::new(31)),
        since: ago(142),
    }];
    board.requests.insert(
        0,
        Asked {
            id: 12,
            by: "anna".to_owned(),
            what: RequestKind::ForceHeal { target: id("mt5-frankfurt"), lift_cooldown: true, remedy: None },
            at: ago(20),
            state: AskedState::Refused("A heal is already under way; it is followed above.".to_owned()),
        },
    );
    board.requests.insert(
        0,
        Asked {
            id: 13,
            by: "anna".to_owned(),
            what: RequestKind::TestAlert,
            at: ago(6),
            state: AskedState::Running("Waiting for email and telegram.".to_owned()),
        },
    );
    board
}

pub(crate) fn escalated() -> Board {
    let mut board = healing();
    if let Some(target) = board.targets.first_mut() {
        target.phase = "Needs a person".to_owned();
        target.phase_detail =
            "3 heal attempts in one incident are the most allowed. Nothing more happens by itself."
                .to_owned();
        target.phase_until = None;
        target.tone = Tone::Bad;
        target.heal.cooldown_until = Some(ago(-180));
        target.heal.used_this_hour = 5;
        target.heal.forecast =
            "Nothing would be started: 5 heals in the last hour are the most allowed.".to_owned();
        if let Some(last) = target.incident.as_mut().and_then(|incident| incident.steps.last_mut()) {
            last.proof = Proof::DidNotHelp(ago(3));
        }
    }
    board.tone = Tone::Bad;
    board.sentence = "MT5 bridge, Frankfurt needs a person: 2 heals did not help.".to_owned();
    board.banners.push(Banner {
        severity: Severity::Warning,
        title: "Alerts do not go out by webhook".to_owned(),
        text: "The server answered 410 Gone, 7 times. Other channels are used.".to_owned(),
        alert: None,
        since: ago(3),
    });
    board
}

pub(crate) fn unknown() -> Board {
    let mut board = healthy();
    if let Some(target) = board.targets.first_mut() {
        target.phase_detail =
            "Rebound's own network is gone, so nothing can be said about this target. Nothing is healed."
                .to_owned();
        target.tone = Tone::Unknown;
        target.checks = calm_checks().into_iter().map(blind).collect();
        target.accounts = accounts().into_iter().map(not_live).collect();
        target.observed_at = Some(ago(400));
        target.answered_at = Some(ago(400));
        target.uptime.stretches.push(Stretch { from: ago(9_000), to: ago(0), state: UptimeState::Unknown });
    }
    board.tone = Tone::Unknown;
    board.sentence = "Rebound's own network is gone: nothing is known of MT5 bridge, Frankfurt.".to_owned();
    board.own.network_works = Some(false);
    board
}

pub(crate) fn nulls() -> Board {
    let mut board = healthy();
    let mut target = calm_target();
    target.phase_detail = "Not asked yet.".to_owned();
    target.tone = Tone::Unknown;
    (target.observed_at, target.answered_at, target.latency_ms, target.next_probe_at) =
        (None, None, None, None);
    target.checks = calm_checks()
        .into_iter()
        .map(|check| CheckView {
            verdict: "Unknown".to_owned(),
            tone: Tone::Unknown,
            value: None,
            since: None,
            reason: Some("Not asked yet.".to_owned()),
            ..check
        })
        .collect();
    target.accounts = accounts()
        .into_iter()
        .take(2)
        .map(|account| AccountView {
            state: "Not read".to_owned(),
            tone: Tone::Unknown,
            note: Some("No balance is told.".to_owned()),
            balance: None,
            equity: None,
            currency: None,
            read_at: None,
            live: false,
            ..account
        })
        .collect();
    target.recent.clear();
    target.ledger.clear();
    target.uptime = day(&[], None);
    target.heal =
        HealView { ladder: Vec::new(), rungs: Vec::new(), last: None, dry_run: true, ..target.heal };
    board.targets = vec![target];
    board.alerts.clear();
    board.requests.clear();
    board.own = OwnView {
        store_trouble: None,
        network_watched: false,
        network_works: None,
        channels: Vec::new(),
        clock_ahead_ms: None,
        clock_wrong: false,
        lag_ms: None,
        store_ms: None,
    };
    board.tone = Tone::Unknown;
    board.sentence = "Rebound has just begun to watch; nothing is known yet.".to_owned();
    board
}

pub(crate) fn closed() -> Board {
    Board {
        targets: vec![closed_target()],
        tone: Tone::Resting,
        sentence: "The market is closed until Sunday, 22:00 UTC. Everything that can be seen is good."
            .to_owned(),
        ..healthy()
    }
}

pub(crate) fn store_down() -> Board {
    let mut board = healthy();
    let trouble = "The disk is full: nothing can be written.".to_owned();
    board.own.store_trouble = Some(trouble.clone());
    board.tone = Tone::Warning;
    board.sentence =
        "All 7 accounts are syncing, but Rebound's store does not accept writes: no heal may start."
            .to_owned();
    board.banners = vec![Banner {
        severity: Severity::Critical,
        title: "Rebound's store does not accept writes".to_owned(),
        text: format!("{trouble} Free some space on Rebound's machine."),
        alert: None,
        since: ago(900),
    }];
    board
}
