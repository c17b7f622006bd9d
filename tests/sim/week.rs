//! Lives through the world of a seed and says what it came to.
//!
//! Where several servers share it, each lives for itself: nothing that happens to one depends on another.

use std::sync::Mutex;
use std::time::Duration;

use rebound::calendar::Calendar;
use rebound::ids::TargetId;
use rebound::target::TargetSpec;
use rebound::time::Timestamp;

use super::dice::Dice;
use super::fate::{self, Days};
use super::layout::{self, Size};
use super::operator::Operator;
use super::promises;
use super::share::{self, Share};
use super::site::Site;
use super::tally::Tally;
use super::thing::{Kind, Thing};
use super::truth::Truths;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Healthy time at the end with every market open, in which everything must close.
const AFTERMATH: Duration = Duration::from_secs(2 * 3_600);
/// Longest wait for all markets to be open at the same time.
const ALL_OPEN_WITHIN: u32 = 24 * 10;

/// How a world is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Days.
    pub days: u32,
    /// How large its site is.
    pub size: Size,
    /// How many servers share it; `None`: as many as its targets ask for. With one, all is as it was before there were several.
    pub servers: Option<usize>,
    /// How many servers may live at the same time. Changes no story.
    pub beside: usize,
    /// Whether its story is told.
    pub tells: bool,
}

/// What a world came to.
#[derive(Debug)]
pub struct Outcome {
    /// In numbers.
    pub tally: Tally,
    /// Every promise that was not kept, a sentence each.
    pub broken: Vec<String>,
    /// Its story, where it was to be told; of several servers one after the other.
    pub story: String,
}

/// A server whose days are over.
struct Lived {
    site: Site,
    outcome: Outcome,
}

/// Lives through the world of `seed`.
#[must_use]
pub fn live(seed: u64, plan: Plan) -> Outcome {
    let mut dice = Dice::new(seed);
    let begins = beginning(&mut dice);
    let mut layout = layout::draw(&mut dice, plan.size, begins);
    let targets = layout.config.targets.clone();
    // Large sites are calmer, or a week of theirs has more incidents than a year of any real one.
    let calm =
        if targets.len() > 50 { HOUR * 72 } else { [HOUR * 6, HOUR * 18, HOUR * 48][index(&mut dice, 3)] };
    let days = Days { begins, ends: begins.after(DAY * plan.days), calm };
    let mut operator = Operator::default();
    fate::troubles(&mut dice, &layout.config, &mut layout.things, &mut operator, days);
    let servers = plan.servers.unwrap_or_else(|| share::servers_for(targets.len()));
    let mut shares = share::deal(layout, servers);
    for share in &mut shares {
        share.own = fate::own(&mut dice, &share.config, &share.things, days);
    }
    fate::clicks(&mut dice, &targets, &mut operator, days);
    share::deal_clicks(operator, &mut shares, &mut dice);
    let calendars = calendars(&targets);
    let seeded = |(row, share)| (if row == 0 { seed } else { dice.below(u64::MAX) }, share);
    let shares = shares.into_iter().enumerate().map(seeded).collect();
    together(
        side_by_side(shares, plan.beside, |(seed, share)| one(seed, share, plan, days, &calendars)),
        &targets,
    )
}

/// One server lives through its days.
fn one(seed: u64, share: Share, plan: Plan, days: Days, calendars: &[Calendar]) -> Lived {
    let mut site = Site::of(share, days.begins, seed);
    (site.notes.keeps_story, site.notes.lines_have_days) = (plan.tells, plan.tells);
    site.passes(days.ends.since(site.now));
    site.passes(to_the_end(&site, calendars));
    let truths = Truths::of(&site, days.begins);
    let story =
        if plan.tells { format!("{}\n{}", world(&truths), site.notes.story()) } else { String::new() };
    let outcome = Outcome { tally: Tally::of(&truths), broken: promises::broken(&truths), story };
    Lived { site, outcome }
}

/// What the servers of a world came to, each for itself and all together.
fn together(servers: Vec<Lived>, targets: &[TargetSpec]) -> Outcome {
    let mut all = Outcome { tally: Tally::default(), broken: Vec::new(), story: String::new() };
    let count = servers.len();
    let mut sites = Vec::new();
    for (row, Lived { site, outcome }) in servers.into_iter().enumerate() {
        let name = format!("server {} of {count}", row + 1);
        all.tally.join(outcome.tally);
        if count == 1 {
            (all.broken, all.story) = (outcome.broken, outcome.story);
        } else {
            all.broken.extend(outcome.broken.into_iter().map(|promise| format!("{name}: {promise}")));
            if !outcome.story.is_empty() {
                all.story.push_str(&format!("== {name}\n{}", outcome.story));
            }
        }
        sites.push(site);
    }
    all.broken.extend(promises::badly_shared(&sites, targets));
    all
}

