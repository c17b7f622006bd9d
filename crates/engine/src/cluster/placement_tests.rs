//! Who should watch what.

use std::collections::BTreeSet;

use rebound::ids::TargetId;
use rebound::target::TargetSpec;

use super::{Moves, RELEASED_MAX, groups, moves};
use crate::cluster::{Lease, Member, MemberId, Roster};

fn id(name: &str) -> TargetId {
    TargetId::try_new(name).unwrap()
}

fn ids(names: &[&str]) -> Vec<TargetId> {
    names.iter().map(|name| id(name)).collect()
}

fn run(name: &str) -> MemberId {
    MemberId::new(name.to_owned())
}

fn spec(name: &str, parents: &[&str]) -> TargetSpec {
    TargetSpec { depends_on: ids(parents), ..TargetSpec::bridge(id(name)) }
}

/// Servers in the order of their rows, and what each holds.
fn roster(servers: &[(&str, &[&str])]) -> Roster {
    let member = |(row, (name, _)): (usize, &(&str, &[&str]))| Member {
        id: run(name),
        name: (*name).to_owned(),
        row: u64::try_from(row).unwrap(),
        beats: 1,
    };
    let lease = |name: &str, target: &str| (id(target), Lease { holder: Some(run(name)), row: 0, term: 1 });
    Roster {
        members: servers.iter().enumerate().map(member).collect(),
        leases: servers
            .iter()
            .flat_map(|(name, held)| held.iter().map(|target| lease(name, target)))
            .collect(),
        ..Roster::default()
    }
}

fn alone(names: &[&str]) -> Vec<Vec<TargetId>> {
    names.iter().map(|name| ids(&[name])).collect()
}

fn wants(groups: &[Vec<TargetId>], roster: &Roster, me: &str) -> Moves {
    moves(groups, roster, &run(me), |_| true, &BTreeSet::new())
}

#[test]
fn what_depends_on_each_other_is_one_group() {
    let specs = [
        spec("host", &[]),
        spec("mt5", &["host"]),
        spec("accounts", &["mt5"]),
        spec("website", &[]),
        spec("database", &["website", "elsewhere"]),
    ];
    let expected = vec![ids(&["accounts", "host", "mt5"]), ids(&["database", "website"])];
    assert_eq!(groups(&specs), expected);
}

#[test]
fn one_server_takes_all() {
    let all = alone(&["a", "b", "c"]);
    assert_eq!(wants(&all, &roster(&[("one", &[])]), "one").claim, ids(&["a", "b", "c"]));
}

#[test]
fn two_that_begin_together_want_different_ones() {
    let all = alone(&["a", "b", "c", "d"]);
    let both = roster(&[("one", &[]), ("two", &[])]);
    assert_eq!(wants(&all, &both, "one").claim, ids(&["a", "b"]));
    assert_eq!(wants(&all, &both, "two").claim, ids(&["c", "d"]));
}

#[test]
fn who_has_all_lets_go_the_share_of_one_who_comes() {
    let all = alone(&["a", "b", "c", "d", "e"]);
    let both = roster(&[("one", &["a", "b", "c", "d", "e"]), ("two", &[])]);
    assert_eq!(wants(&all, &both, "one").release.len(), 2);
    assert_eq!(wants(&all, &both, "two"), Moves::default());
}

#[test]
fn nothing_moves_between_two_that_are_as_even_as_can_be() {
    let all = alone(&["a", "b", "c"]);
    let both = roster(&[("one", &["a", "b"]), ("two", &["c"])]);
    assert_eq!(wants(&all, &both, "one"), Moves::default());
    assert_eq!(wants(&all, &both, "two"), Moves::default());
}

#[test]
fn what_is_in_trouble_stays_where_it_is() {
    let all = alone(&["a", "b"]);
    let both = roster(&[("one", &["a", "b"]), ("two", &[])]);
    let moved = moves(&all, &both, &run("one"), |target| *target != id("a"), &BTreeSet::new());
    assert_eq!(moved.release, ids(&["b"]));
}

#[test]
fn a_group_is_never_parted() {
    let all = vec![ids(&["host", "mt5", "site"])];
    let both = roster(&[("one", &["host", "mt5", "site"]), ("two", &[])]);
    assert_eq!(wants(&all, &both, "one"), Moves::default());
}

