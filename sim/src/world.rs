//! The state of the simulated host, and what moves it: ticks, reads, faults and restarts.
//!
//! Everything else looks at it through [`World::look`] or changes it through [`World::change`].
//! Never speaks a protocol.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::{Account, Walk, accounts},
    clock,
    door::DoorKey,
    faults::{Fault, FaultError, FaultSet},
    github::GithubDesk,
    mail::MailDesk,
    options::{SimOptions, SmtpMode},
    restart::RestartDesk,
};

/// One simulated host, shared by its four ports.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: SimOptions,
    pub(crate) addresses: Addresses,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    bridge_door: DoorKey,
    smtp_door: DoorKey,
    state: Mutex<State>,
}

/// Where the four ports are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// The bridge, as a URL without a final slash.
    pub bridge: String,
    /// The GitHub API, as a URL without a final slash.
    pub github: String,
    /// The mail sink, as `address:port`.
    pub smtp: SocketAddr,
    /// The control port, as a URL without a final slash.
    pub control: String,
}

/// What is true at the host just now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) faults: FaultSet,
    pub(crate) accounts: Vec<Account>,
    pub(crate) ticks: u64,
    pub(crate) restart: RestartDesk,
    pub(crate) github: GithubDesk,
    pub(crate) mail: MailDesk,
    pub(crate) bridge_requests: u64,
    pub(crate) redirects_followed: u64,
    walk: Walk,
}

impl World {
    pub(crate) fn new(
        options: SimOptions,
        addresses: Addresses,
        bridge_door: DoorKey,
        smtp_door: DoorKey,
    ) -> Arc<Self> {
        let state = State {
            faults: FaultSet::default(),
            accounts: accounts(clock::now()),
            ticks: 0,
            restart: RestartDesk::new(options.restart_delay),
            github: GithubDesk::new(options.github_queued, options.github_run),
            mail: MailDesk::default(),
            bridge_requests: 0,
            redirects_followed: 0,
            walk: Walk::new(options.seed),
        };
        Arc::new(Self {
            options,
            addresses,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            bridge_door,
            smtp_door,
            state: Mutex::new(state),
        })
    }

    /// Looks at the state, or writes something down that changes no fault.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes faults or modes. The bridge then reads its accounts anew if it can, and the ports move.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.look(|state| {
            let result = change(state);
            state.read_accounts();
            self.bridge_door.want(!state.faults.has(Fault::ProcessDown));
            self.smtp_door.want(state.mail.mode() != SmtpMode::Down);
            result
        })
    }

    /// Waits until the ports are as the faults and modes want them.
    pub(crate) async fn settled(&self) {
        self.bridge_door.settled().await;
        self.smtp_door.settled().await;
    }

    pub(crate) fn set_fault(&self, fault: Fault, value: Option<i64>) -> Result<(), FaultError> {
        self.change(|state| {
            state.faults.set(fault, value)?;
            if fault == Fault::SyncStopped {
                state.age_reads();
            }
            tracing::info!(fault = %fault, "fault `{fault}` is on");
            Ok(())
        })
    }

    pub(crate) fn clear_fault(&self, fault: Fault) {
        self.change(|state| state.faults.clear(fault));
        tracing::info!(fault = %fault, "fault `{fault}` is off");
    }

    /// What an emergency restart repairs.
    pub(crate) fn restart_terminal(&self) {
        self.change(|state| state.faults.emergency_restart());
        tracing::info!("the bridge connected to its terminal anew");
    }

    /// What a restart of the whole host repairs.
    pub(crate) fn restart_host(&self) {
        self.change(|state| state.faults.full_restart());
        tracing::info!("the host was restarted");
    }

    /// Does something after a while, unless the simulator stops before.
    pub(crate) fn later(
        self: &Arc<Self>,
        delay: Duration,
        act: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let world = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = world.stop.cancelled() => {}
                () = sleep(delay) => act(&world),
            }
        })
    }

    /// Starts what moves the world by itself. The tasks end with [`World::stop`].
    pub(crate) fn set_in_motion(self: &Arc<Self>) {
        self.repeat(self.options.tick_every, State::tick);
        self.repeat(self.options.sync_every, State::read_accounts);
        if let Some(delay) = self.options.break_link_after {
            self.later(delay, |world| {
                if world.set_fault(Fault::LinkLost, None).is_ok() {
                    tracing::info!("the link to the broker broke by itself");
                }
            });
        }
    }

    fn repeat(self: &Arc<Self>, every: Duration, act: fn(&mut State)) {
        let world = Arc::clone(self);
        self.tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = world.stop.cancelled() => return,
                    () = sleep(every) => world.look(act),
                }
            }
        });
    }
}

impl State {
    /// The bridge's idea of the present moment.
    pub(crate) fn bridge_now(&self) -> DateTime<Utc> {
        clock::now() + TimeDelta::seconds(self.faults.value(Fault::ClockSkew).unwrap_or(0))
    }

    fn tick(&mut self) {
        self.ticks += 1;
        for account in &mut self.accounts {
            account.tick(&mut self.walk);
        }
    }

    /// The bridge's own read loop. Without a link the last values stay, with their old time.
    fn read_accounts(&mut self) {
        if !self.faults.reads() {
            return;
        }
        let (now, total) = (self.bridge_now(), self.accounts.len());
        for account in &mut self.accounts {
            account.read(&self.faults, now, total);
        }
    }

    /// Makes the last reads as old as [`Fault::SyncStopped`] says.
    fn age_reads(&mut self) {
        let age = self.faults.value(Fault::SyncStopped).unwrap_or(0);
        let read_at = self.bridge_now() - TimeDelta::seconds(age);
        for account in &mut self.accounts {
            account.stored.read_at = read_at;
        }
    }
}
