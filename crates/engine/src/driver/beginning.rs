//! How a run begins: with the memory of the store, and what an earlier run left for it.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use rebound::monitor::{Command, Fact, JournalEntry, Monitor};
use rebound::target::Config;
use rebound::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::knocking::Knock;
use super::sharing::{Newcomer, Sharing};
use super::{Driver, Engine, Ports, Publish, StartError};
use crate::history::Keeper;
use crate::ledger::Ledger;
use crate::ledger::left::read_all;
use crate::pulse::Pulse;
use crate::service::Service;
use crate::settings::{Desk, Held, at_the_start};
use crate::tasks::{Lookout, Tasks};

/// How often it is looked whether another server changed the settings.
const SETTINGS_READ_EVERY: Duration = Duration::from_secs(5);
/// Most requests of people that wait for the loop.
const INPUTS_MAX: usize = 256;

impl Engine {
    /// Takes up the store's memory and begins to watch.
    ///
    /// # Errors
    /// [`StartError`] if the memory cannot be read or understood. Nothing runs then.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartError> {
        let (inputs, received) = mpsc::channel(INPUTS_MAX);
        // Also where it is needed later: who cannot read it is to hear of it now.
        if let Some(file) = &ports.waiting {
            read_all(file.as_ref()).await?;
        }
        let now = ports.clock.now();
        let written = config.clone();
        let (config, held) = settings_at_the_start(config, &ports).await;
        let settings = config.clone();
        let (beginning, sharing) = match ports.cluster.clone() {
            None => (alone(config, &ports, now).await?, None),
            Some((cluster, server)) => {
                let newcomer = Newcomer::new(cluster, server, inputs.clone());
                let (beginning, sharing) = newcomer.begin(config, &written, &ports, now).await?;
                (beginning, Some(sharing))
            }
        };
        let Beginning { monitor, first, ledger } = beginning;
        let (board, boards) = watch::channel(Arc::new(match &sharing {
            None => monitor.board(0, now),
            Some(sharing) => sharing.whole(&monitor, 0, now),
        }));
        let clock = Arc::clone(&ports.clock);
        let others = sharing.as_ref().map(Sharing::reach);
        let row = sharing.as_ref().map_or(0, Sharing::row);
        let history = ports.history.clone();
        let kept = history.map(|history| Keeper::start(history, Arc::clone(&clock), &settings, row));
        let (history, keeping) = kept.unzip();
        let store = Arc::clone(&ports.store);
        let stop = CancellationToken::new();
        let desk = ports.settings.clone().map(|file| {
            let desk = Desk::new(file, Arc::clone(&store), inputs.clone(), held);
            tokio::spawn(keep_up(desk.clone(), stop.clone()));
            desk
        });
        let service =
            Service::new(inputs.clone(), boards, store, Arc::clone(&clock), others, keeping.clone(), desk);
        let store_fails = monitor.store_trouble().is_some();
        let turned_at = Arc::new(AtomicI64::new(now.as_ms()));
        let driver = Driver {
            monitor,
            ledger,
            tasks: tasks(&ports),
            clock: Arc::clone(&clock),
            ports,
            sharing,
            fenced: false,
            board,
            seq: 0,
            // Also where it failed until the end of an earlier run.
            store_fails,
            knock: Knock::default(),
            publish: Publish::Idle,
            last_request: 0,
            turned_at: Arc::clone(&turned_at),
            pulse: Pulse::start(Arc::clone(&clock), stop.clone()),
            store_took: None,
            history,
        };
        let stopped = CancellationToken::new();
        // Dropped when the loop ends, in whatever way.
        let guard = stopped.clone().drop_guard();
        let stop_loop = stop.clone();
        tokio::spawn(async move {
            driver.run(first, received, stop_loop).await;
            drop(guard);
        });
        Ok(Self { service, inputs, stop, stopped, turned_at, clock, keeping })
    }
}

/// The settings that hold at the start. Where those that were changed cannot be read, nothing is healed until they are: one of
/// them may say so.
async fn settings_at_the_start(mut config: Config, ports: &Ports) -> (Config, Held) {
    let Some(file) = &ports.settings else { return (config, Held::default()) };
    match at_the_start(file.as_ref(), ports.store.as_ref()).await {
        Ok(held) => {
            file.adopt(&held.values);
            match file.with(&held.values) {
                Ok(in_force) => (in_force.config, held),
                Err(_) => (config, held),
            }
        }
        Err(error) => {
            tracing::warn!(%error, "settings that were changed cannot be read yet: until they are, everything runs dry");
            for target in &mut config.targets {
                target.heal.dry_run = true;
            }
            (config, Held::unread())
        }
    }
}

/// Follows what other servers change, and what could not be read at the start.
async fn keep_up(desk: Desk, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(SETTINGS_READ_EVERY) => {}
        }
        if let Err(error) = desk.keep_up().await {
            tracing::debug!(%error, "changes of the settings cannot be read now");
        }
    }
}

/// What a run begins with.
pub(super) struct Beginning {
    pub(super) monitor: Monitor,
    pub(super) first: Vec<Command>,
    pub(super) ledger: Ledger,
}

/// Takes up the memory of the store, where this is the only server.
async fn alone(config: Config, ports: &Ports, now: Timestamp) -> Result<Beginning, StartError> {
    let (ledger, saved) = Ledger::load(Arc::clone(&ports.store), ports.waiting.clone()).await?;
    let (monitor, first) = match saved {
        Some(saved) => Monitor::restore(config, saved, now)?,
        None => {
            let fact = Fact::Began { again: false };
            let began = JournalEntry { at: now, target: None, incident: None, fact };
            (Monitor::new(config, now), vec![Command::Record(Box::new(began)), Command::Publish])
        }
    };
    Ok(Beginning { monitor, first, ledger })
}

pub(super) fn tasks(ports: &Ports) -> Tasks {
    let Ports { clock, prober, healer, notifiers, preflights, outside, .. } = ports;
    let lookout = Lookout { preflights: preflights.clone(), outside: outside.clone() };
    Tasks::new(Arc::clone(clock), Arc::clone(prober), Arc::clone(healer), notifiers.clone(), lookout)
}
