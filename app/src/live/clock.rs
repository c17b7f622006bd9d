//! The page's clock: the server's time, ticking in the browser.
//!
//! Stands still on the server and on the first render in the browser, so that both show the same. Corrects a browser's
//! clock that goes wrong by what the server tells.

use std::time::Duration;

use leptos::prelude::*;
use rebound::time::Timestamp;

use crate::parts::follow::Whole;

const TICK: Duration = Duration::from_secs(1);
/// Corrections below this are the network's delay, not the clock's error.
const JITTER_MS: i64 = 1_500;
/// A board may be this old when it arrives: only beyond it is the browser's clock doubted without a tick.
const BOARD_AGE_MAX_MS: i64 = 60_000;

/// A clock that can be read in views.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// When the page was rendered: the day that short times refer to.
    pub(crate) rendered_at: Timestamp,
    now: RwSignal<Option<Timestamp>>,
    offset_ms: StoredValue<i64>,
    told_at: StoredValue<Timestamp>,
}

impl Clock {
    /// A clock that stands at `rendered_at` until the browser has taken all of the page over, and ticks from then on.
    pub(crate) fn starting(rendered_at: Timestamp, whole: Whole) -> Self {
        let clock = Self::standing(rendered_at);
        provide_context(clock);
        Effect::new(move |_| {
            if !whole.get() {
                return;
            }
            if let Some(browser) = browser_now() {
                clock.offset_ms.set_value(first_offset(rendered_at, browser));
            }
            clock.tick();
            if let Ok(timer) = set_interval_with_handle(move || clock.tick(), TICK) {
                on_cleanup(move || timer.clear());
            }
        });
        clock
    }

    /// The clock of the page, or one that stands where there is none.
    pub(crate) fn of_page() -> Self {
        use_context::<Self>().unwrap_or_else(|| Self::standing(Timestamp::default()))
    }

    fn standing(rendered_at: Timestamp) -> Self {
        Self {
            rendered_at,
            now: RwSignal::new(None),
            offset_ms: StoredValue::new(0),
            told_at: StoredValue::new(rendered_at),
        }
    }

    /// The server's time, if the clock ticks.
    pub(crate) fn now(self) -> Option<Timestamp> {
        self.now.get()
    }

    /// [`Clock::now`] without following it.
    pub(crate) fn now_untracked(self) -> Option<Timestamp> {
        self.now.get_untracked()
    }

    /// Now, or when the page was made while no clock ticks.
    #[cfg(feature = "hydrate")]
    pub(crate) fn now_or_made(self) -> Timestamp {
        self.now_untracked().unwrap_or(self.rendered_at)
    }

    /// The server told its time just now. A time that was told before is not the time of now.
    pub(crate) fn told(self, at: Timestamp) {
        if at <= self.told_at.get_value() {
            return;
        }
        self.told_at.set_value(at);
        if let Some(browser) = browser_now() {
            self.offset_ms.update_value(|offset| *offset = corrected(*offset, at, browser));
            self.tick();
        }
    }

    /// The server told a time that is now or shortly past.
    pub(crate) fn at_least(self, at: Timestamp) {
        if self.now_untracked().is_some_and(|now| now < at) {
            self.told(at);
        }
    }

    fn tick(self) {
        if let Some(browser) = browser_now() {
            self.now
                .set(Some(Timestamp::from_ms(browser.as_ms().saturating_add(self.offset_ms.get_value()))));
        }
    }
}

/// How far the browser's clock is believed to be behind the server's, knowing only when the page was rendered.
fn first_offset(rendered_at: Timestamp, browser: Timestamp) -> i64 {
    let ahead = rendered_at.as_ms().saturating_sub(browser.as_ms());
    if (-BOARD_AGE_MAX_MS..=0).contains(&ahead) { 0 } else { ahead }
}

/// The offset after the server told its time.
fn corrected(offset_ms: i64, told: Timestamp, browser: Timestamp) -> i64 {
    let exact = told.as_ms().saturating_sub(browser.as_ms());
    if exact.saturating_sub(offset_ms).abs() < JITTER_MS { offset_ms } else { exact }
}

#[cfg(feature = "hydrate")]
pub(super) fn browser_now() -> Option<Timestamp> {
    Some(Timestamp::from_ms(js_sys::Date::now() as i64))
}

#[cfg(not(feature = "hydrate"))]
const fn browser_now() -> Option<Timestamp> {
    None
}

/// Minutes that the browser's zone is behind UTC at that time.
#[cfg(feature = "hydrate")]
pub(crate) fn zone_behind_utc(at: Timestamp) -> i64 {
    js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.as_ms() as f64)).get_timezone_offset() as i64
}

/// Minutes that the zone is behind UTC: no browser, no zone.
#[cfg(not(feature = "hydrate"))]
pub(crate) const fn zone_behind_utc(_at: Timestamp) -> i64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    #[test]
    fn clocks_that_agree_are_left_alone_by_a_board_that_is_a_little_old() {
        assert_eq!(first_offset(at(990), at(1_000)), 0);
    }

    #[test]
    fn a_browser_that_is_wrong_is_corrected() {
        assert_eq!(first_offset(at(1_500), at(1_000)), 500_000);
        assert_eq!(first_offset(at(1_000), at(8_200)), -7_200_000);
        assert_eq!(corrected(0, at(1_004), at(1_000)), 4_000);
    }

    #[test]
    fn the_networks_delay_does_not_make_the_clock_jump() {
        assert_eq!(corrected(0, at(1_000), at(1_001)), 0);
    }
}
