//! What Rebound decides: whether a target is healthy, when trouble opens and closes, what to do about it, and whom to tell.
//!
//! Pure: no I/O, no clock, no threads, no randomness. The outside world hands in a time and an event and carries out the
//! commands that come back; see [`monitor::Monitor`]. The modules stand in the order in which a fact travels through them.

#![no_std]

extern crate alloc;

pub mod time;

pub mod ids;

pub mod role;

pub mod word;

pub mod text;

pub mod count;

pub mod amount;

pub mod calendar;

pub mod maintenance;

pub mod target;

pub mod check;

pub mod reason;

pub mod verdict;

pub mod heal;

pub mod ledger;

pub mod incident;

pub mod alert;

pub mod uptime;

pub mod report;

pub mod readiness;

pub mod drill;

pub mod history;

pub mod monitor;

pub mod view;
