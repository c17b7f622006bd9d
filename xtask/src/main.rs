//! The front door: `cargo xtask demo | serve | site | size | sim | pictures | test | ci`.
//!
//! Installs what is missing, builds, runs and tests the project. Holds nothing of the product itself.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod browser;
mod children;
mod count;
mod demo;
mod mongodb;
mod packages;
mod run;
mod say;
mod sim;
mod site;
mod site_files;
mod size;
mod stylesheet;
mod test;
mod wasm_target;

/// Rebound's front door.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows Rebound at work on a simulated host that breaks; installs and builds what it needs.
    Demo(demo::DemoArguments),
    /// Builds Rebound and runs it: `cargo xtask serve -- --config rebound.toml`.
    Serve {
        /// Arguments for `rebound serve`.
        #[arg(last = true, value_name = "ARGUMENT")]
        arguments: Vec<String>,
    },
    /// Builds what the browser loads, into `target/site`.
    Site {
        /// Small and compressed, as it is served (the default).
        #[arg(long, conflicts_with = "dev")]
        release: bool,
        /// Fast to build, for the debugger.
        #[arg(long)]
        dev: bool,
    },
    /// Builds the site and compares the size of its wasm with the budget.
    Size,
    /// Lives through random worlds in virtual time and prints what they came to.
    Sim(sim::SimArguments),
    /// Takes the pictures in `docs/pictures` anew: every page, in light and dark, on a desk and on a phone.
    Pictures,
    /// Runs every check and every test; the last line is `N passed, N failed`.
    Test,
    /// What continuous integration runs: the same as `test`.
    Ci,
}

fn main() -> ExitCode {
    let started = say::now();
    let result = match Arguments::parse().command {
        Task::Test | Task::Ci => return test::all(),
        Task::Demo(arguments) => demo::demo(&arguments),
        Task::Serve { arguments } => demo::serve(&arguments),
        Task::Site { release: _, dev } => {
            site::build(if dev { site::Mode::Dev } else { site::Mode::Release })
        }
        Task::Size => built_size(),
        Task::Pictures => browser::pictures(),
        Task::Sim(arguments) => sim::sim(&arguments),
    };
    match result {
        Ok(()) => {
            println!("\nall done in {}", say::seconds(started.elapsed()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\n{}", say::bold(&format!("error: {error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn built_size() -> Result<()> {
    site::build(site::Mode::Release)?;
    let step = say::step("Size");
    size::check()?;
    step.done("");
    Ok(())
}
