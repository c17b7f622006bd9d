//! Every recorded shape of an answer of the other dialects, with the reading that it must give.

use rebound::check::{AccountsReading, BadAnswer, Position, TerminalReading};
use rebound::time::Timestamp;
use rebound_probes::{Answer, Dialect, HealthReading};
use rstest::rstest;

use crate::fixtures::{fixture_of, line};

/// 2025-11-04T01:07:00 UTC.
const ASKED: Timestamp = Timestamp::from_ms(1_762_218_420_000);

/// A built-in dialect, or the one that the documents show.
pub(crate) fn dialect(name: &str) -> Dialect {
    if name == "own" {
        let path = format!("{}/fixtures/own/dialect.toml", env!("CARGO_MANIFEST_DIR"));
        return Dialect::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
    Dialect::preset(name).unwrap()
}

fn answer(dialect: &str, name: &str, status: u16) -> Answer {
    Answer { status, ..Answer::ok(fixture_of(dialect, name)) }
}

/// What is told of bridge and terminal, and nothing else.
fn facts(read: &HealthReading) -> String {
    let HealthReading { terminal, store_connected, bridge_time } = read;
    let TerminalReading { available, connected, trading_allowed, account_trading, .. } = terminal;
    let TerminalReading {
        expert_trading, api_disabled, login, bridge_session, terminal_session, error, ..
    } = terminal;
    let flag = |name: &str, flag: Option<bool>| flag.map(|flag| format!("{name}={flag}"));
    let number = |name: &str, number: Option<String>| number.map(|number| format!("{name}={number}"));
    let told = [
        flag("available", *available),
        flag("connected", *connected),
        flag("trading", *trading_allowed),
        flag("account_trading", *account_trading),
        flag("expert_trading", *expert_trading),
        flag("api_disabled", *api_disabled),
        number("login", login.map(|id| id.to_string())),
        number("bridge_session", bridge_session.map(|session| session.to_string())),
        number("terminal_session", terminal_session.map(|session| session.to_string())),
        number("error", error.as_ref().map(|error| format!("{} {}", error.code, error.text))),
        flag("store", *store_connected),
        number("time", bridge_time.map(Timestamp::rfc3339)),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

const AT: &str = "time=2025-11-04T01:07:00Z";
const NOT_FOUND: &str = "error=-10003 IPC initialize failed, MetaTrader 5 x64 not found";

#[rstest]
#[case::f1("f1", "health_healthy", 200, &["available=true connected=true trading=true api_disabled=false", AT])]
#[case::f1_with_an_error_from_its_start(
    "f1", "health_old_error", 200, &["available=true connected=true trading=true api_disabled=false", NOT_FOUND, AT]
)]
#[case::f1_button_off("f1", "health_trading_off", 200, &["available=true connected=true trading=false api_disabled=false", AT])]
#[case::f1_api_off("f1", "health_api_off", 200, &["available=true connected=true trading=true api_disabled=true", AT])]
#[case::f1_terminal_not_found("f1", "health_not_found", 200, &["available=false connected=false", NOT_FOUND, AT])]
#[case::f1_error_as_text(
    "f1", "health_text_error", 200,
    &["available=false connected=false error=-6 Login failed: (-6, 'Terminal: Authorization failed')", AT]
)]
#[case::f1_link_lost("f1", "health_link_lost", 200, &["available=true connected=false", AT])]
#[case::f2_terminal_not_found("f2", "health_not_found_terminal", 200, &["available=false", NOT_FOUND, "store=true", AT])]
#[case::f2_pipe_broken("f2", "health_pipe_broken", 200, &["available=false error=-10004 No IPC connection store=true", AT])]
#[case::f2_login_refused(
    "f2", "health_login_refused", 200, &["available=false error=-6 Terminal: Authorization failed store=true", AT]
)]
#[case::f3_whose_store_flag_is_a_constant("f3", "health_healthy", 200, &["available=true connected=true trading=true", AT])]
#[case::f3_link_lost("f3", "health_link_lost", 200, &["available=true connected=false trading=true", AT])]
#[case::f3_that_calls_itself_healthy("f3", "health_terminal_gone", 200, &["available=false", AT])]
#[case::f3_never_initialised("f3", "health_not_initialized", 200, &["available=false", AT])]
#[case::f4_without_a_store("f4", "health_healthy", 200, &["available=true connected=true trading=false login=1000003", AT])]
#[case::f4_silent("f4", "health_silent", 200, &["available=false", AT])]
#[case::f4_link_lost("f4", "health_link_lost", 200, &["available=true connected=false trading=true login=1000003", AT])]
#[case::mt5_httpapi_proves_its_process_only("mt5-httpapi", "ping", 200, &[])]
#[case::mt5_httpapi_of_old("mt5-httpapi", "ping_old", 200, &[])]
#[case::mt5_httpapi_in_backtest("mt5-httpapi", "ping_backtest", 200, &[])]
#[case::conn_bridge("conn-bridge", "health_healthy", 200, &["available=true login=1000001"])]
#[case::conn_bridge_disconnected("conn-bridge", "health_disconnected", 200, &["available=false"])]
#[case::conn_bridge_without_an_account("conn-bridge", "health_not_authorized", 200, &["available=true"])]
#[case::quant_server("quant-server", "health_healthy", 200, &["available=true"])]
#[case::quant_server_of_old("quant-server", "health_old", 200, &["available=true"])]
#[case::quant_server_of_old_without_terminal("quant-server", "health_old_silent", 200, &["available=false"])]
#[case::quant_server_whose_polls_stand_still("quant-server", "health_stalled", 503, &["available=false"])]
#[case::own_in_two_sessions(
    "own", "health", 503,
    &["available=false bridge_session=0 terminal_session=1 error=-10005 IPC timeout time=2025-11-04T01:07:00Z"]
)]
#[case::own("own", "health_healthy", 200, &[
    "available=true connected=true trading=true bridge_session=1 terminal_session=1 time=2025-11-04T01:07:00Z"
])]
fn a_health_answer_tells_what_it_tells(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] told: &[&str],
) {
    let read = dialect(name).read_health(&answer(name, file, status)).unwrap();
    assert_eq!(facts(&read), told.join(" "));
}

