//! The sections of the control page, as HTML text.
//!
//! Everything that came from outside passes through [`escape`].

use chrono::{DateTime, Utc};

use crate::{
    control::{DELAY_MS_MAX, ms},
    dialect::Dialect,
    options::Mode,
    positions::Position,
    world::{Addresses, State},
};

/// How many rows of each list are shown, newest first.
const ROWS_MAX: usize = 20;

/// The title, the dialect, the addresses and how many faults are on.
pub(crate) fn header(state: &State, addresses: &Addresses, dialect: Dialect, watches: bool) -> String {
    let count = state.faults.iter().count();
    let pill = match count {
        0 => "<span class=\"pill good\">All is well</span>".to_owned(),
        1 => "<span class=\"pill on\">1 fault is on</span>".to_owned(),
        more => format!("<span class=\"pill on\">{more} faults are on</span>"),
    };
    let watch = if watches {
        "<a href=\"/\">Stop watching</a>"
    } else {
        "<a href=\"/\">Reload</a> <a href=\"/?watch=1\">Watch</a>"
    };
    format!(
        "<header><div class=\"bar\"><h1>Simulated MT5 host</h1>{pill}{watch}{clear}</div>\
         <p class=\"quiet\">Bridge <code>{bridge}</code> in dialect <code>{dialect}</code> · GitHub API <code>{github}</code> · \
         Mail sink <code>{smtp}</code>{host}{web}</p></header>",
        clear = if count == 0 { String::new() } else { button("/ui/faults/clear", "Turn all faults off") },
        bridge = addresses.bridge,
        github = addresses.github,
        smtp = addresses.smtp,
        host = more_address("Restart service", addresses.host.as_deref()),
        web = more_address("Front end", addresses.web.as_deref()),
    )
}

fn more_address(name: &str, url: Option<&str>) -> String {
    url.map(|url| format!(" · {name} <code>{url}</code>")).unwrap_or_default()
}

/// What the bridge last read.
pub(crate) fn accounts(state: &State) -> String {
    let rows: String = state
        .accounts
        .iter()
        .map(|account| {
            let stored = &account.stored;
            let error = stored.error.map_or("", |_| " <span class=\"pill on\">failed</span>");
            let owner = if stored.owner.login == account.id {
                String::new()
            } else {
                format!(" <span class=\"pill on\">data of {}</span>", stored.owner.login)
            };
            format!(
                "<tr><td><code>{}</code> {}{error}{owner}</td><td class=\"number\">{:.2}</td><td class=\"number\">{:.2}</td><td>{}</td></tr>",
                account.id,
                account.name,
                stored.money.balance,
                stored.money.equity,
                time(stored.read_at),
            )
        })
        .collect();
    let head = "<tr><th>Account</th><th class=\"number\">Balance</th><th class=\"number\">Equity</th><th>Read</th></tr>";
    format!("<section><h2>Accounts, as last read</h2><table>{head}{rows}</table></section>")
}

/// What is open at the terminal, and what restarts have lost.
pub(crate) fn positions(state: &State) -> String {
    let book = &state.book;
    let row = |position: &Position, note: &str| {
        let stop = if position.stop_loss > 0.0 { position.stop_loss.to_string() } else { "none".to_owned() };
        format!(
            "<tr><td><code>{}</code>{note}</td><td>{} {} {}</td><td class=\"number\">{stop}</td></tr>",
            position.ticket,
            position.side.word(),
            position.volume,
            position.symbol,
        )
    };
    let open: String = book.positions.iter().map(|position| row(position, "")).collect();
    let lost = " <span class=\"pill on\">lost</span>";
    let lost: String = book.lost.iter().map(|position| row(position, lost)).collect();
    let head = "<tr><th>Position</th><th></th><th class=\"number\">Stop loss</th></tr>";
    let title = format!("Positions ({}), and {} pending orders", book.positions.len(), book.orders.len());
    list(&title, head, &(open + &lost), "Nothing is open.")
}

/// How the front end answers; nothing where there is none.
pub(crate) fn web(state: &State, addresses: &Addresses) -> String {
    if addresses.web.is_none() {
        return String::new();
    }
    let desk = &state.web;
    let up = |value: bool, text: &str| {
        let selected = if desk.up == value { " selected" } else { "" };
        format!("<option value=\"{value}\"{selected}>{text}</option>")
    };
    format!(
        "<section><h2>Front end ({requests} requests)</h2><form method=\"post\" action=\"/ui/web\">\
         <label>Port <select name=\"up\">{open}{closed}</select></label>\
         <label>Status <input type=\"number\" name=\"status\" value=\"{status}\" min=\"200\" max=\"599\"></label>\
         <label>Text <input name=\"text\" value=\"{text}\"></label>{delay}<button>Set</button></form></section>",
        requests = desk.requests,
        open = up(true, "open"),
        closed = up(false, "closed"),
        status = desk.status.as_u16(),
        text = escape(&desk.text),
        delay = number("delay_ms", "Delay, ms", ms(desk.delay)),
    )
}

