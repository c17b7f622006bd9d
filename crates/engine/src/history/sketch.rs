//! A small table of how often numbers of about which size came: percentiles of any time by adding up those of its parts.
//!
//! The buckets grow by a constant factor, so that a percentile is within [`ERROR`] of the truth, however large it is; source:
//! Masson, Rim, Lee, "DDSketch", VLDB 2019. Only buckets that were met take room.

use std::collections::BTreeMap;

/// How far a percentile may be from the truth, as a share of it.
pub const ERROR: f64 = 0.01;

/// Version of the bytes.
const VERSION: u8 = 1;

/// Bucket of numbers that are not above zero.
const ZERO: i16 = i16::MIN;

/// How often numbers of about which size came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    counts: BTreeMap<i16, u64>,
}

/// Why bytes are no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSketch {
    /// They were written by a newer Rebound.
    #[error("the sketch has form {0}, this Rebound understands {VERSION}")]
    TooNew(u8),
    /// They break off, or say what cannot be.
    #[error("the sketch is cut off or broken")]
    Broken,
}

fn growth() -> f64 {
    (1.0 + ERROR) / (1.0 - ERROR)
}

impl Sketch {
    /// Takes in one number.
    pub fn add(&mut self, value: f64) {
        *self.counts.entry(bucket(value)).or_default() += 1;
    }

    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
    }

    /// The number that a `share` of all were at most as high as; `None` where there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all: u64 = self.counts.values().sum();
        if all == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts are far below 2^52, and the share is between 0 and 1"
        )]
        let rank = ((share.clamp(0.0, 1.0) * all as f64).ceil() as u64).max(1);
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += **count;
            before >= rank
        });
        found.map(|(bucket, _)| middle(*bucket))
    }

    /// The bytes that are stored: version, then for each bucket how far it is from the former and how often it was met.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        let mut former = 0_i32;
        for (bucket, count) in &self.counts {
            let step = i32::from(*bucket) - former;
            former = i32::from(*bucket);
            let zigzag = if step < 0 {
                u64::from(step.unsigned_abs()) * 2 - 1
            } else {
                u64::from(step.unsigned_abs()) * 2
            };
            put(&mut bytes, zigzag);
            put(&mut bytes, *count);
        }
        bytes
    }

    /// What [`Sketch::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`NoSketch`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoSketch> {
        let (version, mut rest) = bytes.split_first().ok_or(NoSketch::Broken)?;
        if *version != VERSION {
            return Err(NoSketch::TooNew(*version));
        }
        let mut counts = BTreeMap::new();
        let mut former = 0_i64;
        while !rest.is_empty() {
            let zigzag = i64::try_from(take(&mut rest)?).map_err(|_| NoSketch::Broken)?;
            let step = if zigzag % 2 == 1 { -(zigzag + 1) / 2 } else { zigzag / 2 };
            former = former.checked_add(step).ok_or(NoSketch::Broken)?;
            let bucket = i16::try_from(former).map_err(|_| NoSketch::Broken)?;
            if counts.insert(bucket, take(&mut rest)?).is_some() {
                return Err(NoSketch::Broken);
            }
        }
        Ok(Self { counts })
    }
}

fn bucket(value: f64) -> i16 {
    if value > 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number is small")]
        let number = (value.ln() / growth().ln()).ceil() as i64;
        i16::try_from(number).unwrap_or(i16::MAX).max(ZERO + 1)
    } else {
        ZERO
    }
}

/// The number in a bucket that is no further than [`ERROR`] from any in it.
fn middle(bucket: i16) -> f64 {
    if bucket == ZERO { 0.0 } else { 2.0 * growth().powi(i32::from(bucket)) / (growth() + 1.0) }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn take(rest: &mut &[u8]) -> Result<u64, NoSketch> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(NoSketch::Broken)?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(NoSketch::Broken)
}

#[cfg(test)]
#[path = "sketch_tests.rs"]
mod tests;
