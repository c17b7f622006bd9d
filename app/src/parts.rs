//! The pieces that pages are made of. Each shows one thing and decides nothing.

pub(crate) mod header;

pub(crate) mod look;

pub(crate) mod keys;

pub(crate) mod notice;

pub(crate) mod call;

pub(crate) mod may;

pub(crate) mod palette;

pub(crate) mod diff;

pub(crate) mod banners;

pub(crate) mod holds;

pub(crate) mod target;

pub(crate) mod rows;

pub(crate) mod chart;

pub(crate) mod vitals;

pub(crate) mod uptime;

pub(crate) mod incident;

pub(crate) mod servers;

pub(crate) mod steps;

pub(crate) mod checks;

pub(crate) mod accounts;

pub(crate) mod heal;

pub(crate) mod ledger;

pub(crate) mod why;

pub(crate) mod recent;

pub(crate) mod actions;

pub(crate) mod force;

pub(crate) mod hand;

pub(crate) mod ask;

pub(crate) mod requests;

pub(crate) mod drills;

pub(crate) mod alerts;

pub(crate) mod plans;

pub(crate) mod own;

pub(crate) mod filter;

pub(crate) mod line;

pub(crate) mod moment;

pub(crate) mod sentence;

pub(crate) mod follow;

pub(crate) mod keyed;

pub(crate) mod icon;
