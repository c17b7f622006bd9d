//! A true MongoDB server for tests: the one that `REBOUND_TEST_MONGODB_URL` names, or one of the test program's own.
//!
//! Its own server keeps its data in a folder of its own, wants a login, and ends with the test program, however that ends.
//! Never installs one: `cargo xtask test` does, into `target/mongodb`.

#![expect(clippy::expect_used, reason = "a test panics where something is not as it must be")]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
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

const USER: &str = "rebound";
const PASSWORD: &str = "rebound-test";

/// Longest wait for the server's first answer. It takes about a second, on a machine that is not busy.
const START_MAX: Duration = Duration::from_secs(60);

/// Runs a server until this program ends: its end closes the pipe that `cat` reads, also where it was killed. A terminal's
/// Ctrl-C reaches the shell too, and must not end it before it has ended the server.
const WATCHED: &str = r#"
trap '' INT TERM HUP
(trap - INT TERM HUP; exec "$@") &
cat > /dev/null
kill -"$ENDED_BY" $!
wait
[ -z "$REMOVED_AT_THE_END" ] || rm -rf "$REMOVED_AT_THE_END"
"#;

/// The connection string of a server that this test program may write to.
///
/// # Panics
/// If none is named and none is installed, or it does not start; the text says what to do.
pub async fn url() -> &'static str {
    static SERVER: OnceCell<(String, Option<Own>)> = OnceCell::const_new();
    let server = SERVER.get_or_init(async || match std::env::var(URL) {
        Ok(url) => (url, None),
        Err(_) => {
            let own = Own::start().await;
            (own.url_of(USER, PASSWORD), Some(own))
        }
    });
    &server.await.0
}

/// A server of this program's own.
struct Own {
    port: u16,
    /// Its end of the pipe is the server's life.
    _watched: Mutex<Child>,
}

/// Whether the server wants a login.
#[derive(Clone, Copy)]
enum Logins {
    Wanted,
    NotWanted,
}

impl Own {
    /// Starts it as it is first without a login, makes the user, and starts it again with one.
    async fn start() -> Self {
        let program = program();
        let folder = tempfile::tempdir().expect("there is room for the server's data").keep();
        let port = free_port();
        let mut open = run(&program, &folder, port, Logins::NotWanted);
        let url = format!("mongodb://127.0.0.1:{port}/?directConnection=true");
        let user = doc! { "createUser": USER, "pwd": PASSWORD, "roles": ["root"] };
        answers(&url, user, &folder).await;
        drop(open.stdin.take());
        open.wait().expect("the shell ends when its pipe is closed");
        let own = Self { port, _watched: Mutex::new(run(&program, &folder, port, Logins::Wanted)) };
        answers(&own.url_of(USER, PASSWORD), doc! { "ping": 1 }, &folder).await;
        own
    }

    fn url_of(&self, user: &str, password: &str) -> String {
        format!("mongodb://{user}:{password}@127.0.0.1:{}/?directConnection=true", self.port)
    }
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

fn run(program: &Path, folder: &Path, port: u16, logins: Logins) -> Child {
    let log = File::options().create(true).append(true).open(log_in(folder)).expect("the log can be written");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCHED, "sh"]).arg(program);
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--log-level", "WARNING"]);
    command.arg("--storage-path").arg(folder.join("data"));
    match logins {
        // In order, so that the user is kept.
        Logins::NotWanted => command.env("ENDED_BY", "TERM").env_remove("REMOVED_AT_THE_END"),
        Logins::Wanted => command.arg("--auth").env("ENDED_BY", "KILL").env("REMOVED_AT_THE_END", folder),
    };
    let errors = log.try_clone().expect("the log can be written twice");
    command.stdin(Stdio::piped()).stdout(log).stderr(errors);
    command.spawn().expect("there is a shell")
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
