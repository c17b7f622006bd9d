//! Three programs that share a MongoDB and many bridges, of which one is killed again and again while faults come: each fault is
//! healed exactly once, and what a killed program watched is looked at by another within three leases.
//!
//! A short run, unless `REBOUND_TEST_TARGETS` and `REBOUND_TEST_KILLS` ask for a long one with a kill every minute. Everything is
//! true: processes, sockets, a bridge of its own for each target, and the database. `REBOUND_BIN` names a program built for speed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use rebound::incident::{Incident, Recovery};
use rebound::time::Timestamp;
use rebound::view::{Board, Tone};
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::{Clock as _, PAGE_MAX, Store as _};
use rebound_sim::{Sim, SimOptions};
use rebound_store::{MongodbAddress, MongodbStore};
use rebound_test_mongodb::Server;

use crate::configuration::{RESTART_TOKEN, people};
use crate::process::{Place, Program};
use crate::site::eventually;

const NAMES: [&str; 3] = ["one", "two", "three"];

/// Longest time until what a killed program watched is looked at by another.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(15);

/// Longest time until everything is fine at the beginning, and again at the end.
const SETTLED_WITHIN: Duration = Duration::from_secs(300);

/// How long a run is.
#[derive(Clone, Copy)]
struct Length {
    targets: usize,
    kills: usize,
    /// Ticks of the bridges, of a second each, from one kill to the next.
    kill_every: u64,
    /// Ticks after which a killed program is started again.
    away: u64,
    /// How often a target is asked, and how long for an answer, as in the file.
    interval: &'static str,
    timeout: &'static str,
    /// Whether the machine is meant to be quick enough for a figure.
    measured: bool,
}

impl Length {
    /// What every change needs, or what somebody asks for.
    fn asked_for() -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<usize>().unwrap());
        let short = Self {
            targets: 12,
            kills: 2,
            kill_every: 30,
            away: 15,
            interval: "2s",
            timeout: "1900ms",
            measured: false,
        };
        match (number("REBOUND_TEST_TARGETS"), number("REBOUND_TEST_KILLS")) {
            (None, None) => short,
            (targets, kills) => Self {
                targets: targets.unwrap_or(300),
                kills: kills.unwrap_or(10),
                kill_every: 60,
                away: 40,
                interval: "10s",
                timeout: "5s",
                measured: true,
            },
        }
    }
}

/// The bridges, the database and the programs.
struct Stage {
    length: Length,
    bridges: Vec<Sim>,
    server: Server,
    places: Vec<Place>,
    programs: Vec<Option<Program>>,
    clock: SystemClock,
}

impl Stage {
    async fn begin(length: Length) -> Self {
        let mut bridges = Vec::new();
        for seed in 0..length.targets {
            let options = SimOptions {
                restart_token: RESTART_TOKEN.to_owned(),
                seed: u64::try_from(seed).unwrap(),
                ..SimOptions::default()
            };
            bridges.push(rebound_sim::start(options).await.unwrap());
        }
        let server = Server::start().await;
        let places: Vec<Place> = NAMES.iter().map(|name| place(name, &bridges, &server, length)).collect();
        let mut programs = Vec::new();
        for place in &places {
            programs.push(Some(place.serve().await));
        }
        Self { length, bridges, server, places, programs, clock: SystemClock::start() }
    }

    /// The board of a program that lives.
    async fn board(&self) -> Board {
        self.programs.iter().flatten().next().unwrap().api.board().await
    }

    /// Waits until these programs work, everything is fine, and everybody has his share.
    async fn settled(&self, what: &str) {
        let share = self.length.targets / NAMES.len();
        let mut last = String::new();
        let well = eventually(what, SETTLED_WITHIN, async || {
            let board = self.board().await;
            let not_good = board.targets.iter().filter(|view| view.tone != Tone::Good).count();
            let shares: Vec<usize> = board.servers.iter().map(|server| server.targets.len()).collect();
            let now = format!("{not_good} not good, shares {shares:?}");
            if now != last {
                println!("{what}: {now}");
                last = now;
            }
            let shared = shares.len() == NAMES.len() && shares.iter().all(|one| *one + 1 >= share);
            (not_good == 0 && shared).then_some(())
        });
        well.await;
    }

