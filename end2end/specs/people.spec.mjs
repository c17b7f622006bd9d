// An admin adds people and makes keys; each of them sees and may do what the role allows.

import { isForEverybody, isForEverybodyWithoutScript } from '../everybody.mjs';
import { LoginPage } from '../pages/login.mjs';
import { Overview } from '../pages/overview.mjs';
import { PeoplePage } from '../pages/people.mjs';
import { expect, test } from '../site.mjs';

async function entersAs(page, name, password) {
  await page.goto('/');
  await new LoginPage(page).submit(password, name);
  await expect(new Overview(page).target).toBeVisible();
}

test('a viewer sees everything and no button', async ({ page, site, somebodyElse }) => {
  await site.loginWhenWell(page);
  await page.goto('/settings');
  await page.getByRole('link', { name: 'People and keys' }).click();
  const people = new PeoplePage(page);
  await expect(people.title).toBeVisible();
  await expect(people.person('admin')).toContainText('Of the configuration file: stays as it says.');
  await expect(people.person('admin').getByText('Change admin…')).toHaveCount(0);
  const password = await people.adds('vera', 'viewer');
  await expect(people.person('vera')).toContainText('Added by admin');

  const hers = await somebodyElse();
  await entersAs(hers, 'vera', password);
  const overview = new Overview(hers);
  await expect(overview.feed).toContainText('Live');
  await expect(overview.accountRows).toHaveCount(7);
  for (const button of [overview.forceSync, overview.testAlert, overview.forceHeal, overview.more]) await expect(button).toHaveCount(0);
  await hers.goto('/readiness');
  await expect(hers.getByRole('button', { name: 'Look again' })).toHaveCount(0);
  await hers.goto('/settings');
  await expect(hers.getByText('Only an admin changes settings.')).toBeVisible();
  await expect(hers.getByRole('button', { name: 'Show what would change' })).toHaveCount(0);
  await expect(hers.getByLabel('Cooldown').first()).toBeDisabled();
  await isForEverybody(hers);
});

test('a page that is open is made anew by itself for another role', async ({ page, site, somebodyElse }) => {
  await site.loginWhenWell(page);
  await page.goto('/settings/people');
  const people = new PeoplePage(page);
  const password = await people.adds('vera', 'viewer');
  const hers = await somebodyElse();
  await entersAs(hers, 'vera', password);
  const overview = new Overview(hers);
  await expect(overview.feed).toContainText('Live');
  await people.person('vera').getByText('Change vera…').click();
  await people.person('vera').getByLabel('Role of vera').selectOption('operator');
  await people.person('vera').getByRole('button', { name: 'Change the role' }).click();
  await expect(people.notice).toContainText('The role is changed.');
  await expect(overview.forceSync).toBeVisible({ timeout: 40_000 });
  await overview.forceSync.click();
  await expect(overview.requests).toContainText('vera');
});

test('a page that one may not open says so', async ({ page, site, somebodyElse, complaints }) => {
  complaints.areDue(/status of 403/);
  await site.loginWhenWell(page);
  await page.goto('/settings/people');
  const password = await new PeoplePage(page).adds('otto', 'operator');
  const his = await somebodyElse();
  await entersAs(his, 'otto', password);
  await his.goto('/settings/people');
  await expect(his.getByRole('heading', { name: 'You may not do this.' })).toBeVisible();
  await expect(his.getByText('otto is an operator: this takes an admin.')).toBeVisible();
  await isForEverybody(his);
});

test('a key is shown once, works, and works no more when it is revoked', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await page.goto('/settings/people');
  const people = new PeoplePage(page);
  await people.keyName.fill('backup-script');
  await people.makeKey.click();
  await expect(people.notice).toContainText('It is shown this once.');
  const key = await people.secret.innerText();
  await isForEverybody(page);
  const asks = () => fetch(`${site.address}/api/v1/board`, { headers: { Authorization: `Bearer ${key}` } });
  expect((await asks()).status).toBe(200);

  await page.goto('/settings/people');
  expect(await page.content()).not.toContain(key);
  await expect(people.key('backup-script')).toContainText('Last used');
  await people.key('backup-script').getByText('Revoke backup-script…').click();
  await people.key('backup-script').getByRole('button', { name: 'Revoke backup-script' }).click();
  await expect(people.notice).toContainText('The key is revoked.');
  expect((await asks()).status).toBe(401);
  await expect(people.changes.first()).toContainText('admin revoked the key backup-script');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  // The browser fetches the wasm ahead and notes that no script wanted it.
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('somebody is added, takes a password of his own, is disabled, enabled and removed', async ({ page, site, somebodyElse }) => {
    await site.login(page);
    await page.goto('/settings/people');
    const people = new PeoplePage(page);
    const first = await people.adds('anna', 'operator');
    await expect(people.notice).toContainText('The password of anna.');
    const hers = await somebodyElse({ javaScriptEnabled: false });
    await entersAs(hers, 'anna', first);

    await hers.getByRole('link', { name: 'You are anna' }).click();
    await expect(hers.getByText('You are an operator')).toBeVisible();
    await isForEverybodyWithoutScript(hers, await somebodyElse({ javaScriptEnabled: true }));
    await hers.getByLabel('The password that you have').fill(first);
    await hers.getByLabel('The new one', { exact: true }).fill('some words in a row');
    await hers.getByLabel('The new one again').fill('some words in a row');
    await hers.getByRole('button', { name: 'Change the password' }).click();
    await expect(hers.getByRole('status')).toContainText('Your password is changed.');
    await hers.goto('/');
    await expect(new Overview(hers).forceSync).toBeVisible();

    await page.goto('/settings/people');
    await people.changesPerson('anna', 'Disable anna');
    await expect(people.notice).toContainText('The person is disabled.');
    await expect(people.person('anna')).toContainText('Disabled by admin');
    await hers.goto('/');
    await expect(hers).toHaveURL(/\/login/);

    await people.changesPerson('anna', 'Enable anna');
    await entersAs(hers, 'anna', 'some words in a row');
    await people.changesPerson('anna', 'Remove anna');
    await expect(people.person('anna')).toHaveCount(0);
    await hers.goto('/');
    await expect(hers).toHaveURL(/\/login/);
    const told = ['admin removed anna', 'admin enabled anna', 'admin disabled anna', 'anna took a new password', 'admin added anna as operator'];
    for (const [place, words] of told.entries()) await expect(people.changes.nth(place)).toContainText(words);
  });

  test('what cannot be done is told in place, and nothing is changed', async ({ page, site, complaints }) => {
    complaints.areDue(/status of 409/);
    await site.login(page);
    await page.goto('/settings/people');
    const people = new PeoplePage(page);
    await people.adds('anna', 'viewer');
    await people.name.fill('anna');
    await people.add.click();
    await expect(people.notice).toContainText('There is a person called "anna" already.');
    await expect(people.changes).toHaveCount(1);
  });
});
