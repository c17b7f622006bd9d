//! Which page an address leads to, and what that page is about now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use rebound::ids::IncidentId;
use rebound::role::Right;
use rebound::time::Timestamp;
use rebound::view::{Board, TargetView};
use rebound_app::{Body, ChartsSheet, HealSpan, Month, Notice, Sheet, Span, UiError, Week};
use rebound_engine::service::{Principal, Reported, Service, ServiceError};

use super::super::errors::Problem;
use super::changes::{is_counting, review, settings};
use super::charts::{charts, outcomes};
use super::lists::{Asked, Found};

/// What a week or a month came to is counted anew after this time.
const COUNTED_EVERY: Duration = Duration::from_secs(60);
/// Charts are made anew after this time: their steps are minutes.
const CHARTS_EVERY: Duration = Duration::from_secs(30);
/// What could not be shown is asked for again after this time.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Drills that the page of readiness lists.
const DRILLS_SHOWN: usize = 20;

/// Where an address leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    address: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Overview,
    Target(String, Span, HealSpan),
    Incident(String),
    Incidents(Asked),
    Alerts(Asked),
    Readiness,
    Report(Option<Month>, HealSpan),
    Settings(BTreeMap<String, String>),
    Review(BTreeMap<String, String>),
}

/// A page as it was made.
pub(crate) struct Made {
    /// As of this board.
    board: Arc<Board>,
    /// It.
    pub(crate) sheet: Sheet,
    /// When what it is about was last made; what did not change is taken over.
    made_at: Timestamp,
}

