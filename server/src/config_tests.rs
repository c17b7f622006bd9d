use super::*;

#[path = "config/tests/drills.rs"]
mod drills;

#[path = "config/tests/elsewhere.rs"]
mod elsewhere;

#[path = "config/tests/heals.rs"]
mod heals;

#[path = "config/tests/kinds.rs"]
mod kinds;

#[path = "config/tests/market.rs"]
mod market;

#[path = "config/tests/summing_up.rs"]
mod summing_up;

#[path = "config/tests/work.rs"]
mod work;

/// The smallest configuration; further lines of the target may follow it.
const TARGET: &str = "[[targets]]\nid = \"mt5\"\nurl = \"http://127.0.0.1:8000\"\n";

fn environment(name: &str) -> Option<String> {
    let values =
        [("KEY", " the-key-of-the-bridge \n"), ("MONGO", "mongodb://rebound:hunter2@127.0.0.1:27017/mt5")];
    values.into_iter().find_map(|(known, value)| (known == name).then(|| value.to_owned()))
}

fn read_in(folder: &Path, text: &str) -> Result<Settings, Problems> {
    parse(text, folder, &environment, Problems::new(Path::new("rebound.toml")))
}

fn read(text: &str) -> Result<Settings, Problems> {
    read_in(Path::new("/etc/rebound"), text)
}

