//! Random weeks, and what must be true of each.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::alert::{AlertPolicy, AlertReason, ChannelSpec};
use rebound::calendar::Calendar;
use rebound::check::CheckId;
use rebound::heal::{ActionKind, HealBudget, HealPolicy, Remedy, Rung};
use rebound::ids::{IncidentId, TargetId};
use rebound::incident::{Phase, Severity};
use rebound::target::{Config, OwnNetworkSpec, Reach, TargetSpec, Thresholds, WatchSpec};
use rebound::time::Timestamp;

use super::bridge::{Act, Fault, Trouble};
use super::dice::Dice;
use super::site::{Outage, Site};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// A heal follows trouble that was there at most this long ago: the question, its answer, and what was decided on it.
const HEAL_FOLLOWS_WITHIN: Duration = Duration::from_secs(90);
/// Healthy time at the end, in which everything must close.
const AFTERMATH: Duration = Duration::from_secs(2 * 3_600);
/// Opening, worsening or escalation, closing.
const ALERTS_PER_INCIDENT_MAX: usize = 3;

const FAULTS: [Fault; 16] = [
    Fault::LinkLost,
    Fault::TerminalGone,
    Fault::TerminalTimeout,
    Fault::LoginRefused,
    Fault::TradingOff,
    Fault::Refuses,
    Fault::Hangs,
    Fault::WrongService,
    Fault::KeyRefused,
    Fault::ReadsStop,
    Fault::Placeholders,
    Fault::ZeroUnlinked,
    Fault::ZeroLive,
    Fault::OneFails,
    Fault::NoList,
    Fault::ClockBehind,
];

/// What a simulated stretch of days came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Faults that the world had.
    pub faults: usize,
    /// Incidents that were opened.
    pub incidents: usize,
    /// Heal steps that were started.
    pub heals: usize,
    /// Alerts that were raised.
    pub alerts: usize,
}

/// Lives through `days` of the world of `seed` and says what it came to.
///
/// # Errors
/// Every promise that was not kept, a sentence each, after the seed that repeats it.
pub fn run(seed: u64, days: u32) -> Result<Report, String> {
    let mut dice = Dice::new(seed);
    // A Monday at midnight.
    let begins = Timestamp::from_civil(2026, 11, 16, 0, 0);
    let config = site_config(&mut dice);
    let mut site = Site::new(config.clone(), begins, seed);
    let world = World::draw(&mut dice, &config, begins, days);
    site.bridges.clone_from(&world.bridges(&mut dice));
    site.own_network_gone.clone_from(&world.own_network_gone);
    site.store_down.clone_from(&world.store_down);
    site.messages_lost = dice.below(30);
    for (at, gap) in &world.kills {
        site.passes(at.since(site.now));
        site.is_killed(*gap);
    }
    let ends = begins.after(DAY * days);
    site.passes(ends.since(site.now) + AFTERMATH);
    let broken = Checks { config: &config, world: &world, site: &site }.all();
    if broken.is_empty() {
        return Ok(Report {
            faults: site.bridges.values().map(|bridge| bridge.troubles.len()).sum(),
            incidents: site.notes.incidents.len(),
            heals: site.notes.steps.len(),
            alerts: site.notes.alerts.len(),
        });
    }
    Err(format!("seed={seed}\n{}", broken.join("\n")))
}

/// What happens, whatever Rebound does.
struct World {
    troubles: BTreeMap<TargetId, Vec<Trouble>>,
    own_network_gone: Vec<Outage>,
    store_down: Vec<Outage>,
    kills: Vec<(Timestamp, Duration)>,
}

impl World {
    fn draw(dice: &mut Dice, config: &Config, begins: Timestamp, days: u32) -> Self {
        let ends = begins.after(DAY * days);
        let mut troubles = BTreeMap::new();
        for spec in &config.targets {
            let mut list = Vec::new();
            let mut from = begins.after(dice.between(Duration::from_secs(300), HOUR * 8));
            while from < ends.before(HOUR * 4) {
                let index = usize::try_from(dice.below(FAULTS.len() as u64)).unwrap_or(0);
                let long = dice.percent(30);
                let most = if long { HOUR * 3 } else { Duration::from_secs(600) };
                let to = from.after(dice.between(Duration::from_secs(2), most));
                list.push(Trouble { fault: FAULTS[index], from, to });
                let overlaps = dice.percent(15);
                let least = if overlaps { Duration::ZERO } else { HOUR };
                from = from.after(least + dice.between(Duration::from_secs(30), HOUR * 10));
            }
            troubles.insert(spec.id.clone(), list);
        }
        let outages = |dice: &mut Dice, most: Duration| {
            let mut list = Vec::new();
            let mut from = begins.after(dice.between(HOUR, HOUR * 40));
            while from < ends.before(HOUR * 4) {
                let to = from.after(dice.between(Duration::from_secs(3), most));
                list.push((from, to));
                from = to.after(dice.between(Duration::from_secs(5), HOUR * 60));
            }
            list
        };
        let own_network_gone =
            if config.own_network.watched { outages(dice, Duration::from_secs(1_800)) } else { Vec::new() };
        let store_down = outages(dice, Duration::from_secs(1_200));
        let kills = outages(dice, Duration::from_secs(600))
            .into_iter()
            .map(|(at, back)| (at, back.since(at)))
            .collect();
        Self { troubles, own_network_gone, store_down, kills }
    }

