//! One target in words.

use std::time::Duration;

use rebound::amount::Amount;
use rebound::count::counted;
use rebound::incident::Incident;
use rebound::time::spoken;
use rebound::uptime::UptimeFigures;
use rebound::view::{AccountView, Board, CheckView, HealView, TargetView, Tone};

use super::{hold, ledger};
use crate::sheet::incident::IncidentSheet;
use crate::sheet::overview::TargetRow;
use crate::sheet::target::{
    AccountRow, Answer, CheckRow, HealSheet, Lift, RecentRow, RungSheet, StopOffer, TargetSheet, UptimeSheet,
};
use crate::sheet::{Fact, Line, Mark, Piece, RequestSheet, Told};

/// The core's word for a bridge.
const BRIDGE: &str = "bridge";
/// The core's name of the calendar of a market that never closes.
const ALWAYS: &str = "always";
/// The core's words for the phases in which a page shows something more.
pub(super) const PAUSED: &str = "Paused";
pub(super) const MAINTENANCE: &str = "Maintenance";
const HEALING: &str = "Healing";
const VERIFYING: &str = "Verifying";
const WAITING: &str = "Waiting";
const ESCALATED: &str = "Needs a person";

/// From so much known time on an uptime is that of the last 24 hours without more words.
const NEARLY_A_DAY_MIN: u64 = 23 * 60;

impl TargetSheet {
    /// What a page shows of this target.
    pub(super) fn of(view: &TargetView, board: &Board, requests: Vec<RequestSheet>) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.clone(),
            about: about(view, board),
            marks: hold::marks(view),
            phase: view.phase.clone(),
            phase_detail: view.phase_detail.clone(),
            phase_until: view.phase_until,
            tone: view.tone,
            observed_at: view.observed_at,
            stale_after_ms: view.stale_after_ms,
            vitals: vitals(view),
            holds: hold::on(view, board),
            explain: view
                .explain
                .iter()
                .map(|told| Answer { question: told.question.clone(), answer: told.answer.clone() })
                .collect(),
            stop: stop(view),
            requests,
            incident: view.incident.as_ref().map(|incident| IncidentSheet::of(incident, view.phase_until)),
            uptime: UptimeSheet::of(view),
            accounts: is_bridge(view).then(|| view.accounts.iter().map(account).collect()),
            checks: view.checks.iter().map(check).collect(),
            recent: view.recent.iter().map(recent).collect(),
            heal: heal(view),
            ledger: view.ledger.iter().map(ledger::row).collect(),
        }
    }
}

impl TargetRow {
    /// What a page shows of this target beside many others.
    pub(super) fn of(view: &TargetView, board: &Board) -> Self {
        let day = UptimeSheet::of(view);
        Self {
            id: view.id.to_string(),
            name: view.name.clone(),
            about: about(view, board),
            marks: hold::marks(view),
            phase: view.phase.clone(),
            tone: view.tone,
            why: (view.tone != Tone::Good).then(|| view.phase_detail.clone()),
            observed_at: view.observed_at,
            stale_after_ms: view.stale_after_ms,
            vitals: vitals(view),
            bars: day.bars,
            day: day.sentence,
        }
    }
}

/// Whether it is something that has accounts.
pub(super) fn is_bridge(view: &TargetView) -> bool {
    view.kind == BRIDGE
}

/// `bridge · forex, open until Friday 22:00 · depends on Windows host`. A market that is closed is told as what rests.
fn about(view: &TargetView, board: &Board) -> Line {
    let mut line = vec![Piece::text(view.kind.clone())];
    if view.market.open && view.market.calendar != ALWAYS {
        line.push(Piece::text(format!(" · {}, open", view.market.calendar)));
        if let Some(at) = view.market.until {
            line.extend([Piece::text(" until "), Piece::Moment(at, Told::Day)]);
        }
    }
    if !view.depends_on.is_empty() {
        // No link: it stands in a heading that is itself pressed to fold the card.
        line.push(Piece::text(format!(" · depends on {}", view.depends_on.join(", "))));
    }
    if let Some(server) = view.server.as_ref().filter(|_| board.servers.len() > 1) {
        line.push(Piece::text(format!(" · watched by {server}")));
    }
    line
}

/// Nothing is offered that would be refused: what a person has stopped, or what nothing more is done about.
fn stop(view: &TargetView) -> StopOffer {
    if view.incident.as_ref().is_none_or(|incident| incident.stopped.is_some()) {
        return StopOffer::No;
    }
    match view.phase.as_str() {
        HEALING | VERIFYING | WAITING => StopOffer::Plain,
        ESCALATED => StopOffer::No,
        _ => StopOffer::Quiet,
    }
}

