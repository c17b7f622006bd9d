//! Random worlds and random happenings.

use alloc::vec;

use super::super::scene_tests::{healthy, not_read, read, remedy};
use super::*;
use crate::amount::Amount;
use crate::check::{
    AccountReading, AccountState, AccountsReading, BadAnswer, BridgeReading, NoAnswer, Position,
    PositionBook, TerminalError,
};
use crate::heal::{HealBudget, PositionPolicy, Rung};
use crate::ids::AccountId;
use crate::maintenance::{Scope, When, Window};
use crate::target::ExpectedAccount;

/// The balance of every account that is not zero; the board may show this or nothing.
pub(super) const BALANCE: f64 = 1_000.0;

/// What a probe may meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    Healthy,
    LinkLost,
    TradingOff,
    InvestorPassword,
    SessionMismatch,
    MixedUp,
    Positions(u64),
    TerminalGone,
    TerminalTimeout,
    LoginRefused,
    TerminalNotTold,
    Placeholders,
    OneFails,
    Stale,
    Future,
    ClockBehind,
    NotListed,
    StoreDown,
    Refused,
    TimedOut,
    NameUnknown,
    Status(u16),
    NotJson,
    WrongService,
    Beacons(u32),
    NotAsked,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Answer { which: usize, seen: Sight },
    AnswerAgain { which: usize, seen: Sight },
    Foreign { name: &'static str, seen: Sight, seconds: i64 },
    LoseQuestions,
    StepEnds { which: usize, outcome: StepOutcome, again: bool },
    Delivery { which: usize, result: DeliveryResult },
    Asked(RequestKind),
    Store(bool),
    HeldUp(u64),
    Wakes(u8),
    Passes(i64),
    TargetLeaves,
    Copies,
    Restarts { gap_ms: i64 },
}

pub(super) fn outcome(seen: Sight, now: Timestamp, subject: &Subject) -> ProbeOutcome {
    if *subject == Subject::OwnNetwork {
        let offline = matches!(seen, Sight::Refused | Sight::TimedOut | Sight::NameUnknown);
        return if let Sight::Beacons(answered) = seen {
            ProbeOutcome::Beacons { answered, asked: 2, dates: Vec::new() }
        } else if seen == Sight::NotAsked {
            ProbeOutcome::NotAsked(String::from("busy"))
        } else {
            ProbeOutcome::Beacons { answered: if offline { 0 } else { 2 }, asked: 2, dates: Vec::new() }
        };
    }
    let mut reading = healthy(now);
    match seen {
        Sight::Healthy => {}
        Sight::LinkLost => reading.terminal.connected = Some(false),
        Sight::TradingOff => reading.terminal.trading_allowed = Some(false),
        Sight::InvestorPassword => reading.terminal.account_trading = Some(false),
        Sight::SessionMismatch => {
            terminal_error(&mut reading, -10_005);
            reading.terminal.bridge_session = Some(0);
            reading.terminal.terminal_session = Some(1);
        }
        Sight::MixedUp => reading.terminal.login = Some(AccountId::new(99)),
        Sight::Positions(open) => {
            let position = |ticket| Position { ticket, symbol: None, stop_loss: None };
            reading.positions =
                Some(PositionBook { positions: (0..open).map(position).collect(), orders: None });
        }
        Sight::TerminalGone => terminal_error(&mut reading, -10_003),
        Sight::TerminalTimeout => terminal_error(&mut reading, -10_005),
        Sight::LoginRefused => terminal_error(&mut reading, -6),
        Sight::TerminalNotTold => {
            reading.terminal.available = None;
            reading.terminal.connected = None;
            reading.terminal.trading_allowed = None;
        }
        Sight::Placeholders => {
            reading.accounts = AccountsReading::Listed((1..=7).map(not_read).collect());
        }
        Sight::OneFails => {
            let failed = AccountState::Failed(String::from("login failed"));
            accounts(&mut reading)[0] = AccountReading { id: AccountId::new(1), name: None, state: failed };
        }
        Sight::Stale => shift_reads(&mut reading, now, -3_600),
        Sight::Future => shift_reads(&mut reading, now, 3_600),
        Sight::ClockBehind => {
            reading.bridge_time = Some(now.before(minutes(20)));
            shift_reads(&mut reading, now, -20 * 60);
        }
        Sight::NotListed => reading.accounts = AccountsReading::NotListed(String::from("no database")),
        Sight::StoreDown => {
            reading.store_connected = Some(false);
            shift_reads(&mut reading, now, -3_600);
        }
        Sight::Refused => return ProbeOutcome::NoAnswer(NoAnswer::Refused),
        Sight::TimedOut => return ProbeOutcome::NoAnswer(NoAnswer::TimedOut(5_000)),
        Sight::NameUnknown => return ProbeOutcome::NoAnswer(NoAnswer::NameUnknown),
        Sight::Status(status) => {
            return ProbeOutcome::BadAnswer(BadAnswer::Status { path: String::from("/health"), status });
        }
        Sight::NotJson => {
            let detail = String::from("<html>");
            return ProbeOutcome::BadAnswer(BadAnswer::NotJson { path: String::from("/health"), detail });
        }
        Sight::WrongService => {
            let (expected, seen) = (String::from("bridge"), String::from("nginx"));
            return ProbeOutcome::WrongService { expected, seen };
        }
        Sight::Beacons(answered) => return ProbeOutcome::Beacons { answered, asked: 2, dates: Vec::new() },
        Sight::NotAsked => return ProbeOutcome::NotAsked(String::from("busy")),
    }
    ProbeOutcome::Bridge(Box::new(reading))
}

