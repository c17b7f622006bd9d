//! Whom an encrypted connection trusts, and until when the certificate that was shown is valid.
//!
//! Every connection is verified before a byte of a question is sent. The end of a certificate is told also where it has
//! passed, but only of a certificate that was good until then: of any other it would be anybody's word.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rebound::check::NoAnswer;
use rebound::time::Timestamp;
use reqwest::Url;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::parse_x509_certificate;

use super::Failure;
use super::tcp::is_broken_off;
use crate::setup::{SetupError, install_tls, public_url};
use crate::told::short;

/// What makes a connection to one host an encrypted one.
#[derive(Debug)]
pub(crate) struct Tls {
    name: ServerName<'static>,
    trust: Trust,
    dates: Dates,
}

/// Whether the dates of a certificate are held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// They are: who has let a certificate end is not asked.
    Kept,
    /// They are not, because Rebound's own clock may be the one that is wrong. Issuer and name are verified all the same.
    Ignored,
}

#[derive(Debug)]
enum Trust {
    Ready(Arc<dyn ServerCertVerifier>),
    /// This machine lacks certificates; it may get them, so Rebound starts all the same.
    Unready(String),
}

/// Verifies, and remembers what it saw. One for each connection.
#[derive(Debug)]
struct Witness {
    judge: Arc<dyn ServerCertVerifier>,
    dates: Dates,
    seen: OnceLock<Seen>,
}

#[derive(Clone, Debug)]
struct Seen {
    ends: Timestamp,
    /// What was wrong with it, if anything, in the last second before it ended.
    flaw: Option<rustls::Error>,
}

impl Tls {
    /// Prepares to trust as this machine trusts, or only `trusted_root_pem`.
    pub(crate) fn try_new(
        url: &Url,
        host: &str,
        trusted_root_pem: Option<&str>,
        dates: Dates,
    ) -> Result<Self, SetupError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| SetupError::Url {
            url: public_url(url),
            problem: "its host is no name that a certificate can be for",
            remedy: "Write the host's name as it stands in its certificate",
        })?;
        install_tls();
        let trust = match trusted_root_pem {
            Some(pem) => Trust::Ready(named_roots(pem)?),
            None => Verifier::new(provider()).map_or_else(
                |error| Trust::Unready(short(&error.to_string())),
                |machine| Trust::Ready(Arc::new(machine)),
            ),
        };
        Ok(Self { name, trust, dates })
    }

    /// Why no certificate can be checked here, if that is so.
    pub(crate) fn unready(&self) -> Option<&str> {
        match &self.trust {
            Trust::Ready(_) => None,
            Trust::Unready(why) => Some(why),
        }
    }

    /// Makes the encrypted connection, and tells when the certificate that was shown ends.
    pub(crate) async fn greet(
        &self,
        stream: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, Option<Timestamp>), Failure> {
        let judge = match &self.trust {
            Trust::Ready(judge) => Arc::clone(judge),
            Trust::Unready(why) => return Err(Failure::Unready(cannot_check(why))),
        };
        let witness = Arc::new(Witness { judge, dates: self.dates, seen: OnceLock::new() });
        let config = config(Arc::clone(&witness)).map_err(|error| tls(&error.to_string()))?;
        match TlsConnector::from(Arc::new(config)).connect(self.name.clone(), stream).await {
            Ok(stream) => Ok((stream, witness.seen.get().map(|seen| seen.ends))),
            Err(error) => Err(refused(&error, witness.seen.get())),
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged_at =
            |at| self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at);
        let verdict = judged_at(now);
        let Some(last) = last_second(end_entity) else {
            return verdict;
        };
        let in_time = judged_at(UnixTime::since_unix_epoch(last));
        let ends = Timestamp::from_ms(0).after(last);
        // A server shows one certificate per connection; the first is the one.
        self.seen.get_or_init(|| Seen { ends, flaw: in_time.as_ref().err().cloned() });
        match self.dates {
            Dates::Ignored => in_time,
            Dates::Kept => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

/// What a person is told where no certificate can be checked.
fn cannot_check(why: &str) -> String {
    format!(
        "this machine cannot check certificates ({why}): install the package ca-certificates, or name a trusted root for \
         the target, then restart Rebound"
    )
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .map_or_else(|| Arc::new(rustls::crypto::ring::default_provider()), Arc::clone)
}

fn named_roots(pem: &str) -> Result<Arc<WebPkiServerVerifier>, SetupError> {
    let unreadable = |detail: &dyn ToString| SetupError::TrustedRoot { detail: short(&detail.to_string()) };
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(root.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
    }
    if roots.is_empty() {
        return Err(unreadable(&"it holds no certificate"));
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| unreadable(&error))
}

fn config(witness: Arc<Witness>) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(witness)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Each question is to see the certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The last second in which a certificate is valid, since 1970.
fn last_second(certificate: &CertificateDer<'_>) -> Option<Duration> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    u64::try_from(certificate.validity().not_after.timestamp()).ok().map(Duration::from_secs)
}

fn has_ended(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. }
        )
    )
}

