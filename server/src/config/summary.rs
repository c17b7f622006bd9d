//! What a right configuration says, in a few lines, so that a person sees whether it is what was meant.

use rebound::check::CheckId;
use rebound::count::counted;
use rebound::heal::Remedy;
use rebound::maintenance::{Scope, When, Window};
use rebound::target::{ExpectedAccount, TargetKind, TargetSpec};

use super::drills::DrillSettings;
use super::heal::Act;
use super::kind::written;
use super::targets::{Asked, TargetSettings};
use super::{Settings, span, week};

/// Most stretches of a window that are written out.
const SPANS_SHOWN: usize = 3;

impl Settings {
    /// What would be watched, where its history is kept and who would be told, in a few lines.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut lines: Vec<String> = self.targets.iter().map(target).collect();
        lines.extend(self.core.maintenance.iter().map(window));
        lines.push(format!("  history is kept in: {}", self.store));
        let told: Vec<&str> = self.core.alerts.channels.iter().map(|channel| channel.name.as_str()).collect();
        let told = if told.is_empty() { "nobody outside the page".to_owned() } else { told.join(", ") };
        lines.push(format!("  alerts go to: {told}"));
        lines.extend(self.core.drills.schedule.iter().map(|_| self.drilled()));
        lines.extend(self.outside.iter().map(|outside| {
            format!("  signs of life go to: {}, every {}", outside.host, span::written(outside.every))
        }));
        lines.join("\n") + "\n"
    }
}

impl Settings {
    fn drilled(&self) -> String {
        let DrillSettings { every, on, at, zone } = &self.drills;
        let when = match every.as_str() {
            "day" => "every day".to_owned(),
            "month" => format!("every month, on the first {on}"),
            every => format!("every {every}, on {on}"),
        };
        let of = match &self.core.drills.scope {
            Scope::All => "all targets".to_owned(),
            Scope::Targets(ids) => {
                ids.iter().map(rebound::ids::TargetId::as_str).collect::<Vec<_>>().join(", ")
            }
        };
        let alert = if self.core.drills.deliver { "with" } else { "without" };
        format!("  fire drills: {when} at {at} ({zone}), of {of}, {alert} a test alert")
    }
}

fn target(settings: &TargetSettings) -> String {
    let spec = &settings.spec;
    let what = match (&spec.kind, &settings.asked) {
        (TargetKind::Endpoint(endpoint), _) => format!("endpoint ({})", written(endpoint.way)),
        (TargetKind::Bridge, Asked::Bridge(bridge)) => {
            let from = bridge.accounts_from.as_ref().map(|source| format!(", accounts from {source}"));
            format!("bridge ({}){}", bridge.dialect.name(), from.unwrap_or_default())
        }
        (TargetKind::Bridge, Asked::Endpoint(_)) => "bridge".to_owned(),
    };
    let mut parts = vec![what, checks(spec), calendars(spec)];
    if !spec.depends_on.is_empty() {
        let on: Vec<&str> = spec.depends_on.iter().map(|id| id.as_str()).collect();
        parts.push(format!("depends on {}", on.join(", ")));
    }
    parts.push(heals(settings));
    format!("  {} \"{}\": {}", spec.id, spec.name, parts.join(", "))
}

/// How much is asked, and what of all that could be is not.
fn checks(spec: &TargetSpec) -> String {
    let asked = |id: &CheckId| spec.checks.iter().any(|check| check.id == *id);
    let left_out: Vec<&str> = spec.kind.checks().iter().filter(|id| !asked(id)).map(|id| id.name()).collect();
    let count = counted(spec.checks.len(), "check", "checks");
    match left_out.as_slice() {
        [] => count,
        names => format!("{count} (not {})", names.join(", ")),
    }
}

/// The target's calendar, and those of accounts that have another.
fn calendars(spec: &TargetSpec) -> String {
    let mut names = vec![spec.calendar.name.as_str()];
    let own = |account: &&ExpectedAccount| account.calendar.is_some();
    for account in spec.accounts.iter().filter(own) {
        let name = account.calendar.as_ref().map_or("", |calendar| calendar.name.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let word = if names.len() == 1 { "calendar" } else { "calendars" };
    format!("{word} {}", names.join(", "))
}

fn heals(settings: &TargetSettings) -> String {
    let spec = &settings.spec;
    let of = |remedy: &Remedy| {
        let act = settings.remedies.iter().find(|known| known.name == remedy.name).map(|known| &known.act);
        let place = act.and_then(place).map(|place| format!(": {place}")).unwrap_or_default();
        format!("{} ({}{place})", remedy.name, remedy.rung)
    };
    let remedies: Vec<String> = spec.heal.ladder.iter().map(of).collect();
    match (remedies.is_empty(), spec.heal.dry_run) {
        (true, _) => "never heals by itself".to_owned(),
        (false, true) => format!("dry run of {}", remedies.join(", ")),
        (false, false) => format!("heals by {}", remedies.join(", ")),
    }
}

/// Where a remedy goes, as it is sent. Without a query, which is where people write tokens.
fn place(act: &Act) -> Option<String> {
    match act {
        Act::HttpCall(call) => {
            let mut url = call.url.clone();
            url.set_query(None);
            url.set_fragment(None);
            Some(format!("{} {url}", call.method))
        }
        Act::GithubDispatch { .. } => None,
    }
}

fn window(window: &Window) -> String {
    let whom = match &window.scope {
        Scope::All => "every target".to_owned(),
        Scope::Targets(ids) => ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "),
    };
    let when = match &window.when {
        When::Once { from, to } => format!("{from} to {to}"),
        When::Weekly { zone, spans } => {
            let shown = spans.iter().take(SPANS_SHOWN).map(|span| week::spoken(*span));
            let shown = shown.collect::<Vec<_>>().join(", ");
            match spans.len().saturating_sub(SPANS_SHOWN) {
                0 => format!("{shown} ({})", zone.name),
                more => format!("{shown} and {more} more ({})", zone.name),
            }
        }
    };
    format!("  planned work \"{}\" on {whom}: {when}", window.name)
}