fn terminal_error(reading: &mut BridgeReading, code: i32) {
    reading.terminal.available = Some(false);
    reading.terminal.connected = None;
    reading.terminal.trading_allowed = None;
    reading.terminal.error = Some(TerminalError { code, text: String::from("said so") });
}

fn accounts(reading: &mut BridgeReading) -> &mut Vec<AccountReading> {
    match &mut reading.accounts {
        AccountsReading::Listed(accounts) => accounts,
        AccountsReading::NotListed(_) => panic!("a healthy bridge lists its accounts"),
    }
}

fn shift_reads(reading: &mut BridgeReading, now: Timestamp, by_seconds: i64) {
    let at = Timestamp::from_ms(now.as_ms() + by_seconds * 1_000);
    *accounts(reading) = (1..=7).map(|id| read(id, at, BALANCE)).collect();
    assert_eq!(Amount::try_new(BALANCE).unwrap().value(), BALANCE);
}

fn sights() -> impl Strategy<Value = Sight> {
    prop_oneof![
        6 => Just(Sight::Healthy),
        4 => Just(Sight::LinkLost),
        2 => Just(Sight::TradingOff),
        1 => Just(Sight::InvestorPassword),
        1 => Just(Sight::SessionMismatch),
        1 => Just(Sight::MixedUp),
        2 => (0_u64..3).prop_map(Sight::Positions),
        2 => Just(Sight::TerminalGone),
        1 => Just(Sight::TerminalTimeout),
        1 => Just(Sight::LoginRefused),
        1 => Just(Sight::TerminalNotTold),
        2 => Just(Sight::Placeholders),
        1 => Just(Sight::OneFails),
        2 => Just(Sight::Stale),
        1 => Just(Sight::Future),
        1 => Just(Sight::ClockBehind),
        1 => Just(Sight::NotListed),
        1 => Just(Sight::StoreDown),
        2 => Just(Sight::Refused),
        2 => Just(Sight::TimedOut),
        1 => Just(Sight::NameUnknown),
        1 => prop_oneof![Just(401_u16), Just(404), Just(503)].prop_map(Sight::Status),
        1 => Just(Sight::NotJson),
        1 => Just(Sight::WrongService),
        1 => (0_u32..3).prop_map(Sight::Beacons),
        1 => Just(Sight::NotAsked),
    ]
}

fn names() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("t0"), Just("t1"), Just("t2"), Just("stranger")]
}

fn requests() -> impl Strategy<Value = RequestKind> {
    let remedies = prop::option::of(prop_oneof![Just("refresh"), Just("restart all"), Just("?")]);
    let all_or_one = || prop::option::of(names()).prop_map(|name| name.map(target));
    prop_oneof![
        names().prop_map(|name| RequestKind::ForceSync(target(name))),
        (names(), any::<bool>(), remedies).prop_map(|(name, lift_cooldown, remedy)| RequestKind::ForceHeal {
            target: target(name),
            lift_cooldown,
            remedy: remedy.map(String::from),
        }),
        Just(RequestKind::TestAlert),
        (0_u64..20).prop_map(|id| RequestKind::Acknowledge(AlertId::new(id))),
        names().prop_map(|name| RequestKind::StopHeal(target(name))),
        (all_or_one(), until()).prop_map(|(target, until)| RequestKind::Pause { target, until }),
        all_or_one().prop_map(|target| RequestKind::Resume { target }),
        (all_or_one(), until()).prop_map(|(target, until)| RequestKind::StartMaintenance {
            target,
            until,
            name: String::from("work"),
        }),
        all_or_one().prop_map(|target| RequestKind::EndMaintenance { target }),
        (names(), prop::option::of(any::<bool>()))
            .prop_map(|(name, dry_run)| RequestKind::SetDryRun { target: target(name), dry_run }),
        names().prop_map(|name| RequestKind::TakeBackMoves(target(name))),
        (names(), until()).prop_map(|(name, until)| RequestKind::DeclareMove {
            target: target(name),
            accounts: Vec::new(),
            until,
        }),
    ]
}

/// Some time within the first hours; earlier ones are over, and refused.
fn until() -> impl Strategy<Value = Timestamp> {
    (0_u64..7_200).prop_map(|after| noon().after(seconds(after)))
}

