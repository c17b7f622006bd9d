//! Simulated weeks and golden timelines: the product's decisions in virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod answers;

mod shares;

mod timelines;

mod weeks;
