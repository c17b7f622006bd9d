//! Draws what happens in a world, whatever Rebound does: faults, what befalls Rebound itself, and a person who clicks.

use std::time::Duration;

use rebound::ids::TargetId;
use rebound::target::{Config, EndpointWay, TargetSpec};
use rebound::time::Timestamp;

use super::bridge::Bridge;
use super::dice::Dice;
use super::fault::{Fault, Found};
use super::operator::{Click, Operator};
use super::own::{Cut, Kill, Own};
use super::spans::{Span, Spans};
use super::thing::{Kind, Thing};
use super::trouble::Trouble;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
/// Nothing begins in so much time before the end, so that all can come to rest.
const CALM_AT_THE_END: Duration = Duration::from_secs(4 * 3_600);

/// The days of a world, and how eventful they are.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// The beginning.
    pub begins: Timestamp,
    /// The end.
    pub ends: Timestamp,
    /// About how long a thing is in order between two faults.
    pub calm: Duration,
}

/// Breaks the things.
pub fn troubles(dice: &mut Dice, config: &Config, things: &mut [Thing], operator: &mut Operator, days: Days) {
    for (spec, thing) in config.targets.iter().zip(things) {
        let mut from = days.begins.after(dice.between(MINUTE * 5, days.calm));
        while from < days.ends.before(CALM_AT_THE_END) {
            let to = match pick(dice, spec, thing) {
                Some(fault) => {
                    let to = from.after(lasts(dice, fault)).min(days.ends.before(HOUR));
                    let which = usize::try_from(dice.below(1_000)).unwrap_or(0);
                    if fault == Fault::Declared {
                        let lasts = to.since(from) + MINUTE * 20;
                        operator.will(from.before(MINUTE * 3), Click::Declare(spec.id.clone(), lasts));
                    }
                    thing.troubles.add(Trouble { which, ..Trouble::new(fault, from, to) });
                    to
                }
                None => from,
            };
            let overlaps = dice.percent(10);
            let next = dice.between(MINUTE * 3, days.calm * 2);
            from = if overlaps { from.after(dice.between(SECOND * 30, MINUTE * 20)) } else { to.after(next) };
        }
    }
}

/// A fault that can befall this thing, and that it shows.
fn pick(dice: &mut Dice, spec: &TargetSpec, thing: &Thing) -> Option<Fault> {
    let one = |dice: &mut Dice, list: &[Fault]| {
        list.get(usize::try_from(dice.below(list.len() as u64)).unwrap_or(0)).copied()
    };
    let fault = match &thing.kind {
        Kind::Bridge(_) => one(dice, &Fault::OF_BRIDGES),
        Kind::Endpoint(_) if spec.id.as_str().starts_with("host") => {
            if dice.percent(85) {
                one(dice, &Fault::OF_HOSTS)
            } else {
                one(dice, &Fault::OF_TCP)
            }
        }
        Kind::Endpoint(endpoint) => match endpoint.way {
            EndpointWay::Http => one(dice, &Fault::OF_HTTP),
            EndpointWay::Tcp => one(dice, &Fault::OF_TCP),
            EndpointWay::Mongodb => one(dice, &Fault::OF_MONGODB),
        },
    }?;
    match &thing.kind {
        Kind::Bridge(bridge) => shows(spec, bridge, fault),
        Kind::Endpoint(endpoint) => fault != Fault::TextMissing || endpoint.has_text,
    }
    .then_some(fault)
}

/// Whether this bridge, as it is watched, shows that fault at all.
fn shows(spec: &TargetSpec, bridge: &Bridge, fault: Fault) -> bool {
    let zeros = bridge.accounts.iter().filter(|account| !account.reserve).count();
    let checked = |index: usize| spec.accounts.get(index).is_some_and(|one| one.server.is_some());
    let zero = [Fault::ZeroUnlinked, Fault::ZeroLive, Fault::Transferred, Fault::Declared];
    if zero.contains(&fault) {
        zeros >= 3
    } else if fault == Fault::IdentitySwap {
        !spec.accounts.is_empty() && (0..bridge.accounts.len()).all(checked)
    } else if fault == Fault::OtherLogin {
        !spec.accounts.is_empty()
    } else {
        Fault::OF_BRIDGES.contains(&fault)
    }
}

