//! Builds what the browser loads into `target/site/`: the wasm, its JavaScript, the style and `public/`.
//!
//! Does no work twice: wasm-bindgen and wasm-opt run only when cargo's output changed, compression
//! only for files that changed. Does what cargo-leptos would do, without installing it.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::{command, is_installed, root, run, target_dir};
use crate::site_files::{self, Files};
use crate::{packages, say, stylesheet, wasm_target};

/// Name of the files in `pkg/`; the same as `LEPTOS_OUTPUT_NAME` in `.cargo/config.toml`.
const OUTPUT_NAME: &str = "rebound";
/// As browsers take it. No `--enable-…` and never `--all-features`: wasm-opt reads from the file what it may
/// use, and with more it writes what browsers refuse.
const WASM_OPT: [&str; 4] = ["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"];

/// How much care goes into the files.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// Small and compressed, as it is served.
    Release,
    /// Fast to build, with names for the debugger, not compressed.
    Dev,
}

impl Mode {
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "dev",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

/// Where the site is built.
pub(crate) fn folder() -> PathBuf {
    target_dir().join("site")
}

/// Builds the site.
///
/// # Errors
/// If a tool fails, or a file cannot be read or written.
pub(crate) fn build(mode: Mode) -> Result<()> {
    let toolchain = wasm_target::ensure()?;
    let step = say::step("Browser's part");
    let arguments = ["build", "--package", "rebound-app", "--lib", "--target", wasm_target::WASM];
    let features = ["--no-default-features", "--features", "hydrate", "--profile", mode.profile()];
    run(toolchain.cargo().args(arguments).args(features))?;
    step.done("");

    let step = say::step("Site");
    // Two builds at once would write the same files: the second waits here.
    let lock = File::create(target_dir().join("site.lock")).context("cannot write into the target folder")?;
    lock.lock().context("cannot lock target/site.lock")?;
    let package = package(mode)?;
    let mut files = Files::default();
    files.add_folder("pkg", &package)?;
    match stylesheet::bundle(&root().join("style/main.css"))? {
        Some(css) => files.add(format!("pkg/{OUTPUT_NAME}.css"), css.into_bytes()),
        None => say::note("no style/main.css: the site has no style"),
    }
    files.add_folder("", &root().join("public"))?;
    let changed = files.write(&folder(), mode)?;
    if !changed.is_empty() {
        run(tool()?.arg("compress").args(&changed))?;
    }
    step.done(&format!("{} files in {}", files.len(), site_files::shown(&folder())));
    Ok(())
}

/// Runs wasm-bindgen and wasm-opt if the cargo output is not the one they saw last.
/// The folder with what belongs into `pkg/`.
fn package(mode: Mode) -> Result<PathBuf> {
    let profile = if mode == Mode::Dev { "debug" } else { mode.profile() };
    let wasm = target_dir().join(wasm_target::WASM).join(profile).join("rebound_app.wasm");
    let bytes = fs::read(&wasm).with_context(|| format!("cargo left no {}", wasm.display()))?;
    let optimiser = if mode == Mode::Release { optimiser()? } else { None };

    let stage = target_dir().join("site-stage");
    let (out, stamp_file) = (stage.join(mode.name()), stage.join(format!("{}.stamp", mode.name())));
    let stamp = stamp(&bytes, mode, optimiser.as_deref());
    if fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        say::note("the wasm is the same as last time: wasm-bindgen and wasm-opt have nothing to do");
        return Ok(out);
    }
    // Gone first: half a package must not look like a whole one.
    for path in [&stamp_file, &out] {
        site_files::remove(path)?;
    }
    fs::create_dir_all(&out)?;
    run(tool()?.args(["bindgen", mode.name()]).arg(&wasm).arg(&out).arg(OUTPUT_NAME))?;

    // Leptos asks for `rebound.wasm` where LEPTOS_OUTPUT_NAME was set when it was compiled.
    let (raw, named) = (out.join(format!("{OUTPUT_NAME}_bg.wasm")), out.join(format!("{OUTPUT_NAME}.wasm")));
    match optimiser {
        Some(program) => {
            run(command("node", []).arg(program).args(WASM_OPT).arg(&raw).arg("-o").arg(&named))?;
            fs::remove_file(&raw)?;
        }
        None => fs::rename(&raw, &named)?,
    }
    fs::write(&stamp_file, stamp)?;
    Ok(out)
}

/// wasm-opt from npm, if this machine has npm. Without it the site is larger, and works.
fn optimiser() -> Result<Option<PathBuf>> {
    if !is_installed("node") || !is_installed("npm") {
        say::note("no node or npm: wasm-opt is left out, the wasm will be about a sixth larger");
        return Ok(None);
    }
    packages::npm_ci()?;
    let program = root().join("end2end/node_modules/.bin/wasm-opt");
    Ok(Some(program.canonicalize().context("npm's `binaryen` has no wasm-opt")?))
}

/// What the package was made from, in one line. Guards against needless work, not against an attacker.
fn stamp(wasm: &[u8], mode: Mode, optimiser: Option<&Path>) -> String {
    let mut hasher = DefaultHasher::new();
    (wasm, mode, OUTPUT_NAME, WASM_OPT).hash(&mut hasher);
    let optimiser =
        optimiser.and_then(|path| path.ancestors().find_map(|up| fs::read(up.join("package.json")).ok()));
    optimiser.hash(&mut hasher);
    format!("{:016x} {} bytes", hasher.finish(), wasm.len())
}

/// The program with wasm-bindgen and the compressors; built when it is first needed.
/// Optimised, because brotli takes twenty times as long without.
fn tool() -> Result<std::process::Command> {
    let mut build = command("cargo", ["build", "--release", "--package", "xtask-site"]);
    let program = target_dir().join("release/xtask-site");
    if !program.exists() {
        say::note("building wasm-bindgen and the compressors; once, about a minute");
    }
    run(&mut build)?;
    Ok(command(&program.to_string_lossy(), []))
}
