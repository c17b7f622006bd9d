use alloc::boxed::Box;
use alloc::vec;

use rstest::rstest;

use super::*;
use crate::amount::Amount;
use crate::check::{
    AccountRead, AccountReading, AccountState, BadAnswer, BridgeReading, EndpointReading, NoAnswer, NotRead,
    Subject,
};
use crate::target::{EndpointSpec, EndpointWay, ExpectedAccount, TargetKind};

const NOW: Timestamp = Timestamp::from_ms(1_795_392_000_000);

fn id() -> TargetId {
    TargetId::try_new("mt5").unwrap()
}

fn account(number: u64) -> AccountId {
    AccountId::new(number)
}

fn seen(outcome: ProbeOutcome) -> Observation {
    Observation { subject: Subject::Target(id()), asked_at: NOW, latency_ms: 37, outcome }
}

fn read(balance: f64, equity: Option<f64>, age_s: u64) -> AccountState {
    AccountState::Read(AccountRead {
        read_at: NOW.before(Duration::from_secs(age_s)),
        balance: Amount::try_new(balance).unwrap(),
        equity: equity.map(|equity| Amount::try_new(equity).unwrap()),
        currency: Some(crate::word::Word::from("USD")),
        server: None,
        transfer: None,
    })
}

fn listed(states: Vec<(u64, AccountState)>) -> BridgeReading {
    let list =
        states.into_iter().map(|(number, state)| AccountReading { id: account(number), name: None, state });
    BridgeReading { accounts: AccountsReading::Listed(list.collect()), ..BridgeReading::default() }
}

/// The numbers in an answer of a bridge, by name.
fn of_bridge(
    spec: &TargetSpec,
    reading: BridgeReading,
    accounts: Option<AccountFigures>,
) -> Vec<(String, f64)> {
    let mut memory = AccountMemory::default();
    memory.learn(&reading, &spec.accounts, NOW);
    let seen = seen(ProbeOutcome::Bridge(Box::new(reading)));
    let witnessed =
        Witnessed { spec, seen: &seen, memory: &memory, accounts, silence: Silence::Targets, now: NOW };
    samples(&witnessed).into_iter().map(|sample| (sample.series.to_string(), sample.value)).collect()
}

fn told() -> Option<AccountFigures> {
    Some(AccountFigures { newest_age: Some(Duration::from_millis(1_500)), synced: Some((1, 3)) })
}

#[rstest]
#[case::no_answer(ProbeOutcome::NoAnswer(NoAnswer::Refused), Silence::Targets, Some(0.0))]
#[case::a_silence_that_may_be_our_own(ProbeOutcome::NoAnswer(NoAnswer::Refused), Silence::NotKnown, None)]
#[case::nonsense(ProbeOutcome::BadAnswer(BadAnswer::Status { path: String::new(), status: 500 }), Silence::Targets, Some(0.0))]
#[case::not_asked(ProbeOutcome::NotAsked(String::new()), Silence::Targets, None)]
fn what_is_no_answer_has_no_time_and_counts_only_where_the_silence_is_the_targets(
    #[case] outcome: ProbeOutcome,
    #[case] silence: Silence,
    #[case] answered: Option<f64>,
) {
    let spec = TargetSpec::bridge(id());
    let (seen, memory) = (seen(outcome), AccountMemory::default());
    let witnessed =
        Witnessed { spec: &spec, seen: &seen, memory: &memory, accounts: None, silence, now: NOW };
    let found: Vec<(Series, f64)> =
        samples(&witnessed).into_iter().map(|sample| (sample.series, sample.value)).collect();
    assert_eq!(found, answered.map(|value| (Series::Answered, value)).into_iter().collect::<Vec<_>>());
}

#[test]
fn an_answer_has_its_time_beside_the_time_that_is_worth_a_warning() {
    let kind = TargetKind::Endpoint(EndpointSpec::new(EndpointWay::Http));
    let spec = TargetSpec::new(id(), kind);
    let seen = seen(ProbeOutcome::Endpoint(EndpointReading::default()));
    let memory = AccountMemory::default();
    let witnessed = Witnessed {
        spec: &spec,
        seen: &seen,
        memory: &memory,
        accounts: None,
        silence: Silence::Targets,
        now: NOW,
    };
    let time = Sample { series: Series::ResponseTime, value: 37.0, limit: Some(2_000.0) };
    let answered = Sample { series: Series::Answered, value: 100.0, limit: None };
    assert_eq!(samples(&witnessed), [time, answered]);
}

#[test]
fn a_placeholder_a_failure_and_an_old_read_are_no_money() {
    let reading = listed(vec![
        (1, read(10_000.17, Some(9_999.99), 60)),
        (2, AccountState::NotRead(NotRead::Placeholder(String::from("no_cache")))),
        (3, AccountState::Failed(String::from("(-6, 'Terminal: Authorization failed')"))),
        (4, read(5.0, None, 16 * 60)),
        (5, read(0.0, None, 0)),
    ]);
    let found = of_bridge(&TargetSpec::bridge(id()), reading, told());
    let money: Vec<(&str, f64)> = found[2..].iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let share = 100.0 / 3.0;
    let expected = [
        ("read_age", 1.5),
        ("sync_share", share),
        ("balance.1", 10_000.17),
        ("equity.1", 9_999.99),
        ("balance.5", 0.0),
    ];
    assert_eq!(money, expected, "a true zero is a number, and what was not read is none");
}

#[test]
fn the_money_of_another_account_is_not_kept() {
    let mut spec = TargetSpec::bridge(id());
    spec.accounts = vec![ExpectedAccount {
        currency: Some(crate::word::Word::from("EUR")),
        ..ExpectedAccount::numbered(account(1))
    }];
    let found = of_bridge(&spec, listed(vec![(1, read(7.0, Some(7.0), 0)), (2, read(8.0, None, 0))]), told());
    assert!(found.iter().all(|(name, _)| !name.contains('.')), "{found:?}");
}

#[test]
fn where_accounts_are_not_told_or_their_times_not_known_there_is_no_number_of_them() {
    let spec = TargetSpec::bridge(id());
    for (reading, figures) in
        [(BridgeReading::default(), None), (listed(vec![(1, read(1.0, None, 0))]), None)]
    {
        let names: Vec<String> =
            of_bridge(&spec, reading, figures).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["response_time", "answered"]);
    }
}

#[test]
fn of_many_accounts_the_first_are_kept() {
    let many = (1..=500).map(|number| (number, read(1.0, None, 0))).collect();
    let found = of_bridge(&TargetSpec::bridge(id()), listed(many), told());
    let money: Vec<&String> =
        found.iter().map(|(name, _)| name).filter(|name| name.starts_with("bal")).collect();
    assert_eq!((money.len(), money[199].as_str()), (ACCOUNTS_KEPT_MAX, "balance.200"));
}

#[rstest]
#[case("response_time", Some(Series::ResponseTime))]
#[case("answered", Some(Series::Answered))]
#[case("read_age", Some(Series::ReadAge))]
#[case("sync_share", Some(Series::SyncShare))]
#[case("balance.1000001", Some(Series::Balance(AccountId::new(1_000_001))))]
#[case("equity.0", Some(Series::Equity(AccountId::new(0))))]
#[case("balance.", None)]
#[case("balance.+1", None)]
#[case("balance.18446744073709551616", None)]
#[case("Response_Time", None)]
#[case("", None)]
fn a_series_has_one_name(#[case] name: &str, #[case] series: Option<Series>) {
    assert_eq!(name.parse::<Series>().ok(), series);
    if let Some(series) = series {
        assert_eq!(series.to_string(), name);
    }
}
