// Whoever goes through a page with the keys stays where he is while news comes.

import { expect, test } from '../site.mjs';

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

/** Finds places of the page that keys lead to. Returns how many will be tried. */
const findPlaces = (page) =>
  page.evaluate((most) => {
    const all = [...document.querySelectorAll('main :is(a[href], button:enabled, summary, [tabindex="0"])')];
    const seen = all.filter((place) => place.checkVisibility());
    window.places = seen.filter((_, number) => number % Math.ceil(seen.length / most) === 0);
    return window.places.length;
  }, TRIED_MAX);

/** Goes to a place. Returns what it is; nothing where news has taken it from the page. */
const goTo = (page, number) =>
  page.evaluate((number) => {
    const place = window.places[number];
    if (!place.isConnected) return null;
    place.focus();
    return `${place.tagName} ${place.getAttribute('href') ?? ''} ${place.textContent.trim().slice(0, 40)}`;
  }, number);

const isNowhere = (page) => page.evaluate(() => document.activeElement === document.body);

for (const path of ['/', '/targets/mt5']) {
  test(`nobody loses his place on ${path}`, async ({ page, site }) => {
    test.setTimeout(240_000);
    await countNews(page);
    await site.loginWhenWell(page);
    await page.goto(path);
    await expect(page.locator('[data-state]')).toContainText('Live');

    const count = await findPlaces(page);
    const tried = [];
    for (let number = 0; number < count; number += 1) {
      const place = await goTo(page, number);
      if (place === null) continue;
      await newsCame(page);
      tried.push([place, await isNowhere(page)]);
    }

    expect(tried.filter(([, lost]) => lost)).toEqual([]);
    expect(tried.length).toBeGreaterThan(5);
  });
}
