//! What is said of each field of a dialect, so that whoever writes one sees where it misses.

use rebound::time::Timestamp;
use rebound_probes::{Answer, FieldRead, Part};
use rstest::rstest;

use crate::fixtures::fixture_of;
use crate::presets::dialect;

/// 2025-11-04T01:07:00 UTC.
const ASKED: Timestamp = Timestamp::from_ms(1_762_218_420_000);

/// What is said of `field`.
fn said(name: &str, part: Part, field: &str, answer: &Answer) -> String {
    let fields = dialect(name).explain(part, answer, ASKED);
    let found = fields.into_iter().find(|explained| explained.field == field);
    match found.unwrap_or_else(|| panic!("{field} is explained")).read {
        FieldRead::Told { value, place } => format!("{value} @ {place}"),
        FieldRead::Missing(why) => format!("missing: {why}"),
        FieldRead::Refused(why) => format!("refused: {why}"),
        FieldRead::NoPlace => "no place".to_owned(),
    }
}

fn answer(dialect: &str, file: &str, status: u16) -> Answer {
    Answer { status, ..Answer::ok(fixture_of(dialect, file)) }
}

#[rstest]
#[case::a_flag("f2", "health_healthy", 200, "health.connected", "true @ mt5.terminal_info.connected")]
#[case::behind_null(
    "f2",
    "health_terminal_silent",
    200,
    "health.connected",
    "missing: mt5.terminal_info is null"
)]
#[case::no_place("f2", "health_healthy", 200, "health.login", "no place")]
#[case::an_error(
    "f1",
    "health_not_found",
    200,
    "health.last_error",
    "code -10003, \"IPC initialize failed, MetaTrader 5 x64 not found\" @ last_error"
)]
#[case::no_error("f1", "health_healthy", 200, "health.last_error", "missing: last_error is null")]
#[case::a_time_of_the_server("own", "health", 503, "health.bridge_time", "2025-11-04 01:07:00 UTC @ time")]
#[case::a_word("own", "health", 503, "health.terminal_available", "false, for \"no\" @ terminal.running")]
#[case::a_session_as_text("own", "health_healthy", 200, "health.terminal_session", "1 @ windows.terminal")]
#[case::by_its_status(
    "quant-server",
    "health_stalled",
    503,
    "health.terminal_available",
    "false @ status 503"
)]
#[case::unread_status(
    "f2",
    "health_healthy",
    500,
    "health.path",
    "refused: status 500 is not read; the dialect reads 200"
)]
#[case::not_of_the_dialect(
    "f2",
    "not_found",
    200,
    "health.path",
    "refused: none of the fields is there by which the dialect is known"
)]
fn a_field_of_a_health_answer_is_explained(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] field: &str,
    #[case] words: &str,
) {
    assert_eq!(said(name, Part::Health, field, &answer(name, file, status)), words);
}

#[rstest]
#[case::there(
    "mt5-httpapi",
    0,
    "terminal",
    "terminal.terminal_available",
    "true, for being there @ terminal_present: build"
)]
#[case::null(
    "mt5-httpapi",
    0,
    "terminal_null",
    "terminal.terminal_available",
    "false, for null @ terminal_present: build"
)]
#[case::a_word_of_a_list(
    "conn-bridge",
    1,
    "readiness_account_blocked",
    "terminal-2.account_trading",
    "false, for \"fail\" @ checks[check_id=global.account_trade_allowed].status"
)]
#[case::a_word_that_means_neither(
    "conn-bridge",
    1,
    "readiness_unknown",
    "terminal-2.account_trading",
    "refused: checks[check_id=global.account_trade_allowed].status is \"unknown\", which is neither among yes nor among no"
)]
#[case::success("mt5-httpapi", 1, "error_success", "terminal-2.last_error", "no error @ $")]
fn a_field_of_a_further_answer_is_explained(
    #[case] name: &str,
    #[case] number: usize,
    #[case] file: &str,
    #[case] field: &str,
    #[case] words: &str,
) {
    assert_eq!(said(name, Part::Terminal(number), field, &answer(name, file, 200)), words);
}

