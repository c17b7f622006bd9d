//! The judge's tables: every check up, down, unknown, and just under and over each limit.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use rstest::rstest;

use super::*;
use crate::amount::Amount;
use crate::calendar::Calendar;
use crate::check::DatabaseReading;
use crate::check::{
    AccountRead, AccountReading, AccountState, AccountsFrom, AccountsReading, NotRead, Subject,
    TerminalError, TerminalReading,
};
use crate::heal::Rung;
use crate::ids::TargetId;
use crate::reason::Help;
use crate::target::{EndpointWay, ExpectedAccount};
use crate::word::Word;

#[path = "verdict_accounts_tests.rs"]
mod accounts;

#[path = "verdict_identity_tests.rs"]
mod identity;

#[path = "verdict_listing_tests.rs"]
mod listing;

#[path = "verdict_unseen_tests.rs"]
mod unseen;

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
    able_since: Option<Timestamp>,
    cause: Option<Reason>,
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
                service: Some("MT5 Bridge".into()),
                key_refused: None,
                bridge_time: Some(noon()),
                terminal: TerminalReading {
                    available: Some(true),
                    connected: Some(true),
                    trading_allowed: Some(true),
                    ..TerminalReading::default()
                },
                store_connected: Some(true),
                accounts: AccountsReading::Listed((1..=7).map(|id| read(id, noon(), 1_000.0)).collect()),
                accounts_from: AccountsFrom::Bridge,
                nameless: None,
                positions: None,
                http_date: None,
            },
            memory: AccountMemory::default(),
            own_network: OwnNetwork::Trusted,
            own_clock_wrong: None,
            fails_now: false,
            terminal_answered_at: None,
            able_since: None,
            cause: None,
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
        self.judges_after(96, check, outcome)
    }

    fn judges_after(&self, latency_ms: u32, check: CheckId, outcome: ProbeOutcome) -> Judgement {
        let subject = Subject::Target(self.spec.id.clone());
        let seen = Observation { subject, asked_at: self.now, latency_ms, outcome };
        let session = self.spec.calendar.session(self.now);
        let evidence = Evidence {
            spec: &self.spec,
            expected: &self.memory.awaited(&self.spec, session, self.now),
            session,
            seen: &seen,
            memory: &self.memory,
            fails_now: self.fails_now,
            terminal_answered_at: self.terminal_answered_at,
            able_since: self.able_since,
            cause: self.cause.as_ref(),
            declared: &self.declared,
            positions: self
                .positions_change
                .as_ref()
                .map_or(PositionsKept::AsFarAsSeen, PositionsKept::Changed),
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
/// What was seen, in words.
fn value(judgement: &Judgement) -> Option<String> {
    judgement.value.as_ref().map(ToString::to_string)
}

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

fn read_from(id: u64, server: Option<&str>, currency: Option<&str>, balance: f64) -> AccountReading {
    let mut account = read(id, noon(), balance);
    if let AccountState::Read(read) = &mut account.state {
        read.server = server.map(Word::from);
        read.currency = currency.map(Word::from);
    }
    account
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
fn a_healthy_bridge_is_up_in_every_check(#[case] check: CheckId, #[case] seen: &str) {
    let judgement = Bench::healthy().judges(check);
    assert_eq!((value(&judgement).as_deref(), judgement.verdict), (Some(seen), Verdict::Up));
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

fn terminal_says(bench: &mut Bench, code: i32) {
    bench.reading.terminal = TerminalReading {
        available: Some(false),
        error: Some(TerminalError { code, text: String::from("said so") }),
        ..TerminalReading::default()
    };
}

/// Each error has its own reason, its own rung to start on or nothing that can help, and its own advice.
#[rstest]
#[case::not_found(-10_003, None, "Down terminal_not_found", Some(Rung::Medium))]
#[case::pipe_broken(-10_004, None, "Down terminal_pipe_broken", Some(Rung::Soft))]
#[case::never_answered(-10_005, None, "Down terminal_timeout", None)]
#[case::answered_before(-10_005, Some(60), "Down terminal_hangs", Some(Rung::Medium))]
#[case::answered_long_ago(-10_005, Some(3_601), "Down terminal_timeout", None)]
#[case::credentials(-6, None, "Down login_refused", None)]
#[case::another(-1, None, "Down terminal_silent", Some(Rung::Soft))]
fn each_error_of_the_terminal_has_its_own_reason_and_rung(
    #[case] code: i32,
    #[case] answered_ago: Option<u64>,
    #[case] verdict: &str,
    #[case] from: Option<Rung>,
) {
    let mut bench = Bench::with(|bench| terminal_says(bench, code));
    bench.terminal_answered_at = answered_ago.map(|ago| bench.now.before(seconds(ago)));
    let judgement = bench.judges(CheckId::TerminalIpc);
    assert_eq!(said(&judgement), verdict);
    let rung = match judgement.verdict.reason().unwrap().help() {
        Help::Heal { from, .. } => Some(from),
        Help::Person(advice) => {
            assert!(advice.len() > 40, "{advice}");
            None
        }
        Help::Slots(_) | Help::Nothing => panic!("something is to be done"),
    };
    assert_eq!(rung, from);
}

#[test]
fn a_terminal_that_may_only_be_starting_is_given_time() {
    let mut bench = Bench::with(|bench| terminal_says(bench, -10_005));
    assert_eq!(bench.judges(CheckId::TerminalIpc).patience, seconds(90));
    let mut bench = Bench::with(|bench| terminal_says(bench, -10_003));
    assert_eq!(bench.judges(CheckId::TerminalIpc).patience, seconds(0));
}

#[test]
fn bridge_and_terminal_in_different_sessions_need_a_person_whatever_the_error_says() {
    let mut bench = Bench::with(|bench| {
        terminal_says(bench, -10_004);
        bench.reading.terminal.bridge_session = Some(0);
        bench.reading.terminal.terminal_session = Some(1);
    });
    let judgement = bench.judges(CheckId::TerminalIpc);
    assert_eq!(said(&judgement), "Down session_mismatch");
    assert!(matches!(judgement.verdict.reason().unwrap().help(), Help::Person(_)));
}

#[rstest]
#[case::the_button(Some(false), None, None, None, "Degraded trading_off")]
#[case::the_button_before_all_else(Some(false), Some(false), Some(false), Some(true), "Degraded trading_off")]
#[case::an_investor_password(Some(true), Some(false), Some(true), None, "Degraded investor_password")]
#[case::the_broker(Some(true), Some(true), Some(false), None, "Degraded experts_refused")]
#[case::the_python_interface(Some(true), Some(true), Some(true), Some(true), "Degraded api_trading_off")]
#[case::all_on(Some(true), Some(true), Some(true), Some(false), "Up")]
#[case::only_the_account_is_told(None, Some(true), None, None, "Up")]
#[case::nothing_is_told(None, None, None, None, "Unknown not_told")]
fn the_four_permissions_are_four_verdicts(
    #[case] terminal: Option<bool>,
    #[case] account: Option<bool>,
    #[case] experts: Option<bool>,
    #[case] api_off: Option<bool>,
    #[case] verdict: &str,
) {
    let mut bench = Bench::with(|bench| {
        bench.reading.terminal.trading_allowed = terminal;
        bench.reading.terminal.account_trading = account;
        bench.reading.terminal.expert_trading = experts;
        bench.reading.terminal.api_disabled = api_off;
    });
    let judgement = bench.judges(CheckId::TerminalTradingAllowed);
    assert_eq!(said(&judgement), verdict);
    assert_eq!(said(&bench.judges(CheckId::TerminalBrokerLink)), "Up", "none of them is a lost link");
}

#[test]
fn while_our_own_clock_is_wrong_market_hours_are_not_known_and_the_terminal_is() {
    let mut bench = Bench::with(|bench| bench.reading.terminal.connected = Some(false));
    bench.own_clock_wrong = Some(seconds(1_200));
    assert_eq!(said(&bench.judges(CheckId::TerminalBrokerLink)), "Unknown own_clock_wrong");
    assert_eq!(said(&bench.judges(CheckId::TerminalIpc)), "Up");
}

fn endpoint(way: EndpointWay) -> (EndpointSpec, Bench) {
    let spec = EndpointSpec::new(way);
    let bench = Bench::with(|bench| bench.spec.kind = TargetKind::Endpoint(spec.clone()));
    (spec, bench)
}

#[rstest]
#[case::ok(200, &[], "Up")]
#[case::no_content(204, &[], "Up")]
#[case::moved(302, &[], "Down endpoint_status")]
#[case::broken(503, &[], "Down endpoint_status")]
#[case::a_login_is_good_here(401, &[200, 401], "Up")]
#[case::what_is_not_listed_is_bad(204, &[200], "Down endpoint_status")]
fn an_endpoint_answers_with_the_expected_status(
    #[case] status: u16,
    #[case] good: &[u16],
    #[case] verdict: &str,
) {
    let (spec, mut bench) = endpoint(EndpointWay::Http);
    bench.spec.kind = TargetKind::Endpoint(EndpointSpec { statuses: good.to_vec(), ..spec });
    let outcome =
        ProbeOutcome::Endpoint(EndpointReading { status: Some(status), ..EndpointReading::default() });
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointHttp, outcome)), verdict);
}

#[rstest]
#[case::found(Some(true), "Up")]
#[case::missing(Some(false), "Down endpoint_text_missing")]
#[case::not_looked_for(None, "Unknown not_told")]
fn an_endpoint_must_say_the_expected_text(#[case] found: Option<bool>, #[case] verdict: &str) {
    let (spec, mut bench) = endpoint(EndpointWay::Http);
    bench.spec.kind = TargetKind::Endpoint(EndpointSpec { text: Some(String::from("ok")), ..spec });
    let outcome = ProbeOutcome::Endpoint(EndpointReading {
        status: Some(200),
        text_found: found,
        ..EndpointReading::default()
    });
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointHttp, outcome)), verdict);
}

