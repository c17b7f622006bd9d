//! `rebound store export`: what a store holds, as JSON lines.
//!
//! Never replaces a file. One that could not be written to its end is removed.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use rebound_engine::ports::Store;
use rebound_store::transfer::{Contents, StoreRecords, export, survey};

use super::progress::Progress;
use super::{Export, named};
use crate::wiring::transfer::Moved;

pub(super) async fn run(command: &Export) -> anyhow::Result<()> {
    let from = named("--from", &command.from)?;
    let source = Moved::source(&from).await?;
    let mut progress = Progress::of("reading", None);
    let whole = survey(&mut StoreRecords::of(source.store()), &mut |records| progress.add(records)).await?;
    drop(progress);
    let out = command.out.as_path();
    if out.as_os_str() == "-" {
        write(source.store(), &whole, &mut BufWriter::new(io::stdout()), "the standard output").await?;
    } else {
        into_file(source.store(), &whole, out).await?;
    }
    source.close().await?;
    // The standard output may be the export itself.
    eprintln!("Written: {whole}.");
    Ok(())
}

async fn into_file(store: &dyn Store, whole: &Contents, path: &Path) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // It holds account numbers, names and balances.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).with_context(|| {
        format!("cannot make {}: an export is written into a file that is not there yet", path.display())
    })?;
    let mut file = BufWriter::new(file);
    let written = write(store, whole, &mut file, &path.display().to_string()).await;
    let synced = match written {
        Ok(()) => file.get_ref().sync_all().with_context(|| format!("cannot sync {}", path.display())),
        Err(error) => Err(error),
    };
    if synced.is_err() {
        // What is wrong was told; a file without its last line would be refused in any case.
        fs::remove_file(path).ok();
    }
    synced
}

async fn write(
    store: &dyn Store,
    whole: &Contents,
    to: &mut (dyn Write + Send),
    name: &str,
) -> anyhow::Result<()> {
    let mut progress = Progress::of("writing", Some(whole.records()));
    let told = &mut |records| progress.add(records);
    Ok(export(&mut StoreRecords::of(store), whole, to, name, told).await?)
}
