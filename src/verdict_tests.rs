//! The judge's tables: every check up, down, unknown, and just under and over each limit.

use alloc::boxed::Box;
use alloc::vec::Vec;

use rstest::rstest;

use super::*;
use crate::amount::Amount;
use crate::calendar::Calendar;
use crate::check::{
    AccountRead, AccountReading, AccountState, AccountsReading, NotRead, Subject, TerminalError,
    TerminalReading,
};
use crate::ids::TargetId;

#[path = "verdict_accounts_tests.rs"]
mod accounts;

/// A Monday noon, in forex hours.
fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Everything that a judge looks at, healthy until a test changes it.
struct Bench {
    spec: TargetSpec,
    reading: BridgeReading,
    memory: AccountMemory,
    own_network: OwnNetwork,
    own_clock_wrong: Option<Duration>,
    fails_now: bool,
    terminal_answered_at: Option<Timestamp>,
    declared: Vec<Reallocation>,
    positions_change: Option<PositionsChange>,
    watching_since: Timestamp,
    now: Timestamp,
}

impl Bench {
    fn healthy() -> Self {
        let id = TargetId::try_new("mt5").unwrap();
        Self {
            spec: TargetSpec::bridge(id),
            reading: BridgeReading {
                service: Some(String::from("MT5 Bridge")),
                bridge_time: Some(noon()),
                terminal: TerminalReading {
                    available: Some(true),
                    connected: Some(true),
                    trading_allowed: Some(true),
                    ..TerminalReading::default()
                },
                store_connected: Some(true),
                accounts: AccountsReading::Listed((1..=7).map(|id| read(id, noon(), 1_000.0)).collect()),
                positions: None,
                http_date: None,
            },
            memory: AccountMemory::default(),
            own_network: OwnNetwork::Trusted,
            own_clock_wrong: None,
            fails_now: false,
            terminal_answered_at: None,
            declared: Vec::new(),
            positions_change: None,
            watching_since: noon().before(seconds(3_600)),
            now: noon(),
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut bench = Self::healthy();
        change(&mut bench);
        bench
    }

    /// What the check holds of the bridge's answer.
    fn judges(&mut self, check: CheckId) -> Judgement {
        self.memory.learn(&self.reading, &self.spec.accounts, self.now);
        self.judges_outcome(check, ProbeOutcome::Bridge(Box::new(self.reading.clone())))
    }

    fn judges_outcome(&self, check: CheckId, outcome: ProbeOutcome) -> Judgement {
        let subject = Subject::Target(self.spec.id.clone());
        let seen = Observation { subject, asked_at: self.now, latency_ms: 96, outcome };
        let expected = self.memory.expected(&self.spec.accounts);
        let evidence = Evidence {
            spec: &self.spec,
            expected: &expected,
            session: self.spec.calendar.session(self.now),
            seen: &seen,
            memory: &self.memory,
            fails_now: self.fails_now,
            terminal_answered_at: self.terminal_answered_at,
            declared: &self.declared,
            positions_change: self.positions_change.as_ref(),
            watching_since: self.watching_since,
            own_network: self.own_network,
            own_clock_wrong: self.own_clock_wrong,
            now: self.now,
        };
        judge(check.default_spec(), &evidence)
    }
}

fn read(id: u64, at: Timestamp, balance: f64) -> AccountReading {
    let balance = Amount::try_new(balance).unwrap();
    let state = AccountState::Read(AccountRead {
        read_at: at,
        balance,
        equity: None,
        currency: None,
        server: None,
        transfer: None,
    });
    AccountReading { id: AccountId::new(id), name: None, state }
}

/// `Up`, or the verdict's word and the code of its reason.
fn said(judgement: &Judgement) -> String {
    let word = judgement.verdict.word();
    judgement
        .verdict
        .reason()
        .map_or_else(|| String::from(word), |reason| format!("{word} {}", reason.code()))
}

fn status(status: u16) -> ProbeOutcome {
    ProbeOutcome::BadAnswer(BadAnswer::Status { path: String::from("/health"), status })
}

fn wrong_service() -> ProbeOutcome {
    ProbeOutcome::WrongService { expected: String::from("bridge"), seen: String::from("nginx") }
}

#[rstest]
#[case::reachable(CheckId::BridgeReachable, "96 ms")]
#[case::identity(CheckId::BridgeIdentity, "MT5 Bridge")]
#[case::ipc(CheckId::TerminalIpc, "answers")]
#[case::link(CheckId::TerminalBrokerLink, "connected")]
#[case::trading(CheckId::TerminalTradingAllowed, "on")]
#[case::fresh(CheckId::AccountsFresh, "0 s old")]
#[case::syncing(CheckId::AccountsSyncing, "7 of 7")]
#[case::zero(CheckId::AccountsZero, "0 of 7 at 0")]
#[case::failed(CheckId::AccountFailed, "0 of 7")]
fn a_healthy_bridge_is_up_in_every_check(#[case] check: CheckId, #[case] value: &str) {
    let judgement = Bench::healthy().judges(check);
    assert_eq!((judgement.verdict, judgement.value.as_deref()), (Verdict::Up, Some(value)));
}

#[rstest]
#[case::refused(ProbeOutcome::NoAnswer(NoAnswer::Refused), "Down bridge_silent")]
#[case::timed_out(ProbeOutcome::NoAnswer(NoAnswer::TimedOut(5_000)), "Down bridge_silent")]
#[case::no_key(status(401), "Down key_refused")]
#[case::wrong_key(status(403), "Down key_refused")]
#[case::error(status(500), "Down bridge_broken")]
#[case::not_found(status(404), "Down bridge_broken")]
#[case::another_service(wrong_service(), "Unknown blind")]
#[case::not_asked(ProbeOutcome::NotAsked(String::from("busy")), "Unknown not_asked")]
#[case::an_answer_of_beacons(ProbeOutcome::Beacons { answered: 0, asked: 2, dates: Vec::new() }, "Unknown not_asked")]
fn a_bridge_is_reachable_or_not(#[case] outcome: ProbeOutcome, #[case] expected: &str) {
    let judgement = Bench::healthy().judges_outcome(CheckId::BridgeReachable, outcome);
    assert_eq!(said(&judgement), expected);
}

#[rstest]
#[case::trusted(OwnNetwork::Trusted, "Down bridge_silent")]
#[case::works(OwnNetwork::Works, "Down bridge_silent")]
#[case::gone(OwnNetwork::Gone, "Unknown self_offline")]
#[case::not_looked(OwnNetwork::NotLooked, "Unknown self_unchecked")]
fn silence_is_the_bridges_own_only_if_the_own_network_works(#[case] own: OwnNetwork, #[case] expected: &str) {
    let bench = Bench::with(|bench| bench.own_network = own);
    let silence = ProbeOutcome::NoAnswer(NoAnswer::Refused);
    assert_eq!(said(&bench.judges_outcome(CheckId::BridgeReachable, silence)), expected);
}

#[rstest]
#[case::while_silent(ProbeOutcome::NoAnswer(NoAnswer::Refused), CheckId::BridgeReachable)]
#[case::while_broken(status(500), CheckId::BridgeReachable)]
#[case::behind_another_service(wrong_service(), CheckId::BridgeIdentity)]
fn one_fault_fails_one_check_and_blinds_the_others(#[case] outcome: ProbeOutcome, #[case] owner: CheckId) {
    let bench = Bench::healthy();
    for check in CheckId::ALL {
        let word = bench.judges_outcome(check, outcome.clone()).verdict.word();
        assert_eq!(word, if check == owner { "Down" } else { "Unknown" }, "{check}");
    }
}

#[rstest]
#[case::no_code(None, "Down terminal_silent")]
#[case::not_found(Some(-10_003), "Down terminal_not_found")]
#[case::pipe_broken(Some(-10_004), "Down terminal_pipe_broken")]
#[case::internal(Some(-10_000), "Down terminal_pipe_broken")]
#[case::another_session(Some(-10_005), "Down terminal_timeout")]
#[case::credentials(Some(-6), "Down login_refused")]
#[case::unheard_of(Some(-77), "Down terminal_silent")]
fn a_terminal_that_does_not_answer_says_why(#[case] code: Option<i32>, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| {
        bench.reading.terminal.available = Some(false);
        bench.reading.terminal.error = code.map(|code| TerminalError { code, text: String::from("said") });
    });
    assert_eq!(said(&bench.judges(CheckId::TerminalIpc)), expected);
}

