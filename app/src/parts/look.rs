//! How the pages look: light, dark, or as the system says; and in which language they speak. A plain form, kept in a cookie, so that a page is never first light
//! and then dark.

use leptos::prelude::*;

use crate::parts::icon::Icon;
use crate::tongue::t;

/// Where the form posts to.
const LOOK: &str = "/look";
/// Values, signs and words of the looks.
const LOOKS: [(&str, &str, &str); 3] =
    [("system", "screen", "As the system"), ("light", "sun", "Light"), ("dark", "resting", "Dark")];

/// The languages by their codes, each named in itself.
const TONGUES: [(&str, &str); 2] = [("en", "English"), ("es", "Español")];

/// The choice, folded away.
#[component]
pub(crate) fn Look() -> impl IntoView {
    let looks = LOOKS.map(|(value, sign, words)| {
        view! { <button type="submit" class="button quiet" name="theme" value=value><Icon name=sign/>{t(words)}</button> }
            .into_any()
    });
    let tongues = TONGUES.map(|(code, name)| {
        view! { <button type="submit" class="button quiet" name="language" value=code lang=code><Icon name="globe"/>{name}</button> }
            .into_any()
    });
    view! {
        <details class="look">
            <summary class="button quiet" title=t("Look")><Icon name="sun"/><span class="unseen">{t("Look")}</span></summary>
            <div class="looks">
                <form method="post" action=LOOK>{looks}</form>
                <form method="post" action=LOOK aria-label=t("Language")>{tongues}</form>
            </div>
        </details>
    }
    .into_any()
}

/// The name of the cookie that keeps the choice.
pub const LOOK_COOKIE: &str = "rebound_look";

/// The look that the visitor chose, where it is not the system's.
#[cfg(feature = "ssr")]
pub(crate) fn chosen() -> Option<&'static str> {
    let parts = use_context::<axum::http::request::Parts>()?;
    let wanted = cookie(&parts.headers, LOOK_COOKIE)?;
    ["light", "dark"].into_iter().find(|look| *look == wanted)
}

/// What the visitor's browser keeps under that name.
#[cfg(feature = "ssr")]
pub fn cookie<'a>(headers: &'a axum::http::HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(axum::http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}
