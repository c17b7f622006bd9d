//! Who may do what: people, keys of programs, and what was changed about them. Plain forms, each a page of its own to the server.

use leptos::prelude::*;
use rebound::role::Role;
use rebound::time::Timestamp;

use crate::parts::header::Bar;
use crate::parts::icon::Icon;
use crate::parts::notice::{Notice, NoticeLine};
use crate::tongue::{t, tell};

/// Values and words of how long a key lives, in days; the first is chosen.
const LIVES: [(&str, &str); 4] = [("90", "90 days"), ("30", "30 days"), ("365", "365 days"), ("", "no end")];
/// Longest name.
const NAME_MAX: &str = "40";
/// Names as they are written.
const NAME_PATTERN: &str = "[a-z0-9][a-z0-9._@\\-]*";

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct PeopleSheet {
    /// Who reads it.
    pub reader: String,
    /// What a form led to.
    pub notice: Option<Notice>,
    /// What was made up just now, to be shown this once.
    pub secret: Option<Secret>,
    /// Everybody, the admin of the file first.
    pub people: Vec<PersonRow>,
    /// Keys, the oldest first.
    pub keys: Vec<KeyRow>,
    /// What was changed, newest first.
    pub log: Vec<DeedRow>,
    /// Where older changes are.
    pub older: Option<String>,
}

/// What was made up, and is shown once.
#[derive(Clone)]
pub struct Secret {
    /// What it is.
    pub what: String,
    /// It.
    pub text: String,
    /// What to do with it.
    pub help: &'static str,
}

/// Somebody who may log in.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// The name.
    pub name: String,
    /// What that one may do.
    pub role: Role,
    /// Where he comes from, and whether he is let in.
    pub about: String,
    /// Whether he is let in.
    pub enabled: bool,
    /// Whether anything can be changed about him here, by whoever reads.
    pub changeable: bool,
}

/// A key.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// What it is known by.
    pub id: String,
    /// The program's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made and by whom.
    pub made: String,
    /// When it ends.
    pub ends: String,
    /// When it was last used.
    pub used: String,
}

/// What was changed.
#[derive(Clone, Debug)]
pub struct DeedRow {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who did what.
    pub words: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("what", &self.what).finish_non_exhaustive()
    }
}

/// The page.
#[component]
pub fn People(
    /// What it shows.
    sheet: PeopleSheet,
) -> impl IntoView {
    let notice = sheet.notice.map(|notice| view! { <NoticeLine notice/> }.into_any());
    let secret = sheet.secret.map(secret);
    let people = sheet.people.into_iter().map(person).collect::<Vec<_>>();
    let keys = keys(sheet.keys);
    let log = log(sheet.log, sheet.older);
    view! {
        <Bar address="/settings/people" name=sheet.reader/>
        <main class="people">
            <section class="list-head"><h1>{t("People and keys")}</h1><p class="quiet-text">{t("What is changed here holds with the next request, on every server.")}</p></section>
            {notice}
            {secret}
            <section class="panel" aria-labelledby="people-title">
                <h2 id="people-title">{t("People")}</h2>
                <ul class="who">{people}</ul>
                {add()}
            </section>
            <section class="panel" aria-labelledby="keys-title">
                <h2 id="keys-title">{t("API keys")}</h2>
                <p class="quiet-text">{t("For programs: ")}<code>"Authorization: Bearer rbk_…"</code></p>
                {keys}
                {make_key()}
            </section>
            {log}
            <p><a class="button" href="/settings"><Icon name="back"/>{t("To the settings")}</a></p>
        </main>
    }
    .into_any()
}

fn secret(secret: Secret) -> AnyView {
    view! {
        <section class="notice tone-busy secret" role="status">
            <Icon name="info"/>
            <div>
                <p><strong>{tell(secret.what)}</strong>{t(" It is shown this once.")}</p>
                <p><code class="secret-text">{secret.text}</code></p>
                <p>{t(secret.help)}</p>
            </div>
        </section>
    }
    .into_any()
}

fn person(person: PersonRow) -> AnyView {
    let PersonRow { name, role, about, enabled, changeable } = person;
    let off = (!enabled).then(|| {
        view! { " "<span class="badge tone-warning"><Icon name="cross"/>{t("disabled")}</span> }.into_any()
    });
    let forms = changeable.then(|| change(&name, role, enabled));
    let id = format!("person-{name}");
    view! {
        <li id=id>
            <p class="who-head"><strong>{name}</strong>" "<span class="tag">{t(role.word())}</span>{off}</p>
            <p class="quiet-text">{tell(about)}</p>
            {forms}
        </li>
    }
    .into_any()
}

/// What can be changed about somebody, folded away.
fn change(name: &str, role: Role, enabled: bool) -> AnyView {
    let role_id = format!("role-{name}");
    let label_for = role_id.clone();
    let (door, words) = if enabled { ("disable", "Disable") } else { ("enable", "Enable") };
    let means = if enabled {
        "He is out at once, on every server, and cannot log in until he is enabled again."
    } else {
        "He can log in again, with the password that he had."
    };
    view! {
        <details class="more">
            <summary>{tell(format!("Change {name}…"))}</summary>
            <div class="who-forms">
                <form method="post" action="/settings/people/role">
                    <input type="hidden" name="name" value=name.to_owned()/>
                    <p class="field"><label for=label_for>{tell(format!("Role of {name}"))}</label>{roles(&role_id, role)}</p>
                    <button type="submit" class="button">{t("Change the role")}</button>
                </form>
                {button(&format!("/settings/people/{door}"), "name", name, &format!("{words} {name}"), means, "button")}
                {button("/settings/people/password", "name", name, &format!("Make a new password for {name}"), "For one who lost it. It is shown once, and his sessions end.", "button")}
                {button("/settings/people/remove", "name", name, &format!("Remove {name}"), "He is out at once. What he did stays put down to his name.", "button danger")}
            </div>
        </details>
    }
    .into_any()
}

