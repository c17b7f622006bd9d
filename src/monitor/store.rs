//! The store that refuses writes: since when, who is told of it, and what goes on when it works again.
//!
//! An outage is told at once. One that follows within the cooldown is told when it lasts, each the longer the more were told
//! before: nobody is told of every moment of a store that comes and goes, and none that lasts is kept from people.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Command;
use super::desk::{Matter, Shared};
use super::run::Monitor;
use super::watch::TargetState;
use super::words;
use crate::alert::{Alert, AlertReason};
use crate::heal::Refusal;
use crate::incident::{Phase, Severity};
use crate::time::Timestamp;
use crate::view::Banner;

/// How long an outage must last to be told, where one was told within the cooldown. Doubles with each that was.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

impl Monitor {
    /// The store began to refuse writes, or accepts them again.
    pub(super) fn store_changed(&mut self, state: Result<(), String>, out: &mut Vec<Command>) {
        match state {
            Err(why) => {
                self.shared.store_failed_at.get_or_insert(self.now);
                self.shared.store_trouble = Some(why);
                self.mind_the_store(out);
            }
            Ok(()) => {
                if let Some(was) = self.shared.store_trouble.take() {
                    self.shared.store_failed_at = None;
                    self.tell_store_back(&was, out);
                    self.let_held_heals_go_on();
                }
            }
        }
    }

    /// Tells people of the outage, if it is time.
    pub(super) fn mind_the_store(&mut self, out: &mut Vec<Command>) {
        if self.store_due().is_none_or(|due| due > self.now) {
            return;
        }
        let why = self.shared.store_trouble.clone().unwrap_or_default();
        let mut desk = self.desk(out);
        let message = words::store_down(desk.policy, &why);
        let _channels = desk.raise(Matter::of_rebound(AlertReason::StoreDown, Severity::Critical, message));
    }

    /// When people must be told of the outage, if there is one that they do not know.
    pub(super) fn store_due(&self) -> Option<Timestamp> {
        let shared = &self.shared;
        shared.store_trouble.as_ref()?;
        if shared.store_outage_told().next().is_some() {
            return None;
        }
        let failed_at = shared.store_failed_at.unwrap_or(self.now);
        let cooldown = self.config.alerts.cooldown;
        let recent = |alert: &&Alert| {
            let before = alert.at <= failed_at && failed_at.since(alert.at) < cooldown;
            alert.reason == AlertReason::StoreDown && before
        };
        let told = u32::try_from(shared.alerts.iter().filter(recent).count()).unwrap_or(u32::MAX);
        let wait = match told.checked_sub(1) {
            None => Duration::ZERO,
            Some(more) => (AGAIN_AFTER * 2_u32.saturating_pow(more)).min(cooldown),
        };
        Some(failed_at.after(wait))
    }

    /// Whether an alert is good news of the store that does not hold any more.
    pub(super) fn is_old_news_of_the_store(&self, alert: &Alert) -> bool {
        alert.reason == AlertReason::StoreBack && self.shared.store_trouble.is_some()
    }

    /// What the page says of an outage of which nobody was told yet.
    pub(super) fn untold_outage(&self) -> Option<Banner> {
        let why = self.shared.store_trouble.as_ref()?;
        if self.shared.store_outage_told().next().is_some() {
            return None;
        }
        let since = self.shared.store_failed_at.unwrap_or(self.now);
        let message = words::store_down(&self.config.alerts, why);
        Some(Banner::of(&message, Severity::Critical, since))
    }

    /// What the page says of a run that remembers nothing from before it, and of which nothing will be remembered.
    pub(super) fn without_past(&self) -> Option<Banner> {
        self.forgets.then(|| Banner {
            severity: Severity::Warning,
            title: format!("{}: this server knows nothing from before it started", self.config.alerts.site),
            text: String::from(
                "It has not reached the store since. Incidents, heals, budgets, pauses, planned work and settings that were changed on \
                 the page are not known here, and nothing is healed. When the store is back, it takes them up and forgets what it shows \
                 now; what still fails then is told anew under another number.",
            ),
            alert: None,
            since: self.shared.watching_since,
        })
    }

    /// An outage that an earlier run told and that is over: why it was, and who was told. `None`: there is none, or this run tells its
    /// end itself.
    #[must_use]
    pub fn outage_told(&self) -> Option<(String, Vec<String>)> {
        let mut told = self.shared.store_outage_told().peekable();
        told.peek()?;
        let channels = told.flat_map(|alert| alert.deliveries.keys().cloned()).collect();
        Some((self.shared.store_trouble.clone().unwrap_or_default(), channels))
    }

    /// Tells those who heard of the outage of an earlier run that it is over.
    #[must_use = "a command that is not carried out is lost"]
    pub fn outage_is_over(&mut self, was: &str, announced: &[String]) -> Vec<Command> {
        let mut out = Vec::new();
        if self.shared.store_trouble.is_none() {
            self.say_store_back(was, announced, &mut out);
            self.reschedule_deliveries();
        }
        out
    }

    fn tell_store_back(&mut self, was: &str, out: &mut Vec<Command>) {
        let mut announced: Vec<String> = Vec::new();
        let mut is_told = false;
        for alert in self.shared.store_outage_told() {
            is_told = true;
            announced.extend(alert.deliveries.keys().cloned());
        }
        if !is_told {
            return;
        }
        self.desk(out).resolve(|alert| alert.reason == AlertReason::StoreDown);
        self.say_store_back(was, &announced, out);
    }

    fn say_store_back(&mut self, was: &str, announced: &[String], out: &mut Vec<Command>) {
        let mut desk = self.desk(out);
        let message = words::store_back(desk.policy, was);
        let matter = Matter::of_rebound(AlertReason::StoreBack, Severity::Info, message);
        let _channels = desk.raise(Matter { announced, ..matter });
    }

    /// What waited for the store need not wait for its next look.
    fn let_held_heals_go_on(&mut self) {
        for place in self.watched.places() {
            if let Some(watched) = self.watched.at_mut(place)
                && watched.state.waits_for_the_store()
            {
                watched.state.phase = Phase::Waiting { until: self.now, because: Refusal::StoreDown };
                self.reschedule(place);
            }
        }
    }
}

impl Shared {
    /// What people were told of an outage that is not over.
    fn store_outage_told(&self) -> impl Iterator<Item = &Alert> {
        self.alerts
            .iter()
            .filter(|alert| alert.reason == AlertReason::StoreDown && alert.resolved_at.is_none())
    }
}

impl TargetState {
    fn waits_for_the_store(&self) -> bool {
        matches!(self.phase, Phase::Waiting { because: Refusal::StoreDown, .. })
    }
}
