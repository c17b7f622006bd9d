//! What may be done, in which order, and how often.

use alloc::format;

use rstest::rstest;

use super::*;
use crate::check::{BadAnswer, NoAnswer};
use crate::ledger::Ledger;
use crate::reason::Reason;

const NOW: Timestamp = Timestamp::from_ms(10_000_000_000);
const OURS: IncidentId = IncidentId::new(7);
const ANOTHER: IncidentId = IncidentId::new(6);

fn remedy(name: &str, rung: Rung, through_bridge: bool) -> Remedy {
    Remedy {
        name: String::from(name),
        rung,
        action: ActionKind::HttpCall,
        through_bridge,
        slot: None,
        timeout: Duration::from_secs(60),
        verify_within: Duration::from_secs(300),
        verify_after: Duration::from_secs(30),
    }
}

fn policy() -> HealPolicy {
    HealPolicy {
        ladder: alloc::vec![
            remedy("refresh", Rung::Soft, true),
            remedy("restart", Rung::Medium, true),
            remedy("workflow", Rung::Hard, false),
        ],
        ..HealPolicy::default()
    }
}

/// What is known when a plan is made; a test changes what it is about.
struct Case {
    policy: HealPolicy,
    causes: Vec<Reason>,
    tried: Vec<String>,
    attempts: u32,
    used: BudgetUse,
    lifted: bool,
    wanted: Option<&'static str>,
    ledger: Ledger,
    book: Option<(PositionBook, Timestamp)>,
    held: Option<(Timestamp, Refusal)>,
    stopped: Option<&'static str>,
    store_works: bool,
}

impl Case {
    fn of(causes: Vec<Reason>) -> Self {
        Self {
            policy: policy(),
            causes,
            tried: Vec::new(),
            attempts: 0,
            used: BudgetUse::default(),
            lifted: false,
            wanted: None,
            ledger: Ledger::default(),
            book: None,
            held: None,
            stopped: None,
            store_works: true,
        }
    }

    fn plan(&self) -> HealPlan {
        let causes: Vec<&Reason> = self.causes.iter().collect();
        let situation = Situation {
            incident: OURS,
            causes: &causes,
            tried: &self.tried,
            attempts: self.attempts,
            used: &self.used,
            opened_at: NOW,
            ledger: &self.ledger,
            positions: self.book.as_ref().map(|(book, at)| PositionsSeen { book, at: *at }),
            mode: match (self.lifted, self.wanted) {
                (false, None) => Mode::Own,
                (cooldown_lifted, remedy) => Mode::Forced { cooldown_lifted, remedy },
            },
            held: self.held.as_ref(),
            stopped: self.stopped,
            dry_run: self.policy.dry_run,
            store_works: self.store_works,
        };
        plan(&self.policy, &situation, NOW)
    }

    /// The names of the steps, or why there are none.
    fn said(&self) -> Result<Vec<String>, Refusal> {
        match self.plan() {
            HealPlan::Steps(steps) => Ok(steps.into_iter().map(|step| step.name).collect()),
            HealPlan::Wait(until, because) => {
                assert!(until > NOW, "a wait ends later");
                Err(because)
            }
            HealPlan::Person(because) => Err(because),
        }
    }
}

fn link_lost() -> Case {
    Case::of(alloc::vec![Reason::LinkLost])
}

fn silent(why: NoAnswer) -> Reason {
    Reason::BridgeSilent(why)
}

fn timeout() -> Reason {
    Reason::TerminalTimeout { text: String::from("IPC timeout") }
}

fn login_refused() -> Reason {
    Reason::LoginRefused { text: String::from("Authorization failed") }
}

fn wrong_service() -> Reason {
    Reason::WrongService { expected: String::from("bridge"), seen: String::from("nginx") }
}

fn key_refused() -> Reason {
    Reason::KeyRefused(BadAnswer::Status { path: String::from("/health"), status: 401 })
}

