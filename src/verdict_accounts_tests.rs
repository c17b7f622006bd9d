//! Tables about accounts: how old a read may be, what a placeholder is worth, when zero is trouble.

use super::*;
use crate::check::Transfer;

fn age_of_all(bench: &mut Bench, age: Duration) {
    let at = bench.now.before(age);
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, at, 1_000.0)).collect());
}

pub(super) fn placeholder(id: u64) -> AccountReading {
    AccountReading {
        id: AccountId::new(id),
        name: None,
        state: AccountState::NotRead(NotRead::BalanceMissing),
    }
}

fn placeholders(bench: &mut Bench) {
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(placeholder).collect());
}

fn balances(bench: &mut Bench, count: u64, balance: f64) {
    let accounts = (1..=count).map(|id| read(id, bench.now, balance)).collect();
    bench.reading.accounts = AccountsReading::Listed(accounts);
}

fn reserve(id: u64) -> ExpectedAccount {
    ExpectedAccount { reserve: true, ..ExpectedAccount::numbered(AccountId::new(id)) }
}

#[rstest]
#[case::just_under(900, "Up")]
#[case::just_over(901, "Down stale")]
fn the_newest_read_is_fresh_up_to_its_limit(#[case] age: u64, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(age)));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
}

#[rstest]
#[case::all(7, "Up", false)]
#[case::just_half(4, "Up", false)]
#[case::just_under_half(3, "Down few_syncing", false)]
#[case::just_over_a_fifth(2, "Down few_syncing", false)]
#[case::under_a_fifth(1, "Down few_syncing", true)]
#[case::none(0, "Down few_syncing", true)]
fn the_share_that_syncs_has_two_limits(#[case] fresh: u64, #[case] expected: &str, #[case] at_once: bool) {
    let mut bench = Bench::with(|bench| {
        let age = |id: u64| if id <= fresh { 0 } else { 901 };
        let accounts = (1..=7).map(|id| read(id, noon().before(seconds(age(id))), 1_000.0));
        bench.reading.accounts = AccountsReading::Listed(accounts.collect());
    });
    let judgement = bench.judges(CheckId::AccountsSyncing);
    assert_eq!((said(&judgement), judgement.at_once), (String::from(expected), at_once));
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
#[case::zero(CheckId::AccountsZero)]
#[case::failed(CheckId::AccountFailed)]
fn placeholders_without_an_earlier_read_are_unknown_at_first(#[case] check: CheckId) {
    let mut bench = Bench::with(|bench| {
        placeholders(bench);
        bench.watching_since = bench.now.before(seconds(900));
    });
    assert_eq!(said(&bench.judges(check)), "Unknown not_read_yet");
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh, "Down placeholders_only")]
#[case::syncing(CheckId::AccountsSyncing, "Down placeholders_only")]
#[case::zero(CheckId::AccountsZero, "Unknown not_read_yet")]
#[case::failed(CheckId::AccountFailed, "Unknown not_read_yet")]
fn placeholders_for_a_whole_window_are_down_and_never_zero(#[case] check: CheckId, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| {
        placeholders(bench);
        bench.watching_since = bench.now.before(seconds(901));
    });
    assert_eq!(said(&bench.judges(check)), expected);
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh, 900, "Up")]
#[case::fresh_no_more(CheckId::AccountsFresh, 901, "Down placeholders_only")]
#[case::syncing(CheckId::AccountsSyncing, 900, "Up")]
#[case::syncing_no_more(CheckId::AccountsSyncing, 901, "Down few_syncing")]
#[case::zero(CheckId::AccountsZero, 901, "Unknown not_read_yet")]
fn placeholders_after_earlier_reads_let_those_grow_old(
    #[case] check: CheckId,
    #[case] later: u64,
    #[case] expected: &str,
) {
    let mut bench = Bench::healthy();
    bench.judges(check);
    placeholders(&mut bench);
    bench.now = noon().after(seconds(later));
    bench.reading.bridge_time = Some(bench.now);
    assert_eq!(said(&bench.judges(check)), expected);
}

