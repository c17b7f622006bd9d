//! The heavy tools of the site build, in a program of their own so that `cargo xtask` itself starts fast.
//!
//! Decides nothing: `cargo xtask site` says which file goes where, and when there is nothing to do.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str =
    "xtask-site bindgen <release|dev> <in.wasm> <out folder> <output name> | xtask-site compress <file>…";

/// Highest quality: the files are written once and sent a thousand times.
const BROTLI_QUALITY: u32 = 11;
/// Largest window that every browser accepts, as a power of two.
const BROTLI_WINDOW_LOG2: u32 = 22;
const BROTLI_BUFFER_BYTES: usize = 64 * 1024;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (verb, rest) = arguments.split_first().context(USAGE)?;
    match (verb.to_str(), rest) {
        (Some("bindgen"), [mode, wasm, folder, name]) => {
            let name = name.to_str().context("the output name is not UTF-8")?;
            bindgen(mode == "dev", Path::new(wasm), Path::new(folder), name)
        }
        (Some("compress"), files) => files.iter().map(PathBuf::from).try_for_each(|file| compress(&file)),
        _ => bail!("usage: {USAGE}"),
    }
}

/// Writes `{name}.js`, `{name}_bg.wasm` and what they import.
fn bindgen(keep_debug: bool, wasm: &Path, folder: &Path, name: &str) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .out_name(name)
        .typescript(false)
        .keep_debug(keep_debug)
        .remove_name_section(!keep_debug)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen cannot read {}", wasm.display()))
}

/// Writes `file.br` and `file.gz` next to `file`.
fn compress(file: &Path) -> Result<()> {
    let plain = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;

    let mut brotli =
        brotli::CompressorWriter::new(Vec::new(), BROTLI_BUFFER_BYTES, BROTLI_QUALITY, BROTLI_WINDOW_LOG2);
    brotli.write_all(&plain)?;
    brotli.flush()?;
    write_sibling(file, "br", &brotli.into_inner())?;

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&plain)?;
    write_sibling(file, "gz", &gzip.finish()?)
}

fn write_sibling(file: &Path, suffix: &str, bytes: &[u8]) -> Result<()> {
    let mut sibling = file.as_os_str().to_owned();
    sibling.push(".");
    sibling.push(suffix);
    fs::write(&sibling, bytes).with_context(|| format!("cannot write {}", Path::new(&sibling).display()))
}
