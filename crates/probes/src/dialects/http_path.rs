//! Paths that may be asked.
//!
//! Refuses what would change something at the other side or carry a secret.

use serde::Deserialize;

use crate::told::short;

/// A path that is asked with `GET`, below the base URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct HttpPath(String);

impl HttpPath {
    /// As written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HttpPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        if !text.starts_with('/') || !text.chars().all(plain) || text.contains("..") || short(&text) != text {
            return Err(format!(
                "\"{}\" is no path: begin with \"/\" and use letters, digits and -_.~ only; no query, no {{placeholders}}",
                short(&text)
            ));
        }
        if logs_in(&text) {
            return Err(format!(
                "\"{text}\" makes the bridge log in to that account at each question, which disturbs all others: \
                 use the path of the account list"
            ));
        }
        Ok(Self(text))
    }
}

/// Whether the path is `…/account/<number>/info` or `…/account/<number>/trades`.
fn logs_in(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let of_one = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [.., "account", id, "info" | "trades"] if of_one(id))
}
