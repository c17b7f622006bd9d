//! Every recorded shape of an answer, with the reading that it must give.

use rebound::check::{
    AccountReading, AccountState, AccountsReading, BadAnswer, TerminalError, TerminalReading,
};
use rebound::time::Timestamp;
use rebound_probes::{ACCOUNTS_MAX, Answer, Dialect, HealthReading};
use rstest::rstest;

/// 2025-11-04T01:07:00 UTC.
const ASKED: Timestamp = Timestamp::from_ms(1_762_218_420_000);

/// The text of a fixture of F-2.
pub(crate) fn fixture(name: &str) -> String {
    fixture_of("f2", name)
}

/// The text of a fixture of a dialect.
pub(crate) fn fixture_of(dialect: &str, name: &str) -> String {
    let path = format!("{}/fixtures/{dialect}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn f2() -> Dialect {
    Dialect::preset("f2").unwrap()
}

fn terminal(
    available: Option<bool>,
    connected: Option<bool>,
    trading_allowed: Option<bool>,
) -> TerminalReading {
    TerminalReading { available, connected, trading_allowed, ..TerminalReading::default() }
}

fn with_error(reading: TerminalReading, code: i32, text: &str) -> TerminalReading {
    TerminalReading { error: Some(TerminalError { code, text: text.to_owned() }), ..reading }
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[rstest]
#[case::healthy("health_healthy", terminal(YES, YES, YES), YES)]
#[case::terminal_silent("health_terminal_silent", terminal(NO, None, None), YES)]
#[case::ipc_timeout("health_ipc_timeout", with_error(terminal(NO, None, None), -10_005, "IPC timeout"), YES)]
#[case::link_lost("health_link_lost", terminal(YES, NO, YES), YES)]
#[case::trading_off("health_trading_off", terminal(YES, YES, NO), YES)]
#[case::an_exception(
    "health_exception",
    with_error(terminal(None, None, None), 0, "'NoneType' object has no attribute 'command'"),
    None
)]
fn a_health_answer_is_read_as_it_stands(
    #[case] name: &str,
    #[case] terminal: TerminalReading,
    #[case] store_connected: Option<bool>,
) {
    let bridge_time = Some(Timestamp::from_ms(1_762_218_420_120));
    let read = f2().read_health(&Answer::ok(fixture(name))).unwrap();
    assert_eq!(read, HealthReading { terminal, store_connected, bridge_time });
}

#[test]
fn a_bridge_clock_that_cannot_be_read_costs_nothing_else() {
    let read = f2().read_health(&Answer::ok(fixture("health_store_down"))).unwrap();
    assert_eq!((read.bridge_time, read.store_connected, read.terminal.connected), (None, NO, YES));
}

#[rstest]
#[case::another_service("root", "mt5.available")]
#[case::not_found("not_found", "mt5.available")]
fn an_answer_of_another_shape_is_refused(#[case] name: &str, #[case] field: &str) {
    let shape = BadAnswer::Shape { path: "/api/mt5/bridge/health".to_owned(), field: field.to_owned() };
    assert_eq!(f2().read_health(&Answer::ok(fixture(name))), Err(shape));
}

#[rstest]
#[case::a_text(r#"{"mt5":{"available":"yes"}}"#, "mt5.available")]
#[case::a_number(
    r#"{"mt5":{"available":true,"terminal_info":{"connected":1}}}"#,
    "mt5.terminal_info.connected"
)]
#[case::a_list("[]", "mt5.available")]
fn a_flag_that_is_no_flag_is_never_guessed(#[case] body: &str, #[case] field: &str) {
    let shape = BadAnswer::Shape { path: "/api/mt5/bridge/health".to_owned(), field: field.to_owned() };
    assert_eq!(f2().read_health(&Answer::ok(body)), Err(shape));
}