    /// Waits for a moment, as the first bridge counts them.
    async fn tick(&self, moment: u64) {
        let reached = async || (self.bridges[0].ticks().await >= moment).then_some(());
        eventually("the next moment", SETTLED_WITHIN, reached).await;
    }

    /// The numbers of the targets that a program watches.
    async fn watched_by(&self, place: usize) -> Vec<usize> {
        let board = self.board().await;
        let server = board.servers.iter().find(|server| server.name == NAMES[place]).unwrap();
        server.targets.iter().map(|id| id.as_str().trim_start_matches("mt5-").parse().unwrap()).collect()
    }

    /// Starts a program again at a moment.
    async fn comes_back(&self, place: usize, moment: u64) -> Program {
        self.tick(moment).await;
        self.places[place].serve().await
    }

    /// Breaks links until the next kill, each target's once in the whole run. `into` is the time since its beginning, `now` the
    /// moment. Returns whose they were.
    async fn breaks(&self, into: u64, now: u64) -> Vec<usize> {
        let Length { targets, kills, kill_every, .. } = self.length;
        let whole = usize::try_from(kill_every).unwrap() * kills;
        let due = |ticks: u64| usize::try_from(ticks).unwrap() * targets / whole;
        let mut broken = Vec::new();
        for tick in 0..kill_every {
            self.tick(now + tick).await;
            for number in due(into + tick)..due(into + tick + 1) {
                // Not one after the other, so that faults meet every program.
                let target = number * 7 % targets;
                self.bridges[target].break_link().await;
                broken.push(target);
            }
        }
        self.tick(now + kill_every).await;
        broken
    }

    /// How long after a kill each of `orphans` was asked again, shortest first.
    async fn takeover(&self, orphans: &[usize], killed_at: Timestamp) -> Vec<Duration> {
        let (mut left, mut took) = (Vec::new(), Vec::new());
        for orphan in orphans {
            left.push((*orphan, self.bridges[*orphan].bridge_requests().await));
        }
        eventually("everything is asked again", SETTLED_WITHIN, async || {
            for (orphan, before) in std::mem::take(&mut left) {
                if self.bridges[orphan].bridge_requests().await > before {
                    took.push(self.clock.now().since(killed_at));
                } else {
                    left.push((orphan, before));
                }
            }
            left.is_empty().then_some(())
        })
        .await;
        took
    }

