//! Bridges and terminals in the situations that were recorded.

use std::time::Duration;

use rstest::rstest;

use super::{Around, Page, expect, not_up, numbered, unreachable};
use crate::probing::NOW;

/// F-2 answers at these paths.
const F2_ROOT: Page = ("/", 200, "root");
const F2_ACCOUNTS: Page = ("/api/mt5/accounts/summary", 200, "accounts_healthy");
const HEALTH: &str = "/api/mt5/bridge/health";
const SUMMARY: &str = "/api/mt5/accounts/summary";

/// What no dialect of FIDUS but F-1 tells.
const NO_POSITIONS: &str = "positions.kept Unknown not_told";

#[rstest]
#[case::healthy("health_healthy", &[NO_POSITIONS])]
#[case::degraded_available_false(
    "health_terminal_silent",
    &[
        "terminal.ipc Down terminal_silent",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[case::connected_false_but_status_healthy(
    "health_link_lost",
    &["terminal.broker_link Down link_lost", NO_POSITIONS]
)]
#[case::trade_allowed_false_but_connected(
    "health_trading_off",
    &["terminal.trading_allowed Degraded trading_off", NO_POSITIONS]
)]
#[case::terminal_not_found(
    "health_not_found_terminal",
    &[
        "terminal.ipc Down terminal_not_found",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[case::pipe_broken(
    "health_pipe_broken",
    &[
        "terminal.ipc Down terminal_pipe_broken",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[case::ipc_timeout_of_a_terminal_that_never_answered(
    "health_ipc_timeout",
    &[
        "terminal.ipc Down terminal_timeout",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[case::login_refused(
    "health_login_refused",
    &[
        "terminal.ipc Down login_refused",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[case::a_health_handler_that_broke(
    "health_exception",
    &[
        "terminal.ipc Unknown not_told",
        "terminal.broker_link Unknown not_told",
        "terminal.trading_allowed Unknown not_told",
        NO_POSITIONS,
    ]
)]
#[case::an_answer_without_a_mark_of_the_dialect("emergency_restart_failed", &WRONG_SHAPE)]
#[tokio::test]
async fn f2(#[case] health: &'static str, #[case] expected: &[&str]) {
    let pages = [F2_ROOT, (HEALTH, 200, health), F2_ACCOUNTS];
    expect("f2", &pages, Around::default(), expected).await;
}

/// Something answers in the bridge's name, and not as the bridge does.
const WRONG_SHAPE: [&str; 11] =
    blind_behind("bridge.reachable Down bridge_broken", "bridge.identity Unknown blind");
/// Another program is on the port.
const WRONG_SERVICE: [&str; 11] =
    blind_behind("bridge.reachable Unknown blind", "bridge.identity Down wrong_service");
/// The key is refused on the health path.
const KEY_REFUSED: [&str; 11] =
    blind_behind("bridge.reachable Down key_refused", "bridge.identity Unknown blind");
/// Nothing answers.
const SILENT: [&str; 11] =
    blind_behind("bridge.reachable Down bridge_silent", "bridge.identity Unknown blind");

const fn blind_behind(reachable: &'static str, identity: &'static str) -> [&'static str; 11] {
    [
        reachable,
        identity,
        "terminal.ipc Unknown blind",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "accounts.fresh Unknown blind",
        "accounts.syncing Unknown blind",
        "accounts.zero Unknown blind",
        "account.failed Unknown blind",
        "account.identity Unknown blind",
        "positions.kept Unknown blind",
    ]
}

#[tokio::test]
async fn f2_whose_terminal_hangs_answered_a_while_ago() {
    let around =
        Around { terminal_answered_at: Some(NOW.before(Duration::from_secs(600))), ..Around::default() };
    let expected = [
        "terminal.ipc Down terminal_hangs",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ];
    let pages = [F2_ROOT, (HEALTH, 200, "health_ipc_timeout"), F2_ACCOUNTS];
    expect("f2", &pages, around, &expected).await;
}

#[rstest]
#[case::not_found_everywhere_and_root_of_another_service(&[("/", 200, "root_old_service")], &WRONG_SERVICE)]
#[case::health_answers_and_root_is_of_another_service(
    &[("/", 200, "root_old_service"), (HEALTH, 200, "health_healthy"), F2_ACCOUNTS], &WRONG_SERVICE
)]
#[case::not_found_everywhere(&[], &WRONG_SHAPE)]
#[tokio::test]
async fn f2_expected(#[case] pages: &[Page], #[case] expected: &[&str]) {
    expect("f2", pages, Around::default(), expected).await;
}

#[rstest]
#[case::f3_expected_f4_met("f3", "f4")]
#[case::f4_expected_f3_met("f4", "f3")]
#[case::f3_expected_f2_met("f3", "f2")]
#[case::f4_expected_f2_met("f4", "f2")]
#[tokio::test]
async fn another_version_of_the_bridge_is_another_service(#[case] expected: &str, #[case] met: &str) {
    // The files stand in the folder of the dialect that is met; the path is the same for both.
    let health = crate::fixtures::fixture_of(met, "health_healthy");
    let wire = crate::wire::Wire::answering(move |_| crate::wire::json(&health)).await;
    let spec = rebound_probes::BridgeSpec::new(wire.url.clone(), crate::presets::dialect(expected));
    let probe = rebound_probes::BridgeProbe::new(spec).unwrap();
    let outcome = probe.probe(&crate::probing::request(NOW, crate::probing::LONG)).await;
    assert_eq!(not_up(&outcome, &Around::default()), WRONG_SERVICE, "{outcome:?}");
}

#[test]
fn a_host_that_is_gone_leaves_everything_behind_it_unknown() {
    assert_eq!(not_up(&unreachable(), &Around::default()), SILENT);
}

#[rstest]
#[case::healthy(
    &[("/health", 200, "health_healthy"), ("/api/mt5/account/info", 200, "account"), ("/api/mt5/positions", 200, "positions")],
    &[]
)]
#[case::unhealthy_with_last_error_10003(
    &[("/health", 200, "health_not_found")],
    &[
        "terminal.ipc Down terminal_not_found",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "accounts.fresh Unknown not_listed",
        "accounts.syncing Unknown not_listed",
        "accounts.zero Unknown not_listed",
        "account.failed Unknown not_listed",
        "account.identity Unknown not_listed",
        NO_POSITIONS,
    ]
)]
#[case::an_error_from_its_start_is_no_error_now(
    &[("/health", 200, "health_old_error"), ("/api/mt5/account/info", 200, "account"), ("/api/mt5/positions", 200, "positions")],
    &[]
)]
#[case::link_lost(
    &[
        ("/health", 200, "health_link_lost"),
        ("/api/mt5/account/info", 200, "account_not_connected"),
        ("/api/mt5/positions", 200, "positions_not_connected"),
    ],
    &[
        "terminal.broker_link Down link_lost",
        "terminal.trading_allowed Unknown not_told",
        "accounts.fresh Unknown not_listed",
        "accounts.syncing Unknown not_listed",
        "accounts.zero Unknown not_listed",
        "account.failed Unknown not_listed",
        "account.identity Unknown not_listed",
        NO_POSITIONS,
    ]
)]
#[case::invalid_api_key(
    &[
        ("/health", 200, "health_healthy"),
        ("/api/mt5/account/info", 401, "unauthorized"),
        ("/api/mt5/positions", 401, "unauthorized"),
    ],
    &[
        "bridge.reachable Down key_refused",
        "accounts.fresh Unknown not_listed",
        "accounts.syncing Unknown not_listed",
        "accounts.zero Unknown not_listed",
        "account.failed Unknown not_listed",
        "account.identity Unknown not_listed",
        NO_POSITIONS,
    ]
)]
#[case::investor_password(
    &[
        ("/health", 200, "health_healthy"),
        ("/api/mt5/account/info", 200, "account_investor"),
        ("/api/mt5/positions", 200, "positions"),
    ],
    &["terminal.trading_allowed Degraded investor_password"]
)]
#[case::python_interface_off(
    &[("/health", 200, "health_api_off"), ("/api/mt5/account/info", 200, "account"), ("/api/mt5/positions", 200, "positions")],
    &["terminal.trading_allowed Degraded api_trading_off"]
)]
#[tokio::test]
async fn f1(#[case] pages: &[Page], #[case] expected: &[&str]) {
    let mut pages = pages.to_vec();
    pages.push(("/", 200, "root"));
    expect("f1", &pages, Around { accounts: numbered(&[1_000_001]), ..Around::default() }, expected).await;
}

