//! Why an exchange failed, from the chain of errors of the HTTP client.
//!
//! Never shows a URL: the caller has stripped it.

use std::error::Error;
use std::io;

use rebound::check::NoAnswer;

use crate::told::short;

/// What hyper says when the other side closes before the head of the answer is whole. It has no kind for it that is public
/// through the HTTP client; the tests over the wire notice a change of words.
const CLOSED_EARLY: &str = "connection closed before message completed";

/// The reason of a failed exchange that had `wait_ms` to end.
pub(super) fn no_answer(error: &reqwest::Error, encrypted: bool, wait_ms: u32) -> NoAnswer {
    if error.is_timeout() {
        return NoAnswer::TimedOut(wait_ms);
    }
    if error.is_dns() {
        return unresolved(&innermost(error));
    }
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return NoAnswer::Tls(short(&tls.to_string()));
    }
    let kind =
        causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind).last();
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => NoAnswer::Refused,
        Some(io::ErrorKind::UnexpectedEof) if encrypted && error.is_connect() => {
            NoAnswer::Tls("the other side closed during the handshake".to_owned())
        }
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => NoAnswer::BrokeOff,
        Some(_) | None => {
            let why = innermost(error);
            if why == CLOSED_EARLY { NoAnswer::BrokeOff } else { NoAnswer::Other(short(&why)) }
        }
    }
}

/// A name that does not exist, or a resolver that cannot say just now: the second is no fact about the name.
fn unresolved(why: &str) -> NoAnswer {
    if why.contains("emporary failure") {
        NoAnswer::Other("the host name could not be looked up for now".to_owned())
    } else {
        NoAnswer::NameUnknown
    }
}

/// The chain of causes. An I/O error passes over its own content when asked for its source, so it is opened here.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inside.map(|inside| -> &(dyn Error + 'static) { inside }).or_else(|| (*error).source())
    })
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use rebound::check::NoAnswer;
    use rstest::rstest;

    use super::unresolved;

    #[rstest]
    #[case::linux("failed to lookup address information: Name or service not known", true)]
    #[case::windows("No such host is known. (os error 11001)", true)]
    #[case::offline("failed to lookup address information: Temporary failure in name resolution", false)]
    fn a_resolver_that_cannot_say_is_not_an_unknown_name(#[case] why: &str, #[case] unknown: bool) {
        assert_eq!(unresolved(why) == NoAnswer::NameUnknown, unknown);
    }
}
