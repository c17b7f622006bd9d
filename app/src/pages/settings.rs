//! Settings: what holds, changed by a form that leads to what it would come to.

use leptos::prelude::*;
use rebound::role::Right;

use crate::live::Live;
use crate::parts::diff::{diff, troubles};
use crate::parts::filter::filter;
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Icon;
use crate::parts::may::may;
use crate::parts::moment::Moment;
use crate::sheet::lists::{Choice, Filter};
use crate::sheet::settings::{ChangeSheet, FieldKind, FieldSheet, GroupLink, SettingsGroup, SettingsSheet};
use crate::sheet::{Body, Told};
use crate::tongue::{t, tell};

/// More groups than this are a list to choose from.
const LINKS_MAX: usize = 12;

/// The page of settings. Its form stands still: what is being typed is not taken away by news.
pub(super) fn settings(live: Live, first: SettingsSheet) -> AnyView {
    let seen = first.revision;
    let groups = groups(first.groups.clone());
    let manages = may(Right::Manage);
    let people = if manages { people() } else { only_an_admin() };
    let form = form(first.group.clone(), seen, manages);
    let sheet = live.part(first, |body| if let Body::Settings(sheet) = body { Some(sheet) } else { None });
    let sentence = follow(move || sheet.with(|sheet| sheet.sentence.clone()).into_any());
    let moved =
        follow(move || if sheet.with(|sheet| sheet.revision > seen) { moved(live) } else { nothing() });
    let left_out = follow(move || sheet.with(|sheet| left_out(&sheet.left_out)));
    let log = follow(move || sheet.with(log));
    view! {
        <section class="list-head"><h1>{t("Settings")}</h1><p class="quiet-text">{sentence}</p>{people}</section>
        {moved}
        {left_out}
        <nav class="groups" aria-label=t("Whose settings")>{groups}</nav>
        {form}
        {log}
    }
    .into_any()
}

/// Links side by side, or a list to choose from where they would fill the page.
fn groups(groups: Vec<GroupLink>) -> AnyView {
    if groups.len() <= LINKS_MAX {
        let links = groups.into_iter().map(link).collect::<Vec<_>>();
        return view! { <ul class="states">{links}</ul> }.into_any();
    }
    let chosen = groups.iter().find(|group| group.open).map_or_else(String::new, |group| group.id.clone());
    let options = groups.into_iter().map(|group| match group.changed {
        0 => (group.id, group.name),
        changed => (group.id, tell(format!("{} ({changed} changed)", group.name))),
    });
    let choice = Choice {
        name: "of".to_owned(),
        label: t("Whose settings").to_owned(),
        options: options.collect(),
        chosen,
    };
    filter("/settings", Filter { narrowed: false, fields: vec![choice] })
}

fn link(link: GroupLink) -> AnyView {
    let current = link.open.then_some("true");
    let changed = (link.changed > 0).then(|| {
        view! { " "<span class="tag">{tell(format!("{} changed", link.changed))}</span> }.into_any()
    });
    view! { <li><a href=link.address aria-current=current>{link.name}{changed}</a></li> }.into_any()
}

/// The way to who may do what.
fn people() -> AnyView {
    view! { <div class="actions"><a class="button" href="/settings/people"><Icon name="person"/>{t("People and keys")}</a></div> }.into_any()
}

fn only_an_admin() -> AnyView {
    view! { <p class="quiet-text">{t("Only an admin changes settings. They are shown as they hold.")}</p> }
        .into_any()
}

fn moved(live: Live) -> AnyView {
    let address = live.sheet.with_untracked(|sheet| sheet.address.clone());
    view! {
        <p class="notice tone-warning" role="status">
            <Icon name="warning"/>
            <span><strong>{t("The settings were changed meanwhile.")}</strong>{t(" The fields below show what held before. ")}<a href=address>{t("Show what holds now")}</a></span>
        </p>
    }
    .into_any()
}

fn left_out(list: &[(String, String)]) -> AnyView {
    if list.is_empty() {
        return nothing();
    }
    view! {
        <section class="panel">
            <h2>{t("Set once, and not holding")}</h2>
            <p class="quiet-text">{t("The configuration file was changed since, and these values no longer fit it.")}</p>
            {troubles(list)}
        </section>
    }
    .into_any()
}

/// `seen` is the last change before it was shown.
fn form(group: SettingsGroup, seen: u64, manages: bool) -> AnyView {
    let parts = group.parts.into_iter().map(|(name, fields)| {
        let rows = rows(fields).into_iter().map(|(of, fields)| row(of, fields)).collect::<Vec<_>>();
        view! { <fieldset class="panel settings-part" disabled=!manages><legend>{name}</legend><div class="settings-rows">{rows}</div></fieldset> }
            .into_any()
    });
    let parts = parts.collect::<Vec<_>>();
    let end = manages.then(|| {
        view! { <p class="settings-end"><button type="submit" class="button solid">{t("Show what would change")}</button><span class="quiet-text">{t("Nothing is changed yet.")}</span></p> }
            .into_any()
    });
    view! {
        <form class="settings" method="get" action="/settings/review">
            <input type="hidden" name="of" value=group.id/>
            <input type="hidden" name="seen" value=seen.to_string()/>
            <h2 class="unseen">{group.name}</h2>
            {parts}
            {end}
        </form>
    }
    .into_any()
}