#[rstest]
#[case::without_mongodb("health_healthy", "accounts_healthy", &["terminal.trading_allowed Degraded trading_off", NO_POSITIONS])]
#[case::link_lost("health_link_lost", "accounts_healthy", &["terminal.broker_link Down link_lost", NO_POSITIONS])]
#[case::cached_says_nothing_of_age(
    "health_healthy",
    "accounts_stopped_loop",
    &[
        "terminal.trading_allowed Degraded trading_off",
        "accounts.fresh Down stale",
        "accounts.syncing Down few_syncing",
        "account.failed Unknown not_read_yet",
        NO_POSITIONS,
    ]
)]
#[case::terminal_silent(
    "health_silent",
    "accounts_healthy",
    &[
        "terminal.ipc Down terminal_silent",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ]
)]
#[tokio::test]
async fn f4(#[case] health: &'static str, #[case] accounts: &'static str, #[case] expected: &[&str]) {
    let around = Around { accounts: numbered(&[1_000_001, 1_000_002, 1_000_003]), ..Around::default() };
    expect("f4", &[(HEALTH, 200, health), (SUMMARY, 200, accounts)], around, expected).await;
}

#[rstest]
#[case::healthy("terminal", 200, "account", 200, &[])]
#[case::link_lost("terminal_link_lost", 200, "account", 200, &[
    "terminal.broker_link Down link_lost",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    "positions.kept Unknown blind",
])]
#[case::button_off("terminal_trading_off", 200, "account", 200, &["terminal.trading_allowed Degraded trading_off"])]
#[case::investor_password("terminal", 200, "account_investor", 200, &["terminal.trading_allowed Degraded investor_password"])]
#[case::no_experts("terminal", 200, "account_no_experts", 200, &["terminal.trading_allowed Degraded experts_refused"])]
#[case::python_interface_off("terminal_api_off", 200, "account", 200, &["terminal.trading_allowed Degraded api_trading_off"])]
#[case::nobody_logged_in("terminal", 200, "account_none", 404, &[
    "accounts.fresh Down never_read",
    "accounts.syncing Down never_read",
    "accounts.zero Unknown not_read_yet",
    "account.failed Unknown not_read_yet",
])]
#[case::not_initialised("not_initialized", 503, "not_initialized", 503, &TERMINAL_TIMEOUT)]
#[case::a_call_that_hung("call_timed_out", 504, "call_timed_out", 504, &TERMINAL_TIMEOUT)]
#[case::terminal_info_none("terminal_null", 200, "account", 200, &TERMINAL_TIMEOUT)]
#[tokio::test]
async fn mt5_httpapi(
    #[case] terminal: &'static str,
    #[case] terminal_status: u16,
    #[case] account: &'static str,
    #[case] account_status: u16,
    #[case] expected: &[&str],
) {
    let error = if terminal.starts_with("terminal") && terminal != "terminal_null" {
        "error_success"
    } else {
        "error_ipc_timeout"
    };
    let pages = [
        ("/ping", 200, "ping"),
        ("/terminal", terminal_status, terminal),
        ("/error", 200, error),
        ("/account", account_status, account),
        ("/positions", 200, "positions"),
        ("/orders", 200, "orders"),
    ];
    let around = Around { accounts: numbered(&[1_000_001]), ..Around::default() };
    expect("mt5-httpapi", &pages, around, expected).await;
}

