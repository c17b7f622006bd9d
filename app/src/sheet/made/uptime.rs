//! The last 24 hours of a target as a drawing, a sentence and a table.
//!
//! The drawing has a fixed size of its own and is never measured.

use std::time::Duration;

use rebound::incident::Incident;
use rebound::time::{Timestamp, spoken};
use rebound::uptime::{Stretch, UptimeState};
use rebound::view::{TargetView, UptimeView};

use super::charts::each_once;
use crate::sheet::chart::Files;
use crate::sheet::target::{Bar, StretchRow, UptimeSheet};

pub(super) const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 40.0;
/// Narrowest mark of trouble, so that half a minute of a day can be seen at all. The table has the true spans.
const TROUBLE_WIDTH_MIN: f64 = 4.0;
/// Narrowest mark of how it is now.
const NOW_WIDTH_MIN: f64 = 3.0;
/// Most stretches in the table.
const ROWS_MAX: usize = 60;

impl UptimeSheet {
    /// What a page shows of the last hours of this target.
    pub(super) fn of(view: &TargetView) -> Self {
        let uptime = &view.uptime;
        let surplus = uptime.stretches.len().saturating_sub(ROWS_MAX);
        Self {
            from: uptime.from,
            to: uptime.to,
            sentence: sentence(uptime),
            bars: marks(uptime).iter().map(bar).collect(),
            rows: stretches(view).rev().take(ROWS_MAX).collect(),
            left_out: (surplus > 0).then(|| format!("{surplus} earlier stretches are not listed.")),
            files: Files::of(
                view.id.as_str(),
                "last-day",
                &format!("/api/v1/targets/{}/last-day?format=", view.id),
            ),
        }
    }
}

/// All stretches of the last hours, oldest first, with their causes.
pub fn stretches(view: &TargetView) -> impl DoubleEndedIterator<Item = StretchRow> + use<'_> {
    let incidents: Vec<&Incident> = view.incident.iter().chain(&view.recent).collect();
    view.uptime.stretches.iter().map(move |stretch| row(stretch, &incidents))
}

fn bar(mark: &Drawn) -> Bar {
    Bar {
        class: class(mark.state).to_owned(),
        place: [mark.x, mark.y, mark.width, mark.height].map(|value| value.to_string()),
    }
}

fn row(stretch: &Stretch, incidents: &[&Incident]) -> StretchRow {
    StretchRow {
        cause: if is_trouble(stretch.state) { cause(stretch, incidents) } else { None },
        class: class(stretch.state).to_owned(),
        word: stretch.state.word().to_owned(),
        from: stretch.from,
        to: stretch.to,
        lasted: spoken(stretch.to.since(stretch.from)),
    }
}

/// What failed in a stretch of trouble, where incidents tell it.
fn cause(stretch: &Stretch, incidents: &[&Incident]) -> Option<String> {
    let ended = |incident: &Incident| incident.closed.as_ref().map_or(stretch.to, |end| end.recovered_at);
    let is_within = |one: &&&Incident| one.first_failure < stretch.to && ended(one) > stretch.from;
    let within = incidents.iter().filter(is_within);
    each_once(within.flat_map(|incident| causes_in(incident, stretch)).collect())
}

/// What an incident says of one of its stretches. It may come and go for long, each time for another reason: what came up in a stretch
/// is what it was about; where nothing new did, all that had come up by then.
fn causes_in(incident: &Incident, stretch: &Stretch) -> Vec<String> {
    let by_then = incident.causes.iter().filter(|cause| cause.since < stretch.to);
    let (anew, before): (Vec<_>, Vec<_>) = by_then.partition(|cause| cause.since >= stretch.from);
    let meant = if anew.is_empty() { before } else { anew };
    let worst = meant.iter().map(|cause| cause.severity).max();
    let worst = meant.into_iter().filter(|cause| Some(cause.severity) == worst);
    worst.map(|cause| cause.reason.to_string()).collect()
}

/// One stretch as drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) x: f64,
    y: f64,
    pub(super) width: f64,
    height: f64,
    pub(super) state: UptimeState,
}

