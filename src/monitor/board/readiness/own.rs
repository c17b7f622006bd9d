//! The store, and Rebound itself: its clock, its network, its loop, and whoever watches it from outside.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::super::Monitor;
use super::super::super::readiness::PINGS_LOST_MAX;
use super::super::super::roll::Watched;
use super::item;
use crate::readiness::{Part, sentence};
use crate::target::Reach;
use crate::time::{Timestamp, spoken};
use crate::view::{ReadinessGroup, ReadinessState, ReadinessView};

impl Monitor {
    pub(super) fn store_view(&self) -> Option<ReadinessView> {
        let about = item(String::from("store.writes"), ReadinessGroup::Store, String::from("Store"));
        let checked_at = self.shared.own.lag.map(|(at, _)| at);
        let about = ReadinessView { checked_at, ..about };
        if let Some(why) = &self.shared.store_trouble {
            return Some(ReadinessView {
                state: ReadinessState::NotReady,
                detail: format!("It does not accept writes: {why}."),
                emergency: String::from(
                    "No heal would start, because it could not be written down first. People would be told.",
                ),
                mend: Some(String::from("Free disk space or mend the store; Rebound goes on by itself.")),
                ..about
            });
        }
        Some(match self.shared.own.store_ms {
            None => ReadinessView {
                state: ReadinessState::Unknown,
                detail: String::from("Nothing was written yet."),
                emergency: String::from("Whether a heal could be written down first is not known."),
                ..about
            },
            Some(took) => ReadinessView {
                state: ReadinessState::Ready,
                detail: format!("It takes writes: the last one took {took} ms."),
                emergency: String::from("Each heal would be written down before it starts."),
                ..about
            },
        })
    }

    pub(super) fn own_views(&self, now: Timestamp) -> Vec<ReadinessView> {
        alloc::vec![self.clock_view(now), self.network_view(), self.loop_view()]
    }

    fn clock_view(&self, now: Timestamp) -> ReadinessView {
        let about = item(String::from("own.clock"), ReadinessGroup::Own, String::from("Clock"));
        let own = &self.shared.own;
        if let Some(by) = own.clock_wrong(self.config.own_network.clock_skew_max) {
            return ReadinessView {
                state: ReadinessState::NotReady,
                detail: format!("It is {} wrong: others tell another time.", spoken(by)),
                emergency: String::from(
                    "How old a read is could not be judged, and nothing that rests on it would be healed.",
                ),
                mend: Some(String::from(
                    "Set the clock of this machine by NTP, e.g. `timedatectl set-ntp true`.",
                )),
                ..about
            };
        }
        match own.witnesses.ahead_ms(now) {
            Some(ahead) => ReadinessView {
                state: ReadinessState::Ready,
                detail: format!(
                    "It is within {} of what others tell.",
                    spoken(Duration::from_millis(ahead.unsigned_abs()).max(CLOCK_TOLD_MIN))
                ),
                emergency: String::from("Ages would be judged by a clock that others agree with."),
                ..about
            },
            None => ReadinessView {
                state: ReadinessState::Unknown,
                detail: String::from("Too few others tell the time, or they do not agree."),
                emergency: String::from("A wrong clock would make reads look stale or fresh that are not."),
                mend: Some(String::from(
                    "Name beacons with http:// or https:// under own_network.beacons: their answers tell the time.",
                )),
                ..about
            },
        }
    }

    fn network_view(&self) -> ReadinessView {
        let about = item(String::from("own.network"), ReadinessGroup::Own, String::from("Own network"));
        let checked_at = self.shared.own.seen.map(|(at, _)| at);
        let about = ReadinessView { checked_at, ..about };
        if !self.config.own_network.watched {
            let far = |watched: &&Watched| {
                watched.spec.reach == Reach::Network && !watched.spec.heal.ladder.is_empty()
            };
            let state = match self.watched.values().find(far) {
                Some(_) => ReadinessState::AtRisk,
                None => ReadinessState::NotSetUp,
            };
            return ReadinessView {
                state,
                detail: String::from(
                    "No beacon is configured, so a loss of this machine's own network is not noticed.",
                ),
                emergency: String::from(
                    "If this machine lost its network, targets elsewhere would look silent, and remedies could be tried for nothing.",
                ),
                mend: Some(String::from(
                    "Name two or three addresses of different networks under own_network.beacons.",
                )),
                ..about
            };
        }
        match self.shared.own.seen {
            Some((_, true)) => ReadinessView {
                state: ReadinessState::Ready,
                detail: String::from("A beacon answers."),
                emergency: String::from(
                    "If it went away, silence of others would not be believed, and nothing healed for it.",
                ),
                ..about
            },
            Some((_, false)) => ReadinessView {
                state: ReadinessState::NotReady,
                detail: String::from("No beacon answers."),
                emergency: String::from("Nothing elsewhere could be seen, healed or told."),
                mend: Some(String::from("Mend the network of this machine, or correct own_network.beacons.")),
                ..about
            },
            None => ReadinessView {
                state: ReadinessState::Unknown,
                detail: String::from("The beacons were not asked yet."),
                emergency: String::from("Whether silence is others' or our own is not known yet."),
                ..about
            },
        }
    }

