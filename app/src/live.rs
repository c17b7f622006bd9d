//! The board on the page and the feed that keeps it new.
//!
//! The one place where news enters the page. Views read [`Live`]; none of them writes to it.

use std::time::Duration;

use codee::string::FromToStringCodec;
use leptos::prelude::*;
use leptos_use_event_source::{
    ConnectionReadyState, ReconnectLimit, UseEventSourceOptions, UseEventSourceReturn,
    use_event_source_with_options,
};
use rebound::time::Timestamp;

use self::clock::Clock;
use self::hearing::{FeedState, Hearing};
use self::news::News;
use crate::sheet::Sheet;
use crate::sheet::target::TargetSheet;

pub(crate) mod clock;

pub(crate) mod hearing;

mod news;

/// The feed that carries sheets.
const FEED: &str = "/api/ui/feed";
/// Wait between two tries to connect, where the browser does not do it by itself.
const RECONNECT_MS: u64 = 1_000;
/// A connection that is open and silent for so long is made anew.
const RENEW_AFTER: Duration = Duration::from_secs(30);

/// The board, and how far it can be trusted to be new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    /// What stands on the newest board.
    pub(crate) sheet: RwSignal<Sheet>,
    /// Whether one target is all there is.
    pub(crate) alone: Memo<bool>,
    /// What is known of the feed.
    pub(crate) feed: Memo<FeedState>,
    /// Whether the board is too old to be taken for the present.
    pub(crate) stale: Memo<bool>,
    /// The page's clock.
    pub(crate) clock: Clock,
}

impl Live {
    /// Shows `first` and, in a browser, follows the feed from there.
    pub(crate) fn follow(first: Sheet) -> Self {
        let clock = Clock::starting(first.at);
        let sheet = RwSignal::new(first);
        let alone = Memo::new(move |_| sheet.with(|sheet| sheet.targets.len() == 1));
        let hearing = RwSignal::new(Hearing::default());
        listen(sheet, hearing, clock);
        let feed = Memo::new(move |_| hearing.with(|heard| heard.state(clock.now())));
        let stale = Memo::new(move |_| clock.now().is_some_and(|now| feed.get().is_stale(now)));
        Self { sheet, alone, feed, stale, clock }
    }

    /// One target, for as long as it is on the board; the last that was seen of it after that.
    pub(crate) fn target(self, first: TargetSheet) -> Memo<TargetSheet> {
        Memo::new(move |last: Option<&TargetSheet>| {
            let found =
                self.sheet.with(|sheet| sheet.targets.iter().find(|target| target.id == first.id).cloned());
            found.or_else(|| last.cloned()).unwrap_or_else(|| first.clone())
        })
    }

    /// Now, as far as the page knows: the ticking clock, or the time of the board before it ticks.
    pub(crate) fn now(self) -> Timestamp {
        self.clock.now().unwrap_or_else(|| self.sheet.with(|sheet| sheet.at))
    }
}

fn listen(sheet: RwSignal<Sheet>, hearing: RwSignal<Hearing>, clock: Clock) {
    let options = UseEventSourceOptions::default()
        .reconnect_limit(ReconnectLimit::Infinite)
        .reconnect_interval(RECONNECT_MS)
        .named_events(["sheet".to_owned(), "tick".to_owned()]);
    let UseEventSourceReturn { message, ready_state, open, .. } =
        use_event_source_with_options::<String, FromToStringCodec>(FEED, options);

    Effect::new(move |_| {
        let state = ready_state.get();
        let now = clock.now_untracked();
        hearing.update(|heard| match state {
            ConnectionReadyState::Open => heard.opened(now),
            ConnectionReadyState::Connecting => heard.connecting(),
            ConnectionReadyState::Closing | ConnectionReadyState::Closed => heard.lost(now),
        });
    });
    Effect::new(move |_| {
        let Some(news) = message.get() else { return };
        match News::read(&news.event_type, &news.data) {
            Some(News::Sheet(newer)) => {
                let at = newer.at;
                sheet.set(*newer);
                clock.at_least(at);
            }
            Some(News::Tick(at)) => clock.told(at),
            None => return,
        }
        hearing.update(|heard| heard.news(clock.now_untracked()));
    });
    // A connection can die without a word, e.g. behind a proxy: after a long silence it is made anew.
    Effect::new(move |tried: Option<Option<Timestamp>>| {
        let tried = tried.flatten();
        let now = clock.now()?;
        let silent_since = match hearing.with_untracked(|heard| heard.state(Some(now))) {
            FeedState::Silent(at) => Some(at),
            FeedState::Rendered | FeedState::Connecting | FeedState::Live | FeedState::Reconnecting(_) => {
                None
            }
        };
        let too_long = silent_since.is_some_and(|at| now.since(at) >= RENEW_AFTER);
        if too_long && tried.is_none_or(|at| now.since(at) >= RENEW_AFTER) {
            open();
            return Some(now);
        }
        tried
    });
}