/// The figures that are read at a glance. The label is the sign's name as well.
fn vitals(view: &TargetView) -> Vec<Fact> {
    let known =
        |piece: Option<Piece>, why: &str| vec![piece.unwrap_or_else(|| Piece::Missing(why.to_owned()))];
    let heartbeat = view.answered_at.map(|at| Piece::Moment(at, Told::Ago));
    let latency = view.latency_ms.map(|ms| Piece::Text(ms.to_string()));
    let uptime = view.uptime.percent.clone().map(Piece::Text);
    let mut uptime = known(uptime, "nothing known in the last 24 hours");
    if view.uptime.percent.is_some() {
        uptime.extend(known_for(&view.uptime.figures).map(Piece::Text));
    }
    let next = view.next_probe_at.map(|at| Piece::Moment(at, Told::In));
    vec![
        Fact::new("pulse", known(heartbeat, "no usable answer yet")),
        Fact::new("gauge", known(latency, "no answer yet")),
        Fact::new("good", uptime),
        Fact::new("clock", known(next, "no look is planned")),
    ]
}

/// Of how much time an uptime is the share, where that is not about the whole day: what was not watched, unknown, planned or closed is
/// not in it. Roughly, so that it does not change with every look.
fn known_for(figures: &UptimeFigures) -> Option<String> {
    let minutes = figures.charged_ms() / 60_000;
    match minutes {
        0 => Some("of less than 1 min".to_owned()),
        1..60 => Some(format!("of {minutes} min")),
        minutes if minutes < NEARLY_A_DAY_MIN => Some(format!("of {} h", minutes / 60)),
        _ => None,
    }
}

fn account(account: &AccountView) -> AccountRow {
    let read = match account.read_at {
        Some(at) if account.live => vec![Piece::Moment(at, Told::Ago)],
        Some(at) => vec![Piece::text("last read "), Piece::Moment(at, Told::Ago)],
        None => vec![Piece::Missing("never read".to_owned())],
    };
    let money = |amount: Option<Amount>| match amount {
        Some(amount) => Piece::Money(amount.to_string(), account.currency.clone()),
        None if account.read_at.is_none() => Piece::Missing("never read".to_owned()),
        None => Piece::Missing("the bridge did not tell it".to_owned()),
    };
    AccountRow {
        id: account.id.number().to_string(),
        name: account.name.clone(),
        reserve: account.reserve,
        mark: Mark::of(account.tone, &account.state),
        note: account.note.clone(),
        balance: money(account.balance),
        equity: money(account.equity),
        read,
        old: !account.live && account.read_at.is_some(),
    }
}

fn check(check: &CheckView) -> CheckRow {
    CheckRow {
        question: check.id.question().to_owned(),
        name: check.id.name().to_owned(),
        reason: check.reason.clone(),
        mark: Mark::of(check.tone, &check.verdict),
        failures: (check.failures > 0).then(|| failure_words(check.failures, check.failures_to_open)),
        seen: match &check.value {
            Some(value) => Piece::Text(value.clone()),
            None => Piece::Missing("nothing was seen".to_owned()),
        },
        threshold: check.threshold.clone(),
        since: match check.since {
            Some(at) => Piece::Moment(at, Told::For),
            None => Piece::Missing("not judged yet".to_owned()),
        },
    }
}

/// `2 of 3 failures`, or how many there were once trouble is believed.
fn failure_words(failures: u32, to_open: u32) -> String {
    if failures < to_open {
        format!("{failures} of {to_open} failures")
    } else {
        format!("{} in a row", counted(failures, "failure", "failures"))
    }
}

fn recent(incident: &Incident) -> RecentRow {
    let how =
        incident.closed.as_ref().map_or_else(|| "still open".to_owned(), |closing| closing.how.to_string());
    let healed_in = incident.time_to_heal().map(|took| format!(", healed in {}", spoken(took)));
    RecentRow {
        address: format!("/incidents/{}", incident.id),
        what: incident
            .main_cause()
            .map_or_else(|| format!("incident {}", incident.id), |cause| cause.reason.to_string()),
        began: incident.first_failure,
        how: how + &healed_in.unwrap_or_default(),
        // Closed incidents carry their own end; the moment handed in is not used for them.
        downtime: spoken(incident.downtime(incident.first_failure)),
    }
}