#[rstest]
#[case::terminal(
    "mt5-httpapi",
    0,
    "terminal",
    200,
    "available=true connected=true trading=true api_disabled=false"
)]
#[case::link_lost(
    "mt5-httpapi",
    0,
    "terminal_link_lost",
    200,
    "available=true connected=false trading=true api_disabled=false"
)]
#[case::button_off(
    "mt5-httpapi",
    0,
    "terminal_trading_off",
    200,
    "available=true connected=true trading=false api_disabled=false"
)]
#[case::api_off(
    "mt5-httpapi",
    0,
    "terminal_api_off",
    200,
    "available=true connected=true trading=true api_disabled=true"
)]
#[case::null("mt5-httpapi", 0, "terminal_null", 200, "available=false")]
#[case::not_initialised(
    "mt5-httpapi",
    0,
    "not_initialized",
    503,
    "available=false error=0 MT5 not initialized"
)]
#[case::queue_full(
    "mt5-httpapi",
    0,
    "queue_full",
    503,
    "available=false error=0 queue depth 21 exceeds max 20"
)]
#[case::call_hung(
    "mt5-httpapi",
    0,
    "call_timed_out",
    504,
    "available=false error=0 mt5 call timed out: call timed out after 30s"
)]
#[case::no_error("mt5-httpapi", 1, "error_success", 200, "")]
#[case::an_error("mt5-httpapi", 1, "error_ipc_timeout", 200, "error=-10005 IPC timeout")]
#[case::login_refused(
    "mt5-httpapi",
    1,
    "error_login_refused",
    200,
    "error=-6 Terminal: Authorization failed"
)]
#[case::conn_terminal("conn-bridge", 0, "terminal", 200, "available=true connected=true trading=true")]
#[case::conn_link_lost(
    "conn-bridge",
    0,
    "terminal_link_lost",
    200,
    "available=true connected=false trading=true"
)]
#[case::conn_not_connected("conn-bridge", 0, "not_connected", 503, "available=false")]
#[case::conn_no_terminal("conn-bridge", 0, "no_terminal", 503, "available=false")]
#[case::conn_ready("conn-bridge", 1, "readiness_ready", 200, "account_trading=true")]
#[case::conn_blocked("conn-bridge", 1, "readiness_account_blocked", 200, "account_trading=false")]
#[case::conn_unknown("conn-bridge", 1, "readiness_unknown", 200, "")]
#[case::quant_account("quant-server", 0, "account_info", 200, "account_trading=true login=1000001")]
#[case::quant_account_of_old("quant-server", 0, "account_info_old", 200, "login=1000001")]
#[case::quant_investor(
    "quant-server",
    0,
    "account_info_investor",
    200,
    "account_trading=false login=1000001"
)]
#[case::quant_no_error("quant-server", 1, "last_error_success", 200, "")]
#[case::quant_error("quant-server", 1, "last_error_no_ipc", 200, "error=-10004 No IPC connection")]
fn a_further_answer_tells_what_it_tells(
    #[case] name: &str,
    #[case] number: usize,
    #[case] file: &str,
    #[case] status: u16,
    #[case] told: &str,
) {
    let read = dialect(name).read_terminal(number, &answer(name, file, status)).unwrap();
    assert_eq!(facts(&read), told);
}

