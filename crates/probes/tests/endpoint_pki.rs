//! Certificates made for a test, and a server that shows one.

use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
    generate_simple_self_signed,
};
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key, ready to be shown.
pub(crate) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Shown {
    /// What shows it to whoever connects.
    pub(crate) fn acceptor(self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, self.key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// An authority that a test trusts.
pub(crate) struct Authority {
    /// Its own certificate.
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// First and last year of a certificate; both begin and end on 1 January.
pub(crate) type Years = (i32, i32);

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2100, 1, 1);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for `name`.
    pub(crate) fn vouches(&self, name: &str, (first, last): Years) -> Shown {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(first, 1, 1);
        params.not_after = date_time_ymd(last, 1, 1);
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        Shown { chain, key: PrivateKeyDer::Pkcs8(key.serialize_der().into()) }
    }
}

/// A certificate that nobody vouches for.
pub(crate) fn self_signed(name: &str) -> Shown {
    let made = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    Shown { chain: vec![made.cert.der().clone()], key }
}

/// A server over TLS that hears one head and answers with the same bytes each time.
pub(crate) struct Secure {
    pub(crate) url: Url,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Secure {
    pub(crate) async fn showing(shown: Shown, answer: &'static [u8]) -> Self {
        let acceptor = shown.acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&kept), answer));
            }
        });
        Self { url, heads }
    }

    /// What was asked, once somebody was trusted enough to be asked.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, heads: Arc<Mutex<Vec<String>>>, answer: &[u8]) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
    // Whoever no longer wants to hear is no trouble of the test's.
    drop(stream.write_all(answer).await);
    drop(stream.shutdown().await);
}