/// Does something with each, so many at the same time; the results have the order of what they come from.
fn side_by_side<T: Send, R: Send>(list: Vec<T>, beside: usize, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = beside.clamp(1, list.len().max(1));
    let next = Mutex::new(list.into_iter().enumerate());
    let works = || {
        let mut done = Vec::new();
        loop {
            let Some((place, one)) = next.lock().ok().and_then(|mut next| next.next()) else {
                return done;
            };
            done.push((place, act(one)));
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(works)).collect();
        let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What a target is and how it is watched.
fn about(spec: &TargetSpec, thing: &Thing) -> String {
    let what = match &thing.kind {
        Kind::Bridge(bridge) => format!(
            "{} accounts ({} configured), read every {} s{}{}{}, positions {:?}",
            bridge.accounts.len(),
            spec.accounts.len(),
            bridge.read_every.as_secs(),
            if bridge.sleeps { ", rests with the market" } else { "" },
            if bridge.tells_date { ", tells the time" } else { "" },
            if bridge.tells_positions { ", tells positions" } else { "" },
            spec.heal.positions
        ),
        Kind::Endpoint(endpoint) => {
            format!("{:?}{}", endpoint.way, if endpoint.tells_date { ", tells the time" } else { "" })
        }
    };
    let ladder: Vec<&str> = spec.heal.ladder.iter().map(|remedy| remedy.name.as_str()).collect();
    format!(
        "{}: {what}; calendar {}, every {} s, stands on {:?}, ladder {ladder:?}{}",
        spec.id,
        spec.calendar.name,
        spec.watch.interval.as_secs(),
        spec.depends_on.iter().map(TargetId::as_str).collect::<Vec<_>>(),
        if spec.heal.dry_run { ", dry run" } else { "" }
    )
}

/// What was wrong in the world, and when.
fn world(truths: &Truths<'_>) -> String {
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    for truth in truths.of.values() {
        for trouble in &truth.troubles {
            let cured = if trouble.cured_by.is_some() { ", by a remedy" } else { "" };
            let (id, words) = (&truth.spec.id, trouble.fault.nature().words);
            let text = format!("{} to {}{cured}  {id}: {words}", trouble.from, trouble.to);
            lines.push((trouble.from, text));
        }
    }
    for run in &truths.site.runs {
        let until = run.to.map_or_else(|| "the end".to_owned(), |to| to.to_string());
        lines.push((
            run.from,
            format!("{} to {until}  Rebound runs, its clock is {} ms ahead", run.from, run.skew_ms),
        ));
    }
    for (from, to) in truths.site.own.network_gone.iter() {
        lines.push((from, format!("{from} to {to}  Rebound's own network is gone")));
    }
    for spec in &truths.site.config.targets {
        lines.push((truths.begins, about(spec, truths.site.thing(&spec.id))));
    }
    let own = &truths.site.own;
    let beacons = truths.site.config.own_network.watched;
    lines.push((truths.begins, format!("beacons: {beacons}, that tell the time: {}", own.beacons_tell_time)));
    lines.sort();
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

/// A Monday to Sunday of 2026 or 2027; often one in which clocks differ, in New York and Berlin.
fn beginning(dice: &mut Dice) -> Timestamp {
    const GAPS: [(i64, u8, u8); 4] = [(2026, 3, 4), (2026, 10, 21), (2027, 3, 10), (2027, 10, 27)];
    let hour = DAY / 24;
    if dice.percent(35) {
        let (year, month, day) = GAPS[index(dice, 4)];
        let day_of = Timestamp::from_civil(year, month, day, 0, 0);
        return day_of.after(DAY * u32::try_from(dice.below(18)).unwrap_or(0)).after(hour * 7);
    }
    let first = Timestamp::from_civil(2026, 1, 5, 0, 0);
    first.after(DAY * u32::try_from(dice.below(690)).unwrap_or(0))
}

fn index(dice: &mut Dice, count: u64) -> usize {
    usize::try_from(dice.below(count)).unwrap_or(0)
}

/// The calendars of these targets and of their accounts, each once.
fn calendars(targets: &[TargetSpec]) -> Vec<Calendar> {
    let mut kinds: Vec<Calendar> = Vec::new();
    for spec in targets {
        let of_accounts = spec.accounts.iter().filter_map(|account| account.calendar.as_deref());
        for calendar in of_accounts.chain([&spec.calendar]) {
            if !kinds.contains(calendar) {
                kinds.push(calendar.clone());
            }
        }
    }
    kinds
}

/// How long it still takes until every market of the world was open for the whole aftermath.
fn to_the_end(site: &Site, calendars: &[Calendar]) -> Duration {
    let open = |from: Timestamp| {
        let minutes = AFTERMATH.as_secs() / 60;
        (0..=minutes).all(|minute| {
            let at = from.after(Duration::from_secs(60 * minute));
            calendars.iter().all(|calendar| calendar.is_open(at))
        })
    };
    let hours = (0..ALL_OPEN_WITHIN).find(|hours| open(site.now.after(HOUR * *hours)));
    HOUR * hours.unwrap_or(0) + AFTERMATH
}
