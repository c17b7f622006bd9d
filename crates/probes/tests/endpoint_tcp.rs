//! A bare connect, to somebody and to nobody.

use std::net::SocketAddr;
use std::time::Duration;

use rebound::check::{EndpointReading, NoAnswer, ProbeOutcome};
use rebound_probes::{EndpointAddress, EndpointProbe, HttpAddress, SetupError};
use reqwest::Url;
use rstest::rstest;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::endpoint_http::{LONG, request};
use crate::wire::nobody;

fn probe(address: impl ToString) -> EndpointProbe {
    EndpointProbe::new(EndpointAddress::Tcp(address.to_string())).unwrap()
}

/// A listener that takes no further connection: its queue is full, so the machine does not answer at all.
pub(crate) struct Deaf {
    pub(crate) address: SocketAddr,
    _listener: TcpListener,
    _waiting: [TcpStream; 2],
}

impl Deaf {
    pub(crate) async fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        // The queue takes one more than it was told.
        let waiting =
            [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        Self { address, _listener: listener, _waiting: waiting }
    }
}

#[tokio::test]
async fn a_connection_is_an_answer_and_no_byte_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outcome = probe(listener.local_addr().unwrap()).probe(&request(LONG)).await;
    assert_eq!(outcome, ProbeOutcome::Endpoint(EndpointReading::default()));
    let (mut stream, _) = listener.accept().await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_port_where_nothing_listens_refuses() {
    let outcome = probe(format!("127.0.0.1:{}", nobody().await.port().unwrap())).probe(&request(LONG)).await;
    assert_eq!(outcome, ProbeOutcome::NoAnswer(NoAnswer::Refused));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_takes_no_connection_is_unreachable_by_every_way() {
    let deaf = Deaf::new().await;
    let request = request(Duration::from_millis(1_000));
    let url = Url::parse(&format!("http://{}/", deaf.address)).unwrap();
    let unreachable = ProbeOutcome::NoAnswer(NoAnswer::Unreachable(900));
    let over_http = EndpointProbe::new(EndpointAddress::Http(HttpAddress::new(url))).unwrap();
    let bare = probe(deaf.address);
    let (bare, http) = tokio::join!(bare.probe(&request), over_http.probe(&request));
    assert_eq!((bare, http), (unreachable.clone(), unreachable));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told_so() {
    let outcome = probe("nowhere.invalid:80").probe(&request(LONG)).await;
    // A machine without a name service cannot say it.
    let undecided =
        matches!(&outcome, ProbeOutcome::NoAnswer(NoAnswer::Other(why)) if why.contains("looked up"));
    assert!(undecided || outcome == ProbeOutcome::NoAnswer(NoAnswer::NameUnknown), "{outcome:?}");
}

#[rstest]
#[case::no_port("db.example.com")]
#[case::a_url("http://db.example.com:80/")]
#[case::port_zero("db.example.com:0")]
#[case::empty("")]
fn what_is_no_address_is_refused(#[case] address: &str) {
    let error = EndpointProbe::new(EndpointAddress::Tcp(address.to_owned())).unwrap_err();
    assert_eq!(error, SetupError::Address { address: address.to_owned() });
}
