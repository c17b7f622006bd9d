//! What a stretch of time came to: how long things were down, from what, how fast trouble was found and ended, what heals
//! were worth, and how much people were told.
//!
//! Counts what is written down; what was never known stays unknown and counts as neither good nor bad.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertReason};
use crate::ids::TargetId;
use crate::incident::{Incident, Proof, Recovery, Severity, Step};
use crate::time::Timestamp;
use crate::uptime::UptimeFigures;

pub mod heals;

pub mod budget;

/// The aim that downtime is measured against, in hundredths of a percent of the known, charged time: 99.99 %, 4.38 min a month.
pub const UPTIME_AIM: u32 = 9_999;
/// A day, the step of [`Report::days`].
const DAY: Duration = Duration::from_secs(86_400);
/// Most days of a report: a year and a day.
pub const DAYS_MAX: usize = 366;

/// What a stretch of time came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Beginning of the stretch.
    pub from: Timestamp,
    /// End of the stretch: now, where it is not over.
    pub to: Timestamp,
    /// All targets together.
    pub whole: Figures,
    /// Each target, in the order handed in.
    pub targets: Vec<TargetFigures>,
    /// What failed, the longest downtime first.
    pub causes: Vec<CauseFigures>,
    /// Each day, from the first; at most [`DAYS_MAX`].
    pub days: Vec<DayFigures>,
    /// What people were told.
    pub told: ToldFigures,
}

/// Incidents and heals of a stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Incidents that began in the stretch.
    pub incidents: u32,
    /// Of these, those that are still open.
    pub open: u32,
    /// Of these, those that ended after a proven heal.
    pub healed: u32,
    /// Of these, those that ended by themselves or by somebody's hand.
    pub by_itself: u32,
    /// Time in incidents within the stretch, in ms. That of several targets adds up.
    pub trouble_ms: u64,
    /// Mean time from the first failure to the opening, in ms; `None` without incidents.
    pub detect_mean_ms: Option<u64>,
    /// Mean time from the first failure to the proven recovery, in ms; `None` where none is over.
    pub recover_mean_ms: Option<u64>,
    /// The longest of these, in ms.
    pub recover_max_ms: Option<u64>,
    /// What became of the heals that began in the stretch.
    pub heals: HealFigures,
    /// Time in each state.
    pub uptime: UptimeFigures,
    /// Share of the known, charged time that was up, in hundredths of a percent; `None` where nothing was known.
    pub up_share: Option<u32>,
    /// Share of the downtime that [`UPTIME_AIM`] allows which is used, in percent; `None` where nothing was known.
    pub budget_used_percent: Option<u64>,
}

/// What became of heals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealFigures {
    /// Begun. Refused ones changed nothing and do not count.
    pub begun: u32,
    /// Proven by observations.
    pub helped: u32,
    /// Seen not to have helped, or to have lost positions.
    pub failed: u32,
    /// Nothing can be said of them, or not yet.
    pub unclear: u32,
    /// Asked for by people.
    pub by_people: u32,
}

/// One target's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFigures {
    /// Which.
    pub target: TargetId,
    /// Its figures.
    pub figures: Figures,
}

/// One cause's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseFigures {
    /// Stable name of the fault.
    pub code: String,
    /// In words, as last seen.
    pub words: String,
    /// Incidents with it as their main cause.
    pub incidents: u32,
    /// Time in them within the stretch, in ms.
    pub trouble_ms: u64,
}

/// One day's part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// Its beginning.
    pub from: Timestamp,
    /// Incidents that began.
    pub incidents: u32,
    /// Time in incidents, in ms.
    pub trouble_ms: u64,
    /// Heals that began.
    pub heals: HealFigures,
    /// Time of all targets in each state. None at all: nobody watched.
    pub uptime: UptimeFigures,
}

/// How targets were within a stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Each target, in the order in which targets are reported.
    pub targets: Vec<(TargetId, UptimeFigures)>,
    /// All of them together, by the beginning of the day in UTC.
    pub days: BTreeMap<Timestamp, UptimeFigures>,
}

