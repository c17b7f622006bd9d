//! `demo`: a simulated MetaTrader 5 host that breaks, and Rebound that heals it. `serve`: Rebound alone.
//!
//! Both run until Ctrl-C. Never touches anything outside `target/demo/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::children::{Children, Waited, answers};
use crate::run::{command, run, target_dir};
use crate::{packages, say, site};

/// How long each of the two programs may take until it listens.
const START_WAIT_MAX: Duration = Duration::from_secs(20);

/// What `cargo xtask demo` can be told.
#[derive(clap::Args)]
pub(crate) struct DemoArguments {
    /// Where the dashboard listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    address: String,
    /// When the simulated host loses its link to the broker, counted from the start.
    #[arg(long, default_value = "30s", value_name = "DURATION")]
    break_link_after: String,
    /// More arguments for the simulator.
    #[arg(last = true, value_name = "ARGUMENT")]
    simulator: Vec<String>,
}

/// What the simulator writes once it listens.
#[derive(Deserialize)]
struct Ready {
    /// The simulated bridge, as a URL.
    bridge: String,
    /// The simulated GitHub API, as a URL.
    github: String,
    /// The simulated mail server, as `host:port`.
    smtp: String,
    /// The page with the switches that break things, as a URL.
    control: String,
}

/// Builds everything, starts simulator and server, and serves until Ctrl-C.
///
/// # Errors
/// If a tool is missing, a build fails, or one of the two programs ends by itself.
pub(crate) fn demo(arguments: &DemoArguments) -> Result<()> {
    if answers(&arguments.address) {
        bail!(
            "something listens at {0} already\n  Stop it, or choose another: cargo xtask demo --address 127.0.0.1:8081",
            arguments.address
        );
    }
    build(&["rebound-server", "rebound-sim"])?;
    // Each demo begins with nothing: the last one's host is gone, and its incidents would confuse.
    let folder = target_dir().join("demo");
    crate::site_files::remove(&folder)?;
    fs::create_dir_all(&folder)?;

    let step = say::step("Simulated MT5 host");
    let mut children = Children::new()?;
    let ready_file = folder.join("ready.json");
    let mut simulator =
        command(&program("rebound-sim"), ["serve", "--listen", "127.0.0.1:0", "--ready-file"]);
    simulator
        .arg(&ready_file)
        .args(["--break-link-after", &arguments.break_link_after])
        .args(&arguments.simulator);
    children.start("the simulated host", &mut simulator)?;
    let mut ready = None;
    let waited = children.wait_for("the simulated host does not listen", START_WAIT_MAX, || {
        ready = read_ready(&ready_file);
        ready.is_some()
    })?;
    let (Waited::Ready, Some(ready)) = (waited, ready) else { return Ok(()) };
    step.done("");

    let step = say::step("Rebound");
    let config = folder.join("rebound.toml");
    fs::write(&config, config_text(&ready, &arguments.address, &folder))
        .context("cannot write the demo's config")?;
    let mut server = command(&program("rebound"), ["serve", "--config"]);
    children.start("rebound", server.arg(&config).env("REBOUND_SITE", site::folder()).envs(SECRETS))?;
    let waited =
        children.wait_for("rebound does not listen", START_WAIT_MAX, || answers(&arguments.address))?;
    if waited == Waited::Stopped {
        return Ok(());
    }
    step.done("");
    announce(&ready, arguments);
    children.wait()
}

/// Builds the same and runs `rebound serve` with these arguments.
///
/// # Errors
/// If a build fails, or the server ends by itself.
pub(crate) fn serve(arguments: &[String]) -> Result<()> {
    build(&["rebound-server"])?;
    let step = say::step("Rebound");
    let mut children = Children::new()?;
    let mut server = command(&program("rebound"), ["serve"]);
    // Relative paths in the arguments mean the folder of the person, not the project's.
    server.args(arguments).current_dir(std::env::current_dir()?).env("REBOUND_SITE", site::folder());
    children.start("rebound", &mut server)?;
    children.wait()?;
    drop(children);
    step.done("stopped");
    Ok(())
}

