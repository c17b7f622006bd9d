//! Mail whose recipients can change while Rebound runs.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use rebound::alert::{DeliveryResult, SendRequest};
use rebound::readiness::{Finding, LookRequest};
use rebound_engine::ports::{Clock, Notifier, Preflight};
use rebound_notify::EmailNotifier;

use crate::config::Email;
use crate::wiring::email;

/// The mail of now.
pub(crate) struct Mail {
    now: RwLock<Arc<EmailNotifier>>,
    clock: Arc<dyn Clock>,
}

impl Mail {
    /// Begins as configured.
    ///
    /// # Errors
    /// What the mail's own rules refuse.
    pub(crate) fn new(settings: &Email, site: &str, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self { now: RwLock::new(email(settings, site, clock)?), clock: Arc::clone(clock) })
    }

    /// Whether these settings can be used.
    pub(super) fn check(&self, settings: &Email, site: &str) -> Result<(), String> {
        email(settings, site, &self.clock).map(drop).map_err(|error| format!("{error:#}"))
    }

    /// From now on as these settings say. What is on its way stays on it.
    pub(super) fn change(&self, settings: &Email, site: &str) -> Result<(), String> {
        let next = email(settings, site, &self.clock).map_err(|error| format!("{error:#}"))?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    fn now(&self) -> Arc<EmailNotifier> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Notifier for Mail {
    fn channel(&self) -> &str {
        "email"
    }

    async fn send(&self, request: &SendRequest) -> DeliveryResult {
        self.now().send(request).await
    }
}

#[async_trait]
impl Preflight for Mail {
    async fn look(&self, request: &LookRequest) -> Vec<Finding> {
        self.now().look(request).await
    }
}
