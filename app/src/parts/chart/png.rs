//! A chart as an image of points, made by the browser from the drawing that the server makes: it has the fonts, in every script.
//!
//! Without scripts there is no such button, and the drawing itself is there.

use leptos::prelude::*;

use crate::live::clock::Clock;
use crate::parts::follow::{follow, nothing};
use crate::tongue::t;

/// The button, once the page is alive. `address` is where the drawing is, `file` what the image is called.
pub(super) fn button(address: &str, file: String) -> AnyView {
    let clock = Clock::of_page();
    let is_alive = Memo::new(move |_| clock.now().is_some());
    let failed = RwSignal::new(false);
    let address = address.to_owned();
    follow(move || {
        if !is_alive.get() {
            return nothing();
        }
        let (address, file) = (address.clone(), file.clone());
        let words = follow(move || {
            if !failed.get() {
                return nothing();
            }
            view! { <span role="status">{t(" The image could not be made. Log in again, or take the SVG.")}</span> }
                .into_any()
        });
        // By its id it is found again where the chart is made anew under whoever stands on it: there are many of the same words.
        let id = format!("keep-{file}");
        view! {
            <button type="button" class="as-link" id=id on:click=move |_| keep(&address, &file, failed)>"PNG"</button>
            {words}
        }
        .into_any()
    })
}

/// Makes the image and hands it to the browser to be kept.
#[cfg(feature = "hydrate")]
fn keep(address: &str, file: &str, failed: RwSignal<bool>) {
    failed.set(false);
    let began = drawn::fetch(address, file.to_owned(), failed);
    failed.set(began.is_none());
}

#[cfg(not(feature = "hydrate"))]
const fn keep(_address: &str, _file: &str, _failed: RwSignal<bool>) {}

#[cfg(feature = "hydrate")]
mod drawn {
    //! The way from a drawing to an image.

    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::closure::Closure;
    use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement};

    /// Points of the image for one of the drawing: sharp on paper and on fine screens.
    const SHARPNESS: u32 = 2;

    /// Fetches the drawing; what follows happens when it is there.
    pub(super) fn fetch(address: &str, file: String, failed: RwSignal<bool>) -> Option<()> {
        let image = HtmlImageElement::new().ok()?;
        let fetched = image.clone();
        let done = Closure::once_into_js(move || {
            failed.set(save(&fetched, &file).is_none());
        });
        let lost = Closure::once_into_js(move || failed.set(true));
        image.set_onload(Some(done.unchecked_ref()));
        image.set_onerror(Some(lost.unchecked_ref()));
        image.set_src(address);
        Some(())
    }

    fn save(image: &HtmlImageElement, file: &str) -> Option<()> {
        let document = document();
        let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
        let (wide, tall) = (image.natural_width() * SHARPNESS, image.natural_height() * SHARPNESS);
        canvas.set_width(wide);
        canvas.set_height(tall);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context
            .draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, wide.into(), tall.into())
            .ok()?;
        let link: HtmlElement = document.create_element("a").ok()?.dyn_into().ok()?;
        link.set_attribute("href", &canvas.to_data_url().ok()?).ok()?;
        link.set_attribute("download", file).ok()?;
        link.click();
        Some(())
    }
}
