//! One alert and whether it reached anybody.

use rebound::alert::{Alert, DeliveryState};
use rebound::count::counted;
use rebound::incident::Severity;
use rebound::view::Tone;

use crate::sheet::{AlertSheet, Line, Mark, Piece, Said, Told};

/// An alert as a page shows it.
pub(super) fn sheet(alert: &Alert) -> AlertSheet {
    let acknowledged = alert.acknowledged.as_ref().map(|signature| {
        vec![Piece::text(format!("Seen by {}, ", signature.by)), Piece::Moment(signature.at, Told::Clock)]
    });
    let resolved =
        alert.resolved_at.map(|at| vec![Piece::text("Over since "), Piece::Moment(at, Told::Clock)]);
    AlertSheet {
        id: alert.id.number(),
        key: key(alert),
        mark: Mark::severity(alert.severity),
        at: alert.at,
        title: alert.message.title.clone(),
        about: alert.message.about.clone(),
        incident: alert.incident.map(rebound::ids::IncidentId::number),
        advice: alert.message.advice.clone(),
        deliveries: alert.deliveries.iter().map(|(channel, state)| delivery(channel, state)).collect(),
        notes: acknowledged.into_iter().chain(resolved).collect(),
        open: is_open(alert),
    }
}

/// Whether it waits for somebody to say that it was seen.
pub(super) fn is_open(alert: &Alert) -> bool {
    alert.acknowledged.is_none() && alert.resolved_at.is_none() && alert.severity > Severity::Info
}

fn key(alert: &Alert) -> String {
    format!(
        "{} {} {} {} {:?}",
        alert.id,
        alert.message.facts.len(),
        alert.acknowledged.is_some(),
        alert.resolved_at.is_some(),
        alert.deliveries
    )
}

fn delivery(channel: &str, state: &DeliveryState) -> Said {
    let (tone, word, line) = match state {
        DeliveryState::Delivered { at, attempts } => {
            let mut line = vec![Piece::Moment(*at, Told::Clock)];
            if *attempts > 1 {
                line.push(Piece::text(format!(", at try {attempts}")));
            }
            (Tone::Good, "delivered", line)
        }
        DeliveryState::Pending { attempts: 0 | 1, error: None, .. } => {
            (Tone::Busy, "being sent", Line::new())
        }
        DeliveryState::Pending { attempts, next_at, error } => {
            let error = error.as_ref().map(|error| format!(", last failure: {error}")).unwrap_or_default();
            // Whether the last of them is under way is not told, so no number of failures is.
            let mut line = vec![Piece::text(counted(*attempts, "try", "tries") + " begun" + &error)];
            if let Some(at) = next_at {
                line.extend([Piece::text(", next try "), Piece::Moment(*at, Told::In)]);
            }
            (Tone::Warning, "not delivered yet", line)
        }
        DeliveryState::GaveUp { at, attempts, error } => {
            let why = Piece::text(format!(" after {}: {error}", counted(*attempts, "try", "tries")));
            (Tone::Bad, "gave up", vec![Piece::Moment(*at, Told::Clock), why])
        }
        DeliveryState::CalledOff { at, error, .. } => {
            let why = error.as_ref().map_or_else(
                || ": it was not needed any more".to_owned(),
                |error| format!(": it was not needed any more; the last try failed: {error}"),
            );
            (Tone::Unknown, "called off", vec![Piece::Moment(*at, Told::Clock), Piece::text(why)])
        }
    };
    Said { about: channel.to_owned(), mark: Mark::of(tone, word), line }
}
