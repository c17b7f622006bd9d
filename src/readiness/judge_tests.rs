//! The boundaries of what is ready, at risk and not.

use alloc::string::String;
use core::time::Duration;

use rstest::rstest;

use super::super::{Finding, Part, RemedyOf, Seen, Trouble};
use super::{DISK_AT_RISK_PERCENT, DISK_NOT_READY_BYTES, MIB, judge};
use crate::ids::TargetId;
use crate::time::Timestamp;
use crate::view::ReadinessState::{self, AtRisk, NotReady, NotSetUp, Ready, Unknown};

const DAY: u64 = 24 * 3_600;
const GIB: u64 = 1024 * MIB;

fn now() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

fn found(part: Part, seen: Seen) -> super::Judgement {
    judge(&Finding { part, at: now(), seen }, now())
}

fn token() -> Part {
    let target = TargetId::try_new("mt5").unwrap();
    Part::GithubToken(RemedyOf { target, remedy: String::from("restart host") })
}

fn ending(ends: Option<Timestamp>, doubt: Option<Trouble>) -> Seen {
    let (said, renew) = (String::from("GitHub takes the token"), String::from("make a new token"));
    Seen::Token { said, ends, doubt, renew }
}

#[rstest]
#[case::never_told(None, Ready)]
#[case::in_a_year(Some(365 * DAY), Ready)]
#[case::in_just_14_days(Some(14 * DAY), Ready)]
#[case::a_second_less(Some(14 * DAY - 1), AtRisk)]
#[case::in_a_second(Some(1), AtRisk)]
#[case::now(Some(0), NotReady)]
fn a_token_is_told_of_two_weeks_before_it_ends(#[case] left: Option<u64>, #[case] state: ReadinessState) {
    let ends = left.map(|left| now().after(Duration::from_secs(left)));
    let judged = found(token(), ending(ends, None));
    assert_eq!(judged.state, state);
    assert_eq!(judged.mend.is_some(), state != Ready);
}

#[test]
fn a_token_that_ended_long_ago_says_when() {
    let ends = Timestamp::from_civil(2026, 11, 1, 0, 0);
    let judged = found(token(), ending(Some(ends), None));
    assert_eq!(
        (judged.state, judged.detail.as_str()),
        (NotReady, "The token ended on 2026-11-01 00:00:00 UTC.")
    );
    assert!(judged.emergency.contains("\"restart host\" would not be started"));
}

#[test]
fn a_token_that_lacks_something_and_ends_soon_says_both() {
    let doubt = Trouble::new("it has no scope \"repo\"", "give it the scope \"repo\"");
    let judged = found(token(), ending(Some(now().after(Duration::from_secs(3 * DAY))), Some(doubt)));
    assert_eq!(judged.state, AtRisk);
    let detail =
        "GitHub takes the token. It ends in 3 d, on 2026-11-26 12:00:00 UTC. It has no scope \"repo\".";
    assert_eq!(judged.detail, detail);
    assert_eq!(judged.mend.as_deref(), Some("Give it the scope \"repo\". Make a new token."));
}

fn room_of(place: &str, free: u64, total: u64) -> Seen {
    Seen::Room { place: String::from(place), free, total, at_risk_percent: DISK_AT_RISK_PERCENT }
}

#[rstest]
#[case::half_empty(50 * GIB, 100 * GIB, Ready)]
#[case::just_10_percent(10 * GIB, 100 * GIB, Ready)]
#[case::a_byte_less(10 * GIB - 1, 100 * GIB, AtRisk)]
#[case::just_2_percent(2 * GIB, 100 * GIB, AtRisk)]
#[case::a_byte_less_than_2_percent(2 * GIB - 1, 100 * GIB, NotReady)]
#[case::just_100_mib_of_a_small_disk(DISK_NOT_READY_BYTES, 500 * MIB, Ready)]
#[case::a_byte_less_than_100_mib(DISK_NOT_READY_BYTES - 1, 500 * MIB, NotReady)]
#[case::full(0, 100 * GIB, NotReady)]
#[case::not_told(0, 0, Unknown)]
#[case::as_large_as_can_be(u64::MAX, u64::MAX, Ready)]
fn a_disk_is_judged_by_its_share_and_by_its_bytes(
    #[case] free: u64,
    #[case] total: u64,
    #[case] state: ReadinessState,
) {
    let judged = found(Part::Disk, room_of("/var", free, total));
    assert_eq!(judged.state, state, "{}", judged.detail);
}

#[rstest]
#[case::never(0, 3 * GIB, Ready)]
#[case::later(5, 5 * GIB - 1, AtRisk)]
#[case::not_yet(5, 5 * GIB, Ready)]
#[case::nearly_full_all_the_same(0, 2 * GIB - 1, NotReady)]
fn the_share_that_is_told_of_can_be_chosen(
    #[case] at_risk_percent: u8,
    #[case] free: u64,
    #[case] state: ReadinessState,
) {
    let seen = Seen::Room { place: String::from("/var"), free, total: 100 * GIB, at_risk_percent };
    assert_eq!(found(Part::Disk, seen).state, state);
}

#[rstest]
#[case(0, NotReady)]
#[case(1, NotSetUp)]
#[case(2, Ready)]
fn one_recipient_is_no_trouble_and_two_are_better(#[case] count: usize, #[case] state: ReadinessState) {
    let add = String::from("name more under alerts.email.to");
    assert_eq!(found(Part::Recipients(String::from("email")), Seen::Recipients { count, add }).state, state);
}

#[rstest]
#[case(Seen::Works(String::from("it answers")), Ready, "It answers.")]
#[case(Seen::Refused(Trouble::new("it refuses", "mend it")), NotReady, "It refuses.")]
#[case(Seen::Silent(Trouble::new("it is silent", "start it")), NotReady, "It is silent.")]
#[case(Seen::NotSeen(String::from("GitHub answers with 502")), Unknown, "GitHub answers with 502.")]
fn what_was_seen_is_told_as_a_sentence(
    #[case] seen: Seen,
    #[case] state: ReadinessState,
    #[case] detail: &str,
) {
    let judged = found(Part::Channel(String::from("email")), seen);
    assert_eq!((judged.state, judged.detail.as_str()), (state, detail));
}

#[test]
fn room_is_told_in_words_that_people_use() {
    let seen = room_of("/var/lib", 3 * GIB / 2, 40 * GIB);
    assert_eq!(found(Part::Disk, seen).detail, "1.5 GiB of 40.0 GiB are free on /var/lib (3.7 %).");
}
