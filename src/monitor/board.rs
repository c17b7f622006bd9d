//! Makes the board: what everybody sees, from what the monitor holds.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::Monitor;
use super::run::Watched;
use super::watch::{CheckState, TargetState};
use crate::alert::{Alert, AlertReason};
use crate::check::{CheckId, CheckSpec};
use crate::heal::{HealPlan, Situation, plan};
use crate::ids::IncidentId;
use crate::incident::{Phase, Severity};
use crate::reason::Reason;
use crate::target::{ExpectedAccount, TargetSpec};
use crate::time::{Timestamp, spoken};
use crate::uptime::UptimeState;
use crate::verdict::{AccountStanding, Verdict, threshold};
use crate::view::{
    ALERTS_SHOWN, AccountView, Banner, Board, CheckView, HealView, OwnView, REQUESTS_SHOWN, TargetView, Tone,
    UptimeView,
};

/// Longest currency and name of an account that a page shows, in characters.
const CURRENCY_SHOWN: usize = 8;
const NAME_SHOWN: usize = 60;
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
            .map(|watched| target_view(watched, self.shared.store_trouble.is_none(), now))
            .collect();
        let (tone, sentence) = overall(&targets, now);
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
            own: OwnView {
                store_trouble: self.shared.store_trouble.clone(),
                network_watched: self.config.own_network.watched,
                network_works: self.shared.own.seen.map(|(_, works)| works),
                channels: self.config.alerts.channels.iter().map(|channel| channel.name.clone()).collect(),
            },
        }
    }

    /// One banner for each incident or matter that is not over and that nobody has acknowledged, with its newest words.
    fn banners(&self, now: Timestamp) -> Vec<Banner> {
        let mut banners: Vec<Banner> = Vec::new();
        let mut seen: Vec<(Option<IncidentId>, AlertReason)> = Vec::new();
        for alert in &self.shared.alerts {
            let matter = match alert.incident {
                Some(incident) => (Some(incident), AlertReason::Opened),
                None => (None, alert.reason),
            };
            if seen.contains(&matter) {
                continue;
            }
            seen.push(matter);
            if shows(alert, now) {
                banners.push(banner(alert));
            }
        }
        banners.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.since.cmp(&a.since)));
        banners
    }
}

/// How long good news and tests stay as a banner.
const NEWS_SHOWN: Duration = Duration::from_secs(10 * 60);

fn shows(alert: &Alert, now: Timestamp) -> bool {
    if alert.acknowledged.is_some() {
        return false;
    }
    match alert.reason {
        AlertReason::Recovered | AlertReason::SeenAgain | AlertReason::StoreBack | AlertReason::Test => {
            now.since(alert.at) < NEWS_SHOWN
        }
        AlertReason::Opened
        | AlertReason::Worsened
        | AlertReason::Escalated
        | AlertReason::Reminder
        | AlertReason::UnknownTooLong
        | AlertReason::StoreDown
        | AlertReason::NotGoingOut => alert.resolved_at.is_none(),
    }
}

