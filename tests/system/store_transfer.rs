//! `rebound store`: what was known moves from one store to another, into a file and back, however often it is cut off.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rebound::monitor::{Fact, JournalEntry};
use rebound::time::Timestamp;
use rebound_engine::ports::{PAGE_MAX, StateRecord, Store as _};
use rebound_store::SqliteStore;
use rebound_test_mongodb::Server;
use tempfile::TempDir;

use crate::configuration::Plan;
use crate::process::{Place, program};
use crate::site::a_host;

/// A folder that commands work in.
struct Folder {
    folder: TempDir,
    program: PathBuf,
}

impl Folder {
    async fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), program: program().await.to_owned() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("store").args(words).current_dir(self.folder.path()).env_clear();
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        Ended::of(self.command(words).output().unwrap())
    }

    /// Runs it with a connection string in the environment.
    fn run_with(&self, url: &str, words: &[&str]) -> Ended {
        let ended = Ended::of(self.command(words).env("REBOUND_MONGODB_URL", url).output().unwrap());
        let password = url.split([':', '@']).nth(2).unwrap();
        assert!(!ended.shown().contains(password), "{ended:?}");
        ended
    }

    /// Kills it as soon as it has copied `records` records; `false` if it came to its end before.
    fn killed_after(&self, url: Option<&str>, records: u64, words: &[&str]) -> bool {
        let mut command = self.command(words);
        command.envs(url.map(|url| ("REBOUND_MONGODB_URL", url))).stderr(Stdio::piped());
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let copied = lines.any(|line| line.starts_with(&format!("copying: {records} of ")));
        child.kill().unwrap();
        child.wait().unwrap();
        copied
    }

    /// A store with so many pages in its journal.
    async fn filled(&self, name: &str, pages: i64) {
        let store = SqliteStore::open(&self.path(name)).await.unwrap();
        for page in 0..pages {
            let entries: Vec<_> = (0..i64::from(PAGE_MAX)).map(|entry| phase(page * 1_000 + entry)).collect();
            store.commit(&entries, &[record("alive")]).await.unwrap();
        }
        store.close().await.unwrap();
    }

    async fn small(&self, name: &str, second: i64) {
        let store = SqliteStore::open(&self.path(name)).await.unwrap();
        store.commit(&[phase(second)], &[record("alive")]).await.unwrap();
        store.close().await.unwrap();
    }
}

#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    said: String,
    complaint: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), said: text(output.stdout), complaint: text(output.stderr) }
    }

    fn shown(&self) -> String {
        format!("{}{}", self.said, self.complaint)
    }

    /// The hash of what arrived; both sides must have it.
    fn hash(&self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        let hash = |side| {
            let line = self.said.lines().find(|line| line.starts_with(side));
            line.and_then(|line| line.split(' ').next_back()).unwrap().to_owned()
        };
        let (sent, found) = (hash("sha256 of the source"), hash("sha256 of the destination"));
        assert_eq!(sent, found);
        assert_eq!(sent.len(), 64, "{sent}");
        sent
    }

    fn refused(&self, why: &str) {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(self.complaint.contains(why), "{self:?}");
    }
}

fn phase(second: i64) -> JournalEntry {
    let fact = Fact::Phase { phase: "Suspect".to_owned(), because: format!("entry {second}") };
    JournalEntry { at: Timestamp::from_ms(second * 1_000), target: None, incident: None, fact }
}

