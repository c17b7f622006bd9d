//! The files of the site: writes those that changed, removes those that are no longer wanted.
//!
//! Never looks into a file, and never compresses: it says which files need it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::root;
use crate::site::Mode;

/// What gets smaller when compressed; pictures and fonts already are.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];
const COMPRESSED: [&str; 2] = ["br", "gz"];

/// Files by their path below the site's folder.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// Adds one file.
    pub(crate) fn add(&mut self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        self.0.insert(path.into(), bytes);
    }

    /// Adds everything in a folder, under `prefix`. A missing folder is an empty one.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn add_folder(&mut self, prefix: impl AsRef<Path>, folder: &Path) -> Result<()> {
        for path in files_in(folder)? {
            let below = path.strip_prefix(folder)?;
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            self.add(prefix.as_ref().join(below), bytes);
        }
        Ok(())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes `folder` hold these files and no others. Returns those whose compressed siblings are missing or old;
    /// in [`Mode::Dev`] there are no siblings.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub(crate) fn write(&self, folder: &Path, mode: Mode) -> Result<Vec<PathBuf>> {
        let mut wanted = BTreeSet::new();
        let mut to_compress = Vec::new();
        for (below, bytes) in &self.0 {
            let path = folder.join(below);
            let siblings = if mode == Mode::Release { siblings(&path) } else { Vec::new() };
            let same = fs::read(&path).is_ok_and(|old| old == *bytes);
            if !same {
                // Gone first: an interrupted build must not leave old siblings beside a new file.
                for sibling in &siblings {
                    remove(sibling)?;
                }
                fs::create_dir_all(path.parent().context("the site has no folder")?)?;
                fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
            }
            if siblings.iter().any(|sibling| !sibling.exists()) {
                to_compress.push(path.clone());
            }
            wanted.extend(siblings);
            wanted.insert(path);
        }
        for path in files_in(folder)?.into_iter().filter(|path| !wanted.contains(path)) {
            remove(&path)?;
        }
        Ok(to_compress)
    }
}

/// Removes a file or a folder; absent is fine.
///
/// # Errors
/// If it is there and cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A path as a person in the project's root would type it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn siblings(path: &Path) -> Vec<PathBuf> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if !COMPRESSIBLE.contains(&extension) {
        return Vec::new();
    }
    COMPRESSED.iter().map(|suffix| path.with_extension(format!("{extension}.{suffix}"))).collect()
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site_with(name: &str, text: &str) -> Files {
        let mut files = Files::default();
        files.add(name, text.as_bytes().to_vec());
        files
    }

    #[test]
    fn a_file_is_compressed_once_and_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let css = folder.path().join("pkg/rebound.css");
        let to_compress =
            |text| site_with("pkg/rebound.css", text).write(folder.path(), Mode::Release).unwrap().len();

        assert_eq!(to_compress("a"), 1);
        for sibling in siblings(&css) {
            fs::write(sibling, "compressed").unwrap();
        }
        assert_eq!(to_compress("a"), 0);
        assert_eq!(to_compress("b"), 1);
        assert!(siblings(&css).iter().all(|sibling| !sibling.exists()));
    }

    #[test]
    fn a_file_that_is_no_longer_wanted_goes() {
        let folder = tempfile::tempdir().unwrap();
        site_with("old.svg", "x").write(folder.path(), Mode::Release).unwrap();
        site_with("new.png", "x").write(folder.path(), Mode::Release).unwrap();

        assert!(!folder.path().join("old.svg").exists());
        assert!(folder.path().join("new.png").exists());
    }
}
