//! Money as a bridge reports it.
//!
//! Missing is not an amount: what was not read is an absent [`Amount`], never one of zero.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Largest amount believed, in account currency. Above it a bridge is broken, not rich.
pub const AMOUNT_MAX: f64 = 1e13;

/// A finite sum in account currency, of at most [`AMOUNT_MAX`] in size.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Amount(f64);

/// Why a number is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is not a sum of money: it must be finite and at most 1e13 in size")]
pub struct InvalidAmount(f64);

impl Amount {
    /// Checks and wraps `value`.
    ///
    /// # Errors
    /// [`InvalidAmount`] if it is not a number, infinite or larger than [`AMOUNT_MAX`].
    pub fn try_new(value: f64) -> Result<Self, InvalidAmount> {
        if value.is_finite() && value.abs() <= AMOUNT_MAX {
            Ok(Self(value))
        } else {
            Err(InvalidAmount(value))
        }
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// Whether it shows as 0.00.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.abs() < 0.005
    }
}

impl Eq for Amount {}

impl TryFrom<f64> for Amount {
    type Error = InvalidAmount;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::try_new(value)
    }
}

impl From<Amount> for f64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl fmt::Display for Amount {
    /// `12,345.67`, `-0.50`: two decimals, thousands apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = alloc::format!("{:.2}", self.0.abs());
        let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
        if self.0 < 0.0 && !self.is_zero() {
            f.write_str("-")?;
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{cents}")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use rstest::rstest;

    use super::Amount;

    #[rstest]
    #[case(0.0, "0.00")]
    #[case(-0.001, "0.00")]
    #[case(999.999, "1,000.00")]
    #[case(1_234_567.5, "1,234,567.50")]
    #[case(-1_234.0, "-1,234.00")]
    fn an_amount_is_written_with_two_decimals(#[case] value: f64, #[case] written: &str) {
        assert_eq!(Amount::try_new(value).unwrap().to_string(), written);
    }

    #[rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(1e308)]
    fn what_is_no_money_is_refused(#[case] value: f64) {
        assert!(Amount::try_new(value).is_err());
    }
}
