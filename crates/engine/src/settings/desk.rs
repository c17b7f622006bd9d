//! Where changes of the settings are made: one at a time, durable before they count, and only on what the person saw.

use std::sync::Arc;

use rebound::text::misleads;
use rebound::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, mpsc, watch};

use super::cautions::cautions;
use super::settled;
use super::{
    CHANGES_MAX, Changed, InForce, NOTE_MAX, Revision, SettingsFile, Trouble, VALUE_BYTES_MAX, Values, Wanted,
};
use crate::driver::Input;
use crate::ports::{Store, StoreError};
use crate::service::ServiceError;

/// The settings of a running Rebound. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    file: Arc<dyn SettingsFile>,
    store: Arc<dyn Store>,
    inputs: mpsc::Sender<Input>,
    /// One change at a time.
    turn: Arc<Mutex<()>>,
    held: Arc<watch::Sender<Held>>,
}

/// What holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Number of the revision that was taken up; 0: none, or it could not be read yet.
    pub(crate) number: u64,
    /// The values of it that fit the file.
    pub(crate) values: Values,
    /// Why the others do not.
    pub(crate) left_out: Vec<Trouble>,
    /// Whether the store did not say yet what was changed: everything runs dry until it does.
    pub(crate) unread: bool,
}

impl Held {
    /// Nothing is known yet of what was changed.
    pub(crate) fn unread() -> Self {
        Self { unread: true, ..Self::default() }
    }
}

/// What a change would come to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    /// The values that would hold.
    pub(crate) values: Values,
    /// What would be different.
    pub(crate) changes: Vec<Changed>,
    /// The settings as they would hold.
    pub(crate) after: InForce,
    /// What to be warned of.
    pub(crate) cautions: Vec<String>,
}

/// A change that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What was changed, by whom and when.
    #[serde(flatten)]
    pub revision: Revision,
    /// What it does that its words do not show.
    #[serde(default)]
    pub cautions: Vec<String>,
}

impl Desk {
    pub(crate) fn new(
        file: Arc<dyn SettingsFile>,
        store: Arc<dyn Store>,
        inputs: mpsc::Sender<Input>,
        held: Held,
    ) -> Self {
        let (held, _) = watch::channel(held);
        Self { file, store, inputs, turn: Arc::new(Mutex::new(())), held: Arc::new(held) }
    }

    /// What holds now.
    pub(crate) fn held(&self) -> Held {
        self.held.borrow().clone()
    }

    /// The settings as they hold now.
    pub(crate) fn in_force(&self) -> Result<InForce, ServiceError> {
        self.file.with(&self.held.borrow().values).map_err(ServiceError::BadSettings)
    }

    /// What a change would come to, without making it.
    pub(crate) fn judge(&self, wanted: &Wanted) -> Result<Judged, ServiceError> {
        check_size(wanted)?;
        let held = self.held();
        let before = self.in_force()?;
        let mut values = held.values.clone();
        let mut troubles = Vec::new();
        for (key, value) in wanted {
            let known = before.settings().find(|setting| setting.key == *key);
            match (known, value) {
                (None, Some(_)) => troubles.push(unknown(key)),
                // Also of what is known no longer: that is how it is got rid of.
                (_, None) => drop(values.remove(key)),
                (Some(_), Some(value)) => drop(values.insert(key.clone(), tidy(value))),
            }
        }
        if !troubles.is_empty() {
            return Err(ServiceError::BadSettings(troubles));
        }
        let (values, after) = settled(self.file.as_ref(), values).map_err(ServiceError::BadSettings)?;
        let changes = before.differences(&after);
        let cautions = cautions(&before.config, &after.config);
        Ok(Judged { values, changes, after, cautions })
    }

