//! What `rebound settings` prints and changes.

use std::time::Duration;

use clap::Subcommand;
use rebound::time::{Timestamp, spoken};
use rebound_engine::service::{SettingsNow, WouldBe};
use rebound_engine::settings::{Changed, Made, Revision, Wanted};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::page::{Page, distance, write_out};
use super::server::{Reach, Server};
use super::trouble::{DONE, Trouble};

/// How often it is asked whether what would have been is counted.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// Longest wait for that.
const COUNTED_MAX: Duration = Duration::from_secs(15 * 60);

/// What is done about settings.
#[derive(Debug, Subcommand)]
pub enum Settings {
    /// Lists every setting that can be changed while Rebound runs, or those whose key holds a text.
    List {
        /// Only keys that hold this.
        part: Option<String>,
        /// Prints them as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Tells what a change would come to, and what it would have done to the last 30 days. Changes nothing.
    Check {
        /// Keys and values, as KEY=VALUE; KEY alone takes a value back to what the file says.
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Changes settings. They hold at once, and after a restart.
    Set {
        /// Keys and values, as KEY=VALUE; KEY alone takes a value back to what the file says.
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
        /// Why, for those who read the log.
        #[arg(long, default_value = "")]
        note: String,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows who changed what and when, newest first.
    Log {
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Takes a change back, with a new one.
    Undo {
        /// Its number, as the log shows it.
        number: u64,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
}

pub(super) async fn run(command: Settings) -> Result<u8, Trouble> {
    match command {
        Settings::List { part, json, reach } => list(&Server::at(&reach)?, part.as_deref(), json).await,
        Settings::Check { changes, reach } => check(&Server::at(&reach)?, &wanted(&changes)).await,
        Settings::Set { changes, note, reach } => set(&Server::at(&reach)?, &wanted(&changes), &note).await,
        Settings::Log { json, reach } => log(&Server::at(&reach)?, json).await,
        Settings::Undo { number, reach } => undo(&Server::at(&reach)?, number).await,
    }
}

fn wanted(changes: &[String]) -> Wanted {
    let changes = changes.iter().map(|change| match change.split_once('=') {
        Some((key, value)) => (key.trim().to_owned(), Some(value.trim().to_owned())),
        None => (change.trim().to_owned(), None),
    });
    changes.collect()
}

async fn now(server: &Server) -> Result<SettingsNow, Trouble> {
    server.get("/api/v1/settings").await
}

async fn list(server: &Server, part: Option<&str>, json: bool) -> Result<u8, Trouble> {
    if json {
        let told: Value = server.get("/api/v1/settings").await?;
        write_out(&format!("{told:#}\n"))?;
        return Ok(DONE);
    }
    let now = now(server).await?;
    let mut page = Page::new();
    for group in &now.groups {
        let parts = group.parts.iter().flat_map(|part| &part.settings);
        let rows = parts.filter(|setting| part.is_none_or(|part| setting.key.contains(part)));
        let rows: Vec<_> = rows
            .map(|setting| {
                let value = setting.value.replace('\n', " | ");
                let file = if setting.is_changed() {
                    format!("file: {}", setting.file.replace('\n', " | "))
                } else {
                    String::new()
                };
                vec![setting.key.as_str().into(), value.into(), file.into()]
            })
            .collect();
        if !rows.is_empty() {
            page.line(&group.name);
            page.table(2, &rows);
            page.gap();
        }
    }
    for trouble in &now.left_out {
        page.line(&format!("Does not hold: {}: {} {}", trouble.key, trouble.what, trouble.help));
    }
    page.line(&match now.revision {
        0 => "Nothing was ever changed: all of it is as the file says.".to_owned(),
        number => format!("As of change {number}."),
    });
    page.print()?;
    Ok(DONE)
}

/// What the server says of a change that was not made.
#[derive(Deserialize)]
struct Checked {
    changes: Vec<Changed>,
    #[serde(default)]
    cautions: Vec<String>,
    would_be: WouldBe,
}

async fn check(server: &Server, wanted: &Wanted) -> Result<u8, Trouble> {
    let body = json!({ "changes": wanted });
    let counted = async {
        loop {
            let checked: Checked = server.post("/api/v1/settings/check", Some(&body)).await?;
            if !matches!(checked.would_be, WouldBe::Running(_)) {
                return Ok(checked);
            }
            sleep(ASKED_EVERY).await;
        }
    };
    let checked = timeout(COUNTED_MAX, counted).await.map_err(|_| {
        Trouble::NotProven("what it would have done was not counted in time; nothing was changed".to_owned())
    })??;
    let mut page = Page::new();
    changes(&mut page, &checked.changes);
    warn(&mut page, &checked.cautions);
    page.gap();
    would_be(&mut page, &checked.would_be);
    page.print()?;
    Ok(DONE)
}

fn changes(page: &mut Page, changes: &[Changed]) {
    if changes.is_empty() {
        page.line("Nothing would change: these values hold already.");
    }
    for changed in changes {
        page.line(&changed.name);
        let by_file = |by_file: bool| if by_file { " (as the file says)" } else { "" };
        page.line(&format!("  - {}{}", one_line(&changed.before.value), by_file(changed.before.by_file)));
        page.line(&format!("  + {}{}", one_line(&changed.after.value), by_file(changed.after.by_file)));
    }
}

/// What a change does that its words do not show.
fn warn(page: &mut Page, cautions: &[String]) {
    for caution in cautions {
        page.line(&format!("Mind: {caution}"));
    }
}

fn one_line(value: &str) -> String {
    if value.is_empty() { "nothing".to_owned() } else { value.replace('\n', " | ") }
}

fn would_be(page: &mut Page, would_be: &WouldBe) {
    match would_be {
        WouldBe::Running(share) => {
            page.line(&format!("What it would have done is being counted: {share} %."))
        }
        WouldBe::Unknown(why) => page.line(&format!("What it would have done is not known. {why}")),
        WouldBe::Counted(found) => {
            let span = spoken(found.to.since(found.from));
            page.line(&format!(
                "The last {span}, judged once more by both settings; reminders are left out:"
            ));
            let (before, after) = (&found.before, &found.after);
            let row =
                |name: &str, before: String, after: String| vec![name.into(), before.into(), after.into()];
            let long = |ms: u64| spoken(Duration::from_millis(ms));
            page.table(
                2,
                &[
                    row("", "settings of now".to_owned(), "with the change".to_owned()),
                    row("incidents", before.incidents.to_string(), after.incidents.to_string()),
                    row("heals", before.heals.to_string(), after.heals.to_string()),
                    row("alerts", before.alerts.to_string(), after.alerts.to_string()),
                    row("in trouble", long(before.trouble_ms), long(after.trouble_ms)),
                ],
            );
        }
    }
}

async fn set(server: &Server, wanted: &Wanted, note: &str) -> Result<u8, Trouble> {
    let body = json!({ "revision": now(server).await?.revision, "changes": wanted, "note": note });
    made(&server.post("/api/v1/settings", Some(&body)).await?)
}

async fn undo(server: &Server, number: u64) -> Result<u8, Trouble> {
    let body = json!({ "revision": now(server).await?.revision, "undo": number });
    made(&server.post("/api/v1/settings/undo", Some(&body)).await?)
}

fn made(made: &Made) -> Result<u8, Trouble> {
    let mut page = Page::new();
    page.line(&format!("Change {} holds from now on.", made.revision.number));
    changes(&mut page, &made.revision.changes);
    warn(&mut page, &made.cautions);
    page.print()?;
    Ok(DONE)
}

async fn log(server: &Server, json: bool) -> Result<u8, Trouble> {
    let told: Value = server.get("/api/v1/settings/log").await?;
    if json {
        write_out(&format!("{told:#}\n"))?;
        return Ok(DONE);
    }
    let revisions: Vec<Revision> = server.read(told)?;
    let at: Timestamp = server.get::<Clock>("/api/v1/board").await?.at;
    let mut page = Page::new();
    if revisions.is_empty() {
        page.line("Nothing was ever changed.");
    }
    for revision in &revisions {
        let told = format!(
            "Change {}, {}, by {}. {}",
            revision.number,
            distance(revision.at, at),
            revision.by,
            revision.note
        );
        page.line(told.trim_end());
        changes(&mut page, &revision.changes);
        page.gap();
    }
    page.print()?;
    Ok(DONE)
}

/// The server's time.
#[derive(Deserialize)]
struct Clock {
    at: Timestamp,
}
