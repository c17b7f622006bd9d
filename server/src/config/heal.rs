//! `[targets.heal]`: what may be done about trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::heal::{ActionKind, HealBudget, HealPolicy, PositionPolicy, Remedy, Rung};
use rebound::ids::AccountId;
use rebound::target::ExpectedAccount;
use serde::Deserialize;
use url::Url;

use super::Problems;
use super::called::named;
use super::secret::{SecretSource, Secrets};
use super::span::{DAY, HOUR, SECOND, Span, within};
use super::value::ValueSection;

mod act;

pub use act::{Act, GithubMode, HttpCallSettings, RemedySettings};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealSection {
    cooldown: Option<Span>,
    per_hour_max: Option<u32>,
    attempts_max: Option<u32>,
    #[serde(default)]
    dry_run: bool,
    positions: Option<PositionsSection>,
    #[serde(default)]
    remedies: Vec<RemedySection>,
}

/// `"now"`, `"ask"` or `{ wait_up_to = "30m" }`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PositionsSection {
    Now,
    Ask,
    WaitUpTo(Span),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedySection {
    name: String,
    rung: Rung,
    kind: ActionKind,
    through_bridge: Option<bool>,
    slot: Option<u64>,
    timeout: Option<Span>,
    verify_after: Option<Span>,
    verify_within: Option<Span>,
    // http_call
    method: Option<String>,
    url: Option<String>,
    #[serde(default)]
    query: BTreeMap<String, ValueSection>,
    #[serde(default)]
    headers: BTreeMap<String, ValueSection>,
    body: Option<toml::Value>,
    expect: Option<ExpectSection>,
    // github_dispatch
    api_url: Option<String>,
    owner: Option<String>,
    repo: Option<String>,
    token: Option<SecretSource>,
    event_type: Option<String>,
    workflow: Option<String>,
    git_ref: Option<String>,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    find_run_within: Option<Span>,
    poll_every: Option<Span>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectSection {
    #[serde(default)]
    status: Vec<u16>,
    json: Option<ExpectJson>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectJson {
    path: String,
    equals: toml::Value,
}

/// What was read of `[targets.heal]`.
pub(crate) struct Remedies {
    pub(crate) policy: HealPolicy,
    pub(crate) settings: Vec<RemedySettings>,
}

/// Whom the remedies heal.
#[derive(Clone, Copy)]
pub(crate) enum Whom<'a> {
    /// A bridge at an address, if that is right, with these accounts.
    Bridge(Option<&'a Url>, &'a [ExpectedAccount]),
    /// An endpoint, at an address where it is asked over HTTP.
    Endpoint(Option<&'a Url>),
}

impl<'a> Whom<'a> {
    const fn url(self) -> Option<&'a Url> {
        match self {
            Self::Bridge(url, _) | Self::Endpoint(url) => url,
        }
    }
}

/// Most heals an hour, and attempts an incident, that may be allowed.
const HEALS_MAX: u32 = 60;

pub(crate) fn check(
    at: &str,
    section: HealSection,
    whom: Whom<'_>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Remedies {
    let default = HealBudget::default();
    let key = |name: &str| format!("{at}: heal.{name}");
    let cooldown = section.cooldown;
    let budget = HealBudget {
        cooldown: within(&key("cooldown"), cooldown, default.cooldown, Duration::ZERO, DAY, problems),
        per_hour_max: count(&key("per_hour_max"), section.per_hour_max, default.per_hour_max, problems),
        attempts_max: count(&key("attempts_max"), section.attempts_max, default.attempts_max, problems),
    };
    let positions = positions(&key("positions"), section.positions.as_ref(), whom, problems);
    let policy = HealPolicy { ladder: Vec::new(), budget, dry_run: section.dry_run, positions };
    let mut remedies = Remedies { policy, settings: Vec::new() };
    for remedy in section.remedies {
        let at = format!("{at}: remedy \"{}\"", remedy.name);
        if remedies.policy.ladder.iter().any(|known| known.name == remedy.name) {
            problems.add(&at, "the name is used twice", "Give each remedy of a target a name of its own.");
        }
        if let Some((ladder, settings)) = check_remedy(&at, remedy, whom, secrets, problems) {
            remedies.policy.ladder.push(ladder);
            remedies.settings.push(settings);
        }
    }
    // Mildest first, whatever the order of the file; the order of equals stays.
    remedies.policy.ladder.sort_by_key(|remedy| remedy.rung);
    remedies
}

fn positions(
    key: &str,
    section: Option<&PositionsSection>,
    whom: Whom<'_>,
    problems: &mut Problems,
) -> PositionPolicy {
    if let (Some(_), Whom::Endpoint(_)) = (section, whom) {
        problems.add(key, "has no use: an endpoint has no positions", "Leave it out.");
    }
    match section {
        None => PositionPolicy::default(),
        Some(PositionsSection::Now) => PositionPolicy::Now,
        Some(PositionsSection::Ask) => PositionPolicy::Ask,
        Some(PositionsSection::WaitUpTo(span)) => {
            let key = format!("{key}.wait_up_to");
            PositionPolicy::WaitUpTo(within(&key, Some(*span), span.0, SECOND * 60, DAY, problems))
        }
    }
}

fn check_remedy(
    at: &str,
    section: RemedySection,
    whom: Whom<'_>,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<(Remedy, RemedySettings)> {
    let timeout_default = match section.kind {
        ActionKind::HttpCall => SECOND * 60,
        ActionKind::GithubDispatch => SECOND * 900,
    };
    let key = |name: &str| format!("{at}: {name}");
    let timeout = within(&key("timeout"), section.timeout, timeout_default, SECOND, HOUR, problems);
    let verify_after =
        within(&key("verify_after"), section.verify_after, SECOND * 30, Duration::ZERO, HOUR, problems);
    let verify_within =
        within(&key("verify_within"), section.verify_within, SECOND * 300, SECOND * 5, HOUR * 2, problems);
    if verify_within <= verify_after {
        let help = "Leave time for at least two looks.";
        problems.add(&key("verify_within"), "is not longer than verify_after", help);
    }
    let slot = section.slot.map(AccountId::new);
    check_slot(&key("slot"), slot, whom, problems);
    let name = named(&key("name"), section.name.clone(), problems);
    let (rung, action) = (section.rung, section.kind);
    let asked = section.through_bridge;
    let act = match action {
        ActionKind::HttpCall => act::http_call(at, section, whom, secrets, problems)?,
        ActionKind::GithubDispatch => act::github(at, section, secrets, problems)?,
    };
    let through_bridge = asked.unwrap_or_else(|| goes_through(&act, whom.url()));
    let ladder = Remedy {
        name: name.clone(),
        rung,
        action,
        through_bridge,
        slot,
        timeout,
        verify_within,
        verify_after,
    };
    Some((ladder, RemedySettings { name, act }))
}

/// A remedy of one slot heals an account that is watched: the core compares the slot with the accounts whose data is not theirs.
fn check_slot(key: &str, slot: Option<AccountId>, whom: Whom<'_>, problems: &mut Problems) {
    let Some(slot) = slot else {
        return;
    };
    match whom {
        Whom::Endpoint(_) => {
            problems.add(key, "has no use: an endpoint has no accounts", "Leave it out.");
        }
        Whom::Bridge(_, accounts) => {
            if !accounts.iter().any(|account| account.id == slot) {
                let what = format!("= {slot} is none of the accounts of this target");
                problems.add(key, &what, "List the account under accounts, or leave slot out.");
            }
        }
    }
}

/// Whether an act is answered by the target itself, and so cannot work while the target is silent.
fn goes_through(act: &Act, target: Option<&Url>) -> bool {
    match (act, target) {
        (Act::HttpCall(call), Some(target)) => {
            call.url.host_str() == target.host_str()
                && call.url.port_or_known_default() == target.port_or_known_default()
        }
        (Act::HttpCall(_), None) | (Act::GithubDispatch { .. }, _) => false,
    }
}

fn count(key: &str, value: Option<u32>, default: u32, problems: &mut Problems) -> u32 {
    let value = value.unwrap_or(default);
    if value == 0 || value > HEALS_MAX {
        let help = "To heal nothing by itself, leave the remedies out or set dry_run = true.";
        problems.add(key, &format!("= {value} is outside of 1 to {HEALS_MAX}"), help);
    }
    value
}
