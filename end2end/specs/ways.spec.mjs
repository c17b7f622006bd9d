// Everything is found by its name, with and without scripts; what everybody may see needs no login.

import { isForEverybody } from '../everybody.mjs';
import { expect, test } from '../site.mjs';

test('some letters lead to a page, a target or an account', async ({ page, site }) => {
  await site.loginWhenWell(page);
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Go to' });
  await expect(palette).toBeVisible();
  await expect(palette.getByRole('link').first()).toHaveText(/^Overview/);
  await page.keyboard.type('1000003');
  await expect(palette.getByRole('link')).toHaveText([/^1000003 on MT5 bridge/]);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/targets/mt5');
  await expect(page.locator('[data-state]'), 'before it is alive a page hears no key').toContainText('Live');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('mt5');
  await expect(palette.getByRole('link')).toHaveCount(2);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(palette.getByRole('link', { name: /^Settings of MT5 bridge/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/settings?of=mt5');
});

test.describe('while the server takes its time to find', () => {
  /** What is asked as one types waits until the test lets it go. */
  const holds = async (page, asked) => {
    let letGo;
    const free = new Promise((go) => (letGo = go));
    const part = (url) => url.pathname === '/go' && url.searchParams.get('part') === '1' && url.searchParams.get('q') === asked;
    await page.route(part, async (route) => {
      await free;
      await route.continue();
    });
    const over = page.waitForResponse((response) => part(new URL(response.url()))).then((response) => response.finished());
    return async () => {
      letGo();
      await over;
    };
  };

  test('a late answer to what stands there no more is not shown', async ({ page, site }) => {
    await site.loginWhenWell(page);
    await page.keyboard.press('Control+k');
    const found = page.getByRole('dialog', { name: 'Go to' }).getByRole('link');
    await expect(found.first()).toHaveText(/^Overview/);
    const letGo = await holds(page, '10');
    await page.keyboard.type('1000003');
    await expect(found).toHaveText([/^1000003 on MT5 bridge/]);
    await letGo();
    // The page has painted what it was told.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    expect(await found.allTextContents()).toEqual([expect.stringMatching(/^1000003 on MT5 bridge/)]);
  });

  test('Enter leads to what was typed last, not to what was found before', async ({ page, site }) => {
    await site.loginWhenWell(page);
    await page.keyboard.press('Control+k');
    const found = page.getByRole('dialog', { name: 'Go to' }).getByRole('link');
    await expect(found.first()).toHaveText(/^Overview/);
    const letGo = await holds(page, 'readiness');
    await page.keyboard.type('readiness');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Go to' }), 'nothing is followed before it is found').toBeVisible();
    await letGo();
    await expect(page).toHaveURL('/readiness');
  });

  test('when nothing is answered, that is said, and Enter leads to the page of all ways', async ({ page, site, complaints }) => {
    complaints.areDue(/net::ERR_FAILED/);
    await site.loginWhenWell(page);
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Go to' });
    await expect(palette.getByRole('link').first()).toHaveText(/^Overview/);
    await page.route(/[?&]part=1/, (route) => route.abort());
    await page.keyboard.type('read');
    await expect(palette, 'nothing is told of what was asked before').toContainText('The server was not reached.');
    await expect(palette.getByRole('link')).toHaveCount(0);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/go?q=read');
    await expect(page.locator('.ways-found').getByRole('link')).toHaveText([/^Readiness/]);
  });
});

test('a browser is called when something critical begins', async ({ page, site, context }) => {
  await context.grantPermissions(['notifications'], { origin: site.address });
  await page.addInitScript(() => {
    window.shown = [];
    const Real = window.Notification;
    window.Notification = class {
      static requestPermission = () => Promise.resolve('granted');
      static permission = 'granted';
      constructor(title, options) {
        window.shown.push([title, options.tag]);
      }
    };
    window.Notification.prototype = Real.prototype;
  });
  await site.loginWhenWell(page);
  await page.locator('summary').filter({ hasText: 'Call me' }).click();
  const choice = page.getByRole('button', { name: 'Show a notification' });
  await expect(choice).toHaveAttribute('aria-pressed', 'false');
  await choice.click();
  await expect(choice).toHaveAttribute('aria-pressed', 'true');
  await isForEverybody(page);
  await page.reload();
  await page.locator('summary').filter({ hasText: 'Call me' }).click();
  await expect(choice, 'the browser keeps it').toHaveAttribute('aria-pressed', 'true');

  await site.host.breakLink();
  await expect.poll(() => page.evaluate(() => window.shown.length), { timeout: 40_000 }).toBe(1);
  expect((await page.evaluate(() => window.shown))[0][0]).toContain('MT5 bridge');
});

test.describe('a page for everybody', () => {
  test.use({ plan: { more: () => '\n[status_page]\nshow = true\ntitle = "Example trading"\n' } });

  test('tells who works, without a login and without a number of money', async ({ page, site }) => {
    await page.goto(`${site.address}/status`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Example trading');
    await expect(page.getByText('MT5 bridge')).toBeVisible();
    await isForEverybody(page);
    const text = await (await page.request.get(`${site.address}/status.json`)).text();
    for (const secret of ['1000001', 'balance', '127.0.0.1', 'USD']) expect(text).not.toContain(secret);
    await page.goto(site.address + '/');
    await expect(page).toHaveURL(/\/login$/);
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  // The browser fetches the wasm ahead and notes that no script wanted it.
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('everything is found on a page of its own', async ({ page, site }) => {
    await site.login(page);
    await page.goto('/go?q=read');
    await expect(page.locator('.ways-found').getByRole('link')).toHaveText([/^Readiness/]);
  });
});
