//! `rebound-sim serve`: runs a simulated host until it is told to stop.
//!
//! Prints where it listens, and writes the same to a file for programs that start it.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use rebound_sim::{Addresses, Sim, SimOptions, start};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Command::Serve(arguments) = CommandLine::parse().command;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let ready_file = arguments.ready_file.clone();
    if let Some(path) = &ready_file {
        forget(path)?;
    }
    let sim = start(arguments.options()).await?;
    print_addresses(&sim);
    if let Some(path) = &ready_file {
        announce(path, sim.addresses())?;
    }
    stop_signal().await?;
    sim.stop().await;
    if let Some(path) = &ready_file {
        forget(path)?;
    }
    Ok(())
}

/// A simulated MT5 host: bridge, GitHub API, mail sink and control page.
#[derive(Debug, Parser)]
#[command(version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the host until Ctrl-C or SIGTERM.
    Serve(ServeArguments),
}

#[derive(Args)]
struct ServeArguments {
    /// Address of all four ports. A port after a colon is accepted and ignored.
    #[arg(long, default_value = "127.0.0.1", value_parser = parse_listen)]
    listen: IpAddr,
    /// Port of the bridge; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    bridge_port: u16,
    /// Port of the GitHub API; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    github_port: u16,
    /// Port of the mail sink; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    smtp_port: u16,
    /// Port of the control page; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// Where to write the addresses as JSON, once everything listens.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Break the link to the broker after this time, once; for example 30s.
    #[arg(long, value_parser = humantime::parse_duration)]
    break_link_after: Option<Duration>,
    /// What the emergency restart wants as token.
    #[arg(long, default_value = "demo-restart-token")]
    restart_token: String,
    /// What the GitHub API wants as token.
    #[arg(long, default_value = "demo-github-token")]
    github_token: String,
    /// Seed of the market.
    #[arg(long, default_value_t = 5)]
    seed: u64,
}

impl std::fmt::Debug for ServeArguments {
    /// Leaves the tokens out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ServeArguments").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl ServeArguments {
    fn options(self) -> SimOptions {
        SimOptions {
            listen: self.listen,
            bridge_port: self.bridge_port,
            github_port: self.github_port,
            smtp_port: self.smtp_port,
            control_port: self.control_port,
            restart_token: self.restart_token,
            github_token: self.github_token,
            seed: self.seed,
            break_link_after: self.break_link_after,
            ..SimOptions::default()
        }
    }
}

fn parse_listen(text: &str) -> Result<IpAddr, String> {
    let address = text.parse::<SocketAddr>().map(|address| address.ip());
    address
        .or_else(|_| text.parse())
        .map_err(|_| format!("`{text}` is no address; say for example 127.0.0.1"))
}

fn print_addresses(sim: &Sim) {
    println!("bridge   {}", sim.bridge_url);
    println!("github   {}", sim.github_url);
    println!("smtp     {}", sim.smtp_addr);
    println!("control  {}", sim.control_url);
}

/// Writes the addresses so that a reader sees all of them or none.
fn announce(path: &Path, addresses: &Addresses) -> anyhow::Result<()> {
    let Some(name) = path.file_name() else { bail!("{} names no file", path.display()) };
    let mut temporary = name.to_owned();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(temporary);
    fs::write(&temporary, serde_json::to_vec(addresses)?)
        .with_context(|| format!("cannot write {}", temporary.display()))?;
    fs::rename(&temporary, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes a file that an earlier run, or this one, left.
fn forget(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(unix)]
async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.context("cannot listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("cannot listen for Ctrl-C")
}
