//! What a change of the settings would come to, before it is made.

use leptos::prelude::*;

use crate::api::actions::CHANGE_SETTINGS;
use crate::live::Live;
use crate::parts::diff::{diff, troubles};
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Icon;
use crate::sheet::Body;
use crate::sheet::settings::{ReviewSheet, WouldBeSheet};
use crate::tongue::{t, tell};

/// The page of a proposed change.
pub(super) fn review(live: Live, first: ReviewSheet) -> AnyView {
    let ReviewSheet { sentence, revision, lines, troubles: wrong, cautions, wanted, back, .. } =
        first.clone();
    let sheet = live.part(first, |body| if let Body::Review(sheet) = body { Some(sheet) } else { None });
    let would_be = follow(move || sheet.with(|sheet| sheet.would_be.as_ref().map_or_else(nothing, would_be)));
    let cautions = cautions.into_iter().map(|caution| {
        view! { <p class="notice tone-warning"><Icon name="warning"/><span>{caution}</span></p> }.into_any()
    });
    let cautions = cautions.collect::<Vec<_>>();
    let make = if lines.is_empty() { nothing() } else { make(revision, wanted) };
    let lines = if lines.is_empty() { nothing() } else { diff(lines) };
    let wrong = if wrong.is_empty() { nothing() } else { troubles(&wrong) };
    view! {
        <section class="list-head"><h1>{t("A change of the settings")}</h1><p class="quiet-text">{sentence}</p></section>
        <section class="panel">
            {wrong}
            {lines}
            {cautions}
            <p><a class="button" href=back><Icon name="back"/>{t("Change it once more")}</a></p>
        </section>
        {would_be}
        {make}
    }
    .into_any()
}

fn would_be(sheet: &WouldBeSheet) -> AnyView {
    let body = match sheet {
        WouldBeSheet::Running(share) => view! {
            <p role="status"><Icon name="busy"/>{tell(format!("What was seen is being judged once more: {share} % done. The change can be made without it."))}</p>
            <progress max="100" value=share.to_string() aria-label=t("Judged")></progress>
        }
        .into_any(),
        WouldBeSheet::Unknown(why) => view! { <p class="empty">{why.clone()}</p> }.into_any(),
        WouldBeSheet::Counted { sentence, rows } => {
            let rows = rows.iter().cloned().map(|(name, before, after)| {
                let class = if before == after { "number" } else { "number differs" };
                view! { <tr><th scope="row">{name}</th><td class="number">{before}</td><td class=class>{after}</td></tr> }
                    .into_any()
            });
            view! {
                <p class="quiet-text">{sentence.clone()}</p>
                <table class="plain would-be">
                    <thead><tr><td></td><th scope="col" class="number">{t("Settings of now")}</th><th scope="col" class="number">{t("With the change")}</th></tr></thead>
                    <tbody>{rows.collect::<Vec<_>>()}</tbody>
                </table>
            }
            .into_any()
        }
    };
    view! { <section class="panel"><h2>{t("What it would have done")}</h2>{body}</section> }.into_any()
}

/// A plain form: where it is made, the page of settings follows and shows it.
fn make(revision: u64, wanted: String) -> AnyView {
    view! {
        <section class="panel">
            <h2>{t("Make this change")}</h2>
            <form method="post" action=CHANGE_SETTINGS class="settings-make">
                <input type="hidden" name="base" value=revision.to_string()/>
                <input type="hidden" name="changes" value=wanted/>
                <p class="field">
                    <label for="settings-note">{t("Why, for those who read it later")}</label>
                    <input id="settings-note" name="note" maxlength="500" autocomplete="off"/>
                </p>
                <p class="settings-end"><button type="submit" class="button solid"><Icon name="check"/>{t("Make the change")}</button><span class="quiet-text">{t("It holds at once, without a restart, and can be taken back.")}</span></p>
            </form>
        </section>
    }
    .into_any()
}
