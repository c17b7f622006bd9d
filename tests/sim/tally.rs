//! What worlds came to, as numbers and as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use rebound::alert::AlertReason;
use rebound::ledger::percentile;
use rebound::time::spoken;

use super::fault::{Fault, Found};
use super::promises;
use super::truth::Truths;

/// What one kind of fault came to.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    /// How often the world had it.
    pub happened: u64,
    /// How often it lasted long enough, unhindered, that it had to be found.
    pub due: u64,
    /// How often it was found in its time.
    pub found: u64,
    /// How often a heal was started for it.
    pub healed: u64,
    /// From its beginning until it was found, in ms.
    pub took_ms: Vec<u64>,
}

/// What worlds came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Worlds.
    pub worlds: u64,
    /// Servers of Rebound in them.
    pub servers: u64,
    /// Simulated days.
    pub days: f64,
    /// Targets times weeks.
    pub target_weeks: f64,
    /// Things that happened: questions, answers, and all else.
    pub events: u64,
    /// By kind of fault.
    pub kinds: BTreeMap<Fault, Kind>,
    /// Heals that nobody asked for and that were false.
    pub false_heals: u64,
    /// Heal steps that Rebound began by itself.
    pub heals: u64,
    /// Heal steps that a person asked for.
    pub heals_asked: u64,
    /// Found faults that a heal can help against.
    pub healable: u64,
    /// Incidents.
    pub incidents: u64,
    /// Alerts about incidents, reminders left out.
    pub alerts: u64,
    /// Reminders.
    pub reminders: u64,
    /// From the first failure of an incident to the proven recovery, where that came after a heal; in ms.
    pub recovered_ms: Vec<u64>,
    /// Crashes of Rebound.
    pub crashes: u64,
    /// Requests of people that were carried out.
    pub requests: u64,
}

impl Tally {
    /// What one site came to.
    #[must_use]
    pub fn of(truths: &Truths<'_>) -> Self {
        let site = truths.site;
        let days = site.now.since(truths.begins).as_secs_f64() / 86_400.0;
        let targets = f64::from(u32::try_from(site.config.targets.len()).unwrap_or(u32::MAX));
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let told = |reminders: bool| {
            site.notes.alerts.iter().filter(move |told| {
                told.alert.incident.is_some() && (told.alert.reason == AlertReason::Reminder) == reminders
            })
        };
        let mut tally = Self {
            worlds: 1,
            servers: 1,
            days,
            target_weeks: targets * days / 7.0,
            events: site.events,
            false_heals: count(promises::false_heals(truths)),
            heals: count(site.notes.steps.iter().filter(|step| step.asked_by.is_none()).count()),
            heals_asked: count(site.notes.steps.iter().filter(|step| step.asked_by.is_some()).count()),
            incidents: count(site.notes.incidents.len()),
            alerts: count(told(false).count()),
            reminders: count(told(true).count()),
            crashes: count(site.runs.len()).saturating_sub(1),
            requests: count(site.notes.asked.len()),
            ..Self::default()
        };
        for truth in truths.of.values() {
            for trouble in truth.troubles.iter().filter(|trouble| !trouble.is_aftermath) {
                tally.kinds.entry(trouble.fault).or_default().happened += 1;
            }
        }
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        tally.recovered_ms.extend(promises::closed(truths).map(|closed| ms(closed.took)));
        for (_, trouble, find) in promises::finds(truths) {
            let kind = tally.kinds.entry(trouble.fault).or_default();
            kind.due += 1;
            kind.found += u64::from(find.found);
            kind.healed += u64::from(find.healed);
            kind.took_ms.extend(find.took.map(ms));
            tally.healable += u64::from(find.found && trouble.fault.nature().cured_from.is_some());
        }
        tally
    }

    /// Adds what another server of the same world came to.
    pub fn join(&mut self, other: Self) {
        let (worlds, days) = (self.worlds.max(other.worlds), self.days.max(other.days));
        self.add(other);
        (self.worlds, self.days) = (worlds, days);
    }