#[test]
fn parts_of_a_group_come_together_at_the_first_server_that_has_one() {
    let all = vec![ids(&["host", "mt5", "site"])];
    let both = roster(&[("one", &["host"]), ("two", &["mt5"])]);
    assert_eq!(wants(&all, &both, "one").claim, ids(&["site"]));
    assert_eq!(wants(&all, &both, "two").release, ids(&["mt5"]));
}

#[test]
fn what_nobody_wanted_for_long_is_taken_beyond_the_share() {
    let all = alone(&["a", "b"]);
    let both = roster(&[("one", &["a"]), ("two", &[])]);
    assert_eq!(wants(&all, &both, "one"), Moves::default(), "it is the share of the other");
    let left_over = BTreeSet::from([id("b")]);
    assert_eq!(moves(&all, &both, &run("one"), |_| true, &left_over).claim, ids(&["b"]));
}

#[test]
fn who_does_not_take_part_wants_nothing() {
    assert_eq!(wants(&alone(&["a"]), &roster(&[("one", &[])]), "gone"), Moves::default());
}

/// Servers that come and go, each doing what it wants in its turn, end with everything watched, evenly, and at rest.
#[test]
fn whatever_the_groups_everybody_comes_to_rest() {
    for sizes in
        [&[1, 1, 1, 1, 1, 1, 1][..], &[5, 1, 1], &[3, 3, 3, 2], &[4, 2], &[10, 1], &[2, 2, 2, 2, 2, 1]]
    {
        for servers in 1..=4 {
            let mut named = (0..).map(|number| id(&format!("t{number:02}")));
            let all: Vec<Vec<TargetId>> =
                sizes.iter().map(|size| named.by_ref().take(*size).collect()).collect();
            let mut held: Vec<BTreeSet<TargetId>> = vec![BTreeSet::new(); servers];
            held[0].extend(all.iter().flatten().cloned());
            let mut turns = 0;
            loop {
                let mut changed = false;
                for me in 0..servers {
                    let names: Vec<String> = (0..servers).map(|number| format!("s{number}")).collect();
                    let texts: Vec<Vec<&str>> =
                        held.iter().map(|own| own.iter().map(TargetId::as_str).collect()).collect();
                    let pairs: Vec<(&str, &[&str])> =
                        names.iter().map(String::as_str).zip(texts.iter().map(Vec::as_slice)).collect();
                    let free: BTreeSet<TargetId> = all
                        .iter()
                        .flatten()
                        .filter(|id| !held.iter().any(|own| own.contains(*id)))
                        .cloned()
                        .collect();
                    // After some turns everything that is free has been so for long.
                    let left_over = if turns > 5 { free } else { BTreeSet::new() };
                    let moved = moves(&all, &roster(&pairs), &run(&names[me]), |_| true, &left_over);
                    changed |= moved != Moves::default();
                    held[me].extend(moved.claim);
                    held[me].retain(|id| !moved.release.contains(id));
                }
                turns += 1;
                assert!(turns < 30, "no rest: {sizes:?} on {servers} servers: {held:?}");
                if !changed {
                    break;
                }
            }
            let watched: usize = held.iter().map(BTreeSet::len).sum();
            assert_eq!(watched, sizes.iter().sum::<usize>(), "{sizes:?} on {servers} servers");
            for group in &all {
                assert!(held.iter().any(|own| group.iter().all(|id| own.contains(id))), "a group is parted");
            }
        }
    }
}

#[test]
fn many_are_let_go_a_few_at_a_time() {
    let names: Vec<String> = (0..300).map(|number| format!("mt5-{number:03}")).collect();
    let mut held: Vec<&str> = names.iter().map(String::as_str).collect();
    let all = alone(&held);
    let mut given: Vec<&str> = Vec::new();
    let mut times = 0;
    loop {
        let roster = roster(&[("one", &held), ("two", &given)]);
        let released = wants(&all, &roster, "one").release;
        if released.is_empty() {
            break;
        }
        assert!(released.len() <= RELEASED_MAX, "{}", released.len());
        let (go, stay): (Vec<&str>, Vec<&str>) =
            held.iter().partition(|name| released.iter().any(|id| id.as_str() == **name));
        held = stay;
        given.extend(go);
        times += 1;
    }
    assert_eq!((held.len(), times), (150, 6));
}
