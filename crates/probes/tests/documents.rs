//! What the documents say of dialects, and that every fixture is read by a test.

use rebound_probes::{Dialect, PRESETS};

const DIALECTS: &str = include_str!("../../../docs/DIALECTS.md");
const OWN: &str = include_str!("../fixtures/own/dialect.toml");

/// The tests that name fixtures.
const TESTS: [&str; 6] = [
    include_str!("fixtures.rs"),
    include_str!("presets.rs"),
    include_str!("explained.rs"),
    include_str!("verdicts/accounts.rs"),
    include_str!("verdicts/bridges.rs"),
    include_str!("probing.rs"),
];

#[test]
fn the_documents_show_the_whole_dialect_that_is_tested() {
    assert!(
        DIALECTS.contains(&format!("```toml dialect\n{OWN}```")),
        "docs/DIALECTS.md shows fixtures/own/dialect.toml"
    );
}

#[test]
fn every_preset_is_described() {
    for name in PRESETS {
        assert!(DIALECTS.contains(&format!("| `{name}` |")), "docs/DIALECTS.md has no row for {name}");
    }
}

#[test]
fn every_key_of_a_dialect_is_described() {
    let sources = [
        include_str!("../src/dialects.rs"),
        include_str!("../src/dialects/places.rs"),
        include_str!("../src/dialects/accounts.rs"),
        include_str!("../src/dialects/positions.rs"),
    ];
    let keys: Vec<&str> = sources.iter().flat_map(|source| keys(source)).collect();
    assert!(keys.len() > 60, "only {} keys were found: do the structs look different?", keys.len());
    for key in keys {
        assert!(DIALECTS.contains(&format!("`{key}`")), "docs/DIALECTS.md does not describe `{key}`");
    }
}

/// The fields of the structs that refuse unknown keys.
fn keys(source: &str) -> impl Iterator<Item = &str> {
    let structs = source.split("#[serde(deny_unknown_fields)]").skip(1);
    let bodies = structs.filter_map(|rest| rest.split("\n}").next());
    let lines = bodies.flat_map(str::lines).map(|line| line.trim().trim_start_matches("pub(crate) "));
    let fields = lines.filter_map(|line| line.split_once(": ")).map(|(key, _)| key);
    let own = |key: &&str| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    fields.filter(own).filter(|key| !matches!(*key, "_method" | "server_zone" | "text"))
}

#[test]
fn every_example_of_a_dialect_can_be_used() {
    let mut examples = 0;
    for block in DIALECTS.split("```toml dialect\n").skip(1) {
        let text = block.split("```").next().unwrap();
        assert!(Dialect::from_toml(text).is_ok(), "{}\nin\n{text}", Dialect::from_toml(text).unwrap_err());
        examples += 1;
    }
    assert!(examples > 0);
}

#[test]
fn every_fixture_is_read_by_a_test() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for folder in folders.filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let named = |test: &&str| test.contains(&format!("\"{name}\""));
            let is_dialect = file.extension().is_some_and(|extension| extension == "toml");
            assert!(is_dialect || TESTS.iter().any(named), "{} is read by no test", file.display());
        }
    }
}
