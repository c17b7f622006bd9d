//! The MongoDB server that tests need: installed here, started by the tests themselves (`tests/mongodb`).

use std::fs;

use anyhow::{Context, Result, bail};

use crate::count::Counts;
use crate::run::{command, run, stream, target_dir};
use crate::test::cargo_test;
use crate::{packages, say};

/// The variable that names a server to test against instead.
const URL: &str = "REBOUND_TEST_MONGODB_URL";

/// What is installed, and known by that text once it is.
const REQUIREMENTS: &str = include_str!("../../tests/mongodb/requirements.txt");

/// Part of the name of each test that needs a true server, and of no other.
const NAMED: &str = "true_mongodb";

/// How many tests run at once, however many processors there are: they share one server, and what installs in seconds is slow.
const TEST_THREADS: &str = "2";

/// Runs the tests that need a true server, which `cargo test` alone leaves out.
///
/// # Errors
/// If no server can be installed, or there is no such test.
pub(crate) fn tests() -> Result<Counts> {
    match std::env::var(URL) {
        Ok(_) => say::note(&format!("against the server that {URL} names")),
        Err(_) => install().context(format!(
            "no MongoDB server to test against\n  Install Python 3 with venv and let pip reach pypi.org, or name a server of \
             your own: {URL}=mongodb://user:password@host:27017/"
        ))?,
    }
    let mut counts = Counts::default();
    let mut cargo = cargo_test();
    cargo.env("RUST_TEST_THREADS", TEST_THREADS);
    let succeeded =
        stream(cargo.args(["--tests", "--", "--ignored", NAMED]), |line| counts.add_libtest_line(line))?;
    if counts.passed + counts.failed == 0 && succeeded {
        bail!("no test has \"{NAMED}\" in its name");
    }
    Ok(counts.with_command(succeeded))
}

/// Makes sure that the server is in `target/mongodb`.
fn install() -> Result<()> {
    let folder = target_dir().join("mongodb");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(());
    }
    let what = REQUIREMENTS.trim();
    say::note(&format!(
        "installing {what}, a server that speaks MongoDB's protocol, into target/mongodb (about 230 MB)"
    ));
    crate::site_files::remove(&folder)?;
    packages::python_venv()?;
    let venv = folder.join("venv");
    run(command("python3", ["-m", "venv"]).arg(&venv))?;
    let list = crate::run::root().join("tests/mongodb/requirements.txt");
    let mut pip = command(&venv.join("bin/pip").to_string_lossy(), ["install", "--quiet"]);
    run(pip.args(["--disable-pip-version-check", "--only-binary", ":all:", "--requirement"]).arg(list))?;
    fs::write(&stamp, REQUIREMENTS).context("cannot write into target/mongodb")
}
