//! What the next emergency needs: when it is looked at, whether Rebound gives a sign of life, and what is held of both.
//!
//! Decides nothing about targets. What a finding means is judged in [`crate::readiness`]; who is told of it in [`telling`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::desk::GRACE;
use super::roll::Watched;
use super::run::Monitor;
use super::{AskedState, Command};
use crate::heal::Remedy;
use crate::readiness::{Finding, LookRequest, Looked, Part, PingRequest, Pinged, RemedyOf, Seen, Trouble};
use crate::time::{Timestamp, spoken};

pub(super) mod telling;

mod able;

/// From one look to the next while everything is ready.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// The same while something is not: a token that was replaced is seen soon, and GitHub is asked 24 times a day.
const LOOK_AGAIN: Duration = Duration::from_secs(3_600);
/// What does not answer is looked at once more after this time before anybody is told: it may pass.
const CONFIRM_AFTER: Duration = Duration::from_secs(5 * 60);
/// Least time between two looks, whoever asks for them: others' servers are asked each time.
const LOOK_GAP_MIN: Duration = Duration::from_secs(60);
/// Longest time for a look.
const LOOK_MAX: Duration = Duration::from_secs(30);
/// Looks in a row without an answer that are believed.
const SILENT_LOOKS_BELIEVED: u32 = 2;
/// Longest time for a sign of life to be taken.
const PING_MAX: Duration = Duration::from_secs(10);
/// Signs of life in a row that are not taken until people are told.
pub(crate) const PINGS_LOST_MAX: u32 = 5;
/// Most requests for a look that wait for the one that runs.
const REQUESTS_WAITING_MAX: usize = 20;

/// What is held of the next emergency. Not kept over a restart: everything is looked at again then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Readiness {
    pub(super) found: BTreeMap<Part, Found>,
    pub(super) ping: Ping,
    /// When something of a target was last seen, as far as that was looked at.
    sighted_at: Timestamp,
    next_look: Timestamp,
    /// The look that runs: when it was asked for, and until when it may take.
    looking: Option<(Timestamp, Timestamp)>,
    /// When the last look began.
    looked_at: Option<Timestamp>,
    /// Requests that wait for the look that runs.
    waiting: Vec<u64>,
}

/// What was found of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) finding: Finding,
    /// Looks in a row that got no answer.
    silent_looks: u32,
}

/// The signs of life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ping {
    next_at: Timestamp,
    /// The one that waits for an answer: when it was given, and until when it may take.
    asked: Option<(Timestamp, Timestamp)>,
    /// When the last one was taken, and what was said.
    pub(super) taken: Option<(Timestamp, String)>,
    /// Those in a row that were not taken.
    pub(super) lost: u32,
    /// When the last one was not taken, and why.
    pub(super) trouble: Option<(Timestamp, Trouble)>,
    /// Why none is given.
    pub(super) held: Option<String>,
}

impl Found {
    /// Whether it is more than a silence that may pass.
    fn is_believed(&self) -> bool {
        !matches!(self.finding.seen, Seen::Silent(_)) || self.silent_looks >= SILENT_LOOKS_BELIEVED
    }
}

impl Readiness {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            next_look: now,
            sighted_at: now,
            ping: Ping { next_at: now, ..Ping::default() },
            ..Self::default()
        }
    }

    /// When it must be minded next.
    fn next(&self, looks: bool, pings: bool) -> Option<Timestamp> {
        let look = self.looking.map_or(self.next_look, |(_, until)| until);
        let ping = self.ping.asked.map_or(self.ping.next_at, |(_, until)| until.min(self.ping.next_at));
        [looks.then_some(look), pings.then_some(ping)].into_iter().flatten().min()
    }

    fn take(&mut self, finding: Finding) {
        let before = self.found.get(&finding.part).map_or(0, |found| found.silent_looks);
        let silent_looks = if matches!(finding.seen, Seen::Silent(_)) { before.saturating_add(1) } else { 0 };
        self.found.insert(finding.part.clone(), Found { finding, silent_looks });
    }
}