    fn loop_view(&self) -> ReadinessView {
        let about = item(String::from("own.loop"), ReadinessGroup::Own, String::from("Own loop"));
        let Some((at, lag)) = self.shared.own.lag else {
            return ReadinessView {
                state: ReadinessState::Unknown,
                detail: String::from("How late it is was not seen yet."),
                emergency: String::from("Whether trouble would be seen in time is not known yet."),
                ..about
            };
        };
        let about = ReadinessView { checked_at: Some(at), ..about };
        let most = self.config.own_network.lag_max;
        if lag < most {
            return ReadinessView {
                state: ReadinessState::Ready,
                detail: format!("It was {} late at most when last looked at.", spoken(lag)),
                emergency: String::from("Trouble would be seen in time."),
                ..about
            };
        }
        ReadinessView {
            state: ReadinessState::AtRisk,
            detail: format!("It was {} late when last looked at (limit {}).", spoken(lag), spoken(most)),
            emergency: String::from(
                "Silence of others would not be believed while Rebound itself is held up.",
            ),
            mend: Some(String::from(
                "Give this machine more processor or memory, or move what competes with Rebound.",
            )),
            ..about
        }
    }

    pub(super) fn outside_view(&self, now: Timestamp) -> ReadinessView {
        let about = item(Part::Ping.id(), Part::Ping.group(), Part::Ping.name(""));
        let Some(every) = self.config.readiness.ping_every else {
            return ReadinessView {
                state: ReadinessState::NotSetUp,
                detail: String::from(
                    "Nobody watches Rebound from outside. A service that expects its sign of life would tell you when it stops.",
                ),
                emergency: String::from(
                    "If Rebound, its machine or its network died, nobody would tell you.",
                ),
                mend: Some(String::from("Name the address of such a service under [outside] ping.")),
                ..about
            };
        };
        let ping = &self.readiness.ping;
        let last = ping.taken.as_ref().map_or_else(
            || String::from("none was taken yet"),
            |(at, by)| format!("the last was taken {} ago by {by}", spoken(now.since(*at))),
        );
        let alone = String::from("Whoever watches from outside hears nothing, and should be telling you so.");
        if let Some(why) = &ping.held {
            return ReadinessView {
                state: ReadinessState::NotReady,
                detail: format!("No sign of life is given on purpose, because {why}; {last}."),
                checked_at: ping.taken.as_ref().map(|(at, _)| *at),
                emergency: alone,
                mend: Some(String::from("Mend what is named; the signs of life then go on by themselves.")),
                ..about
            };
        }
        match (&ping.trouble, &ping.taken) {
            (Some((at, trouble)), _) => {
                let state = if ping.lost >= PINGS_LOST_MAX {
                    ReadinessState::NotReady
                } else {
                    ReadinessState::AtRisk
                };
                ReadinessView {
                    state,
                    detail: format!(
                        "The last {} signs of life were not taken: {}; {last}.",
                        ping.lost, trouble.why
                    ),
                    checked_at: Some(*at),
                    emergency: alone,
                    mend: Some(sentence(&trouble.mend)),
                    ..about
                }
            }
            (None, Some((at, by))) => ReadinessView {
                state: ReadinessState::Ready,
                detail: format!("{by} takes a sign of life every {}.", spoken(every)),
                checked_at: Some(*at),
                emergency: String::from(
                    "If Rebound, its machine or its network died, somebody else would tell you.",
                ),
                ..about
            },
            (None, None) => ReadinessView {
                state: ReadinessState::Unknown,
                detail: String::from("No sign of life was given yet."),
                emergency: String::from("Whether somebody else would tell you is not known yet."),
                ..about
            },
        }
    }
}

/// Differences of clocks below this are not told: `Date` headers have whole seconds.
const CLOCK_TOLD_MIN: Duration = Duration::from_secs(1);
