//! Explanations of dialects, as a person reads them at a terminal.

use rebound_probes::{FieldExplained, FieldRead};

/// One line for each field that the dialect describes, and one for all that it does not.
pub(super) fn table_with_gaps(fields: &[FieldExplained]) -> String {
    let mut text = table(fields);
    let mut others: Vec<&str> = Vec::new();
    for field in fields.iter().filter(|field| field.read == FieldRead::NoPlace) {
        let name = name(&field.field);
        if !others.contains(&name) {
            others.push(name);
        }
    }
    if !others.is_empty() {
        text.push_str(&format!("  the dialect has no place for: {}\n", others.join(", ")));
    }
    text
}

/// One line for each field that the dialect describes.
pub(super) fn table(fields: &[FieldExplained]) -> String {
    let described = |field: &&FieldExplained| field.read != FieldRead::NoPlace;
    let width = fields.iter().filter(described).map(|field| field.field.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for FieldExplained { field, read } in fields.iter().filter(described) {
        text.push_str(&format!("  {field:width$}  {}\n", words(read)));
    }
    text
}

fn words(read: &FieldRead) -> String {
    match read {
        FieldRead::Told { value, place } if place.is_empty() => value.clone(),
        FieldRead::Told { value, place } => format!("{value}   (at {place})"),
        FieldRead::Missing(why) => format!("missing: {why}"),
        FieldRead::Refused(why) => format!("NOT READ: {why}"),
        FieldRead::NoPlace => "-".to_owned(),
    }
}

/// The name of a field without the part and the entry that it stands in.
fn name(field: &str) -> &str {
    field.split_once('.').map_or(field, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use rebound::time::Timestamp;
    use rebound_probes::{Answer, Dialect};

    use super::table_with_gaps;

    fn explained(part: &str, body: &str) -> String {
        let f2 = Dialect::preset("f2").unwrap();
        let part = f2.part(part).unwrap();
        table_with_gaps(&f2.explain(part, &Answer::ok(body), Timestamp::from_ms(1_762_218_420_000)))
    }

    #[test]
    fn each_field_has_a_line_that_says_what_or_why_not() {
        let text = explained(
            "health",
            r#"{"status":"degraded","timestamp":"2025-11-04T01:07:00Z","mt5":{"available":false,"terminal_info":null}}"#,
        );
        assert_eq!(
            text,
            "  health.path                an answer with status 200   (at /api/mt5/bridge/health)
  health.terminal_available  false   (at mt5.available)
  health.connected           missing: mt5.terminal_info is null
  health.trade_allowed       missing: mt5.terminal_info is null
  health.store_connected     missing: it has no field \"mongodb\"
  health.bridge_session      missing: mt5 has no field \"bridge_session\"
  health.terminal_session    missing: mt5 has no field \"terminal_session\"
  health.last_error          missing: mt5 has no field \"last_error\"; it has no field \"last_error\"; mt5 has no field \"error\"; it has no field \"error\"
  health.bridge_time         2025-11-04 01:07:00 UTC   (at timestamp)
  the dialect has no place for: account_trading, expert_trading, api_disabled, login
"
        );
    }

    #[test]
    fn an_account_says_whether_it_counts() {
        let text = explained(
            "accounts",
            r#"{"accounts":[{"account":1001,"balance":0.0,"note":"No cached data","last_sync":"2025-11-04T01:06:37Z"},
               {"account":1002,"balance":"12.50","last_sync":"yesterday"}]}"#,
        );
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in [
            "accounts[0] NOT READ: account 1001 does not count as read: it is marked as a placeholder",
            "accounts[1].balance NOT READ: balance is \"12.50\": it is no sum of money",
            "accounts[1].read_time NOT READ: last_sync is \"yesterday\": no time",
        ] {
            assert!(words.contains(line), "{line}\nis not in\n{text}");
        }
    }
}
