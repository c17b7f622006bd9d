//! Whether what happens could be written down: room on the disk that the store is on, and how long history is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rebound::readiness::{Finding, LookRequest, Part, Seen, Trouble};
use rebound::time::spoken;
use rebound_engine::ports::Preflight;

/// Looks at the folder that Rebound writes to.
#[derive(Debug)]
pub struct StoreLook {
    /// `None` where everything is kept in memory.
    folder: Option<PathBuf>,
    /// The share of room below which it is told of, in percent.
    at_risk_percent: u8,
    /// How long journal entries are kept.
    kept: Duration,
}

impl StoreLook {
    /// Looks at the disk of `folder`, where there is one, which is told of below `at_risk_percent` of room; journal entries are
    /// kept for `kept`.
    #[must_use]
    pub const fn new(folder: Option<PathBuf>, at_risk_percent: u8, kept: Duration) -> Self {
        Self { folder, at_risk_percent, kept }
    }
}

#[async_trait]
impl Preflight for StoreLook {
    async fn look(&self, request: &LookRequest) -> Vec<Finding> {
        let at = request.asked_at;
        let Some(folder) = &self.folder else {
            let why = "the store is memory only: everything is forgotten at the end";
            let missing = Trouble::new(why, "Name a file under store.path");
            return vec![Finding { part: Part::Kept, at, seen: Seen::Missing(missing) }];
        };
        let kept = Seen::Works(format!(
            "journal entries are kept for {}, incidents and alerts for ever",
            spoken(self.kept)
        ));
        vec![
            Finding { part: Part::Disk, at, seen: room(folder.clone(), self.at_risk_percent).await },
            Finding { part: Part::Kept, at, seen: kept },
        ]
    }
}

/// The room as `df` counts it: of all that Rebound may write or is written, without what is kept for others.
async fn room(folder: PathBuf, at_risk_percent: u8) -> Seen {
    // A path that is told from somewhere says nothing to whoever reads it elsewhere.
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let place = format!("the disk of {}", folder.display());
    // A disk of a network that is gone may take its time.
    let room = tokio::task::spawn_blocking(move || {
        let (free, written) = (fs4::available_space(&folder)?, written(&folder)?);
        Ok::<_, std::io::Error>((free, written.saturating_add(free)))
    });
    match room.await {
        Ok(Ok((free, total))) => Seen::Room { place, free, total, at_risk_percent },
        Ok(Err(error)) => Seen::NotSeen(format!("the room on {place} cannot be told: {error}")),
        Err(error) => Seen::NotSeen(format!("the room on {place} was not looked at: {error}")),
    }
}

fn written(folder: &Path) -> std::io::Result<u64> {
    Ok(fs4::total_space(folder)?.saturating_sub(fs4::free_space(folder)?))
}

#[cfg(test)]
mod tests {
    use rebound::time::Timestamp;

    use super::*;

    async fn disk_of(folder: PathBuf) -> Seen {
        let now = Timestamp::from_civil(2026, 11, 23, 12, 0);
        let request = LookRequest { remedies: Vec::new(), drill: None, asked_at: now, deadline: now };
        let found = StoreLook::new(Some(folder), 10, Duration::from_secs(86_400)).look(&request).await;
        found.into_iter().find(|finding| finding.part == Part::Disk).unwrap().seen
    }

    #[tokio::test]
    async fn a_disk_tells_its_room_and_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let Seen::Room { free, total, .. } = disk_of(folder.path().to_owned()).await else {
            panic!("a folder is on a disk")
        };
        assert!(free <= total && total > 0, "{free} of {total}");
    }

    #[tokio::test]
    async fn a_store_in_memory_says_that_it_forgets() {
        let now = Timestamp::from_ms(0);
        let request = LookRequest { remedies: Vec::new(), drill: None, asked_at: now, deadline: now };
        let found = StoreLook::new(None, 10, Duration::from_secs(86_400)).look(&request).await;
        assert!(matches!(found.as_slice(), [Finding { part: Part::Kept, seen: Seen::Missing(_), .. }]));
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(disk_of(gone).await, Seen::NotSeen(why) if why.contains("cannot be told")));
    }
}
