//! Counts the connections that a client makes, so that a host that is gone can be told from a bridge that does not answer.
//!
//! An encrypted connection counts when its handshake is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower::util::MapResponseLayer;

/// How many connections a client has made so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    made: Arc<AtomicU64>,
}

impl Connections {
    pub(super) fn made(&self) -> u64 {
        self.made.load(Ordering::Acquire)
    }

    /// Counts each connection of whatever makes them.
    pub(super) fn counted<C>(&self) -> MapResponseLayer<impl FnOnce(C) -> C + Clone + Send + Sync + 'static> {
        let made = Arc::clone(&self.made);
        MapResponseLayer::new(move |connection| {
            made.fetch_add(1, Ordering::AcqRel);
            connection
        })
    }
}
