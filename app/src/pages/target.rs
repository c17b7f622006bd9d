//! One target: everything that is known of it, and everything that can be done about it.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::chart::{self, Pointers};
use crate::parts::follow::later;
use crate::parts::target::{Depth, card};
use crate::sheet::Body;
#[cfg(feature = "hydrate")]
use crate::sheet::Sheet;
use crate::sheet::chart::ChartsSheet;
use crate::sheet::target::TargetSheet;

/// The page of one target.
pub(super) fn target(live: Live, first: TargetSheet, charts: ChartsSheet) -> AnyView {
    let charts = live
        .part(charts, |body| if let Body::Target(_, charts) = body { Some(charts.as_ref()) } else { None });
    let pointers = Pointers::nowhere();
    let charts = later(move || {
        fetch_charts(live);
        chart::charts(charts, pointers)
    });
    view! { {card(live, first, Depth::Page)}<section class="panel">{charts}</section> }.into_any()
}

/// Where a page carries its charts: it takes a slow browser long enough to read them, so that is a turn of its own.
pub(crate) const CARRIED: &str = "charts";

/// Puts the charts that the page carries where those of the feed come.
#[cfg(feature = "hydrate")]
fn fetch_charts(live: Live) {
    let are_elsewhere =
        |sheet: &Sheet| matches!(&sheet.body, Body::Target(_, charts) if charts.are_elsewhere());
    if live.sheet.with_untracked(are_elsewhere)
        && let Some(charts) = super::carried(CARRIED)
    {
        // Nobody has looked for them before.
        live.sheet.update_untracked(|sheet| sheet.body.give_charts(charts));
    }
}

#[cfg(not(feature = "hydrate"))]
const fn fetch_charts(_live: Live) {}
