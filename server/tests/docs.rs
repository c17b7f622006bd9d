//! Keeps the documents true: examples load, and every check, key and route is described.
//!
//! Reads the documents as they are in the tree. Starts nothing and asks nobody.

use std::path::Path;

use rebound::check::CheckId;
use rebound::heal::{HealBudget, PositionPolicy};
use rebound::target::{EndpointSpec, OwnNetworkSpec, TargetKind, Thresholds, WatchSpec};
use rebound_engine::history::Kept;
use rebound_probes::{Dialect, PRESETS};
use rebound_server::config::{Problems, Settings, parse};

const CONFIG: &str = include_str!("../../docs/CONFIG.md");
const PLATFORM: &str = include_str!("../../docs/examples/platform.toml");
const API: &str = include_str!("../../docs/API.md");
const README: &str = include_str!("../../README.md");
const HTTP: &str = include_str!("../src/http.rs");

/// The sources whose structs are the sections of the configuration.
const SECTIONS: [&str; 15] = [
    include_str!("../src/config/sections.rs"),
    include_str!("../src/config/history.rs"),
    include_str!("../src/config/alerts.rs"),
    include_str!("../src/config/outside.rs"),
    include_str!("../src/config/calendars.rs"),
    include_str!("../src/config/maintenance.rs"),
    include_str!("../src/config/drills.rs"),
    include_str!("../src/config/week.rs"),
    include_str!("../src/config/targets.rs"),
    include_str!("../src/config/accounts.rs"),
    include_str!("../src/config/thresholds.rs"),
    include_str!("../src/config/checks.rs"),
    include_str!("../src/config/heal.rs"),
    include_str!("../src/config/accounts_from.rs"),
    include_str!("../../crates/probes/src/source/fields.rs"),
];

#[test]
fn every_example_of_a_configuration_loads() {
    let (config, readme) = (blocks(CONFIG, "toml"), blocks(README, "toml"));
    assert!(config.len() >= 6 && !readme.is_empty(), "there are examples to load");
    for text in config.into_iter().chain(readme) {
        let loaded = load(&text);
        assert!(loaded.is_ok(), "{}\nin\n{text}", loaded.unwrap_err());
    }
}

#[test]
fn the_example_of_a_platform_loads_with_each_of_its_parts() {
    let settings = load(PLATFORM).unwrap();
    let ids: Vec<&str> = settings.core.targets.iter().map(|target| target.id.as_str()).collect();
    assert_eq!(ids, ["front-end", "api", "database", "github", "host", "mt5"]);
}

#[test]
fn the_annotated_example_switches_on_what_it_shows() {
    let whole = blocks(CONFIG, "toml").into_iter().max_by_key(String::len).unwrap();
    let settings = load(&whole).unwrap();
    let [host, api, bridge] = settings.core.targets.as_slice() else { panic!("it has three targets") };
    assert_eq!(bridge.heal.ladder.len(), 3);
    let left_out = CheckId::BRIDGE.len() - bridge.checks.len();
    assert_eq!(left_out, 2, "one check is switched off, one is not told by the dialect");
    assert_eq!((host.checks.len(), api.checks.len()), (2, 3));
    assert_eq!(
        (bridge.depends_on.as_slice(), settings.core.maintenance.len()),
        ([host.id.clone()].as_slice(), 1)
    );
    assert!(settings.email.is_some() && settings.api_secret.is_some() && settings.login.secure_cookie);
    assert!(settings.outside.is_some_and(|outside| outside.every.as_secs() == 60 && !outside.post));
}

#[test]
fn the_annotated_example_writes_defaults_out() {
    let whole = blocks(CONFIG, "toml").into_iter().max_by_key(String::len).unwrap();
    let settings = load(&whole).unwrap();
    let [_, api, bridge] = settings.core.targets.as_slice() else { panic!("it has three targets") };
    assert_eq!((bridge.thresholds, bridge.watch), (Thresholds::default(), WatchSpec::default()));
    assert_eq!(
        (bridge.heal.budget, bridge.heal.positions),
        (HealBudget::default(), PositionPolicy::default())
    );
    assert_eq!(settings.history, Some(Kept::default()));
    assert_eq!(settings.core.own_network, OwnNetworkSpec { watched: true, ..OwnNetworkSpec::default() });
    let TargetKind::Endpoint(spec) = &api.kind else { panic!("an endpoint") };
    let default = EndpointSpec::new(spec.way);
    let latencies = |spec: &EndpointSpec| (spec.latency_good, spec.latency_warning, spec.latency_critical);
    assert_eq!(latencies(spec), latencies(&default));
    assert_eq!(spec.certificate_warning, default.certificate_warning);
}

#[test]
fn every_example_of_a_dialect_can_be_used() {
    let dialects = blocks(CONFIG, "toml dialect");
    assert!(!dialects.is_empty());
    for text in dialects {
        let read = Dialect::from_toml(&text);
        assert!(read.is_ok(), "{}\nin\n{text}", read.unwrap_err());
    }
}

