//! Turns what SQLite and the file system say into [`StoreError`].
//!
//! Never hides a code: where SQLite gives one, the message carries it.

use std::io;
use std::path::Path;

use rebound_engine::ports::StoreError;
use rusqlite::ffi;

/// What went wrong inside a job, before it is known which job it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// SQLite said no.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    /// Already in the words of the port.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl Fault {
    /// In the words of the port: `act` on the file at `path` failed with this.
    pub(super) fn of(self, act: &str, path: &Path) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sqlite(error) => from_sqlite(act, path, &error),
        }
    }
}

/// The extended code, where SQLite itself failed.
pub(super) fn code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|failure| failure.extended_code)
}

fn from_sqlite(act: &str, path: &Path, error: &rusqlite::Error) -> StoreError {
    let Some(code) = code(error) else {
        // What is left is about values of an unexpected type, or rows that are not there.
        return StoreError::Damaged(format!("{}: {act}: {error}", path.display()));
    };
    let text = format!("{}: {act}: {error} (SQLite code {code})", path.display());
    match code {
        ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE => return StoreError::Full(text),
        ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_SHORT_READ => return StoreError::Damaged(text),
        _ => {}
    }
    // The low byte is the family. SQLITE_ERROR means that a statement does not fit the tables: every statement here is
    // constant, so the tables are not what their version says.
    match code & 0xff {
        ffi::SQLITE_FULL => StoreError::Full(text),
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_ERROR => StoreError::Damaged(text),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
            StoreError::Unavailable(format!("{text}. Another program holds the file; end it"))
        }
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM | ffi::SQLITE_CANTOPEN => {
            StoreError::Unavailable(format!("{text}. Let Rebound write to the file and to its directory"))
        }
        _ => StoreError::Unavailable(text),
    }
}

/// In the words of the port: `act` on the file at `path` failed with `error`.
pub(super) fn from_io(act: &str, path: &Path, error: &io::Error) -> StoreError {
    let text = format!("{}: {act}: {error}", path.display());
    let kind = error.kind();
    if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
    {
        return StoreError::Full(text);
    }
    let advice = if matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
        ". Let Rebound write to the file and to its directory"
    } else if matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        ". Make the directory, or name another"
    } else {
        ""
    };
    StoreError::Unavailable(text + advice)
}
