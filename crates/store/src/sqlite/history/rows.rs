//! Rows of the history: written in one transaction, read by their key, removed in slices.

use std::collections::BTreeMap;

use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::uptime::UptimeFigures;
use rebound_engine::history::port::{Batch, Detail, Horizon, RECORDINGS_MAX};
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::{Hour, HourKey, Rollup, Writer};
use rebound_engine::history::uptime::{DayTotal, UptimeDay};
use rebound_engine::ports::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::super::failure::Fault;
use super::super::line::Gate;
use crate::history::{pack, readable};

/// Most series that are looked through in one transaction of retention.
const SERIES_SLICE: usize = 200;
/// Most hours of one series that are removed in one transaction.
const HOURS_SLICE: u32 = 5_000;
/// Most recordings that are removed in one transaction.
const RECORDINGS_SLICE: u32 = 200;

/// Name of the mark up to which hours have lost their minutes.
const MINUTES_GONE: &str = "minutes_removed_until";

/// A batch, ready to be written: owned, and packed outside of the connection's thread.
pub(super) struct Rows {
    hours: Vec<(Hour, Vec<u8>, Option<Vec<u8>>)>,
    days: Vec<(UptimeDay, Vec<u8>)>,
    recordings: Vec<(Recording, Vec<u8>)>,
}

impl Rows {
    pub(super) fn of(batch: &Batch) -> Self {
        let hour = |hour: &Hour| {
            let sketch = hour.whole.sketch.as_ref().map(rebound_engine::history::sketch::Sketch::to_bytes);
            (
                Hour { minutes: BTreeMap::new(), ..hour.clone() },
                pack::minutes(hour.key.hour, &hour.minutes),
                sketch,
            )
        };
        let recording = |one: &Recording| {
            let packed = pack::lines(&one.lines);
            (Recording { lines: Vec::new(), ..one.clone() }, packed)
        };
        Self {
            hours: batch.hours.iter().map(hour).collect(),
            days: batch.days.iter().map(|day| (day.clone(), pack::day(&day.hours))).collect(),
            recordings: batch.recordings.iter().map(recording).collect(),
        }
    }
}

/// Writes all of it, or nothing.
pub(super) fn keep(connection: &mut Connection, gate: &Gate, rows: &Rows) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    keep_hours(&transaction, rows)?;
    keep_days(&transaction, rows)?;
    keep_recordings(&transaction, rows)?;
    gate.may_commit()?;
    Ok(transaction.commit()?)
}

fn keep_hours(transaction: &Transaction<'_>, rows: &Rows) -> Result<(), Fault> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO rollups (target, series, hour_ms, writer, count, min, max, sum, last, last_at_ms, trouble_at, sketch, minutes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (target, series, hour_ms, writer) DO UPDATE SET count = excluded.count, min = excluded.min,
             max = excluded.max, sum = excluded.sum, last = excluded.last, last_at_ms = excluded.last_at_ms,
             trouble_at = excluded.trouble_at, sketch = excluded.sketch, minutes = excluded.minutes",
    )?;
    for (hour, minutes, sketch) in &rows.hours {
        let HourKey { hour: at, target, series, writer } = &hour.key;
        let Rollup { count, min, max, sum, last, last_at, limit, .. } = &hour.whole;
        statement.execute(params![
            target.as_str(),
            series.to_string(),
            at.as_ms(),
            column(writer.0),
            column(*count),
            min,
            max,
            sum,
            last,
            last_at.as_ms(),
            limit,
            sketch,
            minutes
        ])?;
    }
    Ok(())
}

fn keep_days(transaction: &Transaction<'_>, rows: &Rows) -> Result<(), Fault> {
    // What knows less of its day comes too late.
    let mut statement = transaction.prepare_cached(
        "INSERT INTO uptime (day_ms, target, covered_ms, up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms,
             market_closed_ms, hours)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (day_ms, target) DO UPDATE SET covered_ms = excluded.covered_ms, up_ms = excluded.up_ms,
             degraded_ms = excluded.degraded_ms, down_ms = excluded.down_ms, unknown_ms = excluded.unknown_ms,
             maintenance_ms = excluded.maintenance_ms, market_closed_ms = excluded.market_closed_ms, hours = excluded.hours
         WHERE excluded.covered_ms >= uptime.covered_ms",
    )?;
    for (day, hours) in &rows.days {
        let UptimeFigures { up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms } =
            day.whole();
        statement.execute(params![
            day.day.as_ms(),
            day.target.as_str(),
            column(day.covered_ms()),
            column(up_ms),
            column(degraded_ms),
            column(down_ms),
            column(unknown_ms),
            column(maintenance_ms),
            column(market_closed_ms),
            hours
        ])?;
    }
    Ok(())
}

