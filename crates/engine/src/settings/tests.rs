use super::*;

/// A file of one number that may be 1 to 9, and two that may not be more than 9 together.
struct Digits;

impl SettingsFile for Digits {
    fn with(&self, values: &Values) -> Result<InForce, Vec<Trouble>> {
        let number =
            |key: &str, default: u32| values.get(key).map_or(Ok(default), |value| value.parse::<u32>());
        let trouble = |key: &str, what: &str| Trouble {
            key: key.to_owned(),
            what: what.to_owned(),
            help: "Less.".to_owned(),
        };
        let (one, other) = (number("one", 1), number("other", 2));
        let (Ok(one), Ok(other)) = (one, other) else { return Err(vec![trouble("one", "is no number")]) };
        if one + other > 9 {
            return Err(vec![trouble("other", "is too much")]);
        }
        let setting = |key: &str, value: u32, file: u32| Setting {
            key: key.to_owned(),
            name: key.to_owned(),
            help: String::new(),
            form: Form::Number,
            value: value.to_string(),
            file: file.to_string(),
        };
        let settings = vec![setting("one", one, 1), setting("other", other, 2)];
        let parts = vec![Part { name: "Digits".to_owned(), settings }];
        let config = Config {
            targets: Vec::new(),
            alerts: rebound::alert::AlertPolicy::default(),
            own_network: rebound::target::OwnNetworkSpec::default(),
            maintenance: Vec::new(),
            readiness: rebound::readiness::ReadinessSpec::default(),
        };
        Ok(InForce { config, groups: vec![Group { id: "all".to_owned(), name: "All".to_owned(), parts }] })
    }

    fn adopt(&self, _: &Values) {}
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_fits_holds_and_what_does_not_is_told() {
    let (fit, troubles) = Digits.with_what_fits(&values(&[("one", "4"), ("other", "7")]));
    assert_eq!(fit, values(&[("one", "4")]));
    assert_eq!(troubles.iter().map(|trouble| trouble.key.as_str()).collect::<Vec<_>>(), ["other"]);
    let all = values(&[("one", "4"), ("other", "5")]);
    assert_eq!(Digits.with_what_fits(&all), (all, Vec::new()));
}

#[test]
fn differences_say_what_held_and_who_says_so() {
    let before = Digits.with(&values(&[("one", "3")])).unwrap();
    let after = Digits.with(&values(&[("other", "5")])).unwrap();
    let changes = before.differences(&after);
    let told: Vec<_> = changes
        .iter()
        .map(|changed| {
            (changed.key.as_str(), changed.before.by_file, changed.after.by_file, changed.undone())
        })
        .collect();
    assert_eq!(told, [("one", false, true, Some("3".to_owned())), ("other", true, false, None)]);
    assert_eq!(changes.first().map(|changed| changed.name.as_str()), Some("All: Digits: one"));
}