/// What people were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFigures {
    /// Alerts of every kind.
    pub alerts: u32,
    /// Of these, critical ones.
    pub critical: u32,
    /// Of these, reminders.
    pub reminders: u32,
    /// Incidents of the stretch that somebody was told of.
    pub incidents_told: u32,
    /// Of these, those that ended by themselves before anything was done: nobody had to hear of them.
    pub needless: u32,
}

/// Adds up one stretch. Incidents and alerts outside of it are left out.
#[must_use]
pub fn report(
    (from, to): (Timestamp, Timestamp),
    incidents: &[Incident],
    alerts: &[Alert],
    known: &Known,
) -> Report {
    let stretch = Stretch { from, to };
    let touched: Vec<&Incident> = incidents.iter().filter(|incident| stretch.touches(incident)).collect();
    let mut whole = stretch.figures(touched.iter().copied());
    for (_, figures) in &known.targets {
        whole.uptime = whole.uptime.plus(*figures);
    }
    charge(&mut whole);
    let targets = known.targets.iter().map(|(target, uptime)| {
        let mut figures =
            stretch.figures(touched.iter().copied().filter(|incident| incident.target == *target));
        figures.uptime = *uptime;
        charge(&mut figures);
        TargetFigures { target: target.clone(), figures }
    });
    Report {
        from,
        to,
        targets: targets.collect(),
        causes: stretch.causes(&touched),
        days: stretch.days(&touched, &known.days),
        told: stretch.told(&touched, alerts),
        whole,
    }
}

#[derive(Clone, Copy)]
struct Stretch {
    from: Timestamp,
    to: Timestamp,
}

impl Stretch {
    fn holds(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    fn touches(self, incident: &Incident) -> bool {
        incident.first_failure < self.to && end_of(incident, self.to) >= self.from
    }

    /// Time in an incident within the stretch.
    fn trouble_ms(self, incident: &Incident) -> u64 {
        if incident.downtime(self.to).is_zero() {
            return 0;
        }
        let (begins, ends) = (incident.first_failure.max(self.from), end_of(incident, self.to).min(self.to));
        millis(ends.since(begins))
    }

    fn figures<'a>(self, incidents: impl Iterator<Item = &'a Incident>) -> Figures {
        let mut figures = Figures::default();
        let (mut detect, mut recover) = (Mean::default(), Mean::default());
        for incident in incidents {
            figures.trouble_ms = figures.trouble_ms.saturating_add(self.trouble_ms(incident));
            self.heals(&mut figures.heals, &incident.steps);
            if !self.holds(incident.first_failure) {
                continue;
            }
            figures.incidents += 1;
            detect.add(millis(incident.time_to_detect()));
            match incident.closed.as_ref().map(|closing| &closing.how) {
                None => figures.open += 1,
                Some(how) => {
                    match how {
                        Recovery::AfterHeal(_) => figures.healed += 1,
                        Recovery::ByItself => figures.by_itself += 1,
                        Recovery::Unproven
                        | Recovery::SeenByPerson
                        | Recovery::OtherLimits
                        | Recovery::NotWatched => {}
                    }
                    // What nobody watches any more did not recover, and neither did what is only judged more mildly.
                    if !matches!(how, Recovery::NotWatched | Recovery::OtherLimits) {
                        recover.add(millis(incident.downtime(self.to)));
                    }
                }
            }
        }
        figures.detect_mean_ms = detect.value();
        figures.recover_mean_ms = recover.value();
        figures.recover_max_ms = recover.most;
        figures
    }

    fn heals(self, heals: &mut HealFigures, steps: &[Step]) {
        let begun = steps.iter().filter(|step| self.holds(step.started_at) && !step.was_refused());
        for step in begun {
            heals.begun += 1;
            heals.by_people += u32::from(step.asked_by.is_some());
            match step.proof {
                Proof::Recovered(_) => heals.helped += 1,
                Proof::DidNotHelp(_) | Proof::LostPositions(_) => heals.failed += 1,
                Proof::Pending | Proof::NotTold(_) => heals.unclear += 1,
            }
        }
    }

