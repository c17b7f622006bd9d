//! A simulated MT5 host over real sockets: a bridge, a GitHub API, a mail sink and a control port.
//!
//! For the demo and for system tests. Whatever can go wrong in the field can be made to go wrong here,
//! and what a healer does about it is written down. Shares no code with the product, so that a
//! misunderstanding of a dialect cannot hide on both sides. Never connects to anything by itself.

mod accounts;
mod bridge;
mod clock;
mod control;
mod door;
mod faults;
mod github;
mod mail;
mod options;
mod page;
mod restart;
mod sim;
mod smtp;
mod wire;
mod world;

pub use accounts::FAILING_ACCOUNT;
pub use faults::{Fault, FaultError, FaultSet};
pub use github::Dispatch;
pub use mail::Mail;
pub use options::{GithubMode, RestartMode, SimOptions, SmtpMode};
pub use restart::RestartCall;
pub use sim::{Sim, start};
pub use world::Addresses;
