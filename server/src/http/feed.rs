//! The live feed: server-sent events. Begins with a whole board; every later board is whole, too.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use futures::Stream;
use futures::stream::unfold;
use rebound::view::{Board, FeedEvent};
use rebound_app::Sheet;
use rebound_engine::service::{Principal, Service};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Face;
use super::errors::Problem;

/// After this time without news a tick says that the server is alive.
const TICK_EVERY: Duration = Duration::from_secs(5);

/// Who reads a feed.
#[derive(Clone, Copy)]
enum Language {
    /// Programs: whole boards.
    Boards,
    /// Our own page: what it shows of them, in words.
    Sheets,
}

struct Reader {
    language: Language,
    service: Service,
    boards: watch::Receiver<Arc<Board>>,
    stopping: CancellationToken,
    first: bool,
    _permit: OwnedSemaphorePermit,
}

/// The feed for programs.
pub(crate) async fn feed(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    open(&face, &who, Language::Boards)
}

/// The feed for our own page.
pub(crate) async fn page_feed(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    open(&face, &who, Language::Sheets)
}

fn open(
    face: &Face,
    who: &Principal,
    language: Language,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let permit = Arc::clone(&face.feeds).try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_feeds",
            "Too many pages are open at the same time.",
            "Close some; the feed opens again by itself.",
        )
    })?;
    let reader = Reader {
        language,
        service: face.service.clone(),
        boards: face.service.feed(who),
        stopping: face.stopping.clone(),
        first: true,
        _permit: permit,
    };
    Ok(Sse::new(unfold(reader, next)))
}

async fn next(mut reader: Reader) -> Option<(Result<Event, Infallible>, Reader)> {
    if reader.first {
        reader.first = false;
        let event = reader.board();
        return Some((Ok(event), reader));
    }
    let event = tokio::select! {
        biased;
        () = reader.stopping.cancelled() => return None,
        changed = reader.boards.changed() => {
            if changed.is_err() {
                return None;
            }
            reader.board()
        }
        () = sleep(TICK_EVERY) => reader.tick(),
    };
    Some((Ok(event), reader))
}

impl Reader {
    fn board(&mut self) -> Event {
        let board = Arc::clone(&self.boards.borrow_and_update());
        match self.language {
            Language::Boards => json("board", &FeedEvent::Board { board: Box::new(Board::clone(&board)) }),
            Language::Sheets => json("sheet", &Sheet::of(&board)),
        }
    }

    fn tick(&self) -> Event {
        let at = self.service.now();
        match self.language {
            Language::Boards => json("tick", &FeedEvent::Tick { at }),
            Language::Sheets => json("tick", &at),
        }
    }
}

fn json(name: &str, event: &impl Serialize) -> Event {
    Event::default().event(name).json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, "a feed event cannot be written");
        Event::default().comment("unreadable")
    })
}
