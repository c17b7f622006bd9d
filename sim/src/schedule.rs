//! A fault that is planned before the simulator starts: `NAME[=VALUE][@AFTER]`.
//!
//! Only reads the text; `world.rs` sets the fault when its time comes.

use std::{fmt, str::FromStr, time::Duration};

use thiserror::Error;

use crate::faults::{Fault, FaultError, FaultSet};

/// A fault and when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFault {
    /// What.
    pub fault: Fault,
    /// Its value; `None` takes the fault's default.
    pub value: Option<i64>,
    /// How long after the start.
    pub after: Duration,
}

/// Why a text plans no fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// The fault or its value is not known.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// The value is no whole number.
    #[error("`{0}` is no whole number; say for example slow=3000")]
    Value(String),
    /// The time cannot be read.
    #[error("`{0}` is no time; say for example link_lost@30s")]
    Time(String),
}

impl FromStr for PlannedFault {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let (what, after) = text.split_once('@').unwrap_or((text, "0s"));
        let after = humantime::parse_duration(after).map_err(|_| PlanError::Time(after.to_owned()))?;
        let (name, value) = match what.split_once('=') {
            Some((name, value)) => {
                let number = value.parse().map_err(|_| PlanError::Value(value.to_owned()))?;
                (name, Some(number))
            }
            None => (what, None),
        };
        let fault: Fault = name.parse()?;
        FaultSet::default().set(fault, value)?;
        Ok(Self { fault, value, after })
    }
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.map(|value| format!("={value}")).unwrap_or_default();
        write!(formatter, "{}{value}@{}", self.fault, humantime::format_duration(self.after))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{PlanError, PlannedFault};
    use crate::faults::Fault;

    #[test]
    fn value_and_time_may_be_left_out() {
        let planned = "identity-swap".parse::<PlannedFault>().unwrap();
        assert_eq!(planned, PlannedFault { fault: Fault::IdentitySwap, value: None, after: Duration::ZERO });
        let planned = "slow=100@1m 5s".parse::<PlannedFault>().unwrap();
        assert_eq!((planned.fault, planned.value, planned.after.as_secs()), (Fault::Slow, Some(100), 65));
        assert_eq!(planned.to_string(), "slow=100@1m 5s");
    }

    #[test]
    fn each_mistake_is_told_apart() {
        let error = |text: &str| text.parse::<PlannedFault>().unwrap_err();
        assert!(matches!(error("gremlins"), PlanError::Fault(_)));
        assert!(matches!(error("slow=-1"), PlanError::Fault(_)));
        assert!(matches!(error("slow=soon"), PlanError::Value(_)));
        assert!(matches!(error("slow@soon"), PlanError::Time(_)));
    }
}
