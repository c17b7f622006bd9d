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
    held: File,
    /// The file of the lock, where it was not there before.
    made: Option<PathBuf>,
}

impl FileLock {
    /// Takes the right to the file at `path`. Its sign is a lock on `<path>.lock`, which is left behind and means nothing
    /// by itself.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = beside(path, ".lock");
        let made = (!lock_path.exists()).then(|| lock_path.clone());
        let held = open_private(&lock_path).map_err(|error| from_io("open", &lock_path, &error))?;
        match held.try_lock() {
            Ok(()) => Ok(Self { held, made }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "another Rebound uses {}. Stop it, or give this one its own file",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(from_io("lock", &lock_path, &error)),
        }
    }

    /// Gives the right back, and leaves nothing beside a file that is not ours.
    pub(super) fn discard(self) {
        let Self { held, made } = self;
        drop(held);
        if let Some(path) = made
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(path = %path.display(), %error, "a lock that is not needed cannot be removed");
        }
    }
}

/// The store's file and its write-ahead log, as they were when they were opened.
///
/// A file that is removed or replaced while it is open can be written all the same, and what is written is gone with the last
/// program that has it open. On Unix the number of the file at the path tells. Elsewhere it cannot be told: nothing is compared
/// there, and Windows does not let a file be removed while SQLite has it open.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    files: Vec<(PathBuf, Identity)>,
}

impl Opened {
    /// Remembers the files at `path`, which were just opened.
    pub(super) fn now(path: &Path) -> Result<Self, StoreError> {
        let files = [path.to_owned(), beside(path, "-wal")].into_iter().map(|file| {
            let identity = identity(&file).map_err(|error| from_io("look at", &file, &error))?;
            Ok((file, identity))
        });
        Ok(Self { files: files.collect::<Result<_, StoreError>>()? })
    }

    /// Whether what is written is still in the files that have those names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], with what to do, if it is not.
    pub(super) fn still_there(&self) -> Result<(), StoreError> {
        match self.files.iter().find(|(path, opened)| !identity(path).is_ok_and(|met| met == *opened)) {
            None => Ok(()),
            Some((path, _)) => Err(StoreError::Unavailable(format!(
                "{} is not the file any more that Rebound opened: it was removed, moved or replaced, and what is written now \
                 would be lost. Move the file back to its place with its -wal and -shm, and Rebound goes on by itself; if it \
                 is gone, restart Rebound, which then begins with what is there",
                path.display()
            ))),
        }
    }
}

/// Device and number of a file.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Identity> {
    Ok(())
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

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
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
