//! Which toolchain builds the browser's part: it needs std for wasm32-unknown-unknown.
//!
//! In this order: the active toolchain, if it has the target. One made here before. rustup, unless
//! `RUSTUP_AUTO_INSTALL=0` says that it must not download. Debian's packages (amd64), see
//! `web-toolchain.sh`. Never lets rustup fetch anything but the target.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{answer, command, is_installed, run};
use crate::say;

/// The target's name for rustc.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Name of the toolchain made from Debian's packages: `cargo +web`.
const WEB: &str = "web";
const WEB_SCRIPT: &str = include_str!("../web-toolchain.sh");
const RUST_MIN: &str = env!("CARGO_PKG_RUST_VERSION");

/// A toolchain that has the target.
#[derive(Clone, Copy)]
pub(crate) enum Toolchain {
    /// The one this program was started with.
    Active,
    /// The one made from Debian's packages.
    Web,
}

impl Toolchain {
    /// `cargo …` with this toolchain.
    pub(crate) fn cargo(self) -> Command {
        match self {
            Self::Active => command("cargo", []),
            Self::Web => command("cargo", [&format!("+{WEB}")]),
        }
    }
}

/// Finds a toolchain with the target, or makes one.
///
/// # Errors
/// If there is none and none can be made here; says what to run.
pub(crate) fn ensure() -> Result<Toolchain> {
    let active = answer(&mut command("rustc", ["--print", "sysroot"])).context("`rustc` does not run")?;
    if has_wasm(Path::new(&active)) {
        return Ok(Toolchain::Active);
    }
    let web = web_dir()?;
    if is_web_ready(&web) {
        return Ok(Toolchain::Web);
    }
    let step = say::step("Toolchain for the browser's part");
    let made = make(&web);
    match &made {
        Ok(_) => step.done(""),
        Err(_) => step.failed(""),
    };
    made
}

fn make(web: &Path) -> Result<Toolchain> {
    let may_download = std::env::var_os("RUSTUP_AUTO_INSTALL").is_none_or(|value| value != "0");
    if !is_installed("rustup") {
        bail!(
            "the Rust here has no std for {WASM}, and there is no rustup to add it\n  Install Rust with rustup (https://rustup.rs), then run the same command again."
        );
    }
    if may_download {
        match run(&mut command("rustup", ["target", "add", WASM])) {
            Ok(()) => return Ok(Toolchain::Active),
            Err(error) if !is_debian_amd64() => return Err(error),
            Err(_) => say::note("rustup cannot get it: making it from Debian's packages instead"),
        }
    } else {
        say::note("RUSTUP_AUTO_INSTALL=0: making it from Debian's packages, without rustup's downloads");
    }
    if !is_debian_amd64() {
        bail!(
            "no std for {WASM}: RUSTUP_AUTO_INSTALL=0 forbids rustup to fetch it, and this is not Debian on amd64\n  \
             Run yourself: rustup target add {WASM}"
        );
    }
    let mut script = command("bash", ["-c", WEB_SCRIPT, "web-toolchain.sh"]);
    script.env("WEB_TOOLCHAIN_NAME", WEB).env("WEB_TOOLCHAIN_DIR", web).env("WEB_RUST_MIN", RUST_MIN);
    say::note("unpacking Debian's rustc-web and compiling std for wasm32; about one minute");
    let status = script.status().context("cannot start bash")?;
    if !status.success() {
        bail!(
            "the toolchain could not be made ({status}); the lines above say why\n  Another way: rustup target add {WASM}"
        );
    }
    Ok(Toolchain::Web)
}

fn is_debian_amd64() -> bool {
    answer(&mut command("dpkg", ["--print-architecture"])).is_some_and(|name| name == "amd64")
}

fn web_dir() -> Result<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    Ok(data.or(home).context("neither XDG_DATA_HOME nor HOME is set")?.join("rust-web"))
}

/// Complete, known to rustup, and not older than this project's oldest Rust.
fn is_web_ready(folder: &Path) -> bool {
    let listed = || answer(&mut command("rustup", ["toolchain", "list"]));
    let version = || answer(Command::new(folder.join("bin/rustc")).arg("-V"));
    has_wasm(folder)
        && listed().is_some_and(|list| list.lines().any(|line| line.split(' ').next() == Some(WEB)))
        && version().is_some_and(|text| is_new_enough(&text))
}

/// Reads `rustc 1.96.0 (…)`.
fn is_new_enough(version: &str) -> bool {
    let numbers = |text: &str| text.split('.').map_while(|part| part.parse().ok()).collect::<Vec<u32>>();
    version.split(' ').nth(1).is_some_and(|text| numbers(text) >= numbers(RUST_MIN))
}

fn has_wasm(sysroot: &Path) -> bool {
    let library = sysroot.join("lib/rustlib").join(WASM).join("lib");
    let Ok(mut entries) = library.read_dir() else { return false };
    entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn an_older_rust_is_not_new_enough() {
        assert!(is_new_enough("rustc 1.96.0 (ac68faa20 2026-05-25)"));
        assert!(is_new_enough("rustc 2.0.0"));
        assert!(!is_new_enough("rustc 1.85.0 (4d91de4e4 2025-02-17)"));
        assert!(!is_new_enough("rustc"));
    }
}
