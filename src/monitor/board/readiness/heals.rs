//! Could a target be healed now? Its ladder as a whole, and remedies that nobody has looked at.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::super::Monitor;
use super::super::super::roll::Watched;
use super::item;
use crate::heal::{ActionKind, Remedy};
use crate::incident::Phase;
use crate::readiness::{Part, RemedyOf, judge};
use crate::target::TargetKind;
use crate::time::Timestamp;
use crate::view::{ReadinessGroup, ReadinessState, ReadinessView, TargetView};

/// Why a target would not be healed, or not surely.
struct Hindrance {
    state: ReadinessState,
    detail: String,
    mend: String,
}

impl Monitor {
    /// Whether a target's trouble would be healed.
    pub(super) fn ladder_view(&self, watched: &Watched, view: &TargetView, now: Timestamp) -> ReadinessView {
        let about = item(
            format!("heals/{}", view.id),
            ReadinessGroup::Heals,
            format!("{}: can it be healed now?", view.name),
        );
        if watched.spec.heal.ladder.is_empty() {
            return without_ladder(about, watched);
        }
        match self.hindrance(watched, view, now) {
            Some(Hindrance { state, detail, mend }) => ReadinessView {
                state,
                detail,
                emergency: view.heal.forecast.clone(),
                mend: Some(mend),
                ..about
            },
            None => ReadinessView {
                state: ReadinessState::Ready,
                detail: rungs(view),
                emergency: view.heal.forecast.clone(),
                ..about
            },
        }
    }

    /// Remedies of which nothing was found yet.
    pub(super) fn unlooked_views(&self, watched: &Watched, now: Timestamp) -> Vec<ReadinessView> {
        let looked = self.config.readiness.watched;
        let of = |remedy: &Remedy| RemedyOf { target: watched.spec.id.clone(), remedy: remedy.name.clone() };
        let unlooked = |remedy: &&Remedy| {
            !self.parts_of(of(remedy)).any(|part| self.readiness.found.contains_key(&part))
        };
        let ladder = watched.spec.heal.ladder.iter().filter(unlooked);
        let view = |remedy: &Remedy| {
            let part = match remedy.action {
                ActionKind::GithubDispatch => Part::GithubToken(of(remedy)),
                ActionKind::HttpCall => Part::HttpCall(of(remedy)),
            };
            let about = item(part.id(), part.group(), part.name(&watched.spec.name));
            if remedy.through_bridge {
                return through_the_target(about, remedy, watched, now);
            }
            ReadinessView {
                detail: String::from("It was not looked at yet."),
                emergency: format!("Whether \"{}\" could be carried out is not known.", remedy.name),
                mend: Some(String::from("Look now: `rebound readiness --check`.")),
                ..about
            }
        };
        let hidden = |remedy: &&Remedy| looked || remedy.through_bridge;
        ladder.filter(hidden).map(view).collect()
    }

    fn parts_of(&self, of: RemedyOf) -> impl Iterator<Item = Part> {
        [Part::GithubToken(of.clone()), Part::GithubWorkflow(of.clone()), Part::HttpCall(of)].into_iter()
    }

