//! kill -9 again and again, each time in the middle of a heal: nothing that was acknowledged is lost, and no heal happens twice.
//!
//! A few rounds, unless `REBOUND_TEST_ROUNDS` says another number. Each has a host, a folder and a database of its own; the
//! database's server is the same in all of them.

use rebound::incident::Incident;
use rebound::monitor::JournalEntry;
use rebound_engine::ports::{PAGE_MAX, Store as _};
use rebound_sim::{RestartMode, Sim};
use rebound_store::{MongodbAddress, MongodbStore};
use rebound_test_mongodb::Server;

use crate::configuration::Plan;
use crate::process::{Place, Program};
use crate::site::{PATIENCE, Spoken, a_host, eventually};

/// So many as every change needs.
const ROUNDS: u64 = 3;

/// Ticks of the host, of 20 ms, into its restart of a second.
const MOMENTS: [u64; 5] = [0, 10, 22, 35, 45];

fn rounds() -> u64 {
    std::env::var("REBOUND_TEST_ROUNDS").map_or(ROUNDS, |number| number.parse().unwrap())
}

/// A heal that runs.
struct Round {
    host: Sim,
    place: Place,
    program: Program,
    url: String,
    /// What the store had by then.
    acknowledged: Vec<JournalEntry>,
}

/// What was counted.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: usize,
    lost: usize,
    twice: usize,
    heals: usize,
}

impl Round {
    /// Brings a heal to the moment that is this round's.
    async fn begin(number: u64, server: &Server) -> Self {
        let host = a_host().await;
        host.restart_mode(RestartMode::Slow).await;
        host.restart_delay(1.s()).await;
        let url = server.url().replace("/?", &format!("/round-{number}?authSource=admin&"));
        let text = Plan::usual(&host).text(&host);
        let place = Place::with(&text.replace("path = \"rebound.db\"", "url = { file = \"mongodb.url\" }"));
        std::fs::write(place.path("mongodb.url"), &url).unwrap();
        let program = place.serve().await;
        program.api.is_well().await;
        host.break_link().await;
        eventually("the restart call", PATIENCE, async || (host.restarts().await == 1).then_some(())).await;
        let called = host.ticks().await;
        let moment = called + MOMENTS[usize::try_from(number).unwrap() % MOMENTS.len()];
        eventually("the moment", PATIENCE, async || (host.ticks().await >= moment).then_some(())).await;
        let acknowledged = program.api.journal().await;
        Self { host, place, program, url, acknowledged }
    }

    /// Looks at what came of it once all is well, and ends it.
    async fn end(self, tally: &mut Tally) -> (String, Vec<JournalEntry>) {
        let incident: Incident = self.program.api.recovers().await;
        let heals = self.host.restarts().await;
        assert_eq!((incident.attempts(), heals), (1, 1), "{}", self.place.log());
        assert!(self.host.dispatches().await.is_empty(), "a further rung was climbed");
        assert_eq!(self.program.api.incidents().await.len(), 1);
        let journal = self.program.api.journal().await;
        let stands = |entry: &JournalEntry| journal.iter().filter(|one| *one == entry).count();
        tally.acknowledged += self.acknowledged.len();
        tally.lost += self.acknowledged.iter().filter(|entry| stands(entry) == 0).count();
        tally.twice += journal.iter().filter(|entry| stands(entry) > 1).count();
        tally.heals += heals;
        self.program.ask_to_end();
        assert_eq!(self.program.ends().await.code(), Some(0), "{}", self.place.log());
        assert!(!self.place.path("rebound.waiting").exists(), "something waits still");
        (self.url, journal)
    }
}

impl Tally {
    /// Says what was counted, after a look at every database of an earlier round.
    async fn tell(mut self, what: &str, kept: Vec<(String, Vec<JournalEntry>)>) {
        let rounds = kept.len();
        for (url, journal) in kept {
            let address = MongodbAddress::try_new(&url, None).unwrap();
            let store = MongodbStore::open(&address, None).await.unwrap();
            let found = store.journal(0, PAGE_MAX).await.unwrap();
            let is_there = |entry: &&JournalEntry| found.iter().any(|(_, one)| one == *entry);
            self.lost += journal.iter().filter(|entry| !is_there(entry)).count();
            self.acknowledged += journal.len();
        }
        let Self { acknowledged, lost, twice, heals } = self;
        println!(
            "{what} killed in {rounds} rounds: {acknowledged} acknowledged records looked for, {lost} lost, {twice} twice, {heals} heals"
        );
        assert_eq!((lost, twice), (0, 0));
        assert_eq!(heals, rounds, "one heal in each round");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_killed_in_mid_heal_loses_nothing_and_nothing_is_healed_twice() {
    let server = Server::start().await;
    let (mut tally, mut kept) = (Tally::default(), Vec::new());
    for number in 0..rounds() {
        let round = Round::begin(number, &server).await;
        tokio::task::block_in_place(|| server.kill());
        server.start_again().await;
        kept.push(round.end(&mut tally).await);
    }
    tally.tell("MongoDB", kept).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_program_killed_in_mid_heal_with_a_true_mongodb_loses_nothing_and_heals_nothing_twice() {
    let server = Server::start().await;
    let (mut tally, mut kept) = (Tally::default(), Vec::new());
    for number in 0..rounds() {
        let Round { host, place, program, url, acknowledged } = Round::begin(number, &server).await;
        program.kill().await;
        let program = place.serve().await;
        kept.push(Round { host, place, program, url, acknowledged }.end(&mut tally).await);
    }
    tally.tell("Rebound", kept).await;
}
