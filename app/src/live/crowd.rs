//! Tabs of one browser that are seen at once. Browsers allow about six connections to one server, so only the first few tabs keep one;
//! the others ask in turns, and at once when one of the first says that it heard news.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::time::Timestamp;

/// Most tabs that keep a connection: two of six are left for pages, forms and charts.
const STREAMS_MAX: usize = 4;
/// A tab that is seen says so every second. One that was not heard for so long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// What a tab knows of the others.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The name of this tab. Names are in the order in which tabs were opened.
    own: String,
    others: BTreeMap<String, Timestamp>,
}

impl Crowd {
    /// One tab, which is called so.
    pub(super) const fn of(own: String) -> Self {
        Self { own, others: BTreeMap::new() }
    }

    /// The name of this tab.
    #[cfg(feature = "hydrate")]
    pub(super) fn own(&self) -> &str {
        &self.own
    }

    /// Another tab is there. Returns whether it was not known.
    pub(super) fn heard(&mut self, name: &str, now: Timestamp) -> bool {
        name != self.own && self.others.insert(name.to_owned(), now).is_none()
    }

    /// Another tab is closed, or nobody sees it any more.
    pub(super) fn left(&mut self, name: &str) {
        self.others.remove(name);
    }

    /// Whether there are enough tabs before this one that keep a connection.
    pub(super) fn is_one_too_many(&mut self, now: Timestamp) -> bool {
        self.others.retain(|_, heard| now.since(*heard) < SILENCE_MAX);
        self.others.range::<String, _>(..&self.own).count() >= STREAMS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    #[test]
    fn the_first_four_tabs_keep_a_connection() {
        let names = ["1", "2", "3", "4", "5", "6"];
        let is_too_many = |own: &str| {
            let mut crowd = Crowd::of(own.to_owned());
            for name in names {
                crowd.heard(name, at(0));
            }
            crowd.is_one_too_many(at(4))
        };
        assert_eq!(names.map(is_too_many), [false, false, false, false, true, true]);
    }

    #[test]
    fn a_tab_that_is_gone_makes_room() {
        let mut crowd = Crowd::of("5".to_owned());
        for name in ["1", "2", "3", "4"] {
            assert!(crowd.heard(name, at(0)));
            assert!(!crowd.heard(name, at(1)), "known by now");
        }
        assert!(!crowd.heard("5", at(1)), "its own voice");
        assert!(crowd.is_one_too_many(at(5)));
        crowd.left("2");
        assert!(!crowd.is_one_too_many(at(5)));
        crowd.heard("2", at(5));
        assert!(crowd.is_one_too_many(at(5)));
        assert!(!crowd.is_one_too_many(at(6)), "the others were not heard for long");
    }
}
