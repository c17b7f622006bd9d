//! The ways to people: what was brought last, and whether there is a second way.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::super::Monitor;
use super::item;
use crate::readiness::Part;
use crate::view::{ReadinessGroup, ReadinessState, ReadinessView};

impl Monitor {
    pub(super) fn way_views(&self) -> Vec<ReadinessView> {
        let names: Vec<&str> = self.config.alerts.channels.iter().map(|spec| spec.name.as_str()).collect();
        let Some(first) = names.first() else {
            return alloc::vec![no_way()];
        };
        let mut views: Vec<ReadinessView> = names.iter().map(|name| self.last_delivered(name)).collect();
        views.extend(names.iter().filter_map(|name| self.unlooked_way(name)));
        views.push(second_way(first, names.len()));
        views
    }

    /// The last alert that was brought, as the deliveries tell it.
    fn last_delivered(&self, name: &str) -> ReadinessView {
        let about = item(
            format!("alerts.delivered/{name}"),
            ReadinessGroup::Alerts,
            format!("Last alert that went out by {name}"),
        );
        let way = self.way(name);
        let last = way.delivered_at.map_or_else(
            || String::from("No alert went out yet"),
            |at| format!("The last alert went out on {at}"),
        );
        let about = ReadinessView { checked_at: way.delivered_at, ..about };
        match (way.fails, way.delivered_at) {
            (Some((at, why)), _) => ReadinessView {
                state: ReadinessState::NotReady,
                checked_at: Some(at),
                detail: format!("{last}. Since then it fails: {}.", why.trim_end_matches('.')),
                emergency: format!("Alerts would not go out by {name}, as the last ones did not."),
                mend: Some(format!(
                    "Mend the settings of {name} under [alerts.{name}], then send a test alert."
                )),
                ..about
            },
            (None, Some(_)) => ReadinessView {
                state: ReadinessState::Ready,
                detail: format!("{last}."),
                emergency: format!("Alerts would go out by {name}, as the last one did."),
                ..about
            },
            (None, None) => ReadinessView {
                state: ReadinessState::Unknown,
                detail: format!("{last}."),
                emergency: format!("Whether an alert by {name} reaches people was never seen."),
                mend: Some(String::from("Send a test alert, and see that it arrives.")),
                ..about
            },
        }
    }

    /// A way that nobody has looked at.
    fn unlooked_way(&self, name: &str) -> Option<ReadinessView> {
        let part = Part::Channel(String::from(name));
        if !self.config.readiness.watched || self.readiness.found.contains_key(&part) {
            return None;
        }
        Some(ReadinessView {
            detail: String::from("It was not looked at yet."),
            emergency: format!("Whether alerts go out by {name} is not known."),
            mend: Some(String::from("Look now: `rebound readiness --check`.")),
            ..item(part.id(), part.group(), part.name(""))
        })
    }
}

fn no_way() -> ReadinessView {
    ReadinessView {
        state: ReadinessState::AtRisk,
        detail: String::from("No way to people is configured: alerts stand on this page only."),
        emergency: String::from("Nobody would hear of it who does not look at this page."),
        mend: Some(String::from("Write an [alerts.email] section; docs/CONFIG.md has an example.")),
        ..item(String::from("alerts.ways"), ReadinessGroup::Alerts, String::from("Ways to people"))
    }
}

fn second_way(first: &str, count: usize) -> ReadinessView {
    let about =
        item(String::from("alerts.second"), ReadinessGroup::Alerts, String::from("Second way to people"));
    if count > 1 {
        return ReadinessView {
            state: ReadinessState::Ready,
            detail: format!("{count} ways are configured."),
            emergency: String::from(
                "If one way fails, another carries the alert, and says that the first fails.",
            ),
            ..about
        };
    }
    ReadinessView {
        state: ReadinessState::NotSetUp,
        detail: format!("{first} is the only way. A second one would carry alerts while {first} fails."),
        emergency: format!("If {first} fails just then, only this page would show it."),
        ..about
    }
}
