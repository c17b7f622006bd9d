mod numbers;
mod places;

use std::io::Cursor;

use rebound_engine::ports::StateRecord;
use sha2::Digest as _;

use super::*;
use crate::MemoryStore;
use crate::conformance::samples;

/// A store with a little of everything, more than a page of it.
async fn a_source() -> MemoryStore {
    let store = MemoryStore::new();
    for number in 1..=400 {
        let ended = samples::closed(samples::incident(number, "mt5"));
        let entries = [
            samples::phase(i64::try_from(number).unwrap()),
            samples::fact_of_incident(ended),
            samples::fact_of_alert(samples::alert(number)),
        ];
        store.commit(&entries, &[]).await.unwrap();
    }
    store.commit(&samples::every_fact(), &state()).await.unwrap();
    // What the journal has forgotten: incidents and alerts are kept for ever.
    store.put(&[samples::closed(samples::incident(1_000, "mt5"))], &[samples::alert(1_000)]).await.unwrap();
    for number in 1..=2 {
        assert!(store.revise(&samples::revision(number, "anna")).await.unwrap());
    }
    store
}

fn state() -> [StateRecord; 3] {
    ["alive", "shared/2", "target/mt5"].map(|key| samples::record(key, "a \"text\" 接続なし"))
}

async fn contents(store: &dyn Store) -> Contents {
    survey(&mut StoreRecords::of(store), &mut |_| {}).await.unwrap()
}

/// Runs a whole transfer.
async fn transfer(from: &dyn Store, to: &dyn Recipient) -> Result<Start, TransferError> {
    let whole = contents(from).await;
    let begun = start(to, &whole, &mut |_| {}).await?;
    if begun != Start::AlreadyThere {
        copy(&mut StoreRecords::of(from), to, begun.journal(), &mut |_| {}).await?;
        finish(to, &whole, &mut |_| {}).await?;
    }
    Ok(begun)
}

/// The lines of an export of `store`.
async fn exported(store: &dyn Store) -> Vec<u8> {
    let whole = contents(store).await;
    let mut file = Vec::new();
    export(&mut StoreRecords::of(store), &whole, &mut file, "x.jsonl", &mut |_| {}).await.unwrap();
    file
}

async fn an_export() -> String {
    String::from_utf8(exported(&a_source().await).await).unwrap()
}

/// What `file` holds, or why it cannot be used.
async fn read(file: impl Into<Vec<u8>>) -> Result<Contents, String> {
    let file = Box::new(Cursor::new(file.into()));
    let mut reader = ExportReader::open("x.jsonl", file).map_err(|error| error.to_string())?;
    survey(&mut reader, &mut |_| {}).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn everything_goes_over_and_is_found_to_be_the_same() {
    let (from, to) = (a_source().await, MemoryStore::new());
    assert_eq!(transfer(&from, &to).await.unwrap(), Start::Anew);
    let whole = contents(&from).await;
    assert_eq!(contents(&to).await, whole);
    assert_eq!(
        whole.counts(),
        [("journal", 1_210), ("incidents", 401), ("alerts", 401), ("settings", 2), ("state", 3)]
    );
    assert_eq!(to.load_state().await.unwrap(), state());
    assert_eq!(to.begun().await, Ok(None));
}

#[tokio::test]
async fn a_second_transfer_finds_everything_there() {
    let (from, to) = (a_source().await, MemoryStore::new());
    transfer(&from, &to).await.unwrap();
    assert_eq!(transfer(&from, &to).await.unwrap(), Start::AlreadyThere);
}

/// A source that ends with a failure after some pages.
struct CutOff<'a> {
    records: StoreRecords<'a>,
    pages: usize,
}

#[async_trait::async_trait]
impl Records for CutOff<'_> {
    async fn next(&mut self) -> Result<Option<Page>, TransferError> {
        self.pages = self.pages.checked_sub(1).ok_or(StoreError::Unavailable("cut off".to_owned()))?;
        self.records.next().await
    }
}

