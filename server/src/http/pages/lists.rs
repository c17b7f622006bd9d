//! Which rows a list shows: what its address narrows it to, and where it goes on.

use std::collections::BTreeMap;

use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound_app::{Narrowing, severity_name};
use rebound_engine::ports::{AlertFilter, PAGE_MAX};
use rebound_engine::service::{Principal, Service, ServiceError};

/// Rows on one page of a list.
const ROWS: usize = 50;
/// The same and one more, which says that there is more.
const ROWS_AND_ONE: u32 = 51;
/// Most queries that one page of a narrowed list may take: it ends early rather than read the whole history.
const QUERIES_MAX: usize = 4;

/// What a list is narrowed to, and below which number it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    narrowing: Narrowing,
    before: Option<u64>,
}

/// What a list shows, and the number below which it goes on.
pub(super) struct Found<T> {
    pub(super) rows: Vec<T>,
    pub(super) older: Option<u64>,
}

impl Asked {
    /// What the query asks for. What nobody offers counts as not asked for.
    pub(super) fn of(query: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| query.get(name).cloned().unwrap_or_default();
        let known = |value: String, words: &[&str]| {
            if words.contains(&value.as_str()) { value } else { String::new() }
        };
        Self {
            narrowing: Narrowing {
                target: Some(value("target")).filter(|id| TargetId::try_new(id).is_ok()).unwrap_or_default(),
                severity: known(value("severity"), &["critical", "warning", "info"]),
                state: known(value("state"), &["open", "over", "seen", "unseen"]),
            },
            before: query.get("before").and_then(|text| text.parse().ok()),
        }
    }

    fn severity(&self) -> Option<Severity> {
        let all = [Severity::Critical, Severity::Warning, Severity::Info];
        all.into_iter().find(|severity| severity_name(*severity) == self.narrowing.severity)
    }

    /// Addresses of the newest and of what is older.
    pub(super) fn ways(&self, path: &str, older: Option<u64>) -> (Option<String>, Option<String>) {
        let address = |before: Option<u64>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let Narrowing { target, severity, state } = &self.narrowing;
            for (name, value) in [("target", target), ("severity", severity), ("state", state)] {
                if !value.is_empty() {
                    query.append_pair(name, value);
                }
            }
            if let Some(before) = before {
                query.append_pair("before", &before.to_string());
            }
            let query = query.finish();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
        };
        (self.before.map(|_| address(None)), older.map(|before| address(Some(before))))
    }

    /// What the list is narrowed to.
    pub(super) const fn narrowing(&self) -> &Narrowing {
        &self.narrowing
    }

    /// Incidents, newest first.
    pub(super) async fn incidents(
        &self,
        service: &Service,
        who: &Principal,
    ) -> Result<Found<Incident>, ServiceError> {
        let Narrowing { target, state, .. } = &self.narrowing;
        let severity = self.severity();
        let is_meant = |incident: &Incident| {
            (target.is_empty() || incident.target.as_str() == target)
                && severity.is_none_or(|severity| incident.severity == severity)
                && match state.as_str() {
                    "open" => incident.closed.is_none(),
                    "over" => incident.closed.is_some(),
                    _ => true,
                }
        };
        // One more than is shown says whether there is more; what is narrowed is looked for in as many as one query gives.
        let limit = if self.narrowing == Narrowing::default() { ROWS_AND_ONE } else { PAGE_MAX };
        let mut rows = Vec::new();
        let mut before = self.before.map(IncidentId::new);
        for _ in 0..QUERIES_MAX {
            let page = service.incidents(who, before, limit).await?;
            let more = page.len() == limit as usize;
            for incident in page {
                if rows.len() == ROWS {
                    return Ok(Found { rows, older: before.map(IncidentId::number) });
                }
                before = Some(incident.id);
                if is_meant(&incident) {
                    rows.push(incident);
                }
            }
            if !more {
                return Ok(Found { rows, older: None });
            }
        }
        Ok(Found { rows, older: before.map(IncidentId::number) })
    }

    /// Alerts, newest first.
    pub(super) async fn alerts(
        &self,
        service: &Service,
        who: &Principal,
    ) -> Result<Found<Alert>, ServiceError> {
        let filter = AlertFilter {
            severity: self.severity(),
            target: TargetId::try_new(&self.narrowing.target).ok(),
            acknowledged: match self.narrowing.state.as_str() {
                "seen" => Some(true),
                "unseen" => Some(false),
                _ => None,
            },
            before: self.before.map(AlertId::new),
            limit: ROWS_AND_ONE,
        };
        let mut rows = service.alerts(who, &filter).await?;
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let older = rows.last().filter(|_| more).map(|alert| alert.id.number());
        Ok(Found { rows, older })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::of(&url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    #[test]
    fn what_nobody_offers_narrows_nothing() {
        assert_eq!(asked("severity=awful&target=..%2F&state=x&before=y"), Asked::default());
    }

    #[test]
    fn a_list_goes_on_below_its_last_row_with_the_same_narrowing() {
        let (newest, older) = asked("target=mt5&state=open&before=90").ways("/incidents", Some(40));
        assert_eq!(newest.as_deref(), Some("/incidents?target=mt5&state=open"));
        assert_eq!(older.as_deref(), Some("/incidents?target=mt5&state=open&before=40"));
    }
}
