//! What a bridge in order tells, however it is worked out.

use std::time::Duration;

use rebound::time::Timestamp;
use rebound_tests::sim::bridge::Bridge;
use rebound_tests::sim::fault::Fault;
use rebound_tests::sim::thing::{Kind, Thing, Way};
use rebound_tests::sim::trouble::Trouble;

const TIMEOUT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3_600);

/// A Friday; the Forex market closes on it.
fn friday() -> Timestamp {
    Timestamp::from_civil(2026, 3, 6, 12, 0)
}

fn thing() -> Thing {
    let mut bridge = Bridge::new(4);
    (bridge.sleeps, bridge.tells_date, bridge.tells_positions) = (true, true, true);
    (bridge.positions, bridge.orders) = (vec![500, 501], vec![900]);
    bridge.read_every = Duration::from_secs(30);
    Thing::new(Kind::Bridge(bridge))
}

#[test]
fn what_is_told_later_is_what_would_have_been_told_at_once() {
    let (mut early, mut late) = (thing(), thing());
    for hours in 0..72 {
        let now = friday().after(HOUR * hours);
        let known = late.knows(now, Way::Broken).unwrap();
        assert_eq!((late.latency, late.tells(known)), early.shows(now, TIMEOUT, Way::Broken));
        assert_eq!(late.book_told_at, early.book_told_at);
    }
}

#[test]
fn what_is_told_later_does_not_know_what_happened_meanwhile() {
    let mut thing = thing();
    let known = thing.knows(friday(), Way::Free).unwrap();
    let told = thing.tells(known);
    if let Kind::Bridge(bridge) = &mut thing.kind {
        bridge.positions_lost = 1;
    }
    thing.troubles.add(Trouble::new(Fault::LinkLost, friday(), friday().after(HOUR)));
    assert_eq!(thing.tells(known), told);
    assert!(thing.knows(friday(), Way::Free).is_none());
}
