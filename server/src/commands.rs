//! What the program does besides serving. `main` reads the words; each file here carries one of them out.

pub mod operator;

pub mod dialect;

mod explained;

pub mod people;

pub mod probe;

pub mod store;