/// Fields of the same check stand in one row under its name; all others in rows as they fit.
fn rows(fields: Vec<FieldSheet>) -> Vec<(Option<String>, Vec<FieldSheet>)> {
    let mut rows: Vec<(Option<String>, Vec<FieldSheet>)> = Vec::new();
    for field in fields {
        let of = field.name.split_once(": ").map(|(of, _)| of.to_owned());
        match rows.last_mut() {
            Some((last, row)) if *last == of => row.push(field),
            Some(_) | None => rows.push((of, vec![field])),
        }
    }
    rows
}

fn row(of: Option<String>, fields: Vec<FieldSheet>) -> AnyView {
    let fields = fields.into_iter().map(field).collect::<Vec<_>>();
    match of {
        None => view! { <div class="settings-fields">{fields}</div> }.into_any(),
        Some(of) => {
            view! { <div class="settings-row"><code aria-hidden="true">{of}</code>{fields}</div> }.into_any()
        }
    }
}

fn field(field: FieldSheet) -> AnyView {
    let id = format!("s-{}", field.key.replace(['/', ' ', '.', '"'], "-"));
    let help_id = format!("{id}-help");
    let described = help_id.clone();
    let label = match field.name.split_once(": ") {
        None => field.name.clone().into_any(),
        Some((of, name)) => {
            view! { <span class="unseen">{of.to_owned()}": "</span>{name.to_owned()} }.into_any()
        }
    };
    let input = match field.kind {
        FieldKind::Line => view! {
            <input id=id.clone() name=field.key value=field.value autocomplete="off" spellcheck="false" aria-describedby=described/>
        }
        .into_any(),
        FieldKind::Number => view! {
            <input id=id.clone() name=field.key value=field.value inputmode="numeric" autocomplete="off" aria-describedby=described/>
        }
        .into_any(),
        FieldKind::Choice(choices) => {
            let chosen = field.value;
            let options = choices.into_iter().map(|(value, words)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{words}</option> }.into_any()
            });
            view! { <select id=id.clone() name=field.key aria-describedby=described>{options.collect::<Vec<_>>()}</select> }
                .into_any()
        }
        FieldKind::Lines => view! {
            <textarea id=id.clone() name=field.key rows="7" spellcheck="false" placeholder=example(&field.name) aria-describedby=described>{field.value}</textarea>
        }
        .into_any(),
    };
    let file = field.file.map(|file| {
        let words = if file.is_empty() {
            "The file says nothing.".to_owned()
        } else {
            tell(format!("The file says: {file}"))
        };
        view! { <span class="tag">"changed"</span>" "<span>{words}</span>" " }.into_any()
    });
    view! {
        <p class="field">
            <label for=id>{label}</label>
            {input}
            <small class="quiet-text" id=help_id>{file}{field.help}</small>
        </p>
    }
    .into_any()
}

/// How the lines of a field are written.
fn example(name: &str) -> &'static str {
    if name == "Calendars" {
        "[[calendars]]\nname = \"metals\"\nextends = \"forex\"\nbreaks = [{ from = \"23:57\", to = \"01:02\" }]"
    } else {
        "[[maintenance]]\nname = \"updates\"\nzone = \"Europe/Berlin\"\nspans = [{ from = \"sat 02:00\", to = \"sat 04:00\" }]"
    }
}

fn log(sheet: &SettingsSheet) -> AnyView {
    let body = if sheet.log.is_empty() {
        view! { <p class="empty">{t("Nothing was changed here yet. Each change stands here with who made it, when and why, and can be taken back.")}</p> }
            .into_any()
    } else {
        let changes = sheet.log.iter().cloned().map(change).collect::<Vec<_>>();
        view! { <ol class="changes" reversed>{changes}</ol> }.into_any()
    };
    let older = sheet
        .older
        .clone()
        .map(|older| view! { <a class="button" href=older>{t("Older changes")}</a> }.into_any());
    view! { <section class="panel"><h2>{t("What was changed")}</h2>{body}{older}</section> }.into_any()
}

fn change(change: ChangeSheet) -> AnyView {
    let note = (!change.note.is_empty()).then(|| view! { <q>{change.note}</q> }.into_any());
    let words = tell(format!("Change {} by {}", change.number, change.by));
    let undo = may(Right::Manage).then(|| {
        let words = tell(format!("Take change {} back…", change.number));
        view! { <p><a href=change.undo>{words}</a></p> }.into_any()
    });
    view! {
        <li id=format!("change-{}", change.number)>
            <p><strong>{words}</strong>" "<span class="quiet-text"><Moment at=change.at told=Told::Clock/></span>" "{note}</p>
            {diff(change.lines)}
            {undo}
        </li>
    }
    .into_any()
}
