//! Settings in words.

use std::collections::BTreeMap;
use std::time::Duration;

use rebound::time::spoken;
use rebound_engine::replay::Replayed;
use rebound_engine::service::{Proposal, SettingsNow, WouldBe};
use rebound_engine::settings::{Changed, Form, Given, Group, Revision, Setting, Trouble, Wanted};

use crate::sheet::Body;
use crate::sheet::settings::{
    ChangeSheet, DiffLine, FieldKind, FieldSheet, GroupLink, ReviewSheet, SettingsGroup, SettingsSheet,
    WouldBeSheet,
};

impl Body {
    /// The settings, with the group that is called `of` open, and the values of `given` in their fields. `None`: there is no such group.
    #[must_use]
    pub fn settings(
        now: &SettingsNow,
        of: &str,
        given: &BTreeMap<String, String>,
        log: &[Revision],
        older: Option<String>,
    ) -> Option<Self> {
        let open = now.groups.iter().find(|group| group.id == of)?;
        let links = now.groups.iter().map(|group| GroupLink {
            id: group.id.clone(),
            address: address_of(&group.id),
            name: group.name.clone(),
            changed: settings(group).filter(|setting| setting.is_changed()).count(),
            open: group.id == of,
        });
        let links: Vec<GroupLink> = links.collect();
        let changed = links.iter().map(|link| link.changed).sum();
        let parts = open.parts.iter().map(|part| {
            let fields = part.settings.iter().map(|setting| field(setting, given.get(&setting.key)));
            (part.name.clone(), fields.collect())
        });
        Some(Self::Settings(Box::new(SettingsSheet {
            sentence: sentence(changed),
            revision: now.revision,
            group: SettingsGroup { id: open.id.clone(), name: open.name.clone(), parts: parts.collect() },
            groups: links,
            left_out: now.left_out.iter().map(trouble).collect(),
            log: log.iter().map(change).collect(),
            older,
        })))
    }

    /// What a change would come to, or what is wrong with it.
    #[must_use]
    pub fn review(
        revision: u64,
        wanted: &Wanted,
        judged: Result<(Proposal, WouldBe), Vec<Trouble>>,
        back: String,
    ) -> Self {
        let wanted = serde_json::to_string(wanted).unwrap_or_default();
        let sheet = match judged {
            Ok((proposal, would_be)) => {
                let lines: Vec<DiffLine> = proposal.changes.iter().map(line).collect();
                let sentence = match lines.len() {
                    0 => "Nothing would change: these values hold already.".to_owned(),
                    1 => "One setting would change.".to_owned(),
                    many => format!("{many} settings would change."),
                };
                let would_be = (!lines.is_empty()).then(|| would_be_sheet(&would_be));
                let cautions = proposal.cautions.clone();
                ReviewSheet {
                    sentence,
                    revision,
                    lines,
                    troubles: Vec::new(),
                    cautions,
                    wanted,
                    would_be,
                    back,
                }
            }
            Err(troubles) => ReviewSheet {
                sentence: "This cannot be taken, and nothing was changed.".to_owned(),
                revision,
                lines: Vec::new(),
                troubles: troubles.iter().map(trouble).collect(),
                cautions: Vec::new(),
                wanted,
                would_be: None,
                back,
            },
        };
        Self::Review(Box::new(sheet))
    }
}

/// Where the settings of a group are.
fn address_of(id: &str) -> String {
    match id {
        "general" => "/settings".to_owned(),
        id => format!("/settings?of={id}"),
    }
}

fn settings(group: &Group) -> impl Iterator<Item = &Setting> {
    group.parts.iter().flat_map(|part| &part.settings)
}

fn sentence(changed: usize) -> String {
    match changed {
        0 => "Everything is as the configuration file says.".to_owned(),
        1 => "One setting is other than the configuration file says.".to_owned(),
        many => format!("{many} settings are other than the configuration file says."),
    }
}

