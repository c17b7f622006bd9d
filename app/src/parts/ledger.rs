//! What became of earlier heals: counts for each fault and remedy.

use leptos::prelude::*;

use crate::parts::follow::nothing;
use crate::parts::line::{piece, pieces};
use crate::sheet::target::LedgerRow;
use crate::tongue::t;

/// The table of heals; nothing where none was noted.
pub(crate) fn ledger(rows: Vec<LedgerRow>) -> AnyView {
    if rows.is_empty() {
        return nothing();
    }
    view! {
        <section class="block">
            <h3>{t("What heals came to")}</h3>
            <table class="stacking ledger">
                <thead>
                    <tr>
                        <th scope="col">{t("Fault and remedy")}</th>
                        <th scope="col" class="number">{t("Helped")}</th>
                        <th scope="col" class="number">{t("Took, half / 95 %")}</th>
                        <th scope="col" class="number">{t("Came back")}</th>
                        <th scope="col" class="number">{t("Rests until")}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(line: LedgerRow) -> AnyView {
    let unclear = line.unclear.map(|words| view! { <small class="quiet-text">{words}</small> }.into_any());
    let awaited = line.awaited.map(|words| view! { <small class="quiet-text">{words}</small> }.into_any());
    view! {
        <tr>
            <th scope="row">
                <span class="fault">{line.fault}</span>
                <span class="quiet-text">{line.remedy}</span>" "<span class="tag">{line.rung}</span>
            </th>
            <td data-label=t("Helped") class="number"><span class="seen"><span>{line.helped}</span>{unclear}</span></td>
            <td data-label=t("Took, half / 95 %") class="number"><span class="seen"><span>{piece(line.took)}</span>{awaited}</span></td>
            <td data-label=t("Came back") class="number">{line.relapses}</td>
            <td data-label=t("Rests until") class="number quiet-text">{pieces(line.rests)}</td>
        </tr>
    }
    .into_any()
}
