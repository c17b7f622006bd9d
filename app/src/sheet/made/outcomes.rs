//! What became of heals and of the error budget, for a page: which days, and the charts of them.

use rebound::report::budget::Burn;
use rebound::report::heals::HealDays;

use super::{budget, heals};
use crate::sheet::chart::{OutcomesSheet, Range};

/// How many days of heals a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealSpan {
    /// A month.
    #[default]
    Days30,
    /// A quarter.
    Days90,
}

impl HealSpan {
    const ALL: [Self; 2] = [Self::Days30, Self::Days90];

    /// What the address asks for. What nobody offers counts as the usual.
    #[must_use]
    pub fn read(days: Option<&str>) -> Self {
        let found = Self::ALL.into_iter().find(|span| days == Some(span.days().to_string().as_str()));
        found.unwrap_or_default()
    }

    /// How many.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Days30 => 30,
            Self::Days90 => 90,
        }
    }

    /// As it stands in an address.
    pub(super) fn query(self) -> String {
        format!("heals={}", self.days())
    }
}

impl OutcomesSheet {
    /// What a page at `address`, which ends so that a name and a value can follow, shows of them. What could not be read is left out.
    #[must_use]
    pub fn of(address: &str, span: HealSpan, heals: Option<&HealDays>, burn: Option<&Burn>) -> Self {
        let range = |one: HealSpan| Range {
            words: format!("{} days", one.days()),
            address: format!("{address}{}", one.query()),
            chosen: one == span,
        };
        Self {
            heals: heals.map(heals::chart),
            ranges: HealSpan::ALL.map(range).into(),
            budget: burn.map(budget::chart),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_offers_is_a_month() {
        assert_eq!(HealSpan::read(Some("90")), HealSpan::Days90);
        assert!([None, Some("31"), Some("")].iter().all(|days| HealSpan::read(*days) == HealSpan::Days30));
    }

    #[test]
    fn the_way_to_other_days_stays_on_the_page() {
        let sheet = OutcomesSheet::of("/reports?month=2026-11&", HealSpan::Days90, None, None);
        let ways: Vec<_> = sheet.ranges.iter().map(|range| (range.address.as_str(), range.chosen)).collect();
        assert_eq!(
            ways,
            [("/reports?month=2026-11&heals=30", false), ("/reports?month=2026-11&heals=90", true)]
        );
    }
}
