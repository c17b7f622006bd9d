//! Rows of the history as documents and back. Dates are dates, numbers are numbers, and what is packed is bytes.

use std::collections::BTreeMap;

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use rebound::history::Series;
use rebound::ids::TargetId;
use rebound::time::Timestamp;
use rebound::uptime::UptimeFigures;
use rebound_engine::history::recording::Recording;
use rebound_engine::history::rollup::{Hour, HourKey, Rollup, Writer};
use rebound_engine::history::uptime::{DayTotal, UptimeDay};
use rebound_engine::ports::StoreError;

use super::super::failure::Fault;
use super::super::form::{date, must_know, whole};
use super::super::schema::RECORD_VERSION;
use crate::history::pack;

/// Most bytes of one packed recording: a document has at most 16 MB.
const RECORDING_BYTES_MAX: usize = 12 * 1024 * 1024;

/// The update that puts a whole document in the place of the one with its key.
fn put(id: String, mut document: Document) -> Document {
    document.insert("version", i64::from(RECORD_VERSION));
    doc! { "q": { "_id": id }, "u": document, "upsert": true }
}

/// Where a series stands in the document of an hour. A point in a field's name would look like a path.
pub(super) fn field(series: Series) -> String {
    series.to_string().replace('.', "_")
}

/// The updates that write hours: all series of a target's hour stand in one document, so that a minute of a bridge with many accounts is
/// one write. What is written of a series replaces what stood there; the others stay.
pub(super) fn of_hours(hours: &[Hour]) -> Vec<Document> {
    let mut changes: BTreeMap<(&TargetId, Timestamp, Writer), (Document, Vec<Bson>)> = BTreeMap::new();
    for hour in hours {
        let HourKey { hour: at, target, series, writer } = &hour.key;
        let (set, names) = changes.entry((target, *at, *writer)).or_default();
        let name = field(*series);
        set.insert(format!("series.{name}"), of_rollup(&hour.whole));
        set.insert(format!("minutes.{name}"), bytes(pack::minutes(*at, &hour.minutes)));
        names.push(Bson::String(series.to_string()));
    }
    let changes = changes.into_iter().map(|((target, at, writer), (mut set, names))| {
        set.insert("target", target.as_str());
        set.insert("hour", date(at));
        set.insert("writer", column(writer.0));
        set.insert("version", i64::from(RECORD_VERSION));
        let id = format!("{target}/{}/{}", at.as_ms(), writer.0);
        let update = doc! { "$set": set, "$addToSet": { "names": { "$each": names } } };
        doc! { "q": { "_id": id }, "u": update, "upsert": true }
    });
    changes.collect()
}

fn of_rollup(rollup: &Rollup) -> Document {
    let Rollup { count, min, max, sum, last, last_at, limit, sketch } = rollup;
    let mut document = doc! {
        "count": column(*count),
        "min": min,
        "max": max,
        "sum": sum,
        "last": last,
        "last_at": date(*last_at),
    };
    if let Some(limit) = limit {
        document.insert("limit", limit);
    }
    if let Some(sketch) = sketch {
        document.insert("sketch", bytes(sketch.to_bytes()));
    }
    document
}

/// The hour of a series in a document that has all series of a target; `None` if it has no number of this one.
pub(super) fn hour_in(
    document: &Document,
    target: &TargetId,
    series: Series,
) -> Result<Option<Hour>, StoreError> {
    known(document)?;
    let name = field(series);
    let of_series = |part: &str| document.get_document(part).ok().and_then(|all| all.get(&name));
    let Some(whole) = of_series("series") else { return Ok(None) };
    let whole = whole.as_document().ok_or_else(|| damaged("series"))?;
    hour_of(document, whole, of_series("minutes"), (target, series)).map(Some)
}

/// The hour whose key is in `document`, whose numbers are in `whole`, and whose minutes are `packed`, while they are kept.
pub(super) fn hour_of(
    document: &Document,
    whole: &Document,
    packed: Option<&Bson>,
    (target, series): (&TargetId, Series),
) -> Result<Hour, StoreError> {
    let hour = time(document, "hour")?;
    let key = HourKey { hour, target: target.clone(), series, writer: Writer(number(document, "writer")?) };
    let sketch = whole.get_binary_generic("sketch").ok();
    let whole = Rollup {
        count: number(whole, "count")?,
        min: float(whole, "min")?,
        max: float(whole, "max")?,
        sum: float(whole, "sum")?,
        last: float(whole, "last")?,
        last_at: time(whole, "last_at")?,
        limit: whole.get_f64("limit").ok(),
        sketch: sketch.map(|bytes| pack::sketch_from(bytes)).transpose()?,
    };
    let minutes = match packed {
        Some(Bson::Binary(packed)) => pack::minutes_from(hour, &packed.bytes)?,
        Some(_) => return Err(damaged("minutes")),
        None => BTreeMap::new(),
    };
    Ok(Hour { key, whole, minutes })
}

