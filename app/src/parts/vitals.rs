//! The figures of a target that are read at a glance.

use leptos::prelude::*;
use rebound::view::TargetView;

use crate::parts::icon::{Icon, Missing};
use crate::parts::moment::{Moment, Told};

/// Heartbeat, latency, uptime and the next look.
#[component]
pub(crate) fn Vitals(target: Memo<TargetView>) -> impl IntoView {
    let heartbeat = move || match target.with(|view| view.answered_at) {
        Some(at) => view! { <Moment at told=Told::Ago/> }.into_any(),
        None => view! { <Missing why="no usable answer yet"/> }.into_any(),
    };
    let latency = move || match target.with(|view| view.latency_ms) {
        Some(ms) => view! { <span>{ms}<small>" ms"</small></span> }.into_any(),
        None => view! { <Missing why="no answer yet"/> }.into_any(),
    };
    let uptime = move || match target.with(|view| view.uptime.percent.clone()) {
        Some(percent) => view! { <span>{percent}</span> }.into_any(),
        None => view! { <Missing why="nothing known in the last 24 hours"/> }.into_any(),
    };
    let next = move || match target.with(|view| view.next_probe_at) {
        Some(at) => view! { <Moment at told=Told::In/> }.into_any(),
        None => view! { <Missing why="no look is planned"/> }.into_any(),
    };
    view! {
        <dl class="vitals">
            <div class="vital"><dt><Icon name="pulse"/>"Heartbeat"</dt><dd>{heartbeat}</dd></div>
            <div class="vital"><dt><Icon name="gauge"/>"Latency"</dt><dd>{latency}</dd></div>
            <div class="vital"><dt><Icon name="good"/>"Up, last 24 h"</dt><dd>{uptime}</dd></div>
            <div class="vital"><dt><Icon name="clock"/>"Next look"</dt><dd>{next}</dd></div>
        </dl>
    }
    .into_any()
}
