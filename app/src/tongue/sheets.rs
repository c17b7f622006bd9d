//! Sheets in another language: their words are said anew; names, addresses, drawings and codes stay.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Tongue;

/// What is never words, by its key: ids, addresses, styles, drawings, values that are typed, and somebody else's words.
const NO_WORDS: [&str; 34] = [
    "id", "address", "class", "sign", "tone", "svg", "csv", "picture", "key", "place", "value", "chosen", "wanted", "order",
    "told", "axis", "points_told", "rows_told", "role", "zoom", "server", "check", "Moment", "Quote", "Outside", "Resume",
    "EndWork", "TakeBackMoves", "kind", "stop", "target", "file", "before", "remedy",
];
/// A value and its words.
const PAIR: &str = "Link";
/// Lists of such pairs.
const PAIRS: [&str; 4] = ["Choice", "options", "legend", "left_out"];
/// A value as it is typed, and whether it is the file's; elsewhere words.
const TYPED: &str = "after";
/// Lists in which names are ours, not somebody's.
const OUR_NAMES: [&str; 5] = ["groups", "items", "unset", "parts", "steps"];

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