    fn bridges(&self, dice: &mut Dice) -> BTreeMap<TargetId, super::bridge::Bridge> {
        self.troubles
            .iter()
            .map(|(id, troubles)| {
                let acts = (0..500).map(|_| act(dice)).collect();
                (id.clone(), super::bridge::Bridge { troubles: troubles.clone(), acts })
            })
            .collect()
    }

    /// Whether Rebound could not look, or could not have acted on it, at some time in the stretch.
    fn blind(&self, from: Timestamp, to: Timestamp) -> bool {
        let cuts = |(begin, end): &Outage| *begin < to && from < *end;
        let killed = self.kills.iter().map(|(at, gap)| (*at, at.after(*gap + Duration::from_secs(60))));
        self.own_network_gone.iter().any(cuts) || killed.into_iter().any(|outage| cuts(&outage))
    }
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(12) {
        0..5 => Act::Works {
            takes: dice.between(Duration::from_secs(1), Duration::from_secs(50)),
            then: dice.between(Duration::ZERO, Duration::from_secs(200)),
        },
        5 | 6 => Act::Lies,
        7 => Act::Fails,
        8 => Act::Refuses,
        9 => Act::Vanishes,
        10 => Act::HelpsSilently,
        _ => Act::Breaks,
    }
}

fn site_config(dice: &mut Dice) -> Config {
    let count = 1 + dice.below(2);
    let targets = (0..count).map(|index| target(dice, index)).collect();
    Config {
        targets,
        alerts: AlertPolicy {
            channels: vec![ChannelSpec {
                name: "mail".to_owned(),
                severities: vec![Severity::Critical, Severity::Warning],
                recoveries: true,
            }],
            ..AlertPolicy::default()
        },
        own_network: OwnNetworkSpec { watched: dice.percent(60), ..OwnNetworkSpec::default() },
    }
}

fn target(dice: &mut Dice, index: u64) -> TargetSpec {
    let interval = Duration::from_secs(if dice.percent(25) { 10 } else { 60 });
    let name = format!("bridge-{index}");
    let id = TargetId::try_new(&name).unwrap_or_else(|error| panic!("{error}"));
    TargetSpec {
        id,
        name,
        calendar: if dice.percent(70) { Calendar::Forex } else { Calendar::Always },
        watch: WatchSpec { interval, ..WatchSpec::default() },
        reach: Reach::Network,
        accounts: Vec::new(),
        checks: CheckId::ALL.iter().map(|check| check.default_spec()).collect(),
        thresholds: Thresholds::default(),
        heal: HealPolicy { ladder: ladder(), budget: HealBudget::default(), dry_run: false },
    }
}

/// Three rungs; only the mildest goes through the bridge.
#[must_use]
pub fn ladder() -> Vec<Remedy> {
    let remedy = |name: &str, rung, through_bridge| Remedy {
        name: name.to_owned(),
        rung,
        action: ActionKind::HttpCall,
        through_bridge,
        timeout: Duration::from_secs(60),
        verify_within: Duration::from_secs(300),
        verify_after: Duration::from_secs(30),
    };
    vec![
        remedy("refresh", Rung::Soft, true),
        remedy("restart bridge", Rung::Medium, false),
        remedy("restart all", Rung::Hard, false),
    ]
}

/// The promises, looked at when the days are over.
struct Checks<'a> {
    config: &'a Config,
    world: &'a World,
    site: &'a Site,
}

