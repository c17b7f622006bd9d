//! The pages.
//!
//! Those that live carry what they show with them: the server makes a [`Page`], renders it and embeds it, and the browser
//! takes it over from there. The others are still: they need no JavaScript and get none.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use self::incident::Incident;
use self::overview::Overview;
use crate::parts::notice::Notice;
use crate::sheet::Sheet;
use crate::sheet::incident::Report;

pub(crate) mod overview;

pub(crate) mod incident;

#[cfg(feature = "ssr")]
pub(crate) mod still;

/// A living page with all that it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Page {
    /// The page at `/`, with what a form led to, if one did.
    Overview(Box<Sheet>, Option<Notice>),
    /// The page at `/incidents/{id}`.
    Incident(Box<Report>),
}

/// A living page. On the server from the context, in the browser from what the server embedded.
#[component]
pub(crate) fn Living() -> impl IntoView {
    match SharedValue::new(use_context::<Page>).into_inner() {
        Some(Page::Overview(sheet, notice)) => view! { <Overview sheet=*sheet notice/> }.into_any(),
        Some(Page::Incident(report)) => view! { <Incident report=*report/> }.into_any(),
        None => ().into_any(),
    }
}

#[cfg(feature = "ssr")]
impl Page {
    /// The Overview of this board; `query` is that of the page's address.
    #[must_use]
    pub fn overview(
        board: &rebound::view::Board,
        query: &std::collections::BTreeMap<String, String>,
    ) -> Self {
        Self::Overview(Box::new(Sheet::of(board)), Notice::from_query(query))
    }

    /// What the browser's tab says first.
    #[must_use]
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Overview(sheet, _) => sheet.title.clone(),
            Self::Incident(report) => format!("Incident {} · Rebound", report.incident.id),
        }
    }
}
