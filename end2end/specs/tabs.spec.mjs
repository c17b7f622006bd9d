// Somebody leaves many tabs open. Browsers allow about six connections to one server, and a dashboard must never run out of them.

import { Overview } from '../pages/overview.mjs';
import { expect, test } from '../site.mjs';

const TABS = 12;

/** In a browser without a window every tab counts as seen: this one is opened in the background, and is seen when told so. */
const IN_THE_BACKGROUND = () => {
  let hidden = true;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  window.beSeen = () => {
    hidden = false;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  };
};

test('twelve tabs in the background leave room for the one that is looked at', async ({ page, context, site }) => {
  test.slow();
  const overview = await site.loginWhenWell(page);
  const tabs = [];
  for (let number = 0; number < TABS; number += 1) {
    const tab = await context.newPage();
    await tab.addInitScript(IN_THE_BACKGROUND);
    await tab.goto(['/', '/targets/mt5', '/incidents', '/alerts'][number % 4]);
    tabs.push(tab);
  }

  // Each loads while those before it are open, tells the state by its title, and does not call itself old.
  for (const tab of tabs) {
    await expect(tab).toHaveTitle(/^✓ Fine · /);
    await expect(tab.locator('[data-state]')).toHaveAttribute('data-state', 'live');
  }
  await page.reload();
  await expect(overview.feed).toHaveAttribute('data-state', 'live');

  await site.host.breakLink();
  await expect(overview.fact('Last heal')).toContainText('incident 1');
  const woken = new Overview(tabs[0]);
  await tabs[0].evaluate(() => window.beSeen());
  await expect(woken.fact('Last heal'), 'who comes back to a tab sees what happened meanwhile').toContainText('incident 1');
  await expect(woken.feed).toHaveAttribute('data-state', 'live');
});

test('of twelve tabs that are seen at once all are live, and the browser has connections left', async ({ page, context, site }) => {
  test.slow();
  const overview = await site.loginWhenWell(page);
  const tabs = [];
  for (let number = 0; number < TABS; number += 1) {
    const tab = await context.newPage();
    await tab.goto(['/', '/targets/mt5'][number % 2]);
    tabs.push(tab);
  }
  for (const tab of tabs) await expect(tab.locator('[data-state]')).toHaveAttribute('data-state', 'live');

  await site.host.breakLink();
  for (const tab of tabs) {
    await expect(new Overview(tab).fact('Last heal'), 'news comes to each').toContainText('incident 1', { timeout: 60_000 });
    await expect(tab.locator('[data-state]')).toHaveAttribute('data-state', 'live');
  }
  const last = tabs.at(-1);
  expect(await last.evaluate(async () => (await fetch('/health')).status)).toBe(200);
  await last.reload();
  await expect(last.locator('[data-state]')).toHaveAttribute('data-state', 'live');

  for (const tab of tabs.slice(0, 6)) await tab.close();
  await page.reload();
  await expect(overview.feed).toHaveAttribute('data-state', 'live');
});
