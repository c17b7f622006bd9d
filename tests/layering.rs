//! Who may depend on whom: the table of the architecture, compared with what cargo knows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// What each part may use of the others, outside its tests.
const TABLE: [(&str, &[&str]); 7] = [
    ("rebound", &[]),
    ("rebound-engine", &["rebound"]),
    ("rebound-probes", &["rebound", "rebound-engine"]),
    ("rebound-healers", &["rebound", "rebound-engine"]),
    ("rebound-notify", &["rebound", "rebound-engine"]),
    ("rebound-store", &["rebound", "rebound-engine"]),
    ("rebound-app", &["rebound", "rebound-engine"]),
];

/// What would make the page's download large, or has no place in a browser.
const NEVER_IN_THE_BROWSER: [&str; 6] =
    ["tokio", "reqwest", "axum", "chrono-tz", "mongodb", "rebound-engine"];

fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml")
}

/// The workspace as it is locked. What only other systems need was never built here, and is fetched if it is missing.
fn workspace() -> Metadata {
    let locked = vec!["--locked".to_owned()];
    MetadataCommand::new().manifest_path(manifest()).other_options(locked).exec().unwrap()
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name).unwrap()
}

/// What a package needs when it is not tested, optional or not.
fn needs(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
    normal.map(|one| one.name.as_str()).collect()
}

#[test]
fn the_core_needs_words_and_errors_only() {
    let metadata = workspace();
    let core = package(&metadata, "rebound");
    assert_eq!(needs(core), BTreeSet::from(["serde", "thiserror"]));
}

#[test]
fn every_part_keeps_to_the_table() {
    let metadata = workspace();
    for (name, allowed) in TABLE {
        let ours = |needed: &&str| needed.starts_with("rebound");
        let used: BTreeSet<&str> = needs(package(&metadata, name)).into_iter().filter(ours).collect();
        let extra: Vec<&&str> = used.iter().filter(|needed| !allowed.contains(needed)).collect();
        assert!(extra.is_empty(), "{name} must not use {extra:?}");
    }
}

#[test]
fn the_page_reaches_the_engine_only_where_it_is_rendered_on_the_server() {
    let metadata = workspace();
    let app = package(&metadata, "rebound-app");
    let engine = app.dependencies.iter().find(|one| one.name == "rebound-engine");
    assert!(engine.is_none_or(|one| one.optional), "the engine is optional to the page");
    let brings_engine = |feature: &str| {
        app.features.get(feature).is_some_and(|list| list.iter().any(|one| one.contains("rebound-engine")))
    };
    assert!(!brings_engine("hydrate") && !brings_engine("default"));
}

#[test]
fn nothing_heavy_reaches_the_browser() {
    let reached = in_the_browser();
    assert!(
        reached.contains("rebound") && reached.contains("leptos"),
        "the graph is the page's: {reached:?}"
    );
    let heavy: Vec<&&str> = NEVER_IN_THE_BROWSER.iter().filter(|name| reached.contains(**name)).collect();
    assert!(heavy.is_empty(), "{heavy:?} would be downloaded by every visitor");
}

/// The framework's settings need it, on the server; the linker leaves it out of the page, as long as nobody else uses it.
#[test]
fn nobody_but_the_framework_brings_regular_expressions_to_the_browser() {
    let users = tree(&["--invert", "regex", "--depth", "1"]);
    assert_eq!(users, BTreeSet::from(["leptos_config", "regex"].map(str::to_owned)));
}

/// Every package that is compiled into the page. Macros run while it is built and stay behind.
fn in_the_browser() -> BTreeSet<String> {
    tree(&[])
}

fn tree(more: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let page = ["tree", "-p", "rebound-app", "--no-default-features", "--features", "hydrate"];
    let shape =
        ["--target", "wasm32-unknown-unknown", "-e", "normal,no-proc-macro", "--prefix", "none", "--locked"];
    let output = Command::new(cargo)
        .args(page)
        .args(shape)
        .args(more)
        .arg("--manifest-path")
        .arg(manifest())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}
