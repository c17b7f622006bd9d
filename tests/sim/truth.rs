//! What was true of each target, and when Rebound could have known: stretches of true time that the promises are held against.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::calendar::{Calendar, Session};
use rebound::ids::TargetId;
use rebound::incident::Severity;
use rebound::maintenance::Scope;
use rebound::monitor::RequestKind;
use rebound::target::{Reach, TargetSpec};
use rebound::time::Timestamp;

use super::fault::{Fault, Found};
use super::notes::Done;
use super::site::{Run, Site};
use super::spans::{Span, Spans};
use super::thing::{Kind, Thing};
use super::trouble::Trouble;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// A clock that is wrong by more is found to be.
const CLOCK_WRONG_MS: i64 = 60_000;
/// After its recovery a target still explains the silence of those that stand on it, and it must be seen to be well.
const SETTLES: Duration = Duration::from_secs(150);

/// What Rebound itself could not see or do, whatever the targets were.
#[derive(Clone, Debug)]
pub struct Blind {
    /// It did not run, or had just begun.
    pub dead: Spans,
    /// Its own network was gone, or had just come back.
    pub offline: Spans,
    /// It was held up, or its store was slow.
    pub busy: Spans,
    /// Its clock was wrong.
    pub clock: Spans,
}

/// One target and the truth about it.
#[derive(Debug)]
pub struct Truth<'a> {
    /// Its settings.
    pub spec: &'a TargetSpec,
    /// The thing behind it.
    pub thing: &'a Thing,
    /// Its own troubles, by their beginning.
    pub troubles: Vec<&'a Trouble>,
    /// When something that it stands on was in trouble, or held to be.
    pub blocked: Spans,
    /// When something that it stands on was truly down.
    pub parent_down: Spans,
    /// Planned work on it.
    pub work: Spans,
    /// Healing was paused.
    pub paused: Spans,
    /// Nothing was to be really done.
    pub dry: Spans,
    /// Capital was declared to be moved.
    pub declared: Spans,
    /// Its market, or that of one of its accounts, was closed, or about to change.
    pub closed: Spans,
    /// From one read of its accounts to the next.
    pub read_every: Duration,
}

/// The truth about a whole site.
#[derive(Debug)]
pub struct Truths<'a> {
    /// The site.
    pub site: &'a Site,
    /// The beginning.
    pub begins: Timestamp,
    /// What Rebound could not see.
    pub blind: Blind,
    /// Of each target.
    pub of: BTreeMap<&'a TargetId, Truth<'a>>,
}

impl<'a> Truths<'a> {
    /// Works it out for a site that lived since `begins`.
    #[must_use]
    pub fn of(site: &'a Site, begins: Timestamp) -> Self {
        let whole = (begins, site.now);
        let mut of: BTreeMap<&TargetId, Truth<'_>> = BTreeMap::new();
        for spec in &site.config.targets {
            let thing = site.thing(&spec.id);
            let mut troubles: Vec<&Trouble> = thing.troubles.all().collect();
            troubles.sort_by_key(|trouble| trouble.from);
            let read_every = match &thing.kind {
                Kind::Bridge(bridge) => bridge.read_every,
                Kind::Endpoint(_) => Duration::ZERO,
            };
            let truth = Truth {
                spec,
                thing,
                troubles,
                blocked: Spans::default(),
                parent_down: Spans::default(),
                work: work(site, spec, whole),
                paused: paused(site, spec),
                dry: dry(site, spec, whole),
                declared: declared(site, spec),
                closed: closed(spec, whole),
                read_every,
            };
            of.insert(&spec.id, truth);
        }
        let ids: Vec<&TargetId> = of.keys().copied().collect();
        for id in ids {
            let (blocked, down) = above(site, &of, id);
            if let Some(truth) = of.get_mut(id) {
                (truth.blocked, truth.parent_down) = (blocked, down);
            }
        }
        Self { site, begins, blind: blind(site), of }
    }

    /// What keeps the target from being seen, or what is seen from being acted on.
    #[must_use]
    pub fn hindered(&self, truth: &Truth<'_>, market: bool, clock: bool) -> Spans {
        let local = truth.spec.reach == Reach::Loopback;
        let nothing = Spans::default();
        let parts = [
            &self.blind.dead,
            &self.blind.busy,
            if local { &nothing } else { &self.blind.offline },
            if clock { &self.blind.clock } else { &nothing },
            if market { &truth.closed } else { &nothing },
            &truth.blocked,
            &truth.work,
        ];
        Spans::of(parts.into_iter().flat_map(Spans::iter))
    }

    /// What Rebound's clock showed at `at`.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> Timestamp {
        let run = self.site.runs.iter().rev().find(|run| run.from <= at).or(self.site.runs.first());
        Timestamp::from_ms(at.as_ms() + run.map_or(0, |run| run.skew_ms))
    }

    /// When it was that Rebound's clock, in the run of `near`, showed `clock`.
    #[must_use]
    pub fn true_time(&self, clock: Timestamp, near: Timestamp) -> Timestamp {
        let run = self.site.runs.iter().rev().find(|run| run.from <= near).or(self.site.runs.first());
        Timestamp::from_ms(clock.as_ms() - run.map_or(0, |run| run.skew_ms))
    }
}

