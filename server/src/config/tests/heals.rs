//! Heals, thresholds and the own network.

use std::time::Duration;

use rebound::heal::PositionPolicy;
use rebound::ids::AccountId;
use rstest::rstest;

use super::{TARGET, right, wrong};
use crate::config::Settings;
use crate::config::heal::Act;

const REMEDY: &str =
    "[[targets.heal.remedies]]\nname = \"again\"\nrung = \"soft\"\nkind = \"http_call\"\nurl = \"/again\"\n";

#[rstest]
#[case::by_default("", PositionPolicy::Now)]
#[case::now("positions = \"now\"", PositionPolicy::Now)]
#[case::ask("positions = \"ask\"", PositionPolicy::Ask)]
#[case::wait("positions = { wait_up_to = \"30m\" }", PositionPolicy::WaitUpTo(Duration::from_secs(1_800)))]
fn open_positions_may_hold_a_heal(#[case] line: &str, #[case] policy: PositionPolicy) {
    let settings = right(&format!("{TARGET}[targets.heal]\n{line}\n"));
    assert_eq!(settings.core.targets[0].heal.positions, policy);
}

#[rstest]
#[case::another_word("\"never\"", "heal.positions: unknown variant `never`")]
#[case::too_long("{ wait_up_to = \"2d\" }", "heal.positions.wait_up_to = \"2d\" is outside of 1m to 1day")]
#[case::no_span("{ wait_up_to = \"long\" }", "\"long\" is no span of time")]
#[case::a_number("30", "heal.positions")]
fn a_policy_that_is_none_is_told(#[case] value: &str, #[case] why: &str) {
    let told = wrong(&format!("{TARGET}[targets.heal]\npositions = {value}\n"));
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_remedy_may_heal_the_slot_of_one_account() {
    let settings = right(&format!("{TARGET}accounts = [{{ id = 1000001 }}]\n{REMEDY}slot = 1000001\n"));
    assert_eq!(settings.core.targets[0].heal.ladder[0].slot, Some(AccountId::new(1_000_001)));
    let told = wrong(&format!("{TARGET}accounts = [{{ id = 1000001 }}]\n{REMEDY}slot = 1000002\n"));
    assert!(told.contains("remedy \"again\": slot = 1000002 is none of the accounts"), "{told}");
}

#[test]
fn an_account_says_what_it_must_be() {
    let line = "accounts = [{ id = 1000001, server = \"Example-Live\", currency = \"USD\" }]\n";
    let settings = right(&format!("{TARGET}{line}"));
    let account = &settings.core.targets[0].accounts[0];
    assert_eq!(account.server.as_deref(), Some("Example-Live"));
    assert_eq!(account.currency.as_deref(), Some("USD"));
    let told = wrong(&format!("{TARGET}accounts = [{{ id = 1000001, server = \" \", currency = \"\" }}]\n"));
    assert!(told.contains("account 1000001: server: has 1 characters, outside of 1 to 64"), "{told}");
    assert!(told.contains("account 1000001: currency: has 0 characters, outside of 1 to 16"), "{told}");
}

#[rstest]
#[case::by_default("", (50, 60, 20))]
#[case::a_gap_is_kept("sync_share_min = 80", (80, 90, 20))]
#[case::a_gap_has_its_end("sync_share_min = 95", (95, 100, 20))]
#[case::a_small_share("sync_share_min = 10", (10, 20, 10))]
#[case::as_written("sync_share_min = 40\nsync_share_good = 40\nsync_share_critical = 5", (40, 40, 5))]
fn a_failure_of_syncing_ends_above_where_it_begins(#[case] lines: &str, #[case] shares: (u8, u8, u8)) {
    let settings = right(&format!("{TARGET}[targets.thresholds]\n{lines}\n"));
    let thresholds = settings.core.targets[0].thresholds;
    let read = (thresholds.sync_share_min, thresholds.sync_share_good, thresholds.sync_share_critical);
    assert_eq!(read, shares);
}

#[rstest]
#[case::good_below_min("sync_share_good = 40", "sync_share_good = 40 is below sync_share_min = 50")]
#[case::critical_above_min(
    "sync_share_critical = 60",
    "sync_share_critical = 60 is above sync_share_min = 50"
)]
#[case::more_than_all("sync_share_good = 101", "sync_share_good = 101 is outside of 0 to 100")]
#[case::flapping_at_once("flap_incidents = 1", "flap_incidents = 1 is outside of 2 to 100")]
#[case::a_hold_of_nothing("flap_hold = \"0s\"", "flap_hold = \"0s\" is outside of 10s to 1day")]
fn a_threshold_outside_its_range_is_told(#[case] line: &str, #[case] why: &str) {
    let told = wrong(&format!("{TARGET}[targets.thresholds]\n{line}\n"));
    assert!(told.contains(why), "{told}");
}