#[test]
fn a_lost_link_starts_at_the_mildest_rung() {
    assert_eq!(link_lost().said().unwrap(), ["refresh", "restart", "workflow"]);
}

#[test]
fn what_was_tried_is_not_tried_again() {
    let case = Case { tried: alloc::vec![String::from("refresh")], attempts: 1, ..link_lost() };
    assert_eq!(case.said().unwrap(), ["restart", "workflow"]);
}

#[test]
fn a_silent_bridge_is_not_healed_through_itself() {
    assert_eq!(Case::of(alloc::vec![silent(NoAnswer::Refused)]).said().unwrap(), ["workflow"]);
}

#[test]
fn a_silent_bridge_without_another_way_needs_a_person() {
    let mut case = Case::of(alloc::vec![silent(NoAnswer::Refused)]);
    case.policy.ladder.pop();
    assert!(matches!(case.said(), Err(Refusal::NothingHelps(_))));
}

#[rstest]
#[case::wrong_service(wrong_service())]
#[case::key_refused(key_refused())]
#[case::another_session(timeout())]
#[case::credentials(login_refused())]
#[case::name_unknown(silent(NoAnswer::NameUnknown))]
#[case::trading_off(Reason::TradingOff)]
#[case::capital_moved(Reason::AllZeroLive(3))]
fn no_heal_starts_for_what_no_heal_can_change(#[case] cause: Reason) {
    assert_eq!(Case::of(alloc::vec![cause]).said(), Err(Refusal::NeedsPerson));
}

#[rstest]
#[case::wrong_service(wrong_service())]
#[case::key_refused(key_refused())]
#[case::another_session(timeout())]
#[case::credentials(login_refused())]
fn a_cause_that_makes_healing_pointless_forbids_it_beside_others(#[case] cause: Reason) {
    assert_eq!(Case::of(alloc::vec![Reason::LinkLost, cause]).said(), Err(Refusal::NeedsPerson));
}

#[test]
fn switched_off_trading_does_not_forbid_healing_a_lost_link() {
    assert!(Case::of(alloc::vec![Reason::TradingOff, Reason::LinkLost]).said().is_ok());
}

#[test]
fn an_unknown_is_never_healed() {
    let unknown = Reason::NotListed(String::from("no database"));
    assert_eq!(Case::of(alloc::vec![unknown]).said(), Err(Refusal::NeedsPerson));
}

#[rstest]
#[case::just_inside(299, Err(Refusal::Cooldown(Duration::from_secs(300))))]
#[case::just_over(300, Ok(()))]
fn another_incident_waits_for_the_cooldown(#[case] seconds: u64, #[case] expected: Result<(), Refusal>) {
    let mut case = link_lost();
    case.used.last = Some((ANOTHER, NOW.before(Duration::from_secs(seconds))));
    assert_eq!(case.said().map(drop), expected);
}

#[test]
fn the_same_incident_does_not_wait_for_the_cooldown() {
    let mut case = link_lost();
    case.used.last = Some((OURS, NOW));
    assert!(case.said().is_ok());
}

#[test]
fn a_person_may_lift_the_cooldown_but_nothing_else() {
    let mut case = Case { lifted: true, ..link_lost() };
    case.used.last = Some((ANOTHER, NOW));
    assert!(case.said().is_ok());
    case.used.started = alloc::vec![NOW; 5];
    assert_eq!(case.said(), Err(Refusal::HourSpent(5)));
}

#[rstest]
#[case::one_left(4, 0, true)]
#[case::spent(5, 0, false)]
#[case::spent_an_hour_less_a_second_ago(5, 3_599, false)]
#[case::spent_an_hour_ago(5, 3_600, true)]
fn the_hour_has_a_budget(#[case] count: usize, #[case] seconds_ago: u64, #[case] allowed: bool) {
    let mut case = link_lost();
    case.used.started = alloc::vec![NOW.before(Duration::from_secs(seconds_ago)); count];
    assert_eq!(case.said().is_ok(), allowed);
}

