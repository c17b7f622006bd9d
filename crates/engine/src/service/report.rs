//! What a stretch of time came to, from what is written down.

use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId};
use rebound::incident::Incident;
use rebound::report::{Report, report};
use rebound::time::Timestamp;

use super::{Principal, Service, ServiceError};
use crate::ports::{AlertFilter, PAGE_MAX};

/// Most queries for incidents, and as many for alerts, that one report may take: 10,000 of each. What is older than the last
/// that was read is left out, and the report says so.
const QUERIES_MAX: usize = 20;

/// A report, and whether everything was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// It.
    pub report: Report,
    /// Whether there was more to read than one report may.
    pub left_out: bool,
}

impl Service {
    /// What the time from `from` to `to`, at most until now, came to. Times in each state are of whole hours.
    ///
    /// # Errors
    /// [`ServiceError::OutOfRange`], [`ServiceError::Store`]. Where no history is kept, times in each state are unknown.
    pub async fn report(
        &self,
        who: &Principal,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Reported, ServiceError> {
        let known = self.uptime_between(who, from, to).await?;
        let to = to.min(self.now());
        let (incidents, more_incidents) = self.incidents_since(who, from).await?;
        let (alerts, more_alerts) = self.alerts_since(who, from).await?;
        let report = report((from, to), &incidents, &alerts, &known);
        Ok(Reported { report, left_out: more_incidents || more_alerts })
    }

    /// Incidents that were going on at `from` or later, and whether there are more than were read.
    pub(super) async fn incidents_since(
        &self,
        who: &Principal,
        from: Timestamp,
    ) -> Result<(Vec<Incident>, bool), ServiceError> {
        let mut found: Vec<Incident> = Vec::new();
        let mut before: Option<IncidentId> = None;
        for _ in 0..QUERIES_MAX {
            let page = self.incidents(who, before, PAGE_MAX).await?;
            before = page.last().map(|incident| incident.id);
            let full = page.len() == PAGE_MAX as usize;
            // A whole page that ended before: an older one that ended later than all of these, and is not open, is not looked for.
            let over = page.iter().all(|incident| incident.closed.as_ref().is_some_and(|end| end.at < from));
            found.extend(
                page.into_iter().filter(|incident| incident.closed.as_ref().is_none_or(|end| end.at >= from)),
            );
            if !full || over {
                return Ok((self.with_open(found), false));
            }
        }
        Ok((self.with_open(found), true))
    }

    /// With those that are open: one may be older than everything that was read.
    fn with_open(&self, mut found: Vec<Incident>) -> Vec<Incident> {
        let board = self.board.borrow();
        for open in board.targets.iter().filter_map(|view| view.incident.as_ref()) {
            if !found.iter().any(|incident| incident.id == open.id) {
                found.push(open.clone());
            }
        }
        found
    }

    async fn alerts_since(
        &self,
        who: &Principal,
        from: Timestamp,
    ) -> Result<(Vec<Alert>, bool), ServiceError> {
        let mut found: Vec<Alert> = Vec::new();
        let mut before: Option<AlertId> = None;
        for _ in 0..QUERIES_MAX {
            let filter = AlertFilter { before, limit: PAGE_MAX, ..AlertFilter::default() };
            let page = self.alerts(who, &filter).await?;
            before = page.last().map(|alert| alert.id);
            let over = page.len() < PAGE_MAX as usize || page.last().is_some_and(|alert| alert.at < from);
            found.extend(page.into_iter().filter(|alert| alert.at >= from));
            if over {
                return Ok((found, false));
            }
        }
        Ok((found, true))
    }
}
