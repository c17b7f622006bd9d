// Several targets: services that are no bridges, what depends on what, and what is asked for all of them.

import { isForEverybody } from '../everybody.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { service } from '../plan.mjs';
import { expect, test } from '../site.mjs';

/** Nothing listens on this port of this machine: it is kept for nobody. */
const NOBODY = '127.0.0.1:1';
const addressOf = (url) => new URL(url).host;

const card = (page, id) => page.locator(`#target-${id}`);
const row = (page, id) => page.locator(`#row-${id}`);
const isPhase = (site, page, id, phase) =>
  expect
    .poll(async () => (await site.board(page)).targets.find((target) => target.id === id).phase, { timeout: 40_000 })
    .toBe(phase);

test.describe('with a service that works', () => {
  test.use({ plan: { dependsOn: ['host'], more: (host) => service('host', 'Windows host', addressOf(host.bridge)) } });

  test('a service has no accounts, and what depends on it says so', async ({ page, site }) => {
    await site.login(page);
    await isPhase(site, page, 'host', 'Healthy');
    await expect(row(page, 'mt5')).toContainText('depends on Windows host');
    await isForEverybody(page);
    await row(page, 'host').getByRole('link', { name: 'Windows host' }).click();
    const host = card(page, 'host');
    await expect(host.getByRole('heading', { level: 1 })).toHaveText('Windows host');

    await expect(host.getByText('endpoint', { exact: true })).toBeVisible();
    await expect(host.getByRole('heading', { name: 'Accounts' })).toHaveCount(0);
    await expect(host.getByRole('button', { name: 'Look now' })).toBeVisible();
    await expect(host.getByText('Force heal…'), 'there is no remedy').toHaveCount(0);
    await expect(host).toContainText('nothing is ever done by itself');
    await isForEverybody(page);
  });

  test('healing of all is paused at one place and goes on at another', async ({ page, site }) => {
    await site.login(page);
    await expect(page.locator('[data-state]')).toContainText('Live');
    await mark(page);
    const side = page.getByRole('region', { name: 'Planned work' });
    await side.getByText('Pause or plan for all…').click();
    await side.getByRole('button', { name: 'Pause healing' }).click();

    const top = page.locator('.holds.of-all');
    await expect(top).toContainText(/Healing of all targets is paused until .*by admin/);
    await expect(side.getByRole('listitem').first()).toContainText('Pause healing of all targets.');
    await expect(row(page, 'mt5').getByText('Healing paused', { exact: true })).toBeVisible();
    await isForEverybody(page);

    await top.getByRole('button', { name: 'Resume healing' }).click();

    await expect(top.getByRole('listitem')).toHaveCount(0);
    await expect(side.getByRole('listitem').first()).toContainText('Resume healing of all targets.');
    await wasNotReloaded(page);
  });
});

test.describe('with a service that is gone', () => {
  test.use({ plan: { dependsOn: ['host'], more: () => service('host', 'Windows host', NOBODY), faults: ['link_lost'] } });

  test('trouble of what depends on it is held down by its name: one incident, one alert', async ({ page, site }) => {
    await site.login(page);
    await isPhase(site, page, 'host', 'Needs a person');
    await isPhase(site, page, 'mt5', 'Suppressed');

    const bridge = row(page, 'mt5');
    await expect(bridge.getByText('Suppressed', { exact: true })).toBeVisible();
    await expect(bridge).toContainText('"Windows host" is down, on which it depends');
    await expect(card(page, 'host')).toContainText('The fault lies in');
    expect((await site.incidents(page)).map((incident) => incident.target)).toEqual(['host']);
    expect(await site.host.restarts()).toBe(0);
    await isForEverybody(page);
  });
});