#[rstest]
#[case::one_left(2, true)]
#[case::spent(3, false)]
#[case::more_than_spent(4, false)]
fn an_incident_has_a_budget(#[case] attempts: u32, #[case] allowed: bool) {
    let case = Case { attempts, ..link_lost() };
    assert_eq!(case.said().is_ok(), allowed);
}

#[test]
fn a_ladder_that_was_climbed_ends_with_a_person() {
    let mut case = link_lost();
    case.tried = case.policy.ladder.iter().map(|remedy| remedy.name.clone()).collect();
    assert_eq!(case.said(), Err(Refusal::LadderSpent));
}

#[test]
fn without_a_ladder_a_person_is_needed() {
    let mut case = link_lost();
    case.policy.ladder.clear();
    assert_eq!(case.said(), Err(Refusal::NoLadder));
}

#[test]
fn a_dry_run_names_what_it_would_do() {
    let mut case = link_lost();
    case.policy.dry_run = true;
    assert_eq!(case.said(), Err(Refusal::DryRun(String::from("refresh"))));
}

#[test]
fn without_a_store_a_heal_waits() {
    let case = Case { store_works: false, ..link_lost() };
    assert_eq!(case.said(), Err(Refusal::StoreDown));
}

#[test]
fn a_start_that_was_refused_is_taken_back() {
    let mut used = BudgetUse::default();
    used.start(NOW);
    used.take_back(NOW);
    assert_eq!(used.in_last_hour(NOW), 0);
}

fn mixed_up(account: u64) -> Reason {
    Reason::AccountsMixedUp {
        accounts: alloc::vec![AccountId::new(account)],
        detail: String::from("swapped"),
    }
}

#[test]
fn a_mix_up_heals_the_slot_of_that_account_and_no_other() {
    let mut case = Case::of(alloc::vec![mixed_up(1), Reason::LinkLost]);
    assert_eq!(case.said(), Err(Refusal::NeedsPerson), "no remedy of that slot");
    for account in [1, 2] {
        let mut own = remedy(&format!("restart terminal {account}"), Rung::Medium, false);
        own.slot = Some(AccountId::new(account));
        case.policy.ladder.push(own);
    }
    assert_eq!(case.said(), Ok(alloc::vec![String::from("restart terminal 1")]));
}

#[test]
fn a_remedy_of_one_slot_is_no_remedy_for_all() {
    let mut case = Case::of(alloc::vec![Reason::LinkLost]);
    case.policy.ladder.truncate(1);
    case.policy.ladder[0].slot = Some(AccountId::new(1));
    assert!(matches!(case.said(), Err(Refusal::NothingHelps(_))));
}

fn book(positions: usize, unprotected: usize) -> PositionBook {
    let position = |index: usize| crate::check::Position {
        ticket: index as u64,
        symbol: None,
        stop_loss: Some(index >= unprotected),
    };
    PositionBook { positions: (0..positions).map(position).collect(), orders: None }
}

fn refuses() -> Vec<Reason> {
    alloc::vec![silent(NoAnswer::Refused)]
}

#[rstest]
#[case::now(PositionPolicy::Now, 2, 0, true)]
#[case::wait(PositionPolicy::WaitUpTo(Duration::from_secs(600)), 2, 0, false)]
#[case::ask(PositionPolicy::Ask, 2, 0, false)]
#[case::none_open(PositionPolicy::Ask, 0, 0, true)]
#[case::none_open_as_seen_long_ago(PositionPolicy::Ask, 0, 121, false)]
fn open_positions_hold_what_restarts_something(
    #[case] policy: PositionPolicy,
    #[case] open: usize,
    #[case] age: u64,
    #[case] starts: bool,
) {
    let mut case = Case::of(refuses());
    case.policy.positions = policy;
    case.book = Some((book(open, 1), NOW.before(Duration::from_secs(age))));
    assert_eq!(matches!(case.plan(), HealPlan::Steps(_)), starts, "{:?}", case.plan());
}

