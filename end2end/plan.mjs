// The configuration of a test's server, as the text of `rebound.toml`. Spans are as short as the file allows.

export const PASSWORD = 'browser-test-password';

/** What `{ env = "…" }` finds. */
export const SECRETS = {
  ADMIN_PASSWORD: PASSWORD,
  API_SECRET: 'browser-test-secret-0123456789abcdef',
  RESTART_TOKEN: 'browser-test-restart-token',
};

/** The usual remedy: the bridge connects to its terminal again. */
export const RECONNECT = { name: 'reconnect terminal', timeout: '20s', verifyAfter: '0s', verifyWithin: '10s' };

/** A harsher remedy beside it. */
export const RESTART = { ...RECONNECT, name: 'restart bridge', rung: 'medium' };

/** What a test may choose; see the fixture `plan`. `more`: further text of the file, made from the host. */
export const USUAL = { cooldown: '0s', interval: '1s', remedies: [RECONNECT], faults: [], dependsOn: [], more: () => '' };

export function configuration({ cooldown, interval, remedies, dependsOn, more }, host, listen) {
  const [smtpHost, smtpPort] = host.smtp.split(':');
  return `
[server]
listen = "${listen}"

[store]
path = "rebound.db"
# How full the disk of the machine is that runs the tests is no part of their story.
room_warning = 0

[login]
password = { env = "ADMIN_PASSWORD" }

[api]
secret = { env = "API_SECRET" }

[alerts]
site = "Browser tests"

[alerts.email]
host = "${smtpHost}"
port = ${smtpPort}
security = "plain"
from = "rebound@example.com"
to = ["admin@example.com"]

[[targets]]
id = "mt5"
name = "MT5 bridge"
url = "${host.bridge}"
dialect = "f2"
calendar = "always"
depends_on = ${JSON.stringify(dependsOn)}
interval = "${interval}"
retry_every = "1s"
timeout = "900ms"
accounts = [
    { id = 1000001 }, { id = 1000002 }, { id = 1000003 }, { id = 1000004 },
    { id = 1000005 }, { id = 1000006 }, { id = 1000007, reserve = true },
]

[targets.heal]
cooldown = "${cooldown}"
${remedies.map(remedy).join('')}
${more(host)}`;
}

/** A service that is no bridge: something that accepts connections at this address, or does not. */
export function service(id, name, address) {
  return `
[[targets]]
id = "${id}"
kind = "endpoint"
name = "${name}"
way = "tcp"
address = "${address}"
interval = "1s"
retry_every = "1s"
timeout = "900ms"
`;
}

function remedy({ name, rung = 'soft', timeout, verifyAfter, verifyWithin }) {
  return `
[[targets.heal.remedies]]
name = "${name}"
rung = "${rung}"
kind = "http_call"
url = "/api/admin/emergency-restart"
query = { token = { env = "RESTART_TOKEN" } }
expect = { json = { path = "success", equals = true } }
timeout = "${timeout}"
verify_after = "${verifyAfter}"
verify_within = "${verifyWithin}"
`;
}
