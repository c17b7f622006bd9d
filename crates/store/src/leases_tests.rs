//! Who has what after which changes.

use rebound_engine::cluster::{MemberId, ServerName};
use rebound_engine::ports::StoreError;

use super::{Change, Standing};
use crate::conformance::samples::fact_of_incident;
use crate::conformance::samples::{incident, phase, record, target};

fn run(id: &str) -> MemberId {
    MemberId::new(id.to_owned())
}

fn called(name: &str) -> ServerName {
    ServerName { name: name.to_owned(), instance: format!("instance of {name}") }
}

fn joined(id: &str, name: &str, row: u64) -> Change {
    Change::Joined { member: run(id), server: called(name), row }
}

fn claimed(id: &str, targets: &[&str]) -> Change {
    Change::Claimed { member: run(id), targets: targets.iter().map(|id| target(id)).collect() }
}

fn released(id: &str, targets: &[&str]) -> Change {
    Change::Released { member: run(id), targets: targets.iter().map(|id| target(id)).collect() }
}

fn ended(id: &str) -> Change {
    Change::Ended { member: run(id) }
}

fn after(changes: &[Change]) -> Standing {
    let mut standing = Standing::default();
    for (seq, change) in (1..).zip(changes) {
        standing.follow(seq, change);
    }
    standing
}

fn holder(standing: &Standing, id: &str) -> Option<String> {
    let held = standing.leases.get(&target(id))?;
    held.holder.as_ref().map(|holder| holder.as_str().to_owned())
}

fn two() -> Vec<Change> {
    vec![joined("a1", "a", 0), joined("b1", "b", 1)]
}

#[test]
fn of_two_who_claim_the_same_the_first_has_it() {
    let standing = after(&[two(), vec![claimed("a1", &["x", "y"]), claimed("b1", &["y", "z"])]].concat());
    assert_eq!(holder(&standing, "x").as_deref(), Some("a1"));
    assert_eq!(holder(&standing, "y").as_deref(), Some("a1"));
    assert_eq!(holder(&standing, "z").as_deref(), Some("b1"));
}

#[test]
fn only_who_takes_part_can_claim() {
    let standing = after(&[claimed("a1", &["x"])]);
    assert_eq!(holder(&standing, "x"), None);
}

#[test]
fn what_a_run_held_is_free_when_it_ends_and_its_row_tells_where_the_memory_is() {
    let standing = after(&[two(), vec![claimed("b1", &["x"]), ended("b1")]].concat());
    assert_eq!(holder(&standing, "x"), None);
    assert_eq!(standing.leases[&target("x")].row, 1);
    assert_eq!(standing.row_of(&run("b1")), None);
}

#[test]
fn a_run_that_was_put_out_can_write_nothing() {
    let mut standing = after(&[two(), vec![claimed("a1", &["mt5"])]].concat());
    let entries = [phase(1), fact_of_incident(incident(1, "mt5"))];
    let state = [record("target/mt5", "{}"), record("shared", "{}")];
    assert_eq!(standing.may_write(Some(&run("a1")), &entries, &state), Ok(()));
    assert!(matches!(standing.may_write(Some(&run("b1")), &entries, &[]), Err(StoreError::Fenced(_))));
    assert!(matches!(standing.may_write(Some(&run("b1")), &[], &state), Err(StoreError::Fenced(_))));
    assert_eq!(standing.may_write(Some(&run("b1")), &[], &state[1..]), Ok(()));

    standing.follow(9, &ended("a1"));
    assert!(matches!(standing.may_write(Some(&run("a1")), &[], &state[1..]), Err(StoreError::Fenced(_))));
}

#[test]
fn one_who_does_not_take_part_writes_only_where_nobody_does() {
    assert_eq!(Standing::default().may_write(None, &[phase(1)], &[]), Ok(()));
    let refused = after(&two()).may_write(None, &[phase(1)], &[]);
    let Err(StoreError::Unavailable(text)) = refused else { panic!("{refused:?}") };
    assert!(text.contains("\"a\" uses this store"), "{text}");
}

#[test]
fn the_same_instance_takes_its_row_back_and_its_earlier_run_ends() {
    let standing = after(&[two(), vec![claimed("a1", &["x"]), joined("a2", "a", 0)]].concat());
    assert_eq!(standing.row_of(&run("a2")), Some(0));
    assert_eq!(standing.row_of(&run("a1")), None);
    assert_eq!(holder(&standing, "x"), None);
}

#[test]
fn a_row_or_a_name_that_is_taken_is_not_given_again() {
    let standing = after(&[two(), vec![joined("c1", "c", 1)]].concat());
    assert_eq!(standing.row_of(&run("c1")), None);
    let other_instance = Change::Joined {
        member: run("b2"),
        server: ServerName { instance: "else".to_owned(), ..called("b") },
        row: 2,
    };
    let standing = after(&[two(), vec![other_instance]].concat());
    assert_eq!(standing.row_of(&run("b2")), None);
}

#[test]
fn a_server_gets_its_old_row_or_an_unused_one() {
    let standing = after(&[two(), vec![ended("a1")]].concat());
    assert_eq!(standing.row_for(&called("a")), Ok(0));
    assert_eq!(standing.row_for(&called("c")), Ok(2), "a row that was never used before one that was");
    let same_name = ServerName { instance: "else".to_owned(), ..called("b") };
    assert!(standing.row_for(&same_name).is_err());
}

#[test]
fn ten_servers_are_the_most() {
    let changes: Vec<Change> =
        (0..10).map(|row| joined(&format!("run{row}"), &format!("server{row}"), row)).collect();
    let mut standing = after(&changes);
    assert!(standing.row_for(&called("eleventh")).is_err());
    standing.follow(20, &ended("run4"));
    assert_eq!(standing.row_for(&called("eleventh")), Ok(4));
}

/// Whoever begins to read in the middle, with collections that are ahead of that, comes to the same.
#[test]
fn what_is_known_ahead_is_not_undone_by_what_is_followed_again() {
    let changes = [
        two(),
        vec![
            claimed("a1", &["x"]),
            released("a1", &["x"]),
            claimed("b1", &["x"]),
            ended("b1"),
            claimed("a1", &["x"]),
            joined("b2", "b", 1),
        ],
    ]
    .concat();
    let whole = after(&changes);
    for known in 0..=changes.len() {
        for from in 0..=known {
            let mut standing = after(&changes[..known]);
            for (seq, change) in (1..).zip(&changes).skip(from) {
                standing.follow(seq, change);
            }
            assert_eq!(standing.servers, whole.servers, "ahead by {known}, from {from}");
            assert_eq!(standing.leases, whole.leases, "ahead by {known}, from {from}");
        }
    }
}
