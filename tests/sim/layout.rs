//! Draws a site: which things there are, how they stand on each other, and how Rebound is told to watch them.

use std::time::Duration;

use rebound::calendar::{Calendar, WeekSpan, Zone};
use rebound::heal::{ActionKind, HealPolicy, PositionPolicy, Remedy, Rung};
use rebound::ids::{AccountId, TargetId};
use rebound::maintenance::{Scope, When, Window};
use rebound::readiness::ReadinessSpec;
use rebound::target::{
    Config, EndpointSpec, EndpointWay, ExpectedAccount, OwnNetworkSpec, Reach, TargetKind, TargetSpec,
    WatchSpec,
};
use rebound::time::Timestamp;
use rebound::word::Word;

use super::bridge::{Account, Bridge};
use super::dice::Dice;
use super::endpoint::Endpoint;
use super::settings::{broker, exchange, ladder, mail, remedy};
use super::thing::{Kind, Thing};

/// What the size of a site is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// How many targets; `None`: drawn, mostly few, at most 500.
    pub targets: Option<usize>,
    /// From one question to the next; `None`: drawn.
    pub interval: Option<Duration>,
    /// Most targets where their number is drawn; `None`: 500.
    pub most: Option<usize>,
}

const MINUTE: Duration = Duration::from_secs(60);
const SLOW: Duration = Duration::from_secs(60);
const FAST: Duration = Duration::from_secs(10);
const TARGETS_MAX: u64 = 500;

/// A site, and the things behind its targets in the same order.
#[derive(Debug)]
pub struct Layout {
    /// How Rebound is told to watch.
    pub config: Config,
    /// The things.
    pub things: Vec<Thing>,
}

/// Draws a site that is watched from `begins` on.
pub fn draw(dice: &mut Dice, size: Size, begins: Timestamp) -> Layout {
    let count = size.targets.unwrap_or_else(|| number(dice)).min(size.most.unwrap_or(usize::MAX));
    let mut draft = Draft { dice, size, count, specs: Vec::new(), things: Vec::new() };
    while draft.specs.len() < count {
        match draft.dice.below(20) {
            0..9 => draft.host_with_bridges(),
            9..14 => draft.lone_bridge(),
            14..17 => draft.chain_of_services(),
            _ => draft.lone_service(),
        }
    }
    let Draft { specs, things, .. } = draft;
    // Ids name the order in which the monitor keeps them.
    let mut pairs: Vec<(TargetSpec, Thing)> = specs.into_iter().zip(things).take(count).collect();
    pairs.sort_by(|one, other| one.0.id.cmp(&other.0.id));
    let (mut targets, things): (Vec<TargetSpec>, Vec<Thing>) = pairs.into_iter().unzip();
    let ids: Vec<TargetId> = targets.iter().map(|spec| spec.id.clone()).collect();
    targets.iter_mut().for_each(|spec| spec.depends_on.retain(|id| ids.contains(id)));
    let maintenance = windows(dice, &ids, begins);
    let own_network = OwnNetworkSpec { watched: dice.percent(60), ..OwnNetworkSpec::default() };
    let readiness = ReadinessSpec::default();
    Layout {
        config: Config {
            targets,
            alerts: mail(),
            own_network,
            maintenance,
            readiness,
            drills: rebound::drill::DrillPolicy::default(),
        },
        things,
    }
}

fn number(dice: &mut Dice) -> usize {
    let count = match dice.below(100) {
        0..60 => 1 + dice.below(8),
        60..85 => 8 + dice.below(40),
        85..97 => 50 + dice.below(150),
        _ => TARGETS_MAX,
    };
    usize::try_from(count).unwrap_or(1)
}

struct Draft<'a> {
    dice: &'a mut Dice,
    size: Size,
    count: usize,
    specs: Vec<TargetSpec>,
    things: Vec<Thing>,
}

