//! Deals a site out to several servers: who watches what, and who hears what people ask for.
//!
//! Targets that depend on each other have one server, as in the product. Decides nothing by chance, and nothing by the machine
//! that it runs on.

use std::collections::{BTreeMap, BTreeSet};

use rebound::ids::TargetId;
use rebound::monitor::Numbering;
use rebound::target::{Config, TargetSpec};

use super::dice::Dice;
use super::layout::Layout;
use super::operator::Operator;
use super::own::Own;
use super::site::Seat;
use super::thing::Thing;

/// Most servers that share one store; source: `SERVERS_MAX` of the engine.
pub const SERVERS_MAX: usize = 10;
/// Targets of one server where the number of servers is not given. What is kept of many more, and of their world, does not fit
/// into a processor's own cache.
const TARGETS_PER_SERVER: usize = 125;

/// One server's part of a site.
#[derive(Debug)]
pub struct Share {
    /// The targets that it watches; all else as in the whole.
    pub config: Config,
    /// The things behind them, in the same order.
    pub things: Vec<Thing>,
    /// What happens to the server itself.
    pub own: Own,
    /// What people ask it for.
    pub operator: Operator,
    /// Its place among the others; `None`: it is the only one.
    pub seat: Option<Seat>,
}

/// How many servers watch so many targets, if nothing else is asked for.
#[must_use]
pub fn servers_for(targets: usize) -> usize {
    targets.div_ceil(TARGETS_PER_SERVER).clamp(1, SERVERS_MAX)
}

/// Deals a site out to at most so many servers; none is left without a target. Targets keep their order.
#[must_use]
pub fn deal(layout: Layout, servers: usize) -> Vec<Share> {
    let Layout { config, things } = layout;
    let groups = groups(&config.targets);
    let servers = servers.clamp(1, SERVERS_MAX).min(groups.len().max(1));
    let mut server_of = vec![0; things.len()];
    let mut loads = vec![0_usize; servers];
    for group in groups {
        let least = loads.iter().enumerate().min_by_key(|(_, load)| **load).map_or(0, |(row, _)| row);
        loads[least] += group.len();
        group.into_iter().for_each(|place| server_of[place] = least);
    }
    let mut shares: Vec<Share> = (0..servers).map(|row| empty(&config, row, servers)).collect();
    for ((spec, thing), row) in config.targets.into_iter().zip(things).zip(server_of) {
        shares[row].config.targets.push(spec);
        shares[row].things.push(thing);
    }
    shares
}

/// Deals out what people ask for: what is about a target goes to its server, what is about all of them to each server. The
/// mails of each server are read by somebody of its own.
pub fn deal_clicks(operator: Operator, shares: &mut [Share], dice: &mut Dice) {
    if let [only] = shares {
        only.operator = operator;
        return;
    }
    for (row, share) in shares.iter_mut().enumerate() {
        let ids: BTreeSet<&TargetId> = share.config.targets.iter().map(|spec| &spec.id).collect();
        share.operator = operator.of_server(&ids, row);
        share.operator.dice = operator.dice.as_ref().map(|_| Dice::new(dice.below(u64::MAX)));
    }
}

fn empty(config: &Config, row: usize, servers: usize) -> Share {
    let number = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    let numbering = Numbering::row(number(row), number(SERVERS_MAX));
    Share {
        config: Config { targets: Vec::new(), ..config.clone() },
        things: Vec::new(),
        own: Own::default(),
        operator: Operator::default(),
        seat: (servers > 1).then(|| Seat { config: config.clone(), numbering }),
    }
}

/// Targets that depend on each other, by their places; in the order of the first of each.
fn groups(specs: &[TargetSpec]) -> Vec<Vec<usize>> {
    let places: BTreeMap<&TargetId, usize> =
        specs.iter().enumerate().map(|(place, spec)| (&spec.id, place)).collect();
    // Each points to an earlier one of its group, or to itself.
    let mut leads: Vec<usize> = (0..specs.len()).collect();
    let lead = |leads: &[usize], mut place: usize| {
        while leads[place] != place {
            place = leads[place];
        }
        place
    };
    for (place, spec) in specs.iter().enumerate() {
        for parent in spec.depends_on.iter().filter_map(|id| places.get(id)) {
            let (one, other) = (lead(&leads, place), lead(&leads, *parent));
            leads[one.max(other)] = one.min(other);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..specs.len() {
        groups.entry(lead(&leads, place)).or_default().push(place);
    }
    groups.into_values().collect()
}
