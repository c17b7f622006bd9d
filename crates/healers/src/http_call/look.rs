//! Whether the host of a call is there, found out without calling it: a connection is made, with TLS where the call has it, and
//! closed again. Nothing is sent over it.

use std::sync::Arc;
use std::time::Duration;

use rebound::readiness::{Seen, Trouble};
use reqwest::Url;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::http_call::HttpCall;
use crate::wire::is_own;

/// Variables by which this machine sends calls through a proxy.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl HttpCall {
    /// Connects to the call's host within this time, and goes away again. The remedy itself is not called.
    pub async fn look(&self, within: Duration) -> Seen {
        let place = self.url.origin().ascii_serialization();
        if !is_own(&self.url) && has_proxy() {
            return Seen::NotSeen(format!(
                "{place} is called through the proxy of this machine's environment, which only a call can show"
            ));
        }
        match timeout(within, connect(&self.url)).await {
            Ok(Ok(())) => Seen::Works(format!("{place} takes connections; the call itself was not made")),
            Ok(Err(why)) => silent(&place, &why),
            Err(_) => silent(&place, "no connection could be made in time"),
        }
    }
}

fn silent(place: &str, why: &str) -> Seen {
    let mend = "See that the program runs, that the address is right, and that this machine may reach it";
    Seen::Silent(Trouble::new(format!("{place} cannot be reached ({why})"), mend))
}

fn has_proxy() -> bool {
    PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

async fn connect(url: &Url) -> Result<(), String> {
    let host = url.host_str().ok_or("the address names no host")?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or("the address names no port")?;
    let stream = TcpStream::connect((host, port)).await.map_err(|error| error.to_string())?;
    if url.scheme() != "https" {
        return Ok(());
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(tls()?));
    connector.connect(name, stream).await.map(drop).map_err(|error| error.to_string())
}

/// As the calls themselves are made.
fn tls() -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verified = builder.with_platform_verifier().map_err(|error| error.to_string())?;
    Ok(verified.with_no_client_auth())
}
