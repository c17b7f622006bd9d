use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::StateRecord;
use rebound_engine::waiting::Mark;
use tempfile::TempDir;

use super::*;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("rebound.waiting")
    }

    fn file(&self) -> WaitingFile {
        WaitingFile::new(self.path())
    }

    fn names(&self) -> Vec<String> {
        let listed = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// With three parts, and the text of its file.
    async fn with_three() -> (Self, String) {
        let place = Self::new();
        for number in 1..=3 {
            place.file().append(&part(number)).await.unwrap();
        }
        let text = std::fs::read_to_string(place.path()).unwrap();
        (place, text)
    }
}

fn part(number: u64) -> Waited {
    let fact = Fact::Phase { phase: "Suspect".to_owned(), because: "a line\nwith a break".to_owned() };
    let at = Timestamp::from_ms(i64::try_from(number).unwrap());
    let entry = JournalEntry { at, target: None, incident: None, fact };
    Waited {
        since: Mark { chain: u64::MAX, entries: 0, state: 0 },
        owner: None,
        number,
        entries: vec![(number, entry)],
        state: vec![StateRecord { key: "shared".to_owned(), body: format!("{{\"at\":{number}}}") }],
    }
}

#[tokio::test]
async fn what_is_added_is_read_in_order_and_only_its_owner_may() {
    let (place, _) = Place::with_three().await;
    assert_eq!(place.file().read().await, Ok((1..=3).map(part).collect()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn there_is_a_file_only_while_something_waits() {
    let place = Place::new();
    assert_eq!(place.file().read().await, Ok(vec![]));
    place.file().replace(&[part(1), part(2)]).await.unwrap();
    assert_eq!(place.file().read().await, Ok(vec![part(1), part(2)]));
    place.file().replace(&[]).await.unwrap();
    place.file().replace(&[]).await.unwrap();
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[tokio::test]
async fn a_line_that_was_cut_off_anywhere_is_left_out_and_what_comes_later_is_whole() {
    let (place, text) = Place::with_three().await;
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    for cut in last..text.len() {
        std::fs::write(place.path(), &text[..cut]).unwrap();
        assert_eq!(place.file().read().await, Ok(vec![part(1), part(2)]), "cut at {cut}");
        place.file().append(&part(4)).await.unwrap();
        assert_eq!(place.file().read().await, Ok(vec![part(1), part(2), part(4)]), "cut at {cut}");
    }
    assert_eq!(place.names(), ["rebound.waiting"]);
}

/// A file system can have the length of a file before its content: whether that line counted is not known.
#[tokio::test]
async fn a_last_line_of_which_the_disk_has_zeros_is_not_used_and_kept_aside() {
    let (place, text) = Place::with_three().await;
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    let mut bytes = text.into_bytes();
    let end = bytes.len() - 1;
    bytes[last + 40..end].fill(0);
    std::fs::write(place.path(), bytes).unwrap();
    assert_eq!(place.file().read().await, Ok(vec![part(1), part(2)]));
    assert_eq!(place.names(), ["rebound.waiting", "rebound.waiting.aside-1"]);
}

#[tokio::test]
async fn a_damaged_file_is_kept_aside_and_what_stands_before_the_damage_is_used() {
    let (place, text) = Place::with_three().await;
    let damaged = text.replacen("\"number\":2", "\"number\":7", 1);
    std::fs::write(place.path(), &damaged).unwrap();
    assert_eq!(place.file().read().await, Ok(vec![part(1)]));
    assert_eq!(place.file().read().await, Ok(vec![part(1)]), "also the next time");
    assert_eq!(std::fs::read_to_string(place.path().with_extension("waiting.aside-1")).unwrap(), damaged);
}

#[tokio::test]
async fn a_form_that_is_not_known_is_kept_aside() {
    let place = Place::new();
    let json = "{\"form\":2}";
    std::fs::write(place.path(), format!("{} {json}\n", checksum(json.as_bytes()))).unwrap();
    assert_eq!(place.file().read().await, Ok(vec![]));
    assert_eq!(place.names(), ["rebound.waiting.aside-1"]);
}

#[tokio::test]
async fn what_is_set_aside_gets_a_name_of_its_own_and_a_full_shelf_is_said() {
    let place = Place::new();
    for number in 1..=ASIDE_MAX {
        place.file().append(&part(1)).await.unwrap();
        let to = place.file().set_aside().await.unwrap();
        assert!(to.ends_with(&format!("rebound.waiting.aside-{number}")), "{to}");
    }
    place.file().append(&part(2)).await.unwrap();
    let refused = place.file().set_aside().await.unwrap_err().to_string();
    assert!(refused.contains("there are 20 such files already"), "{refused}");
    assert_eq!(place.file().read().await, Ok(vec![part(2)]), "it is still there");
}

#[tokio::test]
async fn beyond_the_limit_nothing_is_added_and_what_is_there_stays() {
    let place = Place::new();
    place.file().append(&part(1)).await.unwrap();
    let there = std::fs::metadata(place.path()).unwrap().len();
    let file = WaitingFile { bytes_max: there + 10, ..place.file() };
    let refused = file.append(&part(2)).await.unwrap_err();
    assert!(matches!(&refused, WaitingError::Full(text) if text.contains("may have")), "{refused:?}");
    assert!(matches!(file.replace(&[part(1), part(2)]).await, Err(WaitingError::Full(_))));
    assert_eq!(file.read().await, Ok(vec![part(1)]));
    file.replace(&[part(2)]).await.unwrap();
    assert_eq!(file.read().await, Ok(vec![part(2)]));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said() {
    let file = WaitingFile::new(PathBuf::from("/nonexistent/folder/rebound.waiting"));
    let refused = file.append(&part(1)).await.unwrap_err().to_string();
    assert!(refused.starts_with("/nonexistent/folder/rebound.waiting: keep what waits"), "{refused}");
}
