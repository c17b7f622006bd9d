use super::*;

/// A file of two numbers that may not be more than 9 together; the second is one more than the first by default.
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
        let none = || vec![trouble("one", "is no number")];
        let one = number("one", 1).map_err(|_| none())?;
        let other = number("other", one + 1).map_err(|_| none())?;
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
            drills: rebound::drill::DrillPolicy::default(),
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

/// A file that takes two values only together, and knows a third no more.
struct Pair;

impl SettingsFile for Pair {
    fn with(&self, values: &Values) -> Result<InForce, Vec<Trouble>> {
        let trouble = |key: &str| {
            Err(vec![Trouble { key: key.to_owned(), what: "does not fit".to_owned(), help: String::new() }])
        };
        match (values.contains_key("low"), values.contains_key("high")) {
            _ if values.contains_key("gone") => trouble("gone"),
            _ if values.contains_key("odd") => trouble("line 7 of the file"),
            (true, false) | (false, true) => trouble("line 3 of the file"),
            (true, true) | (false, false) => Digits.with(&Values::new()),
        }
    }

    fn adopt(&self, _: &Values) {}
}

#[test]
fn what_fits_only_together_stays_when_something_else_is_wrong() {
    for wrong in ["gone", "odd"] {
        let (fit, troubles) = Pair.with_what_fits(&values(&[("low", "1"), ("high", "2"), (wrong, "3")]));
        assert_eq!((fit, troubles.len()), (values(&[("low", "1"), ("high", "2")]), 1), "{wrong}");
    }
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
    assert_eq!(
        told,
        [("one", false, true, Some("3".to_owned())), ("other", false, false, Some("4".to_owned()))],
        "what follows from another value is no word of the file"
    );
    assert_eq!(changes.first().map(|changed| changed.name.as_str()), Some("All: Digits: one"));
}

#[test]
fn a_value_is_left_to_the_file_only_where_that_comes_to_the_same() {
    let settle = |pairs: &[(&str, &str)]| settled(&Digits, values(pairs)).map(|(values, _)| values);
    assert_eq!(settle(&[("one", "1")]), Ok(values(&[])), "the file says so itself");
    assert_eq!(settle(&[("one", "03")]), Ok(values(&[("one", "3")])), "as the file writes it");
    let both = values(&[("one", "4"), ("other", "2")]);
    assert_eq!(settle(&[("one", "4"), ("other", "2")]), Ok(both), "by itself it would be 5");
}
