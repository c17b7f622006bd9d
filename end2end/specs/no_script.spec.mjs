// Everything that matters works without JavaScript.

import { IncidentPage } from '../pages/incident.mjs';
import { LoginPage } from '../pages/login.mjs';
import { Overview } from '../pages/overview.mjs';
import { RECONNECT } from '../plan.mjs';
import { PASSWORD, expect, test } from '../site.mjs';

test.use({ javaScriptEnabled: false, plan: { remedies: [{ ...RECONNECT, verifyWithin: '5s' }] } });

// The browser fetches the wasm ahead and notes that no script wanted it.
test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

test('the login says what is wrong and leads in', async ({ page }) => {
  const login = new LoginPage(page);
  await page.goto('/');
  await login.submit('not-the-password');
  await expect(login.notice).toContainText('Name or password is wrong.');

  await login.submit(PASSWORD);

  await expect(new Overview(page).target).toBeVisible();
});

test('the Overview shows everything, and of when it is', async ({ page, site }) => {
  const overview = await site.login(page);
  await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');

  await page.reload();

  await expect(overview.sentence).toHaveText('All 7 accounts are syncing.');
  await expect(overview.feed).toHaveText(/^As of \d\d:\d\d:\d\d UTC/);
  await expect(overview.feed).not.toContainText('Live');
  await expect(overview.accountRows).toHaveCount(7);
  await expect(overview.account(1000001).getByRole('cell').nth(1)).toHaveText(/^[1-9][\d,]*\.\d\d/);
  await expect(overview.check('accounts.syncing')).toContainText('7 of 7');
  await expect(overview.uptime).toBeVisible();
  await expect(page).toHaveTitle('✓ Fine · Rebound');
  await overview.feed.getByRole('link', { name: 'Reload' }).click();
  await expect(overview.target).toBeVisible();
});

test('a forced sync is told on the page that follows', async ({ page, site }) => {
  const overview = await site.login(page);

  await overview.forceSync.click();

  await expect(overview.notice).toContainText('The accounts are being read.');
  const request = overview.requests.getByRole('listitem');
  await expect(request).toHaveCount(1);
  await expect(request).toContainText('Force sync.');
  await expect(async () => {
    await page.reload();
    await expect(request).toContainText('Done', { timeout: 100 });
  }).toPass();
  // A reload asks for nothing a second time.
  await expect(request).toHaveCount(1);
});

test('a forced heal is told on the page that follows', async ({ page, site }) => {
  const overview = await site.login(page);
  await overview.forceHeal.click();
  await overview.confirmation.fill('HEAL');

  await overview.startHeal.click();

  await expect(overview.notice).toContainText('The heal was asked for.');
  await expect(overview.requests.getByRole('listitem')).toContainText('Started "reconnect terminal"');
  await expect.poll(() => site.host.restarts()).toBe(1);
});

test('a banner is acknowledged', async ({ page, site }) => {
  await site.host.restartLies();
  const overview = await site.login(page);
  await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');
  await site.host.breakLink();
  await site.isIn(page, 'Needs a person');
  await page.reload();
  await expect(overview.banners).toContainText('Look at the host by hand');

  await overview.acknowledge.click();

  await expect(overview.notice).toContainText('The alert is acknowledged.');
  await expect(overview.trouble).toHaveCount(0);
  await expect(overview.phase).toHaveText('Needs a person');
  await expect(overview.alerts).toContainText('Seen by admin');
});

test('an incident can be read', async ({ page, site }) => {
  await site.host.restartLies();
  await site.login(page);
  await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');
  await site.host.breakLink();
  await site.isIn(page, 'Needs a person');

  await page.goto('/incidents/1');

  const incident = new IncidentPage(page);
  await expect(incident.title).toHaveText('Incident 1 of MT5 bridge');
  await expect(page.getByText('Open', { exact: true })).toBeVisible();
  await expect(incident.part('What failed')).toContainText('terminal.broker_link');
  await expect(incident.part('What was done')).toContainText('Did not help');
  await expect(incident.story.first()).toContainText(/\d\d:\d\d:\d\d UTC/);
  await expect(incident.fact('Time to heal')).toHaveText('no heal was proven');
  await incident.back.click();
  await expect(new Overview(page).target).toBeVisible();
});

test('the logout ends the session', async ({ page, site }) => {
  const overview = await site.login(page);

  await overview.logout.click();

  await expect(new LoginPage(page).button).toBeVisible();
  await page.goto('/');
  await expect(page).toHaveURL(/\/login/);
});
