//! One target: everything that is known of it, and everything that can be done about it.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::chart::{self, Pointers};
use crate::parts::follow::later;
use crate::parts::target::{Depth, card};
use crate::sheet::Body;
use crate::sheet::chart::ChartsSheet;
use crate::sheet::target::TargetSheet;

/// The page of one target.
pub(super) fn target(live: Live, first: TargetSheet, charts: ChartsSheet) -> AnyView {
    let charts = live
        .part(charts, |body| if let Body::Target(_, charts) = body { Some(charts.as_ref()) } else { None });
    let pointers = Pointers::nowhere();
    let charts = later(move || chart::charts(charts, pointers));
    view! { {card(live, first, Depth::Page)}<section class="panel">{charts}</section> }.into_any()
}