#[rstest]
#[case::three(3, 0.0, Some(true), "Degraded all_zero_live")]
#[case::too_few(2, 0.0, Some(true), "Up")]
#[case::a_cent(3, 0.01, Some(true), "Up")]
#[case::less_than_a_cent(3, 0.004, Some(true), "Degraded all_zero_live")]
#[case::link_lost(3, 0.0, Some(false), "Down all_zero_not_live")]
#[case::link_not_told(3, 0.0, None, "Degraded all_zero_live")]
fn all_zero_is_capital_moved_unless_the_link_is_lost(
    #[case] count: u64,
    #[case] balance: f64,
    #[case] connected: Option<bool>,
    #[case] expected: &str,
) {
    let mut bench = Bench::with(|bench| {
        balances(bench, count, balance);
        bench.reading.terminal.connected = connected;
    });
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), expected);
}

#[rstest]
#[case::just_live(900, "Degraded all_zero_live")]
#[case::no_longer_live(901, "Down all_zero_not_live")]
fn all_zero_on_old_reads_is_not_live(#[case] age: u64, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| {
        let at = bench.now.before(seconds(age));
        bench.reading.accounts = AccountsReading::Listed((1..=3).map(|id| read(id, at, 0.0)).collect());
    });
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), expected);
}

#[test]
fn zero_behind_a_silent_terminal_is_not_live() {
    let mut bench = Bench::with(|bench| {
        balances(bench, 3, 0.0);
        bench.reading.terminal = TerminalReading { available: Some(false), ..TerminalReading::default() };
    });
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Down all_zero_not_live");
}

#[test]
fn reserve_accounts_are_left_out_of_zero() {
    let mut bench = Bench::with(|bench| {
        balances(bench, 4, 0.0);
        let ordinary = |id| ExpectedAccount { reserve: false, ..reserve(id) };
        bench.spec.accounts = alloc::vec![ordinary(1), ordinary(2), reserve(3), reserve(4)];
    });
    assert_eq!(bench.judges(CheckId::AccountsZero).verdict, Verdict::Up);
}

#[test]
fn only_reserve_accounts_are_never_in_trouble_over_zero() {
    let mut bench = Bench::with(|bench| {
        balances(bench, 3, 0.0);
        bench.spec.accounts = (1..=3).map(reserve).collect();
    });
    assert_eq!(bench.judges(CheckId::AccountsZero).verdict, Verdict::Up);
}

#[rstest]
#[case::twenty_minutes_behind(-1_200)]
#[case::a_year_behind(-31_536_000)]
#[case::twenty_minutes_ahead(1_200)]
fn a_wrong_clock_of_the_bridge_makes_nothing_stale(#[case] off: i64) {
    let mut bench = Bench::healthy();
    let bridge_now = Timestamp::from_ms(noon().as_ms() + off * 1_000);
    bench.reading.bridge_time = Some(bridge_now);
    let at = bridge_now.before(seconds(60));
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, at, 1_000.0)).collect());
    let judgement = bench.judges(CheckId::AccountsFresh);
    assert_eq!((value(&judgement).as_deref(), judgement.verdict), (Some("1 min old"), Verdict::Up));
}

#[rstest]
#[case::within_the_tolerance(60, "Up")]
#[case::just_beyond(61, "Unknown clock_ahead")]
fn reads_of_the_future_are_not_believed(#[case] ahead: u64, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| {
        let at = bench.now.after(seconds(ahead));
        bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, at, 1_000.0)).collect());
    });
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), expected);
}

#[test]
fn a_read_of_tomorrow_does_not_stay_fresh_until_then() {
    let mut bench = Bench::with(|bench| {
        let tomorrow = bench.now.after(seconds(86_400));
        bench.reading.accounts =
            AccountsReading::Listed((1..=7).map(|id| read(id, tomorrow, 1_000.0)).collect());
    });
    bench.judges(CheckId::AccountsFresh);
    placeholders(&mut bench);
    bench.now = noon().after(seconds(901));
    bench.reading.bridge_time = Some(bench.now);
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down placeholders_only");
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
#[case::failed(CheckId::AccountFailed)]
fn old_reads_are_unknown_while_the_bridges_store_is_down(#[case] check: CheckId) {
    let mut bench = Bench::with(|bench| {
        age_of_all(bench, seconds(7_200));
        bench.reading.store_connected = Some(false);
    });
    assert!(matches!(bench.judges(check).verdict, Verdict::Unknown(_)));
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
fn a_bridge_that_lists_no_accounts_lets_reads_grow_old_and_then_unknown(#[case] check: CheckId) {
    let mut bench = Bench::healthy();
    bench.judges(check);
    bench.reading.accounts = AccountsReading::NotListed(String::from("MongoDB not available"));
    bench.now = noon().after(seconds(900));
    assert_eq!(bench.judges(check).verdict, Verdict::Up);
    bench.now = noon().after(seconds(901));
    assert_eq!(said(&bench.judges(check)), "Unknown not_listed");
}

#[rstest]
#[case::at_the_opening(0, "Up")]
#[case::just_under_the_limit(900, "Up")]
#[case::just_over(901, "Down stale")]
fn reads_of_before_the_weekend_are_waited_for_once_the_market_opens(
    #[case] after: u64,
    #[case] expected: &str,
) {
    let opens = Timestamp::from_civil(2026, 11, 22, 22, 0);
    let mut bench = Bench::with(|bench| {
        bench.spec.calendar = Calendar::forex();
        bench.now = opens.after(seconds(after));
        bench.reading.bridge_time = Some(bench.now);
    });
    let friday = opens.before(seconds(48 * 3_600));
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, friday, 1_000.0)).collect());
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
}