/// A form that is a button, with what it does.
fn button(
    action: &str,
    field: &'static str,
    value: &str,
    words: &str,
    means: &'static str,
    class: &'static str,
) -> AnyView {
    let (action, value, words) = (action.to_owned(), value.to_owned(), words.to_owned());
    view! {
        <form method="post" action=action>
            <input type="hidden" name=field value=value/>
            <p class="quiet-text">{t(means)}</p>
            <button type="submit" class=class>{tell(words)}</button>
        </form>
    }
    .into_any()
}

fn roles(id: &str, chosen: Role) -> AnyView {
    let options = Role::ALL.map(|role| {
        let words = tell(format!("{}: {}", role.word(), role.means()));
        view! { <option value=role.word() selected={role == chosen}>{words}</option> }.into_any()
    });
    view! { <select id=id.to_owned() name="role">{options}</select> }.into_any()
}

/// The field of a name in the form called `form`.
fn name_field(form: &str, label: &'static str, help: &'static str) -> AnyView {
    let (id, help_id) = (format!("{form}-name"), format!("{form}-help"));
    view! {
        <p class="field">
            <label for=id.clone()>{t(label)}</label>
            <input id=id name="name" required maxlength=NAME_MAX pattern=NAME_PATTERN autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby=help_id.clone()/>
            <small class="quiet-text" id=help_id>{t(help)}</small>
        </p>
    }
    .into_any()
}

fn add() -> AnyView {
    view! {
        <form class="who-add" method="post" action="/settings/people/add">
            <h3>{t("Add somebody")}</h3>
            {name_field("add", "Name", "Small letters, digits and . _ - @, such as anna. It is kept with everything that he asks for.")}
            <p class="field"><label for="add-role">{t("Role")}</label>{roles("add-role", Role::Viewer)}</p>
            <p class="settings-end"><button type="submit" class="button solid">{t("Add")}</button><span class="quiet-text">{t("A password is made up, and shown to you once.")}</span></p>
        </form>
    }
    .into_any()
}

fn keys(keys: Vec<KeyRow>) -> AnyView {
    if keys.is_empty() {
        return view! { <p class="empty">{t("There is no key.")}</p> }.into_any();
    }
    let rows = keys.into_iter().map(|key| {
        let KeyRow { id, name, role, made, ends, used } = key;
        let revoke = button("/settings/keys/revoke", "id", &id, &format!("Revoke {name}"), "It counts for nothing from then on, on every server. Another key can be made.", "button danger");
        let (place, begins, fold) = (format!("key-{id}"), format!("rbk_{id}_…"), format!("Revoke {name}…"));
        view! {
            <li id=place>
                <p class="who-head"><strong>{name}</strong>" "<span class="tag">{t(role.word())}</span>" "<code>{begins}</code></p>
                <p class="quiet-text">{tell(made)}" "{tell(ends)}" "{tell(used)}</p>
                <details class="more">
                    <summary>{tell(fold)}</summary>
                    <div class="who-forms">{revoke}</div>
                </details>
            </li>
        }
        .into_any()
    });
    view! { <ul class="who">{rows.collect::<Vec<_>>()}</ul> }.into_any()
}

fn make_key() -> AnyView {
    let lives = LIVES
        .map(|(value, words)| view! { <option value=value>{tell(words.to_owned())}</option> }.into_any());
    view! {
        <form class="who-add" method="post" action="/settings/keys/make">
            <h3>{t("Make a key")}</h3>
            {name_field("key", "Name of the program", "Such as backup-script. What it asks for is put down to \"key backup-script\".")}
            <p class="field"><label for="key-role">{t("Role of the key")}</label>{roles("key-role", Role::Viewer)}</p>
            <p class="field"><label for="key-days">{t("It counts for")}</label><select id="key-days" name="days">{lives}</select></p>
            <p class="settings-end"><button type="submit" class="button solid">{t("Make the key")}</button><span class="quiet-text">{t("It is shown once; only a hash of it is kept.")}</span></p>
        </form>
    }
    .into_any()
}

fn log(log: Vec<DeedRow>, older: Option<String>) -> AnyView {
    let body = if log.is_empty() {
        view! { <p class="empty">{t("Nothing was changed yet. Each change stands here with who made it and when.")}</p> }.into_any()
    } else {
        let rows = log.into_iter().map(|deed| {
            view! {
                <li id=format!("deed-{}", deed.number)><span>{tell(deed.words)}</span>" "<time class="quiet-text" datetime=deed.at.rfc3339()>{deed.at.to_string()}</time></li>
            }
            .into_any()
        });
        view! { <ol class="deeds" reversed>{rows.collect::<Vec<_>>()}</ol> }.into_any()
    };
    let older = older.map(|older| view! { <a class="button" href=older>{t("Older changes")}</a> }.into_any());
    view! { <section class="panel"><h2>{t("What was changed")}</h2>{body}{older}</section> }.into_any()
}