impl Place {
    /// Where this path with its query leads; `None` where no living page is.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value = |name: &str| query.get(name).map(String::as_str);
        let kind = match path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
            [""] => Kind::Overview,
            ["targets", id] => {
                let span = Span::read(value("range"), value("from"), value("to"));
                Kind::Target(decoded(id), span, HealSpan::read(value("heals")))
            }
            ["incidents"] => Kind::Incidents(Asked::of(&query)),
            ["incidents", id] => Kind::Incident(decoded(id)),
            ["reports"] => Kind::Report(value("month").and_then(Month::read), HealSpan::read(value("heals"))),
            ["readiness"] => Kind::Readiness,
            ["settings"] => Kind::Settings(query),
            ["settings", "review"] => Kind::Review(query),
            ["alerts"] => Kind::Alerts(Asked::of(&query)),
            _ => return None,
        };
        Some(Self { address: address.to_owned(), kind })
    }

    /// The right that the page takes, for whoever follows it without opening it.
    pub(crate) const fn right(&self) -> Right {
        match self.kind {
            Kind::Overview
            | Kind::Target(..)
            | Kind::Incident(_)
            | Kind::Incidents(_)
            | Kind::Alerts(_)
            | Kind::Readiness
            | Kind::Report(..)
            | Kind::Settings(_) => Right::See,
            Kind::Review(_) => Right::Manage,
        }
    }

    /// The whole page as of `board`. What was made before is taken over where nothing touched it.
    pub(crate) async fn made(
        &self,
        service: &Service,
        who: &Principal,
        board: Arc<Board>,
        last: Option<&Made>,
    ) -> Made {
        let (body, made_at) = match last.filter(|last| self.still_holds(last, &board)) {
            Some(last) => (last.sheet.body.clone(), last.made_at),
            None => (self.body(service, who, &board, last).await, board.at),
        };
        Made { sheet: Sheet::of(&board, &self.address, who, body), board, made_at }
    }

    /// Whether the page shows something that is being counted and is to be made again soon, whatever happens.
    pub(crate) fn is_in_the_making(last: &Made) -> bool {
        is_counting(&last.sheet.body)
    }

    /// Whether it shows nothing that grows without news of the board.
    pub(crate) const fn stands_still(&self) -> bool {
        !matches!(self.kind, Kind::Review(_))
    }

    /// Whether what the page was about is so still. What stands on every page is made anew all the same.
    fn still_holds(&self, last: &Made, now: &Board) -> bool {
        let young = |most: Duration| now.at.since(last.made_at) < most;
        if let Body::Gone { .. } = last.sheet.body {
            return young(AGAIN_AFTER);
        }
        match self.kind {
            Kind::Overview | Kind::Target(_, _, _) | Kind::Readiness => false,
            // What other servers change reaches the board as well, but not at once.
            Kind::Settings(_) => young(AGAIN_AFTER),
            Kind::Review(_) => !is_counting(&last.sheet.body),
            Kind::Incident(_) | Kind::Incidents(_) => same_incidents(&last.board, now),
            // What is open goes on: its figures grow without anything happening.
            Kind::Report(_, _) => same_incidents(&last.board, now) && young(COUNTED_EVERY),
            Kind::Alerts(_) => last.board.alerts == now.alerts && last.board.requests == now.requests,
        }
    }

    /// What the page is about.
    async fn body(&self, service: &Service, who: &Principal, board: &Board, last: Option<&Made>) -> Body {
        match &self.kind {
            Kind::Overview => {
                // What has just begun or ended is counted at once.
                let known = last
                    .filter(|last| same_happenings(&last.board, board))
                    .and_then(|last| last.sheet.body.week())
                    .filter(|week| board.at.since(week.made_at) < COUNTED_EVERY);
                let week = match known {
                    Some(week) => week.clone(),
                    None => week(service, who).await,
                };
                Body::overview(board, week)
            }
            Kind::Target(id, span, heals) => {
                let charts = match last.map(|last| &last.sheet.body) {
                    Some(Body::Target(_, charts)) if board.at.since(charts.made_at) < CHARTS_EVERY => {
                        ChartsSheet::clone(charts)
                    }
                    _ => charts(service, who, id, (span, *heals)).await,
                };
                Body::target(board, id, charts).unwrap_or_else(|| {
                    gone("The target cannot be shown.", ServiceError::NoSuchTarget(id.clone()))
                })
            }
            Kind::Report(month, heals) => {
                let month = month.unwrap_or_else(|| Month::of(board.at));
                match service.report(who, month.begins(), month.ends()).await {
                    Ok(Reported { report, left_out }) => {
                        let note = left_out.then(|| {
                            "There is more than one report may read: what is older is left out.".to_owned()
                        });
                        let outcomes = outcomes(service, who, month, *heals).await;
                        Body::report(board, month, &report, outcomes, note)
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
            Kind::Readiness => {
                let held = service.drills(who, None, DRILLS_SHOWN).await;
                Body::readiness(board, held.as_deref().map_err(ToString::to_string))
            }
            Kind::Settings(query) => settings(service, who, query).await,
            Kind::Review(query) => review(service, who, query).await,
            Kind::Incidents(asked) => match asked.incidents(service, who).await {
                Ok(Found { rows, older }) => {
                    let (newest, older) = asked.ways("/incidents", older);
                    Body::incidents(board, &rows, asked.narrowing(), newest, older)
                }
                Err(error) => gone("Incidents cannot be shown.", error),
            },
            Kind::Alerts(asked) => match asked.alerts(service, who).await {
                Ok(Found { rows, older }) => {
                    let (newest, older) = asked.ways("/alerts", older);
                    Body::alerts(board, &rows, asked.narrowing(), newest, older)
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

/// Whether nothing has begun or ended: no incident, no step of a heal, no alert.
fn same_happenings(before: &Board, now: &Board) -> bool {
    let open = |view: &TargetView| view.incident.as_ref().map(|open| (open.id, open.steps.len()));
    let same = |(a, b): (&TargetView, &TargetView)| {
        open(a) == open(b) && a.recent.first().map(|ended| ended.id) == b.recent.first().map(|ended| ended.id)
    };
    before.targets.len() == now.targets.len()
        && before.targets.iter().zip(&now.targets).all(same)
        && before.alerts.first().map(|alert| alert.id) == now.alerts.first().map(|alert| alert.id)
}

/// Whether incidents, and what is done about them, are the same on both boards.
fn same_incidents(before: &Board, now: &Board) -> bool {
    let same = |(a, b): (&TargetView, &TargetView)| {
        (&a.id, &a.incident, &a.recent) == (&b.id, &b.incident, &b.recent)
            && (&a.phase, &a.phase_detail, a.phase_until) == (&b.phase, &b.phase_detail, b.phase_until)
    };
    before.targets.len() == now.targets.len() && before.targets.iter().zip(&now.targets).all(same)
}

/// The status that goes with a page.
pub(crate) fn status(body: &Body) -> StatusCode {
    if let Body::Gone { status, .. } = body {
        StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        StatusCode::OK
    }
}

pub(super) fn gone(heading: &str, error: ServiceError) -> Body {
    let status = Problem::from(error.clone()).status().as_u16();
    Body::Gone { status, heading: heading.to_owned(), notice: Notice::from(UiError::from(error)) }
}

/// A part of a path as it was meant.
fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::http::Pass;

    #[test]
    fn following_a_page_takes_the_right_that_opening_it_takes() {
        let doors = crate::http::doors();
        let pages = doors.into_iter().filter(|door| door.method == Method::GET);
        let mut known = 0;
        for door in pages {
            if let Some(place) = Place::of(&door.path.replace("{id}", "1")) {
                known += 1;
                assert_eq!(door.pass, Pass::With(place.right()), "{}", door.path);
            }
        }
        assert_eq!(known, 9);
    }

    #[test]
    fn addresses_lead_to_their_pages_and_others_nowhere() {
        let kind = |address: &str| Place::of(address).map(|place| place.kind);
        assert_eq!(kind("/?done=heal"), Some(Kind::Overview));
        let day = Span::Last("24h".to_owned());
        assert_eq!(kind("/targets/mt5"), Some(Kind::Target("mt5".to_owned(), day, HealSpan::Days30)));
        assert_eq!(kind("/reports?heals=90"), Some(Kind::Report(None, HealSpan::Days90)));
        assert_eq!(kind("/incidents/7"), Some(Kind::Incident("7".to_owned())));
        for nowhere in
            ["", "/targets", "/targets/a/b", "/login", "/api/v1/board", "//", "https://example.com/"]
        {
            assert_eq!(kind(nowhere), None, "{nowhere}");
        }
    }
}
