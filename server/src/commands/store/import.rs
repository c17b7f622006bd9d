//! `rebound store import`: what `export` wrote, into a store.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::Context as _;
use rebound_store::transfer::{ExportReader, Start, copy, finish, start, survey};

use super::progress::Progress;
use super::{CUT_OFF, Import, named, say_same, say_start};
use crate::wiring::transfer::Moved;

/// What an export does not hold.
const LEFT_BEHIND: &str = "Not taken over: numbers over time, the uptime of more than 90 days, raw observations, sessions, a made-up password.";

/// What to do after it.
const NEXT: &str =
    "The same as in the export. Name the destination under [store] in the configuration, and start Rebound.";

pub(super) async fn run(command: &Import) -> anyhow::Result<()> {
    let to = named("--to", &command.to)?;
    let from = command.from.as_path();
    // What can be read twice is looked at as a whole before anything is written.
    if from.as_os_str() != "-" {
        let mut records = opened(from)?;
        let mut progress = Progress::of("checking", Some(records.whole().records()));
        survey(&mut records, &mut |records| progress.add(records)).await?;
    }
    let mut records = opened(from)?;
    let whole = records.whole().clone();
    let destination = Moved::destination(&to).await?;
    eprintln!("from {}\nto   {}", from.display(), to.settings);

    let mut progress = Progress::of("looking", None);
    let begins = start(destination.recipient(), &whole, &mut |records| progress.add(records)).await?;
    drop(progress);
    say_start(begins, &whole);

    let (sent, found) = if begins == Start::AlreadyThere {
        (whole.clone(), whole.clone())
    } else {
        let mut progress = Progress::of("copying", Some(whole.records()));
        let told = &mut |records| progress.add(records);
        let sent =
            copy(&mut records, destination.recipient(), begins.journal(), told).await.context(CUT_OFF)?;
        drop(progress);
        let mut progress = Progress::of("comparing", Some(whole.records()));
        let found = finish(destination.recipient(), &sent, &mut |records| progress.add(records)).await?;
        (sent, found)
    };
    destination.close().await?;
    if sent != whole {
        eprintln!(
            "Another version of Rebound wrote the export, and some fields are new or gone: hence another hash than its."
        );
    }
    say_same(&sent, &found, &[], LEFT_BEHIND, NEXT)
}

fn opened(path: &Path) -> anyhow::Result<ExportReader> {
    if path.as_os_str() == "-" {
        return Ok(ExportReader::open("the standard input", Box::new(BufReader::new(io::stdin())))?);
    }
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(ExportReader::open(&path.display().to_string(), Box::new(BufReader::new(file)))?)
}
