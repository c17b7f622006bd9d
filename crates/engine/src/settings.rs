//! What people change of the settings while Rebound runs: values over those of the file, each change a revision of its own.
//!
//! What a value means, and whether it may be given, is known by whoever reads the file: [`SettingsFile`]. Here is only what a
//! change is, and that it is durable before it counts.

use std::collections::BTreeMap;

use rebound::target::Config;
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};

mod cautions;

mod desk;

pub use desk::Made;
pub(crate) use desk::{Desk, Held, Judged, at_the_start};

/// Values over those of the file, as they are written, by key. What is not in it is as the file says.
pub type Values = BTreeMap<String, String>;

/// Most bytes of one value.
pub const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Most values that are changed at once.
pub const CHANGES_MAX: usize = 500;
/// Most characters of the note that goes with a change.
pub const NOTE_MAX: usize = 500;

/// One change of the settings: who, when, what, and what has held since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number; the first is 1, each is one more than the one before.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why, in the words of whoever did it; may be empty.
    pub note: String,
    /// What was changed, in the order of keys.
    pub changes: Vec<Changed>,
    /// All that holds over the file from here on.
    pub values: Values,
}

/// One value that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Which.
    pub key: String,
    /// What it is, with whom it belongs to.
    pub name: String,
    /// What held before.
    pub before: Given,
    /// What holds since.
    pub after: Given,
}

/// A value, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// As it is written.
    pub value: String,
    /// Whether it is what the file says, or its default.
    pub by_file: bool,
}

impl Changed {
    /// What takes it back.
    #[must_use]
    pub fn undone(&self) -> Option<String> {
        (!self.before.by_file).then(|| self.before.value.clone())
    }
}

/// What is wanted of some keys; `None`: as the file says.
pub type Wanted = BTreeMap<String, Option<String>>;

/// Why a value cannot be taken, as `check-config` says it: where, what is wrong, what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The key.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// The settings as they hold with some values.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// For the core.
    pub config: Config,
    /// Everything that may be changed, in the order in which it is shown.
    pub groups: Vec<Group>,
}

/// What is changed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Tells it from others: `general`, or a target's id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// Settings that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What they are about.
    pub name: String,
    /// They.
    pub settings: Vec<Setting>,
}

/// One value that may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// By which it is known, e.g. `targets/mt5/thresholds/fresh_age_max`.
    pub key: String,
    /// What it is, for people.
    pub name: String,
    /// What it means, with its range.
    pub help: String,
    /// How it is written.
    pub form: Form,
    /// What holds now.
    pub value: String,
    /// What the file says, or its default.
    pub file: String,
}

impl Setting {
    /// Whether something else holds than what the file says.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.value != self.file
    }
}

/// How a value is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A span of time, such as `5m`.
    Span,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of these.
    Choice(Vec<String>),
    /// Words separated by commas.
    List,
    /// One line of text.
    Words,
    /// Some lines as they stand in the file.
    Lines,
}

impl InForce {
    /// Every setting.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.groups.iter().flat_map(|group| &group.parts).flat_map(|part| &part.settings)
    }

    /// What a setting is, with whom it belongs to: `MT5 bridge: Healing: Cooldown`.
    #[must_use]
    pub fn full_name(&self, key: &str) -> Option<String> {
        self.groups.iter().find_map(|group| {
            group.parts.iter().find_map(|part| {
                let setting = part.settings.iter().find(|setting| setting.key == key)?;
                Some(format!("{}: {}: {}", group.name, part.name, setting.name))
            })
        })
    }

    /// What holds of a key, and who says so.
    fn given(&self, key: &str) -> Option<Given> {
        let setting = self.settings().find(|setting| setting.key == key)?;
        Some(Given { value: setting.value.clone(), by_file: !setting.is_changed() })
    }

    /// What is different in `later`, in the order of keys.
    pub(crate) fn differences(&self, later: &Self) -> Vec<Changed> {
        let known: BTreeMap<&str, &Setting> =
            self.settings().map(|setting| (setting.key.as_str(), setting)).collect();
        let changed = later.settings().filter(|setting| {
            known.get(setting.key.as_str()).is_none_or(|before| before.value != setting.value)
        });
        let nothing = || Given { value: String::new(), by_file: true };
        let mut changed: Vec<Changed> = changed
            .map(|setting| Changed {
                key: setting.key.clone(),
                name: later.full_name(&setting.key).unwrap_or_else(|| setting.key.clone()),
                before: self.given(&setting.key).unwrap_or_else(nothing),
                after: later.given(&setting.key).unwrap_or_else(nothing),
            })
            .collect();
        changed.sort_by(|one, other| one.key.cmp(&other.key));
        changed
    }
}

