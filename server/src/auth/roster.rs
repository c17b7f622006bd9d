//! Who there is beside the admin of the file, and what may be changed about them.
//!
//! Every rule of it stands here, and the page, the interfaces and the commands go through it alike. Reads no clock and no store,
//! and holds no password and no key: only hashes of them.

use rebound::role::Role;
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most people beside the admin. The roster is read with every request, so it stays small.
const PEOPLE_MAX: usize = 200;
/// Most keys.
const KEYS_MAX: usize = 200;
/// Longest name.
const NAME_MAX: usize = 40;
/// What Rebound itself asks for is put down to this name.
const OWN_NAME: &str = "rebound";

/// Everybody, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// People beside the admin of the file, in the order of their names.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Keys of programs, the oldest first.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// The number of the change from which on sessions of the admin count; 0: none of them was ever ended so.
    #[serde(default)]
    pub admin_since: u64,
}

/// Somebody who may log in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name, which is kept with everything that is asked for.
    pub name: String,
    /// What that one may do.
    pub role: Role,
    /// Of the password.
    pub hash: String,
    /// When he was added.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// Who may not log in now: since when, and by whom.
    #[serde(default)]
    pub disabled: Option<(Timestamp, String)>,
    /// The number of the change from which on his sessions count.
    pub since: u64,
}

/// What a program is known by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Tells it from others. Part of the key, and no secret.
    pub id: String,
    /// The program's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the whole key, in hexadecimal digits.
    pub hash: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// From then on it counts for nothing; `None`: it has no end.
    pub ends_at: Option<Timestamp>,
}

/// Who is meant, and when and by whom it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The number that the change will have.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who asks.
    pub by: &'a str,
    /// The name of the admin of the file.
    pub admin: &'a str,
}

