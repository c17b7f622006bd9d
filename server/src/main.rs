//! The program `rebound`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock as _;
use rebound_server::auth::{Passwords, Tokens};
use rebound_server::commands::dialect::{self, DialectCommand};
use rebound_server::commands::operator::{Operator, operate};
use rebound_server::commands::people::{self, Keys, Users};
use rebound_server::commands::probe::{self, Probe};
use rebound_server::commands::store::{self, StoreCommand};
use rebound_server::config::{self, Settings, Source};
use rebound_server::wiring;
use tracing_subscriber::EnvFilter;

/// A page is made of a hundred thousand small pieces of text: with the system's allocator of Linux a third of the time goes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A watchdog for MetaTrader 5 bridges that heals them, proves it, and tells the truth.
#[derive(Debug, Parser)]
#[command(
    name = "rebound",
    version,
    about = "A watchdog for MetaTrader 5 bridges and what they stand on: it heals them, proves it, and tells the truth"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watches, heals and serves the page until it is stopped.
    Serve {
        /// The configuration file.
        #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
        config: PathBuf,
        /// Writes {"address": "http://…", "first_password": …} into this file once everything runs; for scripts.
        #[arg(long)]
        ready_file: Option<PathBuf>,
    },
    /// Checks the configuration and tells everything that is wrong with it at once.
    CheckConfig {
        /// The configuration file.
        #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
        config: PathBuf,
    },
    /// Prints a bearer token for a program.
    Token {
        /// The configuration file.
        #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
        config: PathBuf,
        /// The program's name, kept with everything it asks for.
        #[arg(long)]
        name: String,
        /// Days until it ends, 1 to 366.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// Makes a new password up for the admin and prints it. For a store whose first password is lost.
    ResetPassword {
        /// The configuration file.
        #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
        config: PathBuf,
    },
    /// Lists, adds and changes people who may log in.
    #[command(subcommand)]
    Users(Users),
    /// Lists, makes and revokes keys of programs.
    #[command(subcommand)]
    Keys(Keys),
    /// Explains what a dialect reads in a saved answer of a bridge.
    #[command(subcommand)]
    Dialect(DialectCommand),
    /// Asks a target once and shows what is read and how it is judged. Heals, stores and tells nothing.
    Probe(Probe),
    /// Moves and copies what a store holds. Rebound must be stopped.
    #[command(subcommand)]
    Store(StoreCommand),
    #[command(flatten)]
    Operator(Operator),
}

fn main() -> ExitCode {
    // Before the words are understood: a complaint about them would repeat the login.
    if let Err(problems) = config::no_login_among(std::env::args()) {
        return failed(&problems.into());
    }
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("REBOUND_LOG").unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error)),
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(ended) => ended,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("rebound: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Operator(command) => return Ok(operate(command).await),
        Command::Dialect(command) => dialect::run(&command)?,
        Command::Probe(command) => probe::run(&command).await?,
        Command::Store(command) => store::run(&command).await?,
        Command::Users(command) => people::users(command).await?,
        Command::Keys(command) => people::keys(command).await?,
        Command::Serve { config, ready_file } => serve(&config, ready_file.as_deref()).await?,
        Command::CheckConfig { config } => {
            let settings = load(&config)?;
            wiring::check(&settings).with_context(|| config.display().to_string())?;
            println!("{} is right. It would watch:\n{}", config.display(), settings.summary());
        }
        Command::Token { config, name, days } => {
            let settings = load(&config)?;
            let secret = settings.api_secret.context(
                "bearer tokens are off: set [api] secret = { env = \"REBOUND_API_SECRET\" } (made with `openssl rand -hex 32`)",
            )?;
            println!("{}", Tokens::new(&secret).issue(&name, days, SystemClock::start().now())?);
        }
        Command::ResetPassword { config } => {
            let settings = load(&config)?;
            anyhow::ensure!(
                settings.login.password.is_none(),
                "the password is configured under login.password: change it there"
            );
            let hashes = wiring::logins::open(&settings.store).await?;
            let username = &settings.login.username;
            let password = Passwords::make_up_anew(&hashes, username).await?;
            println!("user {username}, password {password}\nIt counts from now on.");
            // Whoever knew the old one is out.
            hashes.logins.end_all().await.context("the password is new, but old sessions cannot be ended")?;
            let noted = people::password_was_reset(hashes, username).await;
            noted.context("the password is new, but that cannot be kept in the list of changes")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn load(path: &Path) -> anyhow::Result<Settings> {
    Ok(config::load(path, &|name| std::env::var(name).ok())?)
}

async fn serve(config: &Path, ready_file: Option<&Path>) -> anyhow::Result<()> {
    let mut settings = load(config)?;
    settings.source = Some(Source::read(config, Arc::new(|name: &str| std::env::var(name).ok()))?);
    let username = settings.login.username.clone();
    let summary = settings.summary();
    let mut stop = Box::pin(stop_signal()?);
    let running = wiring::start(settings).await?;
    let address = format!("http://{}", running.address);
    println!("Rebound watches:\n{summary}  page: {address}");
    if let Some(password) = &running.first_password {
        println!(
            "  log in as {username} with the password {password}\n  It is shown this once; `rebound reset-password` makes a new one."
        );
    }
    if let Some(path) = ready_file {
        let ready = serde_json::json!({ "address": address, "username": username, "first_password": running.first_password });
        write_whole(path, &ready.to_string()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    stop.as_mut().await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// Ends at the first SIGINT or SIGTERM.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    })
}

/// A reader of the file sees all of it or nothing. Only its owner may read it: it may hold a password.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part)?.write_all(text.as_bytes())?;
    std::fs::rename(part, path)
}
