//! Makes the board: what everybody sees, from what the monitor holds.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::Monitor;
use super::around::Pause;
use super::explain::Scene;
use super::roll::Watched;
use super::watch::{CheckState, TargetState};
use crate::calendar::Session;
use crate::check::CheckSpec;
use crate::heal::Refusal;
use crate::incident::{Holder, Phase, Severity};
use crate::maintenance::{Scope, Window};
use crate::reason::{Reason, list};
use crate::target::{TargetKind, TargetSpec};
use crate::time::{Timestamp, spoken};
use crate::uptime::UptimeState;
use crate::verdict::{Verdict, threshold};
use crate::view::{
    ALERTS_SHOWN, Board, CheckView, HeldView, MarketView, OwnView, REQUESTS_SHOWN, TargetView, Tone,
    UptimeView, WINDOWS_SHOWN, WindowView,
};

mod accounts;

mod banners;

mod drills;

mod elsewhere;

mod healing;

mod readiness;

pub use elsewhere::{Heard, OtherServer};

use accounts::account_views;
use healing::{heal_view, ledger_view};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Missed questions after which a page must call a target stale.
const STALE_INTERVALS: u32 = 3;

impl Monitor {
    /// Everything the Overview shows at `now`.
    #[must_use]
    pub fn board(&self, seq: u64, now: Timestamp) -> Board {
        let now = now.max(self.now);
        let targets: Vec<TargetView> = self
            .config
            .targets
            .iter()
            .filter_map(|spec| self.watched.get(&spec.id))
            .map(|watched| self.target_view(watched, now))
            .collect();
        let (tone, sentence) = overall(&targets, now);
        let readiness = self.readiness_views(&targets, now);
        Board {
            seq,
            at: now,
            watching_since: self.shared.watching_since,
            sentence,
            tone,
            banners: self.banners(now),
            targets,
            alerts: self.shared.alerts.iter().take(ALERTS_SHOWN).cloned().collect(),
            requests: self.shared.requests.iter().take(REQUESTS_SHOWN).cloned().collect(),
            pause: self.shared.pause.as_ref().filter(|pause| pause.until > now).map(paused),
            maintenance: self.windows(now),
            own: OwnView {
                clock_ahead_ms: self.shared.own.witnesses.ahead_ms(now),
                clock_wrong: self.shared.own.clock_wrong(self.config.own_network.clock_skew_max).is_some(),
                lag_ms: self
                    .shared
                    .own
                    .lag
                    .map(|(_, lag)| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)),
                store_ms: self.shared.own.store_ms,
                store_trouble: self.shared.store_trouble.clone(),
                network_watched: self.config.own_network.watched,
                network_works: self.shared.own.seen.map(|(_, works)| works),
                channels: self.config.alerts.channels.iter().map(|channel| channel.name.clone()).collect(),
            },
            servers: Vec::new(),
            readiness,
            drills: self.drill_views(now),
        }
    }

    fn target_view(&self, watched: &Watched, now: Timestamp) -> TargetView {
        let Watched { spec, state, .. } = watched;
        let around = self.around(watched, now);
        let stale_after = (spec.watch.interval + spec.watch.timeout) * STALE_INTERVALS;
        let (tone, sentence) = standing(spec, state, now);
        let scene =
            Scene { spec, state, around: &around, store_works: self.shared.store_trouble.is_none(), now };
        TargetView {
            id: spec.id.clone(),
            name: spec.name.clone(),
            kind: String::from(spec.kind.noun()),
            server: None,
            depends_on: around.parents.iter().map(|parent| parent.spec.name.clone()).collect(),
            market: market(spec, around.session),
            maintenance: around.maintenance.as_ref().map(|(name, until)| HeldView {
                by: self.who_began(name, *until, now),
                what: name.clone(),
                until: *until,
            }),
            pause: around.pause.as_ref().map(paused),
            declared: declared(state, now),
            phase: String::from(if is_unseen(state) { NOT_KNOWN } else { state.phase.word() }),
            phase_detail: phase_detail(state),
            phase_until: phase_until(&state.phase),
            tone,
            sentence,
            observed_at: state.observed_at,
            answered_at: state.answered_at,
            latency_ms: state.latency_ms,
            next_probe_at: Some(state.probe.next_at),
            stale_after_ms: u64::try_from(stale_after.as_millis()).unwrap_or(u64::MAX),
            checks: spec.checks.iter().map(|check| check_view(*check, spec, state)).collect(),
            accounts: account_views(spec, state, now),
            incident: state.incident.as_deref().cloned(),
            recent: state.recent.clone(),
            uptime: uptime_view(state, now),
            heal: heal_view(&scene),
            explain: scene.explain(),
            ledger: ledger_view(spec, state, now),
        }
    }

    /// Who began this planned work; `None` where it is configured.
    fn who_began(&self, name: &str, until: Timestamp, now: Timestamp) -> Option<String> {
        let it = |window: &&Window| window.name == name && window.when.ends(now) == Some(until);
        self.shared.windows.iter().find(it).and_then(|window| window.by.clone())
    }

    fn windows(&self, now: Timestamp) -> Vec<WindowView> {
        let by_hand = self.shared.windows.iter().filter(|window| self.concerns(window));
        let windows = self.config.maintenance.iter().chain(by_hand);
        let mut views: Vec<WindowView> = windows
            .filter_map(|window| {
                let (ends, begins) = (window.when.ends(now), window.when.next(now));
                (ends.is_some() || begins.is_some()).then(|| WindowView {
                    name: window.name.clone(),
                    targets: match &window.scope {
                        Scope::All => Vec::new(),
                        Scope::Targets(ids) => ids.clone(),
                    },
                    by: window.by.clone(),
                    begins: if ends.is_some() { None } else { begins },
                    ends,
                })
            })
            .collect();
        views.sort_by_key(|view| (view.begins.is_some(), view.begins.or(view.ends)));
        views.truncate(WINDOWS_SHOWN);
        views
    }
}

