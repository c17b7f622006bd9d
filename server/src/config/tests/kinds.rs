//! Bridges and endpoints, and what depends on what.

use std::time::Duration;

use rebound::check::CheckId;
use rebound::target::{EndpointSpec, EndpointWay, Reach, TargetKind};
use rstest::rstest;

use super::{TARGET, right, wrong};
use crate::config::{Asked, EndpointAddress, SecretOrPlain, Settings};

const HTTP: &str = "[[targets]]\nid = \"api\"\nkind = \"endpoint\"\nway = \"http\"\nurl = \"https://api.example.com/health\"\n";
const TCP: &str =
    "[[targets]]\nid = \"host\"\nkind = \"endpoint\"\nway = \"tcp\"\naddress = \"198.51.100.7:3389\"\n";
const MONGODB: &str =
    "[[targets]]\nid = \"db\"\nkind = \"endpoint\"\nway = \"mongodb\"\nconnection = { env = \"MONGO\" }\n";

fn spec(settings: &Settings) -> &EndpointSpec {
    match &settings.core.targets[0].kind {
        TargetKind::Endpoint(spec) => spec,
        TargetKind::Bridge => panic!("an endpoint"),
    }
}

fn checks(settings: &Settings) -> Vec<CheckId> {
    settings.core.targets[0].checks.iter().map(|check| check.id).collect()
}

#[rstest]
#[case::http(HTTP, EndpointWay::Http, Reach::Network, 3)]
#[case::tcp(TCP, EndpointWay::Tcp, Reach::Network, 2)]
#[case::mongodb(MONGODB, EndpointWay::Mongodb, Reach::Loopback, 2)]
fn an_endpoint_needs_a_way_and_an_address(
    #[case] text: &str,
    #[case] way: EndpointWay,
    #[case] reach: Reach,
    #[case] asked: usize,
) {
    let settings = right(text);
    assert_eq!(*spec(&settings), EndpointSpec::new(way));
    assert_eq!((settings.core.targets[0].reach, checks(&settings).len()), (reach, asked));
}

#[test]
fn an_endpoint_says_what_a_good_answer_is() {
    let lines = "statuses = [200, 401]\ntext = \"ok\"\nlatency_warning = \"1s\"\nlatency_critical = \"3s\"\ncertificate_warning = \"30d\"\nheaders = { Accept = \"text/plain\", X-Key = { env = \"KEY\" } }\n";
    let settings = right(&format!("{HTTP}{lines}"));
    let spec = spec(&settings);
    assert_eq!((spec.statuses.as_slice(), spec.text.as_deref()), ([200, 401].as_slice(), Some("ok")));
    let latencies = (spec.latency_good, spec.latency_warning, spec.latency_critical);
    assert_eq!(latencies, (Duration::from_millis(750), Duration::from_secs(1), Duration::from_secs(3)));
    assert_eq!(spec.certificate_warning, Duration::from_secs(30 * 24 * 3_600));
    let Asked::Endpoint(endpoint) = &settings.targets[0].asked else { panic!("an endpoint") };
    let secret = |name: &str| {
        endpoint.headers.iter().any(|(key, value)| key == name && matches!(value, SecretOrPlain::Secret(_)))
    };
    assert_eq!((endpoint.headers.len(), secret("X-Key"), secret("Accept")), (2, true, false));
}