#[rstest]
#[case::fast(96, false, "Up")]
#[case::at_the_limit(2_000, false, "Up")]
#[case::slow(2_001, false, "Degraded endpoint_slow")]
#[case::very_slow(4_001, false, "Down endpoint_slow")]
#[case::a_warning_stays_until_it_is_clearly_faster(1_600, true, "Degraded endpoint_slow")]
#[case::and_ends_then(1_500, true, "Up")]
fn latency_has_two_limits_and_another_to_come_back(
    #[case] latency_ms: u32,
    #[case] fails_now: bool,
    #[case] verdict: &str,
) {
    let (_, mut bench) = endpoint(EndpointWay::Tcp);
    bench.fails_now = fails_now;
    let judgement = bench.judges_after(
        latency_ms,
        CheckId::EndpointLatency,
        ProbeOutcome::Endpoint(EndpointReading::default()),
    );
    assert_eq!(said(&judgement), verdict);
}

#[rstest]
#[case::long(22, "Up")]
#[case::soon(20, "Degraded certificate_ends_soon")]
#[case::ended(-1, "Down certificate_ended")]
fn a_certificate_is_looked_at_before_it_ends(#[case] days: i64, #[case] verdict: &str) {
    let (_, bench) = endpoint(EndpointWay::Http);
    let ends = Timestamp::from_ms(bench.now.as_ms() + days * 86_400_000);
    let outcome = ProbeOutcome::Endpoint(EndpointReading {
        status: Some(200),
        certificate_ends: Some(ends),
        ..EndpointReading::default()
    });
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointCertificate, outcome)), verdict);
}

