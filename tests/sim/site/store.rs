//! How the site writes down what it must: as the engine's ledger and driver do.

use std::collections::VecDeque;
use std::time::Duration;

use rebound::monitor::{Command, Event};

use super::Site;

const BEAT_EVERY: Duration = Duration::from_secs(30);
const STORE_RETRY: Duration = Duration::from_secs(5);
const BEATS_PER_FULL_WRITE: u32 = 10;
/// Longest time that the engine gives the store for one write.
const ANSWER_MAX: Duration = Duration::from_secs(5);

impl Site {
    /// Writes what waits. A store that refused is tried again by the beat, not by everything that happens.
    pub(super) fn commit(&mut self, batches: &mut VecDeque<Vec<Command>>) -> bool {
        if !self.waits_for_store {
            return true;
        }
        if self.store_fails {
            return false;
        }
        self.write(batches)
    }

    fn write(&mut self, batches: &mut VecDeque<Vec<Command>>) -> bool {
        let takes = self.own.write_takes(self.now).min(ANSWER_MAX);
        let works = !self.own.store_down.holds(self.now) && takes < ANSWER_MAX;
        if !takes.is_zero() {
            self.now = self.now.after(takes);
            self.store_took = Some(takes);
        }
        if works {
            if self.own.must_remember(self.now) {
                if self.own.is_killed_by_plan_only && !self.kept.is_whole() {
                    self.touched.extend(self.monitor.target_ids());
                }
                self.kept.commit(&self.monitor, &self.touched, self.clock());
            }
            self.kept.write_alerts(self.alerts_wait.drain(..));
            self.touched.clear();
            self.waits_for_store = false;
            self.notes.is_safe();
        }
        if works == self.store_fails {
            self.store_fails = !works;
            self.notes.says(self.now, || {
                if works { "-- the store works again" } else { "-- the store refuses" }.to_owned()
            });
            let state = if works { Ok(()) } else { Err("the disk is full".to_owned()) };
            batches.push_back(self.monitor.handle(self.clock(), Event::StoreChanged(state)));
        }
        works
    }

    pub(super) fn beat(&mut self) {
        self.beats = self.beats.wrapping_add(1);
        if self.beats.is_multiple_of(BEATS_PER_FULL_WRITE) {
            self.touched.extend(self.monitor.target_ids());
        }
        let mut batches = VecDeque::new();
        self.write(&mut batches);
        self.next_beat = self.now.after(if self.store_fails { STORE_RETRY } else { BEAT_EVERY });
        while let Some(batch) = batches.pop_front() {
            self.carry_out(batch);
        }
    }
}
