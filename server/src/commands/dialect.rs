//! `rebound dialect`: what a dialect reads in an answer that somebody saved, and why it reads nothing.
//!
//! Asks nobody: whoever writes a dialect has saved an answer of the bridge.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock as _;
use rebound_probes::{Answer, BODY_BYTES_MAX, DIALECT_BYTES_MAX, Dialect, PRESETS};

use super::explained::table_with_gaps;

/// What can be done with a dialect.
#[derive(Debug, Subcommand)]
pub enum DialectCommand {
    /// Explains field by field what a dialect reads in a saved answer, or why it reads nothing.
    Check(Check),
    /// Prints a built-in dialect, to begin one of your own with.
    Show {
        /// Its name.
        name: String,
    },
}

/// What is explained.
#[derive(Debug, Args)]
pub struct Check {
    /// A built-in dialect, or the path of a dialect file that ends in .toml.
    dialect: String,
    /// The saved body of an answer; `-` reads it from the standard input.
    sample: PathBuf,
    /// Which part reads it: health, terminal, terminal-2, accounts, identity, positions or orders.
    #[arg(long, default_value = "health")]
    part: String,
    /// The status with which it was answered.
    #[arg(long, default_value_t = 200)]
    status: u16,
}

/// Carries the command out.
///
/// # Errors
/// If the dialect cannot be used, it lacks the part, or the sample cannot be read.
pub fn run(command: &DialectCommand) -> anyhow::Result<()> {
    let text = match command {
        DialectCommand::Check(check) => explain(check)?,
        DialectCommand::Show { name } => show(name)?.to_owned(),
    };
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to the standard output")
}

fn show(name: &str) -> anyhow::Result<&'static str> {
    Dialect::preset_text(name)
        .with_context(|| format!("no dialect \"{name}\" is built in; there are {}", PRESETS.join(", ")))
}

fn explain(check: &Check) -> anyhow::Result<String> {
    let dialect = dialect(&check.dialect)?;
    let part = dialect.part(&check.part).with_context(|| {
        let parts: Vec<String> = dialect.parts().into_iter().map(|part| part.name()).collect();
        format!("dialect \"{}\" has no part \"{}\"; it has {}", dialect.name(), check.part, parts.join(", "))
    })?;
    let body = sample(&check.sample)?;
    let answer = Answer { status: check.status, ..Answer::ok(body) };
    let fields = dialect.explain(part, &answer, SystemClock::start().now());
    let path = dialect.path_of(part).unwrap_or_default();
    Ok(format!(
        "dialect \"{}\", part {}, as the answer of GET {path} with status {}\n\n{}",
        dialect.name(),
        part.name(),
        check.status,
        table_with_gaps(&fields)
    ))
}

/// A built-in dialect by name, or a file.
fn dialect(named: &str) -> anyhow::Result<Dialect> {
    let path = Path::new(named);
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Ok(Dialect::preset(named)?);
    }
    let text = small_file(path, DIALECT_BYTES_MAX)?;
    let text = String::from_utf8(text).with_context(|| format!("{} is no text in UTF-8", path.display()))?;
    Dialect::from_toml(&text).with_context(|| path.display().to_string())
}

fn sample(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return bounded(std::io::stdin().lock(), BODY_BYTES_MAX).context("the standard input");
    }
    small_file(path, BODY_BYTES_MAX)
}

fn small_file(path: &Path, bytes_max: usize) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    bounded(file, bytes_max).with_context(|| path.display().to_string())
}

/// All of it, unless it is larger than what Rebound would read of a bridge.
fn bounded(source: impl std::io::Read, bytes_max: usize) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes).context("cannot be read")?;
    anyhow::ensure!(bytes.len() <= bytes_max, "has more than {bytes_max} bytes: is it the right file?");
    Ok(bytes)
}
