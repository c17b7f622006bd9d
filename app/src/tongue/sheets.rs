//! Sheets in another language: their words are said anew; names, addresses, drawings and codes stay.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Tongue;

/// What is never words, by its key: ids, addresses, styles, drawings, and values that are typed.
const NO_WORDS: [&str; 33] = [
    "Named",
    "id",
    "address",
    "class",
    "sign",
    "tone",
    "svg",
    "csv",
    "picture",
    "key",
    "place",
    "value",
    "chosen",
    "wanted",
    "order",
    "axis",
    "points_told",
    "rows_told",
    "role",
    "zoom",
    "server",
    "check",
    "Moment",
    "Outside",
    "Resume",
    "EndWork",
    "TakeBackMoves",
    "kind",
    "stop",
    "target",
    "file",
    "before",
    "remedy",
];
/// A value and its words.
const PAIR: &str = "Link";
/// Lists of such pairs.
const PAIRS: [&str; 4] = ["Choice", "options", "legend", "left_out"];
/// A value as it is typed, and whether it is the file's; elsewhere words.
const TYPED: &str = "after";
/// Lists in which names are ours, not somebody's.
const OUR_NAMES: [&str; 8] = ["groups", "group", "items", "unset", "parts", "steps", "sparks", "lines"];

impl Tongue {
    /// What it says of a sheet. One that cannot be said stays English.
    #[must_use]
    pub fn says_all<T: Serialize + DeserializeOwned>(self, sheet: T) -> T {
        if self == Self::English {
            return sheet;
        }
        let Ok(mut value) = serde_json::to_value(&sheet) else { return sheet };
        self.walk(&mut value, "", false);
        serde_json::from_value(value).unwrap_or_else(|error| {
            debug_assert!(false, "a sheet cannot be said in {self:?}: {error}");
            sheet
        })
    }

    fn walk(self, value: &mut Value, key: &str, is_ours: bool) {
        match value {
            // Somebody's name; a schedule has several words.
            Value::String(words) if key == "by" && !words.contains(' ') => {}
            Value::String(words) if !words.starts_with('/') => *words = self.says(words),
            Value::Array(values) if key == TYPED && values.len() == 2 => {}
            Value::Array(values) => {
                let inner = if PAIRS.contains(&key) { PAIR } else { key };
                for value in values.iter_mut().skip(usize::from(key == PAIR)) {
                    self.walk(value, inner, is_ours);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    let name = name.as_str();
                    let is_word = !NO_WORDS.contains(&name) && (name != "name" || is_ours);
                    if is_word || value.is_object() {
                        self.walk(value, name, is_ours || OUR_NAMES.contains(&name));
                    }
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rebound::time::Timestamp;
    use rebound::view::Tone;

    use super::*;
    use crate::sheet::lists::Choice;
    use crate::sheet::overview::TargetRow;
    use crate::sheet::readiness::ReadinessGroup;
    use crate::sheet::{Mark, Piece, Told};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
    }

    #[test]
    fn the_words_of_a_choice_are_said_and_its_values_stay() {
        let choice = Choice {
            label: "State".to_owned(),
            name: "state".to_owned(),
            chosen: "open".to_owned(),
            options: pairs(&[("", "All targets"), ("open", "Open")]),
        };

        let said = Tongue::Spanish.says_all(choice.clone());

        assert_eq!((said.label.as_str(), said.name, said.chosen), ("Estado", choice.name, choice.chosen));
        assert_eq!(said.options, pairs(&[("", "Todos los objetivos"), ("open", "Abierto")]));
    }

    #[test]
    fn times_and_addresses_stay() {
        let line = vec![
            Piece::Text("All targets".to_owned()),
            Piece::Moment(Timestamp::from_ms(1), Told::Clock),
            Piece::Outside("All targets".to_owned()),
            Piece::Link("/settings".to_owned(), "Settings".to_owned()),
            Piece::Mark(Mark { tone: Tone::Unknown, sign: "unknown".to_owned(), word: "Unknown".to_owned() }),
        ];

        let said = vec![
            Piece::Text("Todos los objetivos".to_owned()),
            Piece::Moment(Timestamp::from_ms(1), Told::Clock),
            Piece::Outside("All targets".to_owned()),
            Piece::Link("/settings".to_owned(), "Ajustes".to_owned()),
            Piece::Mark(Mark {
                tone: Tone::Unknown,
                sign: "unknown".to_owned(),
                word: "Desconocido".to_owned(),
            }),
        ];

        assert_eq!(Tongue::Spanish.says_all(line), said);
    }

    #[test]
    fn a_target_keeps_its_name_and_a_group_of_ours_does_not() {
        let row = TargetRow::named("up", "Store", "Healthy", Tone::Good);
        let group = ReadinessGroup { name: "Store".to_owned(), items: Vec::new(), unset: Vec::new() };

        let groups = BTreeMap::from([("groups".to_owned(), vec![group])]);

        let (row, groups) = Tongue::Spanish.says_all((row, groups));

        assert_eq!((row.id.as_str(), row.name.as_str(), row.phase.as_str()), ("up", "Store", "Sano"));
        let names: Vec<&str> = groups.values().flatten().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["Almacén"]);
    }

    #[test]
    fn english_stays_as_it_is() {
        assert_eq!(Tongue::English.says_all("All targets".to_owned()), "All targets");
    }
}
