//! The program as an operator's tool: it talks to a server, says what became of it, and ends with a code that scripts read.

use std::process::Stdio;

use rebound::incident::Recovery;
use rebound::view::{Board, ReadinessState};
use rebound_sim::{Fault, GithubMode, RestartMode};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::api::{FAR_AHEAD, token};
use crate::configuration::RECONNECT;
use crate::process::program;
use crate::site::{Site, Spoken, a_site, site};

/// A terminal with a token of its own.
pub(crate) struct Terminal {
    pub(crate) server: String,
    pub(crate) token: String,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    said: String,
    complaint: String,
}

impl Terminal {
    fn at(site: &Site) -> Self {
        Self { server: site.base.clone(), token: token("night shift", FAR_AHEAD) }
    }

    /// Runs the program with these words.
    async fn runs(&self, words: &[&str]) -> Ended {
        self.types(words, "").await
    }

    /// As [`Terminal::runs`], with something typed into it.
    async fn types(&self, words: &[&str], typed: &str) -> Ended {
        let mut command = bare(words).await;
        command.env("REBOUND_SERVER", &self.server).env("REBOUND_TOKEN", &self.token);
        ends(command, typed).await
    }

    /// Runs it to a good end. Returns what it said.
    pub(crate) async fn does(&self, words: &[&str]) -> String {
        let ended = self.runs(words).await;
        assert_eq!((ended.code, ended.complaint.as_str()), (Some(0), ""), "{words:?}: {ended:?}");
        ended.said
    }
}

#[tokio::test]
async fn what_an_emergency_would_lack_is_shown_and_ends_with_one() {
    let making = a_site().await;
    making.host.github_mode(GithubMode::BadToken).await;
    let site = making.start().await;
    let id = "github.token/mt5/restart host";
    site.until("a token that is refused", |board| {
        board.readiness.iter().any(|view| view.id == id && view.state == ReadinessState::NotReady)
    })
    .await;
    let ended = Terminal::at(&site).runs(&["readiness"]).await;
    assert_eq!((ended.code, ended.complaint.as_str()), (Some(1), ""), "{ended:?}");
    for words in ["not ready", "GitHub refuses the token", "In an emergency:", "To do:", "GITHUB_TOKEN"] {
        assert!(ended.said.contains(words), "no \"{words}\" in {}", ended.said);
    }
    let early = Terminal::at(&site).runs(&["readiness", "--check"]).await;
    assert_eq!(early.code, Some(1));
    assert!(early.complaint.contains("once in 1 min at most"), "{early:?}");
}

#[tokio::test]
async fn a_drill_from_a_terminal_waits_for_its_end_and_says_what_to_mend() {
    let site = site().await;
    let terminal = Terminal::at(&site);
    let passed = terminal.runs(&["drill", "mt5"]).await;
    assert_eq!((passed.code, passed.complaint.as_str()), (Some(0), ""), "{passed:?}");
    for words in
        ["mt5: passed", "The intent is kept", "If the terminal has lost its connection", "It would start"]
    {
        assert!(passed.said.contains(words), "no \"{words}\" in {}", passed.said);
    }

    site.host.github_mode(GithubMode::BadToken).await;
    let failed = terminal.runs(&["drill", "--all"]).await;
    assert_eq!(failed.code, Some(1), "{failed:?}");
    for words in ["mt5: failed", "GitHub refuses the token", "To do:", "GITHUB_TOKEN"] {
        assert!(failed.said.contains(words), "no \"{words}\" in {}", failed.said);
    }
    let listed = terminal.runs(&["drill"]).await;
    assert_eq!(listed.code, Some(1));
    assert!(listed.said.contains("none is scheduled") && listed.said.contains("Held before"), "{listed:?}");
}

/// The program with these words, and no environment.
async fn bare(words: &[&str]) -> Command {
    let mut command = Command::new(program().await);
    command.args(words).env_clear().kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn ends(mut command: Command, typed: &str) -> Ended {
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A program that reads nothing may have ended by now.
    input.write_all(typed.as_bytes()).await.ok();
    drop(input);
    let ended = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), said: text(ended.stdout), complaint: text(ended.stderr) }
}

#[tokio::test]
async fn the_status_of_what_is_well_is_calm_and_ends_with_0() {
    let site = site().await;

    let said = Terminal::at(&site).does(&["status"]).await;

    assert!(said.starts_with("All 7 accounts are syncing."), "{said}");
    assert!(said.contains("mt5  fine  Healthy  seen "), "{said}");
    assert!(!said.contains('\u{1b}'), "a pipe gets no colours: {said:?}");
}

