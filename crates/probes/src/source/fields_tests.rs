//! Which of a document's fields says that it was read, and which types a time, a number and an account may have.

use mongodb::bson::{Bson, DateTime, Document, doc};
use rebound::calendar::{Zone, ZoneRule};
use rebound::check::{AccountState, AccountsReading};
use rebound::time::Timestamp;
use rstest::rstest;

use super::super::document::json_of;
use super::AccountFields;
use crate::dialects::accounts::ListShape;
use crate::reading::accounts::{Reader, read_entries};

/// 2025-11-04T01:06:37 UTC, and an hour before it.
const READ: i64 = 1_762_218_397_000;
const BEFORE: i64 = READ - 3_600_000;

fn date(ms: i64) -> Bson {
    Bson::DateTime(DateTime::from_millis(ms))
}

fn fields(mapping: &str) -> AccountFields {
    toml::from_str(mapping).unwrap()
}

/// What becomes of one document, in words: the time of its read, or why it does not count.
fn read(mapping: &str, document: Document) -> String {
    let (places, server) = (fields(mapping).places(), new_york_plus_seven());
    let reader =
        Reader { places: &places, server: Some(&server), shape: ListShape::Many, from: "mt5_accounts" };
    let told = read_entries(reader, &[json_of(document)], Timestamp::from_ms(READ));
    match told.accounts {
        AccountsReading::NotListed(why) => why,
        AccountsReading::Listed(accounts) => match &accounts[0].state {
            AccountState::Read(read) => format!("{} at {}", read.balance, read.read_at.rfc3339()),
            AccountState::NotRead(why) => why.to_string(),
            AccountState::Failed(why) => format!("failed: {why}"),
        },
    }
}

fn new_york_plus_seven() -> Zone {
    Zone { name: "server".to_owned(), rule: ZoneRule::NewYorkPlus(7 * 60) }
}

/// A document of account 1000001 with `more` on top.
fn document(more: Document) -> Document {
    let mut document = doc! { "account": 1_000_001, "balance": 12.5 };
    document.extend(more);
    document
}

const AS_READ: &str = "12.50 at 2025-11-04T01:06:37Z";

#[rstest]
#[case::last_sync("last_sync")]
#[case::last_sync_timestamp("last_sync_timestamp")]
#[case::vps_sync_timestamp("vps_sync_timestamp")]
#[case::synced_at("synced_at")]
#[case::updated_at("updated_at")]
fn each_field_that_tells_freshness_is_read_in_each_of_its_types(#[case] field: &str) {
    for told in [
        date(READ),
        Bson::from("2025-11-04T01:06:37Z"),
        Bson::from("2025-11-04T03:06:37+02:00"),
        Bson::from("2025-11-04T01:06:37.000000"),
        Bson::from("2025-11-04 01:06:37.00"),
        Bson::from("2025.11.04 03:06:37"),
    ] {
        assert_eq!(read("", document(doc! { field: told.clone() })), AS_READ, "{told:?}");
    }
}

#[rstest]
#[case::seconds("epoch_seconds", Bson::Int32(1_762_218_397))]
#[case::long_seconds("epoch_seconds", Bson::Int64(1_762_218_397))]
#[case::double_seconds("epoch_seconds", Bson::Double(1_762_218_397.0))]
#[case::ms("epoch_ms", Bson::Int64(READ))]
#[case::double_ms("epoch_ms", Bson::Double(1_762_218_397_000.0))]
#[case::of_the_server("server_seconds", Bson::Int64(1_762_225_597))]
fn a_number_is_a_time_where_its_unit_is_told(#[case] unit: &str, #[case] told: Bson) {
    let mapping = format!("read_time = [{{ field = \"seen\", number_times = \"{unit}\" }}]");
    assert_eq!(read(&mapping, document(doc! { "seen": told })), AS_READ);
}

#[test]
fn each_field_has_times_of_its_own_kind() {
    let mapping = r#"read_time = [
        { field = "ms", number_times = "epoch_ms" },
        { field = "ea", naive_times = "server" },
        { field = "plain" },
    ]"#;
    assert_eq!(read(mapping, document(doc! { "ms": READ, "ea": 7 })), AS_READ);
    assert_eq!(read(mapping, document(doc! { "ea": "2025-11-04T03:06:37" })), AS_READ);
    assert_eq!(read(mapping, document(doc! { "plain": "2025-11-04T01:06:37" })), AS_READ);
}

#[rstest]
#[case::a_write_after_a_sync("last_sync", "updated_at")]
#[case::a_copy_after_a_sync("last_sync", "synced_at")]
#[case::a_write_after_a_copy("synced_at", "updated_at")]
#[case::a_write_of_what_a_file_told("timestamp", "updated_at")]
fn what_says_that_it_was_read_counts_before_what_says_that_it_was_written(
    #[case] of_read: &str,
    #[case] of_write: &str,
) {
    let told = document(doc! { of_write: date(READ), of_read: date(BEFORE) });
    assert_eq!(read("", told), "12.50 at 2025-11-04T00:06:37Z");
}

