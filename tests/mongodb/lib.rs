//! A true MongoDB server for tests: the one that `REBOUND_TEST_MONGODB_URL` names, or one of the test program's own.
//!
//! Its own server keeps its data in a folder of its own, wants a login, and ends with the test program, however that ends.
//! A test that kills or freezes a server has one for itself: [`Server`].
//! Never installs one: `cargo xtask test` does, into `target/mongodb`.

#![expect(clippy::expect_used, reason = "a test panics where something is not as it must be")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use tokio::sync::OnceCell;

/// The variable that names a server to test against: a connection string with a user who may do everything.
pub const URL: &str = "REBOUND_TEST_MONGODB_URL";

/// What `cargo xtask test` installs.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Where it is, below the folder that cargo builds into.
const INSTALLED: &str = "mongodb/installed";
const PROGRAM: &str = "mongodb/venv/bin/secantusd-py";

/// While there is a file of this name in the folder, that is not removed with the end of its server.
const KEPT: &str = "kept";

const USER: &str = "rebound";
const PASSWORD: &str = "rebound-test";

/// Longest wait for the server's first answer. It takes about a second, on a machine that is not busy.
const START_MAX: Duration = Duration::from_secs(60);

/// Runs a server until this program ends: its end closes the pipe that `cat` reads, also where it was killed. A terminal's
/// Ctrl-C reaches the shell too, and must not end it before it has ended the server.
const WATCHED: &str = r#"
trap '' INT TERM HUP
(trap - INT TERM HUP; exec "$@" > "$FOLDER/log" 2>&1) &
echo $!
cat > /dev/null
kill -"$ENDED_BY" $!
wait
[ -e "$FOLDER/kept" ] || rm -rf "$FOLDER"
"#;

/// The connection string of a server that this test program may write to.
///
/// # Panics
/// If none is named and none is installed, or it does not start; the text says what to do.
pub async fn url() -> &'static str {
    static SERVER: OnceCell<(String, Option<Server>)> = OnceCell::const_new();
    let server = SERVER.get_or_init(async || match std::env::var(URL) {
        Ok(url) => (url, None),
        Err(_) => {
            let own = Server::start().await;
            (own.url(), Some(own))
        }
    });
    &server.await.0
}

/// A server of a test's own, always the one that is installed: it may be killed and frozen.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    running: Mutex<Option<Running>>,
}

/// Its end of the pipe is the server's life.
#[derive(Debug)]
struct Running {
    shell: Child,
    /// The server itself.
    id: String,
}

/// Whether the server wants a login.
#[derive(Clone, Copy)]
enum Logins {
    Wanted,
    NotWanted,
}

impl Server {
    /// Starts it as it is first without a login, makes the user, and starts it again with one.
    ///
    /// # Panics
    /// If none is installed, or it does not start; the text says what to do.
    pub async fn start() -> Self {
        let program = program();
        let folder = tempfile::tempdir().expect("there is room for the server's data").keep();
        let port = free_port();
        keep(&folder);
        let mut open = run(&program, &folder, port, Logins::NotWanted);
        let url = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
        let user = doc! { "createUser": USER, "pwd": PASSWORD, "roles": ["root"] };
        answers(&url, user, &folder).await;
        drop(open.shell.stdin.take());
        open.shell.wait().expect("the shell ends when its pipe is closed");
        let own = Self { program, folder, port, running: Mutex::new(None) };
        own.start_again().await;
        own
    }

    /// Its connection string.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mongodb://{USER}:{PASSWORD}@127.0.0.1:{}/?directConnection=true", self.port)
    }

    /// Kills it as a power failure would, and returns when it is gone. Its data stays.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&self) {
        let mut running = self.running().take().expect("it runs");
        keep(&self.folder);
        drop(running.shell.stdin.take());
        running.shell.wait().expect("the shell ends when its pipe is closed");
    }

    /// Starts it on its data, at its old address, and returns once it answers.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn start_again(&self) {
        let running = run(&self.program, &self.folder, self.port, Logins::Wanted);
        *self.running() = Some(running);
        fs::remove_file(self.folder.join(KEPT)).expect("it was made before the last end");
        answers(&self.url(), doc! { "ping": 1 }, &self.folder).await;
    }

    /// Stops it in the middle of what it does: connections stay, and nothing answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let running = self.running();
        let id = &running.as_ref().expect("it runs").id;
        let sent = Command::new("kill").args([signal, id]).status().expect("there is a kill");
        assert!(sent.success(), "the server with the id {id} takes no {signal}");
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut running) = self.running().take() {
            drop(running.shell.stdin.take());
            // Nothing can be done about a shell that does not end.
            running.shell.wait().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Lets the folder outlive the server that runs in it.
fn keep(folder: &Path) {
    File::create(folder.join(KEPT)).expect("the folder can be written");
}

/// The installed server.
fn program() -> PathBuf {
    // This test is `target/debug/deps/…`, or deeper.
    let here = std::env::current_exe().expect("a test knows where it is");
    let is_installed = |target: &&Path| {
        fs::read_to_string(target.join(INSTALLED)).is_ok_and(|installed| installed == REQUIREMENTS)
    };
    let target = here.ancestors().find(is_installed);
    target.map(|target| target.join(PROGRAM)).unwrap_or_else(|| {
        panic!(
            "no MongoDB server for tests is installed in target/mongodb. Run `cargo xtask test` once, which installs {}, or \
             name a server in {URL}",
            REQUIREMENTS.trim()
        )
    })
}

fn run(program: &Path, folder: &Path, port: u16, logins: Logins) -> Running {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCHED, "sh"]).arg(program);
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--log-level", "WARNING"]);
    command.arg("--storage-path").arg(folder.join("data"));
    match logins {
        // In order, so that the user is kept.
        Logins::NotWanted => command.env("ENDED_BY", "TERM"),
        Logins::Wanted => command.arg("--auth").env("ENDED_BY", "KILL"),
    };
    command.env("FOLDER", folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = command.spawn().expect("there is a shell");
    let mut id = String::new();
    let said = shell.stdout.as_mut().expect("it was asked for");
    BufReader::new(said).read_line(&mut id).expect("the shell says the server's id");
    Running { shell, id: id.trim().to_owned() }
}

/// Waits until the server at `url` has carried `command` out.
async fn answers(url: &str, command: Document, folder: &Path) {
    let mut options = ClientOptions::parse(url).await.expect("it is a connection string");
    options.server_selection_timeout = Some(START_MAX);
    let client = Client::with_options(options).expect("the options fit");
    let answer = client.database("admin").run_command(command).await;
    client.shutdown().immediate(true).await;
    if let Err(error) = answer {
        let log = fs::read_to_string(log_in(folder)).unwrap_or_default();
        panic!("the MongoDB server for tests does not start: {error}\nIt said:\n{log}");
    }
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// A port that was free a moment ago: the server cannot choose one and say which.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
    listener.local_addr().expect("it listens").port()
}
