//! Which dialects can be used, and what they say of themselves.

use rebound::calendar::{Zone, ZoneRule};
use rstest::rstest;

use super::{Dialect, PRESETS, presets};

fn text(name: &str) -> &'static str {
    presets::text(name).unwrap()
}

#[test]
fn every_preset_can_be_used() {
    for name in PRESETS {
        assert_eq!(Dialect::preset(name).unwrap().name(), name);
    }
}

#[test]
fn an_unknown_preset_names_those_there_are() {
    let error = Dialect::preset("f9").unwrap_err().to_string();
    assert!(error.contains("\"f9\"") && error.contains("mt5-httpapi"), "{error}");
}

#[rstest]
#[case::an_unknown_field("f2", "[auth]", "[auth]\nsecret = \"x\"", "secret")]
#[case::an_unknown_kind("f2", "kind = \"header\"", "kind = \"cookie\"", "cookie")]
#[case::a_header_with_a_space("f2", "name = \"X-API-Key\"", "name = \"X API Key\"", "is no header name")]
#[case::a_redirect_status(
    "f2",
    "path = \"/api/mt5/bridge/health\"",
    "path = \"/h\"\nstatuses = [302]",
    "health.statuses has 302"
)]
#[case::a_path_with_a_query(
    "f2",
    "\"/api/mt5/bridge/health\"",
    "\"/health?token=x\"",
    "\"/health?token=x\" is no path"
)]
#[case::a_path_that_logs_in(
    "f2",
    "\"/api/mt5/accounts/summary\"",
    "\"/api/mt5/account/1000001/info\"",
    "log in to that account"
)]
#[case::a_path_that_logs_in_for_trades(
    "f4",
    "\"/api/mt5/accounts/summary\"",
    "\"/api/mt5/account/1000001/trades\"",
    "log in to that account"
)]
#[case::a_nameless_place("f2", "list = [\"accounts\"]", "list = [\"accounts.\"]", "\"accounts.\" is no path")]
#[case::no_list("f2", "list = [\"accounts\"]", "list = []", "accounts.list is empty")]
#[case::another_format("f2", "format = 1", "format = 2", "format = 2 is not known")]
#[case::no_format("f2", "format = 1", "", "missing field `format`")]
#[case::a_method_that_acts(
    "f2",
    "format = 1",
    "format = 1\nmethod = \"POST\"",
    "a question must change nothing"
)]
#[case::no_read_time("f4", "read_time = [\"timestamp\"]", "", "accounts.read_time is empty")]
#[case::orders_alone("mt5-httpapi", "[positions]", "[orders2]", "unknown field")]
#[case::a_flag_told_twice("conn-bridge", "no = [\"fail\"]", "no = [\"pass\"]", "means both yes and no")]
#[case::a_flag_without_words(
    "conn-bridge",
    "yes = [\"pass\"]\nno = [\"fail\"]",
    "",
    "account_trading has no word"
)]
#[case::no_ticket("quant-server", "ticket = [\"ticket\"]", "ticket = []", "positions.ticket is empty")]
#[case::a_silent_health_path(
    "mt5-httpapi",
    "marks = [\"status\"]",
    "marks = [\"status\"]\nsilence_is_unavailable = true",
    "a silent health path means a silent bridge"
)]
#[case::a_health_without_a_mark(
    "mt5-httpapi",
    "marks = [\"status\"]",
    "",
    "without it every answer would do"
)]
#[case::a_server_east_of_everything(
    "f2",
    "format = 1",
    "format = 1\nserver_time = { kind = \"fixed\", minutes = 900 }",
    "minutes = 900 is outside of -720 to 840"
)]
fn a_dialect_that_cannot_work_says_why(
    #[case] name: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) {
    let whole = text(name);
    let changed = whole.replacen(from, to, 1);
    assert_ne!(changed, whole, "the case replaces something");
    let error = Dialect::from_toml(&changed).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_dialect_of_one_live_account_needs_no_read_time() {
    let text = r#"
        format = 1
        name = "one"
        auth = { kind = "bearer" }
        [health]
        path = "/terminal"
        statuses = [200, 503]
        connected = ["connected"]
        [accounts]
        path = "/account"
        list = ["$"]
        shape = "one"
        id = ["login"]
        balance = ["balance"]
        read_when = "asked"
    "#;
    assert_eq!(Dialect::from_toml(text).unwrap().name(), "one");
}

#[test]
fn the_time_of_the_server_is_the_targets_where_it_says_one() {
    let text = format!("server_time = {{ kind = \"new_york_plus\", minutes = 420 }}\n{}", text("f2"));
    let dialect = Dialect::from_toml(&text).unwrap();
    assert_eq!(dialect.server_time().map(|zone| &zone.rule), Some(&ZoneRule::NewYorkPlus(420)));
    assert_eq!(dialect.with_server_time(Zone::utc()).server_time(), Some(&Zone::utc()));
    assert_eq!(Dialect::preset("f2").unwrap().server_time(), None);
}

#[rstest]
#[case::f1("f1", [true, true, true, true, true])]
#[case::f2("f2", [true, false, true, true, true])]
#[case::f3("f3", [false, false, false, true, true])]
#[case::f4("f4", [true, false, false, true, true])]
#[case::mt5_httpapi("mt5-httpapi", [true, true, true, true, true])]
#[case::conn_bridge("conn-bridge", [true, true, true, true, true])]
#[case::quant_server("quant-server", [false, true, false, true, false])]
fn a_dialect_says_what_it_can_never_tell(#[case] name: &str, #[case] tells: [bool; 5]) {
    let dialect = Dialect::preset(name).unwrap();
    let seen = [
        dialect.tells_accounts(),
        dialect.tells_positions(),
        dialect.tells_identity(),
        dialect.tells_trading(),
        dialect.tells_broker_link(),
    ];
    assert_eq!(seen, tells, "accounts, positions, identity, trading, link");
}
