//! Every recorded situation, from the bytes on the wire to the verdict of each check.
//!
//! A case names what the bridge answers, and every check that is not held to be up. All others must be.

use std::sync::Arc;
use std::time::Duration;

use rebound::calendar::{Calendar, DaySpan, Zone, ZoneRule};
use rebound::check::{CheckId, NoAnswer, Observation, ProbeOutcome, Subject};
use rebound::heal::HealPolicy;
use rebound::ids::{AccountId, TargetId};
use rebound::target::{ExpectedAccount, Reach, TargetKind, TargetSpec, Thresholds, WatchSpec};
use rebound::time::Timestamp;
use rebound::verdict::{AccountMemory, Evidence, OwnNetwork, PositionsKept, Reallocation, Verdict, judge};
use rebound_probes::{BridgeProbe, BridgeSpec};

use crate::fixtures::fixture_of;
use crate::presets::dialect;
use crate::probing::{LONG, NOW, request};
use crate::wire::{Act, Wire, answer};

mod accounts;
mod bridges;
mod clock;

/// What a bridge answers at a path: its status, and the fixture of its dialect.
type Page = (&'static str, u16, &'static str);

/// What is known beside the answer.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) accounts: Vec<ExpectedAccount>,
    pub(super) calendar: Calendar,
    pub(super) asked_at: Timestamp,
    /// When the terminal last answered before.
    pub(super) terminal_answered_at: Option<Timestamp>,
    pub(super) declared: Vec<Reallocation>,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            calendar: Calendar::always(),
            asked_at: NOW,
            terminal_answered_at: None,
            declared: Vec::new(),
        }
    }
}

/// Longer than the window in which an account must have been read, so that "not read yet" is over.
const WATCHED: Duration = Duration::from_secs(3_600);

/// Asks a bridge with these pages over a connection, judges, and compares what is not up with `expected`.
pub(super) async fn expect(name: &str, pages: &[Page], around: Around, expected: &[&str]) {
    let outcome = asked(name, pages, around.asked_at).await;
    assert_eq!(not_up(&outcome, &around), expected, "{outcome:?}");
}

async fn asked(name: &str, pages: &[Page], asked_at: Timestamp) -> ProbeOutcome {
    let dialect = dialect(name);
    let pages: Vec<(String, Act)> = pages
        .iter()
        .map(|(path, status, file)| {
            let act = answer(&format!("{status} As Recorded"), "application/json", fixture_of(name, file));
            ((*path).to_owned(), act)
        })
        .collect();
    let pages = Arc::new(pages);
    let wire = Wire::answering(move |path| {
        let page = pages.iter().find(|(known, _)| known == path);
        page.map_or_else(
            || answer("404 Not Found", "application/json", "{\"detail\":\"Not Found\"}"),
            |(_, act)| act.clone(),
        )
    })
    .await;
    let probe = BridgeProbe::new(BridgeSpec::new(wire.url.clone(), dialect)).unwrap();
    probe.probe(&request(asked_at, LONG)).await
}

/// Each check that is not up: its name, its word and the code of its reason.
pub(super) fn not_up(outcome: &ProbeOutcome, around: &Around) -> Vec<String> {
    let mut memory = AccountMemory::default();
    if let ProbeOutcome::Bridge(reading) = outcome {
        memory.learn(reading, &around.accounts, around.asked_at);
    }
    let spec = spec(around);
    let seen = Observation {
        subject: Subject::Target(spec.id.clone()),
        asked_at: around.asked_at,
        latency_ms: 42,
        outcome: outcome.clone(),
    };
    let session = around.calendar.session(around.asked_at);
    let evidence = Evidence {
        spec: &spec,
        expected: &memory.awaited(&spec, session, around.asked_at),
        session,
        seen: &seen,
        memory: &memory,
        fails_now: false,
        cause: None,
        terminal_answered_at: around.terminal_answered_at,
        able_since: None,
        declared: &around.declared,
        positions: PositionsKept::AsFarAsSeen,
        watching_since: around.asked_at.before(WATCHED),
        own_network: OwnNetwork::Trusted,
        own_clock_wrong: None,
        now: around.asked_at,
    };
    let judged = CheckId::BRIDGE.map(|check| (check, judge(check.default_spec(), &evidence).verdict));
    let other = judged.into_iter().filter(|(_, verdict)| *verdict != Verdict::Up);
    other
        .map(|(check, verdict)| {
            let code = verdict.reason().map_or("", |reason| reason.code());
            format!("{check} {} {code}", verdict.word())
        })
        .collect()
}

fn spec(around: &Around) -> TargetSpec {
    TargetSpec {
        id: TargetId::try_new("mt5").unwrap(),
        name: "Bridge".to_owned(),
        kind: TargetKind::Bridge,
        depends_on: Vec::new(),
        calendar: around.calendar.clone(),
        watch: WatchSpec::default(),
        reach: Reach::Network,
        accounts: around.accounts.clone(),
        checks: CheckId::BRIDGE.map(CheckId::default_spec).to_vec(),
        thresholds: Thresholds::default(),
        heal: HealPolicy::default(),
    }
}

/// Accounts of which nothing but the number is expected.
pub(super) fn numbered(ids: &[u64]) -> Vec<ExpectedAccount> {
    ids.iter().map(|id| ExpectedAccount::numbered(AccountId::new(*id))).collect()
}

/// A bridge whose host does not even accept a connection.
pub(super) fn unreachable() -> ProbeOutcome {
    ProbeOutcome::NoAnswer(NoAnswer::Unreachable(5_000))
}

/// Sunday evening to Friday evening, with a break around midnight of the server, seven hours ahead of New York.
pub(super) fn with_a_nightly_break() -> Calendar {
    let zone = Zone { name: "server".to_owned(), rule: ZoneRule::NewYorkPlus(7 * 60) };
    let night = DaySpan { from: 23 * 60 + 59, to: 24 * 60 + 2 };
    Calendar { zone, breaks: vec![night], ..Calendar::always() }
}
