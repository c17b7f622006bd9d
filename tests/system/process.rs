//! The program itself as a child process: started, killed, asked to end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use rebound_sim::Sim;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;
use tokio::sync::OnceCell;

use crate::api::Api;
use crate::configuration::{Plan, SECRETS};
use crate::site::{PATIENCE, eventually};

/// A folder with a configuration that the program is started on, again and again.
pub(crate) struct Place {
    folder: TempDir,
}

/// A program that serves.
pub(crate) struct Program {
    pub(crate) api: Api,
    child: Child,
}

impl Place {
    /// A folder with this configuration.
    pub(crate) fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rebound.toml"), text).unwrap();
        Self { folder }
    }

    /// A folder with the configuration of `plan`.
    pub(crate) fn planned(plan: &Plan, host: &Sim) -> Self {
        Self::with(&plan.text(host))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program that knows the configuration and the secrets, and nothing else.
    pub(crate) async fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program().await);
        command.args(words).arg("--config").arg(self.path("rebound.toml"));
        command.env_clear().envs(SECRETS).env("REBOUND_LOG", "debug").env("LEPTOS_OUTPUT_NAME", "rebound");
        command
    }

    /// Runs it to its end: exit code, what it said, what it complained of.
    pub(crate) async fn run(&self, words: &[&str]) -> (Option<i32>, String, String) {
        let ended = tokio::process::Command::from(self.command(words).await).output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (ended.status.code(), text(ended.stdout), text(ended.stderr))
    }

    /// Starts to serve, and waits until everything runs.
    pub(crate) async fn serve(&self) -> Program {
        let ready = self.path("ready.json");
        std::fs::remove_file(&ready).ok();
        let mut command = self.command(&["serve"]).await;
        command.arg("--ready-file").arg(&ready);
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        command.stdout(Stdio::from(log.try_clone().unwrap())).stderr(Stdio::from(log));
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        let told = eventually("the ready file", PATIENCE, async || {
            if let Some(ended) = child.try_wait().unwrap() {
                panic!("the program ended with {ended}: {}", self.log());
            }
            serde_json::from_slice::<Value>(&std::fs::read(&ready).ok()?).ok()
        })
        .await;
        Program { api: Api::at(told["address"].as_str().unwrap()), child }
    }

    /// Everything that all programs of this place have said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Program {
    /// Kills it as a power failure would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, as a service manager does.
    pub(crate) fn ask_to_end(&self) {
        self.signal("-TERM");
    }

    /// Stops it in its tracks.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on where it was.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) async fn ends(mut self) -> ExitStatus {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap()
    }
}

/// The program, built if nobody says where it is.
pub(crate) async fn program() -> &'static Path {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    let built = BUILT.get_or_init(async || {
        if let Some(path) = std::env::var_os("REBOUND_BIN") {
            return PathBuf::from(path);
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut build = tokio::process::Command::new(env!("CARGO"));
        let built =
            build.args(["build", "--package", "rebound-server"]).current_dir(root).status().await.unwrap();
        assert!(built.success(), "the program cannot be built");
        // This test is `target/debug/deps/system-…`.
        let here = std::env::current_exe().unwrap();
        here.ancestors().nth(2).unwrap().join("rebound")
    });
    built.await
}