/// The drawing of the stretches, calm states first so that short trouble lies on top.
pub(super) fn marks(uptime: &UptimeView) -> Vec<Drawn> {
    let span = millis(uptime.to) - millis(uptime.from);
    if span <= 0.0 {
        return Vec::new();
    }
    let place = |at: Timestamp| ((millis(at) - millis(uptime.from)) / span * WIDTH).clamp(0.0, WIDTH);
    let last = uptime.stretches.len().saturating_sub(1);
    let mut marks: Vec<Drawn> = uptime
        .stretches
        .iter()
        .enumerate()
        .map(|(number, stretch)| {
            let (x, end) = (place(stretch.from), place(stretch.to));
            let is_now = number == last;
            // What is over takes nothing from what is now.
            let end = if is_now { end } else { end.min(WIDTH - NOW_WIDTH_MIN) };
            let min = match (is_now, is_trouble(stretch.state)) {
                (_, true) => TROUBLE_WIDTH_MIN,
                (true, false) => NOW_WIDTH_MIN,
                (false, false) => 0.0,
            };
            let width = (end - x).max(min).min(WIDTH);
            let height = height(stretch.state);
            Drawn {
                x: tenth((end - width).max(0.0)),
                y: HEIGHT - height,
                width: tenth(width),
                height,
                state: stretch.state,
            }
        })
        .collect();
    marks.sort_by_key(|mark| mark.state == UptimeState::Down);
    marks
}

const fn is_trouble(state: UptimeState) -> bool {
    matches!(state, UptimeState::Down | UptimeState::Degraded)
}

/// The worse, the taller; what is not charged lies low.
const fn height(state: UptimeState) -> f64 {
    match state {
        UptimeState::Up => 26.0,
        UptimeState::Degraded => 33.0,
        UptimeState::Down => 40.0,
        UptimeState::Unknown => 26.0,
        UptimeState::Maintenance | UptimeState::MarketClosed => 12.0,
    }
}

pub(super) const fn class(state: UptimeState) -> &'static str {
    match state {
        UptimeState::Up => "up",
        UptimeState::Degraded => "degraded",
        UptimeState::Down => "down",
        UptimeState::Unknown => "unknown",
        UptimeState::Maintenance => "maintenance",
        UptimeState::MarketClosed => "closed",
    }
}

/// `99.98 % up, down 2 min 10 s in 1 stretch, not watched 3 h.`
pub(super) fn sentence(uptime: &UptimeView) -> String {
    let figures = &uptime.figures;
    let mut parts = vec![match &uptime.percent {
        Some(percent) => format!("{percent} up"),
        None => "Nothing is known".to_owned(),
    }];
    let outages = uptime.stretches.iter().filter(|stretch| stretch.state == UptimeState::Down).count();
    let mut spans = vec![
        ("degraded", figures.degraded_ms),
        ("unknown", figures.unknown_ms),
        ("in maintenance", figures.maintenance_ms),
        ("market closed", figures.market_closed_ms),
    ];
    let watched = Duration::from_millis(figures.total_ms());
    let unwatched = uptime.to.since(uptime.from).saturating_sub(watched);
    spans.push(("not watched", u64::try_from(unwatched.as_millis()).unwrap_or(u64::MAX)));
    if figures.down_ms > 0 {
        let times = if outages == 1 { "once".to_owned() } else { format!("in {outages} stretches") };
        parts.push(format!("down {} {times}", span_words(figures.down_ms)));
    } else if uptime.percent.is_some() {
        parts.push("never down".to_owned());
    }
    parts.extend(
        spans
            .into_iter()
            .filter(|(_, ms)| *ms >= 1_000)
            .map(|(word, ms)| format!("{word} {}", span_words(ms))),
    );
    format!("{}.", parts.join(", "))
}

fn span_words(ms: u64) -> String {
    spoken(Duration::from_millis(ms))
}

