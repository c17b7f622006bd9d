// Rules of WCAG 2 A and AA, in light and dark, on a phone and on a wide screen.

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDTHS = [360, 1920];

/** In both colour schemes nothing is against the rules, and nothing needs scrolling sideways. */
export async function isForEverybody(page, widths = WIDTHS) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    // As tall as the page: what lies under the ways at the lower edge of a phone is scrolled to, and not too small.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(900, height + 100) });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await test.step(`${width} px, ${colorScheme}`, async () => {
        const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
        const found = violations.map(({ id, help, nodes }) => ({
          id,
          help,
          nodes: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
        }));
        expect.soft(found, `${width} px, ${colorScheme}`).toEqual([]);
      });
    }
    const surplus = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(surplus, `px to scroll sideways at ${width} px`).toBeLessThanOrEqual(0);
  }
}

/** The same for a page without scripts: its document is looked at in a browser that runs the rules' own script. */
export async function isForEverybodyWithoutScript(page, other, widths = WIDTHS) {
  const scripts = /<script[\s\S]*?<\/script>|<link[^>]+rel="(?:module)?preload"[^>]*>/g;
  await other.goto(new URL('/login', page.url()).href);
  await other.setContent((await page.content()).replace(scripts, ''));
  await isForEverybody(other, widths);
}
