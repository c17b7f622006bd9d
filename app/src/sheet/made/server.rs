//! The servers that share the targets.

use rebound::ids::TargetId;
use rebound::view::{Board, ServerView, Tone};

use crate::sheet::{Fact, Line, Mark, Piece, Told};

/// Most names of targets that stand beside a server; the others are counted.
const NAMED_MAX: usize = 5;

/// Each server with what it watches.
pub(super) fn facts(board: &Board) -> Vec<Fact> {
    let label = |server: &ServerView| {
        if server.here { format!("{} (this one)", server.name) } else { server.name.clone() }
    };
    board.servers.iter().map(|server| Fact::new(&label(server), line(server, board))).collect()
}

fn line(server: &ServerView, board: &Board) -> Line {
    let mark = match (&server.store_trouble, server.works) {
        (_, false) => Mark::of(Tone::Unknown, "Not heard"),
        (Some(_), true) => Mark::of(Tone::Bad, "Cannot write"),
        (None, true) => Mark::of(Tone::Good, "Works"),
    };
    let mut line = vec![Piece::Mark(mark), Piece::text(" ")];
    if !server.works {
        line.push(Piece::text("Last heard of "));
        line.push(Piece::Moment(server.heard_at, Told::Ago));
        line.push(Piece::text(". "));
    }
    let name = |id: &TargetId| {
        let view = board.targets.iter().find(|view| view.id == *id);
        view.map_or_else(|| id.to_string(), |view| view.name.clone())
    };
    line.push(Piece::Text(watches(&server.targets, name)));
    line
}

fn watches(targets: &[TargetId], name: impl Fn(&TargetId) -> String) -> String {
    let names: Vec<String> = targets.iter().take(NAMED_MAX).map(name).collect();
    match targets.len() {
        0 => "It watches nothing.".to_owned(),
        count if count <= NAMED_MAX => format!("Watches {}.", names.join(", ")),
        count => format!("Watches {} and {} more.", names.join(", "), count - NAMED_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_targets_are_counted() {
        let ids: Vec<TargetId> =
            (1..=7).map(|number| TargetId::try_new(&format!("t{number}")).unwrap()).collect();
        let name = |id: &TargetId| id.to_string();
        assert_eq!(watches(&[], name), "It watches nothing.");
        assert_eq!(watches(ids.get(..2).unwrap_or_default(), name), "Watches t1, t2.");
        assert_eq!(watches(&ids, name), "Watches t1, t2, t3, t4, t5 and 2 more.");
    }
}
