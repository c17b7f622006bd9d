use std::path::Path;

use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock;

use super::*;

const FILE: &str = r#"
[alerts.email]
host = "smtp.example.com"
from = "rebound@example.com"
to = ["first@example.com", "second@example.com"]

[[calendars]]
name = "metals"
extends = "forex"
breaks = [{ from = "23:57", to = "01:02" }]

[[maintenance]]
name = "backup"
zone = "UTC"
days = "mon-fri"
from = "23:30"
to = "00:15"

[[targets]]
id = "host"
kind = "endpoint"
way = "tcp"
address = "127.0.0.1:3389"

[[targets]]
id = "api"
kind = "endpoint"
way = "http"
url = "https://api.example.com/health"

[[targets]]
id = "mt5"
name = "MT5 bridge"
url = "http://127.0.0.1:8000"
calendar = "metals"
depends_on = ["host"]
accounts = [{ id = 1000001 }]

[targets.heal]
positions = { wait_up_to = "30m" }

[[targets.heal.remedies]]
name = "log in / again"
rung = "soft"
kind = "http_call"
url = "/api/admin/login"
"#;

fn file() -> FileOfSettings {
    file_of(FILE)
}

fn file_of(text: &str) -> FileOfSettings {
    rebound_probes::install_tls();
    let source = Source::of_text(Path::new("rebound.toml"), text, Arc::new(|_: &str| None)).unwrap();
    let settings = source.parse(source.table().clone()).unwrap_or_else(|problems| panic!("{problems}"));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let mail = settings.email.as_ref().map(|email| Arc::new(Mail::new(email, "Rebound", &clock).unwrap()));
    FileOfSettings::new(source, &settings, mail)
}

fn one(key: &str, value: &str) -> Values {
    [(key.to_owned(), value.to_owned())].into()
}

fn value_of(in_force: &InForce, key: &str) -> String {
    let found = in_force.settings().find(|setting| setting.key == key);
    found.unwrap_or_else(|| panic!("{key} is not there")).value.clone()
}

#[test]
fn every_setting_written_as_it_is_shown_changes_nothing() {
    let file = file();
    let plain = file.with(&Values::new()).unwrap();
    assert!(plain.settings().count() > 100, "{}", plain.settings().count());
    for setting in plain.settings() {
        let again = file.with(&one(&setting.key, &setting.value));
        let again = again.unwrap_or_else(|troubles| panic!("{}: {troubles:?}", setting.key));
        assert_eq!(again, plain, "{} = {}", setting.key, setting.value);
        assert!(!setting.is_changed());
    }
}

#[rstest::rstest]
#[case("targets/mt5/thresholds/sync_share_min", "55")]
#[case("targets/mt5/thresholds/fresh_age_max", "20m")]
#[case("targets/mt5/checks/bridge.reachable/failures", "5")]
#[case("targets/mt5/checks/terminal.trading_allowed/enabled", "false")]
#[case("targets/mt5/heal/dry_run", "true")]
#[case("targets/mt5/heal/positions", "ask")]
#[case("targets/mt5/heal/positions", "45m")]
#[case("targets/mt5/remedies/log in / again/verify_within", "10m")]
#[case("targets/mt5/calendar", "crypto")]
#[case("targets/mt5/depends_on", "host, api")]
#[case("targets/api/latency_critical", "9s")]
#[case("targets/api/certificate_warning", "30d")]
#[case("alerts/cooldown", "10m")]
#[case("alerts/email/to", "third@example.com")]
#[case("alerts/email/severities", "critical")]
#[case("alerts/email/recoveries", "false")]
#[case("own_network/interval", "1m")]
#[case("maintenance", "")]
fn what_is_set_holds_and_can_be_told_from_the_file(#[case] key: &str, #[case] value: &str) {
    let file = file();
    let changed = file.with(&one(key, value)).unwrap_or_else(|troubles| panic!("{troubles:?}"));
    assert_eq!(value_of(&changed, key), value);
    let setting = changed.settings().find(|setting| setting.key == key).unwrap();
    assert!(setting.is_changed());
    let plain = file.with(&Values::new()).unwrap();
    assert_eq!(setting.file, value_of(&plain, key));
    let others = |in_force: &InForce| {
        let others = in_force.settings().filter(|setting| !setting.key.starts_with(key)).cloned();
        others.map(|setting| (setting.key, setting.value)).collect::<Vec<_>>()
    };
    if !key.ends_with("/enabled") && !key.ends_with("sync_share_min") {
        assert_eq!(others(&changed), others(&plain), "nothing else is touched");
    }
    assert!(key.starts_with("alerts/email/to") || changed.config != plain.config, "the core is told");
}

#[rstest::rstest]
#[case("targets/mt5/thresholds/sync_share_min", "101", "outside of 0 to 100")]
#[case("targets/mt5/thresholds/sync_share_critical", "80", "above sync_share_min")]
#[case("targets/mt5/interval", "soon", "no span of time")]
#[case("targets/mt5/interval", "10h", "outside of 1s to 1h")]
#[case("targets/mt5/heal/dry_run", "perhaps", "neither true nor false")]
#[case("targets/mt5/heal/per_hour_max", "many", "no whole number")]
#[case("targets/mt5/calendar", "nasdaq", "none of always, forex, crypto, metals")]
#[case("targets/mt5/depends_on", "mt5", "in a circle")]
#[case("targets/mt5/url", "http://127.0.0.1:1", "cannot be changed here")]
#[case("targets/gone/interval", "10s", "no place in the file")]
#[case("targets/mt5/remedies/gone/timeout", "10s", "no place in the file")]
#[case("login/username", "eve", "cannot be changed here")]
#[case("api/secret", "x", "cannot be changed here")]
#[case("alerts/email/host", "evil.example", "cannot be changed here")]
#[case("alerts/email/to", "nobody", "")]
#[case("alerts/email/to", "", "is empty")]
#[case("maintenance", "[[maintenance]]\nname = \"x\"", "")]
#[case("maintenance", "[login]\nusername = \"eve\"", "does not belong here")]
#[case("maintenance", "name = ", "line 1")]
#[case("calendars", "", "metals")]
fn what_the_file_could_not_say_cannot_be_set(#[case] key: &str, #[case] value: &str, #[case] why: &str) {
    let troubles = file().with(&one(key, value)).unwrap_err();
    let text = format!("{troubles:?}");
    assert!(text.contains(why), "{text}");
    assert!(troubles.iter().all(|trouble| !trouble.help.is_empty()));
}

#[test]
fn a_value_whose_target_is_gone_does_not_keep_the_others_from_holding() {
    let mut values = one("targets/gone/interval", "30s");
    values.extend(one("alerts/cooldown", "10m"));
    let (fit, troubles) = file().with_what_fits(&values);
    assert_eq!(fit, one("alerts/cooldown", "10m"));
    assert_eq!(troubles.len(), 1);
}

#[test]
fn a_file_without_mail_offers_none() {
    let file = file_of("[[targets]]\nid = \"mt5\"\nurl = \"http://127.0.0.1:8000\"");
    let plain = file.with(&Values::new()).unwrap();
    assert!(plain.settings().all(|setting| !setting.key.starts_with("alerts/email")));
    assert!(file.with(&one("alerts/email/to", "first@example.com")).is_err());
}
