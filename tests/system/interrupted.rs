//! A program that is killed while its store is away, and what the next one makes of what it left: the same for every store.

use rebound::incident::Incident;
use rebound_sim::Sim;

use crate::process::{Place, Program};
use crate::site::{Spoken, eventually};

/// The link is lost while the store is away; people are told; the program is killed. Returns the incident as it was shown.
pub(crate) async fn killed_in_trouble(program: Program, place: &Place, host: &Sim) -> Incident {
    host.break_link().await;
    eventually("the mail about the link", 60.s(), async || {
        let mails = host.mails().await;
        mails.iter().any(|mail| mail.subject.contains("has lost its connection")).then_some(())
    })
    .await;
    // The mail can be before the board while the loop waits for the store.
    let shown = program.api.until("the incident", |board| board.targets[0].incident.is_some());
    let seen = shown.within(60.s()).await.targets[0].incident.clone().unwrap();
    program.kill().await;
    assert!(place.path("rebound.waiting").exists());
    assert_eq!(host.restarts().await, 0, "a heal was started that is written nowhere");
    seen
}

/// The store is back: the next program heals once, and everything that happened meanwhile stands in the history once.
pub(crate) async fn is_remembered_once(seen: &Incident, place: &Place, host: &Sim) -> Program {
    let program = place.serve().await;
    let incident = program.api.recovers().await;
    assert_eq!((incident.id, incident.opened_at), (seen.id, seen.opened_at), "{}", place.log());
    assert_eq!((incident.attempts(), host.restarts().await), (1, 1));
    assert_eq!(program.api.incidents().await.len(), 1);
    let journal = program.api.journal().await;
    for (index, entry) in journal.iter().enumerate() {
        assert!(!journal[index + 1..].contains(entry), "stands there twice: {entry:?}");
    }
    assert!(!place.path("rebound.waiting").exists(), "{}", place.log());
    program
}
