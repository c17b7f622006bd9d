//! The Overview: whether everything is fine, and what was done about what was not.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use rebound::view::{Board, Tone};

use crate::api::read::board;
use crate::live::Live;
use crate::parts::alerts::Alerts;
use crate::parts::banners::Banners;
use crate::parts::header::{Brand, Header};
use crate::parts::icon::{Icon, tone_name};
use crate::parts::moment::{Moment, Told};
use crate::parts::notice::{Notice, NoticeLine};
use crate::parts::own::Own;
use crate::parts::target::Targets;

/// The page at `/`: asks for the board once and then follows the feed.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let first = Resource::new(|| (), |()| board());
    let notice = use_query_map().with_untracked(Notice::from_query);
    view! {
        <Suspense fallback=|| view! { <p class="loading">"Reading the board …"</p> }>
            {move || {
                let notice = notice.clone();
                Suspend::new(async move {
                    match first.await {
                        Ok(board) => view! { <BoardView board notice/> }.into_any(),
                        Err(error) => view! { <NoBoard notice=Notice::from(error)/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

#[component]
fn NoBoard(notice: Notice) -> impl IntoView {
    view! {
        <Title text="No board · Rebound"/>
        <header class="bar"><Brand/></header>
        <main class="narrow">
            <h1>"The board cannot be shown."</h1>
            <NoticeLine notice/>
            <p><a class="button" href="/" rel="external">"Try again"</a></p>
        </main>
    }
    .into_any()
}

/// Everything on the Overview, from one board and the feed that follows it.
#[component]
pub fn BoardView(
    /// The first board; later ones come by the feed.
    board: Board,
    /// What a form led to, if one did.
    notice: Option<Notice>,
) -> impl IntoView {
    let live = Live::follow(board);
    let title = move || live.board.with(|board| tab_title(board, live.stale.get()));
    let tone = Signal::derive(move || tone_name(live.board.with(|board| board.tone)));
    let alone = Memo::new(move |_| live.board.with(|board| board.targets.len() == 1));
    let stale_note = move || {
        live.stale.get().then(|| view! {
            <p class="notice tone-unknown" role="alert">
                <Icon name="lost"/>
                <span>
                    <strong>"What you see is old."</strong>" The connection to Rebound is gone. It shows how things stood at "
                    <Moment at=live.board.with_untracked(|board| board.at) told=Told::Clock/>
                    ". It comes back by itself; if it does not, "<a href="/" rel="external">"reload"</a>"."
                </span>
            </p>
        })
    };
    view! {
        <Title text=title/>
        <div class="page" class:stale=move || live.stale.get()>
            <Header live/>
            <main>
                {notice.map(|notice| view! { <NoticeLine notice/> })}
                {stale_note}
                <div class="news">
                    <Banners live/>
                    <section class=move || format!("state tone-{}", tone.get())>
                        <Icon name=tone/>
                        <h1>{move || live.board.with(|board| board.sentence.clone())}</h1>
                    </section>
                    <div class="columns">
                        <Targets live/>
                        <aside class="side">
                            {move || view! { <Alerts live with_test=!alone.get()/> }}
                            <Own live/>
                        </aside>
                    </div>
                </div>
            </main>
        </div>
    }
    .into_any()
}

/// What the browser's tab says: the worst first, in few words.
fn tab_title(board: &Board, stale: bool) -> String {
    let count = |tone: Tone| board.targets.iter().filter(|target| target.tone == tone).count();
    let state = if stale {
        "◌ Old".to_owned()
    } else if count(Tone::Bad) > 0 {
        format!("● {} in trouble", count(Tone::Bad))
    } else if count(Tone::Busy) > 0 {
        format!("↻ {} healing", count(Tone::Busy))
    } else if count(Tone::Warning) > 0 {
        format!("▲ {} with a warning", count(Tone::Warning))
    } else if count(Tone::Unknown) > 0 {
        format!("? {} unknown", count(Tone::Unknown))
    } else {
        match board.tone {
            Tone::Bad => "● Trouble",
            Tone::Warning => "▲ Warning",
            Tone::Unknown => "? Unknown",
            Tone::Good | Tone::Resting | Tone::Busy => "✓ Fine",
        }
        .to_owned()
    };
    format!("{state} · Rebound")
}