/// The number of the error comes from another path than the silence.
const TERMINAL_TIMEOUT: [&str; 9] = [
    "terminal.ipc Down terminal_timeout",
    "terminal.broker_link Unknown blind",
    "terminal.trading_allowed Unknown blind",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    "account.identity Unknown not_listed",
    NO_POSITIONS,
];

#[tokio::test]
async fn mt5_httpapi_in_backtest_is_not_the_service_that_is_watched() {
    expect("mt5-httpapi", &[("/ping", 200, "ping_backtest")], Around::default(), &WRONG_SERVICE).await;
}

#[rstest]
#[case::healthy("health_healthy", ("/terminal", 200, "terminal"), "readiness_ready", &[])]
#[case::link_lost("health_healthy", ("/terminal", 200, "terminal_link_lost"), "readiness_ready", &[
    "terminal.broker_link Down link_lost",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    "positions.kept Unknown blind",
])]
#[case::account_may_not_trade("health_healthy", ("/terminal", 200, "terminal"), "readiness_account_blocked", &[
    "terminal.trading_allowed Degraded investor_password",
])]
#[case::worker_disconnected("health_disconnected", ("/terminal", 503, "not_connected"), "readiness_unknown", &TERMINAL_SILENT)]
#[case::terminal_told_nothing("health_healthy", ("/terminal", 503, "no_terminal"), "readiness_ready", &TERMINAL_SILENT)]
#[tokio::test]
async fn conn_bridge(
    #[case] health: &'static str,
    #[case] terminal: Page,
    #[case] readiness: &'static str,
    #[case] expected: &[&str],
) {
    let pages = [
        ("/health", 200, health),
        terminal,
        ("/readiness", 200, readiness),
        ("/account", 200, "account"),
        ("/positions", 200, "positions"),
        ("/orders", 200, "orders"),
    ];
    let around = Around { accounts: numbered(&[1_000_001]), ..Around::default() };
    expect("conn-bridge", &pages, around, expected).await;
}