fn step_ends() -> impl Strategy<Value = StepOutcome> {
    prop_oneof![
        3 => Just(StepOutcome::Done),
        1 => Just(StepOutcome::Failed),
        1 => Just(StepOutcome::TimedOut),
        1 => Just(StepOutcome::Refused),
        1 => Just(StepOutcome::Lost),
        1 => Just(StepOutcome::Stopped),
    ]
}

fn deliveries() -> impl Strategy<Value = DeliveryResult> {
    prop_oneof![
        Just(DeliveryResult::Delivered),
        Just(DeliveryResult::Retry(String::from("busy"))),
        Just(DeliveryResult::Permanent(String::from("no such address"))),
    ]
}

/// A row of the same sight tells more than noise: failures must come in a row to be believed.
pub(super) fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        30 => (any::<usize>(), sights()).prop_map(|(which, seen)| Happening::Answer { which, seen }),
        10 => any::<usize>().prop_map(|which| Happening::Answer { which, seen: Sight::LinkLost }),
        2 => (any::<usize>(), sights()).prop_map(|(which, seen)| Happening::AnswerAgain { which, seen }),
        1 => (names(), sights(), -7_200_i64..7_200)
            .prop_map(|(name, seen, seconds)| Happening::Foreign { name, seen, seconds }),
        1 => Just(Happening::LoseQuestions),
        8 => (any::<usize>(), step_ends(), any::<bool>())
            .prop_map(|(which, outcome, again)| Happening::StepEnds { which, outcome, again }),
        6 => (any::<usize>(), deliveries()).prop_map(|(which, result)| Happening::Delivery { which, result }),
        4 => requests().prop_map(Happening::Asked),
        1 => (0_u64..9_000).prop_map(Happening::HeldUp),
        1 => any::<bool>().prop_map(Happening::Store),
        30 => (1_u8..4).prop_map(Happening::Wakes),
        4 => (-10_000_i64..600_000).prop_map(Happening::Passes),
        1 => (-86_400_000_i64..86_400_000).prop_map(Happening::Passes),
        1 => Just(Happening::TargetLeaves),
        3 => Just(Happening::Copies),
        1 => (0_i64..7_200_000).prop_map(|gap_ms| Happening::Restarts { gap_ms }),
    ]
}

fn budgets() -> impl Strategy<Value = HealBudget> {
    (0_u64..300, 1_u32..5, 1_u32..6).prop_map(|(cooldown, per_hour_max, attempts_max)| HealBudget {
        cooldown: seconds(cooldown),
        per_hour_max,
        attempts_max,
    })
}

pub(super) fn worlds() -> impl Strategy<Value = Config> {
    let policies = prop_oneof![
        Just(PositionPolicy::Now),
        Just(PositionPolicy::Ask),
        (0_u64..30).prop_map(|most| PositionPolicy::WaitUpTo(minutes(most)))
    ];
    let one = (0_usize..7, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), policies);
    let windows = prop::collection::vec((0_u64..180, 1_u64..90, any::<bool>()), 0..3);
    let worlds = (prop::collection::vec(one, 1..=4), 0_usize..3, any::<bool>(), budgets(), windows);
    worlds.prop_map(|(shapes, channels, watched, budget, windows)| {
        let targets =
            shapes.iter().enumerate().map(|(index, (rungs, dry_run, loopback, forex, child, policy))| {
                let mut spec = bridge(&format!("t{index}"));
                spec.heal
                    .ladder
                    .extend((0..3).map(|more| remedy(&format!("more {more}"), Rung::Hard, false)));
                spec.heal.ladder.truncate(*rungs);
                spec.heal.budget = budget;
                spec.heal.dry_run = *dry_run && *rungs > 1;
                spec.heal.positions = *policy;
                if *child && index > 0 {
                    spec.depends_on = vec![target(&format!("t{}", index - 1))];
                }
                if *forex {
                    spec.accounts = vec![ExpectedAccount::numbered(AccountId::new(1))];
                }
                spec.reach = if *loopback { Reach::Loopback } else { Reach::Network };
                spec.calendar = if *forex { Calendar::forex() } else { Calendar::always() };
                spec
            });
        let mut config = config(targets.collect());
        config.own_network.watched = watched;
        config.maintenance = windows
            .iter()
            .map(|(after, lasts, all)| Window {
                name: String::from("planned"),
                scope: Scope::of((!all).then(|| target("t0"))),
                when: When::Once {
                    from: noon().after(minutes(*after)),
                    to: noon().after(minutes(after + lasts)),
                },
                by: None,
            })
            .collect();
        config.alerts.channels = (0..channels)
            .map(|index| ChannelSpec {
                name: format!("channel-{index}"),
                severities: alloc::vec![Severity::Critical, Severity::Warning],
                recoveries: true,
            })
            .collect();
        config
    })
}
