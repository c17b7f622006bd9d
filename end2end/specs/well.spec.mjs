// A person looks whether everything is fine.

import { Overview } from '../pages/overview.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { expect, test } from '../site.mjs';

const BALANCES = {
  1000001: 'Balance North',
  1000002: 'Balance South',
  1000003: 'Core One',
  1000004: 'Core Two',
  1000005: 'Manager A',
  1000006: 'Intermediary',
  1000007: 'Reserve',
};

test('one sentence says that everything is fine', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);

  await expect(overview.phase).toHaveText('Healthy');
  await expect(overview.phaseDetail).toHaveText('No check fails.');
  await expect(page).toHaveTitle('✓ Fine · Rebound');
  await expect(overview.trouble).toHaveCount(0);
  await expect(overview.old).toHaveCount(0);
  await expect(overview.fact('Last heal')).toHaveText('No heal has been proven yet.');
});

test('seven accounts stand there with their balances', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);

  await expect(overview.accountRows).toHaveCount(7);
  for (const [id, name] of Object.entries(BALANCES)) {
    const row = overview.account(id);
    await expect(row.getByRole('rowheader')).toContainText(name);
    const [state, balance, equity, read] = await row.getByRole('cell').all();
    await expect(state).toHaveText('Syncing');
    // The reserve account alone is truly at zero.
    const amount = id === '1000007' ? /^0\.00/ : /^[1-9][\d,]*\.\d\d/;
    await expect(balance).toHaveText(amount);
    await expect(equity).toHaveText(amount);
    await expect(read).toHaveText(/^\d+ s ago$/);
  }
  await expect(overview.account(1000007)).toContainText('reserve');
});

test('each check says what was seen and what is expected', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);

  const rows = overview.checks.getByRole('row').filter({ has: page.getByRole('rowheader') });
  await expect(rows).toHaveCount(10);
  for (const row of await rows.all()) {
    const [verdict, seen] = await row.getByRole('cell').all();
    await expect(verdict).toHaveText('Up');
    await expect(seen).toHaveText(/.+expected: .+/);
  }
  await expect(overview.check('accounts.syncing')).toContainText('7 of 7');
});

test('the heartbeat and the clocks go on by themselves', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);
  const before = {
    beat: await overview.heartbeat.getAttribute('datetime'),
    time: await overview.serverTime.getAttribute('datetime'),
    read: await overview.account(1000001).getByRole('time').getAttribute('datetime'),
  };

  await expect(overview.heartbeat).not.toHaveAttribute('datetime', before.beat);
  await expect(overview.serverTime).not.toHaveAttribute('datetime', before.time);
  await expect(overview.account(1000001).getByRole('time')).not.toHaveAttribute('datetime', before.read);
  await expect(overview.heartbeat).toHaveText(/^\d s ago$/);
  await expect(overview.feed).toHaveAttribute('data-state', 'live');
  await wasNotReloaded(page);
});

test('the last day is a bar that can be read as words and as a table', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);

  await expect(overview.uptime).toBeVisible();
  await expect(overview.uptime).toHaveAccessibleName(/^Last 24 hours .*100\.00 % up, never down/);
  await page.getByText(/100\.00 % up, never down/).filter({ visible: true }).click();
  const stretches = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'Lasted' }) });
  await expect(stretches).toBeVisible();
  await expect(stretches.getByRole('cell', { name: /^up$/i })).toBeVisible();
});

test('what Rebound knows of itself stands there', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);

  await expect(overview.fact('Store')).toHaveText('Works');
  await expect(overview.fact('Alerts go by')).toHaveText('email');
  await expect(overview.fact('Watching since').getByRole('time')).toHaveText(/\d\d:\d\d:\d\d$/);
  await expect(overview.fact('Ladder')).toContainText('reconnect terminal (soft, ');
  await expect(overview.fact('Budget')).toContainText('0 of 5 used in the last hour');
  await expect(overview.alerts).toContainText('No alert yet.');
  await expect(overview.recent).toHaveCount(0);
});

test('an address that leads nowhere says so and leads back', async ({ page, site, complaints }) => {
  await site.login(page);
  complaints.areDue(/status of 404/);

  const answer = await page.goto('/no-such-page');

  expect(answer.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page.');
  await page.getByRole('link', { name: 'To the Overview' }).click();
  await expect(new Overview(page).target).toBeVisible();
});

test('an incident that never was is told', async ({ page, site, complaints }) => {
  await site.login(page);
  complaints.areDue(/status of 404/);

  await page.goto('/incidents/7');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The incident cannot be shown.');
  await expect(new Overview(page).notice).toContainText('There is no incident 7.');
});

test('a target that is not watched is told', async ({ page, site, complaints }) => {
  await site.login(page);
  complaints.areDue(/status of 404/);

  await page.goto('/targets/other');

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The target cannot be shown.');
  await expect(new Overview(page).notice).toContainText('no target is called "other"', { ignoreCase: true });
});