#[rstest]
#[case::healthy("accounts_healthy", &[
    "1001 Core: read 18,150.25, equity 18,160.25 USD, at 2025-11-04 01:06:37 UTC",
    "1002 Balance: read 2,000.00, at 2025-11-04 01:06:37 UTC",
    "1003 Separation: read 0.00, equity 0.00 USD, at 2025-11-04 01:06:37 UTC",
])]
#[case::placeholders("accounts_placeholders", &[
    "1001 Core: read 18,150.25, equity 18,160.25, at 2025-11-04 01:06:37 UTC",
    "1002 Balance: it is marked as a placeholder: note is \"No cached data\"",
    "1003 Money manager: it is marked as a placeholder: data_source is \"no_cache\"",
])]
#[case::null_balances("accounts_null_balances", &[
    "1001 Core: no balance is told",
    "1002 Balance: no balance is told",
])]
#[case::stored_and_failed("accounts_stored", &[
    "1001 Core: it is marked as a placeholder: data_source is \"VPS_STORED\"",
    "1002 Balance: failed: Login failed: (-6, 'Terminal: Authorization failed')",
    "1003 Old: failed: no reason is given",
])]
#[case::times("accounts_times", &[
    "1: read 1.50, at 2025-11-04 01:06:37 UTC",
    "2: read 1.50, at 2025-11-04 01:06:37 UTC",
    "3: read 1.50, at 2025-11-04 01:06:37 UTC",
    "4: read 1.50, at 2025-11-04 01:06:37 UTC",
    "5: it is not told when it was read",
    "6: it is not told when it was read",
    "7: the read time is no time: 2025-11-04",
    "8: read 1.50, at 2025-11-04 01:06:37 UTC",
    "9: read 1.50, at 2025-11-04 01:06:37 UTC",
    "10: the read time is no time: 1762218397",
])]
#[case::numbers("accounts_numbers", &[
    "1: the balance is no number: NaN",
    "2: the balance is no number: -Infinity",
    "3: the balance is no number: 1e+308",
    "4: the balance is no number: 1e999",
    "5: the balance is no number: 1234.50",
    "6: the balance is no number: true",
    "7: the balance is no number: an object",
    "8: the balance is no number: ",
    "9: read -12.50, at 2025-11-04 01:06:37 UTC",
])]
#[case::repeated("accounts_repeated", &[
    "1001: it is listed more than once, and not alike: 10.00 at 2025-11-04 01:06:37 UTC; 0.00 at 2025-11-04 01:06:37 UTC",
    "1002 Line one Line two: read 20.00, at 2025-11-04 01:06:37 UTC",
])]
fn an_account_counts_as_read_only_where_it_was(#[case] name: &str, #[case] told: &[&str]) {
    let AccountsReading::Listed(accounts) = f2().read_accounts(&Answer::ok(fixture(name)), ASKED) else {
        panic!("{name} gives a list");
    };
    assert_eq!(accounts.iter().map(line).collect::<Vec<_>>(), told);
}

#[rstest]
#[case::an_object(&fixture("accounts_offline"), "something else than accounts at \"accounts\"")]
#[case::no_list("{}", "without the list \"accounts\"")]
#[case::a_reason(&fixture("not_found"), "says: Not Found")]
#[case::a_null(r#"{"accounts":null}"#, "without the list \"accounts\"")]
#[case::no_json("oops", "did not answer with JSON")]
#[case::nameless(
    r#"{"accounts":[{"balance":1}]}"#,
    "1 accounts, none with an account number: in the entry 0 (from 0), it has no field \"account\""
)]
#[case::too_many(&format!(r#"{{"accounts":[1{}]}}"#, ",1".repeat(ACCOUNTS_MAX)), "lists 10001 accounts, more than 10000")]
fn an_answer_without_a_list_says_why(#[case] body: &str, #[case] why: &str) {
    let read = f2().read_accounts(&Answer::ok(body), ASKED);
    let AccountsReading::NotListed(sentence) = read else {
        panic!("{read:?}");
    };
    assert!(sentence.starts_with("/api/mt5/accounts/summary ") && sentence.contains(why), "{sentence}");
}

#[test]
fn a_bridge_of_one_live_account_reads_it_when_asked() {
    let dialect = Dialect::from_toml(
        r#"
        format = 1
        name = "one"
        [health]
        path = "/terminal"
        connected = ["connected"]
        [accounts]
        path = "/account"
        list = ["$"]
        shape = "one"
        id = ["login"]
        balance = ["balance"]
        error = ["error"]
        read_when = "asked"
        "#,
    )
    .unwrap();
    let AccountsReading::Listed(accounts) =
        dialect.read_accounts(&Answer::ok(r#"{"login":7,"balance":5}"#), ASKED)
    else {
        panic!("one account is a list of one");
    };
    assert_eq!(accounts.iter().map(line).collect::<Vec<_>>(), [format!("7: read 5.00, at {ASKED}")]);
    let silent = dialect.read_accounts(&Answer::ok(r#"{"error":"MT5 not connected"}"#), ASKED);
    assert_eq!(silent, AccountsReading::NotListed("/account says: MT5 not connected".to_owned()));
}

/// One account in one line.
pub(crate) fn line(account: &AccountReading) -> String {
    let name = account.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let state = match &account.state {
        AccountState::Read(read) => {
            let equity = read.equity.map(|equity| format!(", equity {equity}")).unwrap_or_default();
            let currency = read.currency.as_ref().map(|currency| format!(" {currency}")).unwrap_or_default();
            let server = read.server.as_ref().map(|server| format!(" {server}")).unwrap_or_default();
            let moved = read.transfer.map(|moved| format!(", {} moved {}", moved.amount, moved.at));
            let moved = moved.unwrap_or_default();
            format!("read {}{equity}{currency}{server}, at {}{moved}", read.balance, read.read_at)
        }
        AccountState::NotRead(why) => why.to_string(),
        AccountState::Failed(why) => format!("failed: {why}"),
    };
    format!("{}{name}: {state}", account.id)
}
