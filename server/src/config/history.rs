//! Whether numbers and raw observations are kept, and for how long.

use std::time::Duration;

use rebound_engine::history::Kept;
use serde::Deserialize;

use super::Problems;
use super::span::{DAY, HOUR, Span, within};

/// Longest time for anything that is kept: ten years.
const KEPT_MAX: Duration = Duration::from_secs(3_650 * 24 * 3_600);
/// Least and most room for recordings, in MiB.
const RECORDINGS_MIB: std::ops::RangeInclusive<u64> = 16..=1_048_576;
/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// The section as it stands in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistorySection {
    keep: Option<bool>,
    minutes: Option<Span>,
    hours: Option<Span>,
    recordings: Option<Span>,
    recordings_mib_max: Option<u64>,
}

impl HistorySection {
    /// For how long what is kept; `None`: no history is kept.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<Kept> {
        let default = Kept::default();
        let minutes = within("history.minutes", self.minutes, default.minutes, HOUR * 2, KEPT_MAX, problems);
        let hours = within("history.hours", self.hours, default.hours, DAY * 2, KEPT_MAX, problems);
        if hours < minutes {
            let what = "is shorter than history.minutes: the minutes would stay when their hours are gone";
            problems.add("history.hours", what, "Make it at least as long as history.minutes.");
        }
        let never = self.recordings.is_some_and(|span| span.0.is_zero());
        let recordings = if never {
            Duration::ZERO
        } else {
            within("history.recordings", self.recordings, default.recordings, HOUR, KEPT_MAX, problems)
        };
        let mib = self.recordings_mib_max.unwrap_or(default.recordings_bytes_max / MIB);
        if !RECORDINGS_MIB.contains(&mib) {
            let (least, most) = RECORDINGS_MIB.into_inner();
            let help = "Give a number of MiB within the range; to record nothing, set recordings = \"0s\".";
            let what = format!("= {mib} is outside of {least} to {most}");
            problems.add("history.recordings_mib_max", &what, help);
        }
        let recordings_bytes_max = mib.saturating_mul(MIB);
        self.keep.unwrap_or(true).then_some(Kept { minutes, hours, recordings, recordings_bytes_max })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn checked(text: &str) -> Result<Option<Kept>, String> {
        let section: HistorySection = toml::from_str(text).unwrap();
        let mut problems = Problems::new(Path::new("x.toml"));
        let kept = section.check(&mut problems);
        if problems.is_empty() { Ok(kept) } else { Err(problems.to_string()) }
    }

    #[test]
    fn nothing_written_keeps_everything_for_its_usual_time() {
        assert_eq!(checked(""), Ok(Some(Kept::default())));
        assert_eq!(Kept::default().recordings_bytes_max, 1_024 * MIB);
    }

    #[test]
    fn a_history_can_be_switched_off_as_a_whole_and_its_recordings_alone() {
        assert_eq!(checked("keep = false"), Ok(None));
        let kept = checked("recordings = \"0s\"").unwrap().unwrap();
        assert_eq!(kept, Kept { recordings: Duration::ZERO, ..Kept::default() });
    }

    #[test]
    fn what_is_out_of_range_is_told_with_value_and_range() {
        for (text, said) in [
            ("minutes = \"1h\"", "history.minutes = \"1h\" is outside of 2h to 3650d"),
            ("hours = \"1d\"", "history.hours = \"1day\" is outside of 2d to 3650d"),
            ("recordings = \"5m\"", "history.recordings = \"5m\" is outside of 1h to 3650d"),
            ("recordings_mib_max = 3", "history.recordings_mib_max = 3 is outside of 16 to 1048576"),
            ("minutes = \"90d\"\nhours = \"30d\"", "history.hours: is shorter than history.minutes"),
        ] {
            let problems = checked(text).unwrap_err();
            assert!(problems.contains(said), "{text}: {problems}");
        }
    }
}
