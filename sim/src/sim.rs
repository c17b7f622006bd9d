//! Starts and stops a simulated host, and gives tests words for what happens to it.
//!
//! Holds no state of its own; see `world.rs`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    accounts::TERMINAL_ACCOUNT,
    bridge, clock, control,
    door::Door,
    faults::{Fault, FaultError, FaultSet},
    github::{self, Dispatch},
    host,
    mail::Mail,
    options::{GithubMode, RestartMode, SimOptions, SmtpMode},
    restart::RestartCall,
    smtp,
    web::{self, WebChange, WebError},
    world::{Addresses, Doors, World},
};

/// A running simulated host. Stops when it is dropped; [`Sim::stop`] waits for the end.
#[derive(Debug)]
pub struct Sim {
    /// The bridge, as `http://127.0.0.1:PORT`. In mt5-httpapi with the path of the terminal's account.
    pub bridge_url: String,
    /// The GitHub API, as `http://127.0.0.1:PORT`.
    pub github_url: String,
    /// The mail sink.
    pub smtp_addr: SocketAddr,
    /// The control port, as `http://127.0.0.1:PORT`.
    pub control_url: String,
    world: Arc<World>,
    _stop: DropGuard,
}

/// Starts a host. When this returns, all its ports listen.
///
/// # Errors
/// If a port cannot be taken, or a planned fault does not take its value; nothing is left running.
pub async fn start(options: SimOptions) -> anyhow::Result<Sim> {
    let open = |port: u16, name: &str| {
        let address = SocketAddr::new(options.listen, port);
        Door::open(address).with_context(|| format!("cannot listen on {address} for the {name}"))
    };
    let (bridge_door, bridge_key) = open(options.bridge_port, "bridge")?;
    let (github_door, _github_key) = open(options.github_port, "GitHub API")?;
    let (smtp_door, smtp_key) = open(options.smtp_port, "mail sink")?;
    let (control_door, _control_key) = open(options.control_port, "control port")?;
    let (host_door, _host_key) =
        options.host_port.map(|port| open(port, "restart service")).transpose()?.unzip();
    let (web_door, web_key) = options.web_port.map(|port| open(port, "front end")).transpose()?.unzip();
    let url = |door: &Door| format!("http://{}", door.address());
    let addresses = Addresses {
        bridge: url(&bridge_door) + &options.dialect.base_path(TERMINAL_ACCOUNT),
        github: url(&github_door),
        smtp: smtp_door.address(),
        control: url(&control_door),
        host: host_door.as_ref().map(url),
        web: web_door.as_ref().map(url),
    };
    let doors = Doors { bridge: bridge_key, smtp: smtp_key, web: web_key };
    let world = World::new(options, addresses.clone(), doors);
    let stop = world.stop.clone();
    let always = [
        (bridge_door, bridge::router(Arc::clone(&world))),
        (github_door, github::router(Arc::clone(&world))),
        (control_door, control::router(Arc::clone(&world))),
    ];
    let host = host_door.map(|door| (door, host::router(Arc::clone(&world))));
    let web = web_door.map(|door| (door, web::router(Arc::clone(&world))));
    for (door, router) in always.into_iter().chain(host).chain(web) {
        world.tasks.spawn(serve(door, router, stop.clone()));
    }
    world.tasks.spawn(smtp::serve(smtp_door, Arc::clone(&world)));
    // From here on everything stops with the guard.
    let stop = stop.drop_guard();
    world.set_in_motion()?;
    world.settled().await;
    Ok(Sim {
        bridge_url: addresses.bridge,
        github_url: addresses.github,
        smtp_addr: addresses.smtp,
        control_url: addresses.control,
        world,
        _stop: stop,
    })
}

