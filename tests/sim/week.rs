//! Lives through the world of a seed and says what it came to.

use std::time::Duration;

use rebound::ids::TargetId;
use rebound::target::TargetSpec;
use rebound::time::Timestamp;

use super::dice::Dice;
use super::fate::{self, Days};
use super::layout::{self, Size};
use super::operator::Operator;
use super::promises;
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
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Days.
    pub days: u32,
    /// How large its site is.
    pub size: Size,
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
    /// Its story, where it was to be told.
    pub story: String,
}

/// Lives through the world of `seed`.
#[must_use]
pub fn live(seed: u64, plan: Plan) -> Outcome {
    let mut dice = Dice::new(seed);
    let begins = beginning(&mut dice);
    let layout = layout::draw(&mut dice, plan.size, begins);
    let mut things = layout.things;
    let config = layout.config;
    // Large sites are calmer, or a week of theirs has more incidents than a year of any real one.
    let calm =
        if things.len() > 50 { HOUR * 72 } else { [HOUR * 6, HOUR * 18, HOUR * 48][index(&mut dice, 3)] };
    let days = Days { begins, ends: begins.after(DAY * plan.days), calm };
    let mut operator = Operator::default();
    fate::troubles(&mut dice, &config, &mut things, &mut operator, days);
    let own = fate::own(&mut dice, &config, &things, days);
    fate::clicks(&mut dice, &config, &mut operator, days);
    let mut site = Site::new(config, things, own, begins, seed);
    site.operator = operator;
    (site.notes.keeps_story, site.notes.lines_have_days) = (plan.tells, plan.tells);
    site.passes(days.ends.since(site.now));
    site.passes(to_the_end(&site));
    let truths = Truths::of(&site, begins);
    let story =
        if plan.tells { format!("{}\n{}", world(&truths), site.notes.story()) } else { String::new() };
    Outcome { tally: Tally::of(&truths), broken: promises::broken(&truths), story }
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

/// How long it still takes until every market was open for the whole aftermath.
fn to_the_end(site: &Site) -> Duration {
    let calendars = || {
        site.config.targets.iter().flat_map(|spec| {
            spec.accounts.iter().filter_map(|account| account.calendar.as_deref()).chain([&spec.calendar])
        })
    };
    let mut kinds: Vec<&rebound::calendar::Calendar> = Vec::new();
    for calendar in calendars() {
        if !kinds.contains(&calendar) {
            kinds.push(calendar);
        }
    }
    let open = |from: Timestamp| {
        let minutes = AFTERMATH.as_secs() / 60;
        (0..=minutes).all(|minute| {
            let at = from.after(Duration::from_secs(60 * minute));
            kinds.iter().all(|calendar| calendar.is_open(at))
        })
    };
    let hours = (0..ALL_OPEN_WITHIN).find(|hours| open(site.now.after(HOUR * *hours)));
    HOUR * hours.unwrap_or(0) + AFTERMATH
}
