//! Every state of the pages with made-up data, as files to look at: `cargo run -p rebound-app --features ssr --example gallery -- <folder>`.
//!
//! What a person should see in an emergency is looked at beforehand. Nothing here is shown by the product.

use std::collections::BTreeMap;
use std::path::Path;

use leptos::prelude::*;
use rebound::alert::{Alert, AlertReason, DeliveryState, Message};
use rebound::amount::Amount;
use rebound::check::{CheckId, NoAnswer};
use rebound::heal::{ActionKind, Rung, StepOutcome};
use rebound::ids::{AccountId, AlertId, IncidentId, StepId, TargetId};
use rebound::incident::{
    Cause, Closing, EventKind, Incident, IncidentEvent, Proof, Recovery, Severity, Signature, Step, StepEnd,
};
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::reason::Reason;
use rebound::time::Timestamp;
use rebound::uptime::{Stretch, UptimeFigures, UptimeState};
use rebound::view::{
    AccountView, Banner, Board, CheckView, HealView, LastHeal, OwnView, TargetView, Tone, UptimeView,
};
use rebound_app::{Incident as IncidentPage, Login, Notice, Overview, Report, Sheet, Sprite};

const NOW: i64 = 1_795_435_205;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    if any_spawner::Executor::init_futures_executor().is_err() {
        eprintln!("another executor is already there");
    }
    for (name, board, notice) in boards() {
        let sheet = Sheet::of(&board);
        write(folder, name, move || view! { <Overview sheet notice/> }.into_any())?;
    }
    write(folder, "incident", || {
        let report = Report::of(&healed(), Some("MT5 bridge, Frankfurt"), ago(0));
        view! { <IncidentPage report/> }.into_any()
    })?;
    write(folder, "incident-open", || {
        let report = Report::of(&open_incident(), None, ago(0));
        view! { <IncidentPage report/> }.into_any()
    })?;
    write(folder, "login", || view! { <Login next=String::new() error=Some("wrong".to_owned())/> }.into_any())
}

fn write(folder: &Path, name: &str, page: impl FnOnce() -> AnyView) -> std::io::Result<()> {
    let owner = Owner::new_root(None);
    let html = owner.with(|| view! { {page()}<Sprite/> }.to_html());
    for theme in ["light", "dark"] {
        let document = format!(
            "<!DOCTYPE html><html lang=\"en\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\"><title>{name}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <link rel=\"icon\" href=\"/public/favicon.svg\"><link rel=\"stylesheet\" href=\"/style/main.css\"></head><body>{html}</body></html>"
        );
        std::fs::write(folder.join(format!("{name}-{theme}.html")), document)?;
    }
    Ok(())
}

fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_ms((NOW - seconds) * 1_000)
}

fn boards() -> Vec<(&'static str, Board, Option<Notice>)> {
    let several = {
        let mut board = healing();
        board.targets.extend([
            named(calm_target(), "mt5-tokyo", "MT5 bridge, Tokyo"),
            named(closed_target(), "mt5-zurich", "MT5 bridge, Zurich"),
        ]);
        board.sentence = "1 of 3 targets is being healed: MT5 bridge, Frankfurt does not answer.".to_owned();
        board
    };
    let notice = Notice {
        tone: Tone::Busy,
        text: "The accounts are being read.".to_owned(),
        help: "What became of it stands below; reload to see it go on.".to_owned(),
    };
    vec![
        ("healthy", healthy(), None),
        ("healing", healing(), Some(notice)),
        ("escalated", escalated(), None),
        ("unknown", unknown(), None),
        ("nulls", nulls(), None),
        ("closed", closed(), None),
        ("store-down", store_down(), None),
        ("several", several, None),
        (
            "nothing",
            Board {
                targets: Vec::new(),
                alerts: Vec::new(),
                sentence: "Nothing is watched yet.".to_owned(),
                tone: Tone::Unknown,
                ..healthy()
            },
            None,
        ),
    ]
}

