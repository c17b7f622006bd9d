//! Asks one bridge how it is.
//!
//! One look asks the health path and what goes with it at the same time and, now and then, the identity path; then, where the
//! terminal answers, what waits for the terminal: an account that is read when it is asked for, positions, orders. All of it
//! ends by the deadline of the request. Decides what belongs together: a bridge whose health answers is a bridge that answers,
//! whatever its account list does; a service that calls itself something else is not the bridge, whatever it answers.
//!
//! A path is asked once, however many parts of the dialect read its answer. Never asks for a single account:
//! `/account/{id}/info` makes the bridge log in to that account in the one terminal it has, which is how balances of other
//! accounts turned to zero in the field. Dialects refuse such a path.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use rebound::calendar::Zone;
use rebound::check::{AccountsFrom, BadAnswer, ProbeOutcome, ProbeRequest};
use rebound::time::Timestamp;
use reqwest::Url;
use secrecy::SecretString;

use crate::dialects::http_path::HttpPath;
use crate::dialects::{AuthKind, Dialect, IdentityMark};
use crate::door::{Door, Failure};
use crate::limits::{Budget, IDENTITY_KEPT, Wait};
use crate::reading::explain::FieldExplained;
use crate::reading::whole::{Answers, not_listed};
use crate::reading::{AccountsTold, Answer, Identity, read_identity};
use crate::setup::{SetupError, public_url};
use crate::source::{AccountSource, AskedSource, Documents};

/// What is needed to ask one bridge.
pub struct BridgeSpec {
    /// Scheme, host, port and, where several bridges share them, a path. Without user, query and fragment.
    ///
    /// A proxy named in the environment is used, except for this machine's own addresses; `NO_PROXY` names others.
    pub base_url: Url,
    /// How it speaks.
    pub dialect: Dialect,
    /// The key, where the bridge wants one; sent as the dialect says.
    pub key: Option<SecretString>,
    /// Certificates in PEM form to trust instead of this machine's; for `https` with a root of one's own.
    pub trusted_root_pem: Option<String>,
    /// Where its accounts are read from, if not from itself. Then it is not asked for them.
    pub accounts_from: Option<AccountSource>,
}

/// Asks one bridge.
pub struct BridgeProbe {
    dialect: Dialect,
    door: Door,
    accounts_from: Option<AskedSource>,
    identity: Mutex<Option<IdentityLook>>,
}

/// One look at a bridge, with what it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// What came of it.
    pub outcome: ProbeOutcome,
    /// How long the bridge itself took.
    pub took: Duration,
    /// The answer of each path that was asked, or why there is none.
    pub answers: BTreeMap<String, Result<Answer, String>>,
    /// What was read of its accounts elsewhere, or why nothing was; `None` where they are its own, or it did not answer.
    pub documents: Option<Result<Vec<FieldExplained>, String>>,
}

/// What came of asking.
struct Asked {
    outcome: ProbeOutcome,
    /// How long the bridge itself took.
    took: Duration,
    /// What was found of its accounts elsewhere, or why nothing was.
    documents: Option<Result<Documents, String>>,
}

/// The last look at who answers.
#[derive(Clone, Debug)]
struct IdentityLook {
    at: Timestamp,
    service: Option<String>,
}

impl BridgeSpec {
    /// A bridge without a key, trusted as this machine trusts.
    #[must_use]
    pub fn new(base_url: Url, dialect: Dialect) -> Self {
        Self { base_url, dialect, key: None, trusted_root_pem: None, accounts_from: None }
    }
}

impl BridgeProbe {
    /// Prepares the questions; asks nothing yet and needs no network.
    ///
    /// # Errors
    /// [`SetupError`] if the address, the key or the certificate cannot be used. A machine without any certificate is no
    /// error here: `https` then gives [`ProbeOutcome::NotAsked`] with what to do.
    pub fn new(spec: BridgeSpec) -> Result<Self, SetupError> {
        let BridgeSpec { base_url, dialect, key, trusted_root_pem, accounts_from } = spec;
        if key.is_some() && dialect.auth == AuthKind::None {
            return Err(SetupError::KeyWithoutUse { dialect: dialect.name().to_owned() });
        }
        let door = Door::try_new(base_url, &dialect.auth, key, trusted_root_pem.as_deref())?;
        let dialect = if accounts_from.is_some() { dialect.without_accounts() } else { dialect };
        let accounts_from = accounts_from.map(AskedSource::new);
        Ok(Self { dialect, door, accounts_from, identity: Mutex::new(None) })
    }

    /// Asks once, within the time from `request.asked_at` to `request.deadline`.
    ///
    /// Never panics over what the other side sends; every failure is an outcome.
    pub async fn probe(&self, request: &ProbeRequest) -> ProbeOutcome {
        self.ask(request, &mut Answers::default()).await.outcome
    }

    /// The same, with how long the bridge itself took: its accounts may come from elsewhere, and later.
    pub(crate) async fn probe_timed(&self, request: &ProbeRequest) -> (ProbeOutcome, Duration) {
        let Asked { outcome, took, .. } = self.ask(request, &mut Answers::default()).await;
        (outcome, took)
    }

