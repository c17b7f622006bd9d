//! Everything that must hold, in one command: format, lints, tests, size, browser tests.
//!
//! A step that fails does not hide the next ones. A step that cannot run because an earlier one failed counts as
//! failed, never as passed. The last line is `N passed, N failed`, alone.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::count::Counts;
use crate::run::{command, run, stream, target_dir};
use crate::{browser, mongodb, say, site, size, wasm_target};

/// What one step came to.
struct Outcome {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

/// Runs all steps and prints the table.
pub(crate) fn all() -> ExitCode {
    let mut is_site_built = false;
    let mut outcomes = vec![
        gate("Format", format),
        gate("Lints", lints),
        gate("Lints of the browser's part", browser_lints),
        counted("Tests", rust_tests),
        counted("Tests with a true MongoDB", mongodb::tests),
        gate("Site within its size", || {
            site::build(site::Mode::Release)?;
            is_site_built = true;
            size::check()
        }),
    ];
    outcomes.push(counted("Browser tests", || browser_tests(is_site_built)));
    report(&outcomes)
}

/// A step that holds or does not: one passed, or one failed.
fn gate(name: &'static str, check: impl FnOnce() -> Result<()>) -> Outcome {
    counted(name, || check().map(|()| Counts { passed: 1, ..Counts::default() }))
}

/// A step with tests in it.
fn counted(name: &'static str, tests: impl FnOnce() -> Result<Counts>) -> Outcome {
    let step = say::step(name);
    let counts = tests().unwrap_or_else(|error| {
        println!("{}", say::bold(&format!("   {error:#}")));
        Counts { failed: 1, ..Counts::default() }
    });
    let took = if counts.failed == 0 { step.done("") } else { step.failed("") };
    Outcome { name, counts, took }
}

fn format() -> Result<()> {
    run(&mut command("cargo", ["fmt", "--all", "--check"])).context("to repair it, run: cargo fmt --all")
}

fn lints() -> Result<()> {
    run(&mut command(
        "cargo",
        ["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"],
    ))
}

/// The same crate as the other lints see, compiled as the browser gets it.
fn browser_lints() -> Result<()> {
    let mut clippy = wasm_target::ensure()?.cargo();
    clippy.args(["clippy", "--package", "rebound-app", "--lib", "--target", wasm_target::WASM]);
    // The site's own profile: macros and build scripts are then compiled once for both.
    clippy.args(["--no-default-features", "--features", "hydrate", "--profile", "wasm-release"]);
    run(clippy.args(["--", "-D", "warnings"]))
}

/// Tests of whole systems mostly wait: more of them at once than there are cores takes a third of the time.
const TEST_THREADS: &str = "8";

/// `cargo test` for all that has tests. Every step asks for the same packages: others would have other features, and all that those
/// change would be built once more. The program is built beside the tests, and they need not build it themselves.
pub(crate) fn cargo_test() -> Command {
    // `xtask-site` has no tests; leaving it out spares its heavy dependencies.
    let mut cargo = command("cargo", ["test", "--workspace", "--exclude", "xtask-site"]);
    cargo.env("REBOUND_BIN", target_dir().join("debug/rebound"));
    cargo
}

fn rust_tests() -> Result<Counts> {
    let mut counts = Counts::default();
    let mut cargo = cargo_test();
    cargo.arg("--no-fail-fast").env("RUST_TEST_THREADS", TEST_THREADS);
    let succeeded = stream(&mut cargo, |line| counts.add_libtest_line(line))?;
    Ok(counts.with_command(succeeded))
}

fn browser_tests(is_site_built: bool) -> Result<Counts> {
    if !is_site_built {
        bail!("not run: there is no site to test");
    }
    browser::prepare()?;
    let report = target_dir().join("end2end.json");
    crate::site_files::remove(&report)?;
    let mut playwright = browser::playwright(["test", "--reporter=list,json"]);
    playwright.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    let succeeded = stream(&mut playwright, |_| {})?;
    let text = fs::read_to_string(&report).context("Playwright wrote no report; its lines above say why")?;
    Ok(Counts::from_playwright(&text).context("cannot read Playwright's report")?.with_command(succeeded))
}

fn report(outcomes: &[Outcome]) -> ExitCode {
    let mut sum = Counts::default();
    println!(
        "\n{}",
        say::bold(&format!("{:<30}{:>8}{:>8}{:>9}{:>15}", "step", "passed", "failed", "skipped", "time"))
    );
    for Outcome { name, counts, took } in outcomes {
        sum += *counts;
        let Counts { passed, failed, skipped } = counts;
        println!("{name:<30}{passed:>8}{failed:>8}{skipped:>9}{:>15}", say::seconds(*took));
    }
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