fn healthy() -> Board {
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
        own: OwnView {
            store_trouble: None,
            network_watched: true,
            network_works: Some(true),
            channels: vec!["email".to_owned(), "telegram".to_owned()],
        },
    }
}

fn id(text: &str) -> TargetId {
    TargetId::try_new(text).expect("a made-up id keeps to its alphabet")
}

fn named(mut target: TargetView, text: &str, name: &str) -> TargetView {
    target.id = id(text);
    target.name = name.to_owned();
    target
}

fn check(check: CheckId, verdict: &str, tone: Tone, value: Option<&str>, threshold: &str) -> CheckView {
    CheckView {
        id: check,
        verdict: verdict.to_owned(),
        tone,
        value: value.map(str::to_owned),
        threshold: threshold.to_owned(),
        reason: None,
        since: Some(ago(86_400 * 3)),
        failures: 0,
        failures_to_open: check.default_spec().failures_to_open,
    }
}

fn calm_checks() -> Vec<CheckView> {
    vec![
        check(CheckId::BridgeReachable, "Up", Tone::Good, Some("132 ms"), "answers within 5 s"),
        check(CheckId::BridgeIdentity, "Up", Tone::Good, Some("mt5-bridge"), "the service of its dialect"),
        check(CheckId::TerminalIpc, "Up", Tone::Good, Some("answers"), "answers"),
        check(CheckId::TerminalBrokerLink, "Up", Tone::Good, Some("connected"), "connected"),
        check(CheckId::TerminalTradingAllowed, "Up", Tone::Good, Some("on"), "on"),
        check(CheckId::AccountsFresh, "Up", Tone::Good, Some("4 s old"), "at most 15 min old"),
        check(
            CheckId::AccountsSyncing,
            "Up",
            Tone::Good,
            Some("7 of 7"),
            "at least 50 % within 15 min; under 20 % at once",
        ),
        check(CheckId::AccountsZero, "Up", Tone::Good, Some("none at 0"), "not all, of at least 3"),
        check(CheckId::AccountFailed, "Up", Tone::Good, Some("none"), "none"),
    ]
}

fn account(number: u64, name: &str, balance: f64, equity: f64) -> AccountView {
    AccountView {
        id: AccountId::new(number),
        name: Some(name.to_owned()),
        reserve: false,
        state: "Syncing".to_owned(),
        tone: Tone::Good,
        note: None,
        balance: Amount::try_new(balance).ok(),
        equity: Amount::try_new(equity).ok(),
        currency: Some("USD".to_owned()),
        read_at: Some(ago(4)),
        live: true,
    }
}

fn accounts() -> Vec<AccountView> {
    let mut accounts = vec![
        account(886_557, "BALANCE Master", 89_000.0, 89_421.35),
        account(886_602, "CORE Strategy", 12_345.67, 12_190.02),
        account(886_066, "Profit share", 4_900.5, 4_900.5),
        account(885_822, "CORE Secondary", 10_054.27, 10_087.91),
        account(891_215, "Interest, segregated", 23_500.0, 23_500.0),
        account(891_234, "Long volatility", 7_114.88, 6_902.4),
        account(891_299, "Reserve", 0.0, 0.0),
    ];
    if let Some(last) = accounts.last_mut() {
        last.reserve = true;
    }
    accounts
}

fn day(stretches: &[(i64, i64, UptimeState)], percent: Option<&str>) -> UptimeView {
    let stretches: Vec<Stretch> = stretches
        .iter()
        .map(|(from, to, state)| Stretch { from: ago(*from), to: ago(*to), state: *state })
        .collect();
    let mut figures = UptimeFigures::default();
    for stretch in &stretches {
        let ms = u64::try_from(stretch.to.since(stretch.from).as_millis()).unwrap_or(0);
        match stretch.state {
            UptimeState::Up => figures.up_ms += ms,
            UptimeState::Degraded => figures.degraded_ms += ms,
            UptimeState::Down => figures.down_ms += ms,
            UptimeState::Unknown => figures.unknown_ms += ms,
            UptimeState::Maintenance => figures.maintenance_ms += ms,
            UptimeState::MarketClosed => figures.market_closed_ms += ms,
        }
    }
    UptimeView { from: ago(86_400), to: ago(0), stretches, figures, percent: percent.map(str::to_owned) }
}

