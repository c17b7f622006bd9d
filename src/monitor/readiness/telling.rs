//! Who is told that something would fail in the next emergency, and that it would not any longer.
//!
//! One message for everything that is new in one look, one for everything that is mended; what stays is repeated once a day
//! at most, until somebody acknowledges it. What the settings say (a dry run, a pause) is shown and never told.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::Command;
use super::super::desk::Matter;
use super::super::run::Monitor;
use super::{Found, PINGS_LOST_MAX};
use crate::alert::{AlertPolicy, AlertReason, Message};
use crate::drill::{Drill, DrillPart, DrillState, Proof};
use crate::incident::Severity;
use crate::readiness::{Finding, Judgement, Part, Seen, judge};
use crate::time::Timestamp;
use crate::view::ReadinessState;

/// How often what is not ready is told again.
const NOT_READY_AGAIN: Duration = Duration::from_secs(24 * 3_600);
/// How often what is at risk is told again.
const AT_RISK_AGAIN: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Most things that one message tells one by one.
const TOLD_ONE_BY_ONE: usize = 10;

/// What people were told of, kept over restarts so that nothing is told twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::monitor) struct Unready {
    told: Vec<Told>,
    /// Channels that told of it.
    channels: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    part: Part,
    state: ReadinessState,
    at: Timestamp,
    /// It did its part again since; kept for a day, so that what comes and goes is not told each time.
    #[serde(default)]
    mended: bool,
}

/// Something that would not do its part, as it is told.
struct Wrong {
    part: Part,
    name: String,
    judged: Judgement,
}

impl Unready {
    /// Nothing was told after `now`: the clock was set back.
    pub(in crate::monitor) fn set_back(&mut self, now: Timestamp) {
        self.told.iter_mut().for_each(|told| told.at = told.at.min(now));
    }

    /// Remembers what another server told of targets that come over.
    pub(in crate::monitor) fn take_over(
        &mut self,
        other: &Self,
        meant: impl Fn(&crate::ids::TargetId) -> bool,
    ) {
        for told in &other.told {
            let comes = told.part.remedy().is_some_and(|of| meant(&of.target));
            if comes && self.of(&told.part).is_none() {
                self.told.push(told.clone());
            }
        }
    }

    fn of(&self, part: &Part) -> Option<&Told> {
        self.told.iter().find(|told| told.part == *part)
    }
}

impl Monitor {
    /// Tells what is new among what would not do its part, and what is mended.
    pub(super) fn tell_readiness(&mut self, out: &mut Vec<Command>) {
        let gone: Vec<Part> =
            self.readiness.found.keys().filter(|part| !self.exists(part)).cloned().collect();
        for part in gone {
            self.readiness.found.remove(&part);
        }
        let wrong = self.wrong();
        self.tell_mended(&wrong, out);
        let news: Vec<usize> = (0..wrong.len()).filter(|index| self.is_news(&wrong, *index)).collect();
        if news.is_empty() {
            return;
        }
        let (first, rest): (Vec<_>, Vec<_>) =
            wrong.iter().enumerate().partition(|(index, _)| news.contains(index));
        let ordered: Vec<&Wrong> = first.into_iter().chain(rest).map(|(_, wrong)| wrong).collect();
        let message = not_ready(&self.config.alerts, &ordered);
        let mut desk = self.desk(out);
        // The new message says all of it: the one before has no more to say.
        desk.resolve(|alert| alert.reason == AlertReason::NotReady);
        let channels = desk.raise(Matter::of_rebound(AlertReason::NotReady, Severity::Warning, message));
        let now = self.now;
        let unready = &mut self.shared.unready;
        for channel in channels.unwrap_or_default() {
            if !unready.channels.contains(&channel) {
                unready.channels.push(channel);
            }
        }
        unready.told = ordered
            .into_iter()
            .map(|wrong| Told { part: wrong.part.clone(), state: wrong.judged.state, at: now, mended: false })
            .chain(unready.told.drain(..).filter(|told| !wrong.iter().any(|wrong| wrong.part == told.part)))
            .collect();
    }

