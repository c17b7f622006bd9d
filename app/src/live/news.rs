//! One message of the feed.
//!
//! Reads what [`rebound::view::FeedEvent`] writes, by the name of the event: the general way of reading a tagged enum would
//! put the code for every shown type into the browser's part a second time.

use rebound::time::Timestamp;
use rebound::view::Board;
use serde::Deserialize;

/// What the feed brought.
#[derive(Debug)]
pub(super) enum News {
    /// The state of everything.
    Board(Box<Board>),
    /// Nothing changed; this is the server's time.
    Tick(Timestamp),
}

#[derive(Deserialize)]
struct BoardMessage {
    board: Box<Board>,
}

#[derive(Deserialize)]
struct TickMessage {
    at: Timestamp,
}

impl News {
    /// The message of that event name; `None` where it is not understood, which then counts as silence.
    pub(super) fn read(event: &str, data: &str) -> Option<Self> {
        match event {
            "board" => {
                serde_json::from_str::<BoardMessage>(data).ok().map(|message| Self::Board(message.board))
            }
            "tick" => serde_json::from_str::<TickMessage>(data).ok().map(|message| Self::Tick(message.at)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rebound::view::{FeedEvent, OwnView, Tone};

    use super::*;

    fn board() -> Board {
        Board {
            seq: 7,
            at: Timestamp::from_ms(1),
            watching_since: Timestamp::from_ms(0),
            sentence: "Fine.".to_owned(),
            tone: Tone::Good,
            banners: Vec::new(),
            targets: Vec::new(),
            alerts: Vec::new(),
            requests: Vec::new(),
            own: OwnView {
                store_trouble: None,
                network_watched: false,
                network_works: None,
                channels: Vec::new(),
            },
        }
    }

    #[test]
    fn every_message_the_server_writes_is_read() {
        let written = serde_json::to_string(&FeedEvent::Board { board: Box::new(board()) }).unwrap();
        assert!(matches!(News::read("board", &written), Some(News::Board(read)) if *read == board()));
        let written = serde_json::to_string(&FeedEvent::Tick { at: Timestamp::from_ms(5) }).unwrap();
        assert!(matches!(News::read("tick", &written), Some(News::Tick(at)) if at == Timestamp::from_ms(5)));
    }

    #[test]
    fn what_is_not_understood_is_no_news() {
        assert!(News::read("board", "{}").is_none());
        assert!(News::read("other", "{}").is_none());
    }
}
