//! What goes into a probe: the key, the address, and that no secret comes out again.

use rebound_probes::{BridgeProbe, BridgeSpec, Dialect, SetupError};
use reqwest::Url;
use rstest::rstest;

use crate::probing::{LONG, NOW, request};
use crate::wire::{Wire, json, nobody};

const KEY: &str = "k-3f9a-secret";

#[rstest]
#[case::header("{ kind = \"header\", name = \"X-API-Key\" }", "x-api-key: k-3f9a-secret")]
#[case::bearer("{ kind = \"bearer\" }", "authorization: Bearer k-3f9a-secret")]
#[case::query("{ kind = \"query\", name = \"token\" }", "?token=k-3f9a-secret ")]
#[tokio::test]
async fn the_key_is_sent_as_the_dialect_says_and_shown_nowhere(#[case] auth: &str, #[case] sent: &str) {
    let text = format!(
        "format = 1\nname = \"x\"\nauth = {auth}\n[health]\npath = \"/h\"\nconnected = [\"connected\"]"
    );
    let spec = |url: &Url| BridgeSpec {
        key: Some(KEY.into()),
        ..BridgeSpec::new(url.join("/broker/7/").unwrap(), Dialect::from_toml(&text).unwrap())
    };
    let wire = Wire::answering(|_| json("{\"connected\":true}")).await;
    let probe = BridgeProbe::new(spec(&wire.url)).unwrap();
    let read = probe.probe(&request(NOW, LONG)).await;
    let head = wire.heads().concat();
    assert!(head.starts_with("GET /broker/7/h") && head.contains(sent), "{head}");
    let gone = nobody().await;
    let refused = BridgeProbe::new(spec(&gone)).unwrap().probe(&request(NOW, LONG)).await;
    let shown = format!("{probe:?} {:?} {read:?} {refused:?}", spec(&gone));
    assert!(!shown.contains(KEY), "{shown}");
}

#[rstest]
#[case::a_user("http://me:hunter2@127.0.0.1:1", None, "holds a user or password")]
#[case::a_query("http://127.0.0.1:1/?key=hunter2", None, "has a query or fragment")]
#[case::a_scheme("ftp://127.0.0.1", None, "only http and https")]
#[case::a_line_break("http://127.0.0.1:1", Some("hunter2\n"), "line break")]
#[test]
fn a_setting_that_cannot_work_is_explained_without_the_secret(
    #[case] url: &str,
    #[case] key: Option<&str>,
    #[case] why: &str,
) {
    let mut spec = BridgeSpec::new(Url::parse(url).unwrap(), Dialect::preset("f2").unwrap());
    spec.key = key.map(Into::into);
    let error = BridgeProbe::new(spec).unwrap_err().to_string();
    assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_key_that_no_dialect_sends_is_refused() {
    let text = "format = 1\nname = \"x\"\n[health]\npath = \"/h\"\nconnected = [\"connected\"]";
    let mut spec =
        BridgeSpec::new(Url::parse("http://127.0.0.1:1").unwrap(), Dialect::from_toml(text).unwrap());
    spec.key = Some(KEY.into());
    let error = BridgeProbe::new(spec).unwrap_err();
    assert_eq!(error, SetupError::KeyWithoutUse { dialect: "x".to_owned() });
}
