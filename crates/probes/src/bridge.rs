//! Asks one bridge how it is.
//!
//! One probe asks the health path and the account list at the same time and, now and then, the identity path; all of it ends
//! by the deadline of the request. Decides what belongs together: a bridge whose health answers is a bridge that answers,
//! whatever its account list does; a service that calls itself something else is not the bridge, whatever it answers.
//!
//! Never asks for a single account: `/account/{id}/info` makes the bridge log in to that account in the one terminal it has,
//! which is how balances of other accounts turned to zero in the field. Dialects refuse such a path.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rebound::check::{AccountsReading, BadAnswer, BridgeReading, ProbeOutcome, ProbeRequest};
use rebound::time::Timestamp;
use reqwest::Url;
use secrecy::SecretString;

use crate::dialects::{AuthKind, Dialect, IdentityMark};
use crate::door::{Door, Failure};
use crate::limits::{Budget, IDENTITY_KEPT, Wait};
use crate::reading::{HealthReading, Identity, read_identity};
use crate::setup::{SetupError, public_url};

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
}

/// Asks one bridge.
pub struct BridgeProbe {
    dialect: Dialect,
    door: Door,
    identity: Mutex<Option<IdentityLook>>,
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
        Self { base_url, dialect, key: None, trusted_root_pem: None }
    }
}

impl BridgeProbe {
    /// Prepares the questions; asks nothing yet and needs no network.
    ///
    /// # Errors
    /// [`SetupError`] if the address, the key or the certificate cannot be used. A machine without any certificate is no
    /// error here: `https` then gives [`ProbeOutcome::NotAsked`] with what to do.
    pub fn new(spec: BridgeSpec) -> Result<Self, SetupError> {
        let BridgeSpec { base_url, dialect, key, trusted_root_pem } = spec;
        if key.is_some() && dialect.auth == AuthKind::None {
            return Err(SetupError::KeyWithoutUse { dialect: dialect.name().to_owned() });
        }
        let door = Door::try_new(base_url, &dialect.auth, key, trusted_root_pem.as_deref())?;
        Ok(Self { dialect, door, identity: Mutex::new(None) })
    }

    /// Asks once, within the time from `request.asked_at` to `request.deadline`.
    ///
    /// Never panics over what the other side sends; every failure is an outcome.
    pub async fn probe(&self, request: &ProbeRequest) -> ProbeOutcome {
        let Some(budget) = Budget::start(request) else {
            return ProbeOutcome::NotAsked("no time was left to ask".to_owned());
        };
        let now = request.asked_at;
        let answers = tokio::try_join!(
            self.health(budget.main),
            self.accounts(budget.side, now),
            self.service(budget.side, now),
        );
        match answers {
            Ok((health, accounts, service)) => {
                let HealthReading { terminal, store_connected, bridge_time } = health;
                ProbeOutcome::Bridge(Box::new(BridgeReading {
                    service,
                    bridge_time,
                    terminal,
                    store_connected,
                    accounts,
                }))
            }
            Err(outcome) => self.look_again(outcome, budget.side).await,
        }
    }

    async fn health(&self, wait: Wait) -> Result<HealthReading, ProbeOutcome> {
        let places = &self.dialect.health;
        let body = self.door.ask(&places.path, &places.statuses, wait).await?;
        self.dialect.read_health(&body).map_err(ProbeOutcome::BadAnswer)
    }

    /// Never an `Err`: what goes wrong here must not cost the health answer.
    async fn accounts(&self, wait: Wait, asked_at: Timestamp) -> Result<AccountsReading, ProbeOutcome> {
        let Some(places) = &self.dialect.accounts else {
            return Ok(AccountsReading::default());
        };
        Ok(match self.door.ask(&places.path, &places.statuses, wait).await {
            Ok(body) => self.dialect.read_accounts(&body, asked_at),
            Err(Failure::Silent(why)) => {
                AccountsReading::NotListed(format!("{}: {why}", places.path.as_str()))
            }
            Err(Failure::Bad(why)) => AccountsReading::NotListed(why.to_string()),
            Err(Failure::Unready(why)) => AccountsReading::NotListed(why),
        })
    }

    /// Who answers there, as far as it said so in the last while.
    async fn service(&self, wait: Wait, now: Timestamp) -> Result<Option<String>, ProbeOutcome> {
        let Some(mark) = &self.dialect.identity else {
            return Ok(None);
        };
        if let Some(look) = self.last_look()
            && now.since(look.at) < IDENTITY_KEPT
        {
            return Ok(look.service);
        }
        let service = match self.identify(mark, wait).await {
            Identity::Other(seen) => return Err(wrong_service(mark, seen)),
            Identity::Expected => Some(mark.expected.clone()),
            // The health answer decides: a bridge need not have that path.
            Identity::NoMark | Identity::NotTold => None,
        };
        self.keep_look(Some(IdentityLook { at: now, service: service.clone() }));
        Ok(service)
    }

    /// Looks who answers when an answer is so wrong that it may come from another program.
    async fn look_again(&self, outcome: ProbeOutcome, wait: Wait) -> ProbeOutcome {
        self.keep_look(None);
        let Some(mark) = self.dialect.identity.as_ref().filter(|_| is_foreign(&outcome)) else {
            return outcome;
        };
        match self.identify(mark, wait).await {
            Identity::Other(seen) => wrong_service(mark, seen),
            Identity::NoMark => wrong_service(mark, format!("an answer without \"{}\"", mark.field.as_str())),
            Identity::Expected | Identity::NotTold => outcome,
        }
    }

    async fn identify(&self, mark: &IdentityMark, wait: Wait) -> Identity {
        match self.door.ask(&mark.path, &[200], wait).await {
            Ok(body) => read_identity(mark, &body),
            Err(_) => Identity::NotTold,
        }
    }

    fn last_look(&self) -> Option<IdentityLook> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep_look(&self, look: Option<IdentityLook>) {
        *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = look;
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
            .finish_non_exhaustive()
    }
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
        | ProbeOutcome::Beacons { .. }
        | ProbeOutcome::NotAsked(_) => false,
    }
}

fn wrong_service(mark: &IdentityMark, seen: String) -> ProbeOutcome {
    ProbeOutcome::WrongService { expected: mark.expected.clone(), seen }
}