fn right(text: &str) -> Settings {
    read(text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn wrong(text: &str) -> String {
    read(text).expect_err("a problem").to_string()
}

fn key_of(settings: &Settings) -> &SecretString {
    match &settings.targets[0].asked {
        Asked::Bridge(bridge) => bridge.key.as_ref().expect("a key"),
        Asked::Endpoint(_) => panic!("a bridge"),
    }
}

#[test]
fn one_target_is_a_whole_configuration() {
    let settings = right(TARGET);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.store, StoreSettings::Sqlite(PathBuf::from("/etc/rebound/rebound.db")));
    assert_eq!(settings.core.targets.len(), 1);
    assert_eq!(settings.core.targets[0].reach, rebound::target::Reach::Loopback);
    assert!(settings.api_secret.is_none() && settings.email.is_none());
}

#[test]
fn nothing_to_watch_is_a_problem() {
    assert!(wrong("").contains("targets: is empty: nothing would be watched"));
}

#[test]
fn an_unknown_key_is_named_with_its_path() {
    let told =
        wrong(&format!("[server]\ncolour = \"blue\"\n{TARGET}[targets.thresholds]\nfresh_age = \"5m\"\n"));
    assert!(told.contains("server.colour: unknown field `colour`"), "{told}");
    assert!(told.contains("targets[0].thresholds.fresh_age: unknown field `fresh_age`"), "{told}");
    assert!(told.starts_with("rebound.toml has 2 problems"), "{told}");
}

#[test]
fn an_unknown_section_is_named() {
    assert!(wrong(&format!("[extras]\nx = 1\n{TARGET}")).contains("extras: is no section of this file"));
}

#[test]
fn a_secret_written_in_the_file_is_refused_and_not_repeated() {
    let told = wrong(&format!("{TARGET}key = \"hunter2\"\n"));
    assert!(told.contains("targets[0].key: a secret must not stand in the file"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn a_secret_written_in_the_file_is_not_repeated_by_any_shape_of_it() {
    for value in ["\"hunter2\"", "[\"hunter2\"]", "{ plain = \"hunter2\" }", "{ env = [\"hunter2\"] }"] {
        let told = wrong(&format!("[login]\npassword = {value}\n{TARGET}"));
        assert!(told.contains("login.password") && !told.contains("hunter2"), "{value}: {told}");
    }
}

#[test]
fn a_broken_line_that_holds_a_secret_is_not_repeated() {
    let told = wrong(&format!("[api]\nsecret = hunter2\n{TARGET}"));
    assert!(told.contains("is not TOML: line 2: string values must be quoted"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn a_variable_that_is_missing_is_named() {
    let told = wrong(&format!("{TARGET}key = {{ env = \"NOBODY_SET_THIS\" }}\n"));
    assert!(told.contains("the environment variable NOBODY_SET_THIS is not set or empty"), "{told}");
}

#[test]
fn a_secret_is_taken_from_its_variable_without_the_line_around_it() {
    use secrecy::ExposeSecret as _;
    let settings = right(&format!("{TARGET}key = {{ env = \"KEY\" }}\n"));
    assert_eq!(key_of(&settings).expose_secret(), "the-key-of-the-bridge");
    assert!(!format!("{settings:?}").contains("the-key-of-the-bridge"));
}

#[test]
fn a_secret_is_taken_from_its_file() {
    use secrecy::ExposeSecret as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "from-the-file\n").unwrap();
    let text = format!("{TARGET}key = {{ file = \"key\" }}\n");
    let settings = read_in(folder.path(), &text).unwrap();
    assert_eq!(key_of(&settings).expose_secret(), "from-the-file");
}

#[test]
fn a_span_outside_its_range_is_told_with_the_range() {
    let told = wrong(&format!("{TARGET}interval = \"100ms\"\ntimeout = \"100ms\"\n"));
    assert!(told.contains("interval = \"100ms\" is outside of 1s to 1h"), "{told}");
}

#[test]
fn an_answer_may_not_take_longer_than_the_interval() {
    let told = wrong(&format!("{TARGET}interval = \"2s\"\ntimeout = \"5s\"\n"));
    assert!(told.contains("interval = \"2s\" is shorter than timeout = \"5s\""), "{told}");
}

#[test]
fn two_targets_of_one_name_are_a_problem() {
    assert!(wrong(&format!("{TARGET}{TARGET}")).contains("the id \"mt5\" is used twice"));
}

#[test]
fn a_secret_that_signs_tokens_must_be_long() {
    let told = wrong(&format!("[api]\nsecret = {{ env = \"KEY\" }}\n{TARGET}"));
    assert!(told.contains("api.secret: has 21 bytes, at least 32 are needed"), "{told}");
}

#[test]
fn an_address_with_a_password_is_refused_and_not_repeated() {
    let told = wrong("[[targets]]\nid = \"mt5\"\nurl = \"http://admin:hunter2@127.0.0.1:8000\"\n");
    assert!(told.contains("carries a name or password") && !told.contains("hunter2"), "{told}");
}

#[test]
fn the_ladder_is_climbed_from_mild_to_harsh_whatever_the_order_of_the_file() {
    let remedy = |name: &str, rung: &str| {
        format!(
            "[[targets.heal.remedies]]\nname = \"{name}\"\nrung = \"{rung}\"\nkind = \"http_call\"\nurl = \"/x\"\n"
        )
    };
    let settings = right(&format!("{TARGET}{}{}", remedy("all", "hard"), remedy("one", "soft")));
    let ladder = &settings.core.targets[0].heal.ladder;
    assert_eq!(ladder.iter().map(|remedy| remedy.name.as_str()).collect::<Vec<_>>(), ["one", "all"]);
    assert!(ladder.iter().all(|remedy| remedy.through_bridge), "a path is one of the bridge");
}

#[test]
fn a_public_address_without_encryption_sends_no_secure_cookie() {
    let settings = |url: &str| right(&format!("[server]\npublic_url = \"{url}\"\n{TARGET}"));
    assert!(!settings("http://rebound.example.com").login.secure_cookie);
    assert!(settings("https://rebound.example.com").login.secure_cookie);
}

#[test]
fn only_addresses_of_proxies_are_believed() {
    let settings = right(&format!("[server]\nproxies = [\"127.0.0.1\", \"::1\"]\n{TARGET}"));
    assert_eq!(settings.login.proxies.len(), 2);
    assert!(right(TARGET).login.proxies.is_empty(), "by itself nobody is believed");
    let told = wrong(&format!("[server]\nproxies = [\"nginx\"]\n{TARGET}"));
    assert!(told.contains("server.proxies: \"nginx\" is no IP address"), "{told}");
}

#[test]
fn nobody_is_told_by_a_mail_without_recipients() {
    let mail = "[alerts.email]\nhost = \"mail.example.com\"\nfrom = \"rebound@example.com\"\nto = []\n";
    assert!(wrong(&format!("{mail}{TARGET}")).contains("alerts.email.to: is empty"));
}

#[test]
fn a_store_in_mongodb_is_shown_without_its_login() {
    let text = format!("[store]\nurl = {{ env = \"MONGO\" }}\n{TARGET}");
    let settings = right(&text);
    assert!(
        matches!(&settings.store, StoreSettings::Mongodb { address, .. } if address.database() == "mt5"),
        "{:?}",
        settings.store
    );
    assert_eq!(settings.store.sessions(), Some(PathBuf::from("/etc/rebound/rebound.sessions.db")));
    let shown = format!("{} {:?}", settings.summary(), settings.store);
    assert!(shown.contains("MongoDB, database \"mt5\" on 127.0.0.1:27017"), "{shown}");
    assert!(!shown.contains("rebound:") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn there_is_one_store() {
    let both = format!("[store]\npath = \"rebound.db\"\nurl = {{ env = \"MONGO\" }}\n{TARGET}");
    assert!(wrong(&both).contains("store: has both path and url"), "{}", wrong(&both));
    let root = format!("[store]\ntrusted_root = \"root.pem\"\n{TARGET}");
    assert!(wrong(&root).contains("store.trusted_root: is for a store in MongoDB"), "{}", wrong(&root));
}

#[test]
fn a_store_that_cannot_be_reached_so_is_told_without_what_was_written() {
    let plain = format!("[store]\nurl = \"mongodb://anna:p4ss@127.0.0.1\"\n{TARGET}");
    let other = format!("[store]\nurl = {{ env = \"KEY\" }}\n{TARGET}");
    for (text, told) in [(plain, "a secret must not stand in the file"), (other, "is no connection string")] {
        let complaint = wrong(&text);
        assert!(complaint.contains(told), "{complaint}");
        assert!(!complaint.contains("p4ss") && !complaint.contains("the-key"), "{complaint}");
    }
}
