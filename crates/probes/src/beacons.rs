//! Tells whether Rebound's own network works, and what others hold for the time: asks a few hosts that are always there.
//!
//! Sends no byte to an address, and a `HEAD` without any secret to a URL. Never says which beacon answered: one that is down
//! for itself is no fact about our network.

use std::sync::Arc;

use hyper::Method;
use rebound::check::{ProbeOutcome, ProbeRequest};
use rebound::time::Timestamp;
use reqwest::Url;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::date::date_told;
use crate::endpoint::{Dates, HttpDoor, Place};
use crate::limits::{BEACONS_MAX, Budget};
use crate::setup::{SetupError, public_url};
use crate::told::short;

/// The hosts to ask.
#[derive(Clone, Debug, Default)]
pub struct Beacons {
    beacons: Vec<Arc<Beacon>>,
}

#[derive(Debug)]
enum Beacon {
    /// A connection is an answer.
    Place(Place),
    /// The head of any answer is one, whatever its status.
    Url(Box<HttpDoor>),
}

/// What one beacon that answered told.
struct Answered {
    date: Option<Timestamp>,
}

impl Beacons {
    /// Beacons at `addresses`, each `host:port` or a URL of `http` or `https`. None is allowed; then none is asked.
    ///
    /// # Errors
    /// [`SetupError::Beacon`] for what is no address, [`SetupError::TooManyBeacons`] above [`BEACONS_MAX`],
    /// [`SetupError::BeaconTrust`] for `https` on a machine without certificates, others for a URL that cannot be asked.
    pub fn new(addresses: Vec<String>) -> Result<Self, SetupError> {
        if addresses.len() > BEACONS_MAX {
            return Err(SetupError::TooManyBeacons { count: addresses.len(), max: BEACONS_MAX });
        }
        let beacons = addresses.iter().map(|address| beacon(address).map(Arc::new));
        Ok(Self { beacons: beacons.collect::<Result<_, _>>()? })
    }

    /// Asks all at once and counts those that answered before nine tenths of the time were over.
    pub async fn probe(&self, request: &ProbeRequest) -> ProbeOutcome {
        let Some(budget) = Budget::start(request) else {
            return ProbeOutcome::NotAsked("no time was left to ask".to_owned());
        };
        let mut asking: JoinSet<Option<Answered>> = JoinSet::new();
        for beacon in self.beacons.iter().map(Arc::clone) {
            asking.spawn(async move { beacon.ask(budget).await });
        }
        let mut answered = 0;
        let mut dates = Vec::new();
        while let Ok(Some(asked)) = timeout_at(budget.side.until, asking.join_next()).await {
            if let Ok(Some(answer)) = asked {
                answered += 1;
                dates.extend(answer.date);
            }
        }
        ProbeOutcome::Beacons {
            answered,
            asked: u32::try_from(self.beacons.len()).unwrap_or(u32::MAX),
            dates,
        }
    }
}

impl Beacon {
    async fn ask(&self, budget: Budget) -> Option<Answered> {
        match self {
            Self::Place(place) => place.connect(budget.side).await.ok().map(|_| Answered { date: None }),
            Self::Url(door) => {
                let answer = door.ask(budget).await.ok()?;
                Some(Answered { date: date_told(answer.date(), budget.main.passed()) })
            }
        }
    }
}

fn beacon(address: &str) -> Result<Beacon, SetupError> {
    if !address.contains("://") {
        let place = Place::parse(address).ok_or_else(|| no_address(address))?;
        return Ok(Beacon::Place(place));
    }
    let url = Url::parse(address).map_err(|_| no_address(address))?;
    let door = HttpDoor::try_new(Method::HEAD, &url, &[], None, Dates::Ignored)?;
    match door.unready() {
        Some(why) => Err(SetupError::BeaconTrust { beacon: public_url(&url), detail: why.to_owned() }),
        None => Ok(Beacon::Url(Box::new(door))),
    }
}

fn no_address(address: &str) -> SetupError {
    SetupError::Beacon { beacon: short(address) }
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
    #[case::a_url("http://example.com/", true)]
    #[case::a_url_with_a_port("http://[2001:db8::1]:8080/health?x=1", true)]
    #[case::another_scheme("ftp://example.com/", false)]
    #[case::a_url_with_a_user("http://me@example.com/", false)]
    #[case::a_url_without_a_host("http://", false)]
    #[case::empty("", false)]
    fn a_beacon_is_a_host_and_a_port_or_a_url(#[case] text: &str, #[case] good: bool) {
        assert_eq!(Beacons::new(vec![text.to_owned()]).is_ok(), good);
    }
}
