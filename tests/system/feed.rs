//! The live feed: begins with a whole board, carries every change, ends with the server, begins anew after it.

use std::net::TcpListener;

use rebound::view::{Board, FeedEvent};
use reqwest::{Method, Response};
use tokio::time::timeout;

use crate::api::Api;
use crate::configuration::Plan;
use crate::process::Place;
use crate::site::{PATIENCE, a_host, eventually, site};

/// Somebody who listens.
struct Feed {
    answer: Response,
    heard: String,
}

impl Feed {
    async fn of(api: &Api) -> Option<Self> {
        let answer = api.request(Method::GET, "/api/v1/feed").timeout(PATIENCE).send().await.ok()?;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Some(Self { answer, heard: String::new() })
    }

    /// The next event; `None` at the end of the feed.
    async fn next(&mut self) -> Option<FeedEvent> {
        loop {
            if let Some((event, rest)) = self.heard.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                self.heard = rest.to_owned();
                match data {
                    Some(data) => return Some(serde_json::from_str(&data).unwrap()),
                    None => continue,
                }
            }
            let more = timeout(PATIENCE, self.answer.chunk()).await.expect("the feed says something");
            self.heard.push_str(std::str::from_utf8(&more.ok().flatten()?).unwrap());
        }
    }

    /// The next board that shows what is looked for.
    async fn board(&mut self, look: impl Fn(&Board) -> bool) -> Board {
        loop {
            match self.next().await.expect("the feed goes on") {
                FeedEvent::Board { board } if look(&board) => return *board,
                FeedEvent::Board { .. } | FeedEvent::Tick { .. } => {}
            }
        }
    }
}

#[tokio::test]
async fn the_feed_begins_with_a_board_and_carries_every_change() {
    let site = site().await;
    let mut feed = Feed::of(&site).await.unwrap();

    let FeedEvent::Board { board: first } = feed.next().await.unwrap() else { panic!("a board comes first") };
    site.host.break_link().await;
    let trouble = feed.board(|board| board.targets[0].incident.is_some()).await;
    let healed = feed.board(|board| board.targets[0].incident.is_none()).await;

    assert!(first.seq < trouble.seq && trouble.seq < healed.seq);
    assert_eq!(healed.targets[0].recent.len(), 1);
}

#[tokio::test]
async fn the_feed_ends_when_the_server_stops() {
    let mut site = site().await;
    let mut feed = Feed::of(&site).await.unwrap();
    feed.next().await.unwrap();

    site.stop().await;

    while feed.next().await.is_some() {}
}

#[tokio::test]
async fn a_stranger_hears_nothing() {
    let site = site().await;

    let answer = site.client.get(format!("{}/api/v1/feed", site.base)).send().await.unwrap();

    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn two_pages_that_come_back_after_a_crash_get_a_whole_board_each() {
    let host = a_host().await;
    let place = Place::planned(&Plan { listen: a_free_address(), ..Plan::usual(&host) }, &host);
    let program = place.serve().await;
    program.api.is_well().await;
    let mut pages = [Feed::of(&program.api).await.unwrap(), Feed::of(&program.api).await.unwrap()];
    for page in &mut pages {
        page.next().await.unwrap();
    }

    let api = program.api.clone();
    program.kill().await;
    for page in &mut pages {
        while page.next().await.is_some() {}
    }
    let _again = place.serve().await;

    for page in &mut pages {
        *page = eventually("the feed again", PATIENCE, async || Feed::of(&api).await).await;
        let FeedEvent::Board { board } = page.next().await.unwrap() else { panic!("a board comes first") };
        assert_eq!(board.targets.len(), 1);
        page.board(|board| board.targets[0].accounts.iter().all(|account| account.live)).await;
    }
}

/// An address that nobody listens at just now, for a server that must come back to it.
fn a_free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
