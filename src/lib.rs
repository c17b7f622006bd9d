//! What Rebound decides.
#![no_std]
extern crate alloc;