/// Builds the site and these packages, for release.
fn build(names: &[&str]) -> Result<()> {
    packages::node()?;
    site::build(site::Mode::Release)?;
    let step = say::step("Programs");
    let mut cargo = command("cargo", ["build", "--release"]);
    for name in names {
        cargo.args(["--package", name]);
    }
    run(&mut cargo)?;
    step.done("");
    Ok(())
}

fn program(name: &str) -> String {
    target_dir().join("release").join(name).display().to_string()
}

/// `None` until the file is complete.
fn read_ready(file: &Path) -> Option<Ready> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// The demo's `rebound.toml`. The secrets it names are those of the simulated host; see [`SECRETS`].
fn config_text(ready: &Ready, address: &str, folder: &Path) -> String {
    let Ready { bridge, github, smtp, control: _ } = ready;
    let database: PathBuf = folder.join("rebound.db");
    let (smtp_host, smtp_port) = smtp.rsplit_once(':').unwrap_or((smtp, "25"));
    format!(
        r#"# Written by `cargo xtask demo` at each start.
[server]
listen = "{address}"
public_url = "http://{address}"

[store]
path = {database:?}

[api]
secret = {{ env = "REBOUND_API_SECRET" }}

[alerts]
site = "Rebound demo"

[alerts.email]
host = "{smtp_host}"
port = {smtp_port}
security = "plain"
from = "rebound@example.com"
to = ["admin@example.com"]

[[targets]]
id = "mt5"
name = "MT5 bridge"
url = "{bridge}"
dialect = "f2"
calendar = "always"
accounts = [
    {{ id = 1000001 }},
    {{ id = 1000002 }},
    {{ id = 1000003 }},
    {{ id = 1000004 }},
    {{ id = 1000005 }},
    {{ id = 1000006 }},
    {{ id = 1000007, reserve = true }},
]

# Mild: the bridge connects to its terminal again.
[[targets.heal.remedies]]
name = "reconnect terminal"
rung = "soft"
kind = "http_call"
url = "/api/admin/emergency-restart"
query = {{ token = {{ env = "REBOUND_BRIDGE_TOKEN" }} }}
expect = {{ json = {{ path = "success", equals = true }} }}
timeout = "30s"
verify_after = "10s"
verify_within = "90s"

# Harsh: a workflow restarts bridge and terminals.
[[targets.heal.remedies]]
name = "restart host"
rung = "hard"
kind = "github_dispatch"
api_url = "{github}"
owner = "example"
repo = "mt5-host"
event_type = "mt5-full-restart"
token = {{ env = "REBOUND_GITHUB_TOKEN" }}
find_run_within = "30s"
poll_every = "2s"
timeout = "5m"
verify_after = "15s"
verify_within = "3m"
"#
    )
}

/// What the simulated host believes, and a secret for tokens that is worth nothing outside the demo.
const SECRETS: [(&str, &str); 3] = [
    ("REBOUND_BRIDGE_TOKEN", "demo-restart-token"),
    ("REBOUND_GITHUB_TOKEN", "demo-github-token"),
    ("REBOUND_API_SECRET", "only-for-the-demo-on-this-machine-0000"),
];

fn announce(ready: &Ready, arguments: &DemoArguments) {
    println!();
    println!("{}", say::bold(&format!("Rebound is at     http://{}/", arguments.address)));
    println!("Simulated host    {}  (break things: {})", ready.bridge, ready.control);
    println!("Simulated GitHub  {}", ready.github);
    println!("Simulated mail    {}", ready.smtp);
    println!(
        "The host loses its link {} after its start; watch Rebound notice and heal it.",
        arguments.break_link_after
    );
    println!("Ctrl-C stops both.\n");
}