    /// Adds what another world came to.
    pub fn add(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.servers += other.servers;
        self.days += other.days;
        self.target_weeks += other.target_weeks;
        self.events += other.events;
        self.false_heals += other.false_heals;
        self.heals += other.heals;
        self.heals_asked += other.heals_asked;
        self.healable += other.healable;
        self.incidents += other.incidents;
        self.alerts += other.alerts;
        self.reminders += other.reminders;
        self.recovered_ms.extend(other.recovered_ms);
        self.crashes += other.crashes;
        self.requests += other.requests;
        for (fault, kind) in other.kinds {
            let ours = self.kinds.entry(fault).or_default();
            ours.happened += kind.happened;
            ours.due += kind.due;
            ours.found += kind.found;
            ours.healed += kind.healed;
            ours.took_ms.extend(kind.took_ms);
        }
    }

    /// Faults that had to be found and were not.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.kinds.values().map(|kind| kind.due - kind.found).sum()
    }

    /// The table, as Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| fault | happened | to be found | found | healed | p50 | p99 |\n|---|--:|--:|--:|--:|--:|--:|\n",
        );
        let line = |text: &mut String, name: &str, kind: &Kind| {
            let (p50, p99) = (time(&kind.took_ms, 50), time(&kind.took_ms, 99));
            let Kind { happened, due, found, healed, .. } = kind;
            // Writing to a string does not fail.
            let _written =
                writeln!(text, "| {name} | {happened} | {due} | {found} | {healed} | {p50} | {p99} |");
        };
        let mut all = Kind::default();
        for (fault, kind) in &self.kinds {
            let name = fault.nature().words;
            if fault.nature().found == Found::Never {
                let _written = writeln!(text, "| {name} | {} | none | | | | |", kind.happened);
            } else {
                line(&mut text, name, kind);
            }
            all.happened += kind.happened;
            all.due += kind.due;
            all.found += kind.found;
            all.healed += kind.healed;
            all.took_ms.extend(&kind.took_ms);
        }
        line(&mut text, "**all**", &all);
        text.push('\n');
        text.push_str(&self.figures());
        text
    }

    fn figures(&self) -> String {
        let per = |of: u64, by: u64| {
            if by == 0 {
                return "-".to_owned();
            }
            let (of, by) = (u32::try_from(of).unwrap_or(u32::MAX), u32::try_from(by).unwrap_or(u32::MAX));
            format!("{:.2}", f64::from(of) / f64::from(by))
        };
        let rows: [(&str, String); 17] = [
            ("worlds", self.worlds.to_string()),
            ("servers of Rebound in them", self.servers.to_string()),
            ("simulated days", format!("{:.0}", self.days)),
            ("target-weeks", format!("{:.0}", self.target_weeks)),
            ("crashes of Rebound", self.crashes.to_string()),
            ("requests of people", self.requests.to_string()),
            ("faults to be found", self.kinds.values().map(|kind| kind.due).sum::<u64>().to_string()),
            ("missed", self.missed().to_string()),
            ("incidents", self.incidents.to_string()),
            ("heals begun by Rebound", self.heals.to_string()),
            ("false heals", self.false_heals.to_string()),
            ("heals asked for by people", self.heals_asked.to_string()),
            ("heals per found fault that a heal can help against", per(self.heals, self.healable)),
            ("alerts per incident, reminders left out", per(self.alerts, self.incidents)),
            ("reminders per incident", per(self.reminders, self.incidents)),
            ("recovery after a heal, p50", time(&self.recovered_ms, 50)),
            ("recovery after a heal, p99", time(&self.recovered_ms, 99)),
        ];
        let mut text = String::from("| figure | value |\n|---|--:|\n");
        for (name, value) in rows {
            let _written = writeln!(text, "| {name} | {value} |");
        }
        text
    }
}

fn time(values: &[u64], percent: usize) -> String {
    percentile(values, percent).map_or_else(|| "-".to_owned(), |ms| spoken(Duration::from_millis(ms)))
}
