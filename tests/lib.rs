//! Worlds to test Rebound in: a site with bridges that break, in a time that only the simulation moves.

pub mod sim;