    fn hindrance(&self, watched: &Watched, view: &TargetView, now: Timestamp) -> Option<Hindrance> {
        let at_risk =
            |detail: String, mend: String| Some(Hindrance { state: ReadinessState::AtRisk, detail, mend });
        if let Some(why) = &self.shared.store_trouble {
            return Some(Hindrance {
                state: ReadinessState::NotReady,
                detail: format!("No heal may start, because the store does not accept writes: {why}."),
                mend: String::from("Mend the store; the item \"Store\" says more."),
            });
        }
        let unready = self.unready_remedies(watched, now);
        if unready.len() == watched.spec.heal.ladder.len() {
            return Some(Hindrance {
                state: ReadinessState::NotReady,
                detail: format!("No remedy could be carried out: {} would fail.", quoted(&unready)),
                mend: String::from("Mend what is not ready of these remedies; each has an item of its own."),
            });
        }
        if view.heal.dry_run {
            let id = &view.id;
            return at_risk(
                String::from("Dry run: everything is decided and shown, and nothing is done."),
                format!(
                    "Switch it off: `rebound dry-run {id} off`, or dry_run = false under [targets.heal]."
                ),
            );
        }
        if let Some(pause) = &view.pause {
            let by = pause.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
            return at_risk(
                format!("Healing is paused{by} until {}.", pause.until),
                format!("Resume it: `rebound resume {}`, or --all where all are paused.", view.id),
            );
        }
        if let Some(work) = &view.maintenance {
            return at_risk(
                format!("Planned work until {}: {}. Nothing is healed.", work.until, work.what),
                String::from("End it when it is over; what is configured ends by itself."),
            );
        }
        if let Phase::Escalated { because } = &watched.state.phase {
            return at_risk(
                format!("Its open incident needs a person: {because}."),
                String::from("Do what the incident says; when it is over, heals go on."),
            );
        }
        if watched.state.positions.change.is_some() {
            return at_risk(
                String::from(
                    "Positions or orders differ since the last heal, and nobody has said that he has seen it.",
                ),
                String::from("Compare them with the broker's own statement, then acknowledge the alert."),
            );
        }
        if view.heal.used_this_hour >= view.heal.per_hour_max {
            return at_risk(
                match view.heal.per_hour_max {
                    1 => String::from("The one heal that an hour allows is used up."),
                    most => format!("The {most} heals that an hour allows are used up."),
                },
                String::from("Look why it was healed so often; the budget is free again within the hour."),
            );
        }
        if !unready.is_empty() {
            return at_risk(
                format!("{} would fail; the other remedies are left.", quoted(&unready)),
                String::from("Mend what is not ready of these remedies; each has an item of its own."),
            );
        }
        None
    }

    /// Names of the remedies that could not be carried out.
    fn unready_remedies<'w>(&self, watched: &'w Watched, now: Timestamp) -> Vec<&'w str> {
        let not_ready = |part: &Part| {
            let found = self.readiness.found.get(part);
            found.is_some_and(|found| judge(&found.finding, now).state == ReadinessState::NotReady)
        };
        let ladder = watched.spec.heal.ladder.iter();
        let of = |remedy: &Remedy| RemedyOf { target: watched.spec.id.clone(), remedy: remedy.name.clone() };
        ladder
            .filter(|remedy| self.parts_of(of(remedy)).any(|part| not_ready(&part)))
            .map(|remedy| remedy.name.as_str())
            .collect()
    }
}

fn without_ladder(about: ReadinessView, watched: &Watched) -> ReadinessView {
    let state = match watched.spec.kind {
        TargetKind::Bridge => ReadinessState::AtRisk,
        // A page or a database is often watched only.
        TargetKind::Endpoint(_) => ReadinessState::NotSetUp,
    };
    ReadinessView {
        state,
        detail: String::from("No remedy is configured for it."),
        emergency: String::from(
            "Nothing would be done by itself: people would be told, and have to heal it by hand.",
        ),
        mend: Some(String::from(
            "Give it remedies under [[targets.heal.remedies]]; docs/CONFIG.md has examples.",
        )),
        ..about
    }
}

/// A remedy that the target itself carries out is as ready as the target: what its checks saw last says it without a further call.
fn through_the_target(
    about: ReadinessView,
    remedy: &Remedy,
    watched: &Watched,
    now: Timestamp,
) -> ReadinessView {
    let (state, noun) = (&watched.state, watched.spec.kind.noun());
    let name = &remedy.name;
    let known = state.observed_at.is_some();
    let answers = known && state.silent_since.is_none() && state.observed_at == state.answered_at;
    let about = ReadinessView { checked_at: state.observed_at.map(|at| at.min(now)), ..about };
    if answers {
        return ReadinessView {
            state: ReadinessState::Ready,
            detail: format!("It goes through the {noun}, which answers."),
            emergency: format!("\"{name}\" would be sent, unless it is the {noun} that is silent then."),
            ..about
        };
    }
    let detail = if known {
        format!("It goes through the {noun}, which does not answer as it should.")
    } else {
        format!("It goes through the {noun}, which was not asked yet.")
    };
    let emergency =
        format!("\"{name}\" could not be sent: a remedy that does not go through the {noun} is needed.");
    // The target's own incident tells of it.
    ReadinessView { state: ReadinessState::Unknown, detail, emergency, ..about }
}

fn rungs(view: &TargetView) -> String {
    let rung = |rung: &crate::view::RungView| {
        format!("\"{}\" ({}): {}", rung.name, rung.rung, rung.says.trim_end_matches('.'))
    };
    let rungs: Vec<String> = view.heal.rungs.iter().map(rung).collect();
    format!("{}.", rungs.join("; "))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ").to_string()
}
