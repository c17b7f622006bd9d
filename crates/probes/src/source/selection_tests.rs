//! What is asked of a collection, and what can never be.

use std::collections::BTreeMap;

use mongodb::bson::{Bson, doc};
use rstest::rstest;

use super::{AccountSelection, Wanted};
use crate::source::AccountFields;

fn conditions(field: &str, values: &[Wanted]) -> BTreeMap<String, Vec<Wanted>> {
    BTreeMap::from([(field.to_owned(), values.to_vec())])
}

fn text(text: &str) -> Wanted {
    Wanted::Text(text.to_owned())
}

#[test]
fn the_known_shape_can_be_read_and_asks_for_its_fields_only() {
    let known = AccountSelection::default();
    assert_eq!((known.problems(), known.filter()), (vec![], doc! {}));
    let projection = known.projection();
    for field in ["account", "balance", "last_sync", "updated_at", "data_source", "sync_error"] {
        assert_eq!(projection.get(field), Some(&Bson::Int32(1)), "{field}");
    }
    assert_eq!((projection.get("_id"), projection.get("positions")), (Some(&Bson::Int32(0)), None));
}

#[test]
fn an_id_of_the_database_is_asked_for_where_it_is_mapped() {
    let fields: AccountFields = toml::from_str("id = [\"_id\", \"info.login\"]").unwrap();
    let projection = AccountSelection { fields, ..AccountSelection::default() }.projection();
    let sent = Some(&Bson::Int32(1));
    assert_eq!((projection.get("_id"), projection.get("info")), (sent, sent));
}

#[test]
fn conditions_pick_the_documents_and_say_so() {
    let selection = AccountSelection {
        only: conditions("server", &[text("Example-Live"), text("Example-Demo")]),
        except: conditions("is_active", &[Wanted::Flag(false), Wanted::Number(0)]),
        ..AccountSelection::default()
    };
    assert_eq!(
        selection.filter(),
        doc! { "server": { "$in": ["Example-Live", "Example-Demo"] }, "is_active": { "$nin": [false, 0_i64] } }
    );
    assert_eq!(
        selection.to_string(),
        " (only server = \"Example-Live\" or \"Example-Demo\", except is_active = false or 0)"
    );
}

#[test]
fn one_field_may_have_conditions_of_both_kinds() {
    let selection = AccountSelection {
        only: conditions("server", &[text("a")]),
        except: conditions("server", &[text("b")]),
        ..AccountSelection::default()
    };
    assert_eq!(selection.filter(), doc! { "server": { "$in": ["a"], "$nin": ["b"] } });
}

#[test]
fn everything_that_cannot_work_is_told_at_once() {
    let mapping = "id = []\nbalance = [\"$[0].balance\"]\nread_time = []";
    let selection = AccountSelection {
        database: Some("a.b".to_owned()),
        collection: "system.users".to_owned(),
        only: conditions("$where", &[text("1")]),
        except: conditions("server", &[]),
        fields: toml::from_str(mapping).unwrap(),
    };
    let told: Vec<String> = selection.problems().into_iter().map(|(problem, _)| problem).collect();
    assert_eq!(
        told,
        [
            "database = \"a.b\" cannot be a database's name",
            "collection = \"system.users\" cannot be a collection of accounts",
            "only: \"$where\" is no field of a document",
            "except.server has 0 values",
            "fields.read_time is empty, so no account could ever count as read",
            "fields.id is empty",
            "fields: \"$[0].balance\" is no field of a document",
        ]
    );
}

#[rstest]
#[case::an_unknown_field("balanse = [\"x\"]", "unknown field `balanse`")]
#[case::an_unknown_unit(
    "read_time = [{ field = \"at\", number_times = \"seconds\" }]",
    "expected one of `refused`, `epoch_seconds`, `epoch_ms`, `server_seconds`, `server_ms`"
)]
#[case::a_path_that_is_none("id = [\"a..b\"]", "is no path")]
fn a_mapping_that_is_none_says_what_may_stand_there(#[case] mapping: &str, #[case] why: &str) {
    let error = toml::from_str::<AccountFields>(mapping).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}