impl Sim {
    /// Where the ports are, as the ready file has it.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.world.addresses
    }

    /// The terminal loses the broker.
    pub async fn break_link(&self) {
        self.fault(Fault::LinkLost).await;
    }

    /// Turns a fault on, with its default value. When this returns, the next request meets it.
    pub async fn fault(&self, fault: Fault) {
        // Without a value every fault can be set.
        if let Err(error) = self.world.set_fault(fault, None) {
            tracing::error!(%error, "a fault refused its own default");
        }
        self.world.settled().await;
    }

    /// Turns a fault on with a value: milliseconds, seconds or percent.
    ///
    /// # Errors
    /// If the fault takes no value, or not this one; nothing was changed.
    pub async fn fault_with(&self, fault: Fault, value: i64) -> Result<(), FaultError> {
        self.world.set_fault(fault, Some(value))?;
        self.world.settled().await;
        Ok(())
    }

    /// Turns a fault off.
    pub async fn clear(&self, fault: Fault) {
        self.world.clear_fault(fault);
        self.world.settled().await;
    }

    /// Turns every fault off.
    pub async fn clear_all(&self) {
        self.world.change(|state| state.faults.clear_all());
        self.world.settled().await;
    }

    /// The faults that are on.
    pub async fn faults(&self) -> FaultSet {
        self.world.look(|state| state.faults.clone())
    }

    /// Says what an emergency restart does.
    pub async fn restart_mode(&self, mode: RestartMode) {
        self.world.change(|state| state.restart.mode = mode);
    }

    /// Says how long an emergency restart takes.
    pub async fn restart_delay(&self, delay: Duration) {
        self.world.change(|state| state.restart.delay = delay);
    }

    /// Says what the GitHub API does.
    pub async fn github_mode(&self, mode: GithubMode) {
        self.world.change(|state| state.github.mode = mode);
    }

    /// Says when the token of the GitHub API ends: in so many days; 0 and below: it has ended.
    pub async fn github_token_ends_in(&self, days: i64) {
        self.world
            .change(|state| state.github.token_ends = Some(clock::now() + chrono::TimeDelta::days(days)));
    }

    /// Says what the mail sink does.
    pub async fn smtp_mode(&self, mode: SmtpMode) {
        self.world.change(|state| state.mail.mode = mode);
        self.world.settled().await;
    }

    /// The mails that were taken and not cleared, oldest first, at most 200.
    pub async fn mails(&self) -> Vec<Mail> {
        self.world.look(|state| state.mail.mails.iter().cloned().collect())
    }

    /// Forgets all mails.
    pub async fn clear_mails(&self) {
        self.world.look(|state| state.mail.mails.clear());
    }

    /// How many restart calls came, refused ones included.
    pub async fn restarts(&self) -> usize {
        self.world.look(|state| state.restart.calls_total)
    }

    /// The last restart calls, oldest first, at most 200.
    pub async fn restart_calls(&self) -> Vec<RestartCall> {
        self.world.look(|state| state.restart.calls.iter().cloned().collect())
    }

    /// The last dispatches, refused ones included, oldest first, at most 200.
    pub async fn dispatches(&self) -> Vec<Dispatch> {
        self.world.look(|state| state.github.dispatches.iter().cloned().collect())
    }

    /// The tickets of the positions that are open at the terminal.
    pub async fn positions(&self) -> Vec<u64> {
        self.world.look(|state| state.book.positions.iter().map(|position| position.ticket).collect())
    }

    /// Says how the front end answers, if there is one.
    ///
    /// # Errors
    /// If a value is outside its range; nothing was changed.
    pub async fn web(&self, change: WebChange) -> Result<(), WebError> {
        self.world.change(|state| state.web.change(change))?;
        self.world.settled().await;
        Ok(())
    }

    /// How often the market moved.
    pub async fn ticks(&self) -> u64 {
        self.world.look(|state| state.ticks)
    }

    /// How many requests reached the bridge's process.
    pub async fn bridge_requests(&self) -> u64 {
        self.world.look(|state| state.bridge_requests)
    }

    /// How many clients followed the `redirect` fault into its trap.
    pub async fn redirects_followed(&self) -> u64 {
        self.world.look(|state| state.redirects_followed)
    }

    /// Stops everything and waits until the ports are closed.
    pub async fn stop(self) {
        self.world.stop.cancel();
        self.world.tasks.close();
        self.world.tasks.wait().await;
    }
}

async fn serve(door: Door, router: Router, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        served = axum::serve(door, router).into_future() => {
            if let Err(error) = served {
                tracing::error!(%error, "a port stopped serving");
            }
        }
    }
}
