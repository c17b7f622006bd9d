//! Walks JSON: where a value stands, and why nothing stands there.
//!
//! Never guesses: a path that ends early leads to nothing.

use serde::Deserialize;
use serde_json::Value;

use crate::told::{short, words};

/// Where a value stands: names joined by dots, `mt5.terminal_info.connected`; `$` is the whole answer.
///
/// Into a list go `errors[0]`, `errors[-1]` for the last, and `checks[check_id=global.queue].status` for the first entry
/// whose field has that value. A name that itself has a dot or a bracket cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The field of that name.
    Name(String),
    /// The entry of a list; negative from its end.
    At(i64),
    /// The first entry of a list whose field has that value.
    Where { field: String, value: String },
}

/// Why nothing stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// What is not as the path expects, in words.
    pub(crate) why: String,
    /// Whether the way ends at a null: what would stand behind it was told to be nothing.
    pub(crate) at_null: bool,
}

/// Most characters of a path; the longest one met has 50.
const PATH_CHARS_MAX: usize = 200;

/// What a path starts at, in words: the whole answer, or one account or position of it.
const ROOT: &str = "it";

/// Most steps of a path; the deepest one met has four.
const STEPS_MAX: usize = 16;

impl JsonPath {
    /// As written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The field of that name, which has neither a dot nor a bracket in it.
    pub(crate) fn name(name: &str) -> Self {
        Self { text: name.to_owned(), steps: vec![Step::Name(name.to_owned())] }
    }

    /// The field that it begins with; nothing where it begins with a list, or is the whole answer.
    pub(crate) fn first_name(&self) -> Option<&str> {
        match self.steps.first()? {
            Step::Name(name) => Some(name),
            Step::At(_) | Step::Where { .. } => None,
        }
    }

    /// The value there, which may be null; or where the way to it ends.
    pub(crate) fn walk<'a>(&self, answer: &'a Value) -> Result<&'a Value, Gap> {
        let mut value = answer;
        let mut at = String::from(ROOT);
        for step in &self.steps {
            value = step
                .enter(value)
                .ok_or_else(|| Gap { why: step.gap(&at, value), at_null: value.is_null() })?;
            at = match step {
                Step::Name(name) if at == ROOT => name.clone(),
                Step::Name(name) => format!("{at}.{name}"),
                Step::At(index) => format!("{at}[{index}]"),
                Step::Where { field, value } => format!("{at}[{field}={value}]"),
            };
        }
        Ok(value)
    }

    /// The value there, unless it is null.
    pub(crate) fn told<'a>(&self, answer: &'a Value) -> Option<&'a Value> {
        self.value(answer).filter(|value| !value.is_null())
    }

    /// The value there, which may be null. As [`JsonPath::walk`], without the words.
    fn value<'a>(&self, answer: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(answer, |value, step| step.enter(value))
    }
}

impl Step {
    fn enter<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Name(name) => value.as_object()?.get(name),
            Self::At(index) => {
                let list = value.as_array()?;
                let from_start = usize::try_from(*index).ok();
                let from_end = || list.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
                list.get(from_start.or_else(from_end)?)
            }
            Self::Where { field, value: wanted } => {
                let has = |entry: &&Value| entry.get(field).is_some_and(|value| words(value) == *wanted);
                value.as_array()?.iter().find(has)
            }
        }
    }

    /// Why it cannot be taken from `value`, which stands at `at`.
    fn gap(&self, at: &str, value: &Value) -> String {
        if value.is_null() {
            return format!("{at} is null");
        }
        match self {
            Self::Name(name) if value.is_object() => format!("{at} has no field \"{name}\""),
            Self::Name(name) => format!("{at} is {} and has no field \"{name}\"", kind(value)),
            Self::At(index) if value.is_array() => format!("{at} has no entry {index}"),
            Self::Where { field, value: wanted } if value.is_array() => {
                format!("{at} has no entry whose \"{field}\" is \"{wanted}\"")
            }
            Self::At(_) | Self::Where { .. } => format!("{at} is {}, not a list", kind(value)),
        }
    }
}

/// What a value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl TryFrom<String> for JsonPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let short_enough = text.chars().count() <= PATH_CHARS_MAX;
        match steps(&text).filter(|steps| short_enough && steps.len() <= STEPS_MAX) {
            Some(steps) => Ok(Self { text, steps }),
            None => Err(format!(
                "\"{}\" is no path into an answer: write names joined by dots, e.g. \"mt5.terminal_info.connected\", \
                 \"errors[0]\" or \"checks[id=queue].status\" into a list, or \"$\" for the whole answer",
                short(&text)
            )),
        }
    }
}