impl Checks<'_> {
    fn all(&self) -> Vec<String> {
        let mut broken = self.no_false_heal();
        broken.extend(self.every_long_fault_is_found());
        broken.extend(self.people_are_not_flooded());
        broken.extend(self.every_incident_is_over());
        broken.extend(self.budgets_hold());
        broken
    }

    fn no_false_heal(&self) -> Vec<String> {
        let steps = self.site.notes.steps.iter();
        let heals = steps.filter(|(at, step)| {
            let bridge = &self.site.bridges[&step.target];
            !bridge.troubles.iter().any(|trouble| {
                let near = trouble.from <= *at && at.before(HEAL_FOLLOWS_WITHIN) < trouble.to;
                trouble.fault.may_be_healed() && near
            })
        });
        heals
            .map(|(at, step)| {
                format!("{at}: \"{}\" healed what was not broken: {}", step.remedy, step.because)
            })
            .collect()
    }

    fn every_long_fault_is_found(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for spec in &self.config.targets {
            for trouble in &self.site.bridges[&spec.id].troubles {
                let Some(limit) = trouble.fault.found_within() else {
                    continue;
                };
                let by = trouble.from.after(limit);
                let open =
                    |at: Timestamp| spec.calendar.is_open(at) || !trouble.fault.rests_with_the_market();
                let could_be_seen = open(trouble.from) && open(by) && !self.world.blind(trouble.from, by);
                if trouble.to > by
                    && could_be_seen
                    && !self.hidden(spec, trouble, by)
                    && !self.found(spec, trouble, by)
                {
                    broken.push(format!(
                        "{}: {:?} of {} was not found by {by}",
                        trouble.from, trouble.fault, spec.id
                    ));
                }
            }
        }
        broken
    }

    fn found(&self, spec: &TargetSpec, trouble: &Trouble, by: Timestamp) -> bool {
        self.site.notes.incidents.values().any(|incident| {
            let over = incident.closed.as_ref().is_some_and(|closed| closed.at < trouble.from);
            incident.target == spec.id && incident.opened_at <= by && !over
        })
    }

    /// Whether another fault stood before it that lets nothing be seen, or is no trouble of this kind.
    fn hidden(&self, spec: &TargetSpec, trouble: &Trouble, by: Timestamp) -> bool {
        self.site.bridges[&spec.id].troubles.iter().any(|other| {
            let other_one = other.from != trouble.from || other.fault != trouble.fault;
            other_one && other.from < by && trouble.from < other.to
        })
    }

    fn people_are_not_flooded(&self) -> Vec<String> {
        let mut told: BTreeMap<IncidentId, usize> = BTreeMap::new();
        for alert in self.site.notes.alerts.iter().filter(|alert| alert.reason != AlertReason::Reminder) {
            if let Some(incident) = alert.incident {
                *told.entry(incident).or_default() += 1;
            }
        }
        told.into_iter()
            .filter(|(_, count)| *count > ALERTS_PER_INCIDENT_MAX)
            .map(|(incident, count)| {
                let alerts = self.site.notes.alerts.iter().filter(|alert| alert.incident == Some(incident));
                let list: Vec<String> = alerts
                    .map(|alert| {
                        format!("{} {} {}", alert.at.clock(), alert.reason.code(), alert.message.title)
                    })
                    .collect();
                format!("incident {incident} was told {count} times: {list:#?}")
            })
            .collect()
    }

    fn every_incident_is_over(&self) -> Vec<String> {
        let open = self.site.notes.incidents.values().filter(|incident| incident.closed.is_none());
        let mut broken: Vec<String> = open
            .filter(|incident| {
                // The end of the days may lie in a weekend, which proves nothing about what rests.
                self.config.targets.iter().any(|spec| {
                    spec.id == incident.target && spec.calendar.is_open(self.site.now.before(AFTERMATH))
                })
            })
            .map(|incident| {
                format!(
                    "incident {} of {} never closed: {:#?}",
                    incident.id, incident.target, incident.causes
                )
            })
            .collect();
        for id in self.site.monitor.target_ids() {
            let healthy = matches!(self.site.monitor.phase(&id), Some(Phase::Healthy));
            let open = self.site.notes.incidents.values().any(|one| one.target == id && one.closed.is_none());
            if !healthy && !open {
                broken.push(format!("{id} is {:?} without an incident", self.site.monitor.phase(&id)));
            }
        }
        broken
    }

    fn budgets_hold(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for spec in &self.config.targets {
            let starts: Vec<Timestamp> = self
                .site
                .notes
                .steps
                .iter()
                .filter(|(_, step)| step.target == spec.id && !self.refused(step))
                .map(|(at, _)| *at)
                .collect();
            let most = spec.heal.budget.per_hour_max as usize;
            if let Some(row) = starts.windows(most + 1).find(|row| row[most].since(row[0]) < HOUR) {
                broken.push(format!("{}: more than {most} heals of {} in an hour", row[0], spec.id));
            }
        }
        broken
    }

    fn refused(&self, step: &rebound::heal::StepRequest) -> bool {
        self.site.notes.incidents[&step.incident].steps.iter().any(|known| {
            let refused =
                known.result.as_ref().is_some_and(|end| end.outcome == rebound::heal::StepOutcome::Refused);
            known.id == step.step && refused
        })
    }
}
