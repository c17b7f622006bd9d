//! What waits for a store that refuses it, in a file of its own.
//!
//! A part is one line: a checksum and its JSON. Each is synced before it counts. A line without an end was cut off, by a power
//! failure, and is left out; where another line is not whole, the file is moved aside and what stands before is used.
//! There is a file only while something waits. Never deletes what was not written elsewhere.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use rebound_engine::waiting::{Waited, Waiting, WaitingError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

/// Largest file. An outage fills it in days at the earliest; beyond it what is new waits in memory only.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Most files that are kept aside. Whoever has so many should look at them.
const ASIDE_MAX: u32 = 20;

/// The form of a line. Another one is not understood.
const FORM: u32 = 1;

/// Letters of a line's checksum: enough to tell a cut line from a whole one.
const CHECKSUM_LENGTH: usize = 16;

/// A file of what waits.
#[derive(Debug)]
pub struct WaitingFile {
    path: Arc<PathBuf>,
    bytes_max: u64,
    /// One call at a time, also where the caller has gone.
    turn: Arc<Mutex<()>>,
}

#[derive(Serialize)]
struct Written<'a> {
    form: u32,
    part: &'a Waited,
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

#[derive(Deserialize)]
struct Found {
    part: Waited,
}

impl WaitingFile {
    /// The file at `path`, whether it is there or not.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), bytes_max: BYTES_MAX, turn: Arc::default() }
    }

    async fn run<T: Send + 'static>(
        &self,
        act: &'static str,
        work: impl FnOnce(&Path) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, WaitingError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let path = Arc::clone(&self.path);
        let working = tokio::task::spawn_blocking(move || {
            let done = work(&path).map_err(|fault| fault.of(act, &path));
            drop(turn);
            done
        });
        working.await.unwrap_or_else(|_| {
            Err(WaitingError::Failed(format!("{}: {act}: it broke off", self.path.display())))
        })
    }
}

#[async_trait]
impl Waiting for WaitingFile {
    async fn read(&self) -> Result<Vec<Waited>, WaitingError> {
        self.run("read what waits for the store", |path| Ok(read(path)?)).await
    }

    async fn append(&self, part: &Waited) -> Result<(), WaitingError> {
        let (part, bytes_max) = (part.clone(), self.bytes_max);
        let work = move |path: &Path| {
            let line = line(&part)?;
            fits(path, length(path)? + line.len() as u64, bytes_max)?;
            Ok(append(path, &line)?)
        };
        self.run("keep what waits for the store", work).await
    }

    async fn replace(&self, all: &[Waited]) -> Result<(), WaitingError> {
        let (all, bytes_max) = (all.to_vec(), self.bytes_max);
        let work = move |path: &Path| {
            let lines = all.iter().map(line).collect::<Result<Vec<_>, _>>()?.concat();
            fits(path, lines.len() as u64, bytes_max)?;
            Ok(replace(path, &lines)?)
        };
        self.run("replace what waits for the store", work).await
    }

    async fn set_aside(&self) -> Result<String, WaitingError> {
        let work = |path: &Path| Ok(move_aside(path)?.display().to_string());
        self.run("move what waits for the store aside", work).await
    }
}

/// What went wrong inside a call.
enum Fault {
    Disk(io::Error),
    Json(serde_json::Error),
    Full(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl Fault {
    fn of(self, act: &str, path: &Path) -> WaitingError {
        let name = path.display();
        let (why, advice) = match self {
            Self::Full(text) => return WaitingError::Full(text),
            Self::Json(error) => (error.to_string(), ""),
            Self::Disk(error) => (error.to_string(), advice_on(&error)),
        };
        WaitingError::Failed(format!("{name}: {act}: {why}{advice}"))
    }
}

fn advice_on(error: &io::Error) -> &'static str {
    let kind = error.kind();
    if matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
        ". Let Rebound read and write the file and its folder"
    } else if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        ". Free some disk space"
    } else {
        ""
    }
}

fn fits(path: &Path, bytes: u64, bytes_max: u64) -> Result<(), Fault> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(Fault::Full(format!("{} would have {bytes} bytes, and may have {bytes_max}", path.display())))
}

fn line(part: &Waited) -> Result<Vec<u8>, Fault> {
    let json = serde_json::to_string(&Written { form: FORM, part })?;
    Ok(format!("{} {json}\n", checksum(json.as_bytes())).into_bytes())
}

fn checksum(json: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(json).iter().take(CHECKSUM_LENGTH / 2) {
        // Writing into a text cannot fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

/// The part that a line holds.
fn parse(line: &[u8]) -> Result<Waited, String> {
    let (sum, json) = line.split_at_checked(CHECKSUM_LENGTH).ok_or("it is too short")?;
    let json = json.strip_prefix(b" ").ok_or("it has no checksum")?;
    if checksum(json).as_bytes() != sum {
        return Err("its checksum is another one".to_owned());
    }
    let form: Form = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    if form.form != FORM {
        return Err(format!("it has form {}, and this Rebound understands {FORM}", form.form));
    }
    serde_json::from_slice::<Found>(json).map(|found| found.part).map_err(|error| error.to_string())
}

fn read(path: &Path) -> io::Result<Vec<Waited>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(BYTES_MAX * 2).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let name = path.display();
    let (mut parts, mut good) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(whole) = line.strip_suffix(b"\n") else {
            // It was being written when the power failed: it never counted.
            tracing::warn!("the last line of {name} was cut off in the middle and is left out");
            OpenOptions::new().write(true).open(path)?.set_len(good as u64)?;
            break;
        };
        match parse(whole) {
            Ok(part) => {
                parts.push(part);
                good += line.len();
            }
            Err(why) => {
                let number = parts.len() + 1;
                let place = move_aside(path)?;
                tracing::error!(
                    why,
                    "line {number} of {name} is damaged; the file is kept as {}, and what stands before that line is used",
                    place.display()
                );
                replace(path, bytes.get(..good).unwrap_or_default())?;
                break;
            }
        }
    }
    Ok(parts)
}

fn length(path: &Path) -> io::Result<u64> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(file.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = owner_only().append(true).create(true).open(path)?;
    let there = file.metadata()?.len();
    if let Err(error) = file.write_all(line).and_then(|()| file.sync_data()) {
        // What was written of it must not stand before the next line. If that fails as well, all is replaced later.
        file.set_len(there).ok();
        return Err(error);
    }
    if is_new { sync_folder_of(path) } else { Ok(()) }
}

fn replace(path: &Path, lines: &[u8]) -> io::Result<()> {
    if lines.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => sync_folder_of(path),
        };
    }
    let new = beside(path, "new");
    let mut file = owner_only().write(true).create(true).truncate(true).open(&new)?;
    file.write_all(lines)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    sync_folder_of(path)
}

fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let free = (1..=ASIDE_MAX).map(|number| beside(path, &format!("aside-{number}"))).find(|to| !to.exists());
    let place = free.ok_or_else(|| {
        io::Error::other(format!(
            "there are {ASIDE_MAX} such files already: look at them, and move them away"
        ))
    })?;
    std::fs::rename(path, &place)?;
    sync_folder_of(path)?;
    Ok(place)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file; the file system keeps names safe by itself.
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        return File::open(folder.unwrap_or(Path::new(".")))?.sync_all();
    }
    Ok(())
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
