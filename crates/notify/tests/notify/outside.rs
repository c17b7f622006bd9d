//! Signs of life, and what becomes of them.

use std::time::Duration;

use rebound::readiness::{PingRequest, Trouble};
use rebound_engine::ports::Outside as _;
use rebound_notify::{InvalidOutside, OutsideSpec, OutsideWatch, PingMethod};
use rstest::rstest;
use secrecy::SecretString;
use tokio::net::TcpListener;
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::words::{LONG, clock, start};

/// Such services put a secret into the path.
const SECRET: &str = "5f3a9c-secret";

fn watch(base: &str, method: PingMethod) -> OutsideWatch {
    let url = SecretString::from(format!("{base}/{SECRET}"));
    let spec = OutsideSpec { url, method, place: "the environment variable PING".to_owned() };
    OutsideWatch::try_new(&spec, clock()).unwrap()
}

async fn ping(base: &str, method: PingMethod, within: Duration) -> Result<String, Trouble> {
    let request = PingRequest { asked_at: start(), deadline: start().after(within) };
    watch(base, method).ping(&request).await
}

#[rstest]
#[case(PingMethod::Get, "GET")]
#[case(PingMethod::Post, "POST")]
#[tokio::test]
async fn a_sign_of_life_is_one_request_that_the_host_takes(#[case] how: PingMethod, #[case] word: &str) {
    let service = MockServer::start().await;
    let taken = Mock::given(method(word)).and(path(format!("/{SECRET}")));
    taken.respond_with(ResponseTemplate::new(200)).expect(1).mount(&service).await;
    assert_eq!(ping(&service.uri(), how, LONG).await, Ok("127.0.0.1".to_owned()));
}

#[rstest]
#[case::removed(ResponseTemplate::new(404), "404", "the environment variable PING")]
#[case::another_method(ResponseTemplate::new(405), "405", "outside.method")]
#[case::too_often(ResponseTemplate::new(429), "429", "outside.every")]
#[case::broken(ResponseTemplate::new(503), "503", "whether 127.0.0.1 itself has trouble")]
#[case::elsewhere(
    ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
    "points elsewhere",
    "redirects are not followed"
)]
#[tokio::test]
async fn what_is_not_taken_says_why_and_what_to_do(
    #[case] answer: ResponseTemplate,
    #[case] why: &str,
    #[case] mend: &str,
) {
    let service = MockServer::start().await;
    Mock::given(any()).respond_with(answer).expect(1).mount(&service).await;
    let trouble = ping(&service.uri(), PingMethod::Get, LONG).await.unwrap_err();
    assert!(trouble.why.contains(why) && trouble.mend.contains(mend), "{trouble:?}");
    assert!(!format!("{trouble:?}").contains(SECRET), "only the host is shown");
}

#[tokio::test]
async fn a_service_that_is_away_or_silent_is_told_without_its_address() {
    let service = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(LONG);
    Mock::given(any()).respond_with(slow).mount(&service).await;
    let late = ping(&service.uri(), PingMethod::Get, Duration::from_millis(50)).await.unwrap_err();
    assert!(late.why.contains("no answer came in time"), "{late:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let away = ping(&uri, PingMethod::Get, LONG).await.unwrap_err();
    assert!(away.why.contains("127.0.0.1 cannot be reached"), "{away:?}");
    assert!(!format!("{late:?}{away:?}").contains(SECRET));
}

#[test]
fn nothing_of_the_address_but_its_host_is_shown_in_debug() {
    let watch = watch("https://hc.example.com", PingMethod::Get);
    let spec = OutsideSpec {
        url: SecretString::from(format!("https://hc.example.com/{SECRET}")),
        method: PingMethod::Get,
        place: "outside.ping".to_owned(),
    };
    let shown = format!("{watch:?} {spec:?}");
    assert!(shown.contains("hc.example.com") && !shown.contains(SECRET), "{shown}");
}

#[rstest]
#[case("mailto:ada@example.com")]
#[case("ftp://example.com/5f3a9c-secret")]
#[case("5f3a9c-secret")]
fn an_address_that_is_none_is_refused_and_not_repeated(#[case] url: &str) {
    let spec = OutsideSpec {
        url: SecretString::from(url),
        method: PingMethod::Get,
        place: "outside.ping".to_owned(),
    };
    let error = OutsideWatch::try_new(&spec, clock()).unwrap_err();
    assert!(matches!(error, InvalidOutside::Url) && !error.to_string().contains(SECRET));
}
