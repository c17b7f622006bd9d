//! What a form led to, told in place or on the page that follows it.

use leptos::prelude::*;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use crate::api::error::UiError;
use crate::parts::icon::{Icon, tone_name};
use crate::tongue::tell;

/// A sentence about what was asked before this page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What happened.
    pub text: String,
    /// What to do, where anything is to be done.
    pub help: String,
}

#[cfg(feature = "ssr")]
impl Notice {
    /// The notice that the address carries, if any.
    #[must_use]
    pub fn from_query(query: &std::collections::BTreeMap<String, String>) -> Option<Self> {
        use leptos::server_fn::error::ServerFnUrlError;

        if let Some(error) = query.get("__err") {
            return Some(Self::from(ServerFnUrlError::<UiError>::decode_err(error)));
        }
        let text = match query.get("done")?.as_str() {
            "sync" => "The accounts are being read.",
            "heal" => "The heal was asked for.",
            "stop" => "A stop of the heal was asked for.",
            "pause" => "A pause of healing was asked for.",
            "resume" => "Healing was asked to go on.",
            "work" => "Planned work was announced.",
            "work-over" => "The end of planned work was announced.",
            "dry-run" => "A change of the dry run was asked for.",
            "take-back" => "The declaration of moved capital was taken back.",
            "declare" => "Moved capital was declared.",
            "test" => "A test alert was asked for.",
            "readiness" => "A look at what the next emergency needs was asked for.",
            "drill" => "A fire drill was asked for.",
            "acknowledge" => "The alert is acknowledged.",
            "settings" => {
                return Some(Self {
                    tone: Tone::Good,
                    text: "The change is made and holds.".to_owned(),
                    help: "It stands first in the list below, where it can be taken back.".to_owned(),
                });
            }
            _ => return None,
        };
        let help = match query.get("request").and_then(|id| id.parse::<u64>().ok()) {
            Some(id) => {
                format!("It is request {id}; what became of it stands below. Reload to see it go on.")
            }
            None => String::new(),
        };
        Some(Self { tone: Tone::Busy, text: text.to_owned(), help })
    }
}

impl From<UiError> for Notice {
    fn from(error: UiError) -> Self {
        Self { tone: Tone::Bad, text: error.message, help: error.help }
    }
}

/// A notice on the page.
#[component]
pub(crate) fn NoticeLine(notice: Notice) -> impl IntoView {
    let name = tone_name(notice.tone);
    view! {
        <p class=format!("notice tone-{name}") role="status">
            <Icon name/>
            <span><strong>{tell(notice.text)}</strong>" "{tell(notice.help)}</span>
        </p>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_address_without_news_gives_no_notice() {
        assert_eq!(Notice::from_query(&BTreeMap::new()), None);
    }

    #[test]
    fn what_was_asked_is_told() {
        let query =
            BTreeMap::from([("done", "heal"), ("request", "12")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        let notice = Notice::from_query(&query).unwrap();
        assert_eq!(notice.text, "The heal was asked for.");
    }

    #[test]
    fn an_unreadable_error_in_the_address_is_told_without_a_panic() {
        let query = BTreeMap::from([("__err".to_owned(), "%%%".to_owned())]);
        assert_eq!(Notice::from_query(&query).map(|notice| notice.tone), Some(Tone::Bad));
    }
}
