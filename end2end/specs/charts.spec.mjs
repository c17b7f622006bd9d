// What became of heals and of the error budget, as charts: read with the pointer, the keys and without scripts, and kept as files.

import { readFileSync } from 'node:fs';

import { isForEverybody } from '../everybody.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { expect, test } from '../site.mjs';

const chart = (page, title) => page.locator('figure.chart').filter({ has: page.getByRole('heading', { name: title }) });
const plot = (page, title) => page.getByRole('group', { name: new RegExp(`^${title}`) });
const isLive = (page) => expect(page.locator('[data-state]')).toContainText('Live');
const today = () => new Date().toISOString().slice(0, 10);

/** A heal that helped, and its downtime. */
async function healOnce(page, site) {
  const overview = await site.loginWhenWell(page);
  await site.host.breakLink();
  await expect(overview.fact('Last heal')).toContainText('incident 1');
  await expect(overview.phase).toHaveText('Healthy');
}

/** What moved on the page by itself since it was loaded. */
const shifts = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        new PerformanceObserver((list) => {
          const moved = list.getEntries().filter((entry) => !entry.hadRecentInput);
          done(moved.reduce((sum, entry) => sum + entry.value, 0));
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => done(0), 500);
      }),
  );

test('heals by day and the error budget are read with the keys, and nothing moves', async ({ page, site }) => {
  await healOnce(page, site);
  await page.goto('/targets/mt5');
  await isLive(page);
  await mark(page);
  const heals = chart(page, 'Heals by day');
  await expect(heals.locator('summary')).toContainText('In 30 days 1 heal: 1 proven. Nothing is known of 29 of these days.');

  await plot(page, 'Heals by day').focus();
  await page.keyboard.press('End');
  await expect(heals.locator('.readout')).toContainText('1 heal: 1 proven');
  await page.keyboard.press('ArrowLeft');
  await expect(heals.locator('.readout')).toContainText('not known: nobody watched');
  await heals.locator('summary').click();
  await expect(heals.getByRole('row').nth(1)).toContainText('1 heal: 1 proven');

  const budget = chart(page, 'Error budget');
  // Times in each state are written by the minute.
  await expect(budget.locator('summary')).toBeVisible();
  expect(await shifts(page)).toBeLessThan(0.02);
  await wasNotReloaded(page);

  await page.getByRole('list', { name: 'Days of heals' }).getByRole('link', { name: '90 days' }).click();
  await expect(page).toHaveURL('/targets/mt5?range=24h&heals=90');
  await expect(chart(page, 'Heals by day').locator('summary')).toContainText('In 90 days 1 heal: 1 proven.');
  await expect(page.getByRole('link', { name: '7 days', exact: true })).toHaveAttribute('href', '/targets/mt5?heals=90&range=7d');
});

test('the curve of the error budget ends at the number of the report', async ({ page, site }) => {
  test.slow();
  await healOnce(page, site);
  await page.goto('/reports');
  await isLive(page);
  const used = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'MT5 bridge' }) }).locator('td.number').nth(1);
  // Times in each state are written by the minute.
  await expect(used).toHaveText(/^\d+ [%×]$/, { timeout: 150_000 });

  const budget = chart(page, 'Error budget');
  // What is used many times over is told in times.
  const [number, unit] = (await used.textContent()).trim().split(' ');
  const told = unit === '%' ? `${number} % used` : `${number} times that`;
  await expect(budget.locator('summary')).toContainText(`: ${told}.`);
  await plot(page, 'Error budget').focus();
  await page.keyboard.press('End');
  await expect(budget.locator('.readout')).toContainText(told);
  await isForEverybody(page);
});

test('a chart is kept as lines, as a drawing and as an image', async ({ page, site }) => {
  await healOnce(page, site);
  await page.goto('/targets/mt5');
  await isLive(page);
  const heals = chart(page, 'Heals by day');
  await heals.locator('summary').click();

  const csv = await page.request.get(await heals.getByRole('link', { name: 'CSV' }).getAttribute('href'));
  expect(csv.headers()['content-disposition']).toContain('rebound-mt5-heals.csv');
  expect(await csv.text()).toContain(`${today()}T00:00:00Z,1,0,0,0,0,0,0,0,`);
  const svg = await page.request.get(await heals.getByRole('link', { name: 'SVG' }).getAttribute('href'));
  expect(svg.headers()['content-type']).toContain('image/svg+xml');
  expect(await svg.text()).toContain('MT5 bridge: Heals by day</title>');

  const kept = page.waitForEvent('download');
  await heals.getByRole('button', { name: 'PNG' }).click();
  const image = await kept;
  expect(image.suggestedFilename()).toBe('rebound-mt5-heals.png');
  const bytes = readFileSync(await image.path());
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  // Two points of the image for one of the drawing.
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2_000, 636]);
  await isForEverybody(page);
});

test('the bar of a day tells each stretch and what failed in it, while news comes', async ({ page, site }) => {
  await healOnce(page, site);
  await page.goto('/targets/mt5');
  await isLive(page);
  const bar = plot(page, 'Last 24 hours');
  const readout = page.locator('.uptime .readout');

  await bar.focus();
  await page.keyboard.press('End');
  await expect(readout).toContainText(/ to .* · up for /);
  await page.keyboard.press('ArrowLeft');
  await expect(readout).toContainText(/down for .* · .*lost its connection/);

  const box = await bar.boundingBox();
  await bar.hover({ position: { x: box.width / 2, y: box.height / 2 } });
  await expect(readout, 'nobody watched then').toContainText('not watched');

  const day = page.locator('figure.uptime');
  await day.locator('summary').click();
  const csv = await page.request.get(await day.getByRole('link', { name: 'CSV' }).getAttribute('href'));
  expect(await csv.text()).toMatch(/^from,to,lasted_ms,state,cause\n.*,down,".*lost its connection.*"\n/s);
  await page.goto(await day.getByRole('link', { name: 'SVG' }).getAttribute('href'));
  await expect(page.locator('svg text').first()).toHaveText('MT5 bridge: last 24 hours');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('charts are read in their tables, kept by plain links, and other days are chosen', async ({ page, site }) => {
    await site.login(page);
    await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');
    await site.host.breakLink();
    await expect.poll(async () => (await site.incidents(page))[0]?.closed ?? null).not.toBeNull();

    await page.goto('/targets/mt5');

    const heals = chart(page, 'Heals by day');
    await expect(heals.getByRole('img', { name: /^Heals by day/ })).toBeVisible();
    await expect(heals.locator('summary')).toContainText('In 30 days 1 heal: 1 proven.');
    await heals.locator('summary').click();
    await expect(heals.getByRole('row').nth(1)).toContainText('1 heal: 1 proven');
    await expect(heals.getByRole('row').nth(2)).toContainText('not known: nobody watched');
    await expect(heals.getByRole('button', { name: 'PNG' })).toHaveCount(0);

    const address = await heals.getByRole('link', { name: 'SVG' }).getAttribute('href');
    await page.getByRole('list', { name: 'Days of heals' }).getByRole('link', { name: '90 days' }).click();
    await expect(chart(page, 'Heals by day').locator('summary')).toContainText('In 90 days 1 heal');
    await page.goto(`${address}&theme=dark`);
    await expect(page.locator('svg text').first()).toHaveText('MT5 bridge: Heals by day');
  });
});
