//! Three servers, of which one is killed every minute while faults come: each fault is healed exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound_engine::ports::Clock as _;
use rebound_engine::ports::Store as _;

use crate::stage::{Server, Stage, id, many};

/// Targets, unless `REBOUND_TEST_TARGETS` says another number, for a longer run than every change needs.
const TARGETS: usize = 30;
const KILLS: usize = 10;
/// Seconds that a killed server stays away.
const AWAY: usize = 40;
/// Longest time until the targets of a killed server are watched again.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(start_paused = true)]
async fn each_fault_is_healed_exactly_once_while_one_of_three_servers_is_killed_every_minute() {
    let targets = std::env::var("REBOUND_TEST_TARGETS").map_or(TARGETS, |number| number.parse().unwrap());
    let stage = Stage::new(many(targets));
    let names = ["a", "b", "c"];
    let mut servers: BTreeMap<&str, Server> = BTreeMap::new();
    for name in names {
        servers.insert(name, stage.server(name).await);
    }
    tokio::time::sleep(Duration::from_secs(60)).await;

    let mut took: Vec<Duration> = Vec::new();
    let mut faults = (0..targets).map(|number| id(number * 7 % targets));
    for kill in 0..KILLS {
        let name = names[kill % names.len()];
        let killed_at = stage.clock.now();
        let orphans = stage.kill(name, &servers.remove(name).unwrap());
        assert!(orphans.len() >= targets / 4, "it watched {} only", orphans.len());
        for second in 0..60 {
            let due = second % (60 * KILLS / targets).max(1) == 0;
            if due && let Some(target) = faults.next() {
                stage.loses_link(&target);
            }
            if second == AWAY {
                servers.insert(name, stage.server(name).await);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        took.extend(orphans.iter().map(|target| stage.seen_again(target, name, killed_at).since(killed_at)));
    }
    tokio::time::sleep(Duration::from_secs(300)).await;

    let healed: BTreeMap<TargetId, usize> =
        (0..targets).map(id).map(|id| (id.clone(), stage.healed(&id).len())).collect();
    let wrong: Vec<_> = healed.iter().filter(|(_, count)| **count != 1).collect();
    assert!(wrong.is_empty(), "not healed exactly once: {wrong:?}");
    let open: Vec<_> =
        stage.incidents().await.into_iter().filter(|incident| incident.closed.is_none()).collect();
    assert!(open.is_empty(), "still open: {open:?}");
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!(
        "{targets} faults, {KILLS} kills, {} targets taken over: p50 {:?}, p99 {:?}, longest {:?}",
        took.len(),
        at(50),
        at(99),
        at(100)
    );
    assert!(at(100) <= TAKEN_OVER_WITHIN, "{:?}", at(100));
}

impl Stage {
    async fn incidents(&self) -> Vec<rebound::incident::Incident> {
        self.cluster.store().incidents(None, 500).await.unwrap()
    }

    /// When a target was first seen by another server than `killed` after that was killed.
    fn seen_again(&self, target: &TargetId, killed: &str, since: Timestamp) -> Timestamp {
        let seen = self.world.seen.lock().unwrap();
        let looks = seen.get(target).into_iter().flatten();
        let by_another = looks.filter(|(at, server)| *at > since && server != killed).map(|(at, _)| *at);
        by_another.min().unwrap_or(Timestamp::from_ms(i64::MAX))
    }
}