#[rstest]
#[case::read(
    "f4",
    "accounts_healthy",
    200,
    "accounts[0]",
    "account 1000001 counts as read: 10,151.41, at 2025-11-04 01:03:37 UTC @ "
)]
#[case::placeholder(
    "f4",
    "accounts_first_refresh",
    200,
    "accounts[0]",
    "refused: account 1000001 does not count as read: it is marked as a placeholder: data_source is \"no_cache\""
)]
#[case::the_mark(
    "f4",
    "accounts_first_refresh",
    200,
    "accounts[0].placeholder",
    "\"no_cache\", which is the mark @ data_source"
)]
#[case::failed(
    "f2",
    "accounts_one_failed",
    200,
    "accounts[1]",
    "refused: account 1002 failed: Login failed: (-6, 'Terminal: Authorization failed')"
)]
#[case::a_text_for_a_sum(
    "f2",
    "accounts_numbers",
    200,
    "accounts[4].balance",
    "refused: balance is \"1234.50\": it is no sum of money; a number written as a text is none"
)]
#[case::no_number(
    "f2",
    "accounts_repeated",
    200,
    "accounts[2]",
    "refused: names no account: no check can tell whose it is"
)]
#[case::a_bare_number_as_time(
    "f2",
    "accounts_times",
    200,
    "accounts[9].read_time",
    "refused: updated_at is 1762218397: a time in another unit than number_times says"
)]
#[case::never_a_time(
    "f3",
    "accounts_cached",
    200,
    "accounts[0].read_time",
    "missing: the bridge never tells it: read_when = \"untold\""
)]
#[case::as_a_whole(
    "f3",
    "accounts_cached",
    200,
    "accounts",
    "refused: /api/mt5/accounts/summary never tells when an account was read; 0 of 3 were not read at all"
)]
#[case::read_when_asked(
    "f1",
    "account",
    200,
    "accounts[0].read_time",
    "2025-11-04 01:07:00 UTC @ read_when = \"asked\""
)]
#[case::a_flag("f1", "account_investor", 200, "accounts[0].account_trading", "false @ trade_allowed")]
#[case::an_error(
    "f1",
    "account_not_connected",
    200,
    "accounts.list",
    "refused: /api/mt5/account/info says: MT5 not connected"
)]
#[case::none("mt5-httpapi", "account_none", 404, "accounts.list", "0 accounts @ $")]
#[case::a_transfer(
    "own",
    "accounts",
    200,
    "accounts[0].transfer.amount",
    "-18,150.25 @ balance_operations[-1].amount"
)]
#[case::no_transfer(
    "own",
    "accounts",
    200,
    "accounts[1].transfer.time",
    "missing: balance_operations has no entry -1"
)]
fn a_field_of_an_account_is_explained(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] field: &str,
    #[case] words: &str,
) {
    assert_eq!(said(name, Part::Accounts, field, &answer(name, file, status)), words);
}

#[rstest]
#[case::a_stop("mt5-httpapi", "positions", "positions[0].stop_loss", "yes @ sl")]
#[case::no_stop("mt5-httpapi", "positions", "positions[1].stop_loss", "none @ sl")]
#[case::a_stop_of_null(
    "conn-bridge",
    "positions",
    "positions[1].stop_loss",
    "none, for null @ null_stop_loss"
)]
#[case::beside_an_error(
    "f1",
    "positions_failed",
    "positions",
    "refused: not believed: /api/mt5/positions says: Failed to get positions: (-10004, 'No IPC connection')"
)]
#[case::cut(
    "conn-bridge",
    "positions_cut",
    "positions.list",
    "refused: /positions lists 1 entries and says that there are 2"
)]
fn a_field_of_a_position_is_explained(
    #[case] name: &str,
    #[case] file: &str,
    #[case] field: &str,
    #[case] words: &str,
) {
    assert_eq!(said(name, Part::Positions, field, &answer(name, file, 200)), words);
}

#[rstest]
#[case::right("f2", "root", 200, "FIDUS MT5 Bridge API @ service")]
#[case::wrong(
    "f2",
    "root_old_service",
    200,
    "refused: service is \"FIDUS MT5 Bridge Service\", expected \"FIDUS MT5 Bridge API\": another service, or another version of the bridge"
)]
#[case::no_mark("f2", "not_found", 200, "missing: it has no field \"service\"")]
#[case::not_found("f2", "not_found", 404, "refused: status 404 says nothing about who answers; 200 does")]
fn who_answers_is_explained(
    #[case] name: &str,
    #[case] file: &str,
    #[case] status: u16,
    #[case] words: &str,
) {
    assert_eq!(said(name, Part::Identity, "identity.service", &answer(name, file, status)), words);
}

#[test]
fn what_is_no_json_says_so_in_every_part() {
    for name in rebound_probes::PRESETS {
        let dialect = dialect(name);
        for part in dialect.parts() {
            let fields = dialect.explain(part, &Answer::ok("<html>"), ASKED);
            assert!(
                matches!(fields.as_slice(), [only] if matches!(only.read, FieldRead::Refused(_))),
                "{fields:?}"
            );
        }
    }
}

#[test]
fn a_part_is_found_by_its_name() {
    let dialect = dialect("mt5-httpapi");
    assert_eq!(dialect.part("terminal-2"), Some(Part::Terminal(1)));
    assert_eq!(dialect.path_of(Part::Terminal(1)), Some("/error"));
    assert_eq!((dialect.part("terminal-3"), dialect.part("bridge")), (None, None));
}