fn keep_recordings(transaction: &Transaction<'_>, rows: &Rows) -> Result<(), Fault> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO recordings (target, from_ms, to_ms, writer, count, bytes, packed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (target, from_ms, writer) DO UPDATE SET to_ms = excluded.to_ms, count = excluded.count,
             bytes = excluded.bytes, packed = excluded.packed",
    )?;
    for (one, packed) in &rows.recordings {
        statement.execute(params![
            one.of.as_ref().map_or("", |target| target.as_str()),
            one.from.as_ms(),
            one.to.as_ms(),
            column(one.writer.0),
            one.count,
            column(count(packed.len())),
            packed
        ])?;
    }
    Ok(())
}

/// The hours of a series in `time`, in the order of time.
pub(super) fn hours(
    connection: &Connection,
    target: &TargetId,
    series: Series,
    time: (Timestamp, Timestamp),
    detail: Detail,
) -> Result<Vec<Hour>, Fault> {
    // A column that is not asked for is not read from the disk.
    let minutes = match detail {
        Detail::Hours => "NULL",
        Detail::Minutes => "minutes",
    };
    let sql = format!(
        "SELECT hour_ms, writer, count, min, max, sum, last, last_at_ms, trouble_at, sketch, {minutes} AS minutes FROM rollups
         WHERE target = ?1 AND series = ?2 AND hour_ms >= ?3 AND hour_ms < ?4 ORDER BY hour_ms, writer"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![target.as_str(), series.to_string(), time.0.as_ms(), time.1.as_ms()])?;
    let mut hours = Vec::new();
    while let Some(row) = rows.next()? {
        hours.extend(readable(hour(row, target, series)?));
    }
    Ok(hours)
}

/// An hour; the inner error is that of its bytes, not of the file.
fn hour(row: &Row<'_>, target: &TargetId, series: Series) -> Result<Result<Hour, StoreError>, Fault> {
    let hour = Timestamp::from_ms(row.get("hour_ms")?);
    let key = HourKey { hour, target: target.clone(), series, writer: Writer(number(row.get("writer")?)) };
    let mut whole = Rollup {
        count: number(row.get("count")?),
        min: row.get("min")?,
        max: row.get("max")?,
        sum: row.get("sum")?,
        last: row.get("last")?,
        last_at: Timestamp::from_ms(row.get("last_at_ms")?),
        limit: row.get("trouble_at")?,
        sketch: None,
    };
    let sketch = row.get_ref("sketch")?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    let minutes = row.get_ref("minutes")?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok((|| {
        whole.sketch = sketch.map(pack::sketch_from).transpose()?;
        let minutes = minutes.map(|bytes| pack::minutes_from(hour, bytes)).transpose()?;
        Ok(Hour { key, whole, minutes: minutes.unwrap_or_default() })
    })())
}

/// The series of a target with an hour from `from` on.
pub(super) fn series_of(
    connection: &Connection,
    target: &TargetId,
    from: Timestamp,
) -> Result<Vec<Series>, Fault> {
    let mut newest = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rollups WHERE target = ?1 AND series = ?2 AND hour_ms >= ?3)",
    )?;
    let mut found = Vec::new();
    let mut after = (target.as_str().to_owned(), String::new());
    while let Some(next) = next_series(connection, &after)? {
        if next.0 != target.as_str() {
            break;
        }
        if newest.query_row(params![next.0, next.1, from.as_ms()], |row| row.get::<_, bool>(0))? {
            // One that a newer Rebound keeps is not known here.
            found.extend(next.1.parse::<Series>());
        }
        after = next;
    }
    found.sort_unstable();
    Ok(found)
}

