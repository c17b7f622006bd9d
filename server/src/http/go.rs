//! Finds everything by name: pages, targets, their settings, accounts, incidents.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Query, Request, State};
use axum::response::{Html, IntoResponse as _, Response};
use leptos::prelude::{IntoAny as _, Owner, RenderHtml as _, provide_context, view};
use rebound::role::{Right, Role};
use rebound::view::{Board, TargetView};
use rebound_app::{Go, Tongue, Way, WayList};
use rebound_engine::service::Principal;

use super::Face;
use super::pages::still;

/// Most ways that are listed.
const WAYS_MAX: usize = 12;
/// Most characters that are compared.
const ASKED_MAX: usize = 100;

/// The pages, and the right that each takes.
const PAGES: [(&str, &str, Right); 8] = [
    ("/", "Overview", Right::See),
    ("/incidents", "Incidents", Right::See),
    ("/alerts", "Alerts", Right::See),
    ("/readiness", "Readiness", Right::See),
    ("/reports", "Reports", Right::See),
    ("/settings", "Settings", Right::See),
    ("/settings/people", "People and keys", Right::Manage),
    ("/incidents?state=open", "Open incidents", Right::See),
];

pub(crate) async fn go(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    let asked: String =
        query.get("q").map(|asked| asked.chars().take(ASKED_MAX).collect()).unwrap_or_default();
    let tongue = Tongue::of_reader(request.headers());
    let ways = ways(&asked, who.role, &face.service.board(&who), tongue);
    if query.contains_key("part") {
        let list = Owner::new().with(|| {
            provide_context(tongue);
            view! { <WayList ways/> }.into_any().to_html()
        });
        return Html(list).into_response();
    }
    let page = move || view! { <Go asked=asked.clone() ways=ways.clone()/> }.into_any();
    still("Go to", page, request).await
}

/// What `asked` may mean to somebody of this role, the likeliest first. Pages are found by their names in his language, too.
fn ways(asked: &str, role: Role, board: &Board, tongue: Tongue) -> Vec<Way> {
    let asked = asked.trim().to_lowercase();
    let mut found = Vec::new();
    if let Ok(number) = asked.parse::<u64>()
        && board.targets.iter().flat_map(known_incidents).any(|id| id == number)
    {
        found.push(way(format!("/incidents/{number}"), format!("Incident {number}"), "incident"));
    }
    // In whatever order: "mt5 settings" finds "Settings of MT5 bridge".
    let is_meant = |name: &str| {
        let name = name.to_lowercase();
        asked.split_whitespace().all(|word| name.contains(word))
    };
    let pages = PAGES
        .iter()
        .filter(|(_, name, right)| (is_meant(name) || is_meant(&tongue.says(name))) && role.may(*right));
    found.extend(pages.map(|(address, name, _)| way((*address).to_owned(), (*name).to_owned(), "page")));
    for view in &board.targets {
        let address = format!("/targets/{}", view.id);
        if is_meant(&view.name) || is_meant(view.id.as_str()) {
            found.push(way(address, view.name.clone(), "target"));
        } else if let Some(account) = account(view, &asked) {
            found.push(way(address, format!("{account} on {}", view.name), "account"));
        }
    }
    if !asked.is_empty() {
        let named = board.targets.iter().filter(|view| is_meant(&view.name) || is_meant(view.id.as_str()));
        found.extend(named.map(|view| {
            way(format!("/settings?of={}", view.id), format!("Settings of {}", view.name), "settings")
        }));
    }
    found.truncate(WAYS_MAX);
    found
}

fn way(address: String, name: String, kind: &'static str) -> Way {
    Way { address, name, kind }
}

/// The incidents of a target that the board knows.
fn known_incidents(view: &TargetView) -> impl Iterator<Item = u64> {
    view.incident.iter().chain(&view.recent).map(|incident| incident.id.number())
}

/// The account of a target that is meant by its number or name.
fn account(view: &TargetView, asked: &str) -> Option<String> {
    if asked.is_empty() {
        return None;
    }
    view.accounts.iter().find_map(|account| {
        let number = account.id.to_string();
        let named = account.name.as_ref().is_some_and(|name| name.to_lowercase().contains(asked));
        (number.contains(asked) || named).then_some(number)
    })
}
