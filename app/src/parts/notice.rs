//! What a plain form led to, told on the page that follows it.
//!
//! Read from the address, so that the server and the browser say the same.

use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::params::ParamsMap;
use rebound::view::Tone;

use crate::api::error::UiError;
use crate::parts::icon::{Icon, tone_name};

/// A sentence about what was asked before this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What happened.
    pub text: String,
    /// What to do, where anything is to be done.
    pub help: String,
}

impl Notice {
    /// The notice that the address carries, if any.
    pub(crate) fn from_query(query: &ParamsMap) -> Option<Self> {
        if let Some(error) = query.get_str("__err") {
            return Some(Self::from(ServerFnUrlError::<UiError>::decode_err(error)));
        }
        let text = match query.get_str("done")? {
            "sync" => "The accounts are being read.",
            "heal" => "The heal was asked for.",
            "test" => "A test alert was asked for.",
            "acknowledge" => "The alert is acknowledged.",
            _ => return None,
        };
        let help = match query.get_str("request").and_then(|id| id.parse::<u64>().ok()) {
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
            <span><strong>{notice.text}</strong>" "{notice.help}</span>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_news_gives_no_notice() {
        assert_eq!(Notice::from_query(&ParamsMap::new()), None);
    }

    #[test]
    fn what_was_asked_is_told() {
        let mut query = ParamsMap::new();
        query.insert("done", "heal".to_owned());
        query.insert("request", "12".to_owned());
        let notice = Notice::from_query(&query).unwrap();
        assert_eq!(notice.text, "The heal was asked for.");
    }

    #[test]
    fn an_unreadable_error_in_the_address_is_told_without_a_panic() {
        let mut query = ParamsMap::new();
        query.insert("__err", "%%%".to_owned());
        assert_eq!(Notice::from_query(&query).map(|notice| notice.tone), Some(Tone::Bad));
    }
}
