//! What held and what holds instead, and what is wrong with a value.

use leptos::prelude::*;

use crate::sheet::settings::DiffLine;
use crate::tongue::t;

/// Old and new values, one setting after the other.
pub(crate) fn diff(lines: Vec<DiffLine>) -> AnyView {
    let lines = lines.into_iter().map(|line| {
        view! {
            <div>
                <dt>{line.name}</dt>
                <dd class="was"><del>{value(line.before.0)}</del>{by_file(line.before.1)}</dd>
                <dd class="is"><ins>{value(line.after.0)}</ins>{by_file(line.after.1)}</dd>
            </div>
        }
        .into_any()
    });
    view! { <dl class="diff">{lines.collect::<Vec<_>>()}</dl> }.into_any()
}

fn value(value: String) -> String {
    if value.is_empty() { t("nothing").to_owned() } else { value }
}

fn by_file(by_file: bool) -> Option<AnyView> {
    by_file.then(|| view! { " "<small class="quiet-text">{t("as the file says")}</small> }.into_any())
}

/// What is wrong, and what to do about it.
pub(crate) fn troubles(list: &[(String, String)]) -> AnyView {
    let items = list
        .iter()
        .cloned()
        .map(|(what, help)| view! { <li><strong>{what}</strong>" "{help}</li> }.into_any());
    view! { <ul class="troubles">{items.collect::<Vec<_>>()}</ul> }.into_any()
}