#[rstest]
#[case::primary(DatabaseReading::Writable(String::from("primary")), "Up")]
#[case::secondary(DatabaseReading::ReadOnly(String::from("secondary")), "Down database_read_only")]
#[case::refuses(DatabaseReading::Refuses(String::from("auth failed")), "Down database_refuses")]
fn a_database_must_be_writable(#[case] database: DatabaseReading, #[case] verdict: &str) {
    let (_, bench) = endpoint(EndpointWay::Mongodb);
    let reading = EndpointReading { database: Some(database), ..EndpointReading::default() };
    let outcome = ProbeOutcome::Endpoint(reading);
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointMongodb, outcome)), verdict);
}

#[rstest]
#[case::http(EndpointWay::Http, CheckId::EndpointHttp)]
#[case::tcp(EndpointWay::Tcp, CheckId::EndpointTcp)]
#[case::mongodb(EndpointWay::Mongodb, CheckId::EndpointMongodb)]
fn silence_of_an_endpoint_is_one_failure_and_the_rest_is_blind(
    #[case] way: EndpointWay,
    #[case] owner: CheckId,
) {
    let (_, bench) = endpoint(way);
    let silent = || ProbeOutcome::NoAnswer(NoAnswer::Refused);
    assert_eq!(said(&bench.judges_outcome(owner, silent())), "Down endpoint_silent");
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointLatency, silent())), "Unknown blind");
}

#[test]
fn an_endpoint_that_only_showed_an_ended_certificate_has_no_speed() {
    let (_, bench) = endpoint(EndpointWay::Http);
    let ends = Some(bench.now.before(seconds(60)));
    let outcome =
        ProbeOutcome::Endpoint(EndpointReading { certificate_ends: ends, ..EndpointReading::default() });
    assert_eq!(said(&bench.judges_outcome(CheckId::EndpointLatency, outcome)), "Unknown blind");
}