#[test]
fn placeholders_at_the_opening_are_given_a_window() {
    let opens = Timestamp::from_civil(2026, 11, 22, 22, 0);
    let mut bench = Bench::with(|bench| {
        placeholders(bench);
        bench.spec.calendar = Calendar::forex();
        bench.now = opens.after(seconds(60));
        bench.watching_since = opens.before(seconds(48 * 3_600));
    });
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Unknown not_read_yet");
}

#[rstest]
#[case::failed(AccountState::Failed(String::from("login failed")), "Degraded accounts_failed")]
#[case::not_read(AccountState::NotRead(NotRead::BalanceMissing), "Degraded accounts_failed")]
fn one_account_of_several_is_a_warning(#[case] state: AccountState, #[case] expected: &str) {
    let mut bench = Bench::healthy();
    let mut accounts: Vec<AccountReading> = (1..=6).map(|id| read(id, noon(), 1_000.0)).collect();
    accounts.push(AccountReading { id: AccountId::new(7), name: None, state });
    bench.reading.accounts = AccountsReading::Listed(accounts);
    assert_eq!(said(&bench.judges(CheckId::AccountFailed)), expected);
}

#[test]
fn an_expected_account_that_is_not_listed_fails() {
    let mut bench = Bench::healthy();
    bench.spec.accounts = (1..=8).map(|id| ExpectedAccount { reserve: false, ..reserve(id) }).collect();
    let judgement = bench.judges(CheckId::AccountFailed);
    assert_eq!(
        (said(&judgement).as_str(), value(&judgement).as_deref()),
        ("Degraded accounts_failed", Some("1 of 8"))
    );
}

#[rstest]
#[case::moved_out(-1_000.0, 60, "Up")]
#[case::moved_in_is_no_reason_for_zero(1_000.0, 60, "Degraded all_zero_live")]
#[case::moved_long_ago(-1_000.0, 25 * 3_600, "Degraded all_zero_live")]
fn a_transfer_that_was_seen_explains_a_zero(#[case] amount: f64, #[case] ago: u64, #[case] verdict: &str) {
    let mut bench = Bench::healthy();
    let at = bench.now.before(seconds(ago));
    let account = |id| {
        let mut account = read(id, noon(), 0.0);
        if let AccountState::Read(read) = &mut account.state {
            read.transfer = Some(Transfer { amount: Amount::try_new(amount).unwrap(), at });
        }
        account
    };
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(account).collect());
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), verdict);
}

/// Three clocks never agree to the second: the server's, the bridge's and ours.
#[rstest]
#[case::our_clock_is_a_little_behind(0, 20)]
#[case::the_bridges_clock_is_ahead(1_200, 1_200)]
fn a_transfer_of_a_moment_to_come_explains_a_zero_too(#[case] bridge_ahead: u64, #[case] in_s: u64) {
    let mut bench = Bench::healthy();
    let at = bench.now.after(seconds(in_s));
    bench.reading.bridge_time = Some(bench.now.after(seconds(bridge_ahead)));
    let account = |id| {
        let mut account = read(id, noon().after(seconds(bridge_ahead)), 0.0);
        if let AccountState::Read(read) = &mut account.state {
            read.transfer = Some(Transfer { amount: Amount::try_new(-1_000.0).unwrap(), at });
        }
        account
    };
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(account).collect());
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Up");
}

fn all_fail(bench: &mut Bench, text: &str) {
    let failed = |id| {
        let state = AccountState::Failed(String::from(text));
        AccountReading { id: AccountId::new(id), name: None, state }
    };
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(failed).collect());
}

