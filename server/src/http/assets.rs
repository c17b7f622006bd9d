//! The browser's files: script, wasm, style, icon.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Browsers ask again each time and are mostly told that nothing changed: an old script with a new server is worse than a
/// question.
const CACHE: HeaderValue = HeaderValue::from_static("no-cache");

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(site: &Path) -> Router<S> {
    let fresh =
        || ServiceBuilder::new().layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, CACHE));
    let pkg = ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service("/pkg", fresh().service(pkg))
        .route_service("/favicon.svg", fresh().service(ServeFile::new(site.join("favicon.svg"))))
        .route_service("/favicon.ico", fresh().service(ServeFile::new(site.join("favicon.svg"))))
}