fn field(setting: &Setting, given: Option<&String>) -> FieldSheet {
    let words = |choices: &[String]| choices.iter().map(|choice| (choice.clone(), choice.clone())).collect();
    let kind = match &setting.form {
        Form::Span | Form::List | Form::Words => FieldKind::Line,
        Form::Number => FieldKind::Number,
        Form::Flag => FieldKind::Choice(vec![
            ("true".to_owned(), "yes".to_owned()),
            ("false".to_owned(), "no".to_owned()),
        ]),
        Form::Choice(choices) => FieldKind::Choice(words(choices)),
        Form::Lines => FieldKind::Lines,
    };
    FieldSheet {
        key: setting.key.clone(),
        name: setting.name.clone(),
        help: setting.help.clone(),
        kind,
        value: given.unwrap_or(&setting.value).clone(),
        file: setting.is_changed().then(|| setting.file.clone()),
    }
}

fn trouble(trouble: &Trouble) -> (String, String) {
    (format!("{}: {}.", trouble.key, trouble.what.trim_end_matches('.')), trouble.help.clone())
}

fn change(revision: &Revision) -> ChangeSheet {
    ChangeSheet {
        number: revision.number,
        at: revision.at,
        by: revision.by.clone(),
        note: revision.note.clone(),
        lines: revision.changes.iter().map(line).collect(),
        undo: format!("/settings/review?undo={}", revision.number),
    }
}

fn line(changed: &Changed) -> DiffLine {
    let shown = |given: &Given| (given.value.clone(), given.by_file);
    DiffLine { name: changed.name.clone(), before: shown(&changed.before), after: shown(&changed.after) }
}

fn would_be_sheet(would_be: &WouldBe) -> WouldBeSheet {
    match would_be {
        WouldBe::Running(share) => WouldBeSheet::Running(*share),
        WouldBe::Unknown(why) => WouldBeSheet::Unknown(why.clone()),
        WouldBe::Counted(found) => counted(found),
    }
}

fn counted(found: &Replayed) -> WouldBeSheet {
    let (before, after) = (&found.before, &found.after);
    let targets = match (found.targets, found.touched) {
        (1, 1) => "one target".to_owned(),
        (all, touched) if all == touched => format!("{all} targets"),
        (some, touched) => format!("{some} of {touched} targets that it is about"),
    };
    let span = spoken(found.to.since(found.from));
    let row = |name: &str, before: u64, after: u64| (name.to_owned(), before.to_string(), after.to_string());
    let long = |ms: u64| spoken(Duration::from_millis(ms));
    WouldBeSheet::Counted {
        sentence: format!(
            "The last {span} of {targets}: {} observations, judged once more by both settings. Heals are taken to end as they \
             really did; what people did meanwhile is not done again, and reminders are left out.",
            found.observations
        ),
        rows: vec![
            row("Incidents", before.incidents, after.incidents),
            row("Heals", before.heals, after.heals),
            row("Alerts", before.alerts, after.alerts),
            ("In trouble".to_owned(), long(before.trouble_ms), long(after.trouble_ms)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SettingsNow {
        let setting = Setting {
            key: "targets/mt5/heal/dry_run".to_owned(),
            name: "Dry run".to_owned(),
            help: String::new(),
            form: Form::Flag,
            value: "true".to_owned(),
            file: "false".to_owned(),
        };
        let part = rebound_engine::settings::Part { name: "Healing".to_owned(), settings: vec![setting] };
        let group = Group { id: "mt5".to_owned(), name: "MT5 bridge".to_owned(), parts: vec![part] };
        SettingsNow { revision: 4, groups: vec![group], left_out: Vec::new() }
    }

    fn sheet(given: &BTreeMap<String, String>) -> SettingsSheet {
        let body = Body::settings(&now(), "mt5", given, &[], None);
        body.and_then(|body| if let Body::Settings(sheet) = body { Some(*sheet) } else { None }).unwrap()
    }

    fn first_field(sheet: &SettingsSheet) -> &FieldSheet {
        sheet.group.parts.first().and_then(|(_, fields)| fields.first()).unwrap()
    }

    #[test]
    fn what_is_other_than_the_file_is_told_with_what_the_file_says() {
        let given = BTreeMap::new();
        let sheet = sheet(&given);
        assert_eq!(sheet.sentence, "One setting is other than the configuration file says.");
        assert_eq!(first_field(&sheet).file.as_deref(), Some("false"));
        assert!(Body::settings(&now(), "gone", &given, &[], None).is_none());
    }

    #[test]
    fn what_was_typed_stands_in_the_field_again() {
        let given = BTreeMap::from([("targets/mt5/heal/dry_run".to_owned(), "perhaps".to_owned())]);
        assert_eq!(first_field(&sheet(&given)).value, "perhaps");
    }
}
