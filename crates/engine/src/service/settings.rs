//! Settings: what holds, what a change would come to, changing it, and taking a change back.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rebound::target::Config;
use serde::{Deserialize, Serialize};

use super::{Principal, Service, ServiceError};
use crate::ports::{PAGE_MAX, StoreError};
use crate::replay::{Replayed, replay};
use crate::settings::{Changed, Desk, Group, Judged, Made, Revision, Trouble, Wanted};

/// Most replays whose end is remembered.
const REPLAYS_KEPT: usize = 16;
/// Most replays that are under way at once: each reads weeks of observations.
const REPLAYS_AT_ONCE: usize = 1;

/// The desk, and the replays that were asked for.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(super) desk: Desk,
    replays: Arc<Mutex<Vec<Known>>>,
}

/// A replay that was asked for.
struct Known {
    before: Config,
    after: Config,
    state: WouldBe,
}

/// What a proposed change would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WouldBe {
    /// It is being counted; so many percent are done.
    Running(u8),
    /// It was counted.
    Counted(Replayed),
    /// It cannot be counted, and why.
    Unknown(String),
}

/// The settings as they hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsNow {
    /// Number of the last change; 0: nothing was ever changed.
    pub revision: u64,
    /// Everything that may be changed.
    pub groups: Vec<Group>,
    /// Values that were set once and do not fit the file any more: they do not hold.
    pub left_out: Vec<Trouble>,
}

/// A change that was looked at and not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The last change before it, to be named when it is made.
    pub revision: u64,
    /// What would be different.
    pub changes: Vec<Changed>,
    /// What it would do that its words do not show, such as that nobody is told any more.
    #[serde(default)]
    pub cautions: Vec<String>,
}

/// What takes a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// The values that held before it.
    pub wanted: Wanted,
    /// What was set anew since, and would be lost by it: newest first.
    pub since: Vec<Since>,
}

/// A setting that was changed after a person saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Number of the change.
    pub number: u64,
    /// Who made it.
    pub by: String,
    /// What.
    pub changed: Changed,
}

impl Settings {
    pub(super) fn at(desk: Desk) -> Self {
        Self { desk, replays: Arc::default() }
    }
}

impl Service {
    /// The settings as they hold.
    ///
    /// # Errors
    /// [`ServiceError::NoSettings`], [`ServiceError::BadSettings`] if a file of theirs is gone.
    pub fn settings(&self, _who: &Principal) -> Result<SettingsNow, ServiceError> {
        let desk = self.desk()?;
        let held = desk.held();
        let groups = desk.in_force()?.groups;
        Ok(SettingsNow { revision: held.number, groups, left_out: held.left_out })
    }

    /// What a change would come to. Nothing is changed.
    ///
    /// # Errors
    /// [`ServiceError::NoSettings`], [`ServiceError::BadSettings`] with everything that is wrong, [`ServiceError::OutOfRange`].
    pub fn propose_settings(&self, _who: &Principal, wanted: &Wanted) -> Result<Proposal, ServiceError> {
        let desk = self.desk()?;
        let revision = desk.held().number;
        let Judged { changes, cautions, .. } = desk.judge(wanted)?;
        Ok(Proposal { revision, changes, cautions })
    }

    /// What a change would have done to the last days: counted in the background, from what was really seen. Asks again and
    /// again until it is there.
    ///
    /// # Errors
    /// As [`Service::propose_settings`].
    pub fn replay_settings(&self, _who: &Principal, wanted: &Wanted) -> Result<WouldBe, ServiceError> {
        let settings = self.settings.as_ref().ok_or(ServiceError::NoSettings)?;
        let Some(keeping) = &self.keeping else {
            return Ok(WouldBe::Unknown(
                "No history is kept, so nothing can be judged once more.".to_owned(),
            ));
        };
        if keeping.history.kept.recordings.is_zero() {
            let why = "Observations are not recorded, so nothing can be judged once more.";
            return Ok(WouldBe::Unknown(why.to_owned()));
        }
        let before = settings.desk.in_force()?.config;
        let after = settings.desk.judge(wanted)?.after.config;
        if before == after {
            let why = "It changes nothing that is judged by: only to whom alerts go.";
            return Ok(WouldBe::Unknown(why.to_owned()));
        }
        let mut replays = settings.replays.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = replays.iter().find(|known| known.before == before && known.after == after) {
            return Ok(known.state.clone());
        }
        let running = replays.iter().filter(|known| matches!(known.state, WouldBe::Running(_))).count();
        if running >= REPLAYS_AT_ONCE {
            return Ok(WouldBe::Running(0));
        }
        if replays.len() >= REPLAYS_KEPT {
            replays.remove(0);
        }
        replays.push(Known { before: before.clone(), after: after.clone(), state: WouldBe::Running(0) });
        drop(replays);
        let (list, store, now) =
            (Arc::clone(&settings.replays), Arc::clone(&keeping.history.store), self.now());
        tokio::spawn(async move {
            let note = |state: WouldBe| {
                let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(known) =
                    list.iter_mut().find(|known| known.before == before && known.after == after)
                {
                    known.state = state;
                }
            };
            let told = |share: u8| note(WouldBe::Running(share));
            note(ended(replay(store.as_ref(), &before, &after, now, &told).await));
        });
        Ok(WouldBe::Running(0))
    }

