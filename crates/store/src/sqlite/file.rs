//! The file itself: made for its owner only, used by one Rebound at a time, copied without half copies.
//!
//! Never reads or writes what is in it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rebound_engine::ports::StoreError;

use super::failure::from_io;

/// Makes an empty file at `path` if there is none, readable and writable for its owner only. Returns its full path.
pub(super) fn create_private(path: &Path) -> Result<PathBuf, StoreError> {
    match private(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(from_io("create", path, &error)),
    }
    let full = fs::canonicalize(path).map_err(|error| from_io("find", path, &error))?;
    if !full.is_file() {
        return Err(StoreError::Unavailable(format!(
            "{} is not a file. Name a file for the store",
            full.display()
        )));
    }
    Ok(full)
}

/// The right to use a store's file, held while this lives. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _held: File,
}

impl FileLock {
    /// Takes the right to the file at `path`. Its sign is a lock on `<path>.lock`, which is left behind and means nothing
    /// by itself.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = beside(path, ".lock");
        let file = open_private(&lock_path).map_err(|error| from_io("open", &lock_path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "another Rebound uses {}. Stop it, or give this one its own file",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(from_io("lock", &lock_path, &error)),
        }
    }
}

/// A copy in the making. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Copy {
    part: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Makes `<target>.part`, empty, for its owner only.
    pub(super) fn begin(target: &Path) -> Result<Self, StoreError> {
        if target.exists() {
            return Err(already_there(target));
        }
        let part = beside(target, ".part");
        match private(&part) {
            Ok(_) => Ok(Self { part, target: target.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(already_there(&part)),
            Err(error) => Err(from_io("create", &part, &error)),
        }
    }

    /// Where the copy is written, for an SQL statement.
    pub(super) fn part_for_sql(&self) -> Result<&str, StoreError> {
        self.part.to_str().ok_or_else(|| {
            StoreError::Unavailable(format!("{} is not Unicode. Name another file", self.part.display()))
        })
    }

    /// Makes the copy safe from a crash of the machine and gives it its name.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        let synced = OpenOptions::new().write(true).open(&self.part).and_then(|file| file.sync_all());
        synced.map_err(|error| from_io("sync", &self.part, &error))?;
        // A hard link refuses to replace a file that has appeared meanwhile, which a rename does not.
        fs::hard_link(&self.part, &self.target)
            .or_else(|error| {
                let taken = error.kind() == io::ErrorKind::AlreadyExists;
                if taken { Err(error) } else { fs::rename(&self.part, &self.target) }
            })
            .map_err(|error| from_io("name", &self.target, &error))?;
        sync_directory_of(&self.target)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.part)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.part.display(), %error, "an unfinished copy cannot be removed");
        }
    }
}

fn already_there(path: &Path) -> StoreError {
    StoreError::Unavailable(format!(
        "{} is there already. Move it away, or name another file",
        path.display()
    ))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn private(path: &Path) -> io::Result<File> {
    owner_only().create_new(true).open(path)
}

fn open_private(path: &Path) -> io::Result<File> {
    owner_only().create(true).truncate(false).open(path)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn sync_directory_of(path: &Path) -> Result<(), StoreError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| from_io("sync", directory, &error))
}

#[cfg(not(unix))]
fn sync_directory_of(_: &Path) -> Result<(), StoreError> {
    // There a directory cannot be opened as a file; the file system keeps names safe by itself.
    Ok(())
}
