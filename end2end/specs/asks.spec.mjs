// A person asks for something: force sync, force heal, test alert.

import { mark, wasNotReloaded } from '../pages/living.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

test('a forced sync reads the accounts now and says what it read', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);

  await overview.forceSync.click();

  const request = overview.requests.getByRole('listitem');
  await expect(request).toHaveCount(1);
  await expect(request).toContainText('Force sync.');
  await expect(request).toContainText('Done');
  await expect(request).toContainText('7 of 7');
  await expect(request).toContainText('admin');
  expect(await site.host.restarts(), 'a sync is no restart').toBe(0);
  await wasNotReloaded(page);
});

test('a heal is forced only with the right word', async ({ page, site }) => {
  // Long enough to see it running on a busy machine.
  await site.host.restartTakes(10_000);
  const overview = await site.loginWhenWell(page);
  await mark(page);
  await overview.forceHeal.click();
  await expect(page.getByText('It would start "reconnect terminal"').filter({ visible: true }).first()).toBeVisible();

  for (const wrong of ['', 'heal', 'HEALED', 'yes']) {
    await overview.confirmation.fill(wrong);
    await expect(overview.startHeal).toBeDisabled();
    await overview.confirmation.press('Enter');
  }
  await expect(overview.requests.getByRole('listitem')).toHaveCount(0);
  expect(await site.host.restarts()).toBe(0);

  await overview.confirmation.fill('HEAL');
  await overview.startHeal.click();

  await expect(overview.phase).toContainText('Healing');
  await expect(overview.requests.getByRole('listitem')).toContainText('Started "reconnect terminal"');
  await expect(overview.steps).toContainText('Attempt 1: reconnect terminal');
  await expect(overview.steps).toContainText('Running');
  await expect(overview.steps).toContainText('Asked for by admin.');
  await expect(overview.confirmation, 'the form is closed').toBeHidden();
  await expect(overview.phase).toHaveText('Healthy');
  await expect(overview.recent).toContainText('recovered after "reconnect terminal"');
  expect(await site.host.restarts()).toBe(1);
  await overview.forceHeal.click();
  await expect(overview.confirmation, 'the word is forgotten').toHaveValue('');
  await wasNotReloaded(page);
});

test('the form stays open for a second heal while it is filled in', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await overview.forceHeal.click();
  await overview.confirmation.fill('HEAL');
  await overview.startHeal.click();
  await expect(overview.confirmation).toBeHidden();
  await expect(overview.recent).toContainText('recovered after "reconnect terminal"');

  await overview.forceHeal.click();
  await overview.confirmation.fill('HEA');

  for (let second = 0; second < 3; second += 1) {
    const before = await overview.serverTime.getAttribute('datetime');
    await expect(overview.serverTime).not.toHaveAttribute('datetime', before);
  }
  await expect(overview.confirmation).toBeVisible({ timeout: 1_000 });
  await expect(overview.confirmation).toHaveValue('HEA', { timeout: 1_000 });
});

test('a wrong word is refused by the server, too, with a sentence', async ({ somebodyElse, site, complaints }) => {
  // The browser fetches the wasm ahead and notes that no script wanted it.
  complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/);
  const page = await somebodyElse({ javaScriptEnabled: false });
  const overview = await site.login(page);
  await overview.forceHeal.click();
  await overview.confirmation.fill('yes');
  await overview.startHeal.click();
  await expect(overview.confirmation, 'the browser holds it back').toBeVisible();
  await expect(page).toHaveURL('/');

  // A browser that checks no forms.
  await page.locator('form').filter({ has: overview.confirmation }).evaluate((form) => form.setAttribute('novalidate', ''));
  await overview.startHeal.click();

  await expect(overview.notice).toContainText('The heal was not started: it was not confirmed.');
  await expect(overview.notice).toContainText('Type HEAL, in capitals, and ask again.');
  await expect(overview.requests.getByRole('listitem')).toHaveCount(0);
  expect(await site.host.restarts()).toBe(0);
});

test('a test alert arrives, and its delivery is shown', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);

  await overview.testAlert.click();

  await expect(overview.requests.getByRole('listitem')).toContainText('A test alert is on its way by email.');
  await expect(overview.alerts).toContainText('this is a test: alerts reach you');
  await expect(overview.alerts.getByText('delivered', { exact: true })).toBeVisible();
  const mail = await site.host.mail('test');
  expect(mail.to).toEqual(['admin@example.com']);
  expect(await site.host.mails()).toHaveLength(1);
  await expect(overview.phase, 'a test is no trouble').toHaveText('Healthy');
  await wasNotReloaded(page);
});

test.describe('within the cooldown', () => {
  test.use({ plan: { cooldown: '10m', remedies: [{ ...RECONNECT, verifyWithin: '20s' }] } });

  test('a second heal waits, unless the cooldown is lifted by the id', async ({ page, site, complaints }) => {
    const overview = await site.loginWhenWell(page);
    await mark(page);
    const force = async (lift) => {
      if (await overview.confirmation.isHidden()) await overview.forceHeal.click();
      await expect(overview.confirmation).toBeVisible();
      await overview.confirmation.fill('HEAL');
      if (lift !== undefined) await overview.liftCooldown.fill(lift);
      await overview.startHeal.click();
    };
    const requests = overview.requests.getByRole('listitem');
    const isTaken = () => expect(overview.confirmation, 'the form closes when it was taken').toBeHidden();
    await force();
    await isTaken();
    await expect(requests).toHaveCount(1);
    await expect(overview.fact('Last heal')).toContainText('incident 1');
    await expect(overview.fact('Cooldown')).toContainText('Until ');

    await force('');
    await isTaken();
    await expect(requests).toHaveCount(2);
    await expect(requests.first()).toContainText('Refused');
    await expect(requests.first()).toContainText('Not started: the last heal was less than 10 min ago.');

    // An answer of the server that is no success is noted by the browser, whatever the page makes of it.
    complaints.areDue(/Failed to load resource: the server responded with a status of [45]\d\d .*force-heal/);
    await force('mt4');
    await expect(page.getByRole('status')).toContainText(["what was typed to lift the cooldown is not the target's id."]);
    await expect(requests).toHaveCount(2);

    await force('mt5');
    await isTaken();
    await expect(requests).toHaveCount(3);
    await expect(requests.first()).toContainText('Force heal, cooldown lifted.');
    await expect(requests.first()).toContainText('Started "reconnect terminal"');
    await expect(overview.fact('Last heal')).toContainText('incident 2');
    expect(await site.host.restarts()).toBe(2);
    await wasNotReloaded(page);
  });
});
