//! `rebound store migrate`: from one store into another.

use anyhow::Context as _;
use rebound_store::transfer::{Start, StoreRecords, TransferError, copy, finish, start, survey};

use super::progress::Progress;
use super::{CUT_OFF, Migrate, named, say_same, say_start};
use crate::wiring::transfer::{Moved, is_same};

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

    let found = if begins == Start::AlreadyThere {
        whole.clone()
    } else {
        let mut progress = Progress::of("copying", Some(whole.records()));
        let mut records = StoreRecords::of(source.store());
        let told = &mut |records| progress.add(records);
        copy(&mut records, destination.recipient(), begins.journal(), told).await.context(CUT_OFF)?;
        drop(progress);
        let mut progress = Progress::of("comparing", Some(whole.records().saturating_mul(2)));
        let again =
            survey(&mut StoreRecords::of(source.store()), &mut |records| progress.add(records)).await?;
        if again != whole {
            return Err(
                TransferError::SourceChanged { before: Box::new(whole), after: Box::new(again) }.into()
            );
        }
        finish(destination.recipient(), &again, &mut |records| progress.add(records)).await?
    };
    source.close().await?;
    destination.close().await?;
    say_same(&whole, &found, NEXT)
}
