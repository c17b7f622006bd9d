//! The pages, one per address.

pub(crate) mod overview;

pub(crate) mod incident;

pub(crate) mod login;

pub(crate) mod missing;
