//! The simulated host, shared by its ports: what changes it, and what moves by itself.
//!
//! Everything else looks at it through [`World::look`] or changes it through [`World::change`]. What is
//! true at the host is in `state.rs`. Never speaks a protocol.

mod state;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use state::State;

use crate::{
    clock,
    door::DoorKey,
    faults::{Fault, FaultError},
    options::{SimOptions, SmtpMode},
};

/// One simulated host, shared by its ports.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: SimOptions,
    pub(crate) addresses: Addresses,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    doors: Doors,
    state: Mutex<State>,
}

/// The doors that move.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(crate) bridge: DoorKey,
    pub(crate) smtp: DoorKey,
    pub(crate) web: Option<DoorKey>,
}

/// Where the ports are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// The bridge, as a URL without a final slash. In mt5-httpapi it leads to the terminal's account.
    pub bridge: String,
    /// The GitHub API, as a URL without a final slash.
    pub github: String,
    /// The mail sink, as `address:port`.
    pub smtp: SocketAddr,
    /// The control port, as a URL without a final slash.
    pub control: String,
    /// The host's own restart service, where it is wanted, as a URL without a final slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The front end, where it is wanted, as a URL without a final slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web: Option<String>,
}

impl World {
    pub(crate) fn new(options: SimOptions, addresses: Addresses, doors: Doors) -> Arc<Self> {
        let state = Mutex::new(State::new(&options, clock::now()));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        Arc::new(Self { options, addresses, stop, tasks, doors, state })
    }

    /// Looks at the state, or writes something down that changes no fault.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes faults or modes. The host then settles, and the ports move.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.look(|state| {
            let result = change(state);
            state.settle();
            self.doors.bridge.want(!state.faults.has(Fault::ProcessDown));
            self.doors.smtp.want(state.mail.mode() != SmtpMode::Down);
            if let Some(web) = &self.doors.web {
                web.want(state.web.up);
            }
            result
        })
    }

    /// Waits until the ports are as the faults and modes want them.
    pub(crate) async fn settled(&self) {
        self.doors.bridge.settled().await;
        self.doors.smtp.settled().await;
        if let Some(web) = &self.doors.web {
            web.settled().await;
        }
    }

    pub(crate) fn set_fault(&self, fault: Fault, value: Option<i64>) -> Result<(), FaultError> {
        self.change(|state| {
            state.faults.set(fault, value)?;
            state.begin(fault);
            tracing::info!(fault = %fault, "fault `{fault}` is on");
            Ok(())
        })
    }

    pub(crate) fn clear_fault(&self, fault: Fault) {
        self.change(|state| state.faults.clear(fault));
        tracing::info!(fault = %fault, "fault `{fault}` is off");
    }

    /// What a new connection to the terminal, or a restart of the terminal, repairs.
    pub(crate) fn restart_terminal(&self) {
        self.change(|state| {
            state.faults.emergency_restart();
            state.restarted();
        });
        tracing::info!("the bridge connected to its terminal anew");
    }

    /// What a restart of the whole host repairs.
    pub(crate) fn restart_host(&self) {
        self.change(|state| {
            state.faults.full_restart();
            state.restarted();
        });
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
    ///
    /// # Errors
    /// If a fault that is planned for the start does not take its value.
    pub(crate) fn set_in_motion(self: &Arc<Self>) -> Result<(), FaultError> {
        self.repeat(self.options.tick_every, State::tick);
        self.repeat(self.options.sync_every, State::read_accounts);
        if let Some(delay) = self.options.break_link_after {
            self.plan(delay, Fault::LinkLost, None);
        }
        for planned in &self.options.planned {
            if planned.after.is_zero() {
                self.set_fault(planned.fault, planned.value)?;
            } else {
                self.plan(planned.after, planned.fault, planned.value);
            }
        }
        Ok(())
    }

    fn plan(self: &Arc<Self>, after: Duration, fault: Fault, value: Option<i64>) {
        self.later(after, move |world| match world.set_fault(fault, value) {
            Ok(()) => tracing::info!(fault = %fault, "fault `{fault}` came as planned"),
            Err(error) => tracing::error!(%error, "a planned fault did not come"),
        });
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