    /// Changes settings. It is durable when this returns, and holds from then on. `base` is the number of the change that the
    /// person saw last.
    ///
    /// # Errors
    /// [`ServiceError::SettingsMoved`], [`ServiceError::NothingChanges`], [`ServiceError::NotKept`], and those of
    /// [`Service::propose_settings`]. Nothing was changed then.
    pub async fn change_settings(
        &self,
        who: &Principal,
        base: u64,
        wanted: &Wanted,
        note: &str,
    ) -> Result<Made, ServiceError> {
        self.desk()?.change(base, wanted, note, &who.name, self.now()).await
    }

    /// What takes the change `number` back: to be proposed and made like any other.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchThing`], [`ServiceError::Store`], [`ServiceError::NoSettings`], [`ServiceError::SettingsMoved`] where
    /// too much was changed since.
    pub async fn undone_settings(&self, who: &Principal, number: u64) -> Result<Undoing, ServiceError> {
        self.desk()?;
        let found = self.store.revisions(number.checked_add(1), 1).await?.pop();
        let found = found.filter(|found| found.number == number);
        let found = found.ok_or(ServiceError::NoSuchThing { what: "change of the settings", number })?;
        let wanted: Wanted =
            found.changes.iter().map(|changed| (changed.key.clone(), changed.undone())).collect();
        let in_force = self.desk()?.in_force()?;
        let holds = |key: &str| in_force.settings().find(|setting| setting.key == key);
        // Changes that took each other back leave what this one set, or what held before it: nothing is lost then.
        let is_lost = |changed: &Changed| {
            holds(&changed.key).is_some_and(|setting| {
                setting.value != changed.after.value && setting.value != changed.before.value
            })
        };
        let lost: Vec<&str> = found
            .changes
            .iter()
            .filter(|changed| is_lost(changed))
            .map(|changed| changed.key.as_str())
            .collect();
        let mut since = newest_of_each(self.settings_since(who, number).await?);
        since.retain(|since| lost.contains(&since.changed.key.as_str()));
        Ok(Undoing { wanted, since })
    }

    /// What was changed after the change `seen`, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`], [`ServiceError::SettingsMoved`] where it is more than can be told.
    pub async fn settings_since(&self, _who: &Principal, seen: u64) -> Result<Vec<Since>, ServiceError> {
        let newest = self.store.revisions(None, PAGE_MAX).await?;
        let now = newest.first().map_or(0, |revision| revision.number);
        let later: Vec<Revision> = newest.into_iter().filter(|revision| revision.number > seen).collect();
        if later.last().is_some_and(|oldest| oldest.number > seen + 1) {
            return Err(ServiceError::SettingsMoved { seen, now });
        }
        let each = later.into_iter().flat_map(|revision| {
            let Revision { number, by, changes, .. } = revision;
            changes.into_iter().map(move |changed| Since { number, by: by.clone(), changed })
        });
        Ok(each.collect())
    }

    /// Changes of the settings, newest first, below the number `before`.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn settings_log(
        &self,
        _who: &Principal,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Revision>, ServiceError> {
        Ok(self.store.revisions(before, limit.min(PAGE_MAX)).await?)
    }

    fn desk(&self) -> Result<&Desk, ServiceError> {
        self.settings.as_ref().map(|settings| &settings.desk).ok_or(ServiceError::NoSettings)
    }
}

/// The newest change of each setting; the newest stand first.
#[must_use]
pub fn newest_of_each(mut since: Vec<Since>) -> Vec<Since> {
    let mut seen = BTreeSet::new();
    since.retain(|since| seen.insert(since.changed.key.clone()));
    since
}

fn ended(replayed: Result<Replayed, StoreError>) -> WouldBe {
    match replayed {
        Ok(replayed) if replayed.observations == 0 => {
            WouldBe::Unknown("Nothing was recorded yet of what this is about.".to_owned())
        }
        Ok(replayed) => WouldBe::Counted(replayed),
        Err(error) => {
            tracing::warn!(%error, "what was seen cannot be judged once more");
            WouldBe::Unknown("The recorded observations cannot be read now; the log says why.".to_owned())
        }
    }
}
