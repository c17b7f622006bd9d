//! What is known of the feed, and when its silence makes the board old.
//!
//! Pure: told what happened and when, it says what the page must show.

use std::time::Duration;

use rebound::time::Timestamp;

/// Longest silence of an open feed. The server says something at least every five seconds.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// A lost connection may take this long to come back before the board counts as old.
const GRACE: Duration = Duration::from_secs(3);

/// Longest silence of a page that nobody sees: it listens only now and then, and browsers slow its clock.
const SLEEP_MAX: Duration = Duration::from_secs(180);
/// How often a page that nobody sees listens, and one that takes turns, if no other tab tells of news.
#[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser hides pages"))]
const LISTEN_EVERY: Duration = Duration::from_secs(30);
#[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser has tabs"))]
const TURN_EVERY: Duration = Duration::from_secs(5);

/// What the page says of its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedState {
    /// Only rendered: nothing on it moves.
    Rendered,
    /// The first connection is being made.
    Connecting,
    /// News arrives.
    Live,
    /// The connection is gone since then.
    Reconnecting(Timestamp),
    /// The connection stands, but nothing came since then.
    Silent(Timestamp),
}

impl FeedState {
    /// The word for people, to be followed by the time where the state has one.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Rendered => "As of",
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting(_) => "Reconnecting since",
            Self::Silent(_) => "No news from the server since",
        }
    }

    /// Stable name for styles and tests.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Rendered => "rendered",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Reconnecting(_) => "reconnecting",
            Self::Silent(_) => "silent",
        }
    }

    /// Whether the board must look old.
    pub(crate) fn is_stale(self, now: Timestamp) -> bool {
        match self {
            Self::Rendered | Self::Connecting | Self::Live => false,
            Self::Reconnecting(at) => now.since(at) >= GRACE,
            Self::Silent(_) => true,
        }
    }
}

/// Why a page keeps no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser hides pages"))]
enum Rest {
    /// Nobody sees it.
    Hidden,
    /// Many others are seen, too.
    Turns,
}

/// What was heard of the feed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hearing {
    open: bool,
    began: bool,
    lost_at: Option<Timestamp>,
    news_at: Option<Timestamp>,
    rest: Option<Rest>,
    /// When a page without a connection last began to listen.
    listened_at: Option<Timestamp>,
    /// Whether the answer to that is still to come.
    waits: bool,
    /// Whether another tab told of news since then.
    is_nudged: bool,
}

impl Hearing {
    /// The connection stands.
    pub(crate) fn opened(&mut self, now: Option<Timestamp>) {
        self.open = true;
        self.began = true;
        self.lost_at = None;
        self.news_at = now.or(self.news_at);
    }

    /// A connection is being made.
    pub(crate) fn connecting(&mut self) {
        if self.open {
            self.lost_at = self.news_at;
        }
        self.open = false;
        self.began = true;
    }

    /// The connection is gone, or could not be made. Means nothing before the first try.
    pub(crate) fn lost(&mut self, now: Option<Timestamp>) {
        self.open = false;
        if self.began && self.lost_at.is_none() {
            self.lost_at = now;
        }
    }

