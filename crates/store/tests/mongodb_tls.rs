//! A MongoDB server behind TLS: who is trusted, and what is said where nobody is.
//!
//! The server for tests speaks no TLS by itself, so an end of TLS stands before it.

#![expect(clippy::unwrap_used, reason = "a test panics where it cannot go on")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rebound_engine::ports::{StateRecord, Store, StoreError};
use rebound_store::{MongodbAddress, MongodbStore};
use rebound_test_mongodb::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority of a company's own.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Its certificate as a file.
    fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("root.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }

    /// What shows a certificate for `name` that ends with the year `last`.
    fn acceptor(&self, name: &str, last: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(last, 1, 1);
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// The port of an end of TLS before the server at `to`.
async fn behind(acceptor: TlsAcceptor, to: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                let Ok(mut secure) = acceptor.accept(stream).await else { return };
                let Ok(mut plain) = TcpStream::connect(to).await else { return };
                // Either side may leave at any time.
                copy_bidirectional(&mut secure, &mut plain).await.ok();
            });
        }
    });
    port
}

/// The server's connection string with another port, and TLS.
fn secure(server: &Server, port: u16) -> String {
    let plain = host_of(server);
    server.url().replace(&plain, &format!("127.0.0.1:{port}")) + "&tls=true"
}

fn host_of(server: &Server) -> String {
    let url = server.url();
    url.split(['@', '/']).nth(3).unwrap().to_owned()
}

/// What is said where a server with a certificate for `name` until `last`, from `issuer`, is met by one who trusts `root`.
async fn refused(
    server: &Server,
    issuer: &Authority,
    name: &str,
    last: i32,
    root: Option<PathBuf>,
) -> String {
    let port = behind(issuer.acceptor(name, last), host_of(server)).await;
    let address = MongodbAddress::try_new(&secure(server, port), root).unwrap();
    let StoreError::Unavailable(text) = MongodbStore::open(&address, None).await.unwrap_err() else {
        panic!("it is not there for us")
    };
    assert!(!text.contains("rebound-test"), "the password: {text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_true_mongodb_behind_tls_is_used_where_its_root_is_trusted_and_else_it_is_said_what_to_do() {
    let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let ours = Authority::named("company root");
    let root = ours.file(folder.path());

    let port = behind(ours.acceptor("127.0.0.1", 2100), host_of(&server)).await;
    let address = MongodbAddress::try_new(&secure(&server, port), Some(root.clone())).unwrap();
    let store = MongodbStore::open(&address, None).await.unwrap();
    let record = StateRecord { key: "shared".to_owned(), body: "{}".to_owned() };
    store.commit(&[], std::slice::from_ref(&record)).await.unwrap();
    assert_eq!(store.load_state().await, Ok(vec![record]));

    let unknown = refused(&server, &ours, "127.0.0.1", 2100, None).await;
    assert!(unknown.ends_with("name that root's certificate as store.trusted_root"), "{unknown}");
    let other = Authority::named("another root");
    let wrong = refused(&server, &other, "127.0.0.1", 2100, Some(root.clone())).await;
    assert!(wrong.ends_with("name that root's certificate as store.trusted_root"), "{wrong}");
    let name = refused(&server, &ours, "db.example.com", 2100, Some(root.clone())).await;
    assert!(name.ends_with("write a name into store.url that stands in it"), "{name}");
    let old = refused(&server, &ours, "127.0.0.1", 2010, Some(root)).await;
    assert!(old.ends_with("renew it on the server"), "{old}");
}

/// A server without TLS takes the greeting for a message that is none: it leaves, or answers in its own way.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_no_tls_and_is_asked_for_it_is_told_apart() {
    for answer in ["", "HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("mongodb://{}/?directConnection=true&tls=true", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // All of it: a socket that is closed with something unread is reset.
                let mut greeting = [0; 4_096];
                assert!(stream.read(&mut greeting).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let address = MongodbAddress::try_new(&url, None).unwrap();
        let said = MongodbStore::open(&address, None).await.unwrap_err().to_string();
        assert!(said.contains("take tls=true out of store.url"), "{answer:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a MongoDB server: `cargo xtask test` installs one and runs this"]
async fn a_root_that_is_no_certificate_is_said_before_a_true_mongodb_is_asked() {
    let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("root.pem");
    std::fs::write(&path, "these are my notes").unwrap();
    let ours = Authority::named("company root");
    let said = refused(&server, &ours, "127.0.0.1", 2100, Some(path)).await;
    assert!(said.contains("store.trusted_root"), "{said}");
}
