//! The browser and what drives it: for tests and for pictures.

use std::process::Command;

use anyhow::Result;

use crate::run::{command, root, run, target_dir};
use crate::{packages, site};

/// Installs the browser and builds the programs that it is pointed at.
pub(crate) fn prepare() -> Result<()> {
    packages::node()?;
    packages::npm_ci()?;
    packages::chromium()?;
    // With `--tests` the features are those of the Rust tests, and only linking is left to do after them.
    run(&mut command("cargo", ["build", "--workspace", "--exclude", "xtask-site", "--bins", "--tests"]))
}

/// Playwright with these arguments, on the programs and the site that were built.
pub(crate) fn playwright<const N: usize>(arguments: [&str; N]) -> Command {
    let mut playwright = command("npx", ["playwright"]);
    playwright
        .args(arguments)
        .current_dir(root().join("end2end"))
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .env("REBOUND_BIN", target_dir().join("debug/rebound"))
        .env("REBOUND_SIM_BIN", target_dir().join("debug/rebound-sim"))
        .env("REBOUND_SITE", site::folder())
        .env("CHROMIUM", packages::CHROMIUM);
    playwright
}

/// Takes the pictures of `docs/pictures` anew.
pub(crate) fn pictures() -> Result<()> {
    site::build(site::Mode::Release)?;
    prepare()?;
    run(&mut playwright(["test", "--config", "pictures.config.mjs"]))
}
