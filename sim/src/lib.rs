//! A simulated MT5 host over real sockets: a bridge in any dialect, a GitHub API, a mail sink and a
//! control port; where wanted the host's own restart service and a front end.
//!
//! For the demo and for system tests. Whatever can go wrong in the field can be made to go wrong here,
//! and what a healer does about it is written down. Shares no code with the product, so that a
//! misunderstanding of a dialect cannot hide on both sides. Never connects to anything by itself.

mod accounts;
mod bridge;
mod clock;
mod control;
mod dialect;
mod door;
mod faults;
mod github;
mod host;
mod mail;
mod options;
mod page;
mod positions;
mod restart;
mod schedule;
mod sim;
mod smtp;
mod web;
mod wire;
mod world;

pub use accounts::{FAILING_ACCOUNT, FOREIGN_ACCOUNT, TERMINAL_ACCOUNT};
pub use dialect::{Dialect, UnknownDialect};
pub use faults::{Fault, FaultError, FaultSet};
pub use github::Dispatch;
pub use mail::Mail;
pub use options::{GithubMode, RestartMode, SimOptions, SmtpMode};
pub use restart::RestartCall;
pub use schedule::{PlanError, PlannedFault};
pub use sim::{Sim, start};
pub use web::{WebChange, WebError};
pub use world::Addresses;