    fn causes(self, incidents: &[&Incident]) -> Vec<CauseFigures> {
        let mut causes: BTreeMap<String, CauseFigures> = BTreeMap::new();
        for incident in incidents {
            let Some(cause) = incident.main_cause() else { continue };
            let code = cause.reason.code().to_owned();
            let words = cause.reason.to_string();
            let entry = causes.entry(code.clone()).or_insert_with(|| CauseFigures {
                code,
                words,
                incidents: 0,
                trouble_ms: 0,
            });
            entry.incidents += u32::from(self.holds(incident.first_failure));
            entry.trouble_ms = entry.trouble_ms.saturating_add(self.trouble_ms(incident));
        }
        let mut causes: Vec<CauseFigures> = causes.into_values().collect();
        causes.sort_by_key(|cause| core::cmp::Reverse((cause.trouble_ms, cause.incidents)));
        causes
    }

    fn days(self, incidents: &[&Incident], known: &BTreeMap<Timestamp, UptimeFigures>) -> Vec<DayFigures> {
        let mut days = Vec::new();
        let mut begins = self.from;
        while begins < self.to && days.len() < DAYS_MAX {
            let day = Self { from: begins, to: begins.after(DAY).min(self.to) };
            let uptime = known.get(&begins).copied().unwrap_or_default();
            let mut figures = DayFigures { from: begins, uptime, ..DayFigures::default() };
            for incident in incidents.iter().filter(|incident| day.touches(incident)) {
                figures.incidents += u32::from(day.holds(incident.first_failure));
                figures.trouble_ms = figures.trouble_ms.saturating_add(day.trouble_ms(incident));
                day.heals(&mut figures.heals, &incident.steps);
            }
            days.push(figures);
            begins = begins.after(DAY);
        }
        days
    }

    fn told(self, incidents: &[&Incident], alerts: &[Alert]) -> ToldFigures {
        let mut told = ToldFigures::default();
        for alert in alerts.iter().filter(|alert| self.holds(alert.at)) {
            told.alerts += 1;
            told.critical += u32::from(alert.severity == Severity::Critical);
            told.reminders += u32::from(alert.reason == AlertReason::Reminder);
        }
        let begun = incidents.iter().filter(|incident| self.holds(incident.first_failure));
        for incident in begun.filter(|incident| incident.alerted_at.is_some()) {
            told.incidents_told += 1;
            let by_itself = incident.closed.as_ref().is_some_and(|closing| closing.how == Recovery::ByItself);
            told.needless += u32::from(by_itself && incident.steps.is_empty());
        }
        told
    }
}

/// When trouble ended; `now` while it has not.
fn end_of(incident: &Incident, now: Timestamp) -> Timestamp {
    incident.closed.as_ref().map_or(now, |closing| closing.recovered_at)
}

/// Sets what follows from the time in each state.
fn charge(figures: &mut Figures) {
    figures.up_share = figures.uptime.up_share();
    figures.budget_used_percent = budget_used(&figures.uptime);
}

/// Share of the downtime allowed in the charged time that is used, in percent; `None` where nothing was known.
fn budget_used(uptime: &UptimeFigures) -> Option<u64> {
    // All of the charged time, times what the aim leaves, is what may be lost.
    let allowed = uptime.charged_ms().saturating_mul(u64::from(10_000 - UPTIME_AIM));
    uptime.down_ms.saturating_mul(10_000 * 100).checked_div(allowed)
}

/// A mean and the most of what it is of.
#[derive(Default)]
struct Mean {
    sum: u64,
    count: u64,
    most: Option<u64>,
}

impl Mean {
    fn add(&mut self, value: u64) {
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
        self.most = self.most.max(Some(value));
    }

    fn value(&self) -> Option<u64> {
        self.sum.checked_div(self.count)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