/// Why the roster cannot be changed so. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// No name for a person or a key.
    #[error(
        "\"{0}\" cannot be a name: use 1 to {NAME_MAX} of a-z, 0-9, '.', '_', '-' and '@', the first a letter or digit"
    )]
    Name(String),
    /// Somebody has it.
    #[error("there is a {1} called \"{0}\" already")]
    Taken(String, &'static str),
    /// Rebound calls itself so.
    #[error("\"{OWN_NAME}\" is what Rebound itself is called in the journal; take another name")]
    Reserved,
    /// Nobody has it.
    #[error("there is no {1} called \"{0}\"")]
    Nobody(String, &'static str),
    /// The admin of the file.
    #[error("\"{0}\" is the admin of the configuration file, who stays as the file says")]
    OfTheFile(String),
    /// Whoever asks means himself.
    #[error("\"{0}\" is yourself: ask another admin, so that nobody locks himself out by accident")]
    Yourself(String),
    /// There are as many as there may be.
    #[error("there are {0} {1} already, and no more are kept")]
    Full(usize, &'static str),
    /// It is so already.
    #[error("nothing would change: {0}")]
    AsItIs(String),
}

impl Roster {
    /// The person of this name.
    #[must_use]
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    /// The key of this id.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Adds somebody. Returns what was done, in words.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn add(
        &mut self,
        change: Change<'_>,
        name: &str,
        role: Role,
        hash: &str,
    ) -> Result<String, RosterError> {
        checked(name)?;
        // People must not be told apart by capitals alone, and the admin's name may have some.
        if self.person(name).is_some() || change.admin.eq_ignore_ascii_case(name) {
            return Err(RosterError::Taken(name.to_owned(), "person"));
        }
        if self.people.len() >= PEOPLE_MAX {
            return Err(RosterError::Full(PEOPLE_MAX, "people"));
        }
        self.people.push(Person {
            name: name.to_owned(),
            role,
            hash: hash.to_owned(),
            made_at: change.at,
            made_by: change.by.to_owned(),
            disabled: None,
            since: change.number,
        });
        self.people.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(format!("added {name} as {}", role.word()))
    }

    /// Gives somebody another role, which holds with the next request.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn set_role(&mut self, change: Change<'_>, name: &str, role: Role) -> Result<String, RosterError> {
        let person = self.other(change, name)?;
        if person.role == role {
            return Err(RosterError::AsItIs(format!("{name} is {} already", role.word())));
        }
        let before = std::mem::replace(&mut person.role, role);
        Ok(format!("made {name} {} instead of {}", role.word(), before.word()))
    }

    /// Lets somebody in no more. His sessions are over for good, also once he is let in again.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn disable(&mut self, change: Change<'_>, name: &str) -> Result<String, RosterError> {
        let person = self.other(change, name)?;
        if person.disabled.is_some() {
            return Err(RosterError::AsItIs(format!("{name} is disabled already")));
        }
        person.disabled = Some((change.at, change.by.to_owned()));
        person.since = change.number;
        Ok(format!("disabled {name}"))
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn enable(&mut self, change: Change<'_>, name: &str) -> Result<String, RosterError> {
        let person = self.other(change, name)?;
        if person.disabled.take().is_none() {
            return Err(RosterError::AsItIs(format!("{name} is not disabled")));
        }
        Ok(format!("enabled {name}"))
    }

    /// Removes somebody. What he did stays put down to his name.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn remove(&mut self, change: Change<'_>, name: &str) -> Result<String, RosterError> {
        self.other(change, name)?;
        self.people.retain(|person| person.name != name);
        Ok(format!("removed {name}"))
    }

    /// Gives somebody else another password, and ends his sessions.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn reset_password(
        &mut self,
        change: Change<'_>,
        name: &str,
        hash: &str,
    ) -> Result<String, RosterError> {
        let person = self.other(change, name)?;
        hash.clone_into(&mut person.hash);
        person.since = change.number;
        Ok(format!("gave {name} a new password"))
    }

    /// Somebody takes another password himself, by which his other sessions end.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn own_password(&mut self, change: Change<'_>, hash: &str) -> Result<String, RosterError> {
        let nobody = || RosterError::Nobody(change.by.to_owned(), "person");
        let person = self.people.iter_mut().find(|person| person.name == change.by).ok_or_else(nobody)?;
        hash.clone_into(&mut person.hash);
        person.since = change.number;
        Ok("took a new password".to_owned())
    }

    /// The admin of the file has another password, by which his sessions of before end.
    pub fn admins_password(&mut self, change: Change<'_>) -> String {
        self.admin_since = change.number;
        if change.by == change.admin {
            "took a new password".to_owned()
        } else {
            format!("gave {} a new password", change.admin)
        }
    }

    /// Keeps a key.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn add_key(&mut self, key: Key) -> Result<String, RosterError> {
        checked(&key.name)?;
        if self.keys.iter().any(|there| there.name == key.name) {
            return Err(RosterError::Taken(key.name, "key"));
        }
        if self.keys.len() >= KEYS_MAX {
            return Err(RosterError::Full(KEYS_MAX, "keys"));
        }
        let end = key.ends_at.map_or_else(|| "without an end".to_owned(), |end| format!("until {end}"));
        let done = format!("made the key {} ({}) as {}, {end}", key.name, key.id, key.role.word());
        self.keys.push(key);
        Ok(done)
    }

    /// Takes a key back, by its id or name. It counts for nothing from then on.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn revoke(&mut self, which: &str) -> Result<String, RosterError> {
        let found = self.keys.iter().position(|key| key.id == which || key.name == which);
        let found = found.ok_or_else(|| RosterError::Nobody(which.to_owned(), "key"))?;
        let key = self.keys.remove(found);
        Ok(format!("revoked the key {} ({})", key.name, key.id))
    }

    /// Somebody who is not whoever asks, and not the admin of the file.
    fn other(&mut self, change: Change<'_>, name: &str) -> Result<&mut Person, RosterError> {
        if name == change.by {
            return Err(RosterError::Yourself(name.to_owned()));
        }
        if name == change.admin {
            return Err(RosterError::OfTheFile(name.to_owned()));
        }
        let found = self.people.iter_mut().find(|person| person.name == name);
        found.ok_or_else(|| RosterError::Nobody(name.to_owned(), "person"))
    }
}

