//! Where in the file a setting stands.

use rebound_engine::settings::Form;
use toml::{Table, Value};

/// Puts `value` where `key` says. `false`: there is no such place, because a target or remedy of that name is gone.
pub(super) fn put(table: &mut Table, key: &str, value: Value) -> bool {
    let Some((holder, path)) = holder(table, key) else { return false };
    let Some((last, folders)) = path.split_last() else { return false };
    let mut at = holder;
    for folder in folders {
        let entry = at.entry((*folder).to_owned()).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(next) = entry else { return false };
        at = next;
    }
    at.insert((*last).to_owned(), value);
    true
}

/// Takes what stands at `key` away.
pub(super) fn remove(table: &mut Table, key: &str) {
    table.remove(key);
}

/// The table in which a key stands, and the rest of the way from there.
fn holder<'t, 'k>(table: &'t mut Table, key: &'k str) -> Option<(&'t mut Table, Vec<&'k str>)> {
    let Some(rest) = key.strip_prefix("targets/") else {
        return Some((table, key.split('/').collect()));
    };
    let (id, rest) = rest.split_once('/')?;
    let target = named(table.get_mut("targets")?, "id", id)?;
    let Some(rest) = rest.strip_prefix("remedies/") else {
        return Some((target, rest.split('/').collect()));
    };
    // The name of a remedy may hold any character.
    let (name, key) = rest.rsplit_once('/')?;
    let remedies = target.get_mut("heal")?.get_mut("remedies")?;
    Some((named(remedies, "name", name)?, vec![key]))
}

fn named<'t>(list: &'t mut Value, key: &str, name: &str) -> Option<&'t mut Table> {
    let tables = list.as_array_mut()?.iter_mut().filter_map(Value::as_table_mut);
    tables.into_iter().find(|table| table.get(key).and_then(Value::as_str) == Some(name))
}

/// A value as the file writes it, or what is wrong with it.
pub(super) fn read(form: &Form, text: &str) -> Result<Value, String> {
    let text = text.trim();
    match form {
        Form::Span | Form::Words => Ok(Value::String(text.to_owned())),
        Form::Choice(choices) => {
            if choices.iter().any(|choice| choice == text) {
                Ok(Value::String(text.to_owned()))
            } else {
                Err(format!("= \"{text}\" is none of {}", choices.join(", ")))
            }
        }
        Form::Number => {
            let number = text.parse().map_err(|_| format!("= \"{text}\" is no whole number"))?;
            Ok(Value::Integer(number))
        }
        Form::Flag => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(format!("= \"{text}\" is neither true nor false")),
        },
        Form::List => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
        }
        Form::Lines => Err("is read as a part of the file".to_owned()),
    }
}
