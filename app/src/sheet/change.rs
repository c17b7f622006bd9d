//! What leads from one sheet to the next, where that is less than the whole.

use serde::{Deserialize, Serialize};

use super::chart::ChartsSheet;
use super::overview::{OverviewSheet, TargetRow};
use super::{Body, Sheet};

/// What changed since the sheet before: rows of an Overview of many targets, or a target whose charts stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The new sheet, its Overview without rows, its target without charts.
    pub sheet: Sheet,
    /// Rows that are new or changed.
    pub rows: Vec<TargetRow>,
    /// The ids of all rows, where they or their order changed.
    pub order: Option<Vec<String>>,
}

impl Change {
    /// What leads from `before` to `now`; `None` where that is told as a whole.
    #[must_use]
    pub fn between(before: &Sheet, now: &Sheet) -> Option<Self> {
        match (&before.body, &now.body) {
            (Body::Overview(old), Body::Overview(new)) => Self::of_rows(old, new, now),
            (Body::Target(_, old), Body::Target(target, new)) if old == new => {
                let body = Body::Target(target.clone(), Box::default());
                Some(Self { sheet: Sheet { body, ..now.clone() }, rows: Vec::new(), order: None })
            }
            _ => None,
        }
    }

    fn of_rows(old: &OverviewSheet, new: &OverviewSheet, now: &Sheet) -> Option<Self> {
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
        let overview = OverviewSheet { rows: Vec::new(), ..new.clone() };
        let sheet = Sheet { body: Body::Overview(Box::new(overview)), ..now.clone() };
        Some(Self { sheet, rows, order })
    }

    /// The sheet after `before`; `None` where the change does not fit it, and a whole sheet is needed.
    pub(crate) fn after(self, before: &Sheet) -> Option<Sheet> {
        let Self { mut sheet, rows, order } = self;
        match (&before.body, &mut sheet.body) {
            (Body::Overview(old), Body::Overview(new)) => {
                let newer = |id: &str| rows.iter().find(|row| row.id == id).cloned();
                new.rows = match order {
                    Some(ids) => ids.iter().map(|id| newer(id)).collect::<Option<Vec<_>>>()?,
                    None => {
                        old.rows.iter().map(|row| newer(&row.id).unwrap_or_else(|| row.clone())).collect()
                    }
                };
            }
            (Body::Target(_, old), Body::Target(_, new)) => new.clone_from(old),
            _ => return None,
        }
        Some(sheet)
    }
}

impl Body {
    /// The charts of a target, which the page carries apart from the rest; `None` where there are none.
    #[cfg(any(feature = "ssr", test))]
    pub(crate) fn take_charts(&mut self) -> Option<ChartsSheet> {
        let Self::Target(_, charts) = self else { return None };
        (!charts.are_elsewhere()).then(|| std::mem::take(charts.as_mut()))
    }

    /// Puts them back.
    #[cfg(any(feature = "ssr", feature = "hydrate", test))]
    pub(crate) fn give_charts(&mut self, given: ChartsSheet) {
        if let Self::Target(_, charts) = self {
            **charts = given;
        }
    }
}

#[cfg(test)]
mod tests {
    use rebound::time::Timestamp;
    use rebound::view::Tone;

    use super::super::Reader;
    use super::*;
    use crate::sheet::chart::Range;
    use crate::sheet::target::TargetSheet;

    fn row(id: &str, phase: &str) -> TargetRow {
        TargetRow::named(id, id, phase, Tone::Good)
    }

    fn sheet(at: i64, rows: Vec<TargetRow>) -> Sheet {
        about(at, Body::Overview(Box::new(OverviewSheet { rows, ..OverviewSheet::default() })))
    }

    fn about(at: i64, body: Body) -> Sheet {
        Sheet {
            seq: 1,
            at: Timestamp::from_ms(at),
            who: Reader::admin(),
            address: "/".to_owned(),
            title: String::new(),
            banners: Vec::new(),
            holds: Vec::new(),
            body,
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

    fn charts(made_at: i64, words: &str) -> ChartsSheet {
        let range = Range { words: words.to_owned(), address: String::new(), chosen: false };
        ChartsSheet { made_at: Timestamp::from_ms(made_at), ranges: vec![range], ..ChartsSheet::default() }
    }

    #[test]
    fn charts_are_told_again_only_when_they_are_others() {
        let target = |at, charts: &ChartsSheet| {
            about(at, Body::Target(Box::new(TargetSheet::named("mt5")), Box::new(charts.clone())))
        };
        let (old, other) = (charts(1, "24 h"), charts(2, "7 d"));
        let (before, now) = (target(1, &old), target(2, &old));
        let change = Change::between(&before, &now).unwrap();
        assert!(matches!(&change.sheet.body, Body::Target(_, charts) if charts.are_elsewhere()));
        assert_eq!(change.after(&before), Some(now));
        assert_eq!(Change::between(&before, &target(2, &other)), None);
    }

    #[test]
    fn charts_are_taken_from_a_page_and_given_back() {
        let whole = about(1, Body::Target(Box::new(TargetSheet::named("mt5")), Box::new(charts(1, "24 h"))));
        let mut sheet = whole.clone();
        let taken = sheet.body.take_charts().unwrap();
        assert_ne!(sheet, whole);
        assert_eq!(sheet.body.take_charts(), None, "they are elsewhere");
        sheet.body.give_charts(taken);
        assert_eq!(sheet, whole);
    }
}