fn lasts(dice: &mut Dice, fault: Fault) -> Duration {
    let own = [
        (Fault::TerminalStarts, SECOND, MINUTE),
        (Fault::Restarts, SECOND, SECOND * 8),
        (Fault::LinkFlaps, MINUTE * 10, HOUR),
        (Fault::CertificateNear, MINUTE * 30, HOUR * 20),
        (Fault::CertificateOver, MINUTE * 30, HOUR * 20),
        (Fault::Transferred, MINUTE * 10, HOUR * 10),
        (Fault::Declared, MINUTE * 10, HOUR * 10),
        (Fault::ClockBehind, MINUTE * 10, HOUR * 5),
        (Fault::ClockAhead, MINUTE * 10, HOUR * 5),
    ];
    let (least, most) = match own.into_iter().find(|(known, ..)| *known == fault) {
        Some((_, least, most)) => (least, most),
        None => match (fault.nature().found, dice.below(10)) {
            (Found::ByAge | Found::ByUnknown, 0..8) => (MINUTE * 10, HOUR * 3),
            (_, 0..3) => (SECOND * 2, SECOND * 40),
            (_, 3..6) => (SECOND * 20, MINUTE * 6),
            (_, 6..9) => (MINUTE * 5, MINUTE * 50),
            _ => (MINUTE * 30, HOUR * 5),
        },
    };
    dice.between(least, most)
}

/// What befalls Rebound itself.
pub fn own(dice: &mut Dice, config: &Config, things: &[Thing], days: Days) -> Own {
    let beacons = config.own_network.watched;
    let gone = if beacons { outages(dice, days, HOUR * 50, MINUTE * 40) } else { Vec::new() };
    let slow = outages(dice, days, HOUR * 60, MINUTE * 30);
    let beacons_tell_time = beacons && dice.percent(70);
    // Without three that tell the time, or beacons that do, nobody could know that a clock is wrong.
    let witnesses = things
        .iter()
        .filter(|thing| match &thing.kind {
            Kind::Bridge(bridge) => bridge.tells_date,
            Kind::Endpoint(endpoint) => endpoint.tells_date,
        })
        .count();
    let may_be_wrong = beacons_tell_time || (!beacons && witnesses >= 5);
    let kills = outages(dice, days, HOUR * 40, MINUTE * 15);
    Own {
        network_gone: Spans::of(gone),
        store_down: Spans::of(outages(dice, days, HOUR * 50, MINUTE * 20)),
        store_slow: slow
            .into_iter()
            .map(|span| (span, dice.between(Duration::from_millis(200), Duration::from_millis(4_500))))
            .collect(),
        held_up: held_up(dice, days),
        kills: kills.into_iter().map(|(at, back)| kill(dice, at, back, may_be_wrong)).collect(),
        skew_ms: skew(dice, may_be_wrong),
        messages_lost: dice.below(25),
        messages_late: dice.below(8),
        answers_lost: if dice.percent(40) { dice.below(40) } else { 0 },
        beacons_tell_time,
        is_killed_by_plan_only: true,
    }
}

fn kill(dice: &mut Dice, at: Timestamp, back: Timestamp, may_be_wrong: bool) -> Kill {
    let cut = match dice.below(6) {
        0..3 => Cut::Between,
        3 => Cut::BeforeWriting,
        4 => Cut::AfterWriting,
        _ => Cut::AfterStart,
    };
    let gap = if dice.percent(10) { dice.between(HOUR, HOUR * 5) } else { back.since(at) };
    Kill { at, gap, cut, skew_ms: skew(dice, may_be_wrong) }
}