/// No refresh and no restart changes a password.
#[rstest]
#[case::refused("Login failed: (-6, 'Authorization failed')", "Down accounts_failed")]
#[case::refused_in_words("authorization failed", "Down accounts_failed")]
#[case::another_failure("Login failed: (-10004, 'No IPC connection')", "Down stale")]
fn accounts_that_the_broker_refuses_are_for_a_person(#[case] text: &str, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(901)));
    bench.judges(CheckId::AccountsFresh);
    all_fail(&mut bench, text);
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
    let few = if expected == "Down stale" { "Down few_syncing" } else { expected };
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), few);
}

#[test]
fn accounts_that_were_refused_since_the_beginning_are_for_a_person() {
    let mut bench = Bench::with(|bench| all_fail(bench, "(-6, 'Authorization failed')"));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down accounts_failed");
}

/// While it was gone nothing was read; its first round of reads may take minutes.
#[rstest]
#[case::a_moment_ago(5, "Unknown not_read_yet")]
#[case::a_round_ago(360, "Down stale")]
fn a_bridge_that_came_back_is_given_its_round_of_reads(#[case] back_for: u64, #[case] expected: &str) {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(3_600)));
    bench.able_since = Some(bench.now.before(seconds(back_for)));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), expected);
    let few = if expected == "Down stale" { "Down few_syncing" } else { expected };
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), few);
    bench.watching_since = bench.now.before(seconds(7_200));
    placeholders(&mut bench);
    bench.memory = AccountMemory::default();
    let never = if expected == "Down stale" { "Down placeholders_only" } else { expected };
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), never);
}

/// The accounts that were at zero rest with their exchange; one that trades round the clock is left, and one is too few to judge.
#[test]
fn accounts_that_rest_prove_nothing_about_an_incident_of_theirs() {
    let mut bench = Bench::with(|bench| balances(bench, 4, 0.0));
    let mut expected: Vec<ExpectedAccount> =
        (1..=4).map(|id| ExpectedAccount::numbered(AccountId::new(id))).collect();
    expected[0].calendar = Some(Box::new(crate::calendar::Calendar::crypto()));
    bench.spec.accounts = expected;
    bench.spec.calendar = crate::calendar::Calendar::forex();
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Degraded all_zero_live");
    bench.now = Timestamp::from_civil(2026, 11, 28, 12, 0);
    bench.reading.bridge_time = Some(bench.now);
    balances(&mut bench, 4, 0.0);
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Up", "where nothing is open");
    bench.cause = Some(Reason::AllZeroLive(4));
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Resting market_closed");
    let failed = |id: u64| Reason::AccountsFailed {
        failed: alloc::vec![AccountId::new(id)],
        listed: 4,
        why: String::new(),
    };
    bench.cause = Some(failed(2));
    assert_eq!(said(&bench.judges(CheckId::AccountFailed)), "Resting market_closed");
    bench.cause = Some(failed(1));
    assert_eq!(said(&bench.judges(CheckId::AccountFailed)), "Up", "its own market is open");
}

/// An incident of Friday is not over because on Monday everything has had no time to grow old.
#[test]
fn an_opening_market_is_no_recovery_of_reads() {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(3 * 24 * 3_600)));
    bench.spec.calendar = crate::calendar::Calendar::forex();
    bench.now = Timestamp::from_civil(2026, 11, 22, 22, 5);
    bench.reading.bridge_time = Some(bench.now);
    let friday = bench.now.before(seconds(49 * 3_600));
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, friday, 1_000.0)).collect());
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Up");
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), "Up");
    bench.cause = Some(Reason::NeverRead(seconds(900)));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Unknown not_read_yet");
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), "Unknown not_read_yet");
}

/// Its cause has a check of its own, which knows whether a heal can help.
#[test]
fn behind_a_terminal_that_does_not_answer_old_reads_are_no_trouble_of_their_own() {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(3_600)));
    bench.reading.terminal.available = Some(false);
    for check in [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountFailed] {
        assert_eq!(said(&bench.judges(check)), "Unknown blind", "{check}");
    }
}

#[test]
fn zeros_behind_a_silent_terminal_are_believed_no_sooner_than_it_can_have_started() {
    let mut bench = Bench::with(|bench| balances(bench, 7, 0.0));
    bench.reading.terminal.available = Some(false);
    assert!(bench.judges(CheckId::AccountsZero).patience > seconds(60));
}

