//! What boards are made of: targets, checks, accounts.

use rebound::amount::Amount;
use rebound::check::CheckId;
use rebound::ids::{AccountId, IncidentId, TargetId};
use rebound::time::Timestamp;
use rebound::uptime::{Stretch, UptimeFigures, UptimeState};
use rebound::view::{
    AccountView, CheckView, Explained, HealView, LastHeal, LedgerView, MarketView, RungView, TargetView,
    Tone, UptimeView,
};

use crate::incidents::{by_itself, healed};

/// Monday, 23 November 2026, noon.
const NOW: i64 = 1_795_435_205;

pub(crate) fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_ms((NOW - seconds) * 1_000)
}

pub(crate) fn id(text: &str) -> TargetId {
    TargetId::try_new(text).expect("a made-up id keeps to its alphabet")
}

pub(crate) fn named(mut target: TargetView, text: &str, name: &str) -> TargetView {
    target.id = id(text);
    target.name = name.to_owned();
    target
}

pub(crate) fn check(
    check: CheckId,
    verdict: &str,
    tone: Tone,
    value: Option<&str>,
    threshold: &str,
) -> CheckView {
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

pub(crate) fn calm_checks() -> Vec<CheckView> {
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

pub(crate) fn account(number: u64, name: &str, balance: f64, equity: f64) -> AccountView {
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

pub(crate) fn accounts() -> Vec<AccountView> {
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

pub(crate) fn day(stretches: &[(i64, i64, UptimeState)], percent: Option<&str>) -> UptimeView {
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

pub(crate) fn calm_target() -> TargetView {
    TargetView {
        id: id("mt5-frankfurt"),
        name: "MT5 bridge, Frankfurt".to_owned(),
        kind: "bridge".to_owned(),
        server: None,
        depends_on: Vec::new(),
        market: MarketView { calendar: "forex".to_owned(), open: true, until: Some(ago(-381_595)) },
        maintenance: None,
        pause: None,
        declared: Vec::new(),
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
            rungs: rungs(["ready.", "ready.", "ready."]),
            dry_run: false,
            used_this_hour: 1,
            per_hour_max: 5,
            cooldown_until: None,
            last: Some(LastHeal { incident: IncidentId::new(12), at: ago(86_400 * 3), took_ms: 130_000 }),
            forecast:
                "\"Reinitialise IPC\" would be started at once. Nothing is wrong, so it would prove nothing."
                    .to_owned(),
        },
        explain: explained([
            "Healthy: No check fails.",
            "Nothing is to be healed. It would start \"Reinitialise IPC\" (soft, HTTP call) now and look for up to 2 min whether it helped.",
            "Nothing.",
            "At 12:00:12 UTC, in 7 s.",
        ]),
        ledger: ledger(),
    }
}

pub(crate) fn explained(answers: [&str; 4]) -> Vec<Explained> {
    let questions = [
        "Why is it in this phase?",
        "What would heal it?",
        "What is it waiting for?",
        "When is the next look?",
    ];
    let pairs = questions.into_iter().zip(answers);
    pairs
        .map(|(question, answer)| Explained { question: question.to_owned(), answer: answer.to_owned() })
        .collect()
}

pub(crate) fn rungs(says: [&str; 3]) -> Vec<RungView> {
    let names =
        [("Reinitialise IPC", "soft"), ("Restart terminal", "medium"), ("Full restart by workflow", "hard")];
    let rung = |((name, rung), says): ((&str, &str), &str)| RungView {
        name: name.to_owned(),
        rung: rung.to_owned(),
        says: says.to_owned(),
    };
    names.into_iter().zip(says).map(rung).collect()
}

fn ledger() -> Vec<LedgerView> {
    let line = |fault: &str, remedy: &str, rung: &str| LedgerView {
        fault: fault.to_owned(),
        remedy: remedy.to_owned(),
        rung: rung.to_owned(),
        tried: 0,
        helped: 0,
        failed: 0,
        unclear: 0,
        relapses: 0,
        took_p50_ms: None,
        took_p95_ms: None,
        verify_within_ms: Some(300_000),
        rests_until: None,
    };
    vec![
        LedgerView {
            tried: 14,
            helped: 12,
            failed: 1,
            unclear: 1,
            relapses: 2,
            took_p50_ms: Some(11_000),
            took_p95_ms: Some(42_000),
            verify_within_ms: Some(90_000),
            ..line("link_lost", "Reinitialise IPC", "soft")
        },
        LedgerView {
            tried: 3,
            failed: 3,
            rests_until: Some(ago(-2_900)),
            ..line("bridge_silent", "Restart terminal", "medium")
        },
        LedgerView {
            tried: 2,
            helped: 2,
            took_p50_ms: Some(130_000),
            took_p95_ms: Some(151_000),
            ..line("bridge_silent", "Full restart by workflow", "hard")
        },
    ]
}

pub(crate) fn failing(mut view: CheckView, reason: &str, failures: u32) -> CheckView {
    view.verdict = "Down".to_owned();
    view.tone = Tone::Bad;
    view.reason = Some(reason.to_owned());
    view.since = Some(ago(142));
    view.failures = failures;
    view.value = None;
    view
}

pub(crate) fn blind(mut view: CheckView) -> CheckView {
    view.verdict = "Unknown".to_owned();
    view.tone = Tone::Unknown;
    view.reason = Some("Cannot be seen while the bridge does not answer.".to_owned());
    view.since = Some(ago(142));
    view.value = None;
    view
}

pub(crate) fn not_live(mut view: AccountView) -> AccountView {
    view.state = "Stale".to_owned();
    view.tone = Tone::Unknown;
    view.read_at = Some(ago(155));
    view.live = false;
    view
}

pub(crate) fn closed_target() -> TargetView {
    let mut target = calm_target();
    target.tone = Tone::Resting;
    target.phase_detail = "No check fails.".to_owned();
    target.market.open = false;
    target.market.until = Some(ago(-554_395));
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