#[test]
fn a_connection_string_is_never_shown() {
    let settings = right(MONGODB);
    let Asked::Endpoint(endpoint) = &settings.targets[0].asked else { panic!("an endpoint") };
    assert!(matches!(endpoint.address, EndpointAddress::Mongodb(..)));
    assert!(!format!("{settings:?}").contains("hunter2"));
    let told = wrong(&MONGODB.replace("MONGO", "KEY"));
    assert!(told.contains("connection: holds no MongoDB connection string"), "{told}");
    assert!(!told.contains("the-key-of-the-bridge"), "{told}");
    let told = wrong(&MONGODB.replace("{ env = \"MONGO\" }", "\"mongodb://a:hunter2@db.example.com\""));
    assert!(told.contains("connection: a secret must not stand in the file"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn an_endpoint_without_encryption_is_not_asked_for_its_certificate() {
    let plain = HTTP.replace("https", "http");
    assert_eq!(checks(&right(&plain)), [CheckId::EndpointHttp, CheckId::EndpointLatency]);
    let told = wrong(&format!("{plain}[targets.checks]\n\"endpoint.certificate\" = {{ failures = 1 }}\n"));
    assert!(told.contains("checks.\"endpoint.certificate\": cannot be asked: the url is http"), "{told}");
}

#[rstest]
#[case::silent_about_them("f2", "", false)]
#[case::silent_but_named("f2", "[targets.checks]\n\"positions.kept\" = {}\n", true)]
#[case::tells_them("conn-bridge", "", true)]
#[case::tells_them_but_off(
    "conn-bridge",
    "[targets.checks]\n\"positions.kept\" = { enabled = false }\n",
    false
)]
fn positions_are_asked_for_where_the_dialect_tells_them(
    #[case] dialect: &str,
    #[case] lines: &str,
    #[case] asked: bool,
) {
    let settings = right(&format!("{TARGET}dialect = \"{dialect}\"\n{lines}"));
    assert_eq!(checks(&settings).contains(&CheckId::PositionsKept), asked);
}

#[rstest]
#[case::f1("f1", "")]
#[case::f2("f2", "positions.kept")]
#[case::f3(
    "f3",
    "accounts.fresh accounts.syncing accounts.zero account.failed account.identity positions.kept"
)]
#[case::f4("f4", "positions.kept")]
#[case::mt5_httpapi("mt5-httpapi", "")]
#[case::conn_bridge("conn-bridge", "bridge.identity")]
#[case::quant_server(
    "quant-server",
    "bridge.identity terminal.broker_link accounts.fresh accounts.syncing accounts.zero account.failed"
)]
fn what_a_dialect_never_tells_is_not_asked(#[case] dialect: &str, #[case] left_out: &str) {
    let accounts = "accounts = [{ id = 1000001 }]\n";
    let asked = checks(&right(&format!("{TARGET}dialect = \"{dialect}\"\n{accounts}")));
    let missing: Vec<&str> =
        CheckId::BRIDGE.iter().filter(|id| !asked.contains(id)).map(|id| id.name()).collect();
    assert_eq!(missing.join(" "), left_out);
}

#[test]
fn whose_data_they_are_is_asked_where_it_is_configured() {
    let asked = |lines: &str| checks(&right(&format!("{TARGET}{lines}"))).contains(&CheckId::AccountIdentity);
    assert!(!asked(""));
    assert!(asked("accounts = [{ id = 1000001 }]\n"));
    assert!(asked("[targets.checks]\n\"account.identity\" = { failures = 3 }\n"));
}

