//! Addresses, and which of them are on this machine. Asks nobody: a name is taken as it is written.

use std::net::IpAddr;

use rebound::target::Reach;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::Problems;

/// The address that `text` is, if it is http or https and carries no name and password.
pub(crate) fn http_url(key: &str, text: &str, problems: &mut Problems) -> Option<Url> {
    let help = "Write it as \"http://host:port\" or \"https://host\", without a name or password in it.";
    match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            problems.add(key, &format!("\"{}\" is not http or https", url.scheme()), help);
            None
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            problems.add(key, "carries a name or password", help);
            None
        }
        Ok(url) => Some(url),
        Err(error) => {
            problems.add(key, &format!("is no address: {error}"), help);
            None
        }
    }
}

/// The host of `host:port`, where `text` is that; an IPv6 host stands in brackets.
pub(crate) fn host_of(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = match bare {
        Some(bare) => bare.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(plain),
    };
    let port = port.parse::<u16>().is_ok_and(|port| port > 0);
    (good && port).then_some(bare.unwrap_or(host))
}

/// Silence of what is on this machine is its own, whatever the network does.
pub(crate) fn reach(host: &str) -> Reach {
    let host = host.trim_matches(['[', ']']);
    let loopback =
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if loopback { Reach::Loopback } else { Reach::Network }
}

/// The hosts of a MongoDB connection string; nothing where it is none. No part of it may be told: it may hold a password.
pub(crate) fn mongodb_hosts(connection: &SecretString) -> Option<Vec<&str>> {
    let text = connection.expose_secret();
    let rest = text.strip_prefix("mongodb://").or_else(|| text.strip_prefix("mongodb+srv://"))?;
    let authority = rest.split(['/', '?']).next()?;
    let hosts = authority.rsplit('@').next()?;
    let hosts: Vec<&str> = hosts.split(',').collect();
    (!hosts.iter().any(|host| host.is_empty())).then_some(hosts)
}

/// Whether all hosts of a connection string are on this machine.
pub(crate) fn mongodb_reach(hosts: &[&str]) -> Reach {
    let here = |host: &&str| reach(host_of(host).unwrap_or(host)) == Reach::Loopback;
    if hosts.iter().all(here) { Reach::Loopback } else { Reach::Network }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_name("db.example.com:27017", Some("db.example.com"))]
    #[case::v4("127.0.0.1:22", Some("127.0.0.1"))]
    #[case::v6("[::1]:22", Some("::1"))]
    #[case::v6_without_brackets("::1:22", None)]
    #[case::no_port("example.com", None)]
    #[case::port_zero("example.com:0", None)]
    #[case::a_url("http://example.com:80", None)]
    #[case::no_host(":80", None)]
    fn a_host_and_its_port_are_told_from_other_texts(#[case] text: &str, #[case] host: Option<&str>) {
        assert_eq!(host_of(text), host);
    }

    #[rstest]
    #[case::this_machine("mongodb://user:p%40ss@localhost:27017/app", Some(Reach::Loopback))]
    #[case::without_a_port("mongodb://127.0.0.1", Some(Reach::Loopback))]
    #[case::one_of_three_elsewhere(
        "mongodb://localhost:1,[::1]:2,db.example.com:3/?replicaSet=a",
        Some(Reach::Network)
    )]
    #[case::by_name_service("mongodb+srv://user:secret@cluster.example.com/app", Some(Reach::Network))]
    #[case::no_host("mongodb://user:secret@/app", None)]
    #[case::another_database("postgres://localhost/app", None)]
    fn a_connection_string_says_whether_it_stays_here(#[case] text: &str, #[case] reach: Option<Reach>) {
        let text = SecretString::from(text.to_owned());
        assert_eq!(mongodb_hosts(&text).map(|hosts| mongodb_reach(&hosts)), reach);
    }
}