#[rstest]
#[case::a_status_that_no_dialect_reads("f1", "health_healthy", 500)]
#[case::a_key_that_is_refused("conn-bridge", "unauthorized", 401)]
fn a_status_that_is_not_read_is_a_bad_answer(#[case] name: &str, #[case] file: &str, #[case] status: u16) {
    let bad = dialect(name).read_health(&answer(name, file, status)).unwrap_err();
    assert!(matches!(bad, BadAnswer::Status { status: seen, .. } if seen == status), "{bad}");
}

#[rstest]
#[case::a_refused_restart("f2", "emergency_restart_failed")]
#[case::the_answer_of_another_path("f4", "accounts_healthy")]
#[case::not_found("f1", "not_found")]
#[case::not_found_elsewhere("mt5-httpapi", "not_initialized")]
fn an_answer_of_something_else_is_no_health(#[case] name: &str, #[case] file: &str) {
    let bad = dialect(name).read_health(&answer(name, file, 200)).unwrap_err();
    assert!(matches!(bad, BadAnswer::Shape { .. }), "{bad}");
}

#[rstest]
#[case::f1("f1", "account", 200, &["1000001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC"])]
#[case::f1_with_an_investor_password("f1", "account_investor", 200, &[
    "1000001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC",
])]
#[case::f2_four_days_old("f2", "accounts_four_days_old", 200, &[
    "1001 Core: read 18,150.25, at 2025-10-31 01:06:37 UTC",
    "1002 Balance: read 2,000.00, at 2025-10-31 01:06:39 UTC",
])]
#[case::f2_zeros_that_were_read("f2", "accounts_all_zero", 200, &[
    "1001 A1: read 0.00, equity 0.00 USD Northwind-Live, at 2025-11-04 01:06:37 UTC",
    "1002 A2: read 0.00, equity 0.00 USD Northwind-Live, at 2025-11-04 01:06:37 UTC",
    "1003 A3: read 0.00, equity 0.00 USD Northwind-Live, at 2025-11-04 01:06:37 UTC",
    "1004 A4: read 0.00, equity 0.00 USD Northwind-Live, at 2025-11-04 01:06:37 UTC",
])]
#[case::f2_one_zero("f2", "accounts_one_zero", 200, &[
    "1001 Core: read 18,150.25, equity 18,160.25, at 2025-11-04 01:06:37 UTC",
    "1002 Balance: read 0.00, equity 0.00, at 2025-11-04 01:06:37 UTC",
    "1003 Growth: read 2,000.00, equity 2,000.00, at 2025-11-04 01:06:37 UTC",
])]
#[case::f2_one_failed("f2", "accounts_one_failed", 200, &[
    "1001 Core: read 18,150.25, equity 18,160.25, at 2025-11-04 01:06:37 UTC",
    "1002 Balance: failed: Login failed: (-6, 'Terminal: Authorization failed')",
    "1003 Growth: read 2,000.00, equity 2,000.00, at 2025-11-04 01:06:37 UTC",
])]
#[case::f2_of_two_servers("f2", "accounts_other_server", 200, &[
    "1001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:06:37 UTC",
    "1002 Balance: read 92.11, equity 92.11 EUR Southwind-Demo, at 2025-11-04 01:06:37 UTC",
])]
#[case::f3_placeholders_only("f3", "accounts_placeholders_only", 200, &["11 placeholders"])]
#[case::f4("f4", "accounts_healthy", 200, &[
    "1000001 Account 1: read 10,151.41, equity 10,151.41, at 2025-11-04 01:03:37 UTC",
    "1000002 Account 2: read 10,000.00, equity 10,000.00, at 2025-11-04 01:03:40 UTC",
    "1000003 Account 3: read 0.00, equity 0.00, at 2025-11-04 01:03:43 UTC",
])]
#[case::f4_that_calls_everything_cached("f4", "accounts_stopped_loop", 200, &[
    "1000001 Account 1: read 10,151.41, equity 10,151.41, at 2025-11-03 18:03:37 UTC",
    "1000002 Account 2: read 10,000.00, equity 10,000.00, at 2025-11-03 18:03:40 UTC",
    "1000003 Account 3: read 0.00, equity 0.00, at 2025-11-03 18:03:43 UTC",
])]
#[case::f4_before_its_first_round("f4", "accounts_first_refresh", 200, &["3 placeholders"])]
#[case::mt5_httpapi("mt5-httpapi", "account", 200, &[
    "1000001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC",
])]
#[case::mt5_httpapi_investor("mt5-httpapi", "account_investor", 200, &[
    "1000001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC",
])]
#[case::mt5_httpapi_without_experts("mt5-httpapi", "account_no_experts", 200, &[
    "1000001 Core: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC",
])]
#[case::mt5_httpapi_with_no_account("mt5-httpapi", "account_none", 404, &[])]
#[case::conn_bridge("conn-bridge", "account", 200, &[
    "1000001: read 18,150.25, equity 18,160.25 USD Northwind-Live, at 2025-11-04 01:07:00 UTC",
])]
#[case::own_by_the_clock_of_its_server("own", "accounts", 200, &[
    "1000001: read 0.00 USD Northwind-Live, at 2025-11-04 01:06:37 UTC, -18,150.25 moved 2025-11-04 00:30:00 UTC",
    "1000002: read 250.50 USD Northwind-Live, at 2025-11-04 01:06:30 UTC",
])]
fn accounts_are_read_as_told(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] told: &[&str],
) {
    let read = dialect(name).read_accounts(&answer(name, file, status), ASKED);
    let AccountsReading::Listed(accounts) = read else { panic!("{file} gives a list, not {read:?}") };
    let lines: Vec<String> = accounts.iter().map(line).collect();
    let placeholders = lines.iter().filter(|line| line.contains("as a placeholder")).count();
    if placeholders > 0 {
        assert_eq!(placeholders, lines.len());
        return assert_eq!([format!("{placeholders} placeholders")], told);
    }
    assert_eq!(lines, told);
}

