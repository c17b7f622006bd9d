//! One message of the feed, read by the name of its event.

use rebound::time::Timestamp;

use crate::sheet::Sheet;

/// What the feed brought.
#[derive(Debug)]
pub(super) enum News {
    /// The state of everything.
    Sheet(Box<Sheet>),
    /// Nothing changed; this is the server's time.
    Tick(Timestamp),
}

impl News {
    /// The message of that event name; `None` where it is not understood, which then counts as silence.
    pub(super) fn read(event: &str, data: &str) -> Option<Self> {
        match event {
            "sheet" => serde_json::from_str(data).ok().map(Self::Sheet),
            "tick" => serde_json::from_str(data).ok().map(Self::Tick),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rebound::view::Tone;

    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            at: Timestamp::from_ms(1),
            title: "Fine · Rebound".to_owned(),
            sentence: "Fine.".to_owned(),
            tone: Tone::Good,
            banners: Vec::new(),
            holds: Vec::new(),
            targets: Vec::new(),
            plans: Vec::new(),
            plan_requests: Vec::new(),
            alerts: Vec::new(),
            requests: Vec::new(),
            own: Vec::new(),
            servers: Vec::new(),
        }
    }

    #[test]
    fn every_message_the_server_writes_is_read() {
        let written = serde_json::to_string(&sheet()).unwrap();
        assert!(matches!(News::read("sheet", &written), Some(News::Sheet(read)) if *read == sheet()));
        let written = serde_json::to_string(&Timestamp::from_ms(5)).unwrap();
        assert!(matches!(News::read("tick", &written), Some(News::Tick(at)) if at == Timestamp::from_ms(5)));
    }

    #[test]
    fn what_is_not_understood_is_no_news() {
        assert!(News::read("sheet", "{}").is_none());
        assert!(News::read("other", "{}").is_none());
    }
}
