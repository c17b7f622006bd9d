//! What makes this installation recognisable among servers that share a store: a number in a file of its own, which one process
//! at a time may use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use rand::RngExt as _;
use rand::distr::Alphanumeric;

/// Length of the number.
const LENGTH: usize = 24;

/// This installation, for as long as this lives. The system lets the file go when the process ends, however it ends, so an
/// earlier run of the same installation is certainly over.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    _held: File,
}

impl Instance {
    /// Takes the number in the file at `path`, or makes one up there.
    ///
    /// # Errors
    /// If another process uses it, or the file cannot be read or written.
    pub(super) fn take(path: &Path) -> anyhow::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let name = path.display();
        let mut file = options.open(path).with_context(|| format!("cannot open {name}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another Rebound uses {name}: stop it, or give this one a configuration in a folder of its own"
                )
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {name}"));
            }
        }
        let mut id = String::new();
        file.read_to_string(&mut id).with_context(|| format!("cannot read {name}"))?;
        let id = id.trim();
        if id.len() == LENGTH && id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Ok(Self { id: id.to_owned(), _held: file });
        }
        let id: String = rand::rng().sample_iter(Alphanumeric).take(LENGTH).map(char::from).collect();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(id.as_bytes()))
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write {name}"))?;
        Ok(Self { id, _held: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_keeps_its_number_and_one_process_uses_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.instance");
        let first = Instance::take(&path).unwrap();
        let refused = Instance::take(&path).unwrap_err().to_string();
        assert!(refused.contains("another Rebound uses"), "{refused}");
        let id = first.id.clone();
        drop(first);
        assert_eq!(Instance::take(&path).unwrap().id, id);
    }

    #[test]
    fn a_file_that_was_cut_off_gets_a_new_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rebound.instance");
        std::fs::write(&path, "half").unwrap();
        let made = Instance::take(&path).unwrap();
        assert_eq!(made.id.len(), LENGTH);
        drop(made);
        assert_eq!(std::fs::read_to_string(&path).unwrap().len(), LENGTH);
    }
}