fn refused(error: &io::Error, seen: Option<&Seen>) -> Failure {
    let Some(cause) = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()) else {
        return if is_broken_off(error) {
            tls("the other side closed during the handshake")
        } else {
            tls(&error.to_string())
        };
    };
    match seen {
        Some(Seen { ends, flaw: None }) if has_ended(cause) => Failure::CertificateEnded(*ends),
        // What is wrong beside the dates says more than they do.
        Some(Seen { ends, flaw }) => {
            let cause = flaw.as_ref().filter(|_| has_ended(cause)).unwrap_or(cause);
            tls(&format!("{} (its certificate ends {ends})", words(cause)))
        }
        None => tls(&words(cause)),
    }
}

fn tls(why: &str) -> Failure {
    Failure::Silent(NoAnswer::Tls(short(why)))
}

/// The commonest causes as a person says them, without the name that was asked for.
pub(in crate::endpoint) fn words(error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    if matches!(error, rustls::Error::InvalidMessage(_)) {
        return "it does not speak TLS".to_owned();
    }
    let rustls::Error::InvalidCertificate(why) = error else {
        return error.to_string();
    };
    let said = if has_ended(error) {
        "its certificate has ended, or one that vouches for it"
    } else if matches!(why, Certificate::UnknownIssuer) {
        "the issuer of its certificate is not trusted"
    } else if matches!(why, Certificate::BadSignature) {
        "its certificate is not signed by the issuer that it names"
    } else if matches!(why, Certificate::NotValidForName | Certificate::NotValidForNameContext { .. }) {
        "its certificate is for another name"
    } else if matches!(why, Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) {
        "its certificate is not valid yet"
    } else {
        return error.to_string();
    };
    said.to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};
    use std::time::Duration;

    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    use rebound::time::Timestamp;
    use rstest::rstest;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use super::{Dates, Witness, named_roots};
    use crate::setup::install_tls;

    /// Whether a witness lets a server pass that shows a certificate for `name` from 2010 to 2020, looked at in `year`.
    fn passes(dates: Dates, name: &str, year: i64) -> bool {
        install_tls();
        let (key, its_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2010, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
        let shown: CertificateDer<'_> =
            params.signed_by(&its_key, &Issuer::new(authority, key)).unwrap().der().clone();
        let judge = named_roots(&root.pem()).unwrap();
        let witness = Arc::new(Witness { judge, dates, seen: OnceLock::new() });
        let now = Timestamp::from_civil(year, 6, 1, 0, 0).since(Timestamp::from_ms(0));
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()));
        let asked = ServerName::try_from("example.com").unwrap();
        witness.verify_server_cert(&shown, &[], &asked, &[], now).is_ok()
    }

    #[rstest]
    #[case::in_time(Dates::Kept, "example.com", 2015, true)]
    #[case::over(Dates::Kept, "example.com", 2025, false)]
    #[case::too_early(Dates::Kept, "example.com", 2005, false)]
    #[case::over_by_a_clock_that_may_be_wrong(Dates::Ignored, "example.com", 2025, true)]
    #[case::too_early_by_a_clock_that_may_be_wrong(Dates::Ignored, "example.com", 1975, true)]
    #[case::for_another_name(Dates::Ignored, "example.net", 2015, false)]
    fn only_dates_can_be_ignored(
        #[case] dates: Dates,
        #[case] name: &str,
        #[case] year: i64,
        #[case] good: bool,
    ) {
        assert_eq!(passes(dates, name, year), good);
    }
}
