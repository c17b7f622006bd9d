//! The configuration that a site is given, as the text of a file.
//!
//! Spans are as short as the file allows, so that a story takes seconds.

use std::net::SocketAddr;

use rebound_sim::Sim;

/// Secrets that no page, answer, log or mail may ever show.
pub(crate) const SECRETS: [(&str, &str); 5] = [
    ("RESTART_TOKEN", RESTART_TOKEN),
    ("GITHUB_TOKEN", GITHUB_TOKEN),
    ("MAIL_PASSWORD", "mail-password-h7Rk2"),
    ("API_SECRET", API_SECRET),
    ("ADMIN_PASSWORD", ADMIN_PASSWORD),
];
pub(crate) const RESTART_TOKEN: &str = "restart-token-q8Wz1";
pub(crate) const GITHUB_TOKEN: &str = "ghp_token-v3Np9";
pub(crate) const API_SECRET: &str = "api-secret-m5Tc4-0123456789abcdef0123456789";
pub(crate) const ADMIN_PASSWORD: &str = "admin-password-x6Jd0";

/// The bridge's own restart: soft, and through the bridge.
pub(crate) const RECONNECT: &str = r#"
[[targets.heal.remedies]]
name = "reconnect terminal"
rung = "soft"
kind = "http_call"
url = "/api/admin/emergency-restart"
query = { token = { env = "RESTART_TOKEN" } }
expect = { json = { path = "success", equals = true } }
timeout = "10s"
verify_after = "0s"
verify_within = "5s"
"#;

/// What is chosen for one site; the rest is the same for all.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) listen: String,
    pub(crate) store: &'static str,
    /// Lines of `[[targets]]`.
    pub(crate) target: String,
    /// Lines of `[targets.heal]`.
    pub(crate) heal: String,
    /// Each a `[[targets.heal.remedies]]`.
    pub(crate) ladder: Vec<String>,
    /// Further sections.
    pub(crate) more: String,
    /// Address of the bridge, where it is not the host's.
    pub(crate) bridge: Option<String>,
}

impl Plan {
    /// Asks every second, heals by the bridge's own restart first and by a workflow then.
    pub(crate) fn usual(host: &Sim) -> Self {
        Self {
            listen: "127.0.0.1:0".to_owned(),
            store: "rebound.db",
            target: EVERY_SECOND.to_owned(),
            heal: "cooldown = \"0s\"".to_owned(),
            ladder: vec![RECONNECT.to_owned(), restart_host(host)],
            more: String::new(),
            bridge: None,
        }
    }

    /// The text of `rebound.toml`.
    pub(crate) fn text(&self, host: &Sim) -> String {
        let Self { listen, store, target, heal, ladder, more, bridge } = self;
        let bridge = bridge.as_ref().unwrap_or(&host.bridge_url);
        let people = people(host.smtp_addr);
        format!(
            r#"
[server]
listen = "{listen}"

[store]
path = "{store}"
room_warning = 0

{people}

{more}

[[targets]]
id = "mt5"
name = "MT5 bridge"
url = "{bridge}"
calendar = "always"
accounts = [
    {{ id = 1000001 }}, {{ id = 1000002 }}, {{ id = 1000003 }}, {{ id = 1000004 }},
    {{ id = 1000005 }}, {{ id = 1000006 }}, {{ id = 1000007, reserve = true }},
]
{target}

[targets.checks]
"accounts.zero" = {{ failures = 2 }}

[targets.heal]
{heal}
{ladder}
"#,
            ladder = ladder.concat()
        )
    }
}

const EVERY_SECOND: &str = "interval = \"1s\"\nretry_every = \"1s\"\ntimeout = \"900ms\"";

/// A workflow that restarts the host: hard, and around the bridge.
pub(crate) fn restart_host(host: &Sim) -> String {
    format!(
        r#"
[[targets.heal.remedies]]
name = "restart host"
rung = "hard"
kind = "github_dispatch"
api_url = "{}"
owner = "example"
repo = "mt5-host"
event_type = "mt5-full-restart"
token = {{ env = "GITHUB_TOKEN" }}
find_run_within = "2s"
poll_every = "100ms"
timeout = "20s"
verify_after = "0s"
verify_within = "5s"
"#,
        host.github_url
    )
}

/// Who may log in and ask, and who gets mail over the server at this address.
pub(crate) fn people(smtp: SocketAddr) -> String {
    let (host, port) = (smtp.ip(), smtp.port());
    format!(
        r#"
[login]
password = {{ env = "ADMIN_PASSWORD" }}

[api]
secret = {{ env = "API_SECRET" }}

[alerts.email]
host = "{host}"
port = {port}
security = "plain"
username = "rebound"
password = {{ env = "MAIL_PASSWORD" }}
from = "rebound@example.com"
to = ["admin@example.com"]
"#
    )
}

/// What `{ env = "…" }` finds.
pub(crate) fn environment(name: &str) -> Option<String> {
    SECRETS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}