#[rstest]
#[case::null(doc! { "last_sync": Bson::Null, "updated_at": date(READ) }, AS_READ)]
#[case::no_time(doc! {}, "it is not told when it was read")]
#[case::a_bare_number(doc! { "last_sync": READ }, "the read time is no time: 1762218397000")]
#[case::a_flag(doc! { "last_sync": true, "updated_at": date(READ) }, "the read time is no time: true")]
#[case::words(doc! { "last_sync": "just now", "updated_at": date(READ) }, "the read time is no time: just now")]
#[case::the_first_date_of_python(
    doc! { "last_sync": date(-62_135_596_800_000) },
    "the read time is no time: the date 0001-01-01T00:00:00Z"
)]
#[case::another_type(
    doc! { "last_sync": Bson::MaxKey },
    "the read time is no time: a value of the type MaxKey"
)]
fn what_is_no_time_is_told_and_not_passed_over(#[case] times: Document, #[case] told: &str) {
    assert_eq!(read("", document(times)), told);
}

#[rstest]
#[case::stored(doc! { "data_source": "VPS_STORED" }, "it is marked as a placeholder: data_source is \"VPS_STORED\"")]
#[case::no_cache(doc! { "data_source": "no_cache" }, "it is marked as a placeholder: data_source is \"no_cache\"")]
#[case::a_note(doc! { "note": "No cached data" }, "it is marked as a placeholder: note is \"No cached data\"")]
#[case::given_up(doc! { "status": "inactive" }, "it is marked as a placeholder: status is \"inactive\"")]
#[case::failed(doc! { "sync_status": "failed", "sync_error": "no link" }, "failed: no link")]
#[case::failed_silently(doc! { "sync_status": "failed" }, "failed: no reason is given")]
#[case::live(doc! { "data_source": "VPS_LIVE_MT5", "sync_status": "success", "status": "active" }, "0.00 at 2025-11-04T01:06:37Z")]
fn a_mark_counts_before_a_fresh_time(#[case] marks: Document, #[case] told: &str) {
    let mut zero = document(doc! { "balance": 0.0, "last_sync": date(READ), "updated_at": date(READ) });
    zero.extend(marks);
    assert_eq!(read("", zero), told);
}

#[rstest]
#[case::null(doc! { "balance": Bson::Null }, "no balance is told")]
#[case::a_text(doc! { "balance": "12.50" }, "the balance is no number: 12.50")]
#[case::no_number(doc! { "balance": f64::NAN }, "the balance is no number: NaN")]
#[case::a_decimal(doc! { "balance": Bson::Decimal128("12.50".parse().unwrap()) }, AS_READ)]
#[case::a_long(doc! { "balance": 12_i64 }, "12.00 at 2025-11-04T01:06:37Z")]
fn a_missing_number_is_never_zero(#[case] balance: Document, #[case] told: &str) {
    let mut document = document(doc! { "last_sync": date(READ) });
    document.extend(balance);
    assert_eq!(read("", document), told);
}

#[rstest]
#[case::a_text(doc! { "account": "1000001" }, AS_READ)]
#[case::a_double(doc! { "account": 1_000_001.0 }, AS_READ)]
#[case::another_name(doc! { "account": Bson::Null, "mt5_login": 1_000_001_i64 }, AS_READ)]
#[case::of_another_platform(doc! { "account": "MT4_1000001" }, "\"account\" is \"MT4_1000001\", no account number")]
fn an_account_number_is_a_number_or_digits(#[case] id: Document, #[case] told: &str) {
    let mut document = document(doc! { "last_sync": date(READ) });
    document.extend(id);
    let said = read("", document);
    assert!(said.contains(told), "{said}");
}

#[test]
fn what_is_not_mapped_stays_as_it_is_known() {
    let mapping = "id = [\"no\"]\nbalance = [\"live.balance\"]";
    let told =
        doc! { "no": 7, "live": { "balance": 5.0 }, "last_sync": date(READ), "note": "No cached data" };
    assert_eq!(read(mapping, told), "it is marked as a placeholder: note is \"No cached data\"");
}

#[rstest]
#[case::by_name("read_time = [{ field = \"at\", naive_times = \"server\" }]", true)]
#[case::by_number("read_time = [{ field = \"at\", number_times = \"server_ms\" }]", true)]
#[case::in_no_way("read_time = [{ field = \"at\", number_times = \"epoch_ms\" }]", false)]
fn a_time_of_the_brokers_server_needs_its_clock(#[case] mapping: &str, #[case] needed: bool) {
    assert_eq!(fields(mapping).needs_server_time(), needed);
}