fn calm_target() -> TargetView {
    TargetView {
        id: id("mt5-frankfurt"),
        name: "MT5 bridge, Frankfurt".to_owned(),
        phase: "Healthy".to_owned(),
        phase_detail: "Every check is good.".to_owned(),
        phase_until: None,
        tone: Tone::Good,
        sentence: "All 7 accounts are syncing.".to_owned(),
        observed_at: Some(ago(3)),
        answered_at: Some(ago(3)),
        latency_ms: Some(132),
        next_probe_at: Some(ago(-7)),
        stale_after_ms: 30_000,
        checks: calm_checks(),
        accounts: accounts(),
        incident: None,
        recent: vec![healed(), by_itself()],
        uptime: day(
            &[
                (86_400, 61_000, UptimeState::Up),
                (61_000, 60_870, UptimeState::Down),
                (60_870, 40_000, UptimeState::Up),
                (40_000, 38_200, UptimeState::Degraded),
                (38_200, 21_000, UptimeState::Up),
                (21_000, 17_400, UptimeState::Unknown),
                (17_400, 0, UptimeState::Up),
            ],
            Some("99.84 %"),
        ),
        heal: HealView {
            ladder: vec![
                "Reinitialise IPC (soft)".to_owned(),
                "Restart terminal (medium)".to_owned(),
                "Full restart by workflow (hard)".to_owned(),
            ],
            dry_run: false,
            used_this_hour: 1,
            per_hour_max: 5,
            cooldown_until: None,
            last: Some(LastHeal { incident: IncidentId::new(12), at: ago(86_400 * 3), took_ms: 130_000 }),
            forecast:
                "\"Reinitialise IPC\" would be started at once. Nothing is wrong, so it would prove nothing."
                    .to_owned(),
        },
    }
}

fn event(seconds: i64, kind: EventKind, text: &str) -> IncidentEvent {
    IncidentEvent { at: ago(seconds), kind, text: text.to_owned() }
}

fn open_incident() -> Incident {
    Incident {
        id: IncidentId::new(14),
        target: id("mt5-frankfurt"),
        severity: Severity::Critical,
        last_good: Some(ago(152)),
        first_failure: ago(142),
        opened_at: ago(127),
        alerted_at: Some(ago(126)),
        causes: vec![
            Cause {
                check: Some(CheckId::BridgeReachable),
                reason: Reason::BridgeSilent(NoAnswer::TimedOut(5_000)),
                severity: Severity::Critical,
                since: ago(142),
            },
            Cause {
                check: Some(CheckId::TerminalTradingAllowed),
                reason: Reason::TradingOff,
                severity: Severity::Warning,
                since: ago(140),
            },
        ],
        steps: vec![
            Step {
                id: StepId::new("s1".to_owned()),
                remedy: "Restart terminal".to_owned(),
                rung: Rung::Medium,
                action: ActionKind::HttpCall,
                because: "The bridge does not answer; milder remedies go through the bridge and cannot help."
                    .to_owned(),
                asked_by: None,
                started_at: ago(125),
                result: Some(StepEnd {
                    at: ago(120),
                    outcome: StepOutcome::TimedOut,
                    output: "no answer within 5 s".to_owned(),
                    link: None,
                }),
                proof: Proof::DidNotHelp(ago(90)),
            },
            Step {
                id: StepId::new("s2".to_owned()),
                remedy: "Full restart by workflow".to_owned(),
                rung: Rung::Hard,
                action: ActionKind::GithubDispatch,
                because: "The remedy before did not help.".to_owned(),
                asked_by: None,
                started_at: ago(88),
                result: Some(StepEnd {
                    at: ago(35),
                    outcome: StepOutcome::Done,
                    output: "run 7713 ended with success".to_owned(),
                    link: Some("https://github.example/acme/bridge/actions/runs/7713".to_owned()),
                }),
                proof: Proof::Pending,
            },
        ],
        successes: 0,
        events: vec![
            event(
                142,
                EventKind::Seen,
                "bridge.reachable failed: no complete answer within 5000 ms (1 of 3).",
            ),
            event(127, EventKind::Judged, "3 failures in a row: trouble is believed."),
            event(126, EventKind::Told, "Alert 31 goes out by email and telegram."),
            event(125, EventKind::Planned, "Restart terminal, then Full restart by workflow."),
            event(120, EventKind::Done, "Restart terminal: timed out. It may have happened."),
            event(90, EventKind::Proven, "Restart terminal did not help."),
            event(35, EventKind::Done, "Full restart by workflow: done, says the run."),
        ],
        acknowledged: Some(Signature { by: "anna".to_owned(), at: ago(60) }),
        closed: None,
    }
}

