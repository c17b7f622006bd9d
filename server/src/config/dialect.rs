//! The dialect of a bridge: a built-in one by name, or a file.
//!
//! Reads the file here, so that what is wrong with it is told together with everything else.

use std::path::Path;

use rebound_probes::{DIALECT_BYTES_MAX, Dialect};

use super::Problems;

/// The dialect of a bridge that names none: that of the most common bridge.
const DEFAULT: &str = "f2";

const HELP: &str = "docs/DIALECTS.md describes every part of a dialect, and shows a whole one.";

/// The dialect `named`. A file, which is a name that ends in `.toml`, is looked for from `folder` on.
pub(crate) fn check(
    key: &str,
    named: Option<&str>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<Dialect> {
    let named = named.unwrap_or(DEFAULT);
    let read = if named.ends_with(".toml") {
        file(&folder.join(named))
    } else {
        Dialect::preset(named).map_err(|error| error.to_string())
    };
    read.map_err(|what| problems.add(key, &what, HELP)).ok()
}

fn file(path: &Path) -> Result<Dialect, String> {
    let unreadable = |error: std::io::Error| format!("the file {} cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if usize::try_from(length).map_or(true, |length| length > DIALECT_BYTES_MAX) {
        let path = path.display();
        return Err(format!("the file {path} has {length} bytes, a dialect has at most {DIALECT_BYTES_MAX}"));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Dialect::from_toml(&text).map_err(|error| format!("the file {}: {error}", path.display()))
}