#[rstest]
#[case::no_way("way = \"http\"\n", "", "way: is missing")]
#[case::an_unknown_way("\"http\"", "\"udp\"", "way: unknown variant `udp`")]
#[case::an_unknown_kind("\"endpoint\"", "\"bot\"", "kind: unknown variant `bot`")]
#[case::no_url("url = \"https://api.example.com/health\"\n", "", "url: is missing")]
#[case::a_password("https://", "https://admin:hunter2@", "url: carries a name or password")]
#[case::another_way(
    "\"http\"",
    "\"tcp\"",
    "url: is a key of a bridge or an endpoint with way = \"http\", and this is an endpoint with way = \"tcp\""
)]
#[case::a_key_of_bridges(
    "way",
    "dialect = \"f2\"\nway",
    "dialect: is a key of a bridge, and this is an endpoint"
)]
#[case::accounts("way", "accounts = []\nway", "accounts: is a key of a bridge")]
#[case::an_address_beside(
    "way",
    "address = \"x:1\"\nway",
    "address: is a key of an endpoint with way = \"tcp\""
)]
#[case::a_status_too_large("way", "statuses = [999]\nway", "statuses = 999 is outside of 200 to 599")]
#[case::a_redirect("way", "statuses = [302]\nway", "statuses = 302 sends elsewhere")]
#[case::no_text("way", "text = \"\"\nway", "text: has 0 characters, outside of 1 to 200")]
#[case::falling_latencies("way", "latency_warning = \"5s\"\nlatency_critical = \"4s\"\nway", "do not ascend")]
#[case::a_slow_hour(
    "way",
    "latency_warning = \"1h\"\nway",
    "latency_warning = \"1h\" is outside of 1ms to 1m"
)]
#[case::ten_minutes_of_warning("way", "certificate_warning = \"10m\"\nway", "is outside of 1h to 365d")]
#[case::a_root_that_is_not_there("way", "trusted_root = \"none.pem\"\nway", "none.pem cannot be read")]
#[case::a_root_for_nothing("https", "http", "certificate_warning: has no use: the url is http")]
#[case::a_threshold_of_bridges(
    "way",
    "thresholds = { zero_accounts_min = 2 }\nway",
    "thresholds.zero_accounts_min: is a key of a bridge"
)]
#[case::a_check_of_bridges(
    "way",
    "checks = { \"bridge.reachable\" = {} }\nway",
    "checks.\"bridge.reachable\": is no check of an endpoint with way = \"http\""
)]
#[case::all_off(
    "way",
    "checks = { \"endpoint.http\" = { enabled = false }, \"endpoint.latency\" = { enabled = false }, \"endpoint.certificate\" = { enabled = false } }\nway",
    "Leave at least \"endpoint.http\" on"
)]
#[case::positions(
    "way",
    "heal = { positions = \"ask\" }\nway",
    "heal.positions: has no use: an endpoint has no positions"
)]
fn an_endpoint_that_cannot_be_asked_says_why(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
    let base =
        if from == "https" { format!("{HTTP}certificate_warning = \"7d\"\n") } else { HTTP.to_owned() };
    let text = base.replacen(from, to, 1);
    assert_ne!(text, base, "the case replaces something");
    let told = wrong(&text);
    assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
}

#[rstest]
#[case::way("way = \"http\"", "way: is a key of an endpoint, and this is a bridge")]
#[case::statuses(
    "statuses = [200]",
    "statuses: is a key of an endpoint with way = \"http\", and this is a bridge"
)]
#[case::latency("latency_good = \"1s\"", "latency_good: is a key of an endpoint, and this is a bridge")]
#[case::connection(
    "connection = { env = \"MONGO\" }",
    "connection: is a key of an endpoint with way = \"mongodb\""
)]
#[case::a_check("checks = { \"endpoint.http\" = {} }", "checks.\"endpoint.http\": is no check of a bridge")]
#[case::an_unknown_dialect("dialect = \"f9\"", "dialect: dialect \"f9\" is not known")]
#[case::a_dialect_that_is_not_there(
    "dialect = \"mine.toml\"",
    "dialect: the file /etc/rebound/mine.toml cannot be read"
)]
#[case::a_clock_that_is_none("server_time = \"local\"", "server_time = \"local\" is no time zone")]
fn a_bridge_is_no_endpoint(#[case] line: &str, #[case] why: &str) {
    let told = wrong(&format!("{TARGET}{line}\n"));
    assert!(told.contains(why), "{told}");
}

#[test]
fn an_address_is_needed_by_whatever_is_asked() {
    let told = wrong("[[targets]]\nid = \"mt5\"\n");
    assert!(told.contains("targets[0] \"mt5\": url: is missing"), "{told}");
    let told = wrong(&TCP.replace("198.51.100.7:3389", "198.51.100.7"));
    assert!(told.contains("address = \"198.51.100.7\" is not host:port"), "{told}");
}

