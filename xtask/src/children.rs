//! Programs that run until this one ends, however it ends: Ctrl-C, a request to stop, or a child that gave up.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::run::shown;
use crate::say::now;

/// How often a child is asked whether it still runs.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How long a child may take to close its connections and its database before it is killed.
const STOP_WAIT_MAX: Duration = Duration::from_secs(10);

/// The running programs. Dropping it stops them all, the last started first.
pub(crate) struct Children {
    running: Vec<(String, Child)>,
    stop: Receiver<()>,
}

/// What a wait ended with.
#[derive(PartialEq, Eq)]
pub(crate) enum Waited {
    /// What was waited for has come.
    Ready,
    /// A person wants to stop.
    Stopped,
}

impl Children {
    /// Takes over Ctrl-C. Once per process.
    ///
    /// # Errors
    /// If the handler cannot be set.
    pub(crate) fn new() -> Result<Self> {
        let (sender, stop) = mpsc::channel();
        let handler = move || {
            // Fails only when nobody listens any more: then everything is stopping already.
            sender.send(()).ok();
        };
        ctrlc::set_handler(handler).context("cannot take over Ctrl-C")?;
        Ok(Self { running: Vec::new(), stop })
    }

    /// Starts a program; its output goes to the screen.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start(&mut self, name: &str, command: &mut Command) -> Result<()> {
        println!("   $ {}", shown(command));
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        self.running.push((name.to_owned(), child));
        Ok(())
    }

    /// Waits until `ready` says so; `complaint` is what to say when it never does.
    ///
    /// # Errors
    /// If it takes longer than `wait_max`, or one of the programs ends meanwhile.
    pub(crate) fn wait_for(
        &mut self,
        complaint: &str,
        wait_max: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<Waited> {
        let started = now();
        while !ready() {
            if self.looked_and_stopped()? {
                return Ok(Waited::Stopped);
            }
            if started.elapsed() > wait_max {
                bail!("{complaint} after {} s; its own lines above may say why", wait_max.as_secs());
            }
        }
        Ok(Waited::Ready)
    }

    /// Waits for Ctrl-C.
    ///
    /// # Errors
    /// If one of the programs ends by itself.
    pub(crate) fn wait(&mut self) -> Result<()> {
        while !self.looked_and_stopped()? {}
        Ok(())
    }

    /// Pauses for one interval; true if a person wants to stop.
    fn looked_and_stopped(&mut self) -> Result<bool> {
        let stopped = !matches!(self.stop.recv_timeout(LOOK_INTERVAL), Err(RecvTimeoutError::Timeout));
        if stopped {
            return Ok(true);
        }
        for (name, child) in &mut self.running {
            if let Some(status) = child.try_wait()? {
                bail!("{name} ended by itself ({status}); its own lines above say why");
            }
        }
        Ok(false)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        while let Some((name, mut child)) = self.running.pop() {
            if let Err(error) = stop(&mut child) {
                eprintln!("cannot stop {name}: {error:#}");
            }
        }
    }
}

/// Asks first, and kills when that does not help.
fn stop(child: &mut Child) -> Result<()> {
    // A child that has ended but was not waited for keeps its number: the signal cannot hit another program.
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM)?;
    let asked = now();
    while asked.elapsed() < STOP_WAIT_MAX {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(LOOK_INTERVAL);
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Whether something listens at this address.
pub(crate) fn answers(address: &str) -> bool {
    TcpStream::connect(address).is_ok()
}