const TERMINAL_SILENT: [&str; 9] = [
    "terminal.ipc Down terminal_silent",
    "terminal.broker_link Unknown blind",
    "terminal.trading_allowed Unknown blind",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    "account.identity Unknown not_listed",
    NO_POSITIONS,
];

#[tokio::test]
async fn conn_bridge_refuses_the_key_on_every_path() {
    expect("conn-bridge", &[("/health", 401, "unauthorized")], Around::default(), &KEY_REFUSED).await;
}

/// What quant-server never tells.
const QUANT: [&str; 5] = [
    "terminal.broker_link Unknown not_told",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
];

#[rstest]
#[case::healthy(("/health", 200, "health_healthy"), ("/account_info", 200, "account_info"), "last_error_success", &QUANT)]
#[case::old(("/health", 200, "health_old"), ("/account_info", 200, "account_info_old"), "last_error_success", &[
    "terminal.broker_link Unknown not_told",
    "terminal.trading_allowed Unknown not_told",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
])]
#[case::polls_stand_still(("/health", 503, "health_stalled"), ("/account_info", 500, "account_info_failed"), "last_error_no_ipc", &[
    "terminal.ipc Down terminal_pipe_broken",
    "terminal.broker_link Unknown blind",
    "terminal.trading_allowed Unknown blind",
    "accounts.fresh Unknown not_listed",
    "accounts.syncing Unknown not_listed",
    "accounts.zero Unknown not_listed",
    "account.failed Unknown not_listed",
    "account.identity Unknown not_listed",
    NO_POSITIONS,
])]
#[tokio::test]
async fn quant_server(
    #[case] health: Page,
    #[case] account: Page,
    #[case] last_error: &'static str,
    #[case] expected: &[&str],
) {
    let pages = [health, account, ("/last_error", 200, last_error), ("/get_positions", 200, "positions")];
    expect(
        "quant-server",
        &pages,
        Around { accounts: numbered(&[1_000_001]), ..Around::default() },
        expected,
    )
    .await;
}

#[tokio::test]
async fn a_bridge_in_session_0_and_a_terminal_in_session_1_cannot_meet() {
    let expected = [
        "terminal.ipc Down session_mismatch",
        "terminal.broker_link Unknown blind",
        "terminal.trading_allowed Unknown blind",
        "account.failed Unknown blind",
        NO_POSITIONS,
    ];
    let around = Around { accounts: numbered(&[1_000_001, 1_000_002]), ..Around::default() };
    let pages = [("/health", 503, "health"), ("/accounts", 200, "accounts")];
    expect("own", &pages, around, &expected).await;
}
