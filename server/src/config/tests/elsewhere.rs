//! Accounts that are read from a database of another program.

use rebound::check::CheckId;
use rstest::rstest;

use super::{TARGET, right, wrong};
use crate::config::{Asked, Settings};

const FROM: &str = "[targets.accounts_from]\nmongodb = { env = \"MONGO\" }\n";

fn checks(settings: &Settings) -> Vec<CheckId> {
    settings.core.targets[0].checks.iter().map(|check| check.id).collect()
}

#[test]
fn a_database_is_a_whole_source_of_accounts() {
    let settings = right(&format!("{TARGET}{FROM}"));
    let Asked::Bridge(bridge) = &settings.targets[0].asked else { panic!("a bridge") };
    let source = bridge.accounts_from.as_ref().expect("a source");
    assert_eq!(source.to_string(), "mt5_accounts in the database \"mt5\" on 127.0.0.1:27017");
    let summary = settings.summary();
    assert!(summary.contains("bridge (f2), accounts from mt5_accounts in the database \"mt5\""), "{summary}");
    assert!(!summary.contains("hunter2") && !format!("{settings:?}").contains("hunter2"));
}

#[test]
fn a_source_says_which_documents_it_reads_and_how() {
    let more = r#"
database = "fidus"
collection = "accounts"
only = { server = ["Example-Live", "Example-Demo"], broker = 7 }
except = { is_active = false }
[targets.accounts_from.fields]
id = ["login"]
read_time = [{ field = "last_sync" }, { field = "at", number_times = "epoch_ms" }]
placeholders = []
failure = { field = "ok", values = ["false"] }
"#;
    let settings = right(&format!("{TARGET}{FROM}{more}"));
    let Asked::Bridge(bridge) = &settings.targets[0].asked else { panic!("a bridge") };
    assert_eq!(
        bridge.accounts_from.as_ref().map(ToString::to_string).as_deref(),
        Some(
            "accounts in the database \"fidus\" on 127.0.0.1:27017 (only broker = 7, only server = \"Example-Live\" or \
             \"Example-Demo\", except is_active = false)"
        )
    );
}

#[rstest]
#[case::no_time_of_a_read("f3")]
#[case::no_balance("quant-server")]
fn a_dialect_that_tells_no_accounts_is_asked_about_them_where_a_database_does(#[case] dialect: &str) {
    let alone = right(&format!("{TARGET}dialect = \"{dialect}\"\n"));
    assert!(!checks(&alone).contains(&CheckId::AccountsFresh));
    let with = right(&format!("{TARGET}dialect = \"{dialect}\"\n{FROM}"));
    for check in
        [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountsZero, CheckId::AccountFailed]
    {
        assert!(checks(&with).contains(&check), "{check}");
    }
}

#[test]
fn everything_that_is_wrong_with_a_source_is_told_at_once() {
    let from = r#"
[targets.accounts_from]
trusted_root = "none.pem"
database = "a.b"
collection = ""
only = { "$where" = "1", server = [] }
[targets.accounts_from.fields]
id = []
balance = ["$"]
read_time = [{ field = "at", naive_times = "server" }]
"#;
    let told = wrong(&format!("{TARGET}{from}"));
    for part in [
        "rebound.toml has 9 problems",
        "targets[0] \"mt5\": accounts_from: database = \"a.b\" cannot be a database's name",
        "accounts_from: collection = \"\" cannot be a collection of accounts",
        "accounts_from: only: \"$where\" is no field of a document",
        "accounts_from: only.server has 0 values",
        "accounts_from: fields.id is empty",
        "accounts_from: fields: \"$\" is no field of a document",
        "accounts_from.fields.read_time: has a time by the clock of the broker's server, which is not known",
        "Set server_time of the target; mostly it is \"broker\".",
        "accounts_from.trusted_root: the file /etc/rebound/none.pem cannot be read",
        "accounts_from.mongodb: is missing",
        "mongodb = { env = \"ACCOUNTS_MONGODB_URL\" }",
    ] {
        assert!(told.contains(part), "{part}\nis not in\n{told}");
    }
}

#[rstest]
#[case::a_secret_in_the_file("mongodb = \"mongodb://me:hunter2@h/\"", "a secret must not stand in the file")]
#[case::an_unknown_key("mongdb = 1", "unknown field `mongdb`")]
#[case::a_fraction(
    "only = { server = 1.5 }",
    "expected a text, a whole number, true, false, or a list of these"
)]
#[case::an_unknown_field("fields = { balanse = [\"x\"] }", "unknown field `balanse`")]
#[case::an_unknown_unit(
    "fields = { read_time = [{ field = \"at\", number_times = \"seconds\" }] }",
    "`epoch_seconds`, `epoch_ms`, `server_seconds`, `server_ms`"
)]
#[case::no_database(
    "mongodb = { env = \"KEY\" }",
    "accounts_from.mongodb: holds no MongoDB connection string"
)]
fn a_key_that_cannot_be_read_says_what_may_stand_there(#[case] line: &str, #[case] why: &str) {
    let told = wrong(&format!("{TARGET}[targets.accounts_from]\n{line}\n"));
    assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_time_of_the_server_is_read_where_its_clock_is_told() {
    let fields = "fields = { read_time = [{ field = \"at\", naive_times = \"server\" }] }\n";
    right(&format!("{TARGET}server_time = \"broker\"\n{FROM}{fields}"));
}

#[test]
fn an_endpoint_has_no_accounts_anywhere() {
    let endpoint =
        "[[targets]]\nid = \"host\"\nkind = \"endpoint\"\nway = \"tcp\"\naddress = \"198.51.100.7:3389\"\n";
    let told = wrong(&format!("{endpoint}{FROM}"));
    assert!(told.contains("accounts_from: is a key of a bridge"), "{told}");
}
