//! `rebound users` and `rebound keys`: beside a Rebound that runs or is stopped, on the machine that has its store.
//!
//! Goes through the same rules as the page. What is changed is put down to the command line.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use rebound::role::Role;
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock;

use crate::auth::{Hashes, People};
use crate::config;
use crate::wiring;

/// Whom changes are put down to.
const BY: &str = "the command line";

/// People who may log in.
#[derive(Debug, Subcommand)]
pub enum Users {
    /// Lists everybody.
    List(Place),
    /// Adds somebody, and prints the password that was made up.
    Add {
        /// The name.
        name: String,
        /// What that one may do.
        #[arg(long, default_value = "viewer")]
        role: RoleWord,
        /// Whose store it is.
        #[command(flatten)]
        place: Place,
    },
    /// Gives somebody another role.
    Role {
        /// The name.
        name: String,
        /// What that one may do.
        role: RoleWord,
        /// Whose store it is.
        #[command(flatten)]
        place: Place,
    },
    /// Lets somebody in no more. Sessions end at once.
    Disable(Named),
    /// Lets somebody in again.
    Enable(Named),
    /// Removes somebody. Sessions end at once.
    Remove(Named),
    /// Makes somebody's password up anew, and prints it. Sessions end at once.
    Password(Named),
}

/// Keys of programs.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Lists every key, without what makes it one.
    List(Place),
    /// Makes a key, and prints it this once.
    Make {
        /// The program's name, kept with everything it asks for.
        name: String,
        /// What it may do.
        #[arg(long, default_value = "viewer")]
        role: RoleWord,
        /// Days until it ends, 1 to 366; without it the key has no end.
        #[arg(long)]
        days: Option<u32>,
        /// Whose store it is.
        #[command(flatten)]
        place: Place,
    },
    /// Takes a key back, by its name or id.
    Revoke(Named),
}

/// Whose store it is.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Place {
    /// The configuration file.
    #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
    config: PathBuf,
}

/// One who is meant.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Named {
    /// The name.
    name: String,
    /// Whose store it is.
    #[command(flatten)]
    place: Place,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleWord {
    /// Sees everything and changes nothing.
    Viewer,
    /// Also heals, pauses, plans work, acknowledges and sends test alerts.
    Operator,
    /// Also changes settings, people and keys.
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Viewer => Self::Viewer,
            RoleWord::Operator => Self::Operator,
            RoleWord::Admin => Self::Admin,
        }
    }
}

/// Carries a command about people out.
///
/// # Errors
/// What the rules or the store say.
pub async fn users(command: Users) -> anyhow::Result<()> {
    match command {
        Users::List(place) => list(&open(&place).await?).await,
        Users::Add { name, role, place } => {
            let password = open(&place).await?.add(BY, &name, role.into()).await?;
            println!("user {name}, password {password}\nThe password is shown this once.");
            Ok(())
        }
        Users::Role { name, role, place } => {
            open(&place).await?.set_role(BY, &name, role.into()).await?;
            done(&format!("{name} is {} now.", Role::from(role).named()))
        }
        Users::Disable(Named { name, place }) => {
            open(&place).await?.disable(BY, &name).await?;
            done(&format!("{name} is disabled. Sessions of that name are over."))
        }
        Users::Enable(Named { name, place }) => {
            open(&place).await?.enable(BY, &name).await?;
            done(&format!("{name} can log in again."))
        }
        Users::Remove(Named { name, place }) => {
            open(&place).await?.remove(BY, &name).await?;
            done(&format!("{name} is removed. Sessions of that name are over."))
        }
        Users::Password(Named { name, place }) => {
            let people = open(&place).await?;
            anyhow::ensure!(
                name != people.admin(),
                "{name} is the admin of the configuration file: use `rebound reset-password`"
            );
            let password = people.reset_password(BY, &name).await?;
            println!(
                "user {name}, password {password}\nThe password is shown this once, and counts from now on."
            );
            Ok(())
        }
    }
}

/// Carries a command about keys out.
///
/// # Errors
/// What the rules or the store say.
pub async fn keys(command: Keys) -> anyhow::Result<()> {
    match command {
        Keys::List(place) => list_keys(&open(&place).await?).await,
        Keys::Make { name, role, days, place } => {
            println!("{}", open(&place).await?.make_key(BY, &name, role.into(), days).await?);
            Ok(())
        }
        Keys::Revoke(Named { name, place }) => {
            open(&place).await?.revoke(BY, &name).await?;
            done(&format!("The key {name} counts for nothing any more."))
        }
    }
}

/// Keeps in the list of changes that the admin has another password.
///
/// # Errors
/// What the store says.
pub async fn password_was_reset(hashes: Hashes, admin: &str) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock::start()) as Arc<dyn Clock>;
    People::of(hashes, admin, clock).admins_password(BY).await?;
    Ok(())
}

async fn open(place: &Place) -> anyhow::Result<People> {
    let settings = config::load(&place.config, &|name| std::env::var(name).ok())?;
    let hashes = wiring::logins::open(&settings.store).await.context("people and keys cannot be reached")?;
    let clock = Arc::new(SystemClock::start()) as Arc<dyn Clock>;
    let people = People::of(hashes, &settings.login.username, clock);
    people.take_over().await;
    Ok(people)
}

fn done(words: &str) -> anyhow::Result<()> {
    println!("{words}");
    Ok(())
}

async fn list(people: &People) -> anyhow::Result<()> {
    let everybody = people.everybody().await?;
    println!("{}  admin  of the configuration file", people.admin());
    for person in everybody.roster.people {
        let disabled =
            person.disabled.map(|(at, by)| format!("  disabled by {by} on {at}")).unwrap_or_default();
        let role = person.role.word();
        println!("{}  {role}  added by {} on {}{disabled}", person.name, person.made_by, person.made_at);
    }
    Ok(())
}

async fn list_keys(people: &People) -> anyhow::Result<()> {
    let everybody = people.everybody().await?;
    let now = SystemClock::start().now();
    if everybody.roster.keys.is_empty() {
        println!("There is no key.");
    }
    for key in everybody.roster.keys {
        let ends = match key.ends_at {
            None => "no end".to_owned(),
            Some(end) if end <= now => format!("over since {end}"),
            Some(end) => format!("until {end}"),
        };
        let used = match everybody.uses.as_ref().map(|uses| uses.get(&key.id)) {
            None => "last use not known".to_owned(),
            Some(None) => "never used".to_owned(),
            Some(Some(at)) => format!("last used on {at}"),
        };
        let (id, name, role, made_by) = (key.id, key.name, key.role.word(), key.made_by);
        println!("{name}  {role}  rbk_{id}_…  {ends}  {used}  made by {made_by} on {}", key.made_at);
    }
    Ok(())
}