    /// The same, with the answers themselves, for a person who wants to see what is read from them. They may hold what is
    /// nobody else's business; they are not for logs.
    pub async fn look(&self, request: &ProbeRequest) -> Look {
        let mut answers = Answers::default();
        let Asked { outcome, took, documents } = self.ask(request, &mut answers).await;
        let explained = |documents: Documents| {
            let source = self.accounts_from.as_ref();
            let explain = |source: &AskedSource| {
                source.explain(&documents, self.dialect.server_time(), request.asked_at)
            };
            source.map(explain).unwrap_or_default()
        };
        let documents = documents.map(|found| found.map(explained));
        Look { outcome, took, answers: answers.into_sentences(), documents }
    }

    /// How the bridge speaks.
    #[must_use]
    pub const fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Where its accounts are read from, if not from itself.
    #[must_use]
    pub fn accounts_from(&self) -> Option<&AccountSource> {
        self.accounts_from.as_ref().map(AskedSource::source)
    }

    /// Asks the bridge and, at the same time, whoever else knows its accounts. A bridge that does not answer is that, whatever
    /// its accounts are; then nobody waits for them.
    async fn ask(&self, request: &ProbeRequest, answers: &mut Answers) -> Asked {
        let Some(budget) = Budget::start(request) else {
            let outcome = ProbeOutcome::NotAsked("no time was left to ask".to_owned());
            return Asked { outcome, took: Duration::ZERO, documents: None };
        };
        let now = request.asked_at;
        let bridge = pin!(async {
            let outcome = self.ask_bridge(now, budget, answers).await;
            Asked { outcome, took: budget.main.passed(), documents: None }
        });
        let Some(source) = &self.accounts_from else {
            return bridge.await;
        };
        let (asked, found) = match select(bridge, pin!(source.find(budget.side))).await {
            Either::Left((asked, found)) if matches!(asked.outcome, ProbeOutcome::Bridge(_)) => {
                (asked, found.await)
            }
            Either::Left((asked, _)) => return asked,
            Either::Right((found, bridge)) => (bridge.await, found),
        };
        Asked { documents: Some(found), ..asked }.with_accounts(source, self.dialect.server_time(), now)
    }

    async fn ask_bridge(&self, now: Timestamp, budget: Budget, answers: &mut Answers) -> ProbeOutcome {
        if let Err(outcome) = self.ask_all(self.first_paths(now), answers, budget).await {
            return self.look_again(outcome, answers, budget.side).await;
        }
        let health = match self.dialect.told_of_terminal(answers) {
            Ok(health) => health,
            Err(outcome) => return self.look_again(outcome, answers, budget.side).await,
        };
        if health.terminal.available != Some(false) {
            // Nothing of it can end the look: only health and identity can.
            drop(self.ask_all(self.later_paths(), answers, budget).await);
        }
        let service = self.service(answers, now);
        ProbeOutcome::Bridge(Box::new(self.dialect.whole(health, service, answers, now)))
    }

    /// What is asked at once.
    fn first_paths(&self, now: Timestamp) -> BTreeSet<&HttpPath> {
        let Dialect { health, terminal, accounts, identity, .. } = &self.dialect;
        let mut paths: BTreeSet<&HttpPath> = terminal.iter().map(|places| &places.path).collect();
        paths.insert(&health.path);
        paths
            .extend(accounts.iter().filter(|places| !places.waits_for_terminal()).map(|places| &places.path));
        paths.extend(identity.iter().filter(|_| self.kept_look(now).is_none()).map(|mark| &mark.path));
        paths
    }

    /// What is asked where the terminal answers. A bridge that waits for its terminal keeps every question waiting, also those
    /// of others.
    fn later_paths(&self) -> BTreeSet<&HttpPath> {
        let Dialect { accounts, positions, orders, .. } = &self.dialect;
        let accounts =
            accounts.iter().filter(|places| places.waits_for_terminal()).map(|places| &places.path);
        let positions = positions.iter().map(|places| &places.path);
        accounts.chain(positions).chain(orders.iter().map(|places| &places.path)).collect()
    }