#[tokio::test]
async fn the_status_of_what_needs_a_person_ends_with_4_and_says_what_to_acknowledge() {
    let site = a_site().await.without_remedies().start().await;
    site.is_well().await;
    let terminal = Terminal::at(&site);
    site.host.break_link().await;
    let board = site.until("a banner", |board| !board.banners.is_empty()).await;
    let alert = board.banners[0].alert.unwrap();

    let ended = terminal.runs(&["status"]).await;
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(
        ended.said.contains("Needs a person") && ended.said.contains(&format!("alert {alert}, ")),
        "{ended:?}"
    );

    let said = terminal.does(&["ack", &alert.to_string()]).await;
    assert!(said.contains(&format!("Alert {alert} is acknowledged.")), "{said}");
    site.until("no banner", |board| board.banners.is_empty()).await;
    assert_eq!(site.incidents().await[0].acknowledged.as_ref().unwrap().by, "night shift");
}

#[tokio::test]
async fn the_status_of_one_target_tells_its_checks_accounts_and_remedies() {
    let site = site().await;

    let said = Terminal::at(&site).does(&["status", "mt5"]).await;

    for told in ["terminal.broker_link", "1000001", "USD", "reconnect terminal", "restart host", "next look"]
    {
        assert!(said.contains(told), "no {told} in {said}");
    }
}

#[tokio::test]
async fn the_status_as_json_is_the_board() {
    let site = site().await;
    let terminal = Terminal::at(&site);

    let board: Board = serde_json::from_str(&terminal.does(&["status", "--json"]).await).unwrap();
    let view: rebound::view::TargetView =
        serde_json::from_str(&terminal.does(&["status", "mt5", "--json"]).await).unwrap();

    assert_eq!((board.targets.len(), &board.targets[0].id), (1, &view.id));
}

#[tokio::test]
async fn a_sync_waits_for_what_was_read() {
    let site = site().await;

    let said = Terminal::at(&site).does(&["sync", "mt5"]).await;

    assert!(said.contains("7 of 7 accounts were read"), "{said}");
    assert_eq!(site.board().await.requests[0].by, "night shift");
}

#[tokio::test]
async fn a_sync_of_a_silent_bridge_is_no_success() {
    let site = a_site().await.without_remedies().with(Fault::ProcessDown).await.start().await;

    let ended = Terminal::at(&site).runs(&["sync", "mt5"]).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.contains("No account was read"), "{ended:?}");
    assert!(ended.complaint.contains("gave no usable answer"), "{ended:?}");
}

#[tokio::test]
async fn a_heal_is_told_beforehand_and_starts_with_the_typed_word_only() {
    let site = site().await;
    let terminal = Terminal::at(&site);

    let ended = terminal.types(&["heal", "mt5"], "yes\n").await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.contains("It would start \"reconnect terminal\""), "{ended:?}");
    assert!(ended.complaint.contains("nothing was started"), "{ended:?}");
    site.was_left_alone().await;

    let ended = terminal.types(&["heal", "mt5"], "HEAL\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let incident = site.recovers().await;
    assert_eq!(incident.steps[0].asked_by.as_deref(), Some("night shift"));
}

#[tokio::test]
async fn a_heal_is_followed_to_its_proof() {
    let site = site().await;

    let said =
        Terminal::at(&site).does(&["heal", "mt5", "--remedy", "restart host", "--yes", "--follow"]).await;

    assert!(said.contains("night shift asked for \"restart host\""), "{said}");
    assert!(said.contains("is over: recovered after \"restart host\", "), "{said}");
    let incident = &site.incidents().await[0];
    assert_eq!(incident.closed.as_ref().unwrap().how, Recovery::AfterHeal("restart host".to_owned()));
    let lines: Vec<&str> = said.lines().collect();
    let mut told = lines.clone();
    told.dedup();
    assert_eq!(lines, told, "nothing is told twice");
}

#[tokio::test]
async fn a_followed_heal_that_helps_nothing_ends_with_1() {
    let site = a_site().await.heals("cooldown = \"0s\"", &[RECONNECT]).start().await;
    site.is_well().await;
    site.host.restart_mode(RestartMode::Lies).await;
    site.does("/api/v1/targets/mt5/pause", &serde_json::json!({ "for": "1h" })).await;
    site.host.break_link().await;
    site.shows("Paused").await;

    let ended = Terminal::at(&site).runs(&["heal", "mt5", "--yes", "--follow"]).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.starts_with("Started \"reconnect terminal\""), "{ended:?}");
    assert!(ended.complaint.contains("the heal did not help."), "{ended:?}");
}

