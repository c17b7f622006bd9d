//! Whole systems: the real server, the simulated host over sockets, SQLite in a folder of its own, real mail conversations.
//!
//! | file | what it tells |
//! |---|---|
//! | `healing` | trouble is found, healed, proven and told; a heal that lies is found out |
//! | `needs_a_person` | where no heal can help, none is tried, and one alert says what to do |
//! | `truth` | what was not read is never a number, what is not known is never called up or down |
//! | `own_network` | silence while Rebound's own network is gone says nothing about a bridge |
//! | `wire` | whatever a bridge sends, the board names it and the server lives on |
//! | `killed` | the program dies in mid-heal, again and again, and never heals twice |
//! | `store`, `mail` | what happens to heals and alerts while the store or the mail server is away |
//! | `mongodb_store` | the same with the history in MongoDB |
//! | `rounds` | kill -9 of the database's server and of the program, many times, each in the middle of a heal |
//! | `killed_servers` | three programs on one database, one killed again and again: each fault is healed once |
//! | `accounts_from` | accounts that another program writes into a MongoDB: its outage is nobody's failure |
//! | `store_transfer` | what was known moves from one store to another, into a file and back, however often it is cut off |
//! | `numbers` | numbers over time and the uptime of every day outlive a restart, and a gap is never a zero |
//! | `login`, `guard`, `secrets` | who gets in, what is refused, what is never shown |
//! | `people` | who may do what, who is out, and what is put down to whom |
//! | `shared_login` | the same where several programs share a MongoDB, and while that is away |
//! | `readiness` | what would go wrong in the next emergency, and who notices when Rebound is gone |
//! | `drills` | an emergency is rehearsed: what would fail is known, mended, and proven to be mended |
//! | `operator` | pauses, planned work, dry runs and the rest of the operator's hand: what they do, and whom they are put down to |
//! | `cli` | the same from a terminal: the program talks to a server |
//! | `known_calls`, `feed` | the interfaces that scripts and pages rely on |
//! | `program` | the program itself: its configuration, its signals, its exit codes |
//!
//! The other files hold the words that these stories are told in: `site` (a Rebound and its host), `configuration` (the text
//! it is given), `api` (a program that asks it), `browser` (a person who does), `process` (the program as a child),
//! `interrupted` (a program that is killed while its store is away).
//!
//! Every port is free when it is taken, every folder is new, no test needs another or their order. A wait is a look again
//! and again at the present state, with a limit; nothing waits for a time alone. The stories mostly wait, so more threads than
//! processors make the whole quicker: `cargo test -p rebound-tests --test system -- --test-threads=12`. The program that
//! `process` starts is built first; `REBOUND_BIN` names one that is built already.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod site;

mod configuration;

mod api;

mod browser;

mod process;

mod interrupted;

mod healing;

mod needs_a_person;

mod truth;

mod wire;

mod own_network;

mod killed;

mod store;

mod numbers;

mod mongodb_store;

mod rounds;

mod accounts_from;

mod store_transfer;

mod settings;

mod mail;

mod login;

mod guard;

mod secrets;

mod people;

mod readiness;

mod drills;

mod several_servers;

mod shared_login;

mod killed_servers;

mod operator;

mod cli;

mod known_calls;

mod feed;

mod program;
