//! Why a command did not do what it was asked for, in words, and the code that scripts see.

use std::path::PathBuf;

/// Done.
pub(super) const DONE: u8 = 0;
/// Failed or refused.
const FAILED: u8 = 1;
/// What was typed cannot be used; the same code as for words that are no command.
const NOT_UNDERSTOOD: u8 = 2;
/// The server is not there, or lets nobody in with this token.
const NOT_REACHED: u8 = 3;
/// `readiness` found something that may fail in an emergency.
pub(super) const NOT_READY: u8 = 1;
/// `status` found something that needs a look.
pub(super) const NEEDS_A_LOOK: u8 = 4;
/// Ended by Ctrl-C, as shells count it.
pub(super) const INTERRUPTED: u8 = 130;

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{server} is not reached: {why}")]
    NotReached { server: String, why: String },
    #[error("there is no token to be let in with")]
    NoToken,
    #[error("the token in {place} cannot be used: {why}")]
    Token { place: String, why: String },
    #[error("the token file {} cannot be read: {why}", path.display())]
    TokenFile { path: PathBuf, why: String },
    /// The server's own words.
    #[error("{message}")]
    Told { status: u16, message: String, help: String },
    #[error("{server} gave an answer that cannot be read: {why}")]
    Unreadable { server: String, why: String },
    /// The server's own words.
    #[error("{0}")]
    Refused(String),
    #[error("nothing was started: the word typed was not {0}")]
    NotConfirmed(&'static str),
    #[error("{0}")]
    NotProven(String),
    #[error("the output cannot be written: {0}")]
    Output(std::io::Error),
}

impl Trouble {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::NotReached { .. } | Self::NoToken | Self::Token { .. } | Self::TokenFile { .. } => {
                NOT_REACHED
            }
            Self::Told { status: 401 | 403 | 503, .. } => NOT_REACHED,
            Self::Told { status: 400 | 422, .. } => NOT_UNDERSTOOD,
            Self::Told { .. }
            | Self::Unreadable { .. }
            | Self::Refused(_)
            | Self::NotConfirmed(_)
            | Self::NotProven(_)
            | Self::Output(_) => FAILED,
        }
    }

    /// Says it on the error output, with what to do where that is known.
    pub(super) fn say(&self) {
        use super::page::clean;
        eprintln!("rebound: {}", clean(&self.to_string()));
        if let Some(help) = self.help() {
            eprintln!("  {}", clean(help));
        }
    }

    fn help(&self) -> Option<&str> {
        match self {
            Self::NotReached { .. } => {
                Some("Start `rebound serve`, or name another server with --server or REBOUND_SERVER.")
            }
            Self::NoToken | Self::Token { .. } | Self::TokenFile { .. } => Some(
                "Set REBOUND_TOKEN, or name a file with --token-file. `rebound token --name you` makes a token on the server.",
            ),
            Self::Told { status: 401, .. } => Some(
                "Make a new token with `rebound token --name you` on the server, and put it into REBOUND_TOKEN or the token file.",
            ),
            Self::Told { status: 404, .. } => Some("`rebound status` lists the targets and alerts."),
            Self::Told { help, .. } => Some(help).filter(|help| !help.is_empty()).map(String::as_str),
            Self::Unreadable { .. } => Some("Is it Rebound, and of the same version as this program?"),
            Self::NotProven(_) | Self::Refused(_) | Self::NotConfirmed(_) | Self::Output(_) => None,
        }
    }
}
