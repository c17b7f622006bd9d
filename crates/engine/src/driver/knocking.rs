//! Asks beside the loop whether the store answers: a store that hangs must not hold up the watch with every try.
//!
//! Only what answers is written to by the loop itself, and a store whose tries take long is tried less often.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{BEAT_EVERY, Driver, STORE_RETRY};
use crate::ledger::Again;
use crate::ports::StoreError;

/// A try that took longer than this held up the watch, and the next one comes later.
const SLOW: Duration = Duration::from_secs(1);

/// The question that runs, if any, and what the last answers say.
#[derive(Default)]
pub(super) struct Knock {
    asking: JoinSet<Result<(), StoreError>>,
    /// The store gave no answer once, and nothing had to be written since.
    is_in_doubt: bool,
    /// The last try of a store that fails took long.
    is_slow: bool,
}

impl Knock {
    /// What the store answers to the question that runs. Loses nothing when it is given up.
    pub(super) async fn answer(&mut self) -> Result<(), StoreError> {
        match self.asking.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(broke)) => Err(StoreError::Unavailable(format!("asking it broke: {broke}"))),
            None => std::future::pending().await,
        }
    }
}

impl Driver {
    /// Asks the store whether it answers, unless it is being asked.
    pub(super) fn knock(&mut self) {
        if !self.knock.asking.is_empty() {
            return;
        }
        match &self.sharing {
            Some(sharing) if sharing.is_dark() => self.knock.asking.spawn(sharing.look()),
            Some(_) | None => self.knock.asking.spawn(self.ledger.ask()),
        };
    }

    /// Somebody noticed that the store gives no answer.
    pub(super) fn doubt_the_store(&mut self) {
        if !self.store_fails {
            self.knock();
        }
    }

    /// Whether the store is to be asked before anything is tried.
    pub(super) fn must_knock(&self) -> bool {
        self.store_fails || self.knock.is_in_doubt || self.is_dark()
    }

    /// How long from one sign of life, or try of a store that fails, to the next.
    pub(super) fn beats_every(&self) -> Duration {
        match (self.must_knock(), self.knock.is_slow) {
            (true, false) => STORE_RETRY,
            (true, true) | (false, _) => BEAT_EVERY,
        }
    }

    /// What follows from the store's answer to a knock; `turn` is the number of the sign of life that may follow.
    pub(super) async fn knocked(&mut self, answer: Result<(), StoreError>, turn: usize) {
        if self.is_dark() {
            if answer.is_ok() {
                tracing::info!("the store can be reached: this server takes part from now on");
                self.fenced = true;
            }
            return;
        }
        match answer {
            Ok(()) => {
                self.knock.is_in_doubt = false;
                let began = self.clock.now();
                self.beat(turn).await;
                self.knock.is_slow = self.store_fails && self.clock.now().since(began) > SLOW;
            }
            Err(_) if self.store_fails => {
                self.ledger.keep(&self.monitor, self.clock.now(), Again::Yes).await;
            }
            // Nothing had to be written, and a primary that steps down is back in a moment.
            Err(_) if !self.knock.is_in_doubt => self.knock.is_in_doubt = true,
            Err(error) => {
                self.knock.is_in_doubt = false;
                let mut batches = VecDeque::new();
                self.note_store(Err(error), &mut batches);
                self.carry_out_all(batches).await;
            }
        }
    }
}