#[tokio::test]
async fn whoever_stops_looking_at_a_heal_stops_nothing() {
    let site = site().await;
    site.host.restart_mode(RestartMode::Slow).await;
    site.host.restart_delay(3.s()).await;
    let terminal = Terminal::at(&site);
    let mut command = bare(&["heal", "mt5", "--yes", "--follow"]).await;
    command.env("REBOUND_SERVER", &terminal.server).env("REBOUND_TOKEN", &terminal.token);
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = output.next_line().await.unwrap() {
        // It looks by now, and so knows Ctrl-C.
        if line.contains("Planned") {
            break;
        }
    }

    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
    let mut rest = Vec::new();
    while let Some(line) = output.next_line().await.unwrap() {
        rest.push(line);
    }

    assert_eq!(child.wait().await.unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.concat().contains("The heal goes on. `rebound status mt5` shows it"), "{rest:?}");
    assert_eq!(
        site.recovers().await.closed.unwrap().how,
        Recovery::AfterHeal("reconnect terminal".to_owned())
    );
}

#[tokio::test]
async fn a_heal_inside_the_cooldown_is_refused_until_it_is_lifted() {
    let site = a_site().await.heals("cooldown = \"10m\"", &[RECONNECT]).start().await;
    site.is_well().await;
    let terminal = Terminal::at(&site);
    terminal.does(&["heal", "mt5", "--yes", "--follow"]).await;

    let ended = terminal.runs(&["heal", "mt5", "--yes"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.complaint.contains("the last heal was less than"), "{ended:?}");
    let ended = terminal.runs(&["heal", "mt5", "--yes", "--lift-cooldown", "please"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(site.host.restarts().await, 1);

    terminal.does(&["heal", "mt5", "--yes", "--lift-cooldown", "mt5"]).await;
    site.until("a second heal", |board| board.targets[0].recent.len() == 2).await;
}

#[tokio::test]
async fn a_heal_that_runs_is_stopped_from_the_terminal() {
    let site = site().await;
    let terminal = Terminal::at(&site);
    // The program may have to be built first, which takes longer than the heal.
    terminal.does(&["status"]).await;
    site.host.restart_mode(RestartMode::Slow).await;
    site.host.restart_delay(20.s()).await;
    site.host.break_link().await;
    site.shows("Healing").await;

    let said = terminal.does(&["stop", "mt5"]).await;

    assert!(said.contains("is being stopped"), "{said}");
    let stopped =
        |board: &Board| board.targets[0].incident.as_ref().is_some_and(|incident| incident.stopped.is_some());
    let board = site.until("a stopped incident", stopped).await;
    assert_eq!(board.targets[0].incident.as_ref().unwrap().stopped.as_ref().unwrap().by, "night shift");
}

#[tokio::test]
async fn pauses_begin_and_end_for_one_and_for_all() {
    let site = site().await;
    let terminal = Terminal::at(&site);

    for whom in ["mt5", "--all"] {
        let said = terminal.does(&["pause", whom, "--for", "2h"]).await;
        assert!(said.contains("is paused until"), "{said}");
        site.until("the pause", |board| board.targets[0].pause.is_some()).await;
        let said = terminal.does(&["status"]).await;
        assert!(said.contains("paused until ") && said.contains("(in 1 h 59 min), by night shift"), "{said}");
        let said = terminal.does(&["resume", whom]).await;
        assert!(said.contains("goes on"), "{said}");
        site.until("no pause", |board| board.targets[0].pause.is_none()).await;
    }
    let ended = terminal.runs(&["resume", "--all"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.complaint.contains("is not paused"), "{ended:?}");
}

#[tokio::test]
async fn planned_work_begins_is_listed_and_ends() {
    let site = site().await;
    let terminal = Terminal::at(&site);
    assert!(terminal.does(&["maintenance", "list"]).await.contains("No work is planned."));

    terminal.does(&["maintenance", "start", "mt5", "--for", "90m", "--name", "new VPS"]).await;
    site.until("the work", |board| board.targets[0].maintenance.is_some()).await;
    let listed = terminal.does(&["maintenance", "list"]).await;
    assert!(listed.starts_with("new VPS  mt5  until ") && listed.contains("by night shift"), "{listed}");
    let said = terminal.does(&["maintenance", "end", "mt5"]).await;
    assert!(said.contains("is over"), "{said}");
}

#[tokio::test]
async fn a_dry_run_a_move_an_explanation_and_the_ledger_are_asked_for_in_words() {
    let site = site().await;
    let terminal = Terminal::at(&site);

    assert!(terminal.does(&["dry-run", "mt5", "on"]).await.contains("Nothing is really done"));
    assert!(terminal.does(&["dry-run", "mt5", "off"]).await.contains("Heals are really done"));
    terminal.does(&["dry-run", "mt5", "as-configured"]).await;
    let said =
        terminal.does(&["moved", "mt5", "--for", "4h", "--account", "1000001", "--account", "1000002"]).await;
    assert!(said.contains("taken as moved capital"), "{said}");
    let board = site.until("the declaration", |board| !board.targets[0].declared.is_empty()).await;
    assert_eq!(board.targets[0].declared[0].by.as_deref(), Some("night shift"));
    let said = terminal.does(&["moved", "mt5", "--take-back"]).await;
    assert!(said.contains("judged as always again"), "{said}");
    site.until("the end of the declaration", |board| board.targets[0].declared.is_empty()).await;
    let said = terminal.does(&["explain", "mt5"]).await;
    assert!(said.contains("Why is it in this phase?\n  Healthy: No check fails."), "{said}");
    assert!(terminal.does(&["ledger"]).await.contains("Nothing was healed yet."));

    site.host.break_link().await;
    site.recovers().await;
    let said = terminal.does(&["ledger"]).await;
    assert!(said.lines().any(|line| line.starts_with("fault") && line.contains("p95 at most")), "{said}");
    assert!(said.lines().nth(1).is_some_and(|line| line.contains("soft")), "{said}");
    let said = terminal.does(&["ledger", "mt5"]).await;
    assert!(said.contains("reconnect terminal"), "{said}");
}

#[tokio::test]
async fn words_that_are_no_command_and_values_out_of_range_end_with_2() {
    let site = a_site().await.start().await;
    let terminal = Terminal::at(&site);

    for (words, told) in [
        (vec!["pause", "--for", "2h"], "--all"),
        (vec!["pause", "mt5", "--all", "--for", "2h"], "cannot be used with"),
        (vec!["pause", "mt5"], "--for"),
        (vec!["pause", "mt5", "--for", "8d"], "for = \"8d\" is outside of 1 min to 7 d"),
        (vec!["pause", "..", "--for", "2h"], "more than dots"),
        (vec!["dry-run", "mt5", "maybe"], "as-configured"),
        (vec!["moved", "mt5", "--for", "4h", "--account", "x"], "--account"),
        (vec!["status", "My Bridge"], "cannot name a target"),
        (vec!["status", "--server", "ftp://example.com"], "neither http: nor https:"),
        (vec!["status", "--token", "abc"], "--token"),
    ] {
        let ended = terminal.runs(&words).await;
        assert_eq!(ended.code, Some(2), "{words:?}: {ended:?}");
        assert!(ended.complaint.contains(told), "{words:?}: {ended:?}");
    }
    assert!(site.board().await.requests.is_empty(), "nothing was asked for");
}

#[tokio::test]
async fn targets_and_alerts_that_are_none_end_with_1() {
    let site = a_site().await.start().await;
    let terminal = Terminal::at(&site);

    for words in [
        vec!["status", "none"],
        vec!["sync", "none"],
        vec!["heal", "none"],
        vec!["explain", "none"],
        vec!["ack", "99"],
    ] {
        let ended = terminal.runs(&words).await;
        assert_eq!(ended.code, Some(1), "{words:?}: {ended:?}");
        assert!(ended.complaint.contains("rebound status"), "{words:?}: {ended:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_with_3() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let terminal = Terminal { server: server.clone(), token: token("night shift", FAR_AHEAD) };

    let ended = terminal.runs(&["status"]).await;

    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.complaint.contains(&format!("{server} is not reached")), "{ended:?}");
    assert!(ended.complaint.contains("REBOUND_SERVER"), "{ended:?}");
}

#[tokio::test]
async fn without_a_good_token_it_ends_with_3_and_never_shows_one() {
    let site = a_site().await.start().await;
    let mut command = bare(&["status", "--server", &site.base]).await;
    command.env("REBOUND_SERVER", "http://127.0.0.1:9");
    let ended = ends(command, "").await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.complaint.contains("REBOUND_TOKEN"), "{ended:?}");

    for wrong in ["a-wrong-token-k4", "", "two words k4"] {
        let terminal = Terminal { token: wrong.to_owned(), ..Terminal::at(&site) };
        let ended = terminal.runs(&["status"]).await;
        assert_eq!(ended.code, Some(3), "{wrong}: {ended:?}");
        assert!(
            !ended.complaint.contains("k4") && ended.complaint.contains("rebound token"),
            "{wrong}: {ended:?}"
        );
    }
}

#[tokio::test]
async fn the_token_may_stand_in_a_file() {
    let site = site().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{}\n", token("from a file", FAR_AHEAD))).unwrap();
    let file = file.to_str().unwrap();

    let command = bare(&["sync", "mt5", "--server", &site.base, "--token-file", file]).await;
    let ended = ends(command, "").await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(site.board().await.requests[0].by, "from a file");
    let command = bare(&["status", "--server", &site.base, "--token-file", "/nowhere/token"]).await;
    let ended = ends(command, "").await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.complaint.contains("/nowhere/token"), "{ended:?}");
}

#[tokio::test]
async fn a_server_that_is_no_rebound_is_told_so() {
    let site = a_site().await.start().await;
    let terminal =
        Terminal { server: site.host.bridge_url.to_string(), token: token("night shift", FAR_AHEAD) };

    let ended = terminal.runs(&["status"]).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.said, "");
}
