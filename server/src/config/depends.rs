//! `depends_on`: which targets must work for another to work.
//!
//! Looks at what the file says, before anything else of a target is checked, so that a target which is wrong for another reason
//! is not told to be unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::Problems;

/// What one section says.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    /// Where, for problems.
    pub(crate) at: String,
    /// The target.
    pub(crate) id: &'a str,
    /// What it depends on.
    pub(crate) on: &'a [String],
}

/// Most targets that one depends on directly.
const DEPENDS_MAX: usize = 20;

/// Finds ids that name nothing, and circles.
pub(crate) fn check(said: &[Said<'_>], problems: &mut Problems) {
    let ids: BTreeSet<&str> = said.iter().map(|said| said.id).collect();
    for Said { at, on, .. } in said {
        let key = format!("{at}: depends_on");
        if on.len() > DEPENDS_MAX {
            let what = format!("has {} entries, at most {DEPENDS_MAX} are looked at", on.len());
            problems.add(&key, &what, "Name those that it needs directly; what they need follows.");
        }
        for (index, name) in on.iter().enumerate() {
            if !ids.contains(name.as_str()) {
                let what = format!("\"{name}\" is the id of no target");
                problems.add(&key, &what, "Name the id of a [[targets]] section.");
            }
            if on.iter().take(index).any(|other| other == name) {
                problems.add(&key, &format!("\"{name}\" is listed twice"), "Remove one of the two.");
            }
        }
    }
    let edges: BTreeMap<&str, &[String]> = said.iter().map(|said| (said.id, said.on)).collect();
    for circle in circles(&edges) {
        let what = format!("leads in a circle: {}", circle.join(" needs "));
        let at = said.iter().find(|said| circle.first() == Some(&said.id)).map_or("targets", |said| &said.at);
        let help = "Break the circle: leave out the one that works without the other.";
        problems.add(&format!("{at}: depends_on"), &what, help);
    }
}

/// Every circle that a walk from each target meets first; the first target of each stands at its end again.
fn circles<'a>(edges: &BTreeMap<&'a str, &'a [String]>) -> Vec<Vec<&'a str>> {
    let (mut done, mut found) = (BTreeSet::new(), Vec::new());
    for start in edges.keys() {
        walk(start, edges, &mut done, &mut found);
    }
    found
}

/// Walks without recursion: a file may be as deep as it is long.
fn walk<'a>(
    start: &'a str,
    edges: &BTreeMap<&'a str, &'a [String]>,
    done: &mut BTreeSet<&'a str>,
    found: &mut Vec<Vec<&'a str>>,
) {
    let children = |of: &str| edges.get(of).map_or([].iter(), |on| on.iter());
    let mut path = vec![(start, children(start))];
    if done.contains(start) {
        return;
    }
    while let Some((node, rest)) = path.last_mut() {
        let node = *node;
        let Some(next) = rest.next().map(String::as_str) else {
            done.insert(node);
            path.pop();
            continue;
        };
        if let Some(from) = path.iter().position(|(on_path, _)| *on_path == next) {
            let round = path.iter().skip(from).map(|(on_path, _)| *on_path);
            found.push(round.chain([next]).collect());
        } else if !done.contains(next) {
            path.push((next, children(next)));
        }
    }
}
