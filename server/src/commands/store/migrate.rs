//! `rebound store migrate`: from one store into another.

use anyhow::Context as _;
use rebound_store::transfer::{
    Numbers, Start, StoreRecords, TransferError, copy, copy_numbers, finish, start, survey,
};

use super::progress::Progress;
use super::{CUT_OFF, Migrate, named, say_same, say_start};
use crate::wiring::transfer::{Moved, has_numbers, is_same};

/// What stays where it is.
const LEFT_BEHIND: &str = "Not taken over: sessions, a made-up password.";

/// What to do after it.
const NEXT: &str =
    "The same on both sides. Name the destination under [store] in the configuration, and start Rebound.";

pub(super) async fn run(command: &Migrate) -> anyhow::Result<()> {
    let (from, to) = (named("--from", &command.from)?, named("--to", &command.to)?);
    anyhow::ensure!(
        !is_same(&from.settings, &to.settings),
        "--from and --to name the same store, {}: name another one",
        to.settings
    );
    let source = Moved::source(&from).await?;
    let destination = Moved::destination(&to).await?;
    eprintln!("from {}\nto   {}", from.settings, to.settings);

    let mut progress = Progress::of("reading", None);
    let whole = survey(&mut StoreRecords::of(source.store()), &mut |records| progress.add(records)).await?;
    drop(progress);
    let mut progress = Progress::of("looking", None);
    let begins = start(destination.recipient(), &whole, &mut |records| progress.add(records)).await?;
    drop(progress);
    say_start(begins, &whole);

    let (numbers, found) = if begins == Start::AlreadyThere {
        (copied_numbers(has_numbers(&from.settings), &source, &destination).await?, whole.clone())
    } else {
        let mut progress = Progress::of("copying", Some(whole.records()));
        let mut records = StoreRecords::of(source.store());
        let told = &mut |records| progress.add(records);
        copy(&mut records, destination.recipient(), begins.journal(), told).await.context(CUT_OFF)?;
        drop(progress);
        let mut progress = Progress::of("comparing", Some(whole.records()));
        let again =
            survey(&mut StoreRecords::of(source.store()), &mut |records| progress.add(records)).await?;
        if again != whole {
            return Err(
                TransferError::SourceChanged { before: Box::new(whole), after: Box::new(again) }.into()
            );
        }
        drop(progress);
        // Before the mark is taken away: until then no Rebound starts on the destination and adds numbers of its own.
        let numbers = copied_numbers(has_numbers(&from.settings), &source, &destination).await?;
        let mut progress = Progress::of("comparing", Some(whole.records()));
        (numbers, finish(destination.recipient(), &again, &mut |records| progress.add(records)).await?)
    };
    source.close().await?;
    destination.close().await?;
    say_same(&whole, &found, &numbers.counts(), LEFT_BEHIND, NEXT)
}

/// Copies the history of numbers, where the source has one.
async fn copied_numbers(has_some: bool, source: &Moved, destination: &Moved) -> anyhow::Result<Numbers> {
    if !has_some {
        return Ok(Numbers::default());
    }
    let mut progress = Progress::of("numbers", None);
    let told = &mut |rows| progress.add(rows);
    copy_numbers(source.numbers(), destination.numbers(), told).await.context(CUT_OFF)
}