    /// What would not do its part, as far as it is believed and no open incident tells of it.
    fn wrong(&self) -> Vec<Wrong> {
        let found = self.readiness.found.values().filter(|found| found.is_believed());
        let mut wrong: Vec<Wrong> = found
            .filter(|found| !self.is_told_elsewhere(found))
            .map(|found| (&found.finding.part, judge(&found.finding, self.now)))
            .chain(self.ping_lost().map(|judged| (&Part::Ping, judged)))
            .filter(|(_, judged)| judged.state >= ReadinessState::AtRisk)
            .map(|(part, judged)| Wrong { part: part.clone(), name: part.name(self.name_of(part)), judged })
            .collect();
        wrong.sort_by_key(|wrong| core::cmp::Reverse(wrong.judged.state));
        wrong
    }

    /// Silence of a host whose target has an open incident is that incident's; what a fire drill found and told is that drill's.
    fn is_told_elsewhere(&self, found: &Found) -> bool {
        if self.was_told_by_drill(&found.finding.part) {
            return true;
        }
        let Finding { part: Part::HttpCall(of), seen: Seen::Silent(_), .. } = &found.finding else {
            return false;
        };
        self.watched.get(&of.target).is_some_and(|watched| watched.state.incident.is_some())
    }

    /// Whether a drill of the last day told that this would fail.
    fn was_told_by_drill(&self, part: &Part) -> bool {
        let failed = |drill: &&Drill| {
            drill.state == DrillState::Failed
                && drill.ended.is_some_and(|at| self.now.since(at) < NOT_READY_AGAIN)
                && drill.with(Proof::Failed).any(|step| step.part == DrillPart::Look(part.clone()))
        };
        part.remedy().and_then(|of| self.drill(&of.target)).as_ref().is_some_and(failed)
    }

    /// The signs of life, where so many were lost that people are told.
    fn ping_lost(&self) -> Option<Judgement> {
        let ping = &self.readiness.ping;
        // Without a network nothing is taken, and nobody can be told either.
        let offline = self.shared.own.seen.is_some_and(|(_, works)| !works);
        let (at, trouble) = ping.trouble.as_ref().filter(|_| ping.lost >= PINGS_LOST_MAX && !offline)?;
        Some(judge(&Finding { part: Part::Ping, at: *at, seen: Seen::Refused(trouble.clone()) }, self.now))
    }

    fn is_news(&self, wrong: &[Wrong], index: usize) -> bool {
        let Some(wrong) = wrong.get(index) else { return false };
        let Some(told) = self.shared.unready.of(&wrong.part) else { return true };
        if told.mended {
            return wrong.judged.state > told.state;
        }
        let again =
            if wrong.judged.state == ReadinessState::NotReady { NOT_READY_AGAIN } else { AT_RISK_AGAIN };
        wrong.judged.state > told.state || (self.now.since(told.at) >= again && !self.is_acknowledged())
    }

    /// Whether somebody said that he has seen the newest message.
    fn is_acknowledged(&self) -> bool {
        let mut told = self.shared.alerts.iter().filter(|alert| alert.reason == AlertReason::NotReady);
        told.next().is_some_and(|newest| newest.acknowledged.is_some())
    }