/// The series after `after`, found without a look at its hours: a comparison of both columns at once would look at each.
fn next_series(connection: &Connection, after: &(String, String)) -> Result<Option<(String, String)>, Fault> {
    let mut of_target = connection.prepare_cached(
        "SELECT target, series FROM rollups WHERE target = ?1 AND series > ?2 ORDER BY series LIMIT 1",
    )?;
    let both = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = of_target.query_row(params![after.0, after.1], both).optional()?;
    if found.is_some() {
        return Ok(found);
    }
    let mut of_next = connection.prepare_cached(
        "SELECT target, series FROM rollups WHERE target > ?1 ORDER BY target, series LIMIT 1",
    )?;
    Ok(of_next.query_row(params![after.0], both).optional()?)
}

/// Days, in the order of target and day.
pub(super) fn days(
    connection: &Connection,
    target: Option<&TargetId>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<UptimeDay>, Fault> {
    let of_target = if target.is_some() { "AND target = ?3" } else { "AND ?3 IS NULL" };
    let sql =
        format!("SELECT day_ms, target, hours FROM uptime WHERE day_ms >= ?1 AND day_ms < ?2 {of_target}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![from.as_ms(), to.as_ms(), target.map(|target| target.as_str())])?;
    let mut days = Vec::new();
    let mut names = Names::default();
    while let Some(row) = rows.next()? {
        let Some(target) = names.target(row)? else { continue };
        let day = Timestamp::from_ms(row.get("day_ms")?);
        let hours = pack::day_from(row.get_ref("hours")?.as_blob().map_err(rusqlite::Error::from)?);
        days.extend(readable(hours.map(|hours| UptimeDay { target, day, hours })));
    }
    days.sort_by(|one, other| (&one.target, one.day).cmp(&(&other.target, other.day)));
    Ok(days)
}

/// Days of all targets without their hours, in the order of target and day.
pub(super) fn totals(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<DayTotal>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT day_ms, target, up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms FROM uptime
         WHERE day_ms >= ?1 AND day_ms < ?2",
    )?;
    let mut rows = statement.query(params![from.as_ms(), to.as_ms()])?;
    let mut totals = Vec::new();
    let mut names = Names::default();
    while let Some(row) = rows.next()? {
        let Some(target) = names.target(row)? else { continue };
        // By number: a name would be looked for in every row.
        let figures = UptimeFigures {
            up_ms: number(row.get(2)?),
            degraded_ms: number(row.get(3)?),
            down_ms: number(row.get(4)?),
            unknown_ms: number(row.get(5)?),
            maintenance_ms: number(row.get(6)?),
            market_closed_ms: number(row.get(7)?),
        };
        totals.push(DayTotal { target, day: Timestamp::from_ms(row.get(0)?), figures });
    }
    totals.sort_by(|one, other| (&one.target, one.day).cmp(&(&other.target, other.day)));
    Ok(totals)
}

/// Names of targets that were met: the same few come again and again.
#[derive(Default)]
struct Names {
    known: BTreeMap<String, TargetId>,
}

impl Names {
    /// The target in the second column of a row; `None` if it is no name of ours.
    fn target(&mut self, row: &Row<'_>) -> Result<Option<TargetId>, Fault> {
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(target) = self.known.get(name) {
            return Ok(Some(target.clone()));
        }
        let Ok(target) = TargetId::try_new(name) else { return Ok(None) };
        self.known.insert(name.to_owned(), target.clone());
        Ok(Some(target))
    }
}

/// Recordings that begin in `time`, in the order of time.
pub(super) fn recordings(
    connection: &Connection,
    of: Option<&TargetId>,
    time: (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<Recording>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT from_ms, to_ms, writer, count, packed FROM recordings WHERE target = ?1 AND from_ms >= ?2 AND from_ms < ?3
         ORDER BY from_ms, writer LIMIT ?4",
    )?;
    let target = of.map_or("", |target| target.as_str());
    let limit = limit.min(RECORDINGS_MAX);
    let mut rows = statement.query(params![target, time.0.as_ms(), time.1.as_ms(), limit])?;
    let mut recordings = Vec::new();
    while let Some(row) = rows.next()? {
        let one = Recording {
            of: of.cloned(),
            from: Timestamp::from_ms(row.get("from_ms")?),
            to: Timestamp::from_ms(row.get("to_ms")?),
            writer: Writer(number(row.get("writer")?)),
            count: row.get("count")?,
            lines: Vec::new(),
        };
        let lines = pack::lines_from(row.get_ref("packed")?.as_blob().map_err(rusqlite::Error::from)?);
        recordings.extend(readable(lines.map(|lines| Recording { lines, ..one })));
    }
    Ok(recordings)
}

/// Up to where hours have lost their minutes.
pub(super) fn mark(connection: &Connection) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached("SELECT value FROM marks WHERE name = ?1")?;
    Ok(statement.query_row([MINUTES_GONE], |row| row.get(0)).optional()?.unwrap_or(i64::MIN))
}

