//! `[outside]`: who watches Rebound from outside, by the signs of life that it gives.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::Problems;
use super::secret::Secrets;
use super::span::{DAY, Span, within};
use super::value::ValueSection;

/// Usual time from one sign of life to the next.
const EVERY: Duration = Duration::from_secs(60);

/// Least time from one sign of life to the next: the service is another's.
const EVERY_MIN: Duration = Duration::from_secs(5);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideSection {
    ping: Option<ValueSection>,
    every: Option<Span>,
    method: Option<Method>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
}

/// Where signs of life go. The address is a secret, wherever it stands: such services put one into its path.
#[derive(Debug)]
#[expect(missing_docs, reason = "named as the keys of docs/CONFIG.md")]
pub struct OutsideSettings {
    pub ping: SecretString,
    /// All of the address that may be shown.
    pub host: String,
    /// Where the address stands, for people.
    pub place: String,
    pub every: Duration,
    /// Whether it is sent as `POST`.
    pub post: bool,
}

pub(crate) fn check(
    section: OutsideSection,
    secrets: &mut Secrets<'_>,
    problems: &mut Problems,
) -> Option<OutsideSettings> {
    let every = within("outside.every", section.every, EVERY, EVERY_MIN, DAY, problems);
    let post = section.method.unwrap_or_default() == Method::Post;
    let key = "outside.ping";
    let (ping, place) = match section.ping {
        None => {
            if section.every.is_some() || section.method.is_some() {
                let help = "Give the address that expects signs of life, or leave the section out.";
                problems.add(key, "is missing", help);
            }
            return None;
        }
        Some(ValueSection::Plain(text)) => (SecretString::from(text), key.to_owned()),
        Some(ValueSection::Secret(source)) => (secrets.read(key, &source, problems)?, source.to_string()),
    };
    match host(ping.expose_secret()) {
        Ok(host) => Some(OutsideSettings { ping, host, place, every, post }),
        Err(what) => {
            problems.add(key, what, "Write it as the service shows it, e.g. \"https://host/path\".");
            None
        }
    }
}

/// The host of an address, or what is wrong with it. The address is not repeated.
fn host(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no address")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is not http or https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("carries a name or password");
    }
    url.host_str().map(str::to_owned).ok_or("names no host")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;

    use super::*;

    fn checked(text: &str) -> (Option<OutsideSettings>, String) {
        let environment = |name: &str| (name == "PING").then(|| "https://example.com/s3cr3t".to_owned());
        let mut secrets = Secrets { folder: Path::new("."), environment: &environment };
        let mut problems = Problems::new(Path::new("rebound.toml"));
        let settings = check(toml::from_str(text).unwrap(), &mut secrets, &mut problems);
        let said = if problems.is_empty() { String::new() } else { problems.to_string() };
        (settings, said)
    }

    #[test]
    fn nothing_is_asked_for_and_nothing_is_wrong() {
        let (settings, said) = checked("");
        assert!(settings.is_none() && said.is_empty(), "{said}");
    }

    #[test]
    fn an_address_from_the_environment_is_a_secret_and_its_place_is_known() {
        let (settings, said) = checked("ping = { env = \"PING\" }\nevery = \"5m\"\nmethod = \"POST\"");
        let settings = settings.unwrap_or_else(|| panic!("{said}"));
        assert_eq!(settings.place, "the environment variable PING");
        assert_eq!(
            (settings.host.as_str(), settings.every.as_secs(), settings.post),
            ("example.com", 300, true)
        );
        assert!(!format!("{settings:?}").contains("s3cr3t"));
    }

    #[rstest]
    #[case::without_an_address("every = \"60s\"", "outside.ping: is missing")]
    #[case::too_often("ping = \"https://example.com/s3cr3t\"\nevery = \"1s\"", "outside of 5s to 1day")]
    #[case::another_scheme("ping = \"ftp://example.com/s3cr3t\"", "is not http or https")]
    #[case::no_address("ping = \"s3cr3t\"", "is no address")]
    #[case::a_password("ping = \"https://ada:s3cr3t@example.com/\"", "carries a name or password")]
    fn what_is_wrong_is_told_without_the_address(#[case] text: &str, #[case] why: &str) {
        let (_, said) = checked(text);
        assert!(said.contains(why) && !said.contains("s3cr3t"), "{said}");
    }
}