/// How restarts go.
pub(crate) fn restart(state: &State) -> String {
    let desk = &state.restart;
    let inputs = number("delay_ms", "Delay, ms", ms(desk.delay));
    mode_form("Restart", "/ui/restart", desk.mode, &inputs)
}

/// How the GitHub API goes.
pub(crate) fn github(state: &State) -> String {
    let desk = &state.github;
    let inputs =
        number("queued_ms", "Queued, ms", ms(desk.queued)) + &number("run_ms", "Runs, ms", ms(desk.run));
    mode_form("GitHub API", "/ui/github", desk.mode, &inputs)
}

/// How the mail sink goes.
pub(crate) fn smtp(state: &State) -> String {
    mode_form("Mail sink", "/ui/smtp", state.mail.mode(), "")
}

/// The inbox, newest first.
pub(crate) fn mails(state: &State) -> String {
    let desk = &state.mail;
    let rows: String = desk
        .mails
        .iter()
        .rev()
        .take(ROWS_MAX)
        .map(|mail| {
            format!(
                "<details><summary>{} · {} · <strong>{}</strong></summary><p class=\"quiet\">From {}, <a href=\"/mails/{}\">as it came</a></p><pre>{}</pre></details>",
                time(mail.at),
                escape(&mail.to.join(", ")),
                escape(&mail.subject),
                escape(&mail.from),
                mail.id,
                escape(&mail.text),
            )
        })
        .collect();
    let list = if rows.is_empty() { "<p class=\"quiet\">No mail came yet.</p>".to_owned() } else { rows };
    let clear =
        if desk.mails.is_empty() { String::new() } else { button("/ui/mails/clear", "Empty the inbox") };
    format!("<section><div class=\"bar\"><h2>Inbox ({})</h2>{clear}</div>{list}</section>", desk.mails.len())
}

/// Who asked for a restart, newest first.
pub(crate) fn restart_calls(state: &State) -> String {
    let desk = &state.restart;
    let rows: String = desk
        .calls
        .iter()
        .rev()
        .take(ROWS_MAX)
        .map(|call| {
            let token = if call.token_right { "right" } else { "wrong" };
            let mode = mode_name(call.mode);
            format!(
                "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{token}</td><td>{mode}</td></tr>",
                time(call.at),
                escape(&call.path),
                call.status
            )
        })
        .collect();
    let head = "<tr><th>Time</th><th>Path</th><th>Answer</th><th>Token</th><th>Mode</th></tr>";
    list(&format!("Restart calls ({})", desk.calls_total), head, &rows, "Nobody asked for a restart yet.")
}

/// What was dispatched and what came of it, newest first.
pub(crate) fn dispatches(state: &State) -> String {
    let desk = &state.github;
    let rows: String = desk
        .dispatches
        .iter()
        .rev()
        .take(ROWS_MAX)
        .map(|dispatch| {
            let run = desk.runs.iter().find(|run| Some(run.id) == dispatch.run_id);
            let run = run.map_or("no run", |run| run.conclusion.unwrap_or(run.status));
            format!(
                "<tr><td>{}</td><td>{} <code>{}</code></td><td>{}</td><td>{}</td><td>{run}</td></tr>",
                time(dispatch.at),
                dispatch.event,
                escape(&dispatch.what),
                escape(dispatch.correlation_id.as_deref().unwrap_or("none")),
                dispatch.status,
            )
        })
        .collect();
    let head = "<tr><th>Time</th><th>Dispatch</th><th>Correlation</th><th>Answer</th><th>Run</th></tr>";
    list(
        &format!("GitHub dispatches ({})", desk.dispatches_total),
        head,
        &rows,
        "Nothing was dispatched yet.",
    )
}

fn list(title: &str, head: &str, rows: &str, empty: &str) -> String {
    if rows.is_empty() {
        return format!("<section><h2>{title}</h2><p class=\"quiet\">{empty}</p></section>");
    }
    format!("<section><h2>{title}</h2><table>{head}{rows}</table></section>")
}

fn mode_form<M: Mode>(title: &str, action: &str, current: M, inputs: &str) -> String {
    let options: String = M::ALL
        .iter()
        .map(|(mode, name, about)| {
            let selected = if *mode == current { " selected" } else { "" };
            format!("<option value=\"{name}\"{selected}>{name}: {about}</option>")
        })
        .collect();
    format!(
        "<section><h2>{title}</h2><form method=\"post\" action=\"{action}\">\
         <select name=\"mode\" aria-label=\"{title}: mode\">{options}</select>{inputs}<button>Set</button></form></section>"
    )
}

fn mode_name<M: Mode>(mode: M) -> &'static str {
    M::ALL.iter().find(|(known, _, _)| *known == mode).map_or("", |(_, name, _)| name)
}

fn number(name: &str, label: &str, value: u64) -> String {
    format!(
        "<label>{label} <input type=\"number\" name=\"{name}\" value=\"{value}\" min=\"0\" max=\"{DELAY_MS_MAX}\"></label>"
    )
}

fn button(action: &str, text: &str) -> String {
    format!("<form method=\"post\" action=\"{action}\"><button>{text}</button></form>")
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

/// Text that may stand between tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_subject_cannot_become_a_tag() {
        assert_eq!(escape("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