/// The file of settings, and what may be changed of it.
pub trait SettingsFile: Send + Sync {
    /// The settings as they hold with `values`, checked as a whole.
    ///
    /// # Errors
    /// Everything that is wrong.
    fn with(&self, values: &Values) -> Result<InForce, Vec<Trouble>>;

    /// Lets those parts follow that are none of the core's: who gets mail. `values` were checked.
    fn adopt(&self, values: &Values);

    /// The settings as they hold with as many of `values` as fit the file, and why the others do not: a file may have changed
    /// since they were given, and Rebound must watch all the same.
    fn with_what_fits(&self, values: &Values) -> (Values, Vec<Trouble>) {
        match self.with(values) {
            Ok(_) => (values.clone(), Vec::new()),
            Err(_) => fitting(self, values),
        }
    }
}

/// The settings with `values`, and these as the file's own rules write them. A value that the file says as well is left to it,
/// unless it would come to something else without: a default may follow from another value.
fn settled(file: &dyn SettingsFile, mut values: Values) -> Result<(Values, InForce), Vec<Trouble>> {
    let after = file.with(&values)?;
    for setting in after.settings() {
        if let Some(value) = values.get_mut(&setting.key) {
            value.clone_from(&setting.value);
        }
    }
    for setting in after.settings().filter(|setting| !setting.is_changed()) {
        if let Some(value) = values.remove(&setting.key)
            && file.with(&values).as_ref() != Ok(&after)
        {
            values.insert(setting.key.clone(), value);
        }
    }
    Ok((values, after))
}

/// Leaves out as few values as can be found: those that are named as wrong, else one that all others fit without. What fits only
/// together stays together by that. Where more is wrong at once, the values are taken one by one.
fn fitting<F: SettingsFile + ?Sized>(file: &F, values: &Values) -> (Values, Vec<Trouble>) {
    let (mut fit, mut troubles) = (values.clone(), Vec::new());
    while let Err(found) = file.with(&fit) {
        let named: Vec<Trouble> =
            found.iter().filter(|trouble| fit.contains_key(&trouble.key)).cloned().collect();
        if named.is_empty() {
            let without = |key: &String| {
                let mut others = fit.clone();
                others.remove(key);
                file.with(&others).is_ok().then_some(others)
            };
            return match fit.keys().find_map(without) {
                Some(others) => (others, [troubles, found].concat()),
                None => one_by_one(file, &fit, troubles),
            };
        }
        fit.retain(|key, _| !named.iter().any(|trouble| trouble.key == *key));
        troubles.extend(named);
    }
    (fit, troubles)
}

/// Leaves out what does not fit to those before.
fn one_by_one<F: SettingsFile + ?Sized>(
    file: &F,
    values: &Values,
    mut troubles: Vec<Trouble>,
) -> (Values, Vec<Trouble>) {
    let mut fit = Values::new();
    for (key, value) in values {
        fit.insert(key.clone(), value.clone());
        if let Err(found) = file.with(&fit) {
            fit.remove(key);
            troubles.extend(found);
        }
    }
    (fit, troubles)
}

#[cfg(test)]
mod tests;
