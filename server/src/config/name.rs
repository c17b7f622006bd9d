//! The name of this server among those that share a store.

use super::Problems;

/// Longest name.
const LENGTH_MAX: usize = 40;

/// Checks `server.name`; where it is missing, takes the machine's name.
pub(super) fn check(name: Option<&str>, problems: &mut Problems) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name {
        Some(name) if !name.is_empty() && name.len() <= LENGTH_MAX && name.chars().all(allowed) => {
            name.to_owned()
        }
        Some(name) => {
            let what = format!("\"{name}\" cannot name a server");
            let help = "Use 1 to 40 of letters, digits, '-', '_' and '.', e.g. \"vps-1\".";
            problems.add("server.name", &what, help);
            String::new()
        }
        None => of_machine(),
    }
}

fn of_machine() -> String {
    let machine = hostname::get().unwrap_or_default();
    let short = machine.to_string_lossy();
    let short = short.split('.').next().unwrap_or_default();
    let name: String =
        short.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(LENGTH_MAX).collect();
    if name.is_empty() { "rebound".to_owned() } else { name }
}
