//! Every operation a person or program may ask for, once. Pages, interfaces and commands all call this.
//!
//! Takes the [`Principal`] first, so that no face can forget whom it serves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rebound::alert::Alert;
use rebound::ids::{AccountId, AlertId, IncidentId, TargetId};
use rebound::incident::Incident;
use rebound::monitor::{Asked, AskedState, JournalEntry, RequestKind};
use rebound::role::Role;
use rebound::time::Timestamp;
use rebound::view::Board;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cluster::SERVERS_MAX;
use crate::driver::Input;
use crate::history::Keeping;
use crate::ports::{AlertFilter, Clock, Store, StoreError};
use crate::settings::{Desk, Trouble};

mod drills;

mod history;

mod report;

mod outcomes;

mod settings;

mod reach;

pub(crate) use reach::Reach;
use reach::is_about_all;
pub use report::Reported;
pub use settings::{Proposal, SettingsNow, Since, Undoing, WouldBe, newest_of_each};

/// Who asks. Made by the server from a session, a key or a token, never by the caller.
///
/// What the role allows was looked at before anything is asked here: each route says which right it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name that is kept with what was asked.
    pub name: String,
    /// What that one may do.
    pub role: Role,
}

impl Principal {
    /// A person or program of this name, who may only look.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::with(name, Role::Viewer)
    }

    /// A person or program of this name and role.
    #[must_use]
    pub fn with(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role }
    }
}

/// Why an operation was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// No target has this id.
    #[error("no target is called \"{0}\". The Overview lists the names of all targets")]
    NoSuchTarget(String),
    /// No alert or incident has this number.
    #[error("there is no {what} {number}")]
    NoSuchThing {
        /// `alert`, `incident` or `account`.
        what: &'static str,
        /// The number asked for.
        number: u64,
    },
    /// The engine is stopping or overloaded.
    #[error("Rebound is busy or stopping; try again in a few seconds")]
    Busy,
    /// The server that watches the target did not begin with it.
    #[error("the server \"{0}\", which watches it, did not answer, and nothing was done")]
    OtherSilent(String),
    /// The server that watches the target was told, and did not say what became of it.
    #[error("the server \"{0}\", which watches it, did not say what became of it: it may have been done")]
    OtherUnclear(String),
    /// The server that watches the target cannot be told.
    #[error(
        "the server \"{0}\", which watches it, cannot be told, because the store gives no answer: nothing is begun unless its page says so"
    )]
    OtherUnreached(String),
    /// No such series of numbers.
    #[error("{0}")]
    NoSuchSeries(String),
    /// A value outside of its range.
    #[error("{what} = {value} is out of range: {range}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        range: String,
    },
    /// It is switched off.
    #[error("no history of numbers is kept: it is switched off in the configuration, under [history]")]
    NoHistory,
    /// The store did not answer.
    #[error("the history cannot be read: {0}")]
    Store(#[from] StoreError),
    /// Values of settings that cannot be taken. Nothing was changed.
    #[error("{}", in_words(.0))]
    BadSettings(Vec<Trouble>),
    /// Somebody else changed the settings meanwhile. Nothing was changed.
    #[error("the settings were changed meanwhile (revision {now}, and you saw {seen}); nothing was changed")]
    SettingsMoved {
        /// The revision that was seen.
        seen: u64,
        /// The newest.
        now: u64,
    },
    /// Others set anew what a change that is to be taken back had set. Nothing was changed.
    #[error(
        "\"{name}\" was changed again by {by} in change {number}: taking the older change back would lose that; nothing was changed"
    )]
    BuiltUpon {
        /// The setting.
        name: String,
        /// Who changed it again.
        by: String,
        /// In which change.
        number: u64,
    },
    /// What is wanted holds already.
    #[error("nothing would change: these values hold already")]
    NothingChanges,
    /// The store cannot be asked what holds, so no change was begun.
    #[error("nothing was changed, because the store cannot be asked: {0}")]
    NotBegun(StoreError),
    /// It is not known whether a change was made durable.
    #[error(
        "it is not known whether the change was written down: {0}. It holds only if the list of changes shows it"
    )]
    NotKept(StoreError),
    /// This Rebound runs without a file of settings.
    #[error("settings cannot be changed here")]
    NoSettings,
}