#[tokio::test]
async fn a_transfer_that_was_cut_off_anywhere_goes_on_where_it_was() {
    let from = a_source().await;
    let whole = contents(&from).await;
    for pages in 0..8 {
        let to = MemoryStore::new();
        start(&to, &whole, &mut |_| {}).await.unwrap();
        let mut records = CutOff { records: StoreRecords::of(&from), pages };
        copy(&mut records, &to, 0, &mut |_| {}).await.unwrap_err();
        assert_eq!(to.begun().await.unwrap().map(|begun| begun.whole).as_deref(), Some(whole.sha256()));

        let Start::GoesOn { journal } = transfer(&from, &to).await.unwrap() else { panic!("it began anew") };

        assert_eq!(journal, [0, 500, 1_000, 1_210][pages.min(3)]);
        assert_eq!(contents(&to).await, whole);
    }
}

#[tokio::test]
async fn the_state_comes_last() {
    let (from, to) = (a_source().await, MemoryStore::new());
    let whole = contents(&from).await;
    start(&to, &whole, &mut |_| {}).await.unwrap();
    let mut records = CutOff { records: StoreRecords::of(&from), pages: 6 };
    copy(&mut records, &to, 0, &mut |_| {}).await.unwrap_err();
    assert_eq!(
        contents(&to).await.counts(),
        [("journal", 1_210), ("incidents", 401), ("alerts", 401), ("settings", 2), ("state", 0)]
    );
}

#[tokio::test]
async fn a_destination_with_something_else_is_refused_and_left_as_it_was() {
    let (from, to) = (a_source().await, MemoryStore::new());
    to.commit(&[samples::phase(1)], &[]).await.unwrap();
    let before = contents(&to).await;
    let refused = transfer(&from, &to).await.unwrap_err().to_string();
    assert!(
        refused.starts_with("the destination is not empty: it holds journal 1, incidents 0"),
        "{refused}"
    );
    assert_eq!((contents(&to).await, to.begun().await), (before, Ok(None)));
}