#[test]
fn the_checks_that_each_built_in_dialect_leaves_out_are_told() {
    // With accounts: without them nothing says whose data it should be, and account.identity is left out everywhere.
    let bridge =
        "[[targets]]\nid = \"mt5\"\nurl = \"http://127.0.0.1:8000\"\naccounts = [{ id = 1000001 }]\n";
    for name in PRESETS {
        let target = format!("{bridge}dialect = \"{name}\"\n");
        let settings = load(&target).unwrap();
        let asked = |id: &&CheckId| settings.core.targets[0].checks.iter().any(|check| check.id == **id);
        let left_out: Vec<String> =
            CheckId::BRIDGE.iter().filter(|id| !asked(id)).map(|id| format!("`{id}`")).collect();
        let told = if left_out.is_empty() { "none".to_owned() } else { left_out.join(", ") };
        let row = format!("\n| `{name}` | {told} |\n");
        assert!(CONFIG.contains(&row), "docs/CONFIG.md has no row {row}");
    }
}

#[test]
fn every_check_is_described_with_its_defaults() {
    for check in CheckId::ALL {
        let spec = check.default_spec();
        let start = format!("| `{}` |", check.name());
        let row = CONFIG.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("docs/CONFIG.md has no row for {check}"));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [.., failures, market_hours, _help, _end] = cells.as_slice() else {
            panic!("the row of {check} is too short");
        };
        assert!(failures.starts_with(&spec.failures_to_open.to_string()), "failures of {check}: {failures}");
        assert_eq!(*market_hours, spec.market_hours.to_string(), "market_hours of {check}");
    }
}

#[test]
fn every_key_is_described() {
    let keys: Vec<String> = SECTIONS.iter().flat_map(|source| keys_of(source)).collect();
    assert!(keys.len() > 60, "only {} keys were found: do the structs look different?", keys.len());
    for key in keys {
        assert!(CONFIG.contains(&format!("`{key}`")), "docs/CONFIG.md does not describe `{key}`");
    }
}

#[test]
fn every_route_is_described() {
    let mut routes: Vec<&str> = rebound_server::http::doors().iter().map(|door| door.path).collect();
    // Those of the pages' own calls belong to the pages of the same version.
    routes.retain(|route| !route.starts_with("/api/ui/") || *route == "/api/ui/feed");
    let after_route = HTTP.split(".route(\"").skip(1);
    routes.extend(after_route.filter_map(|rest| rest.split('"').next()));
    assert!(routes.len() > 15, "only {} routes were found", routes.len());
    for route in routes {
        assert!(API.contains(&format!("`{route}`")), "docs/API.md does not describe {route}");
    }
}

/// Loads an example in a folder that has the file which it names.
fn load(text: &str) -> Result<Settings, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("root.pem"), "-----BEGIN CERTIFICATE-----\n").expect("a file");
    parse(text, folder.path(), &any_secret, Problems::new(Path::new("example")))
}

/// A value that can be each of the secrets: long enough, and the connection string of a database, or an address.
fn any_secret(name: &str) -> Option<String> {
    if name == "REBOUND_PING" {
        return Some("https://example.com/a-path-that-is-a-secret".to_owned());
    }
    Some("mongodb://rebound:a-password@db.example.com/admin".to_owned())
}

/// The fenced blocks of a document whose fence names exactly this `kind`.
fn blocks(document: &str, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if name == kind {
                found.push(block.join("\n"));
            }
        }
    }
    found
}

/// The fields of the structs that refuse unknown keys. Sections themselves are described by their headings.
fn keys_of(source: &str) -> Vec<String> {
    const HEADINGS: [&str; 4] = ["email", "thresholds", "checks", "heal"];
    source
        .split("#[serde(deny_unknown_fields)]")
        .skip(1)
        .filter_map(|rest| rest.split("\n}").next())
        .flat_map(str::lines)
        .map(|line| line.trim().trim_start_matches("pub(crate) "))
        .filter_map(|line| line.split_once(": "))
        .map(|(key, _)| key.to_owned())
        .filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .filter(|key| !HEADINGS.contains(&key.as_str()))
        .collect()
}

/// Where tests stand.
const TESTED: [&str; 5] = ["src", "crates", "server", "sim", "tests"];

#[test]
fn every_test_that_keeps_a_finding_away_exists() {
    let findings = include_str!("../../docs/FINDINGS.md");
    let quoted = findings.split('`').skip(1).step_by(2);
    let names: Vec<&str> =
        quoted.filter(|name| name.matches('_').count() > 1 && !name.contains(' ')).collect();
    assert!(names.len() > 25, "only {} tests are named", names.len());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources: String = TESTED.iter().map(|folder| rust_below(&root.join(folder))).collect();
    let missing: Vec<&str> =
        names.into_iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "docs/FINDINGS.md names tests that are not there: {missing:?}");
}

/// Every Rust source below `folder`, as one text.
fn rust_below(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the folder is in the tree").filter_map(Result::ok);
    entries
        .map(|entry| entry.path())
        .map(|path| match path.extension().and_then(|ending| ending.to_str()) {
            Some("rs") => std::fs::read_to_string(&path).expect("a source is text"),
            Some(_) => String::new(),
            None if path.is_dir() => rust_below(&path),
            None => String::new(),
        })
        .collect()
}
