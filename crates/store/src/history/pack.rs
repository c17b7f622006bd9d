//! Minutes, hours and observations as bytes. Each form has a version in front; what a newer Rebound wrote is refused.
//!
//! Every number comes back bit by bit as it was: money is not rounded on the way.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rebound::time::Timestamp;
use rebound::uptime::UptimeFigures;
use rebound_engine::history::rollup::Rollup;
use rebound_engine::history::sketch::Sketch;
use rebound_engine::ports::StoreError;

/// Version of each form.
const VERSION: u8 = 1;

/// Most bytes that anything unpacks to. The engine closes a recording at 256 KiB; one observation may be larger.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;

/// All of its numbers are the same.
const FLAT: u8 = 1;
/// It has a limit.
const LIMITED: u8 = 2;
/// It has a sketch.
const SKETCHED: u8 = 4;

/// The minutes of an hour.
pub(crate) fn minutes(hour: Timestamp, minutes: &BTreeMap<u8, Rollup>) -> Vec<u8> {
    let mut body = Vec::with_capacity(minutes.len() * 48);
    for (minute, rollup) in minutes {
        let Rollup { count, min, max, sum, last, last_at, limit, sketch } = rollup;
        let is_flat = min.to_bits() == max.to_bits() && max.to_bits() == last.to_bits();
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        body.push(*minute);
        body.push(flag(is_flat, FLAT) | flag(limit.is_some(), LIMITED) | flag(sketch.is_some(), SKETCHED));
        put(&mut body, *count);
        put(&mut body, u64::try_from(last_at.as_ms() - hour.as_ms()).unwrap_or(0));
        for number in [sum, last] {
            body.extend_from_slice(&number.to_le_bytes());
        }
        if !is_flat {
            for number in [min, max] {
                body.extend_from_slice(&number.to_le_bytes());
            }
        }
        if let Some(limit) = limit {
            body.extend_from_slice(&limit.to_le_bytes());
        }
        if let Some(sketch) = sketch {
            let bytes = sketch.to_bytes();
            put(&mut body, bytes.len() as u64);
            body.extend_from_slice(&bytes);
        }
    }
    zip(&body)
}

/// What [`minutes`] made.
pub(crate) fn minutes_from(hour: Timestamp, bytes: &[u8]) -> Result<BTreeMap<u8, Rollup>, StoreError> {
    const WHAT: &str = "the minutes of an hour";
    let body = unzip(WHAT, bytes)?;
    let mut rest = Rest { what: WHAT, bytes: &body };
    let mut found = BTreeMap::new();
    while !rest.bytes.is_empty() {
        let (minute, flags) = (rest.byte()?, rest.byte()?);
        let count = rest.number()?;
        let offset = i64::try_from(rest.number()?).map_err(|_| rest.broken())?;
        let (sum, last) = (rest.float()?, rest.float()?);
        let (min, max) = if flags & FLAT == 0 { (rest.float()?, rest.float()?) } else { (last, last) };
        let limit = if flags & LIMITED == 0 { None } else { Some(rest.float()?) };
        let sketch = if flags & SKETCHED == 0 {
            None
        } else {
            let length = usize::try_from(rest.number()?).map_err(|_| rest.broken())?;
            Some(sketch_from(rest.take(length)?)?)
        };
        let last_at = Timestamp::from_ms(hour.as_ms() + offset);
        found.insert(minute, Rollup { count, min, max, sum, last, last_at, limit, sketch });
    }
    Ok(found)
}

/// What [`Sketch::to_bytes`] made.
pub(crate) fn sketch_from(bytes: &[u8]) -> Result<Sketch, StoreError> {
    Sketch::from_bytes(bytes).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// The hours of a day.
pub(crate) fn day(hours: &[UptimeFigures; 24]) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    hours.iter().for_each(|hour| put_figures(&mut bytes, hour));
    bytes
}