fn millis(at: Timestamp) -> f64 {
    // A day in milliseconds is far below what a float holds exactly.
    at.as_ms() as f64
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use rebound::check::NoAnswer;
    use rebound::incident::{Cause, Closing, Recovery, Severity};
    use rebound::reason::Reason;
    use rebound::uptime::UptimeFigures;

    use super::super::incident::tests::incident;
    use super::*;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    fn day(stretches: &[(i64, i64, UptimeState)]) -> UptimeView {
        let stretches: Vec<Stretch> = stretches
            .iter()
            .map(|(from, to, state)| Stretch { from: at(*from), to: at(*to), state: *state })
            .collect();
        UptimeView { from: at(0), to: at(DAY), stretches, figures: UptimeFigures::default(), percent: None }
    }

    #[test]
    fn a_stretch_takes_its_share_of_the_bar() {
        let drawn = marks(&day(&[(0, DAY / 2, UptimeState::Unknown), (DAY / 2, DAY, UptimeState::Up)]));
        assert_eq!(
            drawn.iter().map(|mark| (mark.x, mark.width)).collect::<Vec<_>>(),
            [(0.0, 500.0), (500.0, 500.0)]
        );
    }

    #[test]
    fn ten_seconds_of_trouble_can_be_seen_even_at_the_very_end() {
        let drawn = marks(&day(&[(0, DAY - 10, UptimeState::Up), (DAY - 10, DAY, UptimeState::Down)]));
        let down = drawn.last().unwrap();
        assert_eq!((down.x, down.width), (996.0, TROUBLE_WIDTH_MIN));
    }

    #[test]
    fn what_is_over_does_not_hide_how_it_is_now() {
        let stretches = [
            (0, DAY - 100, UptimeState::Up),
            (DAY - 100, DAY - 90, UptimeState::Down),
            (DAY - 90, DAY, UptimeState::Up),
        ];
        let drawn = marks(&day(&stretches));
        let [_, now, down] = drawn.as_slice() else { unreachable!("three stretches") };
        assert_eq!((down.state, now.state), (UptimeState::Down, UptimeState::Up));
        assert_eq!((now.x, now.x + now.width), (997.0, 1_000.0));
        assert_eq!((down.x + down.width, down.width), (997.0, TROUBLE_WIDTH_MIN));
    }

    #[test]
    fn a_stretch_of_trouble_tells_every_incident_in_it_by_its_main_cause() {
        let over = |from, to, reason| {
            let mut incident = incident();
            incident.first_failure = at(from);
            let since = at(from);
            incident.causes = vec![Cause { check: None, reason, severity: Severity::Critical, since }];
            incident.closed = Some(Closing { recovered_at: at(to), at: at(to), how: Recovery::ByItself });
            incident
        };
        let silent = Reason::BridgeSilent(NoAnswer::Refused);
        let lost = Reason::LinkLost;
        let all = [over(60, 70, lost.clone()), over(30, 50, silent.clone()), over(10, 20, lost.clone())];
        let all: Vec<&Incident> = all.iter().collect();
        let told = |from, to| cause(&Stretch { from: at(from), to: at(to), state: UptimeState::Down }, &all);
        assert_eq!(told(0, 100), Some(format!("{silent}; {lost}")), "each once");
        assert_eq!(told(20, 60), Some(silent.to_string()), "what ended when it began is not in it");
        assert_eq!(told(50, 60), None);
    }

    #[test]
    fn a_stretch_keeps_the_cause_of_its_own_time_whatever_its_incident_is_about_later() {
        let cause_at =
            |seconds, reason| Cause { check: None, reason, severity: Severity::Critical, since: at(seconds) };
        let (silent, lost) = (Reason::BridgeSilent(NoAnswer::Refused), Reason::LinkLost);
        let mut comes_and_goes = incident();
        // What fails now is told first.
        comes_and_goes.causes = vec![cause_at(100, silent.clone()), cause_at(0, lost.clone())];
        let told = |from, to| {
            cause(&Stretch { from: at(from), to: at(to), state: UptimeState::Down }, &[&comes_and_goes])
        };
        assert_eq!(told(0, 20), Some(lost.to_string()));
        assert_eq!(told(50, 60), Some(lost.to_string()), "it came again");
        assert_eq!(told(100, 120), Some(silent.to_string()));
        assert_eq!(told(200, 220), Some(format!("{silent}; {lost}")), "one of them, or both");
    }

    #[test]
    fn a_bar_without_a_span_draws_nothing() {
        let mut empty = day(&[(0, 1, UptimeState::Up)]);
        empty.to = empty.from;
        assert!(marks(&empty).is_empty());
    }

    #[test]
    fn the_sentence_says_what_was_not_watched() {
        let mut uptime =
            day(&[(DAY - 7_200, DAY - 3_600, UptimeState::Up), (DAY - 3_600, DAY, UptimeState::Down)]);
        uptime.figures = UptimeFigures { up_ms: 3_600_000, down_ms: 3_600_000, ..UptimeFigures::default() };
        uptime.percent = Some("50.00 %".to_owned());
        assert_eq!(sentence(&uptime), "50.00 % up, down 1 h once, not watched 22 h.");
    }
}
