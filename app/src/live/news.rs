//! One message of the feed, read by the name of its event.

use rebound::time::Timestamp;

use crate::sheet::Sheet;
use crate::sheet::change::Change;

/// What the feed brought.
#[derive(Debug)]
pub(super) enum News {
    /// The state of everything.
    Sheet(Box<Sheet>),
    /// What changed since the sheet before.
    Change(Box<Change>),
    /// Nothing changed; this is the server's time.
    Tick(Timestamp),
}

impl News {
    /// The message of that event name; `None` where it is not understood, which then counts as silence.
    pub(super) fn read(event: &str, data: &str) -> Option<Self> {
        match event {
            "sheet" => serde_json::from_str(data).ok().map(Self::Sheet),
            "change" => serde_json::from_str(data).ok().map(Self::Change),
            "tick" => serde_json::from_str(data).ok().map(Self::Tick),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::{Body, Reader};

    fn sheet() -> Sheet {
        Sheet {
            seq: 1,
            at: Timestamp::from_ms(1),
            who: Reader::admin(),
            address: "/".to_owned(),
            title: "Fine · Rebound".to_owned(),
            banners: Vec::new(),
            holds: Vec::new(),
            body: Body::Overview(Box::default()),
        }
    }

    #[test]
    fn every_message_the_server_writes_is_read() {
        let written = serde_json::to_string(&sheet()).unwrap();
        assert!(matches!(News::read("sheet", &written), Some(News::Sheet(read)) if *read == sheet()));
        let change = Change { sheet: sheet(), rows: Vec::new(), order: Some(Vec::new()) };
        let written = serde_json::to_string(&change).unwrap();
        assert!(matches!(News::read("change", &written), Some(News::Change(read)) if *read == change));
        let written = serde_json::to_string(&Timestamp::from_ms(5)).unwrap();
        assert!(matches!(News::read("tick", &written), Some(News::Tick(at)) if at == Timestamp::from_ms(5)));
    }

    #[test]
    fn what_is_not_understood_is_no_news() {
        assert!(News::read("sheet", "{}").is_none());
        assert!(News::read("other", "{}").is_none());
    }
}