/// The update that writes a day, unless the one that is there knows more.
pub(super) fn of_day(day: &UptimeDay) -> Document {
    let UptimeFigures { up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms } =
        day.whole();
    let covered = column(day.covered_ms());
    let document = doc! {
        "target": day.target.as_str(),
        "day": date(day.day),
        "covered_ms": covered,
        "up_ms": column(up_ms),
        "degraded_ms": column(degraded_ms),
        "down_ms": column(down_ms),
        "unknown_ms": column(unknown_ms),
        "maintenance_ms": column(maintenance_ms),
        "market_closed_ms": column(market_closed_ms),
        "hours": bytes(pack::day(&day.hours)),
    };
    let mut update = put(format!("{}/{}", day.target, day.day.as_ms()), document);
    if let Ok(filter) = update.get_document_mut("q") {
        // Where the one that is there knows more, its key is taken.
        filter.insert("covered_ms", doc! { "$lte": covered });
    }
    update
}

/// The day in a document.
pub(super) fn day_of(document: &Document, target: &TargetId) -> Result<UptimeDay, StoreError> {
    known(document)?;
    let hours = document.get_binary_generic("hours").map_err(|_| damaged("a day without hours"))?;
    Ok(UptimeDay { target: target.clone(), day: time(document, "day")?, hours: pack::day_from(hours)? })
}

/// The day in a document, without its hours.
pub(super) fn total_of(document: &Document) -> Result<DayTotal, StoreError> {
    known(document)?;
    let name = document.get_str("target").map_err(|_| damaged("target"))?;
    let target = TargetId::try_new(name).map_err(|_| damaged("target"))?;
    let figures = UptimeFigures {
        up_ms: number(document, "up_ms")?,
        degraded_ms: number(document, "degraded_ms")?,
        down_ms: number(document, "down_ms")?,
        unknown_ms: number(document, "unknown_ms")?,
        maintenance_ms: number(document, "maintenance_ms")?,
        market_closed_ms: number(document, "market_closed_ms")?,
    };
    Ok(DayTotal { target, day: time(document, "day")?, figures })
}

/// The update that writes a recording; `None` if no document can hold it.
pub(super) fn of_recording(one: &Recording) -> Option<Document> {
    let name = one.of.as_ref().map_or("", |target| target.as_str());
    let packed = pack::lines(&one.lines);
    if packed.len() > RECORDING_BYTES_MAX {
        tracing::error!(
            target.id = name,
            bytes = packed.len(),
            "a recording is too large for the database and is left out"
        );
        return None;
    }
    let document = doc! {
        "target": name,
        "from": date(one.from),
        "to": date(one.to),
        "writer": column(one.writer.0),
        "count": i64::from(one.count),
        "bytes": column(packed.len() as u64),
        "packed": bytes(packed),
    };
    Some(put(format!("{name}/{}/{}", one.from.as_ms(), one.writer.0), document))
}

/// The recording in a document.
pub(super) fn recording_of(document: &Document, of: Option<&TargetId>) -> Result<Recording, StoreError> {
    known(document)?;
    let packed = document.get_binary_generic("packed").map_err(|_| damaged("a recording without lines"))?;
    Ok(Recording {
        of: of.cloned(),
        from: time(document, "from")?,
        to: time(document, "to")?,
        writer: Writer(number(document, "writer")?),
        count: u32::try_from(number(document, "count")?).map_err(|_| damaged("too many lines"))?,
        lines: pack::lines_from(packed)?,
    })
}

pub(super) fn known(document: &Document) -> Result<(), StoreError> {
    match must_know(document, &|| "a row of the history".to_owned()) {
        Ok(()) => Ok(()),
        Err(Fault::Store(error)) => Err(error),
        Err(Fault::Driver(_) | Fault::Slow(_)) => Err(damaged("a row that cannot be read")),
    }
}

fn time(document: &Document, key: &str) -> Result<Timestamp, StoreError> {
    let found = document.get_datetime(key).map_err(|_| damaged(key))?;
    Ok(Timestamp::from_ms(found.timestamp_millis()))
}

fn number(document: &Document, key: &str) -> Result<u64, StoreError> {
    document
        .get(key)
        .and_then(whole)
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| damaged(key))
}

fn float(document: &Document, key: &str) -> Result<f64, StoreError> {
    document.get_f64(key).map_err(|_| damaged(key))
}

/// What is said of a document without `what`.
pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("a row of the history has no `{what}` that can be read"))
}

pub(super) fn bytes(bytes: Vec<u8>) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes })
}

pub(super) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
