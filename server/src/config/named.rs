//! A store as a command names it: a file, a database whose connection string stands elsewhere, or what a configuration says.
//!
//! A connection string never stands on the command line, where everybody on the machine could read it, and is never repeated.

use std::path::Path;

use rebound::ids::TargetId;

use super::secret::{SecretSource, Secrets};
use super::{Problems, StoreSettings, load, sections, store};

/// How a store is named.
const HELP: &str = "Name it as sqlite:PATH, as mongodb:env:NAME or mongodb:file:PATH for the environment variable or the file that \
                    holds the connection string, or as config:FILE for the store of a configuration.";

/// Where a connection string belongs.
const HELP_WITH_A_SECRET: &str = "Put the connection string into an environment variable or a file that only you can read, and \
                                  name that: mongodb:env:NAME or mongodb:file:PATH. A password that stood on a command line was \
                                  shown to everybody on this machine: change it.";

/// A store that a command was told of.
#[derive(Debug)]
pub struct NamedStore {
    /// Where it is.
    pub settings: StoreSettings,
    /// The first target, where a configuration names the store.
    pub first: Option<TargetId>,
}

/// Finds the store that `option` names by `text`. `environment` looks up variables.
///
/// # Errors
/// [`Problems`], none of which shows a secret.
pub fn named_store(
    option: &str,
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<NamedStore, Problems> {
    let mut problems = Problems::new(Path::new(option));
    if is_connection_string(text) {
        problems.add("the store", "is a connection string, which may hold a password", HELP_WITH_A_SECRET);
        return Err(problems);
    }
    let section = match text.split_once(':') {
        Some(("config", file)) if !file.is_empty() => return of_configuration(file, environment, problems),
        Some(("sqlite", path)) if !path.is_empty() => return Ok(sqlite(path)),
        Some(("mongodb", place)) => mongodb(place),
        Some(_) | None => None,
    };
    let Some(section) = section else {
        problems.add("the store", &format!("\"{}\" names none", without_login(text)), HELP);
        return Err(problems);
    };
    let mut secrets = Secrets { folder: Path::new(""), environment };
    let settings = store::check(&section, &mut secrets, &mut problems);
    if problems.is_empty() { Ok(NamedStore { settings, first: None }) } else { Err(problems) }
}

/// Complains about the first of `words` that is a connection string with a login, whatever it was meant for.
///
/// # Errors
/// [`Problems`] that say what to do instead.
pub fn no_login_among(words: impl Iterator<Item = String>) -> Result<(), Problems> {
    for word in words {
        if is_connection_string(&word) && word.contains('@') {
            let mut problems = Problems::new(Path::new("the command line"));
            problems.add("one of its words", "is a connection string with a login", HELP_WITH_A_SECRET);
            return Err(problems);
        }
    }
    Ok(())
}

fn sqlite(path: &str) -> NamedStore {
    NamedStore { settings: StoreSettings::Sqlite(path.into()), first: None }
}

fn mongodb(place: &str) -> Option<sections::Store> {
    let source = match place.split_once(':') {
        Some(("env", name)) if !name.is_empty() => SecretSource::Env(name.to_owned()),
        Some(("file", path)) if !path.is_empty() => SecretSource::File(path.to_owned()),
        Some(_) | None => return None,
    };
    Some(sections::Store { url: Some(source), ..sections::Store::default() })
}

fn of_configuration(
    file: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    mut problems: Problems,
) -> Result<NamedStore, Problems> {
    let settings = load(Path::new(file), environment)?;
    if settings.store == StoreSettings::Memory {
        let what = format!("that of {file} is in memory, and forgotten with each end");
        problems.add("the store", &what, "Name one that keeps something.");
        return Err(problems);
    }
    let first = settings.core.targets.first().map(|target| target.id.clone());
    Ok(NamedStore { settings: settings.store, first })
}

fn is_connection_string(text: &str) -> bool {
    ["mongodb://", "mongodb+srv://"].iter().any(|scheme| text.contains(scheme))
}

/// What was typed, unless it might hold a login.
fn without_login(text: &str) -> &str {
    if text.contains('@') { "…" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "mongodb://anna:s3cr3t@db.example.com/prod";

    fn named(text: &str) -> Result<NamedStore, String> {
        let environment = |name: &str| (name == "URL").then(|| SECRET.to_owned());
        named_store("--from", text, &environment).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_file_is_named_by_its_path() {
        let store = named("sqlite:/var/lib/rebound/rebound.db").unwrap();
        assert_eq!(store.settings, StoreSettings::Sqlite("/var/lib/rebound/rebound.db".into()));
    }

    #[test]
    fn a_database_is_named_by_the_place_of_its_connection_string() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, format!("{SECRET}\n")).unwrap();
        for text in ["mongodb:env:URL".to_owned(), format!("mongodb:file:{}", file.display())] {
            let store = named(&text).unwrap();
            assert_eq!(store.settings.to_string(), "MongoDB, database \"prod\" on db.example.com:27017");
        }
    }

    #[test]
    fn the_store_of_a_configuration_brings_its_first_target() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rebound.toml");
        let target = "[[targets]]\nid = \"mt5\"\nurl = \"http://127.0.0.1:8000\"\n";
        std::fs::write(&file, target).unwrap();
        let store = named(&format!("config:{}", file.display())).unwrap();
        assert_eq!(store.settings, StoreSettings::Sqlite(folder.path().join("rebound.db")));
        assert_eq!(store.first.unwrap().as_str(), "mt5");

        std::fs::write(&file, format!("[store]\npath = \"memory\"\n{target}")).unwrap();
        let refused = named(&format!("config:{}", file.display())).unwrap_err();
        assert!(refused.contains("is in memory"), "{refused}");
    }

    #[test]
    fn a_connection_string_is_refused_and_not_repeated() {
        for text in [
            SECRET,
            "mongodb+srv://anna:s3cr3t@db.example.com",
            "mongodb:mongodb://anna:s3cr3t@db.example.com",
            "sqlite:mongodb://anna:s3cr3t@db.example.com",
            "mongodb:anna:s3cr3t@db.example.com",
            "postgres://anna:s3cr3t@db.example.com",
        ] {
            let refused = named(text).unwrap_err();
            assert!(!refused.contains("anna") && !refused.contains("s3cr3t"), "{refused}");
            assert!(refused.contains("mongodb:env:NAME or mongodb:file:PATH"), "{refused}");
        }
        let words = ["rebound", "store", SECRET].map(str::to_owned);
        let refused = no_login_among(words.into_iter()).unwrap_err().to_string();
        assert!(refused.contains("change it") && !refused.contains("s3cr3t"), "{refused}");
        assert!(no_login_among(["mongodb:env:URL".to_owned()].into_iter()).is_ok());
    }

    #[test]
    fn what_names_no_store_is_told_with_what_does() {
        for text in ["rebound.db", "sqlite:", "mongodb:", "mongodb:env:", "mongodb:URL", "config:", ""] {
            let refused = named(text).unwrap_err();
            assert!(refused.contains(&format!("\"{text}\" names none")), "{refused}");
            assert!(refused.contains("Name it as sqlite:PATH"), "{refused}");
        }
        let refused = named("mongodb:env:MISSING").unwrap_err();
        assert!(refused.contains("the environment variable MISSING is not set or empty"), "{refused}");
    }
}