fn banner(alert: &Alert) -> Banner {
    let mut text: Vec<String> =
        alert.message.facts.iter().map(|(label, value)| format!("{label}: {value}.")).collect();
    text.extend(alert.message.advice.iter().cloned());
    Banner {
        severity: alert.severity,
        title: format!("{}: {}", alert.message.about, alert.message.title),
        text: text.join(" "),
        alert: Some(alert.id),
        since: alert.at,
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
    let others = targets.iter().filter(|view| view.tone > Tone::Resting).count() - 1;
    let sentence = format!("{}: {}", worst.name, worst.sentence);
    match others {
        0 => (worst.tone, sentence),
        _ => (worst.tone, format!("{sentence} {others} more need a look.")),
    }
}

fn all_well(targets: &[TargetView], now: Timestamp) -> String {
    let accounts: usize = targets.iter().map(|view| view.accounts.len()).sum();
    let syncing = targets.iter().flat_map(|view| &view.accounts).filter(|account| account.live).count();
    let what = if targets.iter().any(|view| view.tone == Tone::Resting) {
        String::from("The market is closed; what can be seen is fine.")
    } else if accounts == 0 {
        format!("All {} targets are up.", targets.len())
    } else if syncing == accounts {
        format!("All {accounts} accounts are syncing.")
    } else {
        format!("{syncing} of {accounts} accounts are syncing.")
    };
    let last = targets.iter().filter_map(|view| view.heal.last.as_ref()).max_by_key(|heal| heal.at);
    match last {
        Some(heal) => format!(
            "{what} Last heal {} ago, took {}.",
            spoken(now.since(heal.at)),
            spoken(Duration::from_millis(heal.took_ms))
        ),
        None => what,
    }
}

fn target_view(watched: &Watched, store_works: bool, now: Timestamp) -> TargetView {
    let Watched { spec, state } = watched;
    let stale_after = (spec.watch.interval + spec.watch.timeout) * STALE_INTERVALS;
    let (tone, sentence) = standing(spec, state, now);
    TargetView {
        id: spec.id.clone(),
        name: spec.name.clone(),
        phase: String::from(state.phase.word()),
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
        incident: state.incident.clone(),
        recent: state.recent.clone(),
        uptime: uptime_view(state, now),
        heal: heal_view(spec, state, store_works, now),
    }
}

fn standing(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> (Tone, String) {
    if let Some(incident) = &state.incident {
        let tone = match (&state.phase, incident.severity) {
            (Phase::Escalated { .. } | Phase::Waiting { .. }, Severity::Critical) => Tone::Bad,
            (Phase::Healing { .. } | Phase::Verifying { .. }, _) => Tone::Busy,
            (_, Severity::Critical) => Tone::Bad,
            (_, Severity::Warning | Severity::Info) => Tone::Warning,
        };
        let what = super::words::main_sentence(incident);
        return (tone, format!("{what}. {}", doing(state)));
    }
    match state.standing().or(state.uptime.current()) {
        Some(UptimeState::Up) if matches!(state.phase, Phase::Suspect { .. }) => {
            (Tone::Warning, String::from("something failed once; looking again."))
        }
        Some(UptimeState::Up) => {
            let live = account_views(spec, state, now);
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
    let reasons = || state.checks.values().map(|check| &check.verdict);
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
        Phase::Healthy | Phase::Suspect { .. } => String::from("It is looked at."),
        Phase::Waiting { .. } => String::from("A heal waits."),
        Phase::Healing { .. } => format!("Healing now: \"{remedy}\"."),
        Phase::Verifying { .. } => format!("Looking whether \"{remedy}\" helped."),
        Phase::Escalated { because } => format!("A person is needed: {because}."),
    }
}

fn phase_detail(state: &TargetState) -> String {
    match &state.phase {
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
    }
}

fn last_remedy(state: &TargetState) -> &str {
    state.incident.as_ref().and_then(|incident| incident.steps.last()).map_or("", |step| step.remedy.as_str())
}

const fn phase_until(phase: &Phase) -> Option<Timestamp> {
    match phase {
        Phase::Healthy | Phase::Suspect { .. } | Phase::Escalated { .. } => None,
        Phase::Waiting { until, .. } | Phase::Verifying { until, .. } => Some(*until),
        Phase::Healing { deadline, .. } => Some(*deadline),
    }
}

fn check_view(check: CheckSpec, spec: &TargetSpec, state: &TargetState) -> CheckView {
    let held = state.checks.get(&check.id);
    let unasked = Verdict::Unknown(Reason::NotAskedYet);
    let verdict = held.map_or(&unasked, |held| &held.verdict);
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
        value: held.and_then(|held| held.value.clone()),
        threshold: threshold(check.id, spec),
        reason: verdict.reason().map(ToString::to_string),
        since: held.map(|held| held.since),
        failures: held.map_or(0, |held: &CheckState| held.failures),
        failures_to_open: check.failures_to_open,
    }
}

fn account_views(spec: &TargetSpec, state: &TargetState, now: Timestamp) -> Vec<AccountView> {
    state
        .memory
        .expected(&spec.accounts)
        .iter()
        .map(|account| account_view(account, spec, state, now))
        .collect()
}

fn account_view(
    account: &ExpectedAccount,
    spec: &TargetSpec,
    state: &TargetState,
    now: Timestamp,
) -> AccountView {
    let read = state.memory.reads.get(&account.id);
    let listed = state.memory.listed.iter().find(|entry| entry.0 == account.id);
    let recent = read.is_some_and(|read| now.since(read.read_at) <= spec.thresholds.sync_window);
    let seen =
        state.silent_since.is_none() && state.observed_at.is_some() && state.observed_at == state.answered_at;
    let listed_now = state.memory.listed_at == state.observed_at;
    let ahead = state.memory.clock_ahead.is_some_and(|ahead| ahead > spec.thresholds.clock_skew_max);
    let (word, tone, note) = match listed.map(|entry| &entry.2) {
        Some(AccountStanding::Read) if !seen => {
            ("Not seen", Tone::Unknown, Some(String::from("the bridge does not answer")))
        }
        Some(AccountStanding::Read) if !listed_now => {
            ("Not seen", Tone::Unknown, Some(String::from("the bridge does not list its accounts now")))
        }
        Some(AccountStanding::Read) if recent && unconnected(state) => {
            ("Not live", Tone::Unknown, Some(String::from("the terminal is not connected")))
        }
        Some(AccountStanding::Read) if recent && ahead => {
            ("Not live", Tone::Unknown, Some(String::from("the bridge's clock cannot be trusted")))
        }
        Some(AccountStanding::Read) if recent => ("Syncing", Tone::Good, None),
        Some(AccountStanding::Read) => (
            "Stale",
            Tone::Warning,
            read.map(|read| format!("last read {} ago", spoken(now.since(read.read_at)))),
        ),
        Some(AccountStanding::NotRead(why)) => ("Not read", Tone::Unknown, Some(why.to_string())),
        Some(AccountStanding::Failed(why)) => ("Failed", Tone::Warning, Some(why.clone())),
        None if state.memory.listed_at.is_none() => ("Not asked", Tone::Unknown, None),
        None => ("Not listed", Tone::Warning, Some(String::from("the bridge does not list it"))),
    };
    AccountView {
        id: account.id,
        name: account
            .name
            .clone()
            .or_else(|| listed.and_then(|entry| entry.1.as_deref()).map(|text| short(text, NAME_SHOWN))),
        reserve: account.reserve,
        state: String::from(word),
        tone,
        note,
        balance: read.map(|read| read.balance),
        equity: read.and_then(|read| read.equity),
        currency: read.and_then(|read| read.currency.as_deref()).map(|text| short(text, CURRENCY_SHOWN)),
        read_at: read.map(|read| read.read_at),
        live: word == "Syncing",
    }
}

/// Whether what the bridge told last is of a terminal without its broker, or of none.
fn unconnected(state: &TargetState) -> bool {
    let down =
        |id: CheckId| state.checks.get(&id).is_some_and(|check| matches!(check.verdict, Verdict::Down(_)));
    down(CheckId::TerminalBrokerLink) || down(CheckId::TerminalIpc)
}

/// As much of a bridge's text as a page has room for.
fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn uptime_view(state: &TargetState, now: Timestamp) -> UptimeView {
    let from = now.before(DAY);
    let figures = state.uptime.figures(from, now);
    let percent = figures.up_share().map(|share| format!("{}.{:02} %", share / 100, share % 100));
    UptimeView { from, to: now, stretches: state.uptime.between(from, now), figures, percent }
}

fn heal_view(spec: &TargetSpec, state: &TargetState, store_works: bool, now: Timestamp) -> HealView {
    let cooldown_until = state
        .budget
        .last
        .map(|(_, at)| at.after(spec.heal.budget.cooldown))
        .filter(|until| *until > now && state.incident.is_none());
    HealView {
        ladder: spec
            .heal
            .ladder
            .iter()
            .map(|remedy| format!("{} ({}, {})", remedy.name, remedy.rung, remedy.action))
            .collect(),
        dry_run: spec.heal.dry_run,
        used_this_hour: state.budget.in_last_hour(now),
        per_hour_max: spec.heal.budget.per_hour_max,
        cooldown_until,
        last: state.last_heal.clone(),
        forecast: forecast(spec, state, store_works, now),
    }
}

fn forecast(spec: &TargetSpec, state: &TargetState, store_works: bool, now: Timestamp) -> String {
    let asked = Reason::AskedByPerson(String::from("you"));
    let failing: Vec<&Reason> =
        state.checks.values().filter_map(CheckState::believed_failure).map(|(reason, _)| reason).collect();
    let causes = if failing.is_empty() { alloc::vec![&asked] } else { failing };
    let incident = state.incident.as_ref().map_or(IncidentId::new(0), |incident| incident.id);
    let situation = Situation {
        incident,
        causes: &causes,
        tried: &[],
        attempts: 0,
        used: &state.budget,
        cooldown_lifted: false,
        store_works,
    };
    match plan(&spec.heal, &situation, now) {
        HealPlan::Steps(steps) => steps.first().map_or_else(String::new, |remedy| {
            let verify = spoken(remedy.verify_within);
            format!(
                "It would start \"{}\" ({}, {}) now and look for up to {verify} whether it helped.",
                remedy.name, remedy.rung, remedy.action
            )
        }),
        HealPlan::Wait(until, because) => format!("It would not start before {}: {because}.", until.clock()),
        HealPlan::Person(because) => format!("It would not start: {because}."),
    }
}