    /// Every incident that the database has.
    async fn incidents(&self) -> Vec<Incident> {
        let address = MongodbAddress::try_new(&self.server.url(), None).unwrap();
        let store = MongodbStore::open(&address, None).await.unwrap();
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = store.incidents(before, PAGE_MAX).await.unwrap();
            before = page.last().map(|incident| incident.id);
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

/// A place whose program is called `name` and watches all `bridges`.
fn place(name: &str, bridges: &[Sim], server: &Server, length: Length) -> Place {
    let mut text = format!(
        r#"
[server]
listen = "127.0.0.1:0"
name = "{name}"

[store]
url = {{ file = "mongodb.url" }}
room_warning = 0

{}
"#,
        people(bridges[0].smtp_addr)
    );
    let (first, second) = (remedy("reconnect terminal"), remedy("reconnect terminal again"));
    for (number, bridge) in bridges.iter().enumerate() {
        let (url, Length { interval, timeout, .. }) = (&bridge.bridge_url, length);
        write!(
            text,
            r#"
[[targets]]
id = "mt5-{number}"
name = "MT5 bridge {number}"
url = "{url}"
calendar = "always"
interval = "{interval}"
retry_every = "{interval}"
timeout = "{timeout}"
accounts = [
    {{ id = 1000001 }}, {{ id = 1000002 }}, {{ id = 1000003 }}, {{ id = 1000004 }},
    {{ id = 1000005 }}, {{ id = 1000006 }}, {{ id = 1000007, reserve = true }},
]

[targets.heal]
cooldown = "0s"
{first}{second}"#
        )
        .unwrap();
    }
    let place = Place::with(&text);
    std::fs::write(place.path("mongodb.url"), server.url()).unwrap();
    place
}

/// A second remedy is for a heal that was written down and never begun: nobody can know that, so the target is looked at first.
fn remedy(name: &str) -> String {
    format!(
        r#"
[[targets.heal.remedies]]
name = "{name}"
rung = "soft"
kind = "http_call"
url = "/api/admin/emergency-restart"
query = {{ token = {{ env = "RESTART_TOKEN" }} }}
expect = {{ json = {{ path = "success", equals = true }} }}
timeout = "10s"
verify_after = "5s"
verify_within = "60s"
"#
    )
}

/// What came of a run.
#[derive(Debug, Default)]
struct Tally {
    /// Faults of each target.
    faults: BTreeMap<usize, usize>,
    /// How long after a kill each target was looked at again.
    took: Vec<Duration>,
}

impl Tally {
    /// Compares faults with heals and incidents, says what was counted, and that it is as it must be.
    async fn tell(mut self, stage: &Stage) {
        let (mut once, mut twice, mut never) = (0, 0, 0);
        let incidents = stage.incidents().await;
        for (number, bridge) in stage.bridges.iter().enumerate() {
            let (faults, heals) = (self.faults.get(&number).copied().unwrap_or(0), bridge.restarts().await);
            once += faults.min(heals);
            twice += heals.saturating_sub(faults);
            never += faults.saturating_sub(heals);
            let of_target = |incident: &&Incident| incident.target.as_str() == format!("mt5-{number}");
            let own: Vec<&Incident> = incidents.iter().filter(of_target).collect();
            assert_eq!(own.len(), faults, "mt5-{number}: {own:#?}");
            for incident in own {
                // A heal whose program died is looked at, and what it did is not proven by it.
                let how = incident.closed.as_ref().map(|closed| &closed.how);
                assert!(matches!(how, Some(Recovery::AfterHeal(_) | Recovery::Unproven)), "{incident:#?}");
            }
        }
        self.took.sort_unstable();
        let late = self.took.iter().filter(|took| **took > TAKEN_OVER_WITHIN).count();
        let at = |share: usize| self.took[(self.took.len() * share / 100).min(self.took.len() - 1)];
        let faults: usize = self.faults.values().sum();
        println!(
            "{} targets, {} kills, {faults} faults: {once} healed exactly once, {twice} healed again, {never} not healed\n\
             {} targets taken over: p50 {:.1?}, p99 {:.1?}, longest {:.1?}, {late} after more than {TAKEN_OVER_WITHIN:?}",
            stage.length.targets,
            stage.length.kills,
            self.took.len(),
            at(50),
            at(99),
            at(100),
        );
        assert_eq!((once, twice, never), (faults, 0, 0));
        assert!(late == 0 || !stage.length.measured, "taken over late");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn each_fault_is_healed_once_while_programs_on_a_true_mongodb_are_killed() {
    let mut stage = Stage::begin(Length::asked_for()).await;
    stage.settled("at the beginning").await;
    let mut tally = Tally::default();
    let begun = stage.bridges[0].ticks().await;
    for kill in 0..stage.length.kills {
        let killed = kill % NAMES.len();
        let orphans = stage.watched_by(killed).await;
        stage.programs[killed].take().unwrap().kill().await;
        let killed_at = stage.clock.now();
        let first = begun + stage.length.kill_every * u64::try_from(kill).unwrap();
        let (back, faults, took) = tokio::join!(
            stage.comes_back(killed, first + stage.length.away),
            stage.breaks(first - begun, first),
            stage.takeover(&orphans, killed_at),
        );
        println!(
            "{} killed: {} targets taken over, the last after {:.1?}",
            NAMES[killed],
            took.len(),
            took.last()
        );
        stage.programs[killed] = Some(back);
        tally.took.extend(took);
        for target in faults {
            *tally.faults.entry(target).or_default() += 1;
        }
    }
    stage.settled("at the end").await;
    tally.tell(&stage).await;
}
