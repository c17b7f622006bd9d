//! The summary of a right configuration.

use super::right;

const SITE: &str = r#"
[[targets]]
id = "host"
kind = "endpoint"
way = "tcp"
address = "198.51.100.7:3389"

[[targets]]
id = "mt5"
name = "MT5 bridge"
url = "http://198.51.100.7:8000"
calendar = "forex"
depends_on = ["host"]
accounts = [{ id = 1000001, calendar = "crypto" }, { id = 1000002 }]

[[maintenance]]
name = "updates"
targets = ["host", "mt5"]
zone = "Europe/Berlin"
spans = [{ from = "sat 02:00", to = "sat 04:00" }]

[[maintenance]]
name = "backup"
zone = "UTC"
from = "23:30"
to = "00:15"

[[maintenance]]
name = "move"
from = "2026-12-05T02:00:00+01:00"
to = "2026-12-05T04:30:00+01:00"
"#;

const LINES: &str = r#"  host "host": endpoint (tcp), 2 checks, calendar always, never heals by itself
  mt5 "MT5 bridge": bridge (f2), 10 checks (not positions.kept), calendars forex, crypto, depends on host, never heals by itself
  planned work "updates" on host, mt5: sat 02:00 to sat 04:00 (Europe/Berlin)
  planned work "backup" on every target: sun 23:30 to mon 00:15, mon 23:30 to tue 00:15, tue 23:30 to wed 00:15 and 4 more (UTC)
  planned work "move" on every target: 2026-12-05 01:00:00 UTC to 2026-12-05 03:30:00 UTC
  history is kept in: /etc/rebound/rebound.db (SQLite)
  alerts go to: nobody outside the page
"#;

#[test]
fn a_configuration_is_summed_up_in_what_it_means() {
    assert_eq!(right(SITE).summary(), LINES);
}
