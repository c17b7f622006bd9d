//! `rebound status`, `sync`, `heal` and the others: a person at a terminal, or a script, talks to a running server.
//!
//! Asks over HTTP like every other program and decides nothing. The token never stands on the command line, where everybody
//! on the machine could read it.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use rebound::history::Series;
use rebound::ids::{AccountId, TargetId};

mod asking;

mod cluster;

mod drill;

mod follow;

mod numbers;

mod page;

mod readiness;

mod server;

mod settings;

mod shown;

mod status;

mod target;

mod trouble;

use self::server::{Reach, Server};
use self::trouble::Trouble;

/// What can be asked of a running server. Each command ends with a code: 0 done, 1 failed or refused, 2 not understood,
/// 3 not reached or not let in; `status` with 4 when something needs a look.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Shows the state of everything, or of one target. Ends with 4 when something needs a look.
    Status {
        /// Shows all of this target.
        #[arg(value_parser = target_id)]
        target: Option<TargetId>,
        /// Prints the board, or the target's part of it, as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Reads the accounts of a target now, and waits for what it finds. Not a restart.
    Sync {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Starts the heal plan of a target now.
    Heal {
        /// How.
        #[command(flatten)]
        heal: Heal,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Stops the heal of a target, and every further one of its incident.
    Stop {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Pauses healing. Watching and alerts go on.
    Pause {
        /// Whom it is about.
        #[command(flatten)]
        whom: Whom,
        /// How long.
        #[command(flatten)]
        lasts: Lasts,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Ends a pause.
    Resume {
        /// Whom it is about.
        #[command(flatten)]
        whom: Whom,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Planned work: nothing is healed, nobody is told, uptime is not charged.
    Maintenance {
        /// What is done about it.
        #[command(subcommand)]
        act: Maintenance,
    },
    /// Says that you have seen an alert and its incident.
    Ack {
        /// The alert's number, as `rebound status` shows it.
        alert: u64,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Decides and shows everything on a target and does nothing, or does it again.
    DryRun {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// Whether nothing is really done.
        dry_run: DryRun,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Tells why a target is in its phase, what would heal it, what it waits for and when the next look is.
    Explain {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Says that capital is moved: accounts at zero are no trouble for this time.
    Moved {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// How long, such as 30m, 2h or "1d 12h"; 1 minute to 7 days.
        #[arg(long = "for", value_name = "TIME", required_unless_present = "take_back")]
        lasts: Option<String>,
        /// An account, by its login number; may be repeated. Without any, all of the target are meant.
        #[arg(long = "account", value_name = "N", value_parser = account)]
        accounts: Vec<AccountId>,
        /// Takes back what was declared.
        #[arg(long, conflicts_with_all = ["lasts", "accounts"])]
        take_back: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows the servers that share the targets, and who watches what. Ends with 4 when one is silent.
    Cluster {
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows what would go wrong in the next emergency. Ends with 1 when something is at risk, not ready or unknown.
    Readiness {
        /// Looks at everything now, without doing anything; once a minute at most.
        #[arg(long)]
        check: bool,
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Rehearses an emergency of a target now, or shows the last drill and the next. Ends with 1 when one was not passed.
    Drill {
        /// Whom it rehearses; without, the last drills and the next are shown.
        #[command(flatten)]
        drilled: Drilled,
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows how every target was over the last days: share of time up, time down, time not known.
    Uptime {
        /// How many days, today among them; 1 to 731.
        #[arg(long, value_name = "N", default_value_t = 90)]
        days: u32,
        /// Prints every day as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Lists the numbers that are kept of a target, or prints one series of the last 24 hours as JSON.
    Series {
        /// The target.
        #[arg(value_parser = target_id)]
        target: TargetId,
        /// The series, as the list names it.
        name: Option<Series>,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows and changes settings of a running server.
    Settings {
        /// What is done about them.
        #[command(subcommand)]
        act: settings::Settings,
    },
    /// Shows what became of earlier heals: of one target line by line, or of all per fault and rung.
    Ledger {
        /// Only this target.
        #[arg(value_parser = target_id)]
        target: Option<TargetId>,
        /// Prints it as JSON.
        #[arg(long)]
        json: bool,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
}

/// What is done about planned work.
#[derive(Debug, Subcommand)]
pub enum Maintenance {
    /// Begins it now.
    Start {
        /// Whom it is about.
        #[command(flatten)]
        whom: Whom,
        /// How long.
        #[command(flatten)]
        lasts: Lasts,
        /// What is done, for people; at most 120 characters.
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Ends what a person began.
    End {
        /// Whom it is about.
        #[command(flatten)]
        whom: Whom,
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows what is going on and what comes next.
    List {
        /// How the server is reached.
        #[command(flatten)]
        reach: Reach,
    },
}

/// How a heal is wanted.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Heal {
    /// The target.
    #[arg(value_parser = target_id)]
    target: TargetId,
    /// The remedy that is wanted; otherwise the first that can help.
    #[arg(long, value_name = "NAME")]
    remedy: Option<String>,
    /// Lifts the cooldown; takes the target's id once more as a confirmation.
    #[arg(long, value_name = "TARGET")]
    lift_cooldown: Option<String>,
    /// Does not ask for the word HEAL.
    #[arg(long)]
    yes: bool,
    /// Shows each step as it happens, until the incident is over. Ctrl-C ends the showing, not the heal.
    #[arg(long)]
    follow: bool,
}

/// One target or all.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whom {
    /// The target.
    #[arg(value_parser = target_id)]
    target: Option<TargetId>,
    /// Every target.
    #[arg(long)]
    all: bool,
}

/// Whom a drill rehearses; nobody where it only shows.
#[derive(Debug, Args)]
#[group(required = false, multiple = false)]
pub struct Drilled {
    /// Rehearses this target now.
    #[arg(value_parser = target_id)]
    target: Option<TargetId>,
    /// Rehearses every target now.
    #[arg(long)]
    all: bool,
}

/// How long something lasts.
#[derive(Debug, Args)]
pub struct Lasts {
    /// How long, such as 30m, 2h or "1d 12h"; 1 minute to 7 days.
    #[arg(long = "for", value_name = "TIME")]
    lasts: String,
}

/// Whether nothing is really done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// Nothing is really done.
    On,
    /// Heals are really done.
    Off,
    /// As the configuration says.
    AsConfigured,
}

/// An id that means the same in a path: `..` would lead to the call for all targets.
fn target_id(text: &str) -> Result<TargetId, String> {
    if text.chars().all(|c| c == '.') {
        return Err("a target that can be asked for has more than dots in its name".to_owned());
    }
    TargetId::try_new(text).map_err(|error| error.to_string())
}

fn account(text: &str) -> Result<AccountId, std::num::ParseIntError> {
    text.parse().map(AccountId::new)
}

/// Carries a command out, says what became of it, and returns the code that the program ends with.
pub async fn operate(command: Operator) -> ExitCode {
    let ended = match carry_out(command).await {
        Ok(code) => code,
        Err(trouble) => {
            trouble.say();
            trouble.exit_code()
        }
    };
    ExitCode::from(ended)
}

async fn carry_out(command: Operator) -> Result<u8, Trouble> {
    let at = |reach: &Reach| Server::at(reach);
    match command {
        Operator::Status { target: None, json, reach } => status::board(&at(&reach)?, json).await,
        Operator::Status { target: Some(target), json, reach } => {
            target::status(&at(&reach)?, &target, json).await
        }
        Operator::Sync { target, reach } => follow::sync(&at(&reach)?, &target).await,
        Operator::Heal { heal, reach } => follow::heal(&at(&reach)?, &heal).await,
        Operator::Stop { target, reach } => asking::stop(&at(&reach)?, &target).await,
        Operator::Pause { whom, lasts, reach } => asking::pause(&at(&reach)?, &whom, &lasts).await,
        Operator::Resume { whom, reach } => asking::resume(&at(&reach)?, &whom).await,
        Operator::Maintenance { act } => match act {
            Maintenance::Start { whom, lasts, name, reach } => {
                asking::start_maintenance(&at(&reach)?, &whom, &lasts, &name).await
            }
            Maintenance::End { whom, reach } => asking::end_maintenance(&at(&reach)?, &whom).await,
            Maintenance::List { reach } => shown::maintenance(&at(&reach)?).await,
        },
        Operator::Ack { alert, reach } => asking::acknowledge(&at(&reach)?, alert).await,
        Operator::DryRun { target, dry_run, reach } => {
            asking::set_dry_run(&at(&reach)?, &target, dry_run).await
        }
        Operator::Explain { target, reach } => shown::explain(&at(&reach)?, &target).await,
        Operator::Moved { target, lasts: Some(lasts), accounts, reach, .. } => {
            asking::declare_move(&at(&reach)?, &target, &lasts, &accounts).await
        }
        Operator::Moved { target, lasts: None, reach, .. } => {
            asking::take_back_moves(&at(&reach)?, &target).await
        }
        Operator::Cluster { json, reach } => cluster::show(&at(&reach)?, json).await,
        Operator::Readiness { check, json, reach } => readiness::show(&at(&reach)?, check, json).await,
        Operator::Drill { drilled, json, reach } => drill::show(&at(&reach)?, &drilled, json).await,
        Operator::Uptime { days, json, reach } => numbers::uptime(&at(&reach)?, days, json).await,
        Operator::Series { target, name, reach } => numbers::series(&at(&reach)?, &target, name).await,
        Operator::Settings { act } => settings::run(act).await,
        Operator::Ledger { target, json, reach } => shown::ledger(&at(&reach)?, target.as_ref(), json).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> clap::Command {
        Operator::augment_subcommands(clap::Command::new("rebound"))
    }

    #[test]
    fn the_words_of_the_commands_fit_together() {
        commands().debug_assert();
    }

    #[test]
    fn every_command_is_described() {
        let described = include_str!("../../../docs/CLI.md");
        for command in commands().get_subcommands() {
            let row = format!("| `rebound {} ", command.get_name());
            assert!(described.contains(&row), "docs/CLI.md has no row for {}", command.get_name());
        }
    }
}
