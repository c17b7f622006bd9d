//! The dashboard: pages rendered on the server and alive in the browser.
//!
//! Shows what [`rebound::view::Board`] says and hands on what people ask for. Decides nothing: every verdict, tone and
//! sentence comes from the core. The server and the first render in the browser show the same data; what only the
//! browser knows (its clock, its zone) is turned on afterwards.

#![warn(clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
#![expect(
    unreachable_pub,
    reason = "the component macro writes public constructors beside private components"
)]
#![recursion_limit = "256"]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "rebound-app: `ssr` and `hydrate` are both on. Build the server with plain `cargo build`, the browser's part with `cargo xtask site`."
);

#[cfg(not(erase_components))]
compile_error!(
    "rebound-app: `--cfg erase_components` is missing. Server and browser must both have it: .cargo/config.toml sets it; unset RUSTFLAGS, which replaces that setting."
);

#[cfg(feature = "ssr")]
mod document;

mod pages;

mod parts;

mod live;

mod api;

mod sheet;

mod tongue;

#[cfg(feature = "ssr")]
pub use api::actions::RIGHTS;
#[cfg(feature = "ssr")]
pub use api::error::UiError;
#[cfg(feature = "ssr")]
pub use api::request::path_of;
#[cfg(feature = "ssr")]
pub use document::{living_document, status_document, still_document};
#[cfg(feature = "ssr")]
pub use pages::still::go::{Go, Way, WayList};
#[cfg(feature = "ssr")]
pub use pages::still::me::Me;
#[cfg(feature = "ssr")]
pub use pages::still::people::{DeedRow, KeyRow, People, PeopleSheet, PersonRow, Secret};
#[cfg(feature = "ssr")]
pub use pages::still::{NotAllowed, Nowhere, login::Login, status::PublicStatus};
pub use pages::{Page, living};
pub use parts::icon::Sprite;
pub use parts::look::LOOK_COOKIE;
#[cfg(feature = "ssr")]
pub use parts::look::cookie;
pub use parts::notice::Notice;
pub use sheet::change::Change;
pub use sheet::chart::{ChartsSheet, OutcomesSheet};
#[cfg(feature = "ssr")]
pub use sheet::made::charts::{Numbers, Span, Trouble};
#[cfg(feature = "ssr")]
pub use sheet::made::lists::{Narrowing, severity_name};
#[cfg(feature = "ssr")]
pub use sheet::made::outcomes::HealSpan;
#[cfg(feature = "ssr")]
pub use sheet::made::picture::{
    PictureLook, picture_of_budget, picture_of_days, picture_of_heals, picture_of_last_day, picture_of_series,
};
#[cfg(feature = "ssr")]
pub use sheet::made::report::Month;
#[cfg(feature = "ssr")]
pub use sheet::made::uptime::stretches;
pub use sheet::overview::Week;
#[cfg(feature = "ssr")]
pub use sheet::public::PublicSheet;
#[cfg(feature = "ssr")]
pub use sheet::target::StretchRow;
pub use sheet::{Body, Sheet};
#[cfg(feature = "ssr")]
pub use tongue::{TONGUE_COOKIE, Tongue};

/// Makes the page that the server rendered come alive.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Two turns: it takes a slow browser long enough to read what the page shows.
    let Some(page) = pages::carried::<Page>(pages::CARRIED) else { return };
    leptos::prelude::set_timeout(
        move || leptos::mount::hydrate_body(move || pages::living(page)),
        std::time::Duration::ZERO,
    );
}
