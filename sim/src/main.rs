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
use rebound_sim::{Addresses, Dialect, PlannedFault, Sim, SimOptions, start};
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

/// A simulated MT5 host: bridge in any dialect, GitHub API, mail sink and control page.
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
    /// Address of all ports. A port after a colon is accepted and ignored.
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
    /// Serve the host's own restart service too, on this port; without a number on a free one.
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "0")]
    host: Option<u16>,
    /// Serve a plain front end too, on this port; without a number on a free one.
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "0")]
    web: Option<u16>,
    /// What the bridge speaks: f1, f2, f3, f4, mt5-httpapi, conn-bridge or quant-server.
    #[arg(long, default_value_t = Dialect::F2)]
    dialect: Dialect,
    /// Where to write the addresses as JSON, once everything listens.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Break the link to the broker after this time, once; for example 30s.
    #[arg(long, value_parser = humantime::parse_duration)]
    break_link_after: Option<Duration>,
    /// A fault that comes by itself, at once or later; may be given more than once. For example
    /// `identity_swap`, `slow=500`, `flapping=10@1m`.
    #[arg(long, value_name = "NAME[=VALUE][@AFTER]")]
    fault: Vec<PlannedFault>,
    /// What the emergency restart wants as token.
    #[arg(long, default_value = "demo-restart-token")]
    restart_token: String,
    /// The key of the bridges that want one, and of the host's restart service.
    #[arg(long, default_value = "demo-api-key")]
    api_key: String,
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
            host_port: self.host,
            web_port: self.web,
            dialect: self.dialect,
            api_key: self.api_key,
            planned: self.fault,
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
    for (name, url) in [("host", &sim.addresses().host), ("web", &sim.addresses().web)] {
        if let Some(url) = url {
            println!("{name:<8} {url}");
        }
    }
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
