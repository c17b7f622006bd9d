//! The pages of settings: what holds, and what a change would come to.

use std::collections::BTreeMap;

use rebound_app::Body;
use rebound_engine::service::{Principal, Service, ServiceError, SettingsNow, WouldBe};
use rebound_engine::settings::Wanted;
use url::form_urlencoded::Serializer;

use super::place::gone;

/// Changes that are listed on one page.
const CHANGES_SHOWN: u32 = 20;
/// What is in the address of a page and no key of a setting.
const OTHERS: [&str; 6] = ["of", "undo", "before", "done", "request", "note"];
/// What a form that was refused adds to the address begins so.
const REFUSED: &str = "__";
/// The group that is shown where none is named.
const GENERAL: &str = "general";

/// The settings, and what was changed.
pub(super) async fn settings(service: &Service, who: &Principal, query: &BTreeMap<String, String>) -> Body {
    let before = query.get("before").and_then(|before| before.parse().ok());
    let found = match (service.settings(who), service.settings_log(who, before, CHANGES_SHOWN + 1).await) {
        (Ok(now), Ok(log)) => Ok((now, log)),
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
    };
    let (now, mut log) = match found {
        Ok(found) => found,
        Err(error) => return gone("The settings cannot be shown.", error),
    };
    let shown = usize::try_from(CHANGES_SHOWN).unwrap_or(usize::MAX);
    let more = log.len() > shown;
    log.truncate(shown);
    let older = log.last().filter(|_| more).map(|last| format!("/settings?before={}", last.number));
    let of = query.get("of").map_or(GENERAL, String::as_str);
    Body::settings(&now, of, query, &log, older)
        .unwrap_or_else(|| gone("The settings cannot be shown.", ServiceError::NoSuchTarget(of.to_owned())))
}

/// What a change would come to. It stands in the address: keys and values of a form, or the number of a change to take back.
pub(super) async fn review(service: &Service, who: &Principal, query: &BTreeMap<String, String>) -> Body {
    const HEADING: &str = "The change cannot be shown.";
    let now = match service.settings(who) {
        Ok(now) => now,
        Err(error) => return gone(HEADING, error),
    };
    let wanted = match query.get("undo").map(|number| number.parse()) {
        Some(Ok(number)) => match service.undone_settings(who, number).await {
            Ok(wanted) => wanted,
            Err(error) => return gone(HEADING, error),
        },
        Some(Err(_)) => {
            return gone(HEADING, ServiceError::NoSuchThing { what: "change of the settings", number: 0 });
        }
        None => differing(&now, query),
    };
    let back = back(query, &wanted);
    let judged = service.propose_settings(who, &wanted).and_then(|proposal| {
        let would_be = if proposal.changes.is_empty() {
            WouldBe::Unknown(String::new())
        } else {
            service.replay_settings(who, &wanted)?
        };
        Ok((proposal, would_be))
    });
    match judged {
        Ok(judged) => Body::review(now.revision, &wanted, Ok(judged), back),
        Err(ServiceError::BadSettings(troubles)) => Body::review(now.revision, &wanted, Err(troubles), back),
        Err(error) => gone(HEADING, error),
    }
}

/// Whether a page shows something that is still being counted.
pub(super) fn is_counting(body: &Body) -> bool {
    body.is_counting()
}

/// The fields of the form whose values are others than those that hold. A browser sends other ends of lines than it was given.
fn differing(now: &SettingsNow, query: &BTreeMap<String, String>) -> Wanted {
    let holds: BTreeMap<&str, &str> = now
        .groups
        .iter()
        .flat_map(|group| &group.parts)
        .flat_map(|part| &part.settings)
        .map(|setting| (setting.key.as_str(), setting.value.as_str()))
        .collect();
    let tidy = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let fields = query.iter().filter(|(key, _)| !OTHERS.contains(&key.as_str()) && !key.starts_with(REFUSED));
    let differing =
        fields.filter(|(key, value)| holds.get(key.as_str()).is_none_or(|held| tidy(held) != tidy(value)));
    differing.map(|(key, value)| (key.clone(), Some(tidy(value)))).collect()
}

/// Where the fields can be filled in once more, with what was typed.
fn back(query: &BTreeMap<String, String>, wanted: &Wanted) -> String {
    let mut address = Serializer::new(String::new());
    if let Some(of) = query.get("of") {
        address.append_pair("of", of);
    } else if let Some(target) = wanted.keys().find_map(|key| key.strip_prefix("targets/")?.split('/').next())
    {
        address.append_pair("of", target);
    }
    for (key, value) in wanted {
        if let Some(value) = value {
            address.append_pair(key, value);
        }
    }
    format!("/settings?{}", address.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_refused_form_adds_to_the_address_is_no_setting() {
        let now = SettingsNow { revision: 1, groups: Vec::new(), left_out: Vec::new() };
        let typed = ["targets/mt5/heal/cooldown", "note", "__path", "__err"];
        let query = typed.map(|key| (key.to_owned(), "x".to_owned())).into();
        let wanted = differing(&now, &query);
        assert_eq!(wanted.keys().collect::<Vec<_>>(), ["targets/mt5/heal/cooldown"]);
    }

    #[test]
    fn what_was_typed_leads_back_to_its_group() {
        let wanted: Wanted = [("targets/mt5/heal/positions".to_owned(), Some("1 h".to_owned()))].into();
        let back = back(&BTreeMap::new(), &wanted);
        assert_eq!(back, "/settings?of=mt5&targets%2Fmt5%2Fheal%2Fpositions=1+h");
    }
}
