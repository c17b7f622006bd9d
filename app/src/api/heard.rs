//! What the server says to a browser that asks without leaving its page.

use js_sys::{JsString, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Whether it is what was asked for, and its text. A page in place of an answer is the login's: the session is over.
///
/// # Errors
/// If the server was not reached.
pub(crate) async fn heard(asked: Promise) -> Result<(bool, String), JsValue> {
    let response: Response = JsFuture::from(asked).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.dyn_into::<JsString>()?;
    Ok((response.ok() && !response.redirected(), text.into()))
}
