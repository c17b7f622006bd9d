//! Tells whether Rebound's own network works: connects to a few hosts that are always there.
//!
//! Sends no byte. Never says which beacon answered: one that is down for itself is no fact about our network.

use rebound::check::{ProbeOutcome, ProbeRequest};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::limits::{BEACONS_MAX, Budget};
use crate::setup::SetupError;

/// The hosts to connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beacons {
    addresses: Vec<String>,
}

impl Beacons {
    /// Beacons at `addresses`, each `host:port`. None is allowed; then none is asked.
    ///
    /// # Errors
    /// [`SetupError::Beacon`] for what is no address, [`SetupError::TooManyBeacons`] above [`BEACONS_MAX`].
    pub fn new(addresses: Vec<String>) -> Result<Self, SetupError> {
        if addresses.len() > BEACONS_MAX {
            return Err(SetupError::TooManyBeacons { count: addresses.len(), max: BEACONS_MAX });
        }
        match addresses.iter().find(|address| !is_address(address)) {
            Some(beacon) => Err(SetupError::Beacon { beacon: crate::told::short(beacon) }),
            None => Ok(Self { addresses }),
        }
    }

    /// Connects to all at once and counts those that answered before nine tenths of the time were over.
    pub async fn probe(&self, request: &ProbeRequest) -> ProbeOutcome {
        let Some(budget) = Budget::start(request) else {
            return ProbeOutcome::NotAsked("no time was left to ask".to_owned());
        };
        let mut connects: JoinSet<bool> = JoinSet::new();
        for address in self.addresses.clone() {
            connects.spawn(async move { TcpStream::connect(address).await.is_ok() });
        }
        let mut answered = 0;
        while let Ok(Some(connected)) = timeout_at(budget.side.until, connects.join_next()).await {
            answered += u32::from(connected.unwrap_or(false));
        }
        ProbeOutcome::Beacons { answered, asked: u32::try_from(self.addresses.len()).unwrap_or(u32::MAX) }
    }
}

/// `host:port`, with a port from 1; an IPv6 host in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let bracketed = bare.len() != host.len();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || (bracketed && c == ':');
    !bare.is_empty() && bare.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Beacons;

    #[rstest]
    #[case::a_name("one.one.one.one:443", true)]
    #[case::v4("9.9.9.9:53", true)]
    #[case::v6("[2620:fe::fe]:53", true)]
    #[case::v6_without_brackets("2620:fe::fe:53", false)]
    #[case::no_port("example.com", false)]
    #[case::port_zero("example.com:0", false)]
    #[case::a_url("https://example.com:443", false)]
    #[case::empty("", false)]
    fn a_beacon_is_a_host_and_a_port(#[case] text: &str, #[case] good: bool) {
        assert_eq!(Beacons::new(vec![text.to_owned()]).is_ok(), good);
    }
}
