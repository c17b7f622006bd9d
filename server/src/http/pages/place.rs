//! Which page an address leads to, and what that page is about now.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use rebound::alert::Alert;
use rebound::ids::{AlertId, IncidentId, TargetId};
use rebound::incident::{Incident, Severity};
use rebound::view::Board;
use rebound_app::{Body, ChartsSheet, Month, Narrowing, Notice, Sheet, Span, UiError, Week, severity_name};
use rebound_engine::ports::{AlertFilter, PAGE_MAX};
use rebound_engine::service::{Principal, Reported, Service, ServiceError};

use super::charts::charts;

/// Rows on one page of a list.
const ROWS: usize = 50;
/// What the last seven days came to is counted anew after this time.
const WEEK_EVERY: Duration = Duration::from_secs(60);
/// Charts are made anew after this time: their steps are minutes.
const CHARTS_EVERY: Duration = Duration::from_secs(30);
/// Most queries that one page of a narrowed list may take: it ends early rather than read the whole history.
const QUERIES_MAX: usize = 4;

/// Where an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    address: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Overview,
    Target(String, Span),
    Incident(String),
    Incidents(Asked),
    Alerts(Asked),
    Readiness,
    Report(Option<Month>),
}

/// What a list is narrowed to, and below which number it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    narrowing: Narrowing,
    before: Option<u64>,
}

/// What a list shows, and the number below which it goes on.
struct Found<T> {
    rows: Vec<T>,
    older: Option<u64>,
}

impl Place {
    /// Where this path with its query leads; `None` where no living page is.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let kind = match path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            [""] => Kind::Overview,
            ["targets", id] => {
                let value = |name: &str| query.get(name).map(String::as_str);
                Kind::Target(decoded(id), Span::read(value("range"), value("from"), value("to")))
            }
            ["incidents"] => Kind::Incidents(Asked::of(&query)),
            ["incidents", id] => Kind::Incident(decoded(id)),
            ["reports"] => Kind::Report(query.get("month").and_then(|month| Month::read(month))),
            ["readiness"] => Kind::Readiness,
            ["alerts"] => Kind::Alerts(Asked::of(&query)),
            _ => return None,
        };
        Some(Self { address: address.to_owned(), kind })
    }

    /// The whole page as of `board`. What was shown before is taken over where it is dear to make and new enough.
    pub(crate) async fn sheet(
        &self,
        service: &Service,
        who: &Principal,
        board: &Board,
        before: Option<&Body>,
    ) -> Sheet {
        Sheet::of(board, &self.address, self.body(service, who, board, before).await)
    }

    /// Whether what the page is about may have changed between two boards. What stands on every page may have all the same.
    pub(crate) fn is_touched(&self, before: &Board, now: &Board) -> bool {
        match self.kind {
            Kind::Overview | Kind::Target(_, _) => true,
            Kind::Incident(_) | Kind::Incidents(_) | Kind::Report(_) => {
                let incidents = |board: &Board| {
                    let target = |view: &rebound::view::TargetView| {
                        (
                            view.incident.clone(),
                            view.recent.clone(),
                            view.phase.clone(),
                            view.phase_detail.clone(),
                            view.phase_until,
                        )
                    };
                    board.targets.iter().map(target).collect::<Vec<_>>()
                };
                incidents(before) != incidents(now)
            }
            Kind::Readiness => before.readiness != now.readiness,
            Kind::Alerts(_) => before.alerts != now.alerts || before.requests != now.requests,
        }
    }

    /// What the page is about.
    async fn body(&self, service: &Service, who: &Principal, board: &Board, before: Option<&Body>) -> Body {
        match &self.kind {
            Kind::Overview => {
                let known =
                    before.and_then(Body::week).filter(|week| board.at.since(week.made_at) < WEEK_EVERY);
                let week = match known {
                    Some(week) => week.clone(),
                    None => week(service, who).await,
                };
                Body::overview(board, week)
            }
            Kind::Target(id, span) => {
                let charts = match before {
                    Some(Body::Target(_, charts)) if board.at.since(charts.made_at) < CHARTS_EVERY => {
                        ChartsSheet::clone(charts)
                    }
                    _ => charts(service, who, id, span).await,
                };
                Body::target(board, id, charts).unwrap_or_else(|| {
                    gone("The target cannot be shown.", ServiceError::NoSuchTarget(id.clone()))
                })
            }
            Kind::Report(month) => {
                let month = month.unwrap_or_else(|| Month::of(board.at));
                match service.report(who, month.begins(), month.ends()).await {
                    Ok(Reported { report, left_out }) => {
                        let note = left_out.then(|| {
                            "There is more than one report may read: what is older is left out.".to_owned()
                        });
                        Body::report(board, month, &report, note)
                    }
                    Err(error) => gone("The report cannot be shown.", error),
                }
            }
            Kind::Incident(id) => {
                let found = match id.parse() {
                    Ok(id) => service.incident(who, IncidentId::new(id)).await,
                    Err(_) => Err(ServiceError::NoSuchThing { what: "incident", number: 0 }),
                };
                match found {
                    Ok(incident) => Body::incident(&incident, board),
                    Err(error) => gone("The incident cannot be shown.", error),
                }
            }
            Kind::Readiness => Body::readiness(board),
            Kind::Incidents(asked) => match incidents(service, who, asked).await {
                Ok(Found { rows, older }) => {
                    let (newest, older) = asked.ways("/incidents", older);
                    Body::incidents(board, &rows, &asked.narrowing, newest, older)
                }
                Err(error) => gone("Incidents cannot be shown.", error),
            },
            Kind::Alerts(asked) => match alerts(service, who, asked).await {
                Ok(Found { rows, older }) => {
                    let (newest, older) = asked.ways("/alerts", older);
                    Body::alerts(board, &rows, &asked.narrowing, newest, older)
                }
                Err(error) => gone("Alerts cannot be shown.", error),
            },
        }
    }
}