fn overall(targets: &[TargetView], now: Timestamp) -> (Tone, String) {
    if targets.is_empty() {
        return (Tone::Unknown, String::from("Nothing is watched yet: the configuration names no target."));
    }
    let worst = targets.iter().max_by_key(|view| view.tone);
    let Some(worst) = worst.filter(|view| view.tone > Tone::Resting) else {
        return (targets.iter().map(|view| view.tone).max().unwrap_or(Tone::Good), all_well(targets, now));
    };
    // What is being healed needs nobody's look.
    let needs = |view: &&TargetView| view.tone > Tone::Busy;
    let others = targets.iter().filter(needs).count() - usize::from(needs(&worst));
    let sentence = format!("{}: {}", worst.name, worst.sentence);
    match others {
        0 => (worst.tone, sentence),
        _ => (worst.tone, format!("{sentence} {others} more need a look.")),
    }
}

fn all_well(targets: &[TargetView], now: Timestamp) -> String {
    let accounts: usize = targets.iter().map(|view| view.accounts.len()).sum();
    let syncing = targets.iter().flat_map(|view| &view.accounts).filter(|account| account.live).count();
    let resting: Vec<&TargetView> = targets.iter().filter(|view| view.tone == Tone::Resting).collect();
    let planned = resting.iter().filter(|view| view.maintenance.is_some()).count();
    let what = if planned > 0 && planned == resting.len() {
        format!("Planned work on {planned} of {} targets; what can be seen is fine.", targets.len())
    } else if resting.len() == targets.len() {
        String::from("The market is closed; what can be seen is fine.")
    } else if !resting.is_empty() {
        let (count, all) = (resting.len(), targets.len());
        format!("{} of {all} targets are up, {count} at rest; what can be seen is fine.", all - count)
    } else if accounts == 0 {
        format!("All {} targets are up.", targets.len())
    } else if (syncing, accounts) == (1, 1) {
        String::from("The account is syncing.")
    } else if syncing == accounts {
        format!("All {accounts} accounts are syncing.")
    } else {
        format!("{syncing} of {accounts} accounts are syncing.")
    };
    let last = targets.iter().filter_map(|view| view.heal.last.as_ref()).max_by_key(|heal| heal.at);
    match last {
        Some(heal) => {
            // A page shows this sentence until the next board: seconds would be wrong by then.
            const MINUTE: Duration = Duration::from_secs(60);
            let ago = now.since(heal.at);
            let ago = if ago < MINUTE {
                String::from("under a minute")
            } else {
                spoken(Duration::from_secs(ago.as_secs() / 60 * 60))
            };
            format!("{what} Last heal {ago} ago, took {}.", spoken(Duration::from_millis(heal.took_ms)))
        }
        None => what,
    }
}