fn healed() -> Incident {
    let mut incident = open_incident();
    incident.id = IncidentId::new(12);
    if let Some(last) = incident.steps.last_mut() {
        last.proof = Proof::Recovered(ago(5));
    }
    incident.events.push(event(5, EventKind::Proven, "2 good observations in a row: recovered."));
    incident.closed = Some(Closing {
        recovered_at: ago(12),
        at: ago(5),
        how: Recovery::AfterHeal("Full restart by workflow".to_owned()),
    });
    incident
}

fn by_itself() -> Incident {
    let mut incident = open_incident();
    incident.id = IncidentId::new(9);
    incident.steps.clear();
    incident.causes = vec![Cause {
        check: Some(CheckId::TerminalBrokerLink),
        reason: Reason::LinkLost,
        severity: Severity::Critical,
        since: ago(86_500),
    }];
    incident.first_failure = ago(90_000);
    incident.opened_at = ago(89_980);
    incident.closed = Some(Closing { recovered_at: ago(89_900), at: ago(89_890), how: Recovery::ByItself });
    incident
}

fn alert(number: u64, severity: Severity, reason: AlertReason, seconds: i64, title: &str) -> Alert {
    Alert {
        id: AlertId::new(number),
        reason,
        severity,
        target: Some(id("mt5-frankfurt")),
        incident: Some(IncidentId::new(14)),
        at: ago(seconds),
        message: Message {
            title: title.to_owned(),
            about: "MT5 bridge, Frankfurt".to_owned(),
            facts: Vec::new(),
            advice: None,
            link: None,
        },
        deliveries: BTreeMap::new(),
        acknowledged: None,
        resolved_at: None,
    }
}

fn delivered(mut alert: Alert) -> Alert {
    let at = Timestamp::from_ms(alert.at.as_ms() + 2_000);
    alert.deliveries.insert("email".to_owned(), DeliveryState::Delivered { at, attempts: 1 });
    alert.deliveries.insert("telegram".to_owned(), DeliveryState::Delivered { at, attempts: 2 });
    alert
}

fn recovered_alert() -> Alert {
    let mut alert = delivered(alert(
        33,
        Severity::Info,
        AlertReason::Recovered,
        86_400 * 3,
        "recovered after \"Full restart by workflow\", downtime 2 min 10 s",
    ));
    alert.incident = Some(IncidentId::new(12));
    alert
}

fn warning_alert() -> Alert {
    let mut alert = delivered(alert(
        30,
        Severity::Warning,
        AlertReason::Opened,
        86_400 * 4,
        "algorithmic trading is switched off in the terminal",
    ));
    alert.message.advice = Some("Switch the Algo Trading button of the terminal on again.".to_owned());
    alert.resolved_at = Some(ago(86_400 * 4 - 900));
    alert
}

