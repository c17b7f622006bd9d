//! The pages, rendered whole. What a page shows is read first and handed to it.

use std::collections::BTreeMap;

use any_spawner::Executor;
use axum::Extension;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::{AnyView, IntoAny as _, IntoView, provide_context, view};
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};
use rebound_app::{Login, NotAllowed, Notice, Nowhere, Page, Tongue, living_document, still_document};
use rebound_engine::service::Principal;

use self::place::Place;
use super::errors::{Problem, not_found};
use super::{Face, headers};

pub(crate) mod place;

mod lists;

pub(crate) mod charts;

mod changes;

type Asked = Query<BTreeMap<String, String>>;

/// Lets pages be rendered on this program's runtime. To be called once, before the first page.
pub(crate) fn prepare() {
    if Executor::init_tokio().is_err() {
        tracing::debug!("pages can be rendered already: another router is in this process");
    }
}

/// Every living page: what it shows is that of its address.
pub(crate) async fn page(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
    request: Request,
) -> Response {
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned();
    let Some(place) = Place::of(&address) else {
        return nowhere(request).await;
    };
    let query = request.uri().query().unwrap_or_default();
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sheet = place.made(&face.service, &who, face.service.board(&who), None).await.sheet;
    let sheet = Tongue::of_reader(request.headers()).says_all(sheet);
    let status = place::status(&sheet.body);
    let page = Page { sheet, notice: Notice::from_query(&query) };
    (status, living(&face, page, request).await).into_response()
}

pub(crate) async fn login(Query(query): Asked, request: Request) -> Response {
    let (next, error) = (query.get("next").cloned().unwrap_or_default(), query.get("error").cloned());
    let page = move || view! { <Login next=next.clone() error=error.clone()/> }.into_any();
    still("Log in", page, request).await
}

/// What is not there: a page for people, an error for programs.
pub(crate) async fn nowhere(request: Request) -> Response {
    if !is_for_a_person(&request) || request.uri().path().starts_with("/api/") {
        return not_found(request.uri()).into_response();
    }
    let page = || view! { <Nowhere/> }.into_any();
    (StatusCode::NOT_FOUND, still("No such page", page, request).await).into_response()
}

/// What somebody may not do: a page for people, an error for programs and for forms that show it in place.
pub(super) async fn refused(problem: Problem, request: Request) -> Response {
    if !is_for_a_person(&request) {
        return problem.into_response();
    }
    let status = problem.status();
    let (message, help) = problem.words();
    let page = move || view! { <NotAllowed message=message.clone() help/> }.into_any();
    (status, still("Not allowed", page, request).await).into_response()
}

/// Whether a page is wanted, and not JSON.
pub(super) fn is_for_a_person(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

/// What the pages' forms ask for.
pub(crate) async fn call(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
    request: Request,
) -> Response {
    let context = move || {
        provide_context(face.service.clone());
        provide_context(who.clone());
    };
    handle_server_fns_with_context(context, request).await.into_response()
}

async fn living(face: &Face, page: Page, request: Request) -> Response {
    let options = face.options.clone();
    render(move || living_document(options.clone(), page.clone()), request).await
}

pub(crate) async fn still(
    title: &'static str,
    page: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
    request: Request,
) -> Response {
    render(move || still_document(title, page()), request).await
}

pub(crate) async fn render<V: IntoView + 'static>(
    document: impl Fn() -> V + Clone + Send + Sync + 'static,
    request: Request,
) -> Response {
    let tongue = Tongue::of_reader(request.headers());
    let context = move || {
        provide_context(tongue);
        headers::allow_our_scripts();
    };
    render_app_async_with_context(context, document)(request).await
}