#[tokio::test]
async fn the_beginning_of_another_transfer_is_refused() {
    let (from, to) = (a_source().await, MemoryStore::new());
    to.begin("of another").await.unwrap();
    let refused = transfer(&from, &to).await.unwrap_err().to_string();
    assert!(
        refused.contains("the beginning of another transfer: that of a source with the sha256 of another"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_arrived_in_another_form_is_told_and_stays_marked() {
    let (from, to) = (a_source().await, MemoryStore::new());
    let whole = contents(&from).await;
    start(&to, &whole, &mut |_| {}).await.unwrap();
    copy(&mut StoreRecords::of(&from), &to, 1, &mut |_| {}).await.unwrap();
    let refused = finish(&to, &whole, &mut |_| {}).await.unwrap_err();
    let TransferError::Differs { sent, found } = refused else { panic!("{refused}") };
    assert_eq!((sent.counts()[0], found.counts()[0]), (("journal", 1_210), ("journal", 1_209)));
    assert!(to.begun().await.unwrap().is_some());
}

#[tokio::test]
async fn the_progress_comes_to_the_number_of_records() {
    let from = a_source().await;
    let mut told = 0;
    let whole = survey(&mut StoreRecords::of(&from), &mut |records| told += records).await.unwrap();
    assert_eq!(told, whole.records());
}

#[tokio::test]
async fn an_export_is_imported_as_it_was() {
    let (from, to) = (a_source().await, MemoryStore::new());
    let file = exported(&from).await;
    let mut reader = ExportReader::open("x.jsonl", Box::new(Cursor::new(file.clone()))).unwrap();
    let whole = reader.whole().clone();
    assert_eq!(start(&to, &whole, &mut |_| {}).await.unwrap(), Start::Anew);
    copy(&mut reader, &to, 0, &mut |_| {}).await.unwrap();
    assert_eq!(finish(&to, &whole, &mut |_| {}).await.unwrap(), contents(&from).await);
    assert_eq!(exported(&to).await, file);
}

#[tokio::test]
async fn the_hash_is_that_of_the_lines_between_the_first_and_the_last() {
    let file = an_export().await;
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    let [first, records @ .., last] = lines.as_slice() else { panic!("it has lines") };
    let hash: String =
        sha2::Sha256::digest(records.concat()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(first.starts_with(r#"{"kind":"rebound_export","version":1,"rebound":""#), "{first}");
    assert!(first.contains(&hash) && last.contains(&hash), "{hash} in {first}{last}");
    assert!(last.starts_with(r#"{"kind":"rebound_export_end","holds":{"journal":1210,"#), "{last}");
}

#[tokio::test]
async fn a_file_cut_off_anywhere_is_refused() {
    let file = an_export().await;
    let last_line = file.trim_end().rfind('\n').unwrap() + 1;
    for end in [last_line, last_line - 1, last_line + 5, file.len() - 1, file.find('\n').unwrap() + 1] {
        let refused = read(&file[..end]).await.unwrap_err();
        assert!(refused.contains("x.jsonl is cut off after line "), "{refused}");
    }
}

#[tokio::test]
async fn a_changed_record_is_noticed() {
    let file = an_export().await;
    let refused =
        read(file.replacen("the story says so, 7\"", "the story says so, 8\"", 1)).await.unwrap_err();
    assert!(refused.contains("It was changed after it was written"), "{refused}");
}

#[tokio::test]
async fn a_bad_line_is_named_by_its_number() {
    let file = an_export().await;
    let line = |number: usize| file.lines().nth(number - 1).unwrap().to_owned();
    for (bad, told) in [
        ("{\"kind\":\"journal\",\"at\":\"soon\"}".to_owned(), "x.jsonl, line 7: cannot be read: "),
        ("no JSON".to_owned(), "x.jsonl, line 7: cannot be read: "),
        ("{\"kind\":\"bot\"}".to_owned(), "x.jsonl, line 7: \"bot\" is no kind of record"),
    ] {
        let refused = read(file.replacen(&line(7), &bad, 1)).await.unwrap_err();
        assert!(refused.starts_with(told), "{refused}");
    }
    let lines = file.lines().count();
    let swapped = file.replacen(&line(lines - 2), &line(2), 1);
    let refused = read(swapped).await.unwrap_err();
    let told = format!("x.jsonl, line {}: \"journal\" is out of order", lines - 2);
    assert!(refused.starts_with(&told), "{refused}");
}

#[tokio::test]
async fn a_line_without_an_end_is_given_up() {
    let head = an_export().await.lines().next().unwrap().to_owned();
    let mut file = format!("{head}\n").into_bytes();
    file.resize(file.len() + LINE_BYTES_MAX + 1, b'x');
    let refused = read(file).await.unwrap_err();
    assert_eq!(refused, "x.jsonl, line 2: has more than 33554432 bytes, which no record has");
}

#[tokio::test]
async fn what_is_no_export_or_of_another_version_is_refused() {
    for other in ["", "\n", "{}\n", "{\"kind\":\"journal\"}\n", "id,name\n"] {
        let refused = read(other).await.unwrap_err();
        assert!(refused.starts_with("x.jsonl, line 1: does not say"), "{refused}");
    }
    let newer = an_export().await.replacen("\"version\":1", "\"version\":2", 1);
    let refused = read(newer).await.unwrap_err();
    assert!(
        refused.contains("has version 2, this Rebound understands version 1. Use the Rebound"),
        "{refused}"
    );
}

#[tokio::test]
async fn two_exports_in_one_file_are_refused() {
    let file = an_export().await;
    let refused = read(file.repeat(2)).await.unwrap_err();
    assert!(refused.contains("stands after the last line of an export"), "{refused}");
}

#[tokio::test]
async fn an_export_of_what_changes_meanwhile_gets_no_last_line() {
    let from = a_source().await;
    let whole = contents(&from).await;
    from.commit(&[samples::phase(1)], &[]).await.unwrap();
    let mut file = Vec::new();
    let refused =
        export(&mut StoreRecords::of(&from), &whole, &mut file, "x.jsonl", &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("Stop the Rebound that writes it"), "{refused}");
    assert!(read(file).await.unwrap_err().contains("is cut off"));
}
