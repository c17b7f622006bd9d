//! Worlds that several servers share: what must be true of them beside what is true of each world.

use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_tests::sim::dice::Dice;
use rebound_tests::sim::layout::{self, Size};
use rebound_tests::sim::share;
use rebound_tests::sim::week::{Plan, live};

const SEEDS: u64 = 10;
const SERVERS: usize = 3;
/// Targets of such a world: several groups for each server, and few enough for a test.
const TARGETS: usize = 15;

fn plan() -> Plan {
    let size = Size { targets: Some(TARGETS), ..Size::default() };
    Plan { days: 2, size, servers: Some(SERVERS), beside: 2, tells: false }
}

#[test]
fn every_world_that_servers_share_keeps_every_promise() {
    let mut broken = Vec::new();
    for seed in 1..=SEEDS {
        let world = live(seed, plan());
        assert_eq!((world.tally.worlds, world.tally.servers), (1, SERVERS as u64));
        broken.extend(world.broken.into_iter().map(|promise| format!("seed {seed}: {promise}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_story_does_not_depend_on_how_many_servers_live_at_the_same_time() {
    let story = |beside| live(4, Plan { days: 1, beside, tells: true, ..plan() }).story;
    let one_after_the_other = story(1);
    assert!(one_after_the_other.contains("== server 3 of 3"));
    assert_eq!(one_after_the_other, story(SERVERS));
}

#[test]
fn what_depends_on_each_other_has_one_server_and_all_have_about_as_many() {
    for seed in 1..=SEEDS {
        let size = Size { targets: Some(60), ..Size::default() };
        let layout = layout::draw(&mut Dice::new(seed), size, Timestamp::from_civil(2026, 3, 2, 0, 0));
        let shares = share::deal(layout, 4);
        assert_eq!(shares.iter().map(|share| share.things.len()).sum::<usize>(), 60);
        for share in shares {
            let targets = &share.config.targets;
            let here = |id: &TargetId| targets.iter().any(|spec| spec.id == *id);
            assert!(targets.iter().flat_map(|spec| &spec.depends_on).all(here));
            assert!((11..=19).contains(&targets.len()), "{}", targets.len());
        }
    }
}

#[test]
fn servers_are_as_many_as_the_targets_ask_for_and_none_has_nothing() {
    let servers = [0, 1, 125, 126, 500, 5_000].map(share::servers_for);
    assert_eq!(servers, [1, 1, 1, 2, 4, 10]);
    let size = Size { targets: Some(1), ..Size::default() };
    let layout = layout::draw(&mut Dice::new(1), size, Timestamp::from_civil(2026, 3, 2, 0, 0));
    assert_eq!(share::deal(layout, 4).len(), 1);
}
