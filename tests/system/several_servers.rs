//! Several programs that share a history in MongoDB: one watches, and another takes over.
//!
//! Each story has a server of its own, as it is installed for tests.

use rebound::view::Board;
use rebound_sim::Sim;
use rebound_test_mongodb::Server;

use crate::cli::Terminal;
use crate::configuration::Plan;
use crate::process::{Place, Program};
use crate::site::{Spoken, a_host};

/// A place whose program is called `name` and keeps its history in `server`.
fn place(name: &str, host: &Sim, server: &Server) -> Place {
    let text = Plan::usual(host).text(host);
    let (file, listen) = ("path = \"rebound.db\"", "[server]\n");
    assert!(text.contains(file) && text.contains(listen), "{text}");
    let text = text.replace(file, "url = { file = \"mongodb.url\" }");
    let place = Place::with(&text.replace(listen, &format!("[server]\nname = \"{name}\"\n")));
    std::fs::write(place.path("mongodb.url"), server.url()).unwrap();
    place
}

fn watcher(board: &Board) -> Option<&str> {
    board.targets.first()?.server.as_deref()
}

fn works(board: &Board, names: &[&str]) -> bool {
    let working: Vec<&str> =
        board.servers.iter().filter(|server| server.works).map(|server| server.name.as_str()).collect();
    working == names
}

/// Waits until a program shows that `name` watches, and that everything is fine.
async fn watched_by(program: &Program, name: &str) {
    let well = program.api.until(&format!("{name} watches"), |board| {
        watcher(board) == Some(name) && board.tone == rebound::view::Tone::Good
    });
    well.within(60.s()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_frozen_program_with_an_old_lease_heals_nothing_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (place("one", &host, &server), place("two", &host, &server));
    let first = one.serve().await;
    watched_by(&first, "one").await;
    let second = two.serve().await;
    second.api.until("both", |board| works(board, &["one", "two"])).within(30.s()).await;

    first.freeze();
    watched_by(&second, "two").await;
    host.break_link().await;
    let incident = second.api.recovers().await;
    assert_eq!((incident.attempts(), host.restarts().await), (1, 1));
    // It goes on where it was, with a lease that is another's, and sees what the other saw.
    first.thaw();
    host.break_link().await;
    let newer = second.api.until("another incident that is over", |board| {
        let view = &board.targets[0];
        view.incident.is_none() && view.recent.first().is_some_and(|recent| recent.id != incident.id)
    });
    let again = newer.within(60.s()).await.targets[0].recent[0].id;
    let again = second.api.incident(again).await;
    assert_eq!((again.attempts(), host.restarts().await), (1, 2), "{}", one.log());
    first.api.until("both", |board| works(board, &["one", "two"])).within(60.s()).await;
    assert!(one.log().contains("put out"), "{}", one.log());
    assert_eq!(first.api.incident(again.id).await, again, "every program shows the same");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_killed_program_is_replaced_and_an_orderly_one_lets_go_at_once_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let (one, two) = (place("one", &host, &server), place("two", &host, &server));
    let first = one.serve().await;
    watched_by(&first, "one").await;
    let second = two.serve().await;
    second.api.until("both", |board| works(board, &["one", "two"])).within(30.s()).await;
    first.kill().await;
    watched_by(&second, "two").await;

    let again = one.serve().await;
    again.api.until("both", |board| works(board, &["one", "two"])).within(30.s()).await;
    second.ask_to_end();
    assert_eq!(second.ends().await.code(), Some(0), "{}", two.log());
    watched_by(&again, "one").await;
    assert!(
        !one.log().contains("put out") && !two.log().contains("this server was put out"),
        "{}",
        two.log()
    );
    let terminal = Terminal { server: again.api.base.clone(), token: again.api.token.clone() };
    let said = terminal.does(&["cluster"]).await;
    assert!(said.contains("watches 1: mt5"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_second_program_in_the_same_folder_does_not_start_with_a_true_mongodb() {
    let (host, server) = (a_host().await, Server::start().await);
    let one = place("one", &host, &server);
    let first = one.serve().await;
    watched_by(&first, "one").await;
    let (code, _, complaint) = one.run(&["serve"]).await;
    assert_eq!(code, Some(1));
    assert!(
        complaint.contains("another Rebound uses") && complaint.contains("rebound.instance"),
        "{complaint}"
    );
}
