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
use crate::parts::follow::Whole;
use crate::sheet::overview::OverviewSheet;
use crate::sheet::target::TargetSheet;
use crate::sheet::{Body, Sheet};

pub(crate) mod clock;

pub(crate) mod hearing;

mod asleep;

#[cfg(any(feature = "hydrate", test))]
mod crowd;

mod news;

#[cfg(feature = "hydrate")]
mod tabs;

/// The feed that carries the sheets of a page; its address follows, and which board it shows already.
const FEED: &str = "/api/ui/feed?page=";
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
        let whole = Whole::by_and_by();
        let clock = Clock::starting(first.at, whole);
        let sheet = RwSignal::new(first);
        let alone = Memo::new(move |_| sheet.with(is_alone));
        let hearing = RwSignal::new(Hearing::default());
        listen_when(whole, move || listen(sheet, hearing, clock));
        let feed = Memo::new(move |_| hearing.with(|heard| heard.state(clock.now())));
        let stale = Memo::new(move |_| clock.now().is_some_and(|now| feed.get().is_stale(now)));
        Self { sheet, alone, feed, stale, clock }
    }

    /// What `read` finds on the Overview; on another page, on an empty one.
    pub(crate) fn overview<T>(self, read: impl FnOnce(&OverviewSheet) -> T) -> T {
        self.sheet.with(|sheet| {
            if let Body::Overview(overview) = &sheet.body {
                read(overview)
            } else {
                read(&OverviewSheet::default())
            }
        })
    }

    /// The part of the sheet that `of` finds, for as long as it is there; the last that was seen of it after that.
    pub(crate) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        first: T,
        of: impl Fn(&Body) -> Option<&T> + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |last: Option<&T>| {
            let found = self.sheet.with(|sheet| of(&sheet.body).cloned());
            found.or_else(|| last.cloned()).unwrap_or_else(|| first.clone())
        })
    }

    /// One target, as the page shows it.
    pub(crate) fn target(self, first: TargetSheet) -> Memo<TargetSheet> {
        let id = first.id.clone();
        self.part(first, move |body| match body {
            Body::Overview(overview) => overview.cards.iter().find(|target| target.id == id),
            Body::Target(target, _) => Some(target),
            Body::Incidents(_)
            | Body::Incident(_)
            | Body::Alerts(_)
            | Body::Readiness(_)
            | Body::Report(_)
            | Body::Settings(_)
            | Body::Review(_)
            | Body::Gone { .. } => None,
        })
    }

    /// Whether what was observed then must look old, where it may be so old at most.
    pub(crate) fn is_old(self, observed_at: Option<Timestamp>, most_ms: u64) -> bool {
        let most = i64::try_from(most_ms).unwrap_or(i64::MAX);
        observed_at.is_some_and(|at| self.now().as_ms().saturating_sub(at.as_ms()) > most)
    }

    /// Now, as far as the page knows: the ticking clock, or the time of the board before it ticks.
    pub(crate) fn now(self) -> Timestamp {
        self.clock.now().unwrap_or_else(|| self.sheet.with(|sheet| sheet.at))
    }
}

/// Whether one target is all there is.
fn is_alone(sheet: &Sheet) -> bool {
    matches!(&sheet.body, Body::Overview(overview) if overview.rows.is_empty() && overview.cards.len() == 1)
}

/// Text as a value in an address.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Does that once the page is whole, in a turn of its own: the clock has just begun to tick.
fn listen_when(whole: Whole, listen: impl Fn() + Clone + 'static) {
    // A connection belongs to the page: in an effect it would be closed by the next run of that.
    let Some(owner) = Owner::current() else { return };
    Effect::new(move |_| {
        if whole.get() {
            let (owner, listen) = (owner.clone(), listen.clone());
            set_timeout(move || owner.with(listen), Duration::ZERO);
        }
    });
}

fn listen(sheet: RwSignal<Sheet>, hearing: RwSignal<Hearing>, clock: Clock) {
    let options = UseEventSourceOptions::default()
        .immediate(false)
        .reconnect_limit(ReconnectLimit::Infinite)
        .reconnect_interval(RECONNECT_MS)
        .named_events(["sheet".to_owned(), "change".to_owned(), "tick".to_owned()]);
    let address = sheet.with_untracked(|sheet| {
        format!("{FEED}{}&at={}&seq={}", escaped(&sheet.address), sheet.at.as_ms(), sheet.seq)
    });
    let UseEventSourceReturn { message, ready_state, open, close, .. } =
        use_event_source_with_options::<String, FromToStringCodec>(address.as_str(), options);
    // A connection belongs to the page: one that is opened in an effect would be deaf from the next run of that on.
    let owner = Owner::current();
    let begun = RwSignal::new(false);
    let open = move || {
        match &owner {
            Some(owner) => owner.with(|| untrack(&open)),
            None => open(),
        }
        begun.set(true);
    };

    Effect::new(move |_| {
        // One that was never opened is not lost.
        if !begun.get() {
            return;
        }
        let state = ready_state.get();
        let now = clock.now_untracked();
        hearing.update(|heard| match state {
            ConnectionReadyState::Open => heard.opened(now),
            ConnectionReadyState::Connecting => heard.connecting(),
            ConnectionReadyState::Closing | ConnectionReadyState::Closed => heard.lost(now),
        });
    });
    let (anew, rest) = (open.clone(), close.clone());
    let tell_tabs = asleep::connect(hearing, clock, open.clone(), close);
    let again = open.clone();
    Effect::new(move |_| {
        let Some(news) = message.get() else { return };
        let news = News::read(&news.event_type, &news.data);
        if !hearing.with_untracked(Hearing::is_asleep)
            && matches!(news, Some(News::Sheet(_) | News::Change(_)))
        {
            tell_tabs();
        }
        match news {
            Some(News::Sheet(newer)) => {
                let at = newer.at;
                sheet.set(*newer);
                clock.at_least(at);
            }
            Some(News::Change(change)) => {
                let Some(newer) = sheet.with_untracked(|before| change.after(before)) else {
                    // It does not fit what is shown: a new connection begins with a whole sheet.
                    anew();
                    return;
                };
                let at = newer.at;
                sheet.set(newer);
                clock.at_least(at);
            }
            Some(News::Tick(at)) => clock.told(at),
            None => return,
        }
        hearing.update(|heard| heard.news(clock.now_untracked()));
        if hearing.with_untracked(Hearing::is_asleep) {
            rest();
            if asleep::listens_again(hearing, clock) {
                again();
            }
        }
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

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn an_address_is_one_value_of_another() {
        assert_eq!(escaped("/alerts?state=seen&target=mt5 a"), "/alerts%3Fstate%3Dseen%26target%3Dmt5%20a");
    }
}