#[test]
fn a_root_of_ones_own_is_read_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
    std::fs::write(folder.path().join("root.pem"), certificate).unwrap();
    let settings = super::read_in(folder.path(), &format!("{HTTP}trusted_root = \"root.pem\"\n")).unwrap();
    let Asked::Endpoint(endpoint) = &settings.targets[0].asked else { panic!("an endpoint") };
    assert_eq!(endpoint.trusted_root.as_deref(), Some(certificate));
    std::fs::write(folder.path().join("root.pem"), "a key").unwrap();
    let told = super::read_in(folder.path(), &format!("{HTTP}trusted_root = \"root.pem\"\n")).unwrap_err();
    assert!(told.to_string().contains("holds no certificate") && !told.to_string().contains("a key"));
}

#[test]
fn a_database_may_have_a_root_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    let text = format!("{MONGODB}trusted_root = \"root.pem\"\n");
    let told = super::read_in(folder.path(), &text).unwrap_err().to_string();
    assert!(told.contains("trusted_root: the file") && told.contains("cannot be read"), "{told}");
    std::fs::write(&root, "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n").unwrap();
    let settings = super::read_in(folder.path(), &text).unwrap();
    let Asked::Endpoint(endpoint) = &settings.targets[0].asked else { panic!("an endpoint") };
    let EndpointAddress::Mongodb(_, trusted) = &endpoint.address else { panic!("a database") };
    assert_eq!(trusted.as_deref(), Some(root.as_path()));
}

#[test]
fn a_bridge_may_tell_time_by_its_brokers_clock() {
    let settings = right(&format!("{TARGET}server_time = \"broker\"\n"));
    let Asked::Bridge(bridge) = &settings.targets[0].asked else { panic!("a bridge") };
    assert!(bridge.server_time.is_some());
}

/// Targets named `a`, `b`, …, each with what it depends on.
fn chain(on: &[&str]) -> String {
    let section = |(name, on): (char, &&str)| {
        format!("[[targets]]\nid = \"{name}\"\nurl = \"http://127.0.0.1:8000\"\ndepends_on = [{on}]\n")
    };
    ('a'..='z').zip(on).map(section).collect()
}

#[test]
fn a_target_may_depend_on_others() {
    let settings = right(&chain(&["\"b\", \"c\"", "\"c\"", ""]));
    let on: Vec<usize> = settings.core.targets.iter().map(|target| target.depends_on.len()).collect();
    assert_eq!(on, [2, 1, 0]);
}

#[rstest]
#[case::nobody(&["\"x\""], "targets[0] \"a\": depends_on: \"x\" is the id of no target", 1)]
#[case::twice(&["\"b\", \"b\"", ""], "depends_on: \"b\" is listed twice", 1)]
#[case::itself(&["\"a\""], "targets[0] \"a\": depends_on: leads in a circle: a needs a", 1)]
#[case::two(&["\"b\"", "\"a\""], "leads in a circle: a needs b needs a", 1)]
#[case::behind_a_tail(&["\"b\"", "\"c\"", "\"d\"", "\"b\""], "targets[1] \"b\": depends_on: leads in a circle: b needs c needs d needs b", 1)]
#[case::two_circles(&["\"b\"", "\"a\"", "\"d\"", "\"c\""], "leads in a circle: c needs d needs c", 2)]
fn what_depends_on_itself_is_told_with_the_circle(
    #[case] on: &[&str],
    #[case] why: &str,
    #[case] problems: usize,
) {
    let told = wrong(&chain(on));
    assert!(told.contains(why), "{told}");
    assert!(told.starts_with(&format!("rebound.toml has {problems} problem")), "{told}");
}

#[test]
fn a_target_that_is_wrong_in_itself_is_still_known_to_others() {
    let told =
        wrong(&chain(&["\"b\"", ""]).replacen("http://127.0.0.1:8000\"\ndepends_on = []", "ftp://x\"", 1));
    assert!(told.starts_with("rebound.toml has 1 problem\n"), "{told}");
}