fn record(key: &str) -> StateRecord {
    StateRecord { key: key.to_owned(), body: "{\"version\":1}".to_owned() }
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[tokio::test]
async fn a_migration_that_is_killed_again_and_again_goes_on_where_it_was() {
    let folder = Folder::new().await;
    folder.filled("old.db", 40).await;
    let words = ["migrate", "--from", "sqlite:old.db", "--to", "sqlite:new.db"];
    for copied in [5_000, 10_000, 15_000] {
        assert!(folder.killed_after(None, copied, &words), "it ended before {copied}");
    }
    let half = folder.run(&["export", "--from", "sqlite:new.db"]);
    half.refused("holds a part of a migration or import that did not come to its end");

    let ended = folder.run(&words);
    let hash = ended.hash();

    assert!(ended.complaint.contains("An earlier run was cut off: 1"), "{ended:?}");
    assert!(ended.said.contains("journal           20000         20000"), "{ended:?}");
    assert_eq!(folder.run(&words).hash(), hash, "once more: everything is there");
    let back = ["migrate", "--from", "sqlite:new.db", "--to", "sqlite:again.db"];
    assert_eq!(folder.run(&back).hash(), hash);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_migration_into_a_true_mongodb_that_is_killed_goes_on_where_it_was() {
    let (folder, server) = (Folder::new().await, Server::start().await);
    folder.filled("old.db", 24).await;
    let url = server.url();
    let words = ["migrate", "--from", "sqlite:old.db", "--to", "mongodb:env:REBOUND_MONGODB_URL"];
    for copied in [5_000, 10_000] {
        assert!(folder.killed_after(Some(&url), copied, &words), "it ended before {copied}");
    }
    let half = folder.run_with(&url, &["export", "--from", "mongodb:env:REBOUND_MONGODB_URL"]);
    half.refused("holds a part of a migration or import that did not come to its end");

    let hash = folder.run_with(&url, &words).hash();

    let back = ["migrate", "--from", "mongodb:env:REBOUND_MONGODB_URL", "--to", "sqlite:back.db"];
    assert_eq!(folder.run_with(&url, &back).hash(), hash);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn what_was_known_is_known_again_after_a_way_through_files_and_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let text = Plan::usual(&host).text(&host);
    let place = Place::with(&text);
    let program = place.serve().await;
    program.api.is_well().await;
    host.break_link().await;
    let incident = program.api.recovers().await;
    program.ask_to_end();
    assert_eq!(program.ends().await.code(), Some(0), "{}", place.log());
    // The journal is forgotten, as after 400 days.
    let store = SqliteStore::open(&place.path("rebound.db")).await.unwrap();
    assert!(store.prune(Timestamp::from_ms(i64::MAX)).await.unwrap() > 0);
    store.close().await.unwrap();
    std::fs::write(place.path("mongodb.url"), server.url()).unwrap();
    let folder = Folder::new().await;
    let at = |name: &str| place.path(name).display().to_string();
    let run = |words: &[&str]| folder.run_with(&server.url(), words);

    let file = at("history.jsonl");
    let exported = run(&["export", "--from", &format!("sqlite:{}", at("rebound.db")), "--out", &file]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let imported = run(&["import", "--to", &format!("sqlite:{}", at("second.db")), "--in", &file]);
    let hash = imported.hash();
    assert!(exported.complaint.contains(&hash), "{exported:?}");
    let database = format!("mongodb:file:{}", at("mongodb.url"));
    let to_mongodb = run(&["migrate", "--from", &format!("sqlite:{}", at("second.db")), "--to", &database]);
    let to_a_file = run(&["migrate", "--from", &database, "--to", &format!("sqlite:{}", at("third.db"))]);
    assert_eq!([to_mongodb.hash(), to_a_file.hash()], [hash.clone(), hash]);

    let in_mongodb = text.replace("path = \"rebound.db\"", "url = { file = \"mongodb.url\" }");
    let in_a_file = text.replace("path = \"rebound.db\"", "path = \"third.db\"");
    for configuration in [in_mongodb, in_a_file] {
        std::fs::write(place.path("rebound.toml"), configuration).unwrap();
        let again = place.serve().await;
        again.api.is_well().await;
        assert_eq!(again.api.incident(incident.id).await, incident);
        assert_eq!(again.api.target().await.recent, std::slice::from_ref(&incident));
        again.ask_to_end();
        assert_eq!(again.ends().await.code(), Some(0), "{}", place.log());
    }
    assert_eq!(host.restarts().await, 1, "nothing was healed again");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_over_time_move_along_with_the_store() {
    let host = a_host().await;
    let place = Place::with(&Plan::usual(&host).text(&host));
    let program = place.serve().await;
    program.api.is_well().await;
    program.ask_to_end();
    assert_eq!(program.ends().await.code(), Some(0), "{}", place.log());
    let folder = Folder::new().await;
    let at = |name: &str| format!("sqlite:{}", place.path(name).display());
    let moved_to = |name: &str| {
        let moved = folder.run(&["migrate", "--from", &at("rebound.db"), "--to", &at(name)]);
        moved.hash();
        ["days", "hours", "recordings"].map(|kind| {
            let row = moved.said.lines().find(|line| line.starts_with(kind)).unwrap();
            let counts: Vec<u64> =
                row.split_whitespace().skip(1).map(|count| count.parse().unwrap()).collect();
            assert_eq!(counts[0], counts[1], "{row}");
            counts[0]
        })
    };

    let there = moved_to("second.db");

    assert!(there.iter().all(|count| *count > 0), "{there:?}");
    assert!(place.path("second.history.db").is_file());
    assert_eq!(moved_to("second.db"), there, "once more: everything is there");
    std::fs::remove_file(place.path("rebound.history.db")).unwrap();
    assert_eq!(moved_to("third.db"), [0, 0, 0], "a store without numbers moves as well");
}

#[tokio::test]
async fn a_destination_that_holds_something_else_is_refused_and_left_as_it_was() {
    let folder = Folder::new().await;
    folder.small("old.db", 1).await;
    folder.small("other.db", 2).await;
    let before = bytes(&folder.path("other.db"));

    let refused = folder.run(&["migrate", "--from", "sqlite:old.db", "--to", "sqlite:other.db"]);

    refused.refused("the destination is not empty: it holds journal 1, incidents 0");
    assert_eq!(bytes(&folder.path("other.db")), before);
    let itself = folder.run(&["migrate", "--from", "sqlite:old.db", "--to", "sqlite:./old.db"]);
    itself.refused("--from and --to name the same store");
    let missing = folder.run(&["migrate", "--from", "sqlite:missing.db", "--to", "sqlite:new.db"]);
    missing.refused("there is no store missing.db");
    assert!(!folder.path("missing.db").exists() && !folder.path("new.db").exists());
}

#[tokio::test]
async fn a_store_that_a_rebound_uses_is_not_read() {
    let folder = Folder::new().await;
    folder.small("old.db", 1).await;
    let _used = SqliteStore::open(&folder.path("old.db")).await.unwrap();
    let refused = folder.run(&["export", "--from", "sqlite:old.db"]);
    refused.refused("another Rebound uses");
    assert_eq!(refused.said, "");
}

#[tokio::test]
async fn an_export_is_a_private_file_and_never_replaces_one() {
    let folder = Folder::new().await;
    folder.small("old.db", 1).await;
    let words = ["export", "--from", "sqlite:old.db", "--out", "history.jsonl"];
    assert_eq!(folder.run(&words).code, Some(0));
    let file = folder.path("history.jsonl");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(folder.run(&["export", "--from", "sqlite:old.db"]).said.as_bytes(), bytes(&file));
    folder.run(&words).refused("is written into a file that is not there yet");
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused_before_anything_is_written() {
    let folder = Folder::new().await;
    folder.small("old.db", 1).await;
    let whole = folder.run(&["export", "--from", "sqlite:old.db"]).said;
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    std::fs::write(folder.path("cut.jsonl"), lines[..lines.len() - 1].concat()).unwrap();

    let refused = folder.run(&["import", "--to", "sqlite:new.db", "--in", "cut.jsonl"]);

    refused.refused("cut.jsonl is cut off after line 3");
    assert!(!folder.path("new.db").exists());
    let newer = whole.replacen("\"version\":1", "\"version\":2", 1);
    std::fs::write(folder.path("newer.jsonl"), newer).unwrap();
    let refused = folder.run(&["import", "--to", "sqlite:new.db", "--in", "newer.jsonl"]);
    refused.refused("newer.jsonl, line 1: this export has version 2, this Rebound understands version 1");
}

#[tokio::test]
async fn an_import_from_a_pipe_that_breaks_is_half_done_and_goes_on_with_the_whole() {
    let folder = Folder::new().await;
    folder.small("old.db", 1).await;
    let whole = folder.run(&["export", "--from", "sqlite:old.db"]).said;
    let import = |text: &str| {
        std::fs::write(folder.path("piped"), text).unwrap();
        let piped = std::fs::File::open(folder.path("piped")).unwrap();
        let mut command = folder.command(&["import", "--to", "sqlite:new.db"]);
        Ended::of(command.stdin(piped).output().unwrap())
    };
    import(whole.trim_end()).refused("the standard input is cut off after line 3");
    folder.run(&["export", "--from", "sqlite:new.db"]).refused("holds a part of a migration or import");
    import(&whole).hash();
    assert_eq!(folder.run(&["export", "--from", "sqlite:new.db"]).said, whole);
}

#[tokio::test]
async fn a_connection_string_on_the_command_line_is_refused_and_never_shown() {
    let folder = Folder::new().await;
    let secret = "mongodb://anna:s3cr3t@127.0.0.1/rebound";
    for words in [
        ["migrate", "--from", "sqlite:old.db", "--to", secret],
        ["migrate", "--from", "sqlite:old.db", secret, "--to"],
        ["export", "--from", "mongodb:anna:s3cr3t@127.0.0.1", "--out", "-"],
    ] {
        let refused = folder.run(&words);
        refused.refused("mongodb:env:NAME or mongodb:file:PATH");
        let shown = refused.shown();
        assert!(!shown.contains("s3cr3t") && !shown.contains("anna"), "{shown}");
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = format!("mongodb://anna:s3cr3t@127.0.0.1:{port}/rebound?directConnection=true");
    let unreachable = folder.run_with(&nobody, &["export", "--from", "mongodb:env:REBOUND_MONGODB_URL"]);
    unreachable.refused("cannot open the source, MongoDB, database \"rebound\" on 127.0.0.1");
    assert!(!unreachable.shown().contains("anna"), "{unreachable:?}");
}
