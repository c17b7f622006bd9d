//! A simulated site: things that break, networks and a store that fail, people who click, and the monitor among them.
//!
//! No clock, no sleeping: the time goes from one thing that happens to the next. Threads only for servers that do not depend on
//! each other. The same seed gives the same story. The modules stand from the world to what is checked of it.

pub mod dice;

pub mod spans;

pub mod market;

pub mod fault;

pub mod trouble;

pub mod bridge;

pub mod endpoint;

pub mod thing;

pub mod own;

pub mod operator;

pub mod kept;

pub mod notes;

pub mod site;

pub mod settings;

pub mod layout;

pub mod share;

pub mod fate;

pub mod truth;

pub mod promises;

pub mod tally;

pub mod week;
