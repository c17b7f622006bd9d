//! `rebound store`: moves what a store holds to another one, or into a file of JSON lines and back.
//!
//! Asks no server: Rebound must be stopped. Decides nothing; the order, the checks and the comparison are those of
//! `rebound_store::transfer`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use rebound_store::transfer::{Contents, Start};

use crate::config::{NamedStore, named_store};

mod migrate;

mod export;

mod import;

mod progress;

/// What a transfer says that is cut off by a failure.
const CUT_OFF: &str = "not at its end; run the same command again, and it goes on where it was";

/// What can be done with a store. One is named as `sqlite:PATH`, `mongodb:env:NAME` or `mongodb:file:PATH` (where the
/// connection string stands), or `config:FILE` (the store of a configuration).
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Copies everything but logins from one store into another, which must be empty, and compares both.
    /// Cut off, it goes on where it was.
    Migrate(Migrate),
    /// Writes everything but the history of numbers and logins as JSON lines.
    Export(Export),
    /// Reads what `export` wrote into a store, which must be empty, and compares both. Cut off, it goes on where it was.
    Import(Import),
}

/// From where to where.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The store that is read: sqlite:PATH, mongodb:env:NAME, mongodb:file:PATH or config:FILE.
    #[arg(long, value_name = "STORE")]
    from: String,
    /// The store that is written; named in the same way.
    #[arg(long, value_name = "STORE")]
    to: String,
}

/// From where into which file.
#[derive(Debug, Args)]
pub struct Export {
    /// The store that is read: sqlite:PATH, mongodb:env:NAME, mongodb:file:PATH or config:FILE.
    #[arg(long, value_name = "STORE")]
    from: String,
    /// The file to write, which must not be there yet; `-` is the standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

/// From which file to where.
#[derive(Debug, Args)]
pub struct Import {
    /// The store that is written: sqlite:PATH, mongodb:env:NAME, mongodb:file:PATH or config:FILE.
    #[arg(long, value_name = "STORE")]
    to: String,
    /// The file to read; `-` is the standard input. A file is checked as a whole before anything is written.
    #[arg(long = "in", value_name = "FILE", default_value = "-")]
    from: PathBuf,
}

/// Carries the command out.
///
/// # Errors
/// If a store cannot be used, the destination holds something else, or what arrived is not what was sent.
pub async fn run(command: &StoreCommand) -> anyhow::Result<()> {
    match command {
        StoreCommand::Migrate(command) => Box::pin(migrate::run(command)).await,
        StoreCommand::Export(command) => Box::pin(export::run(command)).await,
        StoreCommand::Import(command) => Box::pin(import::run(command)).await,
    }
}

fn named(option: &str, text: &str) -> anyhow::Result<NamedStore> {
    Ok(named_store(option, text, &|name| std::env::var(name).ok())?)
}

/// Says where a transfer begins.
fn say_start(start: Start, whole: &Contents) {
    match start {
        Start::Anew => {}
        Start::AlreadyThere => eprintln!("The destination holds exactly this already. Nothing is copied."),
        Start::GoesOn { journal } => {
            let [(_, all), ..] = whole.counts();
            eprintln!(
                "An earlier run was cut off: {journal} of {all} journal entries are there already. It goes on."
            );
        }
    }
}

/// The counts of both sides, those of rows that were compared one by one, and the next step.
fn say_same(
    sent: &Contents,
    found: &Contents,
    compared: &[(&str, u64)],
    left_behind: &str,
    next: &str,
) -> anyhow::Result<()> {
    let mut text = format!("{:10} {:>12}  {:>12}\n", "", "source", "destination");
    for ((name, there), (_, here)) in sent.counts().into_iter().zip(found.counts()) {
        writeln!(text, "{name:10} {there:>12}  {here:>12}")?;
    }
    for (name, same) in compared {
        writeln!(text, "{name:10} {same:>12}  {same:>12}")?;
    }
    writeln!(text, "sha256 of the source       {}", sent.sha256())?;
    writeln!(text, "sha256 of the destination  {}", found.sha256())?;
    writeln!(text, "{left_behind}\n{next}")?;
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to the standard output")
}
