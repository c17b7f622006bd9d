//! Every setting that may be changed: its key, its name, how it is written, and what holds of it.

use std::collections::BTreeMap;

use rebound::heal::PositionPolicy;
use rebound::target::{EndpointWay, TargetKind, TargetSpec};
use rebound_engine::settings::{Form, Group, Part, Setting, Trouble};
use toml::{Table, Value};

use super::place;
use crate::config::{Settings, written};

mod entries;

use entries::{
    Entry, bridge_thresholds, drills, endpoint_thresholds, general, healing, mail, remedy_entries,
    thresholds, watching,
};

/// Key of the recipients of mail.
pub(super) const MAIL_TO: &str = "alerts/email/to";
/// Keys whose values are a part of the file as it is written.
const LINES: [&str; 2] = ["maintenance", "calendars"];
/// The last part of the key of what open positions mean.
const POSITIONS: &str = "/heal/positions";
/// The calendars that are built in.
const BUILT_IN: [&str; 3] = ["always", "forex", "crypto"];

/// Lays `value` over the file at `key`.
pub(super) fn put(table: &mut Table, key: &str, value: &str) -> Result<(), Trouble> {
    let trouble = |what: String, help: &str| Trouble { key: key.to_owned(), what, help: help.to_owned() };
    if LINES.contains(&key) {
        return put_lines(table, key, value)
            .map_err(|what| trouble(what, "Write it as docs/CONFIG.md shows."));
    }
    let form = form_of(key, table).ok_or_else(|| {
        let help = "It stands in the configuration file only, or there is no such setting.";
        trouble("cannot be changed here".to_owned(), help)
    })?;
    let read = if key.ends_with(POSITIONS) { positions(value) } else { place::read(&form, value) };
    let value = read.map_err(|what| trouble(what, "Write it as shown beside the setting."))?;
    if place::put(table, key, value) {
        Ok(())
    } else {
        let help = "Take the value back: what it was for is gone from the file.";
        Err(trouble("has no place in the file any more".to_owned(), help))
    }
}

/// A part of the file as it stands there, such as `[[maintenance]]` with its keys.
fn put_lines(table: &mut Table, key: &str, text: &str) -> Result<(), String> {
    let mut part: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().and_then(|span| text.get(..span.start));
        let line = line.map_or(1, |before| before.matches('\n').count() + 1);
        format!("is not TOML: line {line}: {}", error.message())
    })?;
    let value = part.remove(key);
    if let Some(other) = part.keys().next() {
        return Err(format!("\"{other}\" does not belong here: write each entry under [[{key}]]"));
    }
    match value {
        Some(value) => drop(table.insert(key.to_owned(), value)),
        None => place::remove(table, key),
    }
    Ok(())
}

/// `now`, `ask`, or the longest time to wait.
fn positions(text: &str) -> Result<Value, String> {
    match text.trim() {
        word @ ("now" | "ask") => Ok(Value::String(word.to_owned())),
        span => {
            let mut wait = Table::new();
            wait.insert("wait_up_to".to_owned(), Value::String(span.to_owned()));
            Ok(Value::Table(wait))
        }
    }
}

/// How the value of a key is written; `None`: it cannot be changed here.
fn form_of(key: &str, table: &Table) -> Option<Form> {
    let last = key.rsplit('/').next()?;
    if let Some(rest) = key.strip_prefix("targets/") {
        let (_, rest) = rest.split_once('/')?;
        let known = |list: &[Entry<TargetSpec>]| {
            list.iter().find(|entry| entry.key == rest).map(|entry| entry.form.clone())
        };
        return match rest {
            "calendar" => Some(Form::Choice(calendars(table))),
            "heal/positions" => Some(Form::Words),
            _ if rest.starts_with("checks/") => {
                check_forms().into_iter().find_map(|(name, form)| (name == last).then_some(form))
            }
            _ if rest.starts_with("remedies/") => {
                remedy_entries().iter().find(|entry| entry.key == last).map(|entry| entry.form.clone())
            }
            _ => known(&watching())
                .or_else(|| known(&bridge_thresholds()))
                .or_else(|| known(&thresholds()))
                .or_else(|| known(&endpoint_thresholds()))
                .or_else(|| known(&healing())),
        };
    }
    general()
        .iter()
        .chain(&mail())
        .chain(&drills())
        .find(|entry| entry.key == key)
        .map(|entry| entry.form.clone())
}