#[rstest]
#[case::f1_not_connected("f1", "account_not_connected", 200, "says: MT5 not connected")]
#[case::f1_failed(
    "f1",
    "account_failed",
    200,
    "says: Failed to get account info: (-10004, 'No IPC connection')"
)]
#[case::f1_key_refused("f1", "unauthorized", 401, "answered with status 401: it refuses the key")]
#[case::f2_store_down("f2", "accounts_store_down", 503, "says: MongoDB not available")]
#[case::f2_live_data_null("f2", "accounts_live_null", 200, "without the list \"accounts\"")]
#[case::f2_a_bare_list("f2", "accounts_bare_list", 200, "without the list \"accounts\"")]
#[case::f3_ten_placeholders(
    "f3",
    "accounts_ten_placeholders",
    200,
    "never tells when an account was read; 10 of 11 were not read at all"
)]
#[case::f3_cached(
    "f3",
    "accounts_cached",
    200,
    "never tells when an account was read; 0 of 3 were not read at all"
)]
#[case::f3_not_initialised("f3", "not_initialized", 503, "says: MT5 not initialized")]
#[case::f4_not_initialised("f4", "not_initialized", 503, "says: MT5 not initialized")]
#[case::mt5_httpapi_not_initialised("mt5-httpapi", "not_initialized", 503, "says: MT5 not initialized")]
#[case::a_404_of_something_else(
    "mt5-httpapi",
    "ping",
    404,
    "answered with status 404, and not as its dialect says"
)]
#[case::conn_not_connected("conn-bridge", "not_connected", 503, "says: Not connected to MT5")]
#[case::conn_no_account("conn-bridge", "no_account", 503, "says: Failed to retrieve account info")]
fn accounts_that_are_not_listed_say_why(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] why: &str,
) {
    let read = dialect(name).read_accounts(&answer(name, file, status), ASKED);
    let AccountsReading::NotListed(sentence) = read else { panic!("{file} gives no list, not {read:?}") };
    assert!(sentence.contains(why), "{sentence}");
}

