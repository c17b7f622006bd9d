// A person changes a setting: sees what it would come to, makes the change, and takes it back.

import { isForEverybody } from '../everybody.mjs';
import { expect, test } from '../site.mjs';

const failures = 'targets/mt5/checks/terminal.broker_link/failures';

/** What a program reads of a setting. */
async function held(page, site, key) {
  const now = await (await page.request.get(`${site.address}/api/v1/settings`)).json();
  const all = now.groups.flatMap((group) => group.parts).flatMap((part) => part.settings);
  return all.find((setting) => setting.key === key);
}

async function changes(page) {
  await page.goto('/settings?of=mt5');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  const field = page.getByLabel('terminal.broker_link: failures');
  await expect(field).toHaveValue('2');
  await field.fill('7');
  await page.getByLabel('Cooldown').fill('20m');
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await expect(page).toHaveTitle('✓ Fine · A change of the settings · Rebound');
  await expect(page.getByText('2 settings would change.')).toBeVisible();
}

test('a change is looked at, made, holds at once, and is taken back', async ({ page, site, complaints }) => {
  complaints.areDue(/net::ERR_/);
  await site.loginWhenWell(page);
  await changes(page);
  const diff = page.locator('.diff > div').filter({ hasText: 'terminal.broker_link: failures' });
  await expect(diff.locator('del')).toHaveText('2');
  await expect(diff.locator('ins')).toHaveText('7');
  // Observations are written down after ten minutes: until then nothing can be judged once more, and the page says so.
  await expect(page.getByText('Nothing was recorded yet of what this is about.')).toBeVisible();
  await isForEverybody(page);

  await page.getByLabel('Why, for those who read it later').fill('the broker restarts at night');
  await page.getByRole('button', { name: 'Make the change' }).click();
  await expect(page).toHaveURL(/\/settings\?done=settings#change-1$/);
  await expect(page.getByRole('status').filter({ hasText: 'The change is made and holds.' })).toBeVisible();
  await expect(page.locator('#change-1')).toContainText('Change 1 by admin');
  await expect(page.locator('#change-1')).toContainText('the broker restarts at night');
  expect(await held(page, site, failures)).toMatchObject({ value: '7', file: '2' });
  await isForEverybody(page);

  await page.goto('/settings?of=mt5');
  await expect(page.getByText('2 settings are other than the configuration file says.')).toBeVisible();
  await expect(page.getByText('The file says: 2')).toBeVisible();

  await site.kill();
  await site.startAgain();
  await page.goto('/settings');
  expect(await held(page, site, failures), 'it holds after a restart').toMatchObject({ value: '7' });

  await page.getByRole('link', { name: 'Take change 1 back…' }).click();
  await expect(page.getByText('2 settings would change.')).toBeVisible();
  await page.getByRole('button', { name: 'Make the change' }).click();
  await expect(page.getByText('Everything is as the configuration file says.')).toBeVisible();
  expect(await held(page, site, failures)).toMatchObject({ value: '2', file: '2' });
});

test('what the file could not say is told, and what was typed is there to be mended', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await page.goto('/settings?of=mt5');
  await page.getByLabel('Asked every').fill('soon');
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await expect(page.getByText('This cannot be taken, and nothing was changed.')).toBeVisible();
  await expect(page.getByText('"soon" is no span of time')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make the change' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Change it once more' }).click();
  await expect(page.getByLabel('Asked every')).toHaveValue('soon');
});

test('of two people who change the same at once the second is told', async ({ page, site, somebodyElse }) => {
  await site.loginWhenWell(page);
  await changes(page);
  const other = await somebodyElse();
  await site.loginWhenWell(other);
  await changes(other);
  await other.getByRole('button', { name: 'Make the change' }).click();
  await expect(other.locator('#change-1')).toBeVisible();

  await page.getByRole('button', { name: 'Make the change' }).click();
  await expect(page.getByText('The settings were changed meanwhile')).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  // The browser fetches the wasm ahead and notes that no script wanted it.
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('a setting is changed all the same', async ({ page, site }) => {
    await site.login(page);
    await site.isIn(page, 'Healthy');
    await changes(page);
    await page.getByRole('button', { name: 'Make the change' }).click();
    await expect(page.locator('#change-1')).toContainText('Change 1 by admin');
  });
});