    /// Asks what was not asked yet, all at the same time, and ends early where an answer decides the whole look.
    async fn ask_all<'p>(
        &self,
        paths: BTreeSet<&'p HttpPath>,
        answers: &mut Answers,
        budget: Budget,
    ) -> Result<(), ProbeOutcome> {
        let open = paths.into_iter().filter(|path| answers.of(path).is_none());
        let ask = |path: &'p HttpPath| async move {
            let wait = if *path == self.dialect.health.path { budget.main } else { budget.side };
            (path, self.door.ask(path, |status| self.dialect.reads(path, status), wait).await)
        };
        let mut asked: FuturesUnordered<_> = open.map(ask).collect();
        while let Some((path, answer)) = asked.next().await {
            let end = self.end(path, &answer);
            answers.keep(path, answer);
            if let Some(outcome) = end {
                return Err(outcome);
            }
        }
        Ok(())
    }

    /// The outcome of the look, where this answer decides it: health that is none, another service.
    fn end(&self, path: &HttpPath, answer: &Result<Answer, Failure>) -> Option<ProbeOutcome> {
        if *path == self.dialect.health.path {
            match answer {
                Ok(answer) => {
                    if let Err(bad) = self.dialect.read_health(answer) {
                        return Some(ProbeOutcome::BadAnswer(bad));
                    }
                }
                Err(failure) => return Some(failure.clone().into()),
            }
        }
        let mark = self.dialect.identity.as_ref().filter(|mark| mark.path == *path)?;
        match identity(mark, answer) {
            Identity::Other(seen) => {
                self.keep_look(None);
                Some(wrong_service(mark, seen))
            }
            Identity::Expected | Identity::NoMark | Identity::NotTold => None,
        }
    }

    /// Who answers there, as far as it said so in the last while.
    fn service(&self, answers: &Answers, now: Timestamp) -> Option<String> {
        let mark = self.dialect.identity.as_ref()?;
        let Some(answer) = answers.of(&mark.path) else {
            return self.kept_look(now).and_then(|look| look.service);
        };
        let service = match identity(mark, answer) {
            Identity::Expected => Some(mark.expected.clone()),
            // The health answer decides: a bridge need not have that path.
            Identity::Other(_) | Identity::NoMark | Identity::NotTold => None,
        };
        self.keep_look(Some(IdentityLook { at: now, service: service.clone() }));
        service
    }

    /// Looks who answers when an answer is so wrong that it may come from another program.
    async fn look_again(&self, outcome: ProbeOutcome, answers: &mut Answers, wait: Wait) -> ProbeOutcome {
        self.keep_look(None);
        let Some(mark) = self.dialect.identity.as_ref().filter(|_| is_foreign(&outcome)) else {
            return outcome;
        };
        if answers.of(&mark.path).is_none() {
            answers.keep(&mark.path, self.door.ask(&mark.path, |status| status == 200, wait).await);
        }
        match answers.of(&mark.path).map(|answer| identity(mark, answer)) {
            Some(Identity::Other(seen)) => wrong_service(mark, seen),
            Some(Identity::NoMark) => wrong_service(mark, mark.without()),
            Some(Identity::Expected | Identity::NotTold) | None => outcome,
        }
    }

    /// The last look, while it counts.
    fn kept_look(&self, now: Timestamp) -> Option<IdentityLook> {
        self.last_look().filter(|look| now.since(look.at) < IDENTITY_KEPT)
    }

    fn last_look(&self) -> Option<IdentityLook> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep_look(&self, look: Option<IdentityLook>) {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = look;
    }
}

impl Asked {
    /// The bridge's answer, with what was found of its accounts elsewhere.
    fn with_accounts(mut self, source: &AskedSource, server: Option<&Zone>, now: Timestamp) -> Self {
        if let (ProbeOutcome::Bridge(reading), Some(found)) = (&mut self.outcome, &self.documents) {
            let told = found.as_ref().map(|documents| source.told(documents, server, now));
            let AccountsTold { accounts, nameless, .. } = told.unwrap_or_else(|why| not_listed(why.clone()));
            (reading.accounts, reading.nameless) = (accounts, nameless);
            reading.accounts_from = AccountsFrom::Database;
        }
        self
    }
}

impl fmt::Debug for BridgeSpec {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeSpec")
            .field("base_url", &public_url(&self.base_url))
            .field("dialect", &self.dialect.name())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BridgeProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeProbe")
            .field("dialect", &self.dialect.name())
            .field("door", &self.door)
            .field("accounts_from", &self.accounts_from)
            .finish_non_exhaustive()
    }
}

fn identity(mark: &IdentityMark, answer: &Result<Answer, Failure>) -> Identity {
    answer.as_ref().map_or(Identity::NotTold, |answer| read_identity(mark, answer))
}

/// Whether an outcome looks like the answer of another program.
fn is_foreign(outcome: &ProbeOutcome) -> bool {
    match outcome {
        ProbeOutcome::BadAnswer(why) => match why {
            BadAnswer::Status { status, .. } => matches!(status, 404 | 405 | 410 | 501),
            BadAnswer::NotJson { .. } | BadAnswer::Shape { .. } => true,
            BadAnswer::Redirect { .. } | BadAnswer::TooLarge { .. } => false,
        },
        ProbeOutcome::Bridge(_)
        | ProbeOutcome::NoAnswer(_)
        | ProbeOutcome::WrongService { .. }
        | ProbeOutcome::Endpoint(_)
        | ProbeOutcome::Beacons { .. }
        | ProbeOutcome::NotAsked(_) => false,
    }
}

fn wrong_service(mark: &IdentityMark, seen: String) -> ProbeOutcome {
    ProbeOutcome::WrongService { expected: mark.expected.clone(), seen }
}