impl Truth<'_> {
    /// Whether a trouble of these reasons, at least that bad, stood at `at` and could be seen.
    #[must_use]
    pub fn stands(&self, at: Timestamp, codes: &[&str], severity: Severity) -> bool {
        self.troubles.iter().any(|trouble| {
            let nature = trouble.fault.nature();
            let meant = nature.codes.iter().any(|code| codes.contains(code));
            let bad = severity < Severity::Critical || !nature.warns;
            let seen_from = match nature.found {
                Found::ByAge => trouble.from.after(self.spec.thresholds.sync_window + self.read_every),
                Found::Never | Found::Failing(..) | Found::ByUnknown => trouble.from,
            };
            // Ages are counted anew from an opening on.
            let window = self.spec.thresholds.sync_window + self.read_every;
            let opened = nature.found == Found::ByAge && self.closed.cuts((at.before(window), at));
            meant && bad && !opened && seen_from <= at && at < trouble.to && shows(trouble, at)
        })
    }
}

/// Whether it shows at that moment of its time.
#[must_use]
pub fn shows(trouble: &Trouble, at: Timestamp) -> bool {
    trouble.fault != Fault::LinkFlaps || super::bridge::is_off(trouble, at)
}

fn end_of(run: &Run, site: &Site) -> Timestamp {
    run.to.unwrap_or(site.now)
}

/// From a moment until Rebound's clock, whatever it showed in each run, stood at `until`.
fn in_true_time(site: &Site, from: Timestamp, until: Timestamp) -> Vec<Span> {
    let part = |run: &Run| {
        let to = Timestamp::from_ms(until.as_ms() - run.skew_ms);
        (run.from.max(from), end_of(run, site).min(to))
    };
    site.runs.iter().filter(|run| end_of(run, site) > from).map(part).collect()
}

fn blind(site: &Site) -> Blind {
    let ends = site.runs.iter().map(|run| end_of(run, site));
    let begins = site.runs.iter().skip(1).map(|run| run.from);
    let dead = Spans::of(ends.zip(begins)).padded(Duration::ZERO, MINUTE);
    let wrong = site.runs.iter().filter(|run| run.skew_ms.abs() > CLOCK_WRONG_MS / 2);
    let clock = wrong.map(|run| (run.from, end_of(run, site).after(MINUTE)));
    let held = site.held_up.iter().map(|(at, lasts)| (*at, at.after(*lasts)));
    let slow = site.own.store_slow.iter().map(|(span, _)| *span);
    Blind {
        dead,
        offline: site.own.network_gone.padded(Duration::ZERO, MINUTE),
        busy: Spans::of(held.chain(slow)).padded(SECOND, SECOND * 40),
        clock: Spans::of(clock),
    }
}

/// Planned work on a target or on what it stands on: as configured, and as a person began it.
fn work(site: &Site, spec: &TargetSpec, (begins, ends): Span) -> Spans {
    let meant = |scope: &Scope| scope.has(&spec.id) || spec.depends_on.iter().any(|parent| scope.has(parent));
    let mut all: Vec<Span> = Vec::new();
    for window in site.config.maintenance.iter().filter(|window| meant(&window.scope)) {
        // By Rebound's clock, which is off by at most some hours.
        let (mut at, last) = (begins.before(MINUTE * 300), ends.after(MINUTE * 300));
        while at < last {
            match (window.when.ends(at), window.when.next(at)) {
                (Some(to), _) => {
                    let of_run = |run: &Run| {
                        let moved = |time: Timestamp| Timestamp::from_ms(time.as_ms() - run.skew_ms);
                        (moved(at).max(run.from), moved(to).min(end_of(run, site)))
                    };
                    all.extend(site.runs.iter().map(of_run));
                    at = to;
                }
                (None, Some(next)) => at = next,
                (None, None) => break,
            }
        }
    }
    let mut open: Vec<(&Option<TargetId>, Timestamp, Timestamp)> = Vec::new();
    for done in site.notes.asked.iter().filter(|done| !done.lost) {
        if let RequestKind::StartMaintenance { target, until, .. } = &done.asked.what {
            open.push((target, done.at, *until));
        } else if let RequestKind::EndMaintenance { target } = &done.asked.what {
            let (over, left): (Vec<_>, Vec<_>) = open.into_iter().partition(|(of, ..)| *of == target);
            open = left;
            let cut = |span: Span| (span.0, span.1.min(done.at));
            let meant = over.into_iter().filter(|(of, ..)| meant(&Scope::of((*of).clone())));
            all.extend(meant.flat_map(|(_, from, until)| in_true_time(site, from, until)).map(cut));
        }
    }
    let meant = open.into_iter().filter(|(of, ..)| meant(&Scope::of((*of).clone())));
    all.extend(meant.flat_map(|(_, from, until)| in_true_time(site, from, until)));
    Spans::of(all)
}

