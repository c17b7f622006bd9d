//! Every incident, newest first, narrowed by what the address says.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::filter::{filter, pages};
use crate::parts::follow::follow;
use crate::parts::icon::Badge;
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::moment::Moment;
use crate::sheet::lists::{IncidentList, IncidentRow};
use crate::sheet::{Body, Told};
use crate::tongue::{t, tell};

/// The list of incidents.
pub(super) fn incidents(live: Live, first: IncidentList) -> AnyView {
    let narrowed = filter("/incidents", first.filter.clone());
    let list = live.part(first, |body| if let Body::Incidents(list) = body { Some(list) } else { None });
    let sentence = follow(move || list.with(|list| list.sentence.clone()).into_any());
    let table =
        follow(move || if list.with(|list| list.rows.is_empty()) { empty(list) } else { table(list) });
    let more = follow(move || list.with(|list| pages(&list.pages)));
    view! {
        <section class="list-head"><h1>{t("Incidents")}</h1><p class="quiet-text">{sentence}</p></section>
        {narrowed}
        <section class="panel">{table}{more}</section>
    }
    .into_any()
}

fn empty(list: Memo<IncidentList>) -> AnyView {
    let words = if list.with_untracked(|list| list.filter.narrowed) {
        t("Nothing matches. Widen what is shown above.")
    } else {
        t(
            "When trouble of a target is believed, it stands here from the first failure to the proof that it is over, with all that was done about it.",
        )
    };
    view! { <p class="empty">{words}</p> }.into_any()
}

fn table(list: Memo<IncidentList>) -> AnyView {
    let rows = keyed(move || {
        list.with(|list| {
            let rows = list.rows.iter().cloned();
            rows.map(|line| Keyed::new(format!("{line:?}"), move || row(line))).collect()
        })
    });
    view! {
        <table class="stacking incidents">
            <thead>
                <tr>
                    <th scope="col">{t("What")}</th>
                    <th scope="col">{t("State")}</th>
                    <th scope="col">{t("Began")}</th>
                    <th scope="col">{t("How it ended")}</th>
                    <th scope="col" class="number">{t("Downtime")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(incident: IncidentRow) -> AnyView {
    let (id, name) = incident.target;
    let lasted = match incident.lasted {
        Some(lasted) => lasted.into_any(),
        None => view! { <Moment at=incident.began told=Told::For/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="question" href=format!("/incidents/{}", incident.id)>{incident.what}</a>
                <span class="quiet-text"><Badge mark=incident.mark/>" "<a class="plain-link" href=format!("/targets/{id}")>{name}</a>{tell(format!(" · incident {}", incident.id))}</span>
            </th>
            <td data-label=t("State")><Badge mark=incident.state/></td>
            <td data-label=t("Began") class="quiet-text"><Moment at=incident.began told=Told::Clock/></td>
            <td data-label=t("How it ended")><span class="seen"><span>{incident.how}</span><small class="quiet-text">{incident.heals}</small></span></td>
            <td data-label=t("Downtime") class="number">{lasted}</td>
        </tr>
    }
    .into_any()
}