/// The steps of a path as written, if it is one.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$').filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let mut steps = Vec::new();
    if rest.is_none() {
        let (name, after) = name(text)?;
        steps.push(Step::Name(name));
        rest = Some(after);
    }
    let mut rest = rest?;
    while !rest.is_empty() {
        let (step, after) = if let Some(inside) = rest.strip_prefix('[') {
            let (inside, after) = inside.split_once(']')?;
            (selector(inside)?, after)
        } else {
            let (name, after) = name(rest.strip_prefix('.')?)?;
            (Step::Name(name), after)
        };
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

/// The name at the beginning of `text`, and what follows it.
fn name(text: &str) -> Option<(String, &str)> {
    let end = text.find(['.', '[', ']']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

/// What stands between brackets.
fn selector(inside: &str) -> Option<Step> {
    match inside.split_once('=') {
        Some((field, value)) if !field.is_empty() && !value.is_empty() => {
            Some(Step::Where { field: field.to_owned(), value: value.to_owned() })
        }
        Some(_) => None,
        None => inside.parse().ok().map(Step::At),
    }
}

/// Places where one fact may stand; the first that is there and not null is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Places {
    paths: Vec<JsonPath>,
}

impl Places {
    /// The fields of these names.
    pub(crate) fn named(names: &[&str]) -> Self {
        Self { paths: names.iter().map(|name| JsonPath::name(name)).collect() }
    }

    /// The first value that is there and not null.
    pub(crate) fn told<'a>(&self, answer: &'a Value) -> Option<&'a Value> {
        self.told_at(answer).map(|(_, value)| value)
    }

    /// The same, with the place where it stands.
    pub(crate) fn told_at<'a>(&self, answer: &'a Value) -> Option<(&JsonPath, &'a Value)> {
        self.paths.iter().find_map(|path| path.told(answer).map(|value| (path, value)))
    }

    /// Whether one of them is there, be it null.
    pub(crate) fn mentioned(&self, answer: &Value) -> bool {
        self.paths.iter().any(|path| path.value(answer).is_some())
    }

    /// The first of them, as written.
    pub(crate) fn first(&self) -> Option<&str> {
        self.paths.first().map(JsonPath::as_str)
    }

    /// All of them, in the order in which they are tried.
    pub(crate) fn paths(&self) -> &[JsonPath] {
        &self.paths
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::JsonPath;

    #[rstest]
    #[case("")]
    #[case(".a")]
    #[case("a..b")]
    #[case("a.")]
    #[case("[0]")]
    #[case("a[")]
    #[case("a[]")]
    #[case("a[x]")]
    #[case("a[=x]")]
    #[case("a[0]b")]
    fn a_path_with_a_nameless_part_is_refused(#[case] text: &str) {
        assert!(JsonPath::try_from(text.to_owned()).is_err());
    }

    fn path(text: &str) -> JsonPath {
        JsonPath::try_from(text.to_owned()).unwrap()
    }

    #[rstest]
    #[case::whole("$", json!({"a": [7, {"id": "x.y", "n": 8}, {"id": 3, "n": 9}]}))]
    #[case::first("a[0]", json!(7))]
    #[case::last("a[-1].n", json!(9))]
    #[case::by_text("a[id=x.y].n", json!(8))]
    #[case::by_number("$.a[id=3].n", json!(9))]
    fn a_path_leads_into_lists(#[case] text: &str, #[case] value: Value) {
        let answer = json!({"a": [7, {"id": "x.y", "n": 8}, {"id": 3, "n": 9}]});
        assert_eq!(path(text).walk(&answer), Ok(&value));
    }

    #[rstest]
    #[case::absent("a.z", "a has no field \"z\"")]
    #[case::nothing("z", "it has no field \"z\"")]
    #[case::behind_null("a.n.x", "a.n is null")]
    #[case::behind_a_number("a.one.x", "a.one is a number and has no field \"x\"")]
    #[case::beyond_the_end("a.l[-3]", "a.l has no entry -3")]
    #[case::no_such_entry("a.l[id=4].x", "a.l has no entry whose \"id\" is \"4\"")]
    #[case::not_a_list("a[0]", "a is an object, not a list")]
    fn a_path_says_where_it_ends(#[case] text: &str, #[case] why: &str) {
        let answer = json!({"a": {"n": null, "one": 1, "l": [1, 2]}});
        assert_eq!(path(text).walk(&answer).unwrap_err().why, why);
    }
}
