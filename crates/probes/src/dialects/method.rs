//! How a bridge is asked: with `GET`, and with nothing else.

use serde::Deserialize;

use crate::told::short;

/// The method of every question. A dialect may name it, and cannot change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Method {
    /// A question that changes nothing at the other side.
    #[default]
    Get,
}

impl TryFrom<String> for Method {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "GET" {
            return Ok(Self::Get);
        }
        Err(format!(
            "method \"{}\" is never used for a question: a question must change nothing at the bridge, so it is a GET. What acts \
             is a remedy of the target",
            short(&text)
        ))
    }
}
