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
