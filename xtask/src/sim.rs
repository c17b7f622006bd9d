//! `cargo xtask sim`: random worlds in virtual time, and the table of what they came to.
//!
//! Builds and starts the simulation, in a profile of its own; holds nothing of it.

use anyhow::Result;
use clap::Args;

use crate::run::{command, run};

/// Worlds of a week each that make up a thousand simulated days.
const LONG_SEEDS: u64 = 143;

/// Which worlds.
#[derive(Debug, Args)]
pub(crate) struct SimArguments {
    /// How many worlds, from seed 1 on.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    seeds: u64,
    /// Simulated days of each.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// Targets of each, 1 to 500; otherwise by the dice.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=500))]
    targets: Option<u64>,
    /// Seconds from one question to the next; otherwise by the dice.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    interval: Option<u64>,
    /// Servers that share each, 1 to 10; otherwise as its number of targets asks for.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10))]
    servers: Option<u64>,
    /// Lives through one world and tells its story.
    #[arg(long)]
    seed: Option<u64>,
    /// A thousand simulated days: 143 worlds of a week each.
    #[arg(long, conflicts_with_all = ["seeds", "days", "seed"])]
    long: bool,
}

pub(crate) fn sim(arguments: &SimArguments) -> Result<()> {
    let seeds = if arguments.long { LONG_SEEDS } else { arguments.seeds };
    let mut cargo = command(
        "cargo",
        ["run", "--profile", "sim", "--quiet", "--package", "rebound-tests", "--bin", "worlds", "--"],
    );
    cargo.args(["--seeds", &seeds.to_string(), "--days", &arguments.days.to_string()]);
    let options = [
        ("--targets", arguments.targets),
        ("--interval", arguments.interval),
        ("--servers", arguments.servers),
        ("--seed", arguments.seed),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            cargo.args([name, &value.to_string()]);
        }
    }
    run(&mut cargo)
}
