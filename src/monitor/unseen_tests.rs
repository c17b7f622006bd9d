//! The database that a bridge's accounts are read from goes away: with accounts that were read before, before and in an incident.

use alloc::boxed::Box;
use alloc::string::String;

use super::scene_tests::{Scene, bridge, healthy, minutes, target};
use crate::alert::AlertReason;
use crate::check::{AccountState, AccountsFrom, AccountsReading, BridgeReading, CheckId, ProbeOutcome};
use crate::incident::Phase;
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// A healthy bridge whose accounts another program writes.
fn elsewhere(now: Timestamp) -> BridgeReading {
    BridgeReading { accounts_from: AccountsFrom::Database, ..healthy(now) }
}

fn well(now: Timestamp) -> ProbeOutcome {
    ProbeOutcome::Bridge(Box::new(elsewhere(now)))
}

fn database_gone(now: Timestamp) -> ProbeOutcome {
    let why = String::from("the database \"fidus\" on 127.0.0.1:27017: the connection was refused");
    let accounts = AccountsReading::NotListed(why);
    ProbeOutcome::Bridge(Box::new(BridgeReading { accounts, ..elsewhere(now) }))
}

/// The other program writes no more: what it read last is 20 min old.
fn not_synced(now: Timestamp) -> ProbeOutcome {
    let mut reading = elsewhere(now);
    if let AccountsReading::Listed(accounts) = &mut reading.accounts {
        for account in accounts {
            if let AccountState::Read(read) = &mut account.state {
                read.read_at = now.before(minutes(20));
            }
        }
    }
    ProbeOutcome::Bridge(Box::new(reading))
}

fn link_lost_and_database_gone(now: Timestamp) -> ProbeOutcome {
    let ProbeOutcome::Bridge(mut reading) = database_gone(now) else { return database_gone(now) };
    reading.terminal.connected = Some(false);
    ProbeOutcome::Bridge(reading)
}

fn verdict(scene: &Scene, check: CheckId) -> Verdict {
    scene.monitor.target(&target("mt5")).unwrap().checks[&check].verdict().clone()
}

#[test]
fn a_database_that_is_gone_for_hours_heals_nothing_and_opens_nothing() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(3, well);
    scene.sees_for(minutes(180), database_gone);
    assert_eq!((scene.steps.len(), scene.incident(), scene.closed.len()), (0, None, 0));
    assert_eq!((scene.phase(), scene.told(AlertReason::Opened)), (Phase::Healthy, 0));
    for check in
        [CheckId::AccountsFresh, CheckId::AccountsSyncing, CheckId::AccountsZero, CheckId::AccountFailed]
    {
        assert!(matches!(verdict(&scene, check), Verdict::Unknown(_)), "{check}");
    }
    assert_eq!(verdict(&scene, CheckId::BridgeReachable), Verdict::Up);
    assert_eq!(verdict(&scene, CheckId::TerminalBrokerLink), Verdict::Up);
}

#[test]
fn an_incident_about_reads_is_neither_healed_on_nor_closed_while_the_database_is_gone() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(10), well);
    scene.sees(2, not_synced);
    let steps = scene.steps.len();
    assert!(scene.incident().is_some());
    scene.step_ends(crate::heal::StepOutcome::Done);
    scene.sees_for(minutes(90), database_gone);
    assert_eq!((scene.steps.len(), scene.closed.len()), (steps, 0), "{:?}", scene.phase());
    assert!(scene.incident().is_some());
    scene.sees_for(minutes(15), well);
    assert_eq!((scene.incident(), scene.closed.len()), (None, 1));
}

#[test]
fn one_good_look_before_the_database_goes_does_not_close_an_incident() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(10), well);
    scene.sees(2, not_synced);
    scene.step_ends(crate::heal::StepOutcome::Done);
    scene.sees_for(minutes(1), not_synced);
    scene.sees(1, well);
    scene.sees_for(minutes(3), database_gone);
    assert!(scene.incident().is_some(), "reads of before the outage were taken for a proof");
}

/// The database is back, and what it holds is of before its outage until the other program comes round.
#[test]
fn what_a_database_holds_when_it_comes_back_heals_nothing() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees_for(minutes(10), well);
    scene.sees_for(minutes(20), database_gone);
    scene.sees_for(minutes(5), not_synced);
    assert_eq!((scene.steps.len(), scene.incident()), (0, None));
    scene.sees_for(minutes(5), well);
    assert_eq!((scene.steps.len(), scene.told(AlertReason::Opened)), (0, 0));
}

#[test]
fn a_lost_link_is_healed_whatever_the_database_does() {
    let mut scene = Scene::of(bridge("mt5"));
    scene.sees(3, well);
    scene.sees(2, link_lost_and_database_gone);
    assert_eq!(scene.steps.len(), 1);
    scene.step_ends(crate::heal::StepOutcome::Done);
    scene.sees_for(minutes(3), database_gone);
    assert_eq!((scene.incident(), scene.closed.len()), (None, 1), "the link is proven by the bridge itself");
}