/// Most clocks are a little off, some are wrong.
fn skew(dice: &mut Dice, may_be_wrong: bool) -> i64 {
    let wrong = may_be_wrong && dice.percent(20);
    let (least, most) = if wrong { (MINUTE * 3, HOUR * 3) } else { (Duration::ZERO, SECOND * 20) };
    let ms = i64::try_from(dice.between(least, most).as_millis()).unwrap_or(0);
    if dice.percent(50) { ms } else { -ms }
}

/// A machine that is too busy, for a while: held up now and again.
fn held_up(dice: &mut Dice, days: Days) -> std::collections::VecDeque<(Timestamp, Duration)> {
    let mut all = std::collections::VecDeque::new();
    for (from, to) in outages(dice, days, HOUR * 50, MINUTE * 6) {
        let mut at = from;
        while at < to {
            let lasts = dice.between(Duration::from_millis(300), SECOND * 25);
            all.push_back((at, lasts));
            at = at.after(lasts).after(dice.between(Duration::from_millis(500), SECOND * 15));
        }
    }
    all
}

fn outages(dice: &mut Dice, days: Days, calm: Duration, most: Duration) -> Vec<Span> {
    let mut list = Vec::new();
    let mut from = days.begins.after(dice.between(HOUR, calm));
    while from < days.ends.before(CALM_AT_THE_END) {
        let to = from.after(dice.between(SECOND * 3, most));
        list.push((from, to));
        from = to.after(dice.between(MINUTE, calm * 2));
    }
    list
}

/// A person who clicks now and then, at random.
pub fn clicks(dice: &mut Dice, targets: &[TargetSpec], operator: &mut Operator, days: Days) {
    operator.dice = Some(Dice::new(dice.below(u64::MAX)));
    if targets.is_empty() || dice.percent(30) {
        return;
    }
    let calm = dice.between(HOUR, HOUR * 12);
    let mut at = days.begins.after(dice.between(MINUTE, calm));
    while at < days.ends.before(CALM_AT_THE_END) {
        let index = usize::try_from(dice.below(targets.len() as u64)).unwrap_or(0);
        if let Some(spec) = targets.get(index) {
            click(dice, spec, operator, at);
        }
        at = at.after(dice.between(MINUTE, calm * 2));
    }
}

fn click(dice: &mut Dice, spec: &TargetSpec, operator: &mut Operator, at: Timestamp) {
    let target: TargetId = spec.id.clone();
    let some = dice.percent(85).then(|| target.clone());
    let lasts = dice.between(MINUTE * 2, HOUR * 2);
    let over = at.after(dice.between(MINUTE, lasts));
    match dice.below(12) {
        0 => operator.will(at, Click::Sync(target)),
        1 => operator.will(at, Click::Test),
        2..4 => {
            let names: Vec<&String> = spec.heal.ladder.iter().map(|remedy| &remedy.name).collect();
            let wanted = usize::try_from(dice.below(4)).unwrap_or(0);
            let remedy = names.get(wanted).map(|name| (*name).clone()).filter(|_| dice.percent(50));
            operator.will(at, Click::Heal { target, lift_cooldown: dice.percent(40), remedy });
        }
        4 => operator.will(at, Click::Stop(target)),
        5 | 6 => {
            operator.will(at, Click::Pause(some.clone(), lasts));
            if dice.percent(50) {
                operator.will(over, Click::Resume(some));
            }
        }
        7 | 8 => {
            operator.will(at, Click::Work(some.clone(), lasts));
            if dice.percent(50) {
                operator.will(over, Click::EndWork(some));
            }
        }
        9 | 10 => {
            operator.will(at, Click::DryRun(target.clone(), Some(true)));
            operator.will(over, Click::DryRun(target, None));
        }
        _ => operator.will(at, Click::Declare(target, lasts)),
    }
}
