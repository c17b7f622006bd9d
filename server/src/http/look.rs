//! Keeps how somebody wants the pages to look.

use axum::Form;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use rebound_app::{LOOK_COOKIE, path_of};
use serde::Deserialize;

/// A year: the choice is kept for as long as anybody remembers it.
const KEPT_SECONDS: u32 = 31_536_000;

#[derive(Deserialize)]
pub(crate) struct Look {
    theme: String,
}

/// Keeps the look in a cookie, and leads back to the page it was chosen on. What is no look counts as the system's.
pub(crate) async fn choose(headers: HeaderMap, Form(look): Form<Look>) -> Response {
    let back = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).map_or("/", path_of);
    let mut answer = Redirect::to(back).into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie(&look.theme));
    answer
}

fn cookie(theme: &str) -> HeaderValue {
    let (value, age) = match theme {
        "light" => ("light", KEPT_SECONDS),
        "dark" => ("dark", KEPT_SECONDS),
        _ => ("", 0),
    };
    let text = format!("{LOOK_COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::cookie;

    #[test]
    fn what_is_no_look_takes_the_choice_back() {
        assert!(cookie("dark").to_str().unwrap().starts_with("rebound_look=dark; Path=/; Max-Age=31536000;"));
        assert!(
            cookie("\r\nSet-Cookie: x").to_str().unwrap().starts_with("rebound_look=; Path=/; Max-Age=0;")
        );
    }
}
