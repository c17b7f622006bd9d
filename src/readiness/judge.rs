//! What a finding means for the next emergency: its state, and the sentences that people read.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use super::{Finding, Part, Seen, Trouble};
use crate::time::{Timestamp, spoken};
use crate::view::ReadinessState;

/// A token that ends within this time is told of: enough to find whoever may make a new one.
pub const TOKEN_ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 3_600);
/// A disk with less room than this is told of unless another share is chosen, in percent of all of it.
pub const DISK_AT_RISK_PERCENT: u8 = 10;
/// A disk with less room than this does not carry the next emergency, in percent of all of it.
pub const DISK_NOT_READY_PERCENT: u64 = 2;
/// The same in bytes, however large the disk is: SQLite must be able to write its log and to copy it back.
pub const DISK_NOT_READY_BYTES: u64 = 100 * MIB;

const MIB: u64 = 1024 * 1024;

/// What a finding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it would do its part.
    pub state: ReadinessState,
    /// What was found, as a sentence.
    pub detail: String,
    /// What would happen in an emergency as things are, as a sentence.
    pub emergency: String,
    /// What to do about it.
    pub mend: Option<String>,
}

/// Judges what was found, at `now`.
#[must_use]
pub fn judge(finding: &Finding, now: Timestamp) -> Judgement {
    let (state, detail, mend) = match &finding.seen {
        Seen::Works(said) => (ReadinessState::Ready, sentence(said), None),
        Seen::Token { said, ends, doubt, renew } => token(said, *ends, doubt.as_ref(), renew, now),
        Seen::Room { place, free, total, at_risk_percent } => {
            room(place, *free, *total, u64::from(*at_risk_percent))
        }
        Seen::Recipients { count, add } => recipients(*count, add),
        Seen::Missing(trouble) => {
            (ReadinessState::NotSetUp, sentence(&trouble.why), Some(sentence(&trouble.mend)))
        }
        Seen::Refused(trouble) | Seen::Silent(trouble) => {
            (ReadinessState::NotReady, sentence(&trouble.why), Some(sentence(&trouble.mend)))
        }
        Seen::NotSeen(why) => (ReadinessState::Unknown, sentence(why), None),
    };
    Judgement { state, detail, emergency: emergency(&finding.part, state), mend }
}

type Judged = (ReadinessState, String, Option<String>);

fn token(
    said: &str,
    ends: Option<Timestamp>,
    doubt: Option<&Trouble>,
    renew: &str,
    now: Timestamp,
) -> Judged {
    let left = ends.map(|ends| (ends, ends.since(now)));
    if let Some((ends, Duration::ZERO)) = left {
        let detail = format!("The token ended on {ends}.");
        return (ReadinessState::NotReady, detail, Some(sentence(renew)));
    }
    let mut detail = sentence(said);
    if let Some((ends, left)) = left {
        detail.push_str(&format!(" It ends in {}, on {ends}.", spoken(left)));
    }
    let soon = left.is_some_and(|(_, left)| left < TOKEN_ENDS_SOON);
    let mut mend = String::new();
    if let Some(doubt) = doubt {
        detail.push_str(&format!(" {}", sentence(&doubt.why)));
        mend = sentence(&doubt.mend);
    }
    if soon {
        if !mend.is_empty() {
            mend.push(' ');
        }
        mend.push_str(&sentence(renew));
    }
    let state = if soon || doubt.is_some() { ReadinessState::AtRisk } else { ReadinessState::Ready };
    (state, detail, Some(mend).filter(|mend| !mend.is_empty()))
}

fn room(place: &str, free: u64, total: u64, at_risk_percent: u64) -> Judged {
    let below = |percent: u64| u128::from(free) * 100 < u128::from(total) * u128::from(percent);
    let share = percent(free, total);
    let detail = format!("{} of {} are free on {place} ({share}).", bytes(free), bytes(total));
    let mend = Some(format!(
        "Free some space on {place}: remove old logs and copies, or move the store to a larger disk."
    ));
    if total == 0 {
        return (ReadinessState::Unknown, format!("The size of {place} is not told."), None);
    }
    if free < DISK_NOT_READY_BYTES || below(DISK_NOT_READY_PERCENT) {
        (ReadinessState::NotReady, detail, mend)
    } else if below(at_risk_percent) {
        (ReadinessState::AtRisk, detail, mend)
    } else {
        (ReadinessState::Ready, detail, None)
    }
}