/// What one slice of retention removed, and after which series the next begins; `None`: it was the last.
pub(super) struct Slice {
    pub(super) minutes: u64,
    pub(super) hours: u64,
    pub(super) after: Option<(String, String)>,
}

/// Removes what is old of the series after `after`: minutes of hours from `mark` on, and hours.
pub(super) fn remove_hours(
    connection: &mut Connection,
    gate: &Gate,
    after: &(String, String),
    mark: i64,
    horizon: &Horizon,
) -> Result<Slice, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut slice = Slice { minutes: 0, hours: 0, after: None };
    let mut last = after.clone();
    for _ in 0..SERIES_SLICE {
        let Some(next) = next_series(&transaction, &last)? else {
            slice.after = None;
            break;
        };
        let minutes = transaction
            .prepare_cached(
                "UPDATE rollups SET minutes = NULL
                 WHERE target = ?1 AND series = ?2 AND hour_ms >= ?3 AND hour_ms < ?4 AND minutes IS NOT NULL",
            )?
            .execute(params![next.0, next.1, mark, horizon.minutes.as_ms()])?;
        let hours = transaction
            .prepare_cached(
                "DELETE FROM rollups WHERE (target, series, hour_ms, writer) IN
                     (SELECT target, series, hour_ms, writer FROM rollups
                      WHERE target = ?1 AND series = ?2 AND hour_ms < ?3 ORDER BY hour_ms LIMIT ?4)",
            )?
            .execute(params![next.0, next.1, horizon.hours.as_ms(), HOURS_SLICE])?;
        slice.minutes += count(minutes);
        slice.hours += count(hours);
        last.clone_from(&next);
        slice.after = Some(next);
    }
    if slice.after.is_none() {
        transaction
            .prepare_cached(
                "INSERT INTO marks (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            )?
            .execute(params![MINUTES_GONE, horizon.minutes.as_ms()])?;
    }
    gate.may_commit()?;
    transaction.commit()?;
    Ok(slice)
}

/// Removes days that are old.
pub(super) fn remove_days(connection: &mut Connection, gate: &Gate, horizon: &Horizon) -> Result<u64, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = transaction.execute("DELETE FROM uptime WHERE day_ms < ?1", [horizon.hours.as_ms()])?;
    gate.may_commit()?;
    transaction.commit()?;
    Ok(count(removed))
}

/// Removes recordings that are old or, the oldest first, too much; at most [`RECORDINGS_SLICE`].
pub(super) fn remove_recordings(
    connection: &mut Connection,
    gate: &Gate,
    horizon: &Horizon,
) -> Result<u64, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let bytes: i64 =
        transaction.query_row("SELECT coalesce(sum(bytes), 0) FROM recordings", [], |row| row.get(0))?;
    let surplus = bytes.saturating_sub(column(horizon.recordings_bytes_max));
    let removed = transaction
        .prepare_cached(
            "DELETE FROM recordings WHERE id IN (
                 SELECT id FROM (SELECT id, to_ms, sum(bytes) OVER (ORDER BY to_ms, id) - bytes AS older
                                 FROM recordings ORDER BY to_ms, id LIMIT ?3)
                 WHERE to_ms < ?1 OR older < ?2)",
        )?
        .execute(params![horizon.recordings.as_ms(), surplus, RECORDINGS_SLICE])?;
    gate.may_commit()?;
    transaction.commit()?;
    Ok(count(removed))
}

fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