    fn tell_mended(&mut self, wrong: &[Wrong], out: &mut Vec<Command>) {
        let (mut mended, mut over) = (Vec::new(), Vec::new());
        for told in &self.shared.unready.told {
            let is_old = told.mended && self.now.since(told.at) >= NOT_READY_AGAIN;
            if is_old || !self.exists(&told.part) {
                over.push(told.part.clone());
            } else if !told.mended
                && self.is_mended(&told.part)
                && !wrong.iter().any(|wrong| wrong.part == told.part)
            {
                mended.push(told.part.clone());
            }
        }
        if mended.is_empty() && over.is_empty() {
            return;
        }
        let unready = &mut self.shared.unready;
        unready.told.retain(|told| !over.contains(&told.part));
        for told in unready.told.iter_mut().filter(|told| mended.contains(&told.part)) {
            told.mended = true;
        }
        let announced = unready.channels.clone();
        if unready.told.iter().all(|told| told.mended) {
            self.shared.unready.channels.clear();
            self.desk(out).resolve(|alert| alert.reason == AlertReason::NotReady);
        }
        if mended.is_empty() {
            return;
        }
        let names: Vec<String> = mended.iter().map(|part| part.name(self.name_of(part))).collect();
        let still: Vec<&str> = wrong.iter().map(|wrong| wrong.name.as_str()).collect();
        let message = ready_again(&self.config.alerts, &names, &still);
        let _channels = self.desk(out).raise(Matter {
            reason: AlertReason::ReadyAgain,
            severity: Severity::Info,
            target: None,
            incident: None,
            same_as: None,
            announced: &announced,
            message,
        });
    }

    /// Whether it was seen to do its part. What is not known is not mended.
    fn is_mended(&self, part: &Part) -> bool {
        if *part == Part::Ping {
            return self.readiness.ping.lost == 0 && self.readiness.ping.taken.is_some();
        }
        let found = self.readiness.found.get(part);
        found.is_some_and(|found| judge(&found.finding, self.now).state <= ReadinessState::NotSetUp)
    }

    /// The name of the target that a part is about.
    pub(in crate::monitor) fn name_of(&self, part: &Part) -> &str {
        let watched = part.remedy().and_then(|of| self.watched.get(&of.target));
        watched.map_or("", |watched| watched.spec.name.as_str())
    }
}

fn not_ready(policy: &AlertPolicy, wrong: &[&Wrong]) -> Message {
    let title = match wrong {
        [one] => format!("{} is {}", one.name, one.judged.state.word()),
        many => format!("{} things are not ready for an emergency", many.len()),
    };
    let mut facts: Vec<(String, String)> = wrong
        .iter()
        .take(TOLD_ONE_BY_ONE)
        .map(|wrong| (wrong.name.clone(), without_stop(&wrong.judged.detail)))
        .collect();
    if let [one] = wrong {
        facts.push((String::from("In an emergency"), without_stop(&one.judged.emergency)));
    }
    let more = wrong.len().saturating_sub(TOLD_ONE_BY_ONE);
    if more > 0 {
        facts.push((String::from("And"), format!("{more} more")));
    }
    let mut advice: Vec<&str> = Vec::new();
    for mend in wrong.iter().filter_map(|wrong| wrong.judged.mend.as_deref()) {
        if advice.len() < TOLD_ONE_BY_ONE && !advice.contains(&mend) {
            advice.push(mend);
        }
    }
    let advice = Some(advice.join(" ")).filter(|advice| !advice.is_empty());
    Message { title, about: policy.site.clone(), facts, advice, link: link(policy) }
}

fn ready_again(policy: &AlertPolicy, mended: &[String], still: &[&str]) -> Message {
    let title = match mended {
        [one] => format!("{one} is ready again"),
        many => format!("{} things are ready again", many.len()),
    };
    let shown = |names: &[&str]| {
        let mut text = names.iter().take(TOLD_ONE_BY_ONE).copied().collect::<Vec<_>>().join("; ");
        let more = names.len().saturating_sub(TOLD_ONE_BY_ONE);
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        text
    };
    let mut facts = Vec::new();
    if mended.len() > 1 {
        let names: Vec<&str> = mended.iter().map(String::as_str).collect();
        facts.push((String::from("Ready"), shown(&names)));
    }
    if !still.is_empty() {
        facts.push((String::from("Still not ready"), shown(still)));
    }
    Message { title, about: policy.site.clone(), facts, advice: None, link: link(policy) }
}

/// The page that shows all of it.
fn link(policy: &AlertPolicy) -> Option<String> {
    policy.link_base.as_ref().map(|base| format!("{base}/readiness"))
}

/// Facts of a message end without a stop.
fn without_stop(text: &str) -> String {
    text.strip_suffix('.').unwrap_or(text).to_owned()
}
