//! Runs the core: ports to the outside, the loop that drives it, and every operation a person or program may ask for.

pub mod ports;

pub mod clock;

pub mod service;

pub mod driver;

pub mod cluster;

pub mod history;

pub mod waiting;

pub mod settings;

pub mod replay;

mod ledger;

mod pulse;

mod tasks;
