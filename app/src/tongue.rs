//! The language that a page speaks.
//!
//! Rebound thinks in English: every sentence of the core, of the crates and of the pages is written in it, and history keeps what was
//! said. Another language is a [catalogue](self::catalogue::Catalogue), one file for each part of the program in `app/words/`, and it is
//! applied where words leave the server: to the sheet of a page, and to the page's own words by [`t`] and [`tell`]. A browser gets what
//! its part needs with the page, so who reads English carries none of it.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

use self::catalogue::Catalogue;

mod catalogue;

#[cfg(feature = "ssr")]
mod known;
#[cfg(feature = "ssr")]
mod sheets;

#[cfg(feature = "ssr")]
pub use known::{TONGUE_COOKIE, Tongue};

/// Where a page carries the words that its browser needs.
pub(crate) const CARRIED: &str = "words";

/// The page's own words in its language.
pub(crate) fn t(english: &'static str) -> &'static str {
    spoken().and_then(|catalogue| catalogue.whole(english)).unwrap_or(english)
}

/// What was put together here, in the page's language.
pub(crate) fn tell(english: String) -> String {
    spoken().and_then(|catalogue| catalogue.said(&english)).unwrap_or(english)
}

/// The catalogue of the page; none where it speaks English.
#[cfg(feature = "ssr")]
fn spoken() -> Option<&'static Catalogue> {
    Tongue::of_page().catalogue()
}

/// The catalogue of the page; none where it speaks English.
#[cfg(not(feature = "ssr"))]
fn spoken() -> Option<&'static Catalogue> {
    SPOKEN.with(|spoken| *spoken)
}

#[cfg(not(feature = "ssr"))]
thread_local! {
    static SPOKEN: Option<&'static Catalogue> = carried();
}

/// What the page carries. It is needed for as long as the page is there, so it is never given back.
#[cfg(feature = "hydrate")]
fn carried() -> Option<&'static Catalogue> {
    let text = document().get_element_by_id(CARRIED)?.text_content()?;
    let pairs: Vec<(String, String)> = serde_json::from_str(&text).ok()?;
    let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let pairs = pairs.into_iter().map(|(english, said)| (kept(english), kept(said)));
    Some(Box::leak(Box::new(Catalogue::of(pairs))))
}

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
const fn carried() -> Option<&'static Catalogue> {
    None
}