fn heal(view: &TargetView) -> HealSheet {
    let heal = &view.heal;
    let cooldown = match heal.cooldown_until {
        Some(at) => {
            vec![Piece::text("Until "), Piece::Moment(at, Told::Clock), Piece::Moment(at, Told::Left)]
        }
        None => vec![Piece::text("None")],
    };
    let last = match &heal.last {
        Some(last) => vec![
            Piece::Moment(last.at, Told::Ago),
            Piece::text(", took "),
            Piece::text(spoken(Duration::from_millis(last.took_ms))),
            Piece::text(": "),
            Piece::Link(format!("/incidents/{}", last.incident), format!("incident {}", last.incident)),
        ],
        None => vec![Piece::text("No heal has been proven yet.")],
    };
    HealSheet {
        ladder: heal.ladder.clone(),
        rungs: rungs(heal),
        used: heal.used_this_hour,
        most: heal.per_hour_max,
        facts: vec![Fact::new("Cooldown", cooldown), Fact::new("Last heal", last)],
        lift: lift(view),
        forecast: heal.forecast.clone(),
    }
}

fn rungs(heal: &HealView) -> Vec<RungSheet> {
    let rung = |rung: &rebound::view::RungView| RungSheet {
        name: rung.name.clone(),
        rung: rung.rung.clone(),
        says: rung.says.clone(),
    };
    heal.rungs.iter().map(rung).collect()
}

/// What a forced heal would have to wait for, and need not if its target's id is typed.
fn lift(view: &TargetView) -> Option<Lift> {
    let lift = |what: &str, until| Lift { what: what.to_owned(), until };
    match (view.heal.cooldown_until, view.phase.as_str(), view.phase_until) {
        (Some(until), _, _) => Some(lift("The cooldown holds", until)),
        (None, VERIFYING, Some(until)) => Some(lift("Whether the last remedy helped is looked at", until)),
        (None, WAITING, Some(until)) => Some(lift("A heal waits", until)),
        (None, _, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use rebound::heal::Refusal;
    use rebound::ids::{StepId, TargetId};
    use rebound::incident::{Holder, Phase};
    use rebound::time::Timestamp;

    use super::*;

    #[test]
    fn failures_are_counted_towards_belief_and_then_in_full() {
        assert_eq!(failure_words(2, 3), "2 of 3 failures");
        assert_eq!(failure_words(14, 3), "14 failures in a row");
    }

    #[test]
    fn an_uptime_says_of_how_little_time_it_is_the_share() {
        let known =
            |ms| known_for(&UptimeFigures { up_ms: ms, unknown_ms: 90_000_000, ..UptimeFigures::default() });
        assert_eq!(known(59_999).as_deref(), Some("of less than 1 min"));
        assert_eq!(known(12 * 60_000 + 59_000).as_deref(), Some("of 12 min"));
        assert_eq!(known(5 * 3_600_000).as_deref(), Some("of 5 h"));
        assert_eq!(known(23 * 3_600_000 - 1).as_deref(), Some("of 22 h"));
        assert_eq!(known(23 * 3_600_000), None, "an hour of the day is not worth a word");
        let trouble = UptimeFigures { degraded_ms: 60_000, down_ms: 60_000, ..UptimeFigures::default() };
        assert_eq!(known_for(&trouble).as_deref(), Some("of 2 min"), "trouble is known, too");
    }

    #[test]
    fn the_words_for_phases_are_those_of_the_core() {
        let (at, step) = (Timestamp::default(), StepId::new("s1".to_owned()));
        let waiting = |because| Phase::Waiting { until: at, because };
        let work = Holder::Maintenance { name: String::new(), until: at };
        assert_eq!(waiting(Refusal::Paused { by: "anna".to_owned() }).word(), PAUSED);
        assert_eq!(waiting(Refusal::StoreDown).word(), WAITING);
        assert_eq!(Phase::Suppressed { by: work }.word(), MAINTENANCE);
        assert_eq!(Phase::Healing { step: step.clone(), attempt: 1, deadline: at }.word(), HEALING);
        assert_eq!(Phase::Verifying { step, attempt: 1, from: at, until: at }.word(), VERIFYING);
        assert_eq!(Phase::Escalated { because: Refusal::NoLadder }.word(), ESCALATED);
    }

    #[test]
    fn the_words_for_kinds_and_calendars_are_those_of_the_core() {
        let spec = rebound::target::TargetSpec::bridge(TargetId::try_new("mt5").unwrap());
        assert_eq!(spec.kind.noun(), BRIDGE);
        assert_eq!(spec.calendar.name, ALWAYS);
    }
}
