//! What this server knows of sessions without asking the store: those that it checked lately, and what it could not write.
//!
//! In memory only: after a restart people whose store is away log in again. Never says that a session is good which the store
//! said is not.

use std::collections::HashMap;
use std::time::Duration;

use rebound::time::Timestamp;
use rebound_store::logins::{KeptSession, SessionKey};
use tower_sessions::session_store::{Error, Result};

/// How long a session counts without the store, from its last check on. Long enough for a night's outage to be worked on, and
/// short enough that one ended elsewhere does not go on here for a day.
const CHECKED_COUNTS_FOR: Duration = Duration::from_secs(3_600);
/// How long a session that was ended is known as such where its own end is not known.
const ENDED_KNOWN_FOR: Duration = Duration::from_secs(24 * 3_600);
/// Most sessions that are remembered.
const SESSIONS_MAX: usize = 2_000;

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The store had it, at that time.
    Checked(Timestamp),
    /// It began while the store was away, and is not written there yet.
    Unwritten,
    /// It was ended while the store was away, which does not know it yet.
    Ending,
    /// It was ended.
    Ended,
}

#[derive(Debug)]
struct Known {
    session: KeptSession,
    standing: Standing,
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    sessions: HashMap<SessionKey, Known>,
    away_until: Option<Timestamp>,
}

impl Remembered {
    /// Whether the store was found not to answer, so that it is not asked at `now`.
    pub(super) fn is_away(&self, now: Timestamp) -> bool {
        self.away_until.is_some_and(|until| now < until)
    }

    /// The store gave no answer, and is not asked until then. Whether that is new.
    pub(super) fn is_away_until(&mut self, until: Timestamp) -> bool {
        self.away_until.replace(until).is_none()
    }

    pub(super) fn is_back(&mut self) {
        if self.away_until.take().is_some() {
            tracing::info!("sessions can be checked again");
        }
    }

    pub(super) fn standing(&self, key: &SessionKey) -> Option<Standing> {
        self.sessions.get(key).map(|known| known.standing)
    }

    pub(super) fn ends_at(&self, key: &SessionKey) -> Option<Timestamp> {
        self.sessions.get(key).map(|known| known.session.ends_at)
    }

    /// The store has `session`. One that was ended meanwhile stays so.
    pub(super) fn checked(&mut self, session: KeptSession, now: Timestamp) {
        if matches!(self.standing(&session.key), Some(Standing::Ending | Standing::Ended)) {
            return;
        }
        if self.has_room(&session.key, now) {
            let known = Known { standing: Standing::Checked(now), session };
            self.sessions.insert(known.session.key.clone(), known);
        }
    }

    /// `session` began, and the store does not know it.
    ///
    /// # Errors
    /// If there is no room to remember it.
    pub(super) fn unwritten(&mut self, session: KeptSession, now: Timestamp) -> Result<()> {
        if !self.has_room(&session.key, now) {
            return Err(Error::Backend(format!("{SESSIONS_MAX} sessions are remembered already")));
        }
        let known = Known { standing: Standing::Unwritten, session };
        self.sessions.insert(known.session.key.clone(), known);
        Ok(())
    }

    /// The store does not have the session. Returns it if it was never written there, else forgets it.
    pub(super) fn missing(&mut self, key: &SessionKey) -> Option<KeptSession> {
        let known = self.sessions.get(key)?;
        match known.standing {
            Standing::Unwritten => Some(known.session.clone()),
            Standing::Ending | Standing::Ended => None,
            Standing::Checked(_) => {
                self.sessions.remove(key);
                None
            }
        }
    }

    /// The session was used while the store was away.
    pub(super) fn changed(&mut self, session: KeptSession) {
        if let Some(known) = self.sessions.get_mut(&session.key)
            && matches!(known.standing, Standing::Checked(_) | Standing::Unwritten)
        {
            known.session = session;
        }
    }

    /// The session was ended.
    pub(super) fn over(
        &mut self,
        key: SessionKey,
        standing: Standing,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let ends_at = ends_at.unwrap_or_else(|| now.after(ENDED_KNOWN_FOR));
        if self.has_room(&key, now) {
            let session = KeptSession { key: key.clone(), data: String::new(), ends_at };
            self.sessions.insert(key, Known { session, standing });
        }
    }

    /// The session, if it counts without the store being asked.
    pub(super) fn good(&self, key: &SessionKey, now: Timestamp) -> Option<KeptSession> {
        let known = self.sessions.get(key).filter(|known| now < known.session.ends_at)?;
        match known.standing {
            Standing::Checked(at) if now.since(at) < CHECKED_COUNTS_FOR => Some(known.session.clone()),
            Standing::Unwritten => Some(known.session.clone()),
            Standing::Checked(_) | Standing::Ending | Standing::Ended => None,
        }
    }

    /// Whether the store has `session` as it is, but for an end that is behind by less than `behind_max`.
    pub(super) fn is_new_enough(&self, session: &KeptSession, behind_max: Duration) -> bool {
        self.sessions.get(&session.key).is_some_and(|known| {
            matches!(known.standing, Standing::Checked(_))
                && known.session.data == session.data
                && session.ends_at.since(known.session.ends_at) < behind_max
        })
    }

    /// What the store does not know yet. What is over by now is forgotten.
    pub(super) fn late(&mut self, now: Timestamp) -> Vec<(KeptSession, Standing)> {
        self.sessions.retain(|_, known| now < known.session.ends_at);
        let late = self
            .sessions
            .values()
            .filter(|known| matches!(known.standing, Standing::Unwritten | Standing::Ending));
        late.map(|known| (known.session.clone(), known.standing)).collect()
    }

    fn has_room(&mut self, key: &SessionKey, now: Timestamp) -> bool {
        if self.sessions.len() < SESSIONS_MAX || self.sessions.contains_key(key) {
            return true;
        }
        self.sessions.retain(|_, known| now < known.session.ends_at);
        // What was only checked is known to the store, which is asked first.
        let checked = |known: &Known| matches!(known.standing, Standing::Checked(_) | Standing::Ended);
        let surplus = self.sessions.iter().find(|(_, known)| checked(known)).map(|(key, _)| key.clone());
        if let Some(surplus) = surplus.filter(|_| self.sessions.len() >= SESSIONS_MAX) {
            self.sessions.remove(&surplus);
        }
        self.sessions.len() < SESSIONS_MAX
    }
}
