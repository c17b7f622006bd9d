//! The live feed: server-sent events. Begins with a whole board; every later board is whole, too.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use futures::Stream;
use futures::stream::unfold;
use rebound::time::Timestamp;
use rebound::view::{Board, FeedEvent};
use rebound_app::{Change, Sheet, Tongue};
use rebound_engine::service::{Principal, Service};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tower_sessions::session::Id;

use super::Face;
use super::doors::may_pass;
use super::errors::Problem;
use super::extract::Query;
use super::guard::Visit;
use super::pages::place::{Made, Place};
use crate::auth::{Auth, Credential, Standing};

/// After this time without news a tick says that the server is alive.
const TICK_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked at whether the reader has logged out, or is somebody else by now.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How often a page is made again that shows something being counted.
const COUNTING_EVERY: Duration = Duration::from_millis(500);

/// Who reads a feed.
enum Language {
    /// Programs: whole boards.
    Boards,
    /// A page of ours: what it shows, in words.
    Page(Box<Shown>),
}

/// A page and what it shows.
struct Shown {
    place: Place,
    tongue: Tongue,
    last: Option<Made>,
    /// The last sheet as it was said, where that was not in English.
    said: Option<Sheet>,
    /// The board that the page was drawn from.
    known: Option<(u64, Timestamp)>,
}

/// The session of a feed, as it was looked at last.
struct Session {
    id: Id,
    ends_at: Timestamp,
}

struct Reader {
    language: Language,
    auth: Arc<Auth>,
    by: Credential,
    looked_at: Timestamp,
    /// Programs have none; and nor has one that ran out, which a page may go on showing what it shows without.
    session: Option<Session>,
    who: Principal,
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
    Extension(visit): Extension<Visit>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let session = Session::of(&face, &visit).await;
    open(&face, &who, visit.by, session, Language::Boards)
}

/// Which page of ours is kept new.
#[derive(Debug, Deserialize)]
pub(crate) struct PageAsked {
    page: String,
    /// Which board it shows already, and of when that is.
    seq: Option<u64>,
    at: Option<i64>,
}

/// The feed for a page of ours.
pub(crate) async fn page_feed(
    State(face): State<Face>,
    Extension(who): Extension<Principal>,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<PageAsked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = Place::of(&asked.page).ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no_such_page",
            &format!("No page that lives is at \"{}\".", asked.page),
            "Give path and query of a page, e.g. page=/incidents.",
        )
    })?;
    may_pass(&who, place.right())?;
    let session = Session::of(&face, &visit).await;
    let known = asked.seq.zip(asked.at.map(Timestamp::from_ms));
    let shown = Shown { place, tongue: Tongue::of_reader(&headers), last: None, said: None, known };
    open(&face, &who, visit.by, session, Language::Page(Box::new(shown)))
}

fn open(
    face: &Face,
    who: &Principal,
    by: Credential,
    session: Option<Session>,
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
        auth: Arc::clone(&face.auth),
        by,
        looked_at: face.service.now(),
        session,
        who: who.clone(),
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
        let event = reader.board().await;
        return Some((Ok(event), reader));
    }
    let event = tokio::select! {
        biased;
        () = reader.stopping.cancelled() => return None,
        changed = reader.boards.changed() => {
            if changed.is_err() {
                return None;
            }
            reader.board().await
        }
        () = sleep(COUNTING_EVERY), if reader.is_counting() => reader.board().await,
        () = sleep(TICK_EVERY) => reader.tick(),
    };
    if reader.is_another().await {
        return None;
    }
    Some((Ok(event), reader))
}

impl Session {
    async fn of(face: &Face, visit: &Visit) -> Option<Self> {
        let id = visit.session?;
        let now = face.service.now();
        // Just checked, so an answer is missing only where the store went away this moment: the next look tells.
        let ends_at = face.auth.sessions.ends_at(&id).await.ok().flatten().unwrap_or(now);
        Some(Self { id, ends_at })
    }
}

impl Reader {
    /// Whether the reader is not who began to read any more: somebody ended the session or took the key back, here or at another
    /// server, or gave another role. What is opened then shows what that role may see. A session that ran out for want of use
    /// goes on being shown: nothing can be done with it.
    async fn is_another(&mut self) -> bool {
        let now = self.service.now();
        if now.since(self.looked_at) < LOOK_EVERY {
            return false;
        }
        self.looked_at = now;
        if let Some(session) = &mut self.session {
            match self.auth.sessions.ends_at(&session.id).await {
                Ok(Some(ends_at)) => session.ends_at = ends_at,
                Ok(None) if now < session.ends_at => return true,
                Ok(None) => self.session = None,
                // The store is away: it is looked at again.
                Err(_) => {}
            }
        }
        match self.auth.people.standing(&self.by).await {
            Standing::Known(who) => who != self.who,
            Standing::Nobody => true,
            Standing::Unchecked => false,
        }
    }

    async fn board(&mut self) -> Event {
        let board = Arc::clone(&self.boards.borrow_and_update());
        match &mut self.language {
            Language::Boards => json("board", &FeedEvent::Board { board: Box::new(Board::clone(&board)) }),
            Language::Page(shown) => shown.news(&self.service, &self.who, board).await,
        }
    }

    fn is_counting(&self) -> bool {
        match &self.language {
            Language::Boards => false,
            Language::Page(shown) => shown.last.as_ref().is_some_and(Place::is_in_the_making),
        }
    }

    fn tick(&self) -> Event {
        let at = self.service.now();
        match self.language {
            Language::Boards => json("tick", &FeedEvent::Tick { at }),
            Language::Page(_) => json("tick", &at),
        }
    }
}

impl Shown {
    /// The page as of `board`: whole at first, later what changed where that is less.
    async fn news(&mut self, service: &Service, who: &Principal, board: Arc<Board>) -> Event {
        if self.known.take() == Some((board.seq, board.at)) && self.place.stands_still() {
            // The page shows all of it.
            return json("tick", &board.at);
        }
        let last = self.last.take();
        let made = self.place.made(service, who, board, last.as_ref()).await;
        let said = (self.tongue != Tongue::English).then(|| self.tongue.says_all(made.sheet.clone()));
        let before = self.said.as_ref().or(last.as_ref().map(|last| &last.sheet));
        let now = said.as_ref().unwrap_or(&made.sheet);
        let change = before.and_then(|before| Change::between(before, now));
        let event = match &change {
            Some(change) => json("change", change),
            None => json("sheet", now),
        };
        (self.last, self.said) = (Some(made), said);
        event
    }
}

fn json(name: &str, event: &impl Serialize) -> Event {
    Event::default().event(name).json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, "a feed event cannot be written");
        Event::default().comment("unreadable")
    })
}