#[rstest]
#[case::ipc(CheckId::TerminalIpc)]
#[case::link(CheckId::TerminalBrokerLink)]
#[case::trading(CheckId::TerminalTradingAllowed)]
fn what_the_bridge_does_not_tell_is_unknown_not_false(#[case] check: CheckId) {
    let mut bench = Bench::with(|bench| bench.reading.terminal = TerminalReading::default());
    assert_eq!(said(&bench.judges(check)), "Unknown not_told");
}

#[rstest]
#[case::link(CheckId::TerminalBrokerLink)]
#[case::trading(CheckId::TerminalTradingAllowed)]
fn behind_a_silent_terminal_nothing_is_seen(#[case] check: CheckId) {
    let mut bench = Bench::with(|bench| {
        bench.reading.terminal.available = Some(false);
        bench.reading.terminal.connected = Some(false);
        bench.reading.terminal.trading_allowed = Some(false);
    });
    assert_eq!(said(&bench.judges(check)), "Unknown blind");
}

#[rstest]
#[case::link(CheckId::TerminalBrokerLink, "Down link_lost")]
#[case::trading(CheckId::TerminalTradingAllowed, "Degraded trading_off")]
fn a_flag_that_is_off_fails(#[case] check: CheckId, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| {
        bench.reading.terminal.connected = Some(false);
        bench.reading.terminal.trading_allowed = Some(false);
    });
    assert_eq!(said(&bench.judges(check)), expected);
}

#[test]
fn switched_off_trading_is_never_read_as_disconnected() {
    let mut bench = Bench::with(|bench| bench.reading.terminal.trading_allowed = Some(false));
    assert_eq!(bench.judges(CheckId::TerminalBrokerLink).verdict, Verdict::Up);
}

#[test]
fn outside_market_hours_what_is_about_the_market_rests() {
    let saturday = Timestamp::from_civil(2026, 11, 21, 12, 0);
    let bench = Bench::with(|bench| {
        bench.spec.calendar = Calendar::forex();
        bench.now = saturday;
    });
    for check in CheckId::ALL {
        let judgement = bench.judges_outcome(check, ProbeOutcome::NoAnswer(NoAnswer::Refused));
        let rests = matches!(judgement.verdict, Verdict::Resting(Reason::MarketClosed(_)));
        assert_eq!(rests, check.default_spec().market_hours, "{check}");
    }
}