/// What the last seven days came to. The page lives without it where it cannot be read.
async fn week(service: &Service, who: &Principal) -> Week {
    const DAYS: Duration = Duration::from_secs(7 * 86_400);
    let now = service.now();
    match service.report(who, now.before(DAYS), now).await {
        Ok(Reported { report, .. }) => Week::of(&report),
        Err(error) => {
            tracing::debug!(%error, "the last seven days cannot be counted now");
            Week { made_at: now, ..Week::default() }
        }
    }
}

/// The status that goes with a page.
pub(crate) const fn status(body: &Body) -> StatusCode {
    match body {
        Body::Gone { .. } => StatusCode::NOT_FOUND,
        Body::Overview(_)
        | Body::Target(_, _)
        | Body::Incidents(_)
        | Body::Incident(_)
        | Body::Alerts(_)
        | Body::Readiness(_)
        | Body::Report(_) => StatusCode::OK,
    }
}

fn gone(heading: &str, error: ServiceError) -> Body {
    Body::Gone { heading: heading.to_owned(), notice: Notice::from(UiError::from(error)) }
}

impl Asked {
    /// What nobody offers counts as not asked for.
    fn of(query: &BTreeMap<String, String>) -> Self {
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
    fn ways(&self, path: &str, older: Option<u64>) -> (Option<String>, Option<String>) {
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
}

async fn incidents(
    service: &Service,
    who: &Principal,
    asked: &Asked,
) -> Result<Found<Incident>, ServiceError> {
    let Narrowing { target, state, .. } = &asked.narrowing;
    let severity = asked.severity();
    let is_meant = |incident: &Incident| {
        (target.is_empty() || incident.target.as_str() == target)
            && severity.is_none_or(|severity| incident.severity == severity)
            && match state.as_str() {
                "open" => incident.closed.is_none(),
                "over" => incident.closed.is_some(),
                _ => true,
            }
    };
    let mut rows = Vec::new();
    let mut before = asked.before.map(IncidentId::new);
    for _ in 0..QUERIES_MAX {
        let page = service.incidents(who, before, PAGE_MAX).await?;
        let more = page.len() == PAGE_MAX as usize;
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

async fn alerts(service: &Service, who: &Principal, asked: &Asked) -> Result<Found<Alert>, ServiceError> {
    let limit = u32::try_from(ROWS).unwrap_or(PAGE_MAX).saturating_add(1);
    let filter = AlertFilter {
        severity: asked.severity(),
        target: TargetId::try_new(&asked.narrowing.target).ok(),
        acknowledged: match asked.narrowing.state.as_str() {
            "seen" => Some(true),
            "unseen" => Some(false),
            _ => None,
        },
        before: asked.before.map(AlertId::new),
        limit,
    };
    let mut rows = service.alerts(who, &filter).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let older = rows.last().filter(|_| more).map(|alert| alert.id.number());
    Ok(Found { rows, older })
}

/// A part of a path as it was meant.
fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_their_pages_and_others_nowhere() {
        let kind = |address: &str| Place::of(address).map(|place| place.kind);
        assert_eq!(kind("/?done=heal"), Some(Kind::Overview));
        assert_eq!(kind("/targets/mt5"), Some(Kind::Target("mt5".to_owned(), Span::Last("24h".to_owned()))));
        assert_eq!(kind("/incidents/7"), Some(Kind::Incident("7".to_owned())));
        for nowhere in
            ["", "/targets", "/targets/a/b", "/login", "/api/v1/board", "//", "https://example.com/"]
        {
            assert_eq!(kind(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn what_nobody_offers_narrows_nothing() {
        let Some(Kind::Alerts(asked)) =
            Place::of("/alerts?severity=awful&target=..%2F&state=x&before=y").map(|p| p.kind)
        else {
            panic!("it is the page of alerts");
        };
        assert_eq!(asked, Asked::default());
    }

    #[test]
    fn a_list_goes_on_below_its_last_row_with_the_same_narrowing() {
        let Some(Kind::Incidents(asked)) =
            Place::of("/incidents?target=mt5&state=open&before=90").map(|p| p.kind)
        else {
            panic!("it is the page of incidents");
        };
        let (newest, older) = asked.ways("/incidents", Some(40));
        assert_eq!(newest.as_deref(), Some("/incidents?target=mt5&state=open"));
        assert_eq!(older.as_deref(), Some("/incidents?target=mt5&state=open&before=40"));
    }
}