fn paused(site: &Site, spec: &TargetSpec) -> Spans {
    let mut all = Vec::new();
    for scope in [None, Some(&spec.id)] {
        let mut open: Option<(Timestamp, Timestamp)> = None;
        let mut close = |open: Option<(Timestamp, Timestamp)>, at: Timestamp| {
            if let Some((from, until)) = open {
                all.extend(in_true_time(site, from, until).into_iter().map(|(a, b)| (a, b.min(at))));
            }
        };
        for done in site.notes.asked.iter().filter(|done| !done.lost) {
            if let RequestKind::Pause { target, until } = &done.asked.what
                && target.as_ref() == scope
            {
                close(open, done.at);
                open = Some((done.at, *until));
            } else if let RequestKind::Resume { target } = &done.asked.what
                && target.as_ref() == scope
            {
                close(open.take(), done.at);
            }
        }
        close(open, site.now);
    }
    Spans::of(all)
}

/// What is said again of the same accounts replaces what was said before.
fn declared(site: &Site, spec: &TargetSpec) -> Spans {
    let of_target = site.notes.asked.iter().filter(|done| !done.lost);
    let of_target: Vec<&Done> = of_target.filter(|done| done.asked.what.target() == Some(&spec.id)).collect();
    let mut all = Vec::new();
    for (index, done) in of_target.iter().enumerate() {
        let RequestKind::DeclareMove { accounts: declared, until, .. } = &done.asked.what else {
            continue;
        };
        let ends = of_target[index + 1..].iter().find(|later| {
            let same = matches!(&later.asked.what, RequestKind::DeclareMove { accounts, .. } if accounts == declared);
            same || matches!(later.asked.what, RequestKind::TakeBackMoves(_))
        });
        let ends = ends.map_or(site.now, |later| later.at);
        let spans = in_true_time(site, done.at, *until).into_iter();
        all.extend(spans.map(|(from, to)| (from, to.min(ends))));
    }
    Spans::of(all)
}

fn dry(site: &Site, spec: &TargetSpec, (begins, ends): Span) -> Spans {
    let mut all = Vec::new();
    let (mut since, mut is_dry) = (begins, spec.heal.dry_run);
    for done in site.notes.asked.iter().filter(|done| !done.lost) {
        if let RequestKind::SetDryRun { target, dry_run } = &done.asked.what
            && *target == spec.id
        {
            if is_dry {
                all.push((since, done.at));
            }
            (since, is_dry) = (done.at, dry_run.unwrap_or(spec.heal.dry_run));
        }
    }
    if is_dry {
        all.push((since, ends));
    }
    Spans::of(all)
}

fn closed(spec: &TargetSpec, whole: Span) -> Spans {
    let of_accounts = spec.accounts.iter().filter_map(|account| account.calendar.as_deref());
    Spans::of(of_accounts.chain([&spec.calendar]).flat_map(|calendar| closures(calendar, whole)))
        .padded(MINUTE, MINUTE)
}

fn closures(calendar: &Calendar, (begins, ends): Span) -> Vec<Span> {
    let mut all = Vec::new();
    let mut at = begins.before(MINUTE);
    while at < ends {
        match calendar.session(at) {
            Session::Closed(opens) => {
                all.push((at, opens));
                at = opens;
            }
            Session::Open { until: Some(until), .. } => at = until,
            Session::Open { until: None, .. } => break,
        }
    }
    all
}

/// When what a target stands on was in trouble or held to be; and when it was truly down.
fn above<'a>(site: &Site, of: &BTreeMap<&'a TargetId, Truth<'a>>, id: &TargetId) -> (Spans, Spans) {
    let (mut blocked, mut down) = (Vec::new(), Vec::new());
    let mut ids: Vec<&TargetId> =
        of.get(id).map_or_else(Vec::new, |truth| truth.spec.depends_on.iter().collect());
    while let Some(parent) = ids.pop() {
        let Some(truth) = of.get(parent) else {
            continue;
        };
        ids.extend(truth.spec.depends_on.iter());
        let explains =
            |trouble: &&&Trouble| !trouble.fault.nature().warns && trouble.fault != Fault::CertificateOver;
        for trouble in truth.troubles.iter().filter(explains) {
            blocked.push((trouble.from, trouble.to.after(SETTLES)));
            if !trouble.is_aftermath && !trouble.fault.nature().codes.is_empty() {
                down.push((trouble.from, trouble.to));
            }
        }
        let known = site.notes.incidents.values().chain(&site.notes.lost);
        for known in known.filter(|known| known.incident.target == *parent) {
            // An expired certificate explains nothing of others.
            let explains = known.codes.keys().any(|code| !code.starts_with("certificate"));
            if known.incident.severity == Severity::Critical && explains {
                blocked.push((known.opened, known.closed.unwrap_or(site.now).after(SETTLES)));
            }
        }
    }
    (Spans::of(blocked), Spans::of(down))
}
