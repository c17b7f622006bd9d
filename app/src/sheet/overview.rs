//! The Overview: one target whole, or many at a glance.

use rebound::time::Timestamp;
use rebound::view::Tone;
use serde::{Deserialize, Serialize};

use super::target::{Bar, TargetSheet};
use super::{AlertSheet, Fact, HoldSheet, Line, Mark, RequestSheet};

/// Everything the Overview shows beside what stands on every page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverviewSheet {
    /// The state of everything in one sentence.
    pub sentence: String,
    /// How the sentence looks; `None` only while there is no sheet.
    pub tone: Option<Tone>,
    /// Targets shown whole: the only one there is, or those in trouble.
    pub cards: Vec<TargetSheet>,
    /// What the last seven days came to.
    pub week: Week,
    /// How many more are in trouble than have a card, in words.
    pub more: Option<String>,
    /// Every target at a glance, in the order of configuration; empty where one is all there is.
    pub rows: Vec<TargetRow>,
    /// Pauses of all targets and planned work: what is going on, then what comes next.
    pub plans: Vec<HoldSheet>,
    /// What was asked about all targets, newest first; empty where one target alone tells it.
    pub plan_requests: Vec<RequestSheet>,
    /// The last alerts, newest first.
    pub alerts: Vec<AlertSheet>,
    /// What was asked about alerts, newest first.
    pub requests: Vec<RequestSheet>,
    /// What Rebound knows of itself.
    pub own: Vec<Fact>,
    /// The servers that share the targets; empty where one Rebound watches alone.
    pub servers: Vec<Fact>,
}

/// What the last seven days came to: whether heals are worth it, and whether people are told too much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// When it was counted.
    pub made_at: Timestamp,
    /// The figures; none where they cannot be read.
    pub facts: Vec<Fact>,
}

/// One target of many, at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRow {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is, its market while that is open, and what it depends on.
    pub about: Line,
    /// What people must know of it beside its phase.
    pub marks: Vec<Mark>,
    /// The phase's word.
    pub phase: String,
    /// How it looks.
    pub tone: Tone,
    /// Why it is so, where it is not simply well.
    pub why: Option<String>,
    /// When it was last asked and something was seen.
    pub observed_at: Option<Timestamp>,
    /// After how long without an observation it must look old.
    pub stale_after_ms: u64,
    /// Heartbeat, latency, uptime and the next look.
    pub vitals: Vec<Fact>,
    /// The last 24 hours as drawn.
    pub bars: Vec<Bar>,
    /// The same in one sentence.
    pub day: String,
}

#[cfg(test)]
impl TargetRow {
    /// A line of which only this is known.
    pub(crate) fn named(id: &str, name: &str, phase: &str, tone: Tone) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            about: Line::new(),
            marks: Vec::new(),
            phase: phase.to_owned(),
            tone,
            why: None,
            observed_at: None,
            stale_after_ms: 0,
            vitals: Vec::new(),
            bars: Vec::new(),
            day: String::new(),
        }
    }
}

/// What changed on an Overview of many targets since the sheet before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The new sheet, its Overview without rows.
    pub sheet: super::Sheet,
    /// Rows that are new or changed.
    pub rows: Vec<TargetRow>,
    /// The ids of all rows, where they or their order changed.
    pub order: Option<Vec<String>>,
}

impl Change {
    /// What leads from `before` to `now`; `None` where they are not two Overviews of many targets.
    #[must_use]
    pub fn between(before: &super::Sheet, now: &super::Sheet) -> Option<Self> {
        let (super::Body::Overview(old), super::Body::Overview(new)) = (&before.body, &now.body) else {
            return None;
        };
        if old.rows.is_empty() || new.rows.is_empty() {
            return None;
        }
        let same_order = old.rows.iter().map(|row| &row.id).eq(new.rows.iter().map(|row| &row.id));
        let rows = if same_order {
            let pairs = old.rows.iter().zip(&new.rows);
            pairs.filter(|(old, new)| old != new).map(|(_, new)| new.clone()).collect()
        } else {
            new.rows.clone()
        };
        let order = (!same_order).then(|| new.rows.iter().map(|row| row.id.clone()).collect());
        let overview = OverviewSheet { rows: Vec::new(), ..(**new).clone() };
        let sheet = super::Sheet { body: super::Body::Overview(Box::new(overview)), ..now.clone() };
        Some(Self { sheet, rows, order })
    }

    /// The sheet after `before`; `None` where the change does not fit it, and a whole sheet is needed.
    pub(crate) fn after(self, before: &super::Sheet) -> Option<super::Sheet> {
        let Self { mut sheet, rows, order } = self;
        let (super::Body::Overview(old), super::Body::Overview(new)) = (&before.body, &mut sheet.body) else {
            return None;
        };
        let newer = |id: &str| rows.iter().find(|row| row.id == id).cloned();
        new.rows = match order {
            Some(ids) => ids.iter().map(|id| newer(id)).collect::<Option<Vec<_>>>()?,
            None => old.rows.iter().map(|row| newer(&row.id).unwrap_or_else(|| row.clone())).collect(),
        };
        Some(sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Reader, Sheet};
    use super::*;

    fn row(id: &str, phase: &str) -> TargetRow {
        TargetRow::named(id, id, phase, Tone::Good)
    }

    fn sheet(at: i64, rows: Vec<TargetRow>) -> Sheet {
        Sheet {
            seq: 1,
            at: Timestamp::from_ms(at),
            who: Reader::admin(),
            address: "/".to_owned(),
            title: String::new(),
            banners: Vec::new(),
            holds: Vec::new(),
            body: Body::Overview(Box::new(OverviewSheet { rows, ..OverviewSheet::default() })),
        }
    }

    #[test]
    fn a_change_carries_only_the_rows_that_changed_and_leads_to_the_same_sheet() {
        let before = sheet(1, vec![row("a", "Healthy"), row("b", "Healthy"), row("c", "Healthy")]);
        let now = sheet(2, vec![row("a", "Healthy"), row("b", "Healing"), row("c", "Healthy")]);
        let change = Change::between(&before, &now).unwrap();
        assert_eq!(change.rows, [row("b", "Healing")]);
        assert_eq!(change.order, None);
        assert_eq!(change.after(&before), Some(now));
    }

    #[test]
    fn rows_that_come_go_or_move_are_told_whole() {
        let before = sheet(1, vec![row("a", "Healthy"), row("b", "Healthy")]);
        let now = sheet(2, vec![row("b", "Healthy"), row("d", "Suspect"), row("a", "Healthy")]);
        assert_eq!(Change::between(&before, &now).unwrap().after(&before), Some(now));
    }

    #[test]
    fn pages_without_rows_are_told_whole() {
        let (before, now) = (sheet(1, Vec::new()), sheet(2, vec![row("a", "Healthy")]));
        assert_eq!(Change::between(&before, &now), None);
        assert_eq!(Change::between(&now, &before), None);
    }
}