#[test]
fn a_bridge_that_answered_all_the_time_is_given_none() {
    let mut bench = Bench::with(|bench| age_of_all(bench, seconds(901)));
    bench.able_since = Some(bench.now.before(seconds(902)));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down stale");
}

#[test]
fn zeros_that_are_not_explained_count_by_themselves() {
    let mut bench = Bench::healthy();
    bench.reading.accounts = AccountsReading::Listed((1..=7).map(|id| read(id, noon(), 0.0)).collect());
    bench.declared.push(Reallocation {
        accounts: (1..=4).map(AccountId::new).collect(),
        from: bench.now,
        until: bench.now.after(seconds(60)),
        by: String::from("ann"),
    });
    assert_eq!(
        said(&bench.judges(CheckId::AccountsZero)),
        "Degraded all_zero_live",
        "three are not explained"
    );
    bench.declared[0].accounts.push(AccountId::new(5));
    assert_eq!(said(&bench.judges(CheckId::AccountsZero)), "Up", "two are too few");
}

#[rstest]
#[case::just_failing(5, true, "Up")]
#[case::as_good_as_it_was_bad(4, true, "Down few_syncing")]
#[case::but_good_enough_before(4, false, "Up")]
fn a_share_that_failed_must_be_clearly_better(
    #[case] fresh: u64,
    #[case] fails_now: bool,
    #[case] verdict: &str,
) {
    let mut bench = Bench::healthy();
    let old = bench.now.before(seconds(3_600));
    let accounts = (1..=8).map(|id| read(id, if id <= fresh { noon() } else { old }, 1_000.0));
    bench.reading.accounts = AccountsReading::Listed(accounts.collect());
    bench.fails_now = fails_now;
    assert_eq!(said(&bench.judges(CheckId::AccountsSyncing)), verdict);
}

#[test]
fn an_account_with_a_market_of_its_own_is_watched_while_the_others_rest() {
    let mut bench = Bench::healthy();
    bench.now = Timestamp::from_civil(2026, 11, 21, 12, 0);
    bench.spec.calendar = Calendar::forex();
    let crypto = ExpectedAccount {
        calendar: Some(Box::new(Calendar::crypto())),
        ..ExpectedAccount::numbered(AccountId::new(2))
    };
    bench.spec.accounts = alloc::vec![ExpectedAccount::numbered(AccountId::new(1)), crypto];
    let old = bench.now.before(seconds(3_600));
    bench.reading.bridge_time = Some(bench.now);
    bench.reading.accounts =
        AccountsReading::Listed(alloc::vec![read(1, old, 1_000.0), read(2, old, 1_000.0)]);
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down stale");
    bench.spec.accounts.truncate(1);
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Resting market_closed");
}

#[rstest]
#[case::fresh(CheckId::AccountsFresh)]
#[case::syncing(CheckId::AccountsSyncing)]
fn a_bridge_that_never_says_when_it_read_is_unknown_and_never_healed(#[case] check: CheckId) {
    let mut bench = Bench::healthy();
    let untimed =
        |id, why| AccountReading { id: AccountId::new(id), name: None, state: AccountState::NotRead(why) };
    let placeholder = || NotRead::Placeholder(String::from("no cached data"));
    bench.reading.accounts =
        AccountsReading::Listed(alloc::vec![untimed(1, NotRead::TimeMissing), untimed(2, placeholder())]);
    assert_eq!(said(&bench.judges(check)), "Unknown not_read_yet");
    bench.reading.accounts =
        AccountsReading::Listed(alloc::vec![untimed(1, placeholder()), untimed(2, placeholder())]);
    assert_eq!(said(&bench.judges(check)), "Down placeholders_only");
}

#[test]
fn a_fresh_read_from_before_the_first_look_is_a_read() {
    let mut bench = Bench::healthy();
    bench.able_since = Some(bench.now);
    age_of_all(&mut bench, seconds(5));
    assert_eq!(said(&bench.judges(CheckId::AccountFailed)), "Up");
}

#[test]
fn a_bridge_that_is_expected_to_read_often_has_less_time_for_its_round() {
    let mut bench = Bench::healthy();
    (bench.spec.thresholds.sync_window, bench.spec.thresholds.fresh_age_max) = (seconds(60), seconds(60));
    bench.able_since = Some(bench.now.before(seconds(61)));
    age_of_all(&mut bench, seconds(120));
    assert_eq!(said(&bench.judges(CheckId::AccountsFresh)), "Down stale");
}