#[test]
fn a_bare_list_is_read_where_the_dialect_expects_one() {
    let text = include_str!("../src/dialects/f2.toml");
    let text = text.replacen("list = [\"accounts\"]", "list = [\"$\"]", 1);
    let read =
        Dialect::from_toml(&text).unwrap().read_accounts(&answer("f2", "accounts_bare_list", 200), ASKED);
    let AccountsReading::Listed(accounts) = read else { panic!("{read:?}") };
    let told = [
        "1001 Core: read 18,150.25, at 2025-11-04 01:06:37 UTC",
        "1002 Balance: read 2,000.00, at 2025-11-04 01:06:37 UTC",
    ];
    assert_eq!(accounts.iter().map(line).collect::<Vec<_>>(), told);
}

fn position(ticket: u64, symbol: &str, stop_loss: bool) -> Position {
    Position { ticket, symbol: Some(symbol.into()), stop_loss: Some(stop_loss) }
}

#[rstest]
#[case::f1("f1", "positions", &[(70_000_001, "EURUSD", true), (70_000_002, "XAUUSD", false)])]
#[case::mt5_httpapi("mt5-httpapi", "positions", &[(70_000_001, "EURUSD", true), (70_000_002, "XAUUSD", false)])]
#[case::none("mt5-httpapi", "positions_none", &[])]
#[case::conn_bridge("conn-bridge", "positions", &[(70_000_001, "EURUSD", true), (70_000_002, "XAUUSD", false)])]
#[case::quant_server("quant-server", "positions", &[(70_000_001, "EURUSD", true)])]
fn positions_are_read_with_their_stop_loss(
    #[case] name: &str,
    #[case] file: &str,
    #[case] told: &[(u64, &str, bool)],
) {
    let read = dialect(name).read_positions(&answer(name, file, 200));
    let told: Vec<Position> =
        told.iter().map(|(ticket, symbol, stop)| position(*ticket, symbol, *stop)).collect();
    assert_eq!(read, Ok(told));
}

#[rstest]
#[case::beside_an_error("f1", "positions_failed", "says: Failed to get positions")]
#[case::not_connected("f1", "positions_not_connected", "says: MT5 not connected")]
#[case::cut("conn-bridge", "positions_cut", "lists 1 entries and says that there are 2")]
#[case::another_shape("mt5-httpapi", "account", "something else than a list")]
fn a_list_of_positions_that_may_be_incomplete_is_not_believed(
    #[case] name: &str,
    #[case] file: &str,
    #[case] why: &str,
) {
    let sentence = dialect(name).read_positions(&answer(name, file, 200)).unwrap_err();
    assert!(sentence.contains(why), "{sentence}");
}

#[rstest]
#[case::no_ticket(r#"[{"symbol":"EURUSD"}]"#, "entry 0 has no ticket")]
#[case::a_ticket_of_zero(r#"[{"ticket":0}]"#, "entry 0 has no ticket")]
#[case::twice(r#"[{"ticket":7},{"ticket":"7"}]"#, "lists the ticket 7 twice")]
#[case::a_number("[7]", "entry 0 has no ticket")]
fn a_position_without_a_ticket_of_its_own_spoils_the_list(#[case] body: &str, #[case] why: &str) {
    let sentence = dialect("quant-server").read_positions(&Answer::ok(body)).unwrap_err();
    assert!(sentence.contains(why), "{sentence}");
}

#[rstest]
#[case::a_small_price("0.00045", Some(true))]
#[case::zero("0.0", Some(false))]
#[case::null("null", None)]
#[case::text("\"none\"", None)]
#[case::below_zero("-1", None)]
fn a_stop_loss_is_a_price_above_zero(#[case] told: &str, #[case] stop_loss: Option<bool>) {
    let body = format!(r#"[{{"ticket":7,"sl":{told}}}]"#);
    let read = dialect("quant-server").read_positions(&Answer::ok(body)).unwrap();
    assert_eq!(read, [Position { ticket: 7, symbol: None, stop_loss }]);
}

#[rstest]
#[case::mt5_httpapi("mt5-httpapi")]
#[case::conn_bridge("conn-bridge")]
fn orders_are_read_by_their_ticket(#[case] name: &str) {
    assert_eq!(dialect(name).read_orders(&answer(name, "orders", 200)), Ok(vec![80_000_001]));
}