#[test]
fn what_is_not_known_of_positions_is_not_none() {
    let mut case = Case::of(refuses());
    case.policy.positions = PositionPolicy::Ask;
    let HealPlan::Person(Refusal::PositionsAsk(words, _)) = case.plan() else { panic!("a person is asked") };
    assert_eq!(words, "whether positions are open is not known");
}

#[test]
fn one_position_is_not_several_positions() {
    let said = |book: PositionBook| {
        let seen = PositionsSeen { book: &book, at: NOW };
        positions_in_words(Some(seen), NOW).unwrap()
    };
    assert_eq!(
        said(book(1, 1)),
        "1 position is open (of orders the bridge tells nothing), 1 position without a stop loss"
    );
    let orders = |count: u64| Some((0..count).collect());
    assert_eq!(said(PositionBook { orders: orders(1), ..book(2, 0) }), "2 positions and 1 order are open");
}

#[test]
fn a_soft_remedy_does_not_wait_for_positions() {
    let mut case = Case::of(alloc::vec![Reason::LinkLost]);
    case.policy.positions = PositionPolicy::Ask;
    assert!(matches!(case.plan(), HealPlan::Steps(_)));
}

#[test]
fn a_pause_holds_rebound_and_not_a_person_and_a_parent_holds_both() {
    let mut case = Case::of(alloc::vec![Reason::LinkLost]);
    let until = NOW.after(Duration::from_secs(60));
    case.held = Some((until, Refusal::Paused { by: String::from("ann") }));
    assert!(matches!(case.plan(), HealPlan::Wait(at, Refusal::Paused { .. }) if at == until));
    case.wanted = Some("refresh");
    assert!(matches!(case.plan(), HealPlan::Steps(_)));
    case.held = Some((until, Refusal::ParentDown(String::from("host"))));
    assert!(matches!(case.plan(), HealPlan::Wait(_, Refusal::ParentDown(_))));
}

#[test]
fn a_remedy_that_rests_is_passed_over_and_a_person_may_use_it() {
    let mut case = Case::of(alloc::vec![Reason::LinkLost]);
    for _ in 0..3 {
        case.ledger.note("link_lost", "refresh", Rung::Soft, crate::ledger::Outcome::Failed, NOW);
    }
    assert_eq!(case.said().unwrap()[0], "restart");
    case.policy.ladder.truncate(1);
    assert!(matches!(case.said(), Err(Refusal::BreakerOpen { failures: 3, .. })));
    case.wanted = Some("refresh");
    assert_eq!(case.said().unwrap(), ["refresh"]);
}

#[test]
fn a_chosen_remedy_through_a_silent_bridge_is_refused() {
    let mut case = Case::of(refuses());
    case.wanted = Some("refresh");
    assert!(matches!(case.said(), Err(Refusal::NothingHelps(_))));
    case.wanted = Some("workflow");
    assert_eq!(case.said().unwrap(), ["workflow"]);
}

#[test]
fn a_stopped_incident_is_healed_by_a_person_only() {
    let mut case = Case::of(alloc::vec![Reason::LinkLost]);
    case.stopped = Some("ann");
    assert_eq!(case.said(), Err(Refusal::Stopped(String::from("ann"))));
    case.wanted = Some("refresh");
    assert!(case.said().is_ok());
}

#[rstest]
#[case::not_found(404, false)]
#[case::method_not_allowed(405, false)]
#[case::an_error_of_its_own(500, true)]
#[case::unavailable(503, true)]
fn a_program_that_does_not_know_the_path_is_not_restarted(#[case] status: u16, #[case] heals: bool) {
    let path = String::from("/health");
    let case = Case::of(alloc::vec![Reason::BridgeBroken(BadAnswer::Status { path, status })]);
    assert_eq!(case.said().is_ok(), heals, "{:?}", case.said());
}