fn critical_alert() -> Alert {
    let mut alert = alert(
        31,
        Severity::Critical,
        AlertReason::Opened,
        126,
        "the bridge does not answer: no complete answer within 5000 ms",
    );
    alert.deliveries.insert(
        "email".to_owned(),
        DeliveryState::Pending {
            attempts: 2,
            next_at: Some(ago(-40)),
            error: Some("connection refused".to_owned()),
        },
    );
    alert
        .deliveries
        .insert("telegram".to_owned(), DeliveryState::Pending { attempts: 0, next_at: None, error: None });
    alert.deliveries.insert(
        "webhook".to_owned(),
        DeliveryState::GaveUp { at: ago(3), attempts: 7, error: "the server answered 410 Gone".to_owned() },
    );
    alert
}

fn failing(mut view: CheckView, reason: &str, failures: u32) -> CheckView {
    view.verdict = "Down".to_owned();
    view.tone = Tone::Bad;
    view.reason = Some(reason.to_owned());
    view.since = Some(ago(142));
    view.failures = failures;
    view.value = None;
    view
}

fn blind(mut view: CheckView) -> CheckView {
    view.verdict = "Unknown".to_owned();
    view.tone = Tone::Unknown;
    view.reason = Some("Cannot be seen while the bridge does not answer.".to_owned());
    view.since = Some(ago(142));
    view.value = None;
    view
}

fn not_live(mut view: AccountView) -> AccountView {
    view.state = "Stale".to_owned();
    view.tone = Tone::Unknown;
    view.read_at = Some(ago(155));
    view.live = false;
    view
}

fn healing() -> Board {
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
    target.heal.forecast = "Nothing would be started: a heal is being verified.".to_owned();
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
            what: RequestKind::ForceHeal { target: id("mt5-frankfurt"), lift_cooldown: true },
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

fn escalated() -> Board {
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

fn unknown() -> Board {
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

fn nulls() -> Board {
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
            note: Some("The bridge gave no balance.".to_owned()),
            balance: None,
            equity: None,
            currency: None,
            read_at: None,
            live: false,
            ..account
        })
        .collect();
    target.recent.clear();
    target.uptime = day(&[], None);
    target.heal = HealView { ladder: Vec::new(), last: None, dry_run: true, ..target.heal };
    board.targets = vec![target];
    board.alerts.clear();
    board.requests.clear();
    board.own =
        OwnView { store_trouble: None, network_watched: false, network_works: None, channels: Vec::new() };
    board.tone = Tone::Unknown;
    board.sentence = "Rebound has just begun to watch; nothing is known yet.".to_owned();
    board
}

fn closed_target() -> TargetView {
    let mut target = calm_target();
    target.tone = Tone::Resting;
    target.phase_detail =
        "The market is closed until 2026-11-29 22:00:00 UTC. What can be seen is good.".to_owned();
    for check in &mut target.checks {
        if check.id.default_spec().market_hours {
            check.verdict = "Resting".to_owned();
            check.tone = Tone::Resting;
            check.reason = Some("The market is closed.".to_owned());
        }
    }
    target.uptime = day(
        &[
            (86_400, 50_000, UptimeState::Up),
            (50_000, 20_000, UptimeState::MarketClosed),
            (20_000, 12_000, UptimeState::Maintenance),
            (12_000, 0, UptimeState::MarketClosed),
        ],
        Some("100.00 %"),
    );
    target
}

fn closed() -> Board {
    Board {
        targets: vec![closed_target()],
        tone: Tone::Resting,
        sentence: "The market is closed until Sunday, 22:00 UTC. Everything that can be seen is good."
            .to_owned(),
        ..healthy()
    }
}

fn store_down() -> Board {
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
