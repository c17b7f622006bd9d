//! Random worlds: what must be true of each, whatever happens in it.

use std::sync::atomic::{AtomicU64, Ordering};

use rebound_tests::sim::layout::Size;
use rebound_tests::sim::week::{Plan, live};

/// Worlds that are lived through here; `cargo xtask sim --long` has a thousand days.
const SEEDS: u64 = 50;
const DAYS: u32 = 2;
/// Most targets of such a world.
const TARGETS_MAX: usize = 12;

#[test]
fn every_world_keeps_every_promise() {
    let size = Size { most: Some(TARGETS_MAX), ..Size::default() };
    let plan = Plan { days: DAYS, size, ..Plan::default() };
    let next = AtomicU64::new(1);
    let lives = || {
        let mut broken = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > SEEDS {
                return broken;
            }
            let world = live(seed, plan);
            broken.extend(world.broken.into_iter().map(|promise| format!("seed {seed}: {promise}")));
        }
    };
    let broken: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(lives)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
