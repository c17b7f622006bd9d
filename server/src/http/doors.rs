//! Routes that cannot be added without saying which right they take.
//!
//! The one place where a right is looked at: pages, their forms, interfaces, feeds and the calls of earlier systems all come
//! through here. What is nobody's door leads nowhere.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post, put};
use rebound::role::{Right, Role};
use rebound_engine::service::Principal;

use super::Face;
use super::errors::Problem;
use super::guard::unauthorized;
use super::pages;

/// Who may take a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Strangers, too.
    Anybody,
    /// Who has this right.
    With(Right),
}

/// A route and who may take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Its method.
    pub method: Method,
    /// Its path, with places for names and numbers.
    pub path: &'static str,
    /// Who may take it.
    pub pass: Pass,
}

/// The routes so far.
#[derive(Default)]
pub(super) struct Doors {
    routes: Router<Face>,
    listed: Vec<Door>,
}

impl Doors {
    /// What is read with that right.
    pub(super) fn get<H: Handler<T, Face>, T: 'static>(
        self,
        path: &'static str,
        right: Right,
        handler: H,
    ) -> Self {
        self.with(Method::GET, path, Pass::With(right), get(handler))
    }

    /// What is sent with that right.
    pub(super) fn post<H: Handler<T, Face>, T: 'static>(
        self,
        path: &'static str,
        right: Right,
        handler: H,
    ) -> Self {
        self.with(Method::POST, path, Pass::With(right), post(handler))
    }

    /// What is put with that right.
    pub(super) fn put<H: Handler<T, Face>, T: 'static>(
        self,
        path: &'static str,
        right: Right,
        handler: H,
    ) -> Self {
        self.with(Method::PUT, path, Pass::With(right), put(handler))
    }

    /// The way in, by its page and its form.
    pub(super) fn entrance<P, F, T, U>(self, path: &'static str, page: P, form: F) -> Self
    where
        P: Handler<T, Face>,
        F: Handler<U, Face>,
        T: 'static,
        U: 'static,
    {
        self.with(Method::GET, path, Pass::Anybody, get(page)).with(
            Method::POST,
            path,
            Pass::Anybody,
            post(form),
        )
    }

    /// The routes. What is no door leads to the fallback, which changes nothing.
    pub(super) fn routes(self) -> Router<Face> {
        self.routes
    }

    /// Every door.
    pub(super) fn listed(self) -> Vec<Door> {
        self.listed
    }

    fn with(mut self, method: Method, path: &'static str, pass: Pass, methods: MethodRouter<Face>) -> Self {
        self.listed.push(Door { method, path, pass });
        self.routes = self.routes.route(path, methods.route_layer(from_fn_with_state(pass, let_through)));
        self
    }
}

/// Lets those through whose role has the right.
async fn let_through(State(pass): State<Pass>, request: Request, next: Next) -> Response {
    let Pass::With(right) = pass else { return next.run(request).await };
    let Some(who) = request.extensions().get::<Principal>() else {
        return unauthorized("Nobody is logged in.").into_response();
    };
    match may_pass(who, right) {
        Ok(()) => next.run(request).await,
        Err(problem) => pages::refused(problem, request).await,
    }
}

/// Whether somebody has a right; else what is said to him.
pub(super) fn may_pass(who: &Principal, right: Right) -> Result<(), Problem> {
    if who.role.may(right) {
        return Ok(());
    }
    tracing::info!(by = %who.name, role = who.role.word(), "refused for want of a right");
    Err(not_allowed(who, right))
}

fn not_allowed(who: &Principal, right: Right) -> Problem {
    let (name, role, least) = (&who.name, who.role.named(), right.least().named());
    let message = match who.role {
        Role::Viewer => {
            format!("{name} is {role}, who sees everything and changes nothing: this takes {least}.")
        }
        Role::Operator | Role::Admin => format!("{name} is {role}: this takes {least}."),
    };
    let help = "Nothing was done. Ask an admin to do it, or for another role.";
    Problem::new(StatusCode::FORBIDDEN, "not_allowed", &message, help)
}