fn recipients(count: usize, add: &str) -> Judged {
    match count {
        0 => (ReadinessState::NotReady, String::from("Nobody is named."), Some(sentence(add))),
        1 => (
            ReadinessState::NotSetUp,
            String::from(
                "One address is named; a second would reach somebody when the first person is away.",
            ),
            Some(sentence(add)),
        ),
        more => (ReadinessState::Ready, format!("{more} addresses are named."), None),
    }
}

/// What would happen in an emergency.
fn emergency(part: &Part, state: ReadinessState) -> String {
    use ReadinessState::{AtRisk, NotReady, NotSetUp, Ready, Unknown};
    let remedy = part.remedy().map_or("", |of| of.remedy.as_str());
    match (part, state) {
        (Part::GithubToken(_) | Part::GithubWorkflow(_), Ready | NotSetUp) => {
            format!("\"{remedy}\" would be started on GitHub and followed to its end.")
        }
        (Part::GithubToken(_) | Part::GithubWorkflow(_), AtRisk) => {
            format!("\"{remedy}\" may be refused by GitHub, if not today then soon.")
        }
        (Part::GithubToken(_) | Part::GithubWorkflow(_), NotReady) => {
            format!(
                "\"{remedy}\" would not be started: the next remedy would be tried, and then a person called."
            )
        }
        (Part::GithubToken(_) | Part::GithubWorkflow(_) | Part::HttpCall(_), Unknown) => {
            format!("Whether \"{remedy}\" could be carried out is not known.")
        }
        (Part::HttpCall(_), Ready | NotSetUp) => {
            format!("\"{remedy}\" would be sent; what the program there makes of it only a heal can show.")
        }
        (Part::HttpCall(_), AtRisk) => format!("\"{remedy}\" may not arrive."),
        (Part::HttpCall(_), NotReady) => {
            format!(
                "\"{remedy}\" would not arrive: the next remedy would be tried, and then a person called."
            )
        }
        (Part::Channel(name), Ready | NotSetUp) => format!("Alerts would go out by {name}."),
        (Part::Channel(name), AtRisk) => format!("Alerts may not go out by {name}."),
        (Part::Channel(name), NotReady) => {
            format!("Nobody would hear of it by {name}: alerts would wait and be tried again.")
        }
        (Part::Channel(name), Unknown) => format!("Whether alerts go out by {name} is not known."),
        (Part::Recipients(_), Ready) => String::from("Several people would be told."),
        (Part::Recipients(_), NotSetUp) => {
            String::from("One person would be told, or nobody if that one is away.")
        }
        (Part::Recipients(_), Unknown | AtRisk | NotReady) => String::from("Nobody would be told."),
        (Part::Disk, Ready | NotSetUp) => {
            String::from("What happens would be written down, and heals would start.")
        }
        (Part::Disk, AtRisk) => String::from(
            "Heals would start, until the disk is full: then they are held, because they cannot be written down.",
        ),
        (Part::Disk, NotReady) => String::from(
            "The disk may be full at any moment: then no heal starts, because it cannot be written down.",
        ),
        (Part::Disk, Unknown) => String::from("Whether what happens could be written down is not known."),
        (Part::Kept, NotSetUp) => {
            String::from("After a restart nothing would be known of what happened, nor of a heal that ran.")
        }
        (Part::Kept, Ready) => String::from("What happened before can be looked up and compared."),
        (Part::Kept, Unknown | AtRisk | NotReady) => String::from("What happened before may be gone."),
        (Part::Ping, Ready) => {
            String::from("If Rebound, its machine or its network died, somebody else would tell you.")
        }
        (Part::Ping, NotSetUp | Unknown | AtRisk | NotReady) => {
            String::from("If Rebound, its machine or its network died, nobody might tell you.")
        }
    }
}

/// A clause as a sentence: with a capital and a full stop.
pub(crate) fn sentence(clause: &str) -> String {
    let clause = clause.trim();
    let mut chars = clause.chars();
    let mut text: String = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    text.push_str(chars.as_str());
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// `12.4 GiB`, `830 MiB`.
fn bytes(count: u64) -> String {
    const GIB: u64 = 1024 * MIB;
    if count >= GIB {
        return format!("{}.{} GiB", count / GIB, count % GIB * 10 / GIB);
    }
    format!("{} MiB", count / MIB)
}

fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
