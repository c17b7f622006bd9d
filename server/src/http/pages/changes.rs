//! The pages of settings: what holds, and what a change would come to.

use std::collections::BTreeMap;

use rebound_app::Body;
use rebound_engine::service::{
    Principal, Service, ServiceError, SettingsNow, Since, Undoing, WouldBe, newest_of_each,
};
use rebound_engine::settings::Wanted;
use url::form_urlencoded::Serializer;

use super::place::gone;

/// Changes that are listed on one page.
const CHANGES_SHOWN: u32 = 20;
/// What is in the address of a page and no key of a setting.
const OTHERS: [&str; 7] = ["of", "undo", "before", "done", "request", "note", SEEN];
/// The last change before the form was shown.
const SEEN: &str = "seen";
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
    let found = match query.get("undo").map(|number| number.parse()) {
        Some(Ok(number)) => service.undone_settings(who, number).await,
        Some(Err(_)) => Err(ServiceError::NoSuchThing { what: "change of the settings", number: 0 }),
        None => {
            let seen = query.get(SEEN).and_then(|seen| seen.parse().ok()).unwrap_or(now.revision);
            let since = service.settings_since(who, seen).await;
            since.map(|since| typed(&now, query, since))
        }
    };
    let Undoing { wanted, since } = match found {
        Ok(found) => found,
        Err(error) => return gone(HEADING, error),
    };
    let back = back(query, &wanted);
    let judged = service.propose_settings(who, &wanted).and_then(|proposal| {
        let mut proposal = proposal;
        let changes =
            |since: &&Since| proposal.changes.iter().any(|changed| changed.key == since.changed.key);
        let overruled: Vec<String> = since.iter().filter(changes).map(overruled).collect();
        proposal.cautions.extend(overruled);
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

/// What a person typed into a form that was shown before the changes of `since`: fields that he left as they were take nothing back
/// that others changed meanwhile. What he and others changed is his, and he is told of theirs.
fn typed(now: &SettingsNow, query: &BTreeMap<String, String>, since: Vec<Since>) -> Undoing {
    let mut wanted = differing(now, query);
    // The newest stands first, so the oldest of each is what he was shown.
    let shown: BTreeMap<&str, &str> =
        since.iter().map(|since| (since.changed.key.as_str(), since.changed.before.value.as_str())).collect();
    wanted.retain(|key, value| {
        let left =
            shown.get(key.as_str()).is_some_and(|shown| value.as_deref() == Some(tidy(shown).as_str()));
        !left
    });
    let mut since = newest_of_each(since);
    since.retain(|since| wanted.contains_key(&since.changed.key));
    Undoing { wanted, since }
}

/// What somebody changed and what would be lost.
fn overruled(since: &Since) -> String {
    let Since { number, by, changed } = since;
    format!(
        "{by} has set \"{}\" to \"{}\" in change {number}: that would be lost.",
        changed.name, changed.after.value
    )
}

fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
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
    use rebound_engine::settings::{Changed, Given, Group, Part, Setting};

    #[test]
    fn what_a_refused_form_adds_to_the_address_is_no_setting() {
        let now = SettingsNow { revision: 1, groups: Vec::new(), left_out: Vec::new() };
        let typed = ["targets/mt5/heal/cooldown", "note", "__path", "__err"];
        let query = typed.map(|key| (key.to_owned(), "x".to_owned())).into();
        let wanted = differing(&now, &query);
        assert_eq!(wanted.keys().collect::<Vec<_>>(), ["targets/mt5/heal/cooldown"]);
    }

    #[test]
    fn a_form_that_was_shown_before_takes_nothing_back_that_others_changed() {
        let given = |value: &str| Given { value: value.to_owned(), by_file: false };
        let setting = |key: &str, value: &str| Setting {
            key: key.to_owned(),
            name: key.to_owned(),
            help: String::new(),
            form: rebound_engine::settings::Form::Words,
            value: value.to_owned(),
            file: String::new(),
        };
        let changed = |key: &str, before: &str, after: &str| Since {
            number: 2,
            by: "ana".to_owned(),
            changed: Changed {
                key: key.to_owned(),
                name: key.to_owned(),
                before: given(before),
                after: given(after),
            },
        };
        let settings = vec![setting("left", "30"), setting("both", "30"), setting("own", "10")];
        let parts = vec![Part { name: String::new(), settings }];
        let groups = vec![Group { id: "general".to_owned(), name: String::new(), parts }];
        let now = SettingsNow { revision: 3, groups, left_out: Vec::new() };
        let query = [("left", "10"), ("both", "50"), ("own", "20"), ("seen", "1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        // Changed twice: what the form showed is what held before the first.
        let since =
            vec![changed("left", "20", "30"), changed("both", "10", "30"), changed("left", "10", "20")];

        let Undoing { wanted, since } = typed(&now, &query, since);

        let told: Vec<_> = wanted.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        assert_eq!(told, [("both", Some("50")), ("own", Some("20"))]);
        let told: Vec<_> = since.iter().map(overruled).collect();
        assert_eq!(told, ["ana has set \"both\" to \"30\" in change 2: that would be lost."]);
    }

    #[test]
    fn what_was_typed_leads_back_to_its_group() {
        let wanted: Wanted = [("targets/mt5/heal/positions".to_owned(), Some("1 h".to_owned()))].into();
        let back = back(&BTreeMap::new(), &wanted);
        assert_eq!(back, "/settings?of=mt5&targets%2Fmt5%2Fheal%2Fpositions=1+h");
    }
}
