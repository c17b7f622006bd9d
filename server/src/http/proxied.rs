//! From where somebody comes who comes through a reverse proxy: as that tells, if it is one that is believed. Without this everybody
//! behind a proxy would share the tries of one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

/// Where a proxy tells whom it asks for, the nearest last.
const FORWARDED: &str = "x-forwarded-for";

/// Proxies that are believed.
pub(super) type Proxies = Arc<[IpAddr]>;

/// Puts the address of whoever asks in place of the proxy's.
pub(super) async fn look_behind(
    State(proxies): State<Proxies>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(from)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let asks = behind(from.ip(), request.headers(), &proxies);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(asks, from.port())));
    }
    next.run(request).await
}

/// Whoever asks. Each proxy is believed about the one before it; what somebody else wrote into the header is not.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let told = headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(",");
    let mut asks = peer.to_canonical();
    for before in told.rsplit(',') {
        let (true, Some(before)) = (proxies.contains(&asks), address(before.trim())) else { break };
        asks = before.to_canonical();
    }
    asks
}

/// Some proxies tell the port as well.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_believed_proxy_tells_who_asks() {
        let of = |peer: &str, told: &[&str], proxies: &[&str]| {
            let mut headers = HeaderMap::new();
            for told in told {
                headers.append(FORWARDED, told.parse().unwrap());
            }
            let proxies: Vec<IpAddr> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
            behind(peer.parse().unwrap(), &headers, &proxies).to_string()
        };
        let near = &["127.0.0.1"];
        assert_eq!(of("127.0.0.1", &["192.0.2.7"], near), "192.0.2.7");
        assert_eq!(of("127.0.0.1", &["192.0.2.7"], &[]), "127.0.0.1", "nobody is believed by itself");
        assert_eq!(
            of("192.0.2.9", &["192.0.2.7"], near),
            "192.0.2.9",
            "who comes past the proxy is not believed"
        );
        assert_eq!(
            of("127.0.0.1", &["10.0.0.1, 192.0.2.7"], near),
            "192.0.2.7",
            "what he wrote himself is not"
        );
        assert_eq!(
            of("127.0.0.1", &["10.0.0.1", "192.0.2.7"], near),
            "192.0.2.7",
            "nor in a header of its own"
        );
        assert_eq!(of("127.0.0.1", &["192.0.2.7, 127.0.0.2"], &["127.0.0.1", "127.0.0.2"]), "192.0.2.7");
        assert_eq!(of("127.0.0.1", &["192.0.2.7:1234"], near), "192.0.2.7");
        assert_eq!(of("127.0.0.1", &["[2001:db8::7]:1234"], near), "2001:db8::7");
        assert_eq!(of("127.0.0.1", &["nonsense"], near), "127.0.0.1");
        assert_eq!(of("::ffff:127.0.0.1", &["192.0.2.7"], near), "192.0.2.7");
        assert_eq!(of("127.0.0.1", &[], near), "127.0.0.1");
    }
}
