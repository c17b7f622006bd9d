// Whoever goes through a page with the keys stays where he is while news comes.

import { expect, test } from '../site.mjs';

const WHERE = () => {
  const at = document.activeElement;
  return at === document.body ? 'nowhere' : `${at.tagName} ${at.getAttribute('href') ?? ''} ${at.textContent.trim().slice(0, 40)}`;
};

/** Counts what the feed brings. */
const countNews = (page) =>
  page.addInitScript(() => {
    window.news = 0;
    window.EventSource = class extends window.EventSource {
      constructor(...how) {
        super(...how);
        for (const kind of ['sheet', 'change']) this.addEventListener(kind, () => (window.news += 1));
      }
    };
  });

/** Waits until news has come and is on the page. */
async function newsCame(page) {
  const before = await page.evaluate(() => window.news);
  await page.waitForFunction((before) => window.news > before, before);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}

/** Places that are tried, evenly over the page: each waits for news. */
const TRIED_MAX = 12;

/** Places of the page that keys lead to, from which news took somebody away; and how many were tried. */
async function lost(page) {
  const places = page.locator('main').locator('a[href], button:enabled, summary, [tabindex="0"]');
  const gone = [];
  let tried = 0;
  const step = Math.max(1, Math.floor((await places.count()) / TRIED_MAX));
  for (let place = 0; place < (await places.count()); place += step) {
    const found = places.nth(place);
    if (!(await found.isVisible())) continue;
    await found.focus({ timeout: 2_000 });
    const before = await page.evaluate(WHERE);
    await newsCame(page);
    if ((await page.evaluate(WHERE)) === 'nowhere') gone.push(before);
    tried += 1;
  }
  return { gone, tried };
}

for (const path of ['/', '/targets/mt5']) {
  test(`nobody loses his place on ${path}`, async ({ page, site }) => {
    test.setTimeout(240_000);
    await countNews(page);
    await site.loginWhenWell(page);
    await page.goto(path);
    await expect(page.locator('[data-state]')).toContainText('Live');

    const { gone, tried } = await lost(page);

    expect(gone).toEqual([]);
    expect(tried).toBeGreaterThan(7);
  });
}
