//! Keeps how somebody wants the pages to look, and which language he wants them to speak.

use axum::Form;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use rebound_app::{LOOK_COOKIE, TONGUE_COOKIE, Tongue, path_of};
use serde::Deserialize;

/// A year: the choice is kept for as long as anybody remembers it.
const KEPT_SECONDS: u32 = 31_536_000;

#[derive(Deserialize)]
pub(crate) struct Look {
    theme: Option<String>,
    language: Option<String>,
}

/// Keeps the choice in a cookie, and leads back to the page it was made on. What is no look counts as the system's, what is no
/// language as the browser's.
pub(crate) async fn choose(headers: HeaderMap, Form(look): Form<Look>) -> Response {
    let back = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).map_or("/", path_of);
    let mut answer = Redirect::to(back).into_response();
    let chosen = [look.theme.map(|theme| of_theme(&theme)), look.language.map(|code| of_language(&code))];
    for cookie in chosen.into_iter().flatten() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

fn of_theme(theme: &str) -> HeaderValue {
    cookie(LOOK_COOKIE, ["light", "dark"].into_iter().find(|known| *known == theme))
}

fn of_language(code: &str) -> HeaderValue {
    cookie(TONGUE_COOKIE, Tongue::by_code(code).map(Tongue::code))
}

/// The cookie that keeps this, or takes back what was kept.
fn cookie(name: &str, value: Option<&'static str>) -> HeaderValue {
    let (value, age) = value.map_or(("", 0), |value| (value, KEPT_SECONDS));
    let text = format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::{of_language, of_theme};

    #[test]
    fn what_is_no_look_takes_the_choice_back() {
        let kept = of_theme("dark");
        assert!(kept.to_str().unwrap().starts_with("rebound_look=dark; Path=/; Max-Age=31536000;"));
        let taken = of_theme("\r\nSet-Cookie: x");
        assert!(taken.to_str().unwrap().starts_with("rebound_look=; Path=/; Max-Age=0;"));
    }

    #[test]
    fn what_is_no_language_takes_the_choice_back() {
        assert!(
            of_language("es").to_str().unwrap().starts_with("rebound_language=es; Path=/; Max-Age=31536000;")
        );
        assert!(of_language("tlh").to_str().unwrap().starts_with("rebound_language=; Path=/; Max-Age=0;"));
    }
}
