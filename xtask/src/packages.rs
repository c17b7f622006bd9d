//! What must be on the machine: Debian's packages and npm's. Installs what is missing, and only that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{answer, command, is_installed, root, run};
use crate::say;

/// Where the browser tests look for a browser.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// The folder whose `package.json` names the browser tests' tools and the wasm optimiser.
const NPM_FOLDER: &str = "end2end";
/// Remembers which lock file `node_modules` was made from; `npm ci` deletes it with the folder.
const NPM_STAMP: &str = "node_modules/.installed-lock";

/// Makes sure that Chromium is installed.
///
/// # Errors
/// If it is missing and cannot be installed.
pub(crate) fn chromium() -> Result<()> {
    if Path::new(CHROMIUM).exists() {
        return Ok(());
    }
    apt_install("chromium").context("the browser tests need Chromium at /usr/bin/chromium")
}

/// Makes sure that node and npm are installed.
///
/// # Errors
/// If one is missing and cannot be installed.
pub(crate) fn node() -> Result<()> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if !is_installed(program) {
            apt_install(package).with_context(|| format!("`{program}` is missing"))?;
        }
    }
    Ok(())
}

/// Makes sure that Python can make an environment of its own.
///
/// # Errors
/// If it cannot, and its package cannot be installed.
pub(crate) fn python_venv() -> Result<()> {
    if answer(&mut command("python3", ["-c", "import ensurepip, venv"])).is_some() {
        return Ok(());
    }
    apt_install("python3-venv").context("`python3 -m venv` is missing")
}

/// Makes `end2end/node_modules` agree with `end2end/package-lock.json`. Needs npm.
///
/// # Errors
/// If `npm ci` fails.
pub(crate) fn npm_ci() -> Result<()> {
    let folder = root().join(NPM_FOLDER);
    let lock = fs::read(folder.join("package-lock.json")).context("cannot read end2end/package-lock.json")?;
    if fs::read(folder.join(NPM_STAMP)).is_ok_and(|stamp| stamp == lock) {
        return Ok(());
    }
    let mut npm = command("npm", ["ci", "--no-audit", "--no-fund"]);
    // The browser is Debian's; Playwright's own would be a large download.
    run(npm.current_dir(&folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    fs::write(folder.join(NPM_STAMP), lock).context("cannot write into end2end/node_modules")
}

/// Installs one of Debian's packages, with a fresh package list if the old one does not know it
/// or names a version that the mirror has since replaced.
fn apt_install(package: &str) -> Result<()> {
    if !is_installed("apt-get") {
        bail!(
            "`{package}` must be installed, and this is not a Debian machine\n  Install it by hand, then run the same command again."
        );
    }
    say::note(&format!("installing Debian's package `{package}`"));
    let known = answer(&mut command("apt-cache", ["policy", package])).is_some_and(|policy| {
        policy.lines().any(|line| line.contains("Candidate:") && !line.contains("(none)"))
    });
    let install = || run(&mut as_root(&["apt-get", "install", "-y", "--no-install-recommends", package]));
    if known && install().is_ok() {
        return Ok(());
    }
    run(&mut as_root(&["apt-get", "update"]))?;
    install()
        .with_context(|| format!("cannot install `{package}`\n  Try by hand: sudo apt-get install {package}"))
}

/// A command with root's rights: directly, or through sudo.
fn as_root(words: &[&str]) -> Command {
    let is_root = answer(&mut command("id", ["-u"])).is_some_and(|id| id == "0");
    // sudo drops the environment, so the variable is set behind it.
    let mut command = if is_root { command("env", []) } else { command("sudo", ["env"]) };
    command.arg("DEBIAN_FRONTEND=noninteractive").args(words);
    command
}
