//! One target in words.

use std::time::Duration;

use rebound::amount::Amount;
use rebound::incident::Incident;
use rebound::time::spoken;
use rebound::view::{AccountView, CheckView, HealView, TargetView};

use crate::sheet::{
    AccountRow, CheckRow, Fact, HealSheet, IncidentSheet, Mark, Piece, RecentRow, RequestSheet, TargetSheet,
    Told, UptimeSheet,
};

impl TargetSheet {
    /// What a page shows of this target.
    pub(super) fn of(view: &TargetView, requests: Vec<RequestSheet>) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.clone(),
            phase: view.phase.clone(),
            phase_detail: view.phase_detail.clone(),
            phase_until: view.phase_until,
            tone: view.tone,
            observed_at: view.observed_at,
            stale_after_ms: view.stale_after_ms,
            vitals: vitals(view),
            requests,
            incident: view.incident.as_ref().map(|incident| IncidentSheet::of(incident, view.phase_until)),
            uptime: UptimeSheet::of(&view.uptime),
            accounts: view.accounts.iter().map(account).collect(),
            checks: view.checks.iter().map(check).collect(),
            recent: view.recent.iter().map(recent).collect(),
            heal: heal(&view.heal),
        }
    }
}

/// The figures that are read at a glance. The label is the sign's name as well.
fn vitals(view: &TargetView) -> Vec<Fact> {
    let known =
        |piece: Option<Piece>, why: &str| vec![piece.unwrap_or_else(|| Piece::Missing(why.to_owned()))];
    let heartbeat = view.answered_at.map(|at| Piece::Moment(at, Told::Ago));
    let latency = view.latency_ms.map(|ms| Piece::Text(ms.to_string()));
    let uptime = view.uptime.percent.clone().map(Piece::Text);
    let next = view.next_probe_at.map(|at| Piece::Moment(at, Told::In));
    vec![
        Fact::new("pulse", known(heartbeat, "no usable answer yet")),
        Fact::new("gauge", known(latency, "no answer yet")),
        Fact::new("good", known(uptime, "nothing known in the last 24 hours")),
        Fact::new("clock", known(next, "no look is planned")),
    ]
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
        format!("{failures} failures in a row")
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

fn heal(heal: &HealView) -> HealSheet {
    let cooldown = match heal.cooldown_until {
        Some(at) => {
            vec![Piece::text("Until "), Piece::Moment(at, Told::Clock), Piece::Moment(at, Told::Left)]
        }
        None => vec![Piece::text("None")],
    };
    let last = match &heal.last {
        Some(last) => vec![
            Piece::Moment(last.at, Told::Ago),
            Piece::text(format!(", took {}: ", spoken(Duration::from_millis(last.took_ms)))),
            Piece::Link(format!("/incidents/{}", last.incident), format!("incident {}", last.incident)),
        ],
        None => vec![Piece::text("No heal has been proven yet.")],
    };
    HealSheet {
        dry_run: heal.dry_run,
        ladder: heal.ladder.clone(),
        used: heal.used_this_hour,
        most: heal.per_hour_max,
        facts: vec![Fact::new("Cooldown", cooldown), Fact::new("Last heal", last)],
        cooldown_until: heal.cooldown_until,
        forecast: heal.forecast.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::failure_words;

    #[test]
    fn failures_are_counted_towards_belief_and_then_in_full() {
        assert_eq!(failure_words(2, 3), "2 of 3 failures");
        assert_eq!(failure_words(14, 3), "14 failures in a row");
    }
}