#[test]
fn flapping_has_its_own_thresholds() {
    let settings = right(&format!("{TARGET}[targets.thresholds]\nflap_incidents = 5\nflap_hold = \"20m\"\n"));
    let thresholds = settings.core.targets[0].thresholds;
    assert_eq!((thresholds.flap_incidents, thresholds.flap_hold), (5, Duration::from_secs(1_200)));
}

#[test]
fn beacons_may_be_hosts_and_pages() {
    let own = "[own_network]\nbeacons = [\"192.0.2.1:443\", \"https://example.com/\", \"[2001:db8::1]:53\"]\nclock_skew_max = \"30s\"\nlag_max = \"500ms\"\n";
    let settings = right(&format!("{own}{TARGET}"));
    assert_eq!(settings.beacons.len(), 3);
    assert!(settings.core.own_network.watched);
    let read = (settings.core.own_network.clock_skew_max, settings.core.own_network.lag_max);
    assert_eq!(read, (Duration::from_secs(30), Duration::from_millis(500)));
}

#[rstest]
#[case::no_port("beacons = [\"example.com\"]", "own_network.beacons: \"example.com\" is not host:port")]
#[case::another_scheme(
    "beacons = [\"ftp://example.com\"]",
    "own_network.beacons: \"ftp://example.com\" is not host:port"
)]
#[case::a_password(
    "beacons = [\"https://a:hunter2@example.com\"]",
    "own_network.beacons: carries a name or password"
)]
#[case::nine(
    "beacons = [\"a:1\", \"b:1\", \"c:1\", \"d:1\", \"e:1\", \"f:1\", \"g:1\", \"h:1\", \"i:1\"]",
    "has 9 entries, at most 8 are asked"
)]
#[case::a_second_of_skew(
    "clock_skew_max = \"1s\"",
    "own_network.clock_skew_max = \"1s\" is outside of 5s to 1h"
)]
#[case::an_hour_of_lag("lag_max = \"1h\"", "own_network.lag_max = \"1h\" is outside of 200ms to 1m")]
fn an_own_network_that_cannot_be_watched_is_told(#[case] line: &str, #[case] why: &str) {
    let told = wrong(&format!("[own_network]\n{line}\n{TARGET}"));
    assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
}

#[rstest]
#[case::without_a_path("http://127.0.0.1:8080", "/restart", "http://127.0.0.1:8080/restart")]
#[case::below_a_proxy("http://127.0.0.1:8080/bridge", "/restart", "http://127.0.0.1:8080/bridge/restart")]
#[case::one_slash_is_enough(
    "http://127.0.0.1:8080/bridge/",
    "/restart",
    "http://127.0.0.1:8080/bridge/restart"
)]
#[case::with_a_query("http://127.0.0.1:8080/a/b", "/c?d=e", "http://127.0.0.1:8080/a/b/c?d=e")]
#[case::an_address_of_its_own("http://127.0.0.1:8080/bridge", "http://127.0.0.1:9/x", "http://127.0.0.1:9/x")]
fn a_path_stands_below_the_url_of_its_bridge(#[case] target: &str, #[case] path: &str, #[case] whole: &str) {
    let target = TARGET.replace("http://127.0.0.1:8000", target);
    let settings = right(&format!("{target}{}", REMEDY.replace("/again", path)));
    assert_eq!(url_of(&settings), whole);
}

#[test]
fn a_path_stands_on_the_host_of_its_endpoint() {
    let target = "[[targets]]\nid = \"api\"\nkind = \"endpoint\"\nway = \"http\"\nurl = \"http://127.0.0.1:8080/health?deep=1\"\n";
    assert_eq!(url_of(&right(&format!("{target}{REMEDY}"))), "http://127.0.0.1:8080/again");
}

#[test]
fn another_host_is_no_path() {
    let told = wrong(&format!("{TARGET}{}", REMEDY.replace("/again", "//example.com/again")));
    assert!(told.contains("remedy \"again\": url: is no address"), "{told}");
}

#[test]
fn the_summary_says_where_a_remedy_goes_and_no_token() {
    let target = TARGET.replace(":8000", ":8000/bridge");
    let text = right(&format!("{target}{}", REMEDY.replace("/again", "/again?token=s3cret"))).summary();
    assert!(text.contains("heals by again (soft: POST http://127.0.0.1:8000/bridge/again)"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

fn url_of(settings: &Settings) -> String {
    match &settings.targets[0].remedies[0].act {
        Act::HttpCall(call) => call.url.to_string(),
        Act::GithubDispatch { .. } => panic!("an HTTP call"),
    }
}
