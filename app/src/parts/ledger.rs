//! What became of earlier heals: counts for each fault and remedy.

use leptos::prelude::*;

use crate::parts::follow::nothing;
use crate::parts::line::{piece, pieces};
use crate::sheet::target::LedgerRow;

/// The table of heals; nothing where none was noted.
pub(crate) fn ledger(rows: Vec<LedgerRow>) -> AnyView {
    if rows.is_empty() {
        return nothing();
    }
    view! {
        <section class="block">
            <h3>"What heals came to"</h3>
            <table class="stacking ledger">
                <thead>
                    <tr>
                        <th scope="col">"Fault and remedy"</th>
                        <th scope="col" class="number">"Helped"</th>
                        <th scope="col" class="number">"Took, half / 95 %"</th>
                        <th scope="col" class="number">"Came back"</th>
                        <th scope="col" class="number">"Rests until"</th>
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
            <td data-label="Helped" class="number"><span class="seen"><span>{line.helped}</span>{unclear}</span></td>
            <td data-label="Took, half / 95 %" class="number"><span class="seen"><span>{piece(line.took)}</span>{awaited}</span></td>
            <td data-label="Came back" class="number">{line.relapses}</td>
            <td data-label="Rests until" class="number quiet-text">{pieces(line.rests)}</td>
        </tr>
    }
    .into_any()
}
