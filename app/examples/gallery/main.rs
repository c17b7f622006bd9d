//! Every state of the pages with made-up data, as files to look at: `cargo run -p rebound-app --features ssr --example gallery -- <folder>`.
//!
//! What a person should see in an emergency is looked at beforehand. Nothing here is shown by the product.

use std::path::Path;

use leptos::prelude::*;
use rebound::role::Role;
use rebound::view::{Board, Tone};
use rebound_app::{Body, ChartsSheet, Login, Narrowing, Notice, Page, Sheet, Sprite, Week, living};
use rebound_engine::service::Principal;

use crate::incidents::{healed, open_incident, stopped_incident};
use crate::parts::{calm_target, closed_target, named};

mod parts;

mod incidents;

mod endpoints;

mod states;

mod hand;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    if any_spawner::Executor::init_futures_executor().is_err() {
        eprintln!("another executor is already there");
    }
    for (name, board, notice) in boards() {
        show(folder, name, &board, "/", Body::overview(&board, Week::default()), notice)?;
    }
    let board = states::healing();
    for (name, incident) in
        [("incident", healed()), ("incident-open", open_incident()), ("incident-stopped", stopped_incident())]
    {
        show(folder, name, &board, "/incidents/1", Body::incident(&incident, &board), None)?;
    }
    let incidents = [open_incident(), stopped_incident(), healed()];
    let all = Narrowing::default();
    let body = Body::incidents(&board, &incidents, &all, None, Some("/incidents?before=1".to_owned()));
    show(folder, "incidents", &board, "/incidents", body, None)?;
    show(
        folder,
        "incidents-none",
        &states::healthy(),
        "/incidents",
        Body::incidents(&board, &[], &all, None, None),
        None,
    )?;
    show(folder, "alerts", &board, "/alerts", Body::alerts(&board, &board.alerts, &all, None, None), None)?;
    for target in &states::healing().targets {
        if let Some(body) = Body::target(&board, target.id.as_str(), ChartsSheet::default()) {
            show(folder, "target", &board, &format!("/targets/{}", target.id), body, None)?;
        }
    }
    write(folder, "login", || view! { <Login next=String::new() error=Some("wrong".to_owned())/> }.into_any())
}

fn show(
    folder: &Path,
    name: &str,
    board: &Board,
    address: &str,
    body: Body,
    notice: Option<Notice>,
) -> std::io::Result<()> {
    let page =
        Page { sheet: Sheet::of(board, address, &Principal::with("admin", Role::Admin), body), notice };
    write(folder, name, || living(page))
}

fn write(folder: &Path, name: &str, page: impl FnOnce() -> AnyView) -> std::io::Result<()> {
    let owner = Owner::new_root(None);
    let html = owner.with(|| view! { {page()}<Sprite/> }.to_html());
    for theme in ["light", "dark"] {
        let document = format!(
            "<!DOCTYPE html><html lang=\"en\" data-theme=\"{theme}\"><head><meta charset=\"utf-8\"><title>{name}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <link rel=\"icon\" href=\"/public/favicon.svg\"><link rel=\"stylesheet\" href=\"/style/main.css\"></head><body>{html}</body></html>"
        );
        std::fs::write(folder.join(format!("{name}-{theme}.html")), document)?;
    }
    Ok(())
}

fn boards() -> Vec<(&'static str, Board, Option<Notice>)> {
    let several = {
        let mut board = states::healing();
        board.targets.extend([
            named(calm_target(), "mt5-tokyo", "MT5 bridge, Tokyo"),
            named(closed_target(), "mt5-zurich", "MT5 bridge, Zurich"),
        ]);
        board.sentence = "1 of 3 targets is being healed: MT5 bridge, Frankfurt does not answer.".to_owned();
        board
    };
    let notice = Notice {
        tone: Tone::Busy,
        text: "The accounts are being read.".to_owned(),
        help: "What became of it stands below; reload to see it go on.".to_owned(),
    };
    let nothing = Board {
        targets: Vec::new(),
        alerts: Vec::new(),
        sentence: "Nothing is watched yet.".to_owned(),
        tone: Tone::Unknown,
        ..states::healthy()
    };
    vec![
        ("healthy", states::healthy(), None),
        ("healing", states::healing(), Some(notice)),
        ("escalated", states::escalated(), None),
        ("unknown", states::unknown(), None),
        ("nulls", states::nulls(), None),
        ("closed", states::closed(), None),
        ("store-down", states::store_down(), None),
        ("several", several, None),
        ("nothing", nothing, None),
        ("paused", hand::paused(), None),
        ("stopped", hand::stopped(), None),
        ("positions", hand::positions_open(), None),
        ("flapping", hand::flapping(), None),
        ("work", hand::planned_work(), None),
        ("platform", endpoints::platform(), None),
        ("platform-paused", endpoints::platform_paused(), None),
    ]
}
