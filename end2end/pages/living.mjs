// Whether a page has gone on living, or was loaded anew.

import { expect } from '@playwright/test';

/** Marks a page. A reload loses the mark. */
export async function mark(page) {
  await page.evaluate(() => {
    window.markedByTest = true;
  });
}

export async function wasNotReloaded(page) {
  expect(await page.evaluate(() => window.markedByTest === true), 'the page was not reloaded').toBe(true);
}

/** Sees to it that a page shows this: one that lives by itself, one without scripts after being loaded again. */
export async function comesToShow(page, living, check) {
  if (living) return check();
  await expect(async () => {
    await page.goto('/');
    await check({ timeout: 200 });
  }).toPass({ timeout: 40_000 });
}