    /// Makes a change: checked, durable, then in force. `base` is the number of the revision that the person saw.
    pub(crate) async fn change(
        &self,
        base: u64,
        wanted: &Wanted,
        note: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Made, ServiceError> {
        if note.chars().count() > NOTE_MAX {
            let range = format!("at most {NOTE_MAX} characters");
            let value = format!("{} characters", note.chars().count());
            return Err(ServiceError::OutOfRange { what: "note", value, range });
        }
        let _turn = self.turn.lock().await;
        self.follow().await?;
        let held = self.held();
        if held.number != base {
            return Err(ServiceError::SettingsMoved { seen: base, now: held.number });
        }
        let Judged { values, changes, after, cautions } = self.judge(wanted)?;
        if changes.is_empty() {
            return Err(ServiceError::NothingChanges);
        }
        let number = held.number + 1;
        let revision = Revision {
            number,
            at: now,
            by: by.to_owned(),
            note: note.trim().chars().filter(|c| !misleads(*c)).collect(),
            changes,
            values,
        };
        match self.store.revise(&revision).await {
            Ok(true) => {}
            Ok(false) => return Err(ServiceError::SettingsMoved { seen: base, now: number }),
            Err(error) => return Err(ServiceError::NotKept(error)),
        }
        tracing::info!(revision = number, by, "the settings were changed");
        self.take_up(Held { number, values: revision.values.clone(), ..Held::default() }, after).await?;
        Ok(Made { revision, cautions })
    }

    /// Takes up what another server changed, or what could not be read at the start.
    pub(crate) async fn keep_up(&self) -> Result<(), ServiceError> {
        let _turn = self.turn.lock().await;
        self.follow().await
    }

    async fn follow(&self) -> Result<(), ServiceError> {
        let newest = self.store.revisions(None, 1).await.map_err(ServiceError::NotBegun)?.pop();
        let (known, unread) = (self.held.borrow().number, self.held.borrow().unread);
        let number = newest.as_ref().map_or(0, |newest| newest.number);
        if number <= known && !unread {
            return Ok(());
        }
        let held = newest.map(|newest| held(self.file.as_ref(), &newest)).unwrap_or_default();
        let after = self.file.with(&held.values).map_err(ServiceError::BadSettings)?;
        tracing::info!(revision = number, "settings that were changed are taken up");
        self.take_up(held, after).await
    }

    async fn take_up(&self, held: Held, after: InForce) -> Result<(), ServiceError> {
        self.file.adopt(&held.values);
        self.held.send_replace(held);
        let input = Input::Config(Box::new(after.config));
        self.inputs.send(input).await.map_err(|_| ServiceError::Busy)
    }
}

/// What of the newest revision holds over the file at the start. Where it cannot be read nothing does, until it can.
pub(crate) async fn at_the_start(file: &dyn SettingsFile, store: &dyn Store) -> Result<Held, StoreError> {
    let newest = store.revisions(None, 1).await?.pop();
    Ok(newest.map(|newest| held(file, &newest)).unwrap_or_default())
}

fn held(file: &dyn SettingsFile, newest: &Revision) -> Held {
    let (values, left_out) = file.with_what_fits(&newest.values);
    for trouble in &left_out {
        let Trouble { key, what, .. } = trouble;
        tracing::warn!(key, what, "a value that was set on the page does not fit the file and does not hold");
    }
    Held { number: newest.number, values, left_out, unread: false }
}

fn check_size(wanted: &Wanted) -> Result<(), ServiceError> {
    if wanted.len() > CHANGES_MAX {
        let range = format!("at most {CHANGES_MAX} at once");
        return Err(ServiceError::OutOfRange { what: "changes", value: wanted.len().to_string(), range });
    }
    let long =
        wanted.iter().find(|(_, value)| value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES_MAX));
    long.map_or(Ok(()), |(key, _)| {
        let what = format!("is longer than {VALUE_BYTES_MAX} bytes");
        let help = "Write it into the file instead.".to_owned();
        Err(ServiceError::BadSettings(vec![Trouble { key: key.clone(), what, help }]))
    })
}

fn unknown(key: &str) -> Trouble {
    Trouble {
        key: key.to_owned(),
        what: "is no setting that can be changed here".to_owned(),
        help: "`rebound settings` lists all that can; the others stand in the configuration file only."
            .to_owned(),
    }
}

/// A browser sends other ends of lines than it was given.
fn tidy(value: &str) -> String {
    value.replace("\r\n", "\n").trim().to_owned()
}
