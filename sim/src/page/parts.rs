//! The sections of the control page, as HTML text.
//!
//! Everything that came from outside passes through [`escape`].

use chrono::{DateTime, Utc};

use crate::{
    control::{DELAY_MS_MAX, ms},
    faults::{Fault, Remedy},
    options::Mode,
    world::{Addresses, State},
};

/// How many rows of each list are shown, newest first.
const ROWS_MAX: usize = 20;

/// The faults by what they break.
const GROUPS: [(&str, &[Fault]); 4] = [
    (
        "Terminal and broker",
        &[
            Fault::LinkLost,
            Fault::Ipc10005,
            Fault::Ipc10004,
            Fault::Ipc10003,
            Fault::IpcCredentials,
            Fault::TradingOff,
        ],
    ),
    (
        "Process and network",
        &[
            Fault::ProcessDown,
            Fault::Hang,
            Fault::Slow,
            Fault::SlowLoris,
            Fault::HalfBody,
            Fault::Http500,
            Fault::Http401,
            Fault::Http404,
            Fault::WrongService,
            Fault::Redirect,
        ],
    ),
    (
        "Account data",
        &[
            Fault::SyncStopped,
            Fault::OneAccountFailing,
            Fault::AccountsFailingShare,
            Fault::NullBalances,
            Fault::Placeholders,
            Fault::ZeroBalances,
            Fault::BridgeStoreDown,
            Fault::ClockSkew,
        ],
    ),
    ("Nonsense", &[Fault::GarbageJson, Fault::Nan, Fault::HugeNumbers, Fault::HugeBody]),
];

/// The title, the addresses and how many faults are on.
pub(crate) fn header(state: &State, addresses: &Addresses, watches: bool) -> String {
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
         <p class=\"quiet\">Bridge <code>{bridge}</code> · GitHub API <code>{github}</code> · Mail sink <code>{smtp}</code></p></header>",
        clear = if count == 0 { String::new() } else { button("/ui/faults/clear", "Turn all faults off") },
        bridge = addresses.bridge,
        github = addresses.github,
        smtp = addresses.smtp,
    )
}

/// Every fault with what it does, whether it is on, and its switch.
pub(crate) fn faults(state: &State) -> String {
    let groups: String = GROUPS
        .iter()
        .map(|(title, faults)| {
            let rows: String = faults.iter().map(|fault| fault_row(state, *fault)).collect();
            format!("<h3>{title}</h3>{rows}")
        })
        .collect();
    format!("<section><h2>Faults</h2><p class=\"quiet\">Several may be on at once.</p>{groups}</section>")
}

fn fault_row(state: &State, fault: Fault) -> String {
    let on = state.faults.has(fault);
    let remedy = match fault.remedy() {
        Remedy::EmergencyRestart => "Any restart repairs it.",
        Remedy::FullRestart => "Only a full restart repairs it.",
        Remedy::Person => "No restart repairs it.",
    };
    let class = if on { "fault on" } else { "fault" };
    let pill = if on { "<span class=\"pill on\">On</span>" } else { "<span class=\"pill\">Off</span>" };
    let switch = match (on, fault.value_rule()) {
        (true, Some(rule)) => {
            let value = state.faults.value(fault).unwrap_or_default();
            format!("<span class=\"pill on\">{value} {}</span>{}", rule.unit, off_button(fault))
        }
        (true, None) => off_button(fault),
        (false, Some(rule)) => format!(
            "<form method=\"post\" action=\"/ui/faults/{fault}/on\">\
             <input type=\"number\" name=\"value\" value=\"{value}\" min=\"{least}\" max=\"{most}\" aria-label=\"Value of {fault}\"> {unit} \
             <button aria-label=\"Turn {fault} on\">Turn on</button></form>",
            value = rule.default,
            least = rule.range.start(),
            most = rule.range.end(),
            unit = rule.unit,
        ),
        (false, None) => labelled(&format!("/ui/faults/{fault}/on"), "Turn on", &format!("Turn {fault} on")),
    };
    format!(
        "<div class=\"{class}\"><div><code>{fault}</code> {pill}<p class=\"quiet\">{about} {remedy}</p></div>{switch}</div>",
        about = fault.about(),
    )
}

/// What the bridge last read.
pub(crate) fn accounts(state: &State) -> String {
    let rows: String = state
        .accounts
        .iter()
        .map(|account| {
            let stored = &account.stored;
            let error = stored.error.map_or("", |_| " <span class=\"pill on\">failed</span>");
            format!(
                "<tr><td><code>{}</code> {}{error}</td><td class=\"number\">{:.2}</td><td class=\"number\">{:.2}</td><td>{}</td></tr>",
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

/// How restarts go.
pub(crate) fn restart(state: &State) -> String {
    let desk = &state.restart;
    let inputs = number("delay_ms", "Delay, ms", ms(desk.delay));
    mode_form("Emergency restart", "/ui/restart", desk.mode, &inputs)
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

/// Who asked for an emergency restart, newest first.
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
                "<tr><td>{}</td><td>{}</td><td>{token}</td><td>{mode}</td></tr>",
                time(call.at),
                call.status
            )
        })
        .collect();
    let head = "<tr><th>Time</th><th>Answer</th><th>Token</th><th>Mode</th></tr>";
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

fn off_button(fault: Fault) -> String {
    labelled(&format!("/ui/faults/{fault}/off"), "Turn off", &format!("Turn {fault} off"))
}

fn labelled(action: &str, text: &str, label: &str) -> String {
    format!("<form method=\"post\" action=\"{action}\"><button aria-label=\"{label}\">{text}</button></form>")
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
    use super::{GROUPS, escape};
    use crate::faults::Fault;

    #[test]
    fn every_fault_has_a_place_on_the_page() {
        let shown: Vec<Fault> = GROUPS.iter().flat_map(|(_, faults)| faults.iter().copied()).collect();
        assert_eq!(shown, Fault::ALL);
    }

    #[test]
    fn a_subject_cannot_become_a_tag() {
        assert_eq!(escape("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