impl Monitor {
    /// When the monitor must be woken for it.
    pub(super) fn readiness_due(&self) -> Option<Timestamp> {
        let spec = &self.config.readiness;
        self.readiness.next(spec.watched, spec.ping_every.is_some())
    }

    /// Looks and gives signs of life when it is time.
    pub(super) fn mind_readiness(&mut self, out: &mut Vec<Command>) {
        if self.config.readiness.watched {
            self.look_if_due(out);
        }
        if let Some(every) = self.config.readiness.ping_every {
            self.ping_if_due(every, out);
        }
    }

    /// Takes in what a look found.
    pub(super) fn looked(&mut self, looked: Looked, out: &mut Vec<Command>) {
        if let Some(id) = looked.drill.clone() {
            self.looked_for_drill(&id, &looked);
            self.readiness_found(looked.findings);
            let again = self.now.after(self.wait_until_next_look());
            self.readiness.next_look = self.readiness.next_look.min(again);
            return;
        }
        let waits = self.readiness.looking.is_some_and(|(asked_at, _)| asked_at == looked.asked_at);
        if !waits {
            return;
        }
        self.readiness_found(looked.findings);
        self.look_ended(out);
    }

    fn readiness_found(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            if self.exists(&finding.part) {
                self.readiness.take(finding);
            }
        }
    }

    /// Takes in what became of a sign of life.
    pub(super) fn pinged(&mut self, pinged: Pinged, out: &mut Vec<Command>) {
        let ping = &mut self.readiness.ping;
        if ping.asked.is_none_or(|(asked_at, _)| asked_at != pinged.asked_at) {
            return;
        }
        ping.asked = None;
        match pinged.result {
            Ok(said) => {
                ping.taken = Some((self.now, said));
                (ping.lost, ping.trouble) = (0, None);
            }
            Err(trouble) => {
                ping.lost = ping.lost.saturating_add(1);
                ping.trouble = Some((self.now, trouble));
            }
        }
        self.tell_readiness(out);
    }

    /// Somebody asks for a look.
    pub(super) fn check_readiness(&mut self, request: u64) -> AskedState {
        if !self.config.readiness.watched {
            return AskedState::Refused(String::from("What an emergency needs is not looked at here."));
        }
        let readiness = &mut self.readiness;
        let runs = readiness.looking.is_some();
        let free_at = readiness.looked_at.map_or(self.now, |at| at.after(LOOK_GAP_MIN));
        if !runs && free_at > self.now {
            return AskedState::Refused(format!(
                "It was looked at {} ago; it may be looked at again from {}, once in {} at most.",
                spoken(self.now.since(free_at.before(LOOK_GAP_MIN))),
                free_at.clock(),
                spoken(LOOK_GAP_MIN)
            ));
        }
        if readiness.waiting.len() >= REQUESTS_WAITING_MAX {
            return AskedState::Refused(format!(
                "{REQUESTS_WAITING_MAX} requests already wait for the look."
            ));
        }
        readiness.waiting.push(request);
        if !runs {
            readiness.next_look = self.now;
        }
        AskedState::Running(String::from("What the next emergency needs is being looked at."))
    }

    /// Other targets are watched than before: their remedies are looked at soon.
    pub(super) fn look_soon(&mut self) {
        let free_at = self.readiness.looked_at.map_or(self.now, |at| at.after(LOOK_GAP_MIN));
        let readiness = &mut self.readiness;
        readiness.next_look = readiness.next_look.min(free_at.max(self.now));
    }

    fn look_if_due(&mut self, out: &mut Vec<Command>) {
        if let Some((_, until)) = self.readiness.looking {
            if until > self.now {
                return;
            }
            // Whoever looks broke the promise to be back; what was found before stays, and looks old.
            self.look_ended(out);
        }
        if self.readiness.next_look > self.now {
            return;
        }
        let deadline = self.now.after(LOOK_MAX);
        self.readiness.looking = Some((self.now, deadline.after(GRACE)));
        self.readiness.looked_at = Some(self.now);
        self.readiness.next_look = self.now.after(LOOK_EVERY);
        let of = |watched: &Watched, remedy: &Remedy| RemedyOf {
            target: watched.spec.id.clone(),
            remedy: remedy.name.clone(),
        };
        let remedies = self.watched.values().flat_map(|watched| {
            let ladder = watched.spec.heal.ladder.iter().filter(|remedy| !remedy.through_bridge);
            ladder.map(move |remedy| of(watched, remedy))
        });
        let remedies: Vec<RemedyOf> = remedies.collect();
        out.push(Command::Look(LookRequest { remedies, drill: None, asked_at: self.now, deadline }));
    }

    fn look_ended(&mut self, out: &mut Vec<Command>) {
        self.readiness.looking = None;
        self.tell_readiness(out);
        let wait = self.wait_until_next_look();
        self.readiness.next_look = self.now.after(wait);
        let said = self.readiness_in_words();
        for request in core::mem::take(&mut self.readiness.waiting) {
            self.desk(out).answer(request, None, AskedState::Done(said.clone()));
        }
    }

    fn wait_until_next_look(&self) -> Duration {
        let found = || self.readiness.found.values();
        if found().any(|found| !found.is_believed()) {
            return CONFIRM_AFTER;
        }
        let needs = |found: &Found| crate::readiness::judge(&found.finding, self.now).state.needs_a_look();
        if found().any(needs) { LOOK_AGAIN } else { LOOK_EVERY }
    }

    fn readiness_in_words(&self) -> String {
        let states = self.readiness.found.values();
        let needs = |found: &&Found| crate::readiness::judge(&found.finding, self.now).state.needs_a_look();
        let (count, all) = (states.clone().filter(needs).count(), states.len());
        match count {
            0 => format!("{all} things were looked at; each would do its part."),
            1 => format!("{all} things were looked at; 1 of them needs somebody."),
            _ => format!("{all} things were looked at; {count} of them need somebody."),
        }
    }

    fn ping_if_due(&mut self, every: Duration, out: &mut Vec<Command>) {
        if let Some((at, until)) = self.readiness.ping.asked
            && until <= self.now
        {
            // Whoever sends it broke the promise to be back.
            let trouble = Trouble::new("no answer came", "see whether this machine can reach it");
            self.pinged(Pinged { asked_at: at, result: Err(trouble) }, out);
        }
        if self.readiness.ping.next_at > self.now || self.readiness.ping.asked.is_some() {
            return;
        }
        self.readiness.ping.next_at = self.now.after(every);
        if self.sees_something() {
            self.readiness.sighted_at = self.now;
        }
        self.readiness.ping.held = self.why_not_able();
        if self.readiness.ping.held.is_none() {
            let deadline = self.now.after(PING_MAX.min(every));
            self.readiness.ping.asked = Some((self.now, deadline.after(GRACE)));
            out.push(Command::Ping(PingRequest { asked_at: self.now, deadline }));
        }
    }

    /// Whether a part still belongs to what is configured and watched here.
    pub(super) fn exists(&self, part: &Part) -> bool {
        match part {
            Part::GithubToken(of) | Part::GithubWorkflow(of) | Part::HttpCall(of) => {
                let ladder = self.watched.get(&of.target).map(|watched| &watched.spec.heal.ladder);
                ladder.is_some_and(|ladder| ladder.iter().any(|remedy| remedy.name == of.remedy))
            }
            Part::Channel(name) | Part::Recipients(name) => {
                self.config.alerts.channels.iter().any(|channel| channel.name == *name)
            }
            Part::Ping => self.config.readiness.ping_every.is_some(),
            Part::Disk | Part::Kept => true,
        }
    }
}

#[cfg(test)]
#[path = "readiness_tests.rs"]
mod tests;