/// A name that means the same in a path, in a log and in a list.
fn checked(name: &str) -> Result<(), RosterError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_name = (1..=NAME_MAX).contains(&name.len())
        && name.starts_with(plain)
        && name.chars().all(|c| plain(c) || "._-@".contains(c));
    if !is_name {
        // What was typed may be long, or a password in the wrong field.
        let shown: String = name.chars().take(NAME_MAX).collect();
        return Err(RosterError::Name(shown));
    }
    if name == OWN_NAME {
        return Err(RosterError::Reserved);
    }
    Ok(())
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(by: &str, number: u64) -> Change<'_> {
        Change { number, at: Timestamp::from_ms(0), by, admin: "Admin" }
    }

    fn roster() -> Roster {
        let mut roster = Roster::default();
        roster.add(by("Admin", 1), "ben", Role::Viewer, "hash").unwrap();
        roster.add(by("Admin", 2), "anna", Role::Admin, "hash").unwrap();
        roster
    }

    #[test]
    fn people_stand_in_the_order_of_their_names_with_who_added_them() {
        let roster = roster();
        let names: Vec<&str> = roster.people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["anna", "ben"]);
        assert_eq!(roster.person("ben").unwrap().made_by, "Admin");
    }

    #[test]
    fn a_name_is_one_persons_and_means_the_same_everywhere() {
        let mut roster = roster();
        let mut add = |name: &str| roster.add(by("Admin", 3), name, Role::Viewer, "hash");
        assert_eq!(add("anna"), Err(RosterError::Taken("anna".to_owned(), "person")));
        assert_eq!(add("admin"), Err(RosterError::Taken("admin".to_owned(), "person")));
        assert_eq!(add("rebound"), Err(RosterError::Reserved));
        for wrong in ["", "Anna", ".", "-x", "an na", "a/b", "é", &"a".repeat(41)] {
            assert!(matches!(add(wrong), Err(RosterError::Name(_))), "{wrong}");
        }
        assert!(add("anna@example.com").is_ok());
    }

    #[test]
    fn nobody_changes_himself_or_the_admin_of_the_file() {
        let mut roster = roster();
        let anna = || by("anna", 3);
        assert_eq!(roster.remove(anna(), "anna"), Err(RosterError::Yourself("anna".to_owned())));
        assert_eq!(roster.disable(anna(), "anna"), Err(RosterError::Yourself("anna".to_owned())));
        let demoted = roster.set_role(anna(), "anna", Role::Viewer);
        assert_eq!(demoted, Err(RosterError::Yourself("anna".to_owned())));
        for refused in [
            roster.remove(anna(), "Admin"),
            roster.disable(anna(), "Admin"),
            roster.set_role(anna(), "Admin", Role::Viewer),
            roster.reset_password(anna(), "Admin", "hash"),
        ] {
            assert_eq!(refused, Err(RosterError::OfTheFile("Admin".to_owned())));
        }
        assert_eq!(roster, self::roster(), "nothing was changed");
    }

    #[test]
    fn sessions_of_before_a_disabling_do_not_come_back_with_the_enabling() {
        let mut roster = roster();
        roster.disable(by("anna", 3), "ben").unwrap();
        roster.enable(by("anna", 4), "ben").unwrap();
        let ben = roster.person("ben").unwrap();
        assert_eq!((ben.since, ben.disabled.is_none()), (3, true));
    }

    #[test]
    fn somebody_who_is_removed_and_added_again_has_none_of_the_old_sessions() {
        let mut roster = roster();
        roster.remove(by("anna", 3), "ben").unwrap();
        roster.add(by("anna", 4), "ben", Role::Viewer, "hash").unwrap();
        assert_eq!(roster.person("ben").unwrap().since, 4);
    }

    #[test]
    fn what_is_so_already_is_no_change() {
        let mut roster = roster();
        assert!(matches!(roster.set_role(by("anna", 3), "ben", Role::Viewer), Err(RosterError::AsItIs(_))));
        assert!(matches!(roster.enable(by("anna", 3), "ben"), Err(RosterError::AsItIs(_))));
    }

    #[test]
    fn a_key_is_taken_back_by_its_id_or_its_name_and_once() {
        let key = |id: &str, name: &str| Key {
            id: id.to_owned(),
            name: name.to_owned(),
            role: Role::Viewer,
            hash: String::new(),
            made_at: Timestamp::from_ms(0),
            made_by: "anna".to_owned(),
            ends_at: None,
        };
        let mut roster = roster();
        roster.add_key(key("1a", "backup")).unwrap();
        roster.add_key(key("2b", "board")).unwrap();
        let again = roster.add_key(key("3c", "board"));
        assert_eq!(again, Err(RosterError::Taken("board".to_owned(), "key")));
        assert_eq!(roster.revoke("1a").unwrap(), "revoked the key backup (1a)");
        assert_eq!(roster.revoke("board").unwrap(), "revoked the key board (2b)");
        assert_eq!(roster.revoke("board"), Err(RosterError::Nobody("board".to_owned(), "key")));
    }

    #[test]
    fn no_hash_is_shown() {
        let shown = format!("{:?}", roster());
        assert!(!shown.contains("hash"), "{shown}");
    }
}