fn check_forms() -> [(&'static str, Form); 3] {
    [("enabled", Form::Flag), ("failures", Form::Number), ("market_hours", Form::Flag)]
}

/// Everything that may be changed, with what holds by `settings`, which were read from `table`. `by_file` is what the file says.
pub(super) fn groups(settings: &Settings, table: &Table, by_file: &BTreeMap<String, String>) -> Vec<Group> {
    let of = |key: String, name: &str, help: &str, form: Form, value: String| {
        let file = by_file.get(&key).unwrap_or(&value).clone();
        Setting { key, name: name.to_owned(), help: help.to_owned(), form, value, file }
    };
    let part = |name: &str, settings: Vec<Setting>| Part { name: name.to_owned(), settings };
    let shown = |entry: Entry<Settings>| {
        of(entry.key.to_owned(), entry.name, entry.help, entry.form, (entry.value)(settings))
    };
    let (mut alerts, network): (Vec<Setting>, Vec<Setting>) =
        general().into_iter().map(shown).partition(|setting| setting.key.starts_with("alerts/"));
    if settings.email.is_some() {
        alerts.extend(mail().into_iter().map(shown));
    }
    let lines = LINES.map(|key| {
        let (name, help) = match key {
            "maintenance" => {
                ("Planned work", "Each window under [[maintenance]], as in the file. Empty: none.")
            }
            _ => (
                "Calendars",
                "Each calendar under [[calendars]], as in the file. Empty: only those that are built in.",
            ),
        };
        of(key.to_owned(), name, help, Form::Lines, lines_of(table, key))
    });
    let mut groups = vec![Group {
        id: "general".to_owned(),
        name: "All targets".to_owned(),
        parts: vec![
            part("Alerts", alerts),
            part("Own network", network),
            part("Fire drills", drills().into_iter().map(shown).collect()),
            part("Planned work and calendars", lines.into()),
        ],
    }];
    let calendars = calendars(table);
    groups.extend(settings.core.targets.iter().map(|spec| {
        let under = |key: &str| format!("targets/{}/{key}", spec.id);
        let made = |entries: Vec<Entry<TargetSpec>>| -> Vec<Setting> {
            let entries = entries.into_iter();
            entries.map(|entry| of(under(entry.key), entry.name, entry.help, entry.form, (entry.value)(spec))).collect()
        };
        let mut watch = made(watching());
        let help = "When its markets are open: a built-in calendar, or one of those under All targets.";
        watch.push(of(under("calendar"), "Calendar", help, Form::Choice(calendars.clone()), spec.calendar.name.clone()));
        let limits = match &spec.kind {
            TargetKind::Bridge => [made(bridge_thresholds()), made(thresholds())].concat(),
            TargetKind::Endpoint(endpoint) => {
                let mut own = endpoint_thresholds();
                own.retain(|entry| entry.key != "certificate_warning" || endpoint.way == EndpointWay::Http);
                [made(own), made(thresholds())].concat()
            }
        };
        let mut heal = made(healing());
        if spec.kind == TargetKind::Bridge {
            let help = "What they mean for a remedy that restarts something: now, ask, or the longest time to wait for their end, \
                        such as 30m (1 min to 1 day).";
            heal.push(of(under("heal/positions"), "Open positions", help, Form::Words, written_positions(spec)));
        }
        let mut parts = vec![part("Watching", watch), part("Thresholds", limits), part("Checks", checks(spec, &of)), part("Healing", heal)];
        parts.extend(spec.heal.ladder.iter().map(|remedy| {
            let key = |key: &str| under(&format!("remedies/{}/{key}", remedy.name));
            let entries = remedy_entries().into_iter();
            let settings = entries.map(|entry| of(key(entry.key), entry.name, entry.help, entry.form, (entry.value)(remedy)));
            Part { name: format!("Remedy \"{}\"", remedy.name), settings: settings.collect() }
        }));
        Group { id: spec.id.to_string(), name: spec.name.clone(), parts }
    }));
    groups
}

fn checks(spec: &TargetSpec, of: &dyn Fn(String, &str, &str, Form, String) -> Setting) -> Vec<Setting> {
    let mut settings = Vec::new();
    for id in spec.kind.checks() {
        let key = |key: &str| format!("targets/{}/checks/{id}/{key}", spec.id);
        let asked = spec.checks.iter().find(|check| check.id == *id);
        let name = |what: &str| format!("{id}: {what}");
        let question = id.question();
        settings.push(of(key("enabled"), &name("asked"), question, Form::Flag, asked.is_some().to_string()));
        if let Some(check) = asked {
            let help = "Failures in a row until it is believed; 1 to 100.";
            settings.push(of(
                key("failures"),
                &name("failures"),
                help,
                Form::Number,
                check.failures_to_open.to_string(),
            ));
            let help = "Whether it rests while the market is closed.";
            settings.push(of(
                key("market_hours"),
                &name("rests with the market"),
                help,
                Form::Flag,
                check.market_hours.to_string(),
            ));
        }
    }
    settings
}

/// The names of all calendars.
fn calendars(table: &Table) -> Vec<String> {
    let own = table.get("calendars").and_then(Value::as_array).into_iter().flatten();
    let own = own.filter_map(|calendar| calendar.get("name").and_then(Value::as_str));
    BUILT_IN.into_iter().chain(own).map(str::to_owned).collect()
}

/// A part of the file as it is written.
fn lines_of(table: &Table, key: &str) -> String {
    let Some(value) = table.get(key) else { return String::new() };
    let mut part = Table::new();
    part.insert(key.to_owned(), value.clone());
    toml::to_string(&part).unwrap_or_default().trim().to_owned()
}

fn written_positions(spec: &TargetSpec) -> String {
    match spec.heal.positions {
        PositionPolicy::Now => "now".to_owned(),
        PositionPolicy::Ask => "ask".to_owned(),
        PositionPolicy::WaitUpTo(span) => written(span),
    }
}
