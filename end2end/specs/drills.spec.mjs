// A person rehearses an emergency before it comes, and sees what would have failed.

import { isForEverybody } from '../everybody.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

const drills = (page) => page.getByRole('region', { name: 'Fire drills' });
const row = (page) => drills(page).getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Rehearse now' }) });
const held = (page) => drills(page).locator('.drill-held');

test.use({ plan: { remedies: [RECONNECT] } });

test('a drill is held, passes, and opens to its steps', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await page.goto('/readiness');
  await expect(page.locator('[data-state]')).toContainText('Live');
  await expect(row(page)).toContainText('never held');
  await mark(page);

  await row(page).getByRole('button', { name: 'Rehearse now' }).click();

  await expect(row(page)).toContainText('passed', { timeout: 30_000 });
  await expect(drills(page).getByRole('list', { name: 'Asked lately' })).toContainText('Fire drill of MT5 bridge.');
  await expect(held(page)).toHaveCount(1);
  await held(page).locator('summary').click();
  const steps = held(page).getByRole('listitem');
  await expect(steps.filter({ hasText: 'The intent is kept' })).toContainText('It was written down and read back.');
  await expect(steps.filter({ hasText: 'If the terminal has lost its connection' })).toContainText('It would start "reconnect terminal"');
  await expect(steps.filter({ hasText: 'A test alert by email' })).toContainText('at the first try');
  await wasNotReloaded(page);
  await isForEverybody(page);
});

test('a drill that fails says what to mend, and the next that passes ends it', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await page.goto('/readiness');
  await expect(page.locator('[data-state]')).toContainText('Live');
  await site.host.mailMode('refuse_auth');

  await row(page).getByRole('button', { name: 'Rehearse now' }).click();

  await expect(row(page)).toContainText('failed', { timeout: 30_000 });
  await expect(row(page)).toContainText('Mend the settings of email under [alerts.email]');
  await isForEverybody(page);
  await page.goto('/');
  await expect(page.getByRole('link', { name: /^\d+ things?$/ })).toHaveAttribute('href', '/readiness');

  await site.host.mailMode('ok');
  await page.goto('/readiness');
  await row(page).getByRole('button', { name: 'Rehearse now' }).click();

  await expect(row(page)).toContainText('The drill passed', { timeout: 30_000 });
  await expect(held(page)).toHaveCount(2);
});

test('while something is wrong no drill begins, and the page says why', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await site.host.fault('ipc_credentials');
  await site.isIn(page, 'Needs a person');
  await page.goto('/readiness');

  await row(page).getByRole('button', { name: 'Rehearse now' }).click();

  await expect(drills(page).getByRole('list', { name: 'Asked lately' })).toContainText('incident 1 is open');
  await expect(row(page)).toContainText('never held');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  // The browser fetches the wasm ahead and notes that no script wanted it.
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('a drill is asked for, told on the page that follows, and can be opened', async ({ page, site }) => {
    await site.login(page);
    await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');
    await page.goto('/readiness');

    await row(page).getByRole('button', { name: 'Rehearse now' }).click();

    await expect(page.locator('.notice')).toContainText('A fire drill was asked for.');
    await expect(async () => {
      await page.reload();
      await expect(row(page)).toContainText('The drill passed', { timeout: 100 });
    }).toPass();
    await held(page).locator('summary').click();
    await expect(held(page).getByRole('listitem').first()).toContainText('The intent is kept');
  });
});