impl Draft<'_> {
    fn host_with_bridges(&mut self) {
        let host = self.endpoint("host", EndpointWay::Tcp, &[]);
        for _ in 0..1 + self.dice.below(4) {
            let stands_on_it = self.dice.percent(90);
            self.bridge(if stands_on_it { std::slice::from_ref(&host) } else { &[] });
        }
    }

    fn lone_bridge(&mut self) {
        self.bridge(&[]);
        if self.dice.percent(15)
            && let Some(spec) = self.specs.last_mut()
        {
            spec.reach = Reach::Loopback;
        }
    }

    fn chain_of_services(&mut self) {
        let database = self.endpoint("mongo", EndpointWay::Mongodb, &[]);
        let api = self.endpoint("api", EndpointWay::Http, &[database]);
        if self.dice.percent(60) {
            self.endpoint("front", EndpointWay::Http, &[api]);
        }
    }

    fn lone_service(&mut self) {
        let (name, way) = match self.dice.below(4) {
            0 => ("port", EndpointWay::Tcp),
            1 => ("mongo", EndpointWay::Mongodb),
            _ => ("web", EndpointWay::Http),
        };
        self.endpoint(name, way, &[]);
    }

    fn id(&self, name: &str) -> TargetId {
        let text = format!("{name}-{}", self.specs.len());
        TargetId::try_new(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn watch(&mut self) -> WatchSpec {
        let fast = if self.count > 60 { 3 } else { 25 };
        let drawn = if self.dice.percent(fast) { FAST } else { SLOW };
        WatchSpec { interval: self.size.interval.unwrap_or(drawn), ..WatchSpec::default() }
    }

    fn put(&mut self, spec: TargetSpec, kind: Kind) {
        let mut thing = Thing::new(kind);
        thing.latency = Duration::from_millis(5 + self.dice.below(400));
        thing.dice = Some(Dice::new(self.dice.below(u64::MAX)));
        self.specs.push(spec);
        self.things.push(thing);
    }

    fn endpoint(&mut self, name: &str, way: EndpointWay, stands_on: &[TargetId]) -> TargetId {
        let id = self.id(name);
        let has_text = way == EndpointWay::Http && self.dice.percent(50);
        let settings =
            EndpointSpec { text: has_text.then(|| "welcome".to_owned()), ..EndpointSpec::new(way) };
        let hard = if name == "host" { Rung::Hard } else { Rung::Soft };
        let ladder =
            if self.dice.percent(40) { vec![remedy("start it again", hard, false)] } else { Vec::new() };
        let spec = TargetSpec {
            depends_on: stands_on.to_vec(),
            watch: self.watch(),
            heal: HealPolicy { ladder, dry_run: self.dice.percent(6), ..HealPolicy::default() },
            ..TargetSpec::new(id.clone(), TargetKind::Endpoint(settings))
        };
        let endpoint = Endpoint {
            way,
            has_text,
            has_certificate: way == EndpointWay::Http,
            tells_date: way == EndpointWay::Http && self.dice.percent(70),
        };
        self.put(spec, Kind::Endpoint(endpoint));
        id
    }

    fn bridge(&mut self, stands_on: &[TargetId]) {
        let id = self.id("bridge");
        let tells_server = self.dice.percent(70);
        let (live, usd, eur) = (Word::from("Example-Live"), Word::from("USD"), Word::from("EUR"));
        let accounts: Vec<Account> = (0..1 + self.dice.below(7))
            .map(|index| Account {
                id: AccountId::new(1_000_001 + index),
                server: tells_server.then(|| live.clone()),
                currency: Some(if index == 2 { &eur } else { &usd }.clone()),
                reserve: index > 3 && self.dice.percent(30),
            })
            .collect();
        let calendar = self.calendar();
        let mut bridge = Bridge::new(0);
        bridge.read_every = Duration::from_secs([5, 30, 60, 300][self.pick(4)]);
        bridge.sleeps = calendar.name == "forex" && self.dice.percent(50);
        bridge.tells_date = self.dice.percent(60);
        bridge.tells_positions = self.dice.percent(70);
        bridge.positions = (0..self.dice.below(4)).map(|ticket| 500 + ticket).collect();
        bridge.orders = (0..self.dice.below(2)).map(|ticket| 900 + ticket).collect();
        let mut accounts = accounts;
        let expected = if self.dice.percent(75) {
            self.expected(&accounts, bridge.sleeps)
        } else {
            // Nobody has told Rebound which of them are empty by nature.
            accounts.iter_mut().for_each(|account| account.reserve = false);
            Vec::new()
        };
        bridge.accounts = accounts;
        let heal = self.heal(&bridge);
        let spec = TargetSpec {
            depends_on: stands_on.to_vec(),
            calendar,
            watch: self.watch(),
            accounts: expected,
            heal,
            ..TargetSpec::bridge(id)
        };
        self.put(spec, Kind::Bridge(bridge));
    }

    fn pick(&mut self, count: u64) -> usize {
        usize::try_from(self.dice.below(count)).unwrap_or(0)
    }

    fn calendar(&mut self) -> Calendar {
        match self.dice.below(10) {
            0..6 => Calendar::forex(),
            6 => Calendar::always(),
            7 => Calendar::crypto(),
            8 => exchange(),
            _ => broker(),
        }
    }

    fn expected(&mut self, accounts: &[Account], sleeps: bool) -> Vec<ExpectedAccount> {
        let checked = self.dice.percent(80);
        let several = !sleeps && self.dice.percent(25);
        let one = |index: usize, account: &Account| ExpectedAccount {
            reserve: account.reserve,
            server: account.server.clone().filter(|_| checked),
            currency: account.currency.clone().filter(|_| checked),
            calendar: match index {
                1 if several => Some(Box::new(Calendar::crypto())),
                2 if several => Some(Box::new(exchange())),
                _ => None,
            },
            ..ExpectedAccount::numbered(account.id)
        };
        accounts.iter().enumerate().map(|(index, account)| one(index, account)).collect()
    }

    fn heal(&mut self, bridge: &Bridge) -> HealPolicy {
        let mut rungs = if self.dice.percent(8) { Vec::new() } else { ladder() };
        if let Some(hardest) = rungs.last_mut()
            && self.dice.percent(30)
        {
            *hardest = Remedy {
                name: "dispatch a workflow".to_owned(),
                action: ActionKind::GithubDispatch,
                timeout: MINUTE * 10,
                verify_within: MINUTE * 10,
                ..hardest.clone()
            };
        }
        if self.dice.percent(35)
            && let Some(account) = bridge.accounts.first()
        {
            rungs.push(Remedy { slot: Some(account.id), ..remedy("log in again", Rung::Soft, true) });
        }
        if bridge.read_every > MINUTE * 2 {
            rungs.iter_mut().for_each(|rung| rung.verify_within = MINUTE * 10);
        }
        let positions = match self.dice.below(10) {
            0..6 => PositionPolicy::Now,
            6..8 => PositionPolicy::WaitUpTo(MINUTE * 20),
            _ => PositionPolicy::Ask,
        };
        HealPolicy { ladder: rungs, positions, dry_run: self.dice.percent(6), ..HealPolicy::default() }
    }
}

/// Planned work: every week on all, and once on some.
fn windows(dice: &mut Dice, ids: &[TargetId], begins: Timestamp) -> Vec<Window> {
    let mut windows = Vec::new();
    if dice.percent(50) {
        let from = u32::try_from(dice.below(6 * 24 * 60)).unwrap_or(0);
        let to = from + 30 + u32::try_from(dice.below(150)).unwrap_or(0);
        let when = When::Weekly { zone: Zone::new_york(), spans: vec![WeekSpan { from, to }] };
        windows.push(Window { name: "updates".to_owned(), scope: Scope::All, when, by: None });
    }
    for id in ids {
        if !dice.percent(20) {
            continue;
        }
        let from = begins.after(dice.between(MINUTE * 60, MINUTE * 60 * 24 * 6));
        let to = from.after(dice.between(MINUTE * 5, MINUTE * 240));
        let scope = Scope::of(Some(id.clone()));
        windows.push(Window {
            name: "a new disk".to_owned(),
            scope,
            when: When::Once { from, to },
            by: None,
        });
    }
    windows
}