    /// Nobody sees the page: it gives its connection back and listens now and then.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn sleep(&mut self) {
        self.rest = Some(Rest::Hidden);
    }

    /// Many tabs are seen at once: it gives its connection back and listens when there is news.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn take_turns(&mut self) {
        self.rest = Some(Rest::Turns);
    }

    /// Somebody sees it again; a connection is being made.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn wake(&mut self) {
        self.rest = None;
        self.open = false;
        // What is shown is as old as the last news; if nothing comes it must say so.
        self.lost_at = self.news_at;
    }

    /// Whether it gave its connection back.
    pub(crate) const fn is_asleep(&self) -> bool {
        self.rest.is_some()
    }

    /// Whether it did so because nobody sees it.
    #[cfg(feature = "hydrate")]
    pub(crate) fn sleeps(&self) -> bool {
        self.rest == Some(Rest::Hidden)
    }

    /// Whether it did so because many are seen.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn takes_turns(&self) -> bool {
        self.rest == Some(Rest::Turns)
    }

    /// Another tab tells of news. Returns whether to listen now; if an answer is still to come, that is done after it.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn nudged(&mut self, now: Timestamp) -> bool {
        self.is_nudged = self.takes_turns();
        self.listens(now)
    }

    /// Whether it is time for a page that nobody sees to listen; if so, it counts as listening from now on. It gives an answer time to
    /// come: tabs that ask anew each second would leave no connection to the one that is looked at.
    #[cfg(any(feature = "hydrate", test))]
    pub(crate) fn listens(&mut self, now: Timestamp) -> bool {
        let every = match self.rest {
            None => return false,
            Some(Rest::Hidden) => LISTEN_EVERY,
            Some(Rest::Turns) => TURN_EVERY,
        };
        let is_recent = |at: Option<Timestamp>| at.is_some_and(|at| now.since(at) < every);
        let is_quiet = !is_recent(self.news_at) && !is_recent(self.listened_at);
        let is_due = is_quiet || (self.is_nudged && !(self.waits && is_recent(self.listened_at)));
        if is_due {
            self.listened_at = Some(now);
            (self.waits, self.is_nudged) = (true, false);
        }
        is_due
    }

    /// Something arrived.
    pub(crate) fn news(&mut self, now: Option<Timestamp>) {
        self.opened(now);
        self.waits = false;
    }

    /// What the page must say; `now` is `None` where no clock ticks.
    pub(crate) fn state(&self, now: Option<Timestamp>) -> FeedState {
        let Some(now) = now else { return FeedState::Rendered };
        if let Some(rest) = self.rest {
            let longest = match rest {
                Rest::Hidden => SLEEP_MAX,
                Rest::Turns => SILENCE_MAX,
            };
            return match self.news_at {
                Some(at) if now.since(at) > longest => FeedState::Silent(at),
                Some(_) => FeedState::Live,
                None => FeedState::Connecting,
            };
        }
        match (self.open, self.lost_at, self.news_at) {
            (false, Some(at), _) => FeedState::Reconnecting(at),
            (false, None, _) | (true, _, None) => FeedState::Connecting,
            (true, _, Some(at)) if now.since(at) > SILENCE_MAX => FeedState::Silent(at),
            (true, _, Some(_)) => FeedState::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    fn open_at(seconds: i64) -> Hearing {
        let mut heard = Hearing::default();
        heard.connecting();
        heard.opened(Some(at(seconds)));
        heard
    }

    #[test]
    fn a_page_whose_clock_stands_claims_nothing() {
        assert_eq!(open_at(0).state(None), FeedState::Rendered);
    }

    #[test]
    fn the_board_says_so_when_it_is_stale() {
        let heard = open_at(0);
        assert_eq!(heard.state(Some(at(15))), FeedState::Live);
        assert_eq!(heard.state(Some(at(16))), FeedState::Silent(at(0)));
        assert!(heard.state(Some(at(16))).is_stale(at(16)));
    }

    #[test]
    fn a_lost_connection_keeps_the_time_it_was_lost_over_all_retries() {
        let mut heard = open_at(0);
        heard.lost(Some(at(5)));
        heard.connecting();
        heard.lost(Some(at(7)));
        let state = heard.state(Some(at(9)));
        assert_eq!(state, FeedState::Reconnecting(at(5)));
        assert!(state.is_stale(at(9)));
        assert!(!state.is_stale(at(6)));
    }

    #[test]
    fn a_first_try_that_fails_is_a_lost_connection() {
        let mut heard = Hearing::default();
        heard.lost(Some(at(0)));
        assert_eq!(heard.state(Some(at(1))), FeedState::Connecting);
        heard.connecting();
        heard.lost(Some(at(2)));
        assert_eq!(heard.state(Some(at(3))), FeedState::Reconnecting(at(2)));
    }

    #[test]
    fn a_page_that_nobody_sees_counts_as_new_for_longer_and_not_for_ever() {
        let mut heard = open_at(0);
        heard.sleep();
        heard.lost(Some(at(1)));
        assert_eq!(heard.state(Some(at(180))), FeedState::Live);
        assert_eq!(heard.state(Some(at(181))), FeedState::Silent(at(0)));
    }

    #[test]
    fn a_page_that_nobody_sees_asks_once_and_waits_for_the_answer() {
        let mut heard = Hearing::default();
        assert!(!heard.listens(at(0)), "one that is seen has its connection");
        heard.sleep();
        assert!(heard.listens(at(0)));
        assert!(!heard.listens(at(1)));
        assert!(!heard.listens(at(29)));
        assert!(heard.listens(at(30)), "an answer that does not come is asked for again");
        heard.news(Some(at(50)));
        assert!(!heard.listens(at(79)));
        assert!(heard.listens(at(80)));
    }

    #[test]
    fn a_page_that_takes_turns_listens_when_there_is_news_and_now_and_then() {
        let mut heard = open_at(0);
        assert!(!heard.nudged(at(0)), "one with a connection hears by itself");
        heard.take_turns();
        assert!(!heard.listens(at(1)));
        assert!(heard.nudged(at(1)));
        assert!(!heard.nudged(at(1)), "the answer is still to come");
        heard.news(Some(at(2)));
        assert!(heard.listens(at(2)), "what came meanwhile is looked at now");
        heard.news(Some(at(2)));
        assert!(!heard.listens(at(6)));
        assert!(heard.listens(at(7)));
        assert!(heard.nudged(at(12)), "an answer that does not come is asked for again");
        assert_eq!(heard.state(Some(at(17))), FeedState::Live);
        assert_eq!(
            heard.state(Some(at(18))),
            FeedState::Silent(at(2)),
            "it is seen: it is old as soon as any"
        );
    }

    #[test]
    fn a_page_that_is_seen_again_says_since_when_it_was_not_new_until_news_comes() {
        let mut heard = open_at(0);
        heard.sleep();
        heard.wake();
        assert_eq!(heard.state(Some(at(20))), FeedState::Reconnecting(at(0)));
        heard.news(Some(at(21)));
        assert_eq!(heard.state(Some(at(21))), FeedState::Live);
    }

    #[test]
    fn news_brings_a_lost_feed_back() {
        let mut heard = open_at(0);
        heard.lost(Some(at(5)));
        heard.news(Some(at(8)));
        assert_eq!(heard.state(Some(at(9))), FeedState::Live);
    }
}