fn standing(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> (Tone, String) {
    if let Some(incident) = &state.incident {
        let tone = match (&state.phase, incident.severity) {
            (Phase::Waiting { because: Refusal::Maintenance(_), .. }, _) => Tone::Resting,
            (Phase::Escalated { .. } | Phase::Waiting { .. }, Severity::Critical) => Tone::Bad,
            (Phase::Healing { .. } | Phase::Verifying { .. }, _) => Tone::Busy,
            (_, Severity::Critical) => Tone::Bad,
            (_, Severity::Warning | Severity::Info) => Tone::Warning,
        };
        let what = super::words::main_sentence(incident);
        if let (Some(since), Phase::Waiting { .. } | Phase::Escalated { .. }) =
            (state.good_since, &state.phase)
        {
            // Not over yet, and not to be told as if it were seen now.
            let sentence =
                format!("good since {}, not long enough to be called over. It was: {what}.", since.clock());
            return (tone.min(Tone::Warning), sentence);
        }
        return (tone, format!("{what}. {}", doing(state)));
    }
    if let Phase::Suppressed { by } = &state.phase {
        let tone = match by {
            Holder::Maintenance { .. } => Tone::Resting,
            Holder::Parent { .. } => Tone::Unknown,
        };
        return (tone, format!("{by}."));
    }
    let seen = if state.in_maintenance { Some(UptimeState::Maintenance) } else { state.standing() };
    match seen.or(state.uptime.current()) {
        Some(UptimeState::Up) if matches!(state.phase, Phase::Suspect { .. }) => {
            (Tone::Warning, String::from("something failed once; looking again."))
        }
        Some(UptimeState::Up) if spec.kind != TargetKind::Bridge => {
            let took = state.latency_ms.map_or_else(String::new, |ms| format!(" within {} ms", ms.max(1)));
            (Tone::Good, format!("it answers{took}."))
        }
        Some(UptimeState::Up) => {
            let live = account_views(spec, state, now);
            if live.is_empty() {
                return (Tone::Good, String::from("bridge and terminal answer; no accounts are watched."));
            }
            let syncing = live.iter().filter(|account| account.live).count();
            (Tone::Good, format!("{syncing} of {} accounts are syncing.", live.len()))
        }
        Some(UptimeState::MarketClosed) => (Tone::Resting, first_reason(state, "the market is closed")),
        Some(UptimeState::Degraded) => (Tone::Warning, first_reason(state, "degraded")),
        Some(UptimeState::Down) => (Tone::Bad, first_reason(state, "down")),
        Some(UptimeState::Maintenance) => (Tone::Resting, String::from("planned work.")),
        Some(UptimeState::Unknown) | None => (Tone::Unknown, first_reason(state, "not asked yet")),
    }
}

fn first_reason(state: &TargetState, otherwise: &str) -> String {
    let reasons = || state.checks.values().map(|check| check.verdict());
    let failing = reasons().find(|verdict| verdict.failure().is_some());
    let unknown = reasons().find(|verdict| matches!(verdict, Verdict::Unknown(_)));
    let resting = reasons().find(|verdict| matches!(verdict, Verdict::Resting(_)));
    let reason = failing.or(unknown).or(resting).and_then(Verdict::reason);
    reason.map_or_else(|| format!("{otherwise}."), |reason| format!("{reason}."))
}

/// What is being done about an open incident, short enough for a headline.
fn doing(state: &TargetState) -> String {
    let remedy = last_remedy(state);
    match &state.phase {
        Phase::Healthy | Phase::Suspect { .. } | Phase::Suppressed { .. } => String::from("It is looked at."),
        Phase::Waiting { because: because @ (Refusal::Paused { .. } | Refusal::Maintenance(_)), .. } => {
            format!("Not healed: {because}.")
        }
        Phase::Waiting { because: because @ Refusal::StoreDown, .. } => format!("A heal waits: {because}."),
        Phase::Waiting { .. } => String::from("A heal waits."),
        Phase::Healing { .. } => format!("Healing now: \"{remedy}\"."),
        Phase::Verifying { .. } => format!("Looking whether \"{remedy}\" helped."),
        Phase::Escalated { because } => format!("A person is needed: {because}."),
    }
}

/// The word for a phase that nobody knows.
const NOT_KNOWN: &str = "Not known";

/// Whether nobody has seen anything of it yet, so that it is in no phase for people.
fn is_unseen(state: &TargetState) -> bool {
    state.phase == Phase::Healthy && state.observed_at.is_none()
}

pub(super) fn phase_detail(state: &TargetState) -> String {
    match &state.phase {
        Phase::Healthy if is_unseen(state) => String::from("Not known: it was not asked yet."),
        Phase::Healthy => match state.standing() {
            Some(UptimeState::Unknown) | None => {
                String::from("Nothing is known to be wrong, but not everything can be seen.")
            }
            Some(UptimeState::Up | UptimeState::MarketClosed | UptimeState::Maintenance) => {
                String::from("No check fails.")
            }
            Some(UptimeState::Degraded | UptimeState::Down) => first_reason(state, "a check fails"),
        },
        Phase::Suspect { since } => {
            format!("Something failed since {}; it is asked again before it is believed.", since.clock())
        }
        Phase::Waiting { because: because @ (Refusal::LookFirst | Refusal::StoreDown), .. } => {
            format!("A heal waits: {because}.")
        }
        Phase::Waiting { until, because } => format!("A heal waits until {}: {because}.", until.clock()),
        Phase::Healing { attempt, .. } => {
            let remedy = last_remedy(state);
            format!("Healing: \"{remedy}\" is running (attempt {attempt}).")
        }
        Phase::Verifying { attempt, from, until, .. } => {
            let remedy = last_remedy(state);
            let counts = if state.incident.as_ref().is_some_and(|incident| incident.successes > 0) {
                String::from("a first good observation came")
            } else {
                format!("observations count from {}", from.clock())
            };
            format!(
                "Looking whether \"{remedy}\" helped (attempt {attempt}): {counts}, proof is due by {}.",
                until.clock()
            )
        }
        Phase::Escalated { because } => format!("A person is needed: {because}."),
        Phase::Suppressed { by } => format!("No incident is opened and nobody is told: {by}."),
    }
}

fn last_remedy(state: &TargetState) -> &str {
    state.incident.as_ref().and_then(|incident| incident.steps.last()).map_or("", |step| step.remedy.as_str())
}

const fn phase_until(phase: &Phase) -> Option<Timestamp> {
    match phase {
        Phase::Suppressed { by: Holder::Maintenance { until, .. } } => Some(*until),
        Phase::Healthy
        | Phase::Suspect { .. }
        | Phase::Escalated { .. }
        | Phase::Waiting { because: Refusal::StoreDown, .. }
        | Phase::Suppressed { by: Holder::Parent { .. } } => None,
        Phase::Waiting { until, .. } | Phase::Verifying { until, .. } => Some(*until),
        Phase::Healing { deadline, .. } => Some(*deadline),
    }
}

fn check_view(check: CheckSpec, spec: &TargetSpec, state: &TargetState) -> CheckView {
    let held = state.checks.get(&check.id);
    let unasked = Verdict::Unknown(Reason::NotAskedYet);
    let verdict = held.map_or(&unasked, |held| held.verdict());
    CheckView {
        id: check.id,
        verdict: String::from(verdict.word()),
        tone: match verdict {
            Verdict::Up => Tone::Good,
            Verdict::Degraded(_) => Tone::Warning,
            Verdict::Down(_) => Tone::Bad,
            Verdict::Unknown(_) => Tone::Unknown,
            Verdict::Resting(_) => Tone::Resting,
        },
        value: held.and_then(|held| held.value.as_ref()).map(ToString::to_string),
        threshold: threshold(check.id, spec),
        reason: verdict.reason().map(ToString::to_string),
        since: held.map(|held| held.since),
        failures: held.map_or(0, CheckState::failures),
        failures_to_open: check.failures_to_open,
    }
}

fn uptime_view(state: &TargetState, now: Timestamp) -> UptimeView {
    let from = now.before(DAY);
    let figures = state.uptime.figures(from, now);
    let percent = figures.up_share().map(|share| format!("{}.{:02} %", share / 100, share % 100));
    UptimeView { from, to: now, stretches: state.uptime.between(from, now), figures, percent }
}

fn market(spec: &TargetSpec, session: Session) -> MarketView {
    MarketView {
        calendar: spec.calendar.name.clone(),
        open: matches!(session, Session::Open { .. }),
        until: session.until(),
    }
}

fn paused(pause: &Pause) -> HeldView {
    HeldView { by: Some(pause.by.clone()), what: String::from("healing is paused"), until: pause.until }
}

fn declared(state: &TargetState, now: Timestamp) -> Vec<HeldView> {
    let current = state.declared.iter().filter(|declared| declared.until > now);
    current
        .map(|declared| {
            let what = if declared.accounts.is_empty() {
                String::from("capital of all accounts is moved")
            } else {
                format!("capital of {} is moved", list(&declared.accounts))
            };
            HeldView { by: Some(declared.by.clone()), what, until: declared.until }
        })
        .collect()
}
