//! The budget for what a phone has to download before the board comes alive.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{say, site};

/// Most that `pkg/rebound.wasm` may weigh on the wire, brotli-compressed.
///
/// 360 kB load in less than two seconds over a slow mobile link (1.6 Mbit/s).
const WASM_BROTLI_MAX_BYTES: u64 = 360_000;

/// Prints the sizes of the built site.
///
/// # Errors
/// If the wasm is over its budget, or the site was not built for release.
pub(crate) fn check() -> Result<()> {
    let package = site::folder().join("pkg");
    println!("   {:<16}{:>12}{:>12}", "", "raw", "brotli");
    let mut wasm_brotli = 0;
    for name in ["rebound.wasm", "rebound.js", "rebound.css"] {
        let file = package.join(name);
        if name.ends_with(".css") && !file.exists() {
            continue;
        }
        let (raw, brotli) = (bytes_of(&file)?, bytes_of(&package.join(format!("{name}.br")))?);
        println!("   {name:<16}{:>12}{:>12}", say::kilobytes(raw), say::kilobytes(brotli));
        if name.ends_with(".wasm") {
            wasm_brotli = brotli;
        }
    }
    let budget = say::kilobytes(WASM_BROTLI_MAX_BYTES);
    if wasm_brotli > WASM_BROTLI_MAX_BYTES {
        bail!(
            "rebound.wasm is {} with brotli, over its budget of {budget}\n  \
             Look for what the last change pulled in: cargo tree -p rebound-app --no-default-features --features hydrate",
            say::kilobytes(wasm_brotli)
        );
    }
    say::note(&format!("rebound.wasm is within its budget of {budget}"));
    Ok(())
}

fn bytes_of(file: &Path) -> Result<u64> {
    let data = fs::metadata(file)
        .with_context(|| format!("cannot read {}\n  Run: cargo xtask site", site_path(file)))?;
    Ok(data.len())
}

fn site_path(file: &Path) -> String {
    crate::site_files::shown(file)
}
