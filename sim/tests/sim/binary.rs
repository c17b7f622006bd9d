//! The command, as a program that starts it meets it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{client, eventually};

/// Ends the command with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve(ready_file: &Path, more: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rebound-sim"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--ready-file"]).arg(ready_file).args(more);
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

async fn addresses(ready_file: &Path) -> Value {
    let text = eventually(async || std::fs::read(ready_file).ok()).await;
    serde_json::from_slice(&text).expect("the file is complete as soon as it is there")
}

#[tokio::test]
async fn everything_listens_when_the_ready_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let _running = serve(&ready_file, &[]);
    let addresses = addresses(&ready_file).await;
    assert_eq!(crate::keys(&addresses), ["bridge", "control", "github", "smtp"]);
    let bridge = client().get(addresses["bridge"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(bridge.status(), 200);
    assert!(std::net::TcpStream::connect(addresses["smtp"].as_str().unwrap()).is_ok());
}

#[tokio::test]
async fn a_ready_file_of_an_earlier_run_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    std::fs::write(&ready_file, "{\"bridge\":\"http://127.0.0.1:1\"}").unwrap();
    let _running = serve(&ready_file, &[]);
    eventually(async || {
        let text = std::fs::read_to_string(&ready_file).ok()?;
        text.contains("control").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_command_breaks_the_link_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let _running = serve(&ready_file, &["--break-link-after", "50ms"]);
    let state = format!("{}/state", addresses(&ready_file).await["control"].as_str().unwrap());
    eventually(async || {
        let state: Value = client().get(&state).send().await.unwrap().json().await.unwrap();
        (state["faults"][0]["name"] == "link_lost").then_some(())
    })
    .await;
}

#[tokio::test]
async fn dialect_front_end_restart_service_and_faults_are_options() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let more = ["--dialect", "conn-bridge", "--api-key", "k", "--web", "--host", "--fault", "trading-off"];
    let _running = serve(&ready_file, &more);
    let addresses = addresses(&ready_file).await;
    assert_eq!(crate::keys(&addresses), ["bridge", "control", "github", "host", "smtp", "web"]);
    let web = client().get(addresses["web"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(web.text().await.unwrap(), "ok");
    let terminal = format!("{}/terminal", addresses["bridge"].as_str().unwrap());
    let terminal = crate::read(client().get(terminal).header("x-api-key", "k")).await;
    assert_eq!((terminal.0, &terminal.1["trade_allowed"]), (200, &Value::Bool(false)));
}

#[test]
fn an_unknown_dialect_or_fault_is_refused_with_a_list() {
    let refused = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rebound-sim"));
        let output = command.arg("serve").args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["--dialect", "f9"]).contains("quant-server"));
    assert!(refused(&["--fault", "gremlins"]).contains("`gremlins` is not known"));
}