fn in_words(troubles: &[Trouble]) -> String {
    let lines: Vec<String> =
        troubles.iter().map(|trouble| format!("{}: {}", trouble.key, trouble.what)).collect();
    lines.join("; ")
}

/// The operations. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inputs: mpsc::Sender<Input>,
    board: watch::Receiver<Arc<Board>>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Where several servers share the targets.
    others: Option<Reach>,
    /// The history of numbers, where one is kept.
    keeping: Option<Keeping>,
    /// Where settings are changed, where they can be.
    settings: Option<settings::Settings>,
    /// The drills as they were last read.
    drills: drills::Known,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    pub(crate) fn new(
        inputs: mpsc::Sender<Input>,
        board: watch::Receiver<Arc<Board>>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        others: Option<Reach>,
        keeping: Option<Keeping>,
        desk: Option<Desk>,
    ) -> Self {
        let settings = desk.map(settings::Settings::at);
        Self { inputs, board, store, clock, others, keeping, settings, drills: drills::Known::default() }
    }

    /// The server's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything the Overview shows, as of the last change.
    #[must_use]
    pub fn board(&self, _who: &Principal) -> Arc<Board> {
        Arc::clone(&self.board.borrow())
    }

    /// The board and every later one. A slow reader sees the newest and may miss those between.
    #[must_use]
    pub fn feed(&self, _who: &Principal) -> watch::Receiver<Arc<Board>> {
        self.board.clone()
    }

    /// Reads the accounts of `target` now. Answers at once; the request's number can be followed on the board.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn force_sync(&self, who: &Principal, target: &str) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        self.ask(who, RequestKind::ForceSync(target)).await
    }

    /// Starts the heal plan of `target` now, or the remedy that is named. A heal that the budget forbids comes back as `Refused`,
    /// which is no error.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn force_heal(
        &self,
        who: &Principal,
        target: &str,
        cooldown: Cooldown,
        remedy: Option<String>,
    ) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        let lift_cooldown = cooldown == Cooldown::Lifted;
        self.ask(who, RequestKind::ForceHeal { target, lift_cooldown, remedy }).await
    }

    /// Stops the heal of `target` that runs, and every further one of its open incident.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn stop_heal(&self, who: &Principal, target: &str) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        self.ask(who, RequestKind::StopHeal(target)).await
    }

    /// Pauses healing of `target`, or of all, for `lasts`; at most [`rebound::monitor::PAUSE_MAX`].
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn pause(
        &self,
        who: &Principal,
        target: Option<&str>,
        lasts: Duration,
    ) -> Result<Asked, ServiceError> {
        let target = self.known_or_all(target)?;
        self.ask(who, RequestKind::Pause { target, until: self.now().after(lasts) }).await
    }

    /// Ends the pause of `target`, or of all.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn resume(&self, who: &Principal, target: Option<&str>) -> Result<Asked, ServiceError> {
        let target = self.known_or_all(target)?;
        self.ask(who, RequestKind::Resume { target }).await
    }

    /// Begins planned work called `name` on `target`, or on all, for `lasts`; at most [`rebound::monitor::PAUSE_MAX`].
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn start_maintenance(
        &self,
        who: &Principal,
        target: Option<&str>,
        lasts: Duration,
        name: &str,
    ) -> Result<Asked, ServiceError> {
        let target = self.known_or_all(target)?;
        let until = self.now().after(lasts);
        self.ask(who, RequestKind::StartMaintenance { target, until, name: name.to_owned() }).await
    }

    /// Ends the planned work that a person began on `target`, or on all.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn end_maintenance(
        &self,
        who: &Principal,
        target: Option<&str>,
    ) -> Result<Asked, ServiceError> {
        let target = self.known_or_all(target)?;
        self.ask(who, RequestKind::EndMaintenance { target }).await
    }

    /// Whether everything of `target` is decided and nothing done; `None`: as configured.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn set_dry_run(
        &self,
        who: &Principal,
        target: &str,
        dry_run: Option<bool>,
    ) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        self.ask(who, RequestKind::SetDryRun { target, dry_run }).await
    }

    /// Says that capital of these accounts of `target`, or of all its accounts, is moved for `lasts`.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::NoSuchThing`] for an account that is not one of the target's,
    /// [`ServiceError::Busy`].
    pub async fn declare_move(
        &self,
        who: &Principal,
        target: &str,
        accounts: Vec<AccountId>,
        lasts: Duration,
    ) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        if let Some(stranger) = self.stranger(&target, &accounts) {
            return Err(ServiceError::NoSuchThing { what: "account", number: stranger.number() });
        }
        let until = self.now().after(lasts);
        self.ask(who, RequestKind::DeclareMove { target, accounts, until }).await
    }

    /// Takes back what was declared as moved capital of `target`.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn take_back_moves(&self, who: &Principal, target: &str) -> Result<Asked, ServiceError> {
        let target = self.known(target)?;
        self.ask(who, RequestKind::TakeBackMoves(target)).await
    }

    /// Sends a test alert over every channel.
    ///
    /// # Errors
    /// [`ServiceError::Busy`].
    pub async fn test_alert(&self, who: &Principal) -> Result<Asked, ServiceError> {
        self.ask(who, RequestKind::TestAlert).await
    }

    /// Says that an alert, and the incident it tells of, was seen by `who`.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchThing`] if no alert has this number, [`ServiceError::Busy`].
    pub async fn acknowledge(&self, who: &Principal, alert: AlertId) -> Result<Asked, ServiceError> {
        let asked = self.ask(who, RequestKind::Acknowledge(alert)).await?;
        match asked.state {
            AskedState::Refused(_) => {
                Err(ServiceError::NoSuchThing { what: "alert", number: alert.number() })
            }
            AskedState::Running(_) | AskedState::Done(_) => Ok(asked),
        }
    }

    /// Looks now at what the next emergency needs, once a minute at most. Answers at once; what is found stands on the board.
    ///
    /// # Errors
    /// [`ServiceError::Busy`].
    pub async fn check_readiness(&self, who: &Principal) -> Result<Asked, ServiceError> {
        self.ask(who, RequestKind::CheckReadiness).await
    }

    /// Rehearses an emergency of `target`, or of all, now. Answers at once; the request is done when its drills are over.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchTarget`], [`ServiceError::Busy`].
    pub async fn drill(&self, who: &Principal, target: Option<&str>) -> Result<Asked, ServiceError> {
        let target = self.known_or_all(target)?;
        self.ask(who, RequestKind::Drill { target }).await
    }

    /// Alerts that match, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn alerts(&self, _who: &Principal, filter: &AlertFilter) -> Result<Vec<Alert>, ServiceError> {
        Ok(self.store.alerts(filter).await?)
    }

    /// One incident.
    ///
    /// # Errors
    /// [`ServiceError::NoSuchThing`], [`ServiceError::Store`].
    pub async fn incident(&self, _who: &Principal, id: IncidentId) -> Result<Incident, ServiceError> {
        let found = self.store.incident(id).await?;
        found.ok_or(ServiceError::NoSuchThing { what: "incident", number: id.number() })
    }

    /// Incidents, newest first; `before` is the id to continue below.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn incidents(
        &self,
        _who: &Principal,
        before: Option<IncidentId>,
        limit: u32,
    ) -> Result<Vec<Incident>, ServiceError> {
        Ok(self.store.incidents(before, limit).await?)
    }

    /// The journal after entry number `after`, in the order written.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn journal(
        &self,
        _who: &Principal,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, JournalEntry)>, ServiceError> {
        Ok(self.store.journal(after, limit).await?)
    }

    fn known(&self, target: &str) -> Result<TargetId, ServiceError> {
        let board = self.board.borrow();
        let found = board.targets.iter().find(|view| view.id.as_str() == target);
        found.map(|view| view.id.clone()).ok_or_else(|| ServiceError::NoSuchTarget(target.to_owned()))
    }

    /// The first of these accounts that is not one of the target's: a slip of the pen would excuse nobody's zero.
    fn stranger(&self, target: &TargetId, accounts: &[AccountId]) -> Option<AccountId> {
        let board = self.board.borrow();
        let views = board.targets.iter().find(|view| view.id == *target)?.accounts.iter();
        let own: BTreeSet<AccountId> = views.map(|view| view.id).collect();
        accounts.iter().find(|account| !own.contains(account)).copied()
    }

    fn known_or_all(&self, target: Option<&str>) -> Result<Option<TargetId>, ServiceError> {
        target.map(|target| self.known(target)).transpose()
    }

    /// Hands a request to whoever can carry it out.
    async fn ask(&self, who: &Principal, what: RequestKind) -> Result<Asked, ServiceError> {
        if let Some(others) = &self.others {
            let owner = self.owner(&what).await?;
            if let Some(owner) = owner.filter(|owner| *owner != others.name) {
                return others.ask(&owner, &who.name, what, self.clock.as_ref()).await;
            }
            if is_about_all(&what) {
                let asked = self.ask_here(who, what.clone()).await?;
                return Ok(others.ask_all(&who.name, what, self.clock.as_ref(), asked).await);
            }
        }
        self.ask_here(who, what).await
    }

    /// Name of the server that a request belongs to; `None` where any will do.
    async fn owner(&self, what: &RequestKind) -> Result<Option<String>, ServiceError> {
        let target = match what {
            RequestKind::Acknowledge(alert) => self.target_of(*alert).await?,
            RequestKind::ForceSync(_)
            | RequestKind::ForceHeal { .. }
            | RequestKind::StopHeal(_)
            | RequestKind::TestAlert
            | RequestKind::Pause { .. }
            | RequestKind::Resume { .. }
            | RequestKind::StartMaintenance { .. }
            | RequestKind::EndMaintenance { .. }
            | RequestKind::SetDryRun { .. }
            | RequestKind::DeclareMove { .. }
            | RequestKind::TakeBackMoves(_)
            | RequestKind::CheckReadiness
            | RequestKind::Drill { .. } => what.target().cloned(),
        };
        if let (None, RequestKind::Acknowledge(alert)) = (&target, what) {
            return Ok(self.others.as_ref().and_then(|others| others.of_row(alert.number() % SERVERS_MAX)));
        }
        let Some(target) = target else { return Ok(None) };
        let board = self.board.borrow();
        let view = board.targets.iter().find(|view| view.id == target);
        Ok(view.and_then(|view| view.server.clone()))
    }

    /// The target that an alert tells of.
    async fn target_of(&self, alert: AlertId) -> Result<Option<TargetId>, ServiceError> {
        let shown = self.board.borrow().alerts.iter().find(|shown| shown.id == alert).cloned();
        if let Some(shown) = shown {
            return Ok(shown.target);
        }
        let before = AlertId::new(alert.number().saturating_add(1));
        let newest = AlertFilter { before: Some(before), limit: 1, ..AlertFilter::default() };
        let found = self.store.alerts(&newest).await?;
        Ok(found.into_iter().find(|found| found.id == alert).and_then(|found| found.target))
    }

    async fn ask_here(&self, who: &Principal, what: RequestKind) -> Result<Asked, ServiceError> {
        let (answer, asked) = oneshot::channel();
        let input = Input::Ask { by: who.name.clone(), what, answer };
        self.inputs.try_send(input).map_err(|_| ServiceError::Busy)?;
        asked.await.map_err(|_| ServiceError::Busy)
    }
}

/// Whether the cooldown binds a forced heal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// It binds.
    Kept,
    /// A person typed the confirmation that lifts it. The cap per hour binds all the same.
    Lifted,
}
