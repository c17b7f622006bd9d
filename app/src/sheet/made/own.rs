//! What Rebound knows of itself.

use std::time::Duration;

use rebound::count::counted;
use rebound::time::spoken;
use rebound::view::{Board, OwnView, ReadinessState, ReadinessView, Tone};

use crate::sheet::{Fact, Line, Mark, Piece, Told};

/// A `Date` header has whole seconds: below this, others' clocks do not differ from ours.
const AGREE_MS: u64 = 1_000;

/// Store, own network, clock, loop, channels, and since when it watches.
pub(super) fn facts(board: &Board) -> Vec<Fact> {
    let own = &board.own;
    let network = match (own.network_watched, own.network_works) {
        (false, _) => known(Tone::Unknown, "Not watched", "No beacons are configured."),
        (true, Some(true)) => known(Tone::Good, "Works", ""),
        (true, Some(false)) => known(Tone::Bad, "Gone", "No beacon answers."),
        (true, None) => known(Tone::Unknown, "Not known yet", ""),
    };
    let lag = match own.lag_ms {
        Some(ms) => Piece::Text(format!("late by {ms} ms when last looked at")),
        None => Piece::Missing("not looked at yet".to_owned()),
    };
    let channels = if own.channels.is_empty() {
        known(Tone::Warning, "None", "Alerts are shown on this page only.")
    } else {
        vec![Piece::Text(own.channels.join(", "))]
    };
    vec![
        Fact::new("Store", store(own)),
        Fact::new("Own network", network),
        Fact::new("Clock", clock(own)),
        Fact::new("Own loop", vec![lag]),
        Fact::new("Alerts go by", channels),
        Fact::new("Next emergency", readiness(&board.readiness)),
        Fact::new("Watching since", vec![Piece::Moment(board.watching_since, Told::Clock)]),
    ]
}

/// Whether the next emergency would be met, drills included; the page of readiness says why not.
fn readiness(views: &[ReadinessView]) -> Line {
    let Some(worst) =
        views.iter().filter(|view| view.state != ReadinessState::NotSetUp).map(|view| view.state).max()
    else {
        return known(Tone::Unknown, "Unknown", "Nothing was looked at yet.");
    };
    let (word, count) = (worst.word(), views.iter().filter(|view| view.state == worst).count());
    let words = match worst {
        ReadinessState::Ready | ReadinessState::NotSetUp => "What it needs".to_owned(),
        ReadinessState::Unknown | ReadinessState::AtRisk | ReadinessState::NotReady => {
            counted(count, "thing", "things")
        }
    };
    let link = Piece::Link("/readiness".to_owned(), words);
    vec![Piece::Mark(Mark::of(worst.tone(), &capital(word))), link]
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn store(own: &OwnView) -> Line {
    let took = own.store_ms.map(|ms| format!("The last write took {ms} ms.")).unwrap_or_default();
    match &own.store_trouble {
        None => known(Tone::Good, "Works", &took),
        Some(trouble) => known(Tone::Bad, "Down", trouble),
    }
}

/// Our clock beside those of others.
fn clock(own: &OwnView) -> Line {
    let told = own.clock_ahead_ms.map(ahead);
    match told {
        Some(told) if own.clock_wrong => {
            known(Tone::Bad, "Wrong", &format!("{told} What rests on the time is not judged."))
        }
        None if own.clock_wrong => known(Tone::Bad, "Wrong", "What rests on the time is not judged."),
        Some(told) => known(Tone::Good, "Compared", &told),
        None => known(Tone::Unknown, "Not compared", "Too few others tell the time, or they do not agree."),
    }
}

fn ahead(ms: i64) -> String {
    let apart = ms.unsigned_abs();
    match () {
        () if apart < AGREE_MS => "Others agree within a second.".to_owned(),
        () if ms > 0 => format!("Others are {} ahead.", spoken(Duration::from_millis(apart))),
        () => format!("Others are {} behind.", spoken(Duration::from_millis(apart))),
    }
}

fn known(tone: Tone, word: &str, why: &str) -> Line {
    let mut line = vec![Piece::Mark(Mark::of(tone, word))];
    if !why.is_empty() {
        line.push(Piece::Reason(why.to_owned()));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::ahead;

    #[test]
    fn a_difference_of_clocks_says_who_is_ahead() {
        assert_eq!(ahead(-400), "Others agree within a second.");
        assert_eq!(ahead(310_000), "Others are 5 min 10 s ahead.");
        assert_eq!(ahead(-2_000), "Others are 2 s behind.");
    }
}
