//! Stretches of time, joined where they touch: what stood when, and what lies between.

use std::time::Duration;

use rebound::time::Timestamp;

/// A stretch of time: its first moment, and the first moment after it.
pub type Span = (Timestamp, Timestamp);

/// Stretches in order, none touching another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Joins stretches that come in any order. Empty ones are left out.
    #[must_use]
    pub fn of(stretches: impl IntoIterator<Item = Span>) -> Self {
        let mut all: Vec<Span> = stretches.into_iter().filter(|(from, to)| from < to).collect();
        all.sort_unstable();
        let mut joined: Vec<Span> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                Some(_) | None => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// The stretches.
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    /// Each stretch begun earlier and ended later by so much.
    #[must_use]
    pub fn padded(&self, before: Duration, after: Duration) -> Self {
        Self::of(self.0.iter().map(|(from, to)| (from.before(before), to.after(after))))
    }

    /// Whether `at` lies in one of them.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        let after = self.0.partition_point(|(from, _)| *from <= at);
        after.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|(_, to)| at < *to)
    }

    /// Whether one of them shares a moment with the stretch.
    #[must_use]
    pub fn cuts(&self, (from, to): Span) -> bool {
        let first = self.0.partition_point(|(_, end)| *end <= from);
        self.0.get(first).is_some_and(|(begin, _)| *begin < to)
    }

    /// What of the stretch lies in none of them.
    #[must_use]
    pub fn gaps(&self, (from, to): Span) -> Vec<Span> {
        let mut gaps = Vec::new();
        let mut begin = from;
        let first = self.0.partition_point(|(_, end)| *end <= from);
        for (cut, end) in self.0.iter().skip(first).take_while(|(cut, _)| *cut < to) {
            if begin < *cut {
                gaps.push((begin, *cut));
            }
            begin = begin.max(*end);
        }
        if begin < to {
            gaps.push((begin, to));
        }
        gaps
    }

    /// The first stretch of at least `least` within `span` that none of them touches.
    #[must_use]
    pub fn clear(&self, span: Span, least: Duration) -> Option<Span> {
        self.gaps(span).into_iter().find(|(from, to)| to.since(*from) >= least)
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(stretches: I) -> Self {
        Self::of(stretches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_ms(second * 1_000)
    }

    fn spans(list: &[(i64, i64)]) -> Spans {
        list.iter().map(|(from, to)| (at(*from), at(*to))).collect()
    }

    #[test]
    fn stretches_that_touch_are_one() {
        assert_eq!(spans(&[(5, 9), (1, 3), (3, 4), (8, 12), (2, 2)]), spans(&[(1, 4), (5, 12)]));
    }

    #[test]
    fn what_lies_between_is_found() {
        let spans = spans(&[(2, 4), (6, 8)]);
        assert_eq!(spans.gaps((at(0), at(10))), vec![(at(0), at(2)), (at(4), at(6)), (at(8), at(10))]);
        assert_eq!(spans.gaps((at(3), at(7))), vec![(at(4), at(6))]);
        assert_eq!(spans.clear((at(3), at(20)), Duration::from_secs(5)), Some((at(8), at(20))));
        assert!(spans.holds(at(2)) && !spans.holds(at(4)));
        assert!(spans.cuts((at(3), at(5))) && !spans.cuts((at(4), at(6))));
    }
}
