// Every figure of one target: as the page shows it, and as the API tells it. Written apart from the program on purpose.

/** Whole seconds of the time that an element shows; nothing where it shows none. */
const SHOWN = () => {
  const text = (element) => {
    if (!element) return null;
    // A dash has its reason beside it, for those who cannot see it.
    if (element.querySelector('.missing')) return '—';
    return element.textContent.replace(/\s+/g, ' ').trim();
  };
  const time = (element) => {
    const stamp = element?.querySelector('time')?.getAttribute('datetime');
    return stamp ? Math.floor(Date.parse(stamp) / 1000) : null;
  };
  const rows = (table) => [...(document.querySelector(`table.${table} > tbody`)?.rows ?? [])];
  const beside = (word) => [...document.querySelectorAll('.card dt')].find((term) => text(term) === word)?.nextElementSibling;
  const heading = document.querySelector('.state h1');
  return {
    sentence: text(heading),
    phase: text(document.querySelector('.card .phase .badge')),
    detail: text(document.querySelector('.card .phase-detail')),
    answered: time(beside('Heartbeat')),
    latency: text(beside('Latency')),
    uptime: text(beside('Up, last 24 h')).replace(/ of .*/, ''),
    budget: text(beside('Budget')),
    accounts: rows('accounts').map((row) => ({
      id: Number(text(row.querySelector('.account-id'))),
      state: text(row.cells[1]),
      balance: text(row.cells[2].querySelector('.money') ?? row.cells[2].firstElementChild),
      equity: text(row.cells[3].querySelector('.money') ?? row.cells[3].firstElementChild),
      read: time(row.cells[4]),
    })),
    checks: rows('checks').map((row) => ({
      id: text(row.querySelector('code')),
      verdict: text(row.querySelector('.badge')),
      seen: text(row.querySelector('.seen > span')),
      expected: text(row.querySelector('.seen > small')),
      reason: text(row.querySelector('.reason')),
      since: time(row.cells[3]),
    })),
    attempts: document.querySelectorAll('.incident .attempt').length,
    over: rows('recent').map((row) => time(row.cells[1])),
    alerts: [...document.querySelectorAll('.alerts > .alert > .alert-head time')].map((stamp) =>
      Math.floor(Date.parse(stamp.getAttribute('datetime')) / 1000),
    ),
    banners: [...document.querySelectorAll('.banners .severity')].map(text),
  };
};

/** What the page shows now. */
export function shown(page) {
  return page.evaluate(SHOWN);
}

const seconds = (ms) => (ms === null ? null : Math.floor(ms / 1000));

const amount = (number, currency) => {
  if (number === null) return '—';
  const digits = number.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return currency === null ? digits : `${digits} ${currency}`;
};

/** A living page shows the reader's time of day, which is that of UTC where these tests run, and does not name the zone. */
const ofReader = (sentence) => sentence.replace(/(?:\d{4}-\d\d-\d\d )?(\d\d:\d\d:\d\d) UTC/g, '$1');

/** What the page is to show of this board of one target. */
export function told(board) {
  const [target] = board.targets;
  return {
    sentence: board.sentence,
    phase: target.phase,
    detail: ofReader(target.phase_detail),
    answered: seconds(target.answered_at),
    latency: target.latency_ms === null ? '—' : `${target.latency_ms} ms`,
    uptime: target.uptime.percent ?? '—',
    budget: `${target.heal.used_this_hour} of ${target.heal.per_hour_max} used in the last hour`,
    accounts: target.accounts.map((account) => ({
      id: account.id,
      state: account.state,
      balance: amount(account.balance, account.currency),
      equity: amount(account.equity, account.currency),
      read: seconds(account.read_at),
    })),
    checks: target.checks.map((check) => ({
      id: check.id,
      verdict: check.verdict,
      seen: check.value ?? '—',
      expected: `expected: ${check.threshold}`,
      reason: check.reason,
      since: seconds(check.since),
    })),
    attempts: target.incident?.steps.length ?? 0,
    over: target.recent.map((incident) => seconds(incident.first_failure)),
    alerts: board.alerts.map((alert) => seconds(alert.at)),
    banners: board.banners.map((banner) => banner.severity[0].toUpperCase() + banner.severity.slice(1)),
  };
}