/// All hours of a day together.
pub(crate) fn total(figures: &UptimeFigures) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    put_figures(&mut bytes, figures);
    bytes
}

/// What [`total`] made.
pub(crate) fn total_from(bytes: &[u8]) -> Result<UptimeFigures, StoreError> {
    let mut rest = Rest { what: "a day", bytes };
    rest.version()?;
    rest.figures()
}

fn put_figures(bytes: &mut Vec<u8>, figures: &UptimeFigures) {
    let spent = spent(figures);
    let mask = (0..6).filter(|state| spent[*state] > 0).fold(0_u8, |mask, state| mask | 1 << state);
    bytes.push(mask);
    spent.into_iter().filter(|ms| *ms > 0).for_each(|ms| put(bytes, ms));
}

/// What [`day`] made.
pub(crate) fn day_from(bytes: &[u8]) -> Result<[UptimeFigures; 24], StoreError> {
    let mut rest = Rest { what: "the hours of a day", bytes };
    rest.version()?;
    let mut hours = [UptimeFigures::default(); 24];
    for hour in &mut hours {
        *hour = rest.figures()?;
    }
    Ok(hours)
}

/// Time in each state, in the order in which it is kept.
const fn spent(figures: &UptimeFigures) -> [u64; 6] {
    let UptimeFigures { up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms } =
        *figures;
    [up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms]
}

/// The lines of a recording.
pub(crate) fn lines(lines: &[u8]) -> Vec<u8> {
    zip(lines)
}

/// What [`lines`] made.
pub(crate) fn lines_from(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    unzip("a recording", bytes)
}

fn zip(body: &[u8]) -> Vec<u8> {
    let mut zip = ZlibEncoder::new(vec![VERSION], Compression::default());
    let written = zip.write_all(body).and_then(|()| zip.finish());
    written.expect("memory takes everything that is written into it")
}

fn unzip(what: &'static str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut rest = Rest { what, bytes };
    rest.version()?;
    let mut body = Vec::new();
    let read = ZlibDecoder::new(rest.bytes).take(UNPACKED_MAX + 1).read_to_end(&mut body);
    match read {
        Ok(length) if length as u64 <= UNPACKED_MAX => Ok(body),
        Ok(_) => Err(StoreError::Damaged(format!("{what} unpacks to more than {UNPACKED_MAX} bytes"))),
        Err(error) => Err(StoreError::Damaged(format!("{what} cannot be unpacked: {error}"))),
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

/// What is not read yet.
struct Rest<'a> {
    what: &'static str,
    bytes: &'a [u8],
}

impl<'a> Rest<'a> {
    fn broken(&self) -> StoreError {
        StoreError::Damaged(format!("{} is cut off or broken", self.what))
    }

    fn version(&mut self) -> Result<(), StoreError> {
        match self.byte()? {
            VERSION => Ok(()),
            found => {
                let what = self.what;
                Err(StoreError::Damaged(format!(
                    "{what} has form {found}, this Rebound understands {VERSION}"
                )))
            }
        }
    }

    fn figures(&mut self) -> Result<UptimeFigures, StoreError> {
        let mask = self.byte()?;
        let mut spent = [0; 6];
        for (state, ms) in spent.iter_mut().enumerate() {
            if mask & 1 << state != 0 {
                *ms = self.number()?;
            }
        }
        let [up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms] = spent;
        Ok(UptimeFigures { up_ms, degraded_ms, down_ms, unknown_ms, maintenance_ms, market_closed_ms })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], StoreError> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(|| self.broken())?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, StoreError> {
        Ok(self.take(1)?[0])
    }

    fn float(&mut self) -> Result<f64, StoreError> {
        let bytes: [u8; 8] = self.take(8)?.try_into().map_err(|_| self.broken())?;
        Ok(f64::from_le_bytes(bytes))
    }

    fn number(&mut self) -> Result<u64, StoreError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.broken())
    }
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
