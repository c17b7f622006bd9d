// Everybody can use the pages: rules of WCAG 2 A and AA, in light and dark, on a phone and on a wide screen.

import AxeBuilder from '@axe-core/playwright';

import { IncidentPage } from '../pages/incident.mjs';
import { Overview } from '../pages/overview.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDTHS = [360, 1920];

/** In both colour schemes nothing is against the rules, and nothing needs scrolling sideways. */
async function isForEverybody(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
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

test('the login', async ({ page }) => {
  await page.goto('/login?error=wrong');
  await expect(page.getByRole('status')).toBeVisible();

  await isForEverybody(page);
});

test('the Overview while everything is well', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await overview.testAlert.click();
  await expect(overview.alerts.getByText('delivered', { exact: true })).toBeVisible();
  await overview.unfold();

  await isForEverybody(page);
});

test.describe('in trouble', () => {
  test.use({ plan: { remedies: [{ ...RECONNECT, timeout: '10m', verifyWithin: '5s' }] } });

  test('the Overview and the incident while it is healed', async ({ page, site }) => {
    await site.host.restartTakes(600_000);
    const overview = await site.loginWhenWell(page);
    await site.host.breakLink();
    await expect(overview.phase).toContainText('Healing');
    await overview.unfold();
    await isForEverybody(page);

    await page.goto('/incidents/1');
    await expect(new IncidentPage(page).title).toBeVisible();
    await isForEverybody(page);
  });

  test('the Overview and the incident while a person is needed', async ({ page, site }) => {
    await site.host.restartLies();
    const overview = await site.loginWhenWell(page);
    await site.host.breakLink();
    await expect(overview.phase).toHaveText('Needs a person');
    await overview.unfold();
    await isForEverybody(page);

    await page.goto('/incidents/1');
    await expect(new IncidentPage(page).title).toBeVisible();
    await isForEverybody(page);
  });
});

test('the Overview while it is old', async ({ page, site, complaints }) => {
  const overview = await site.loginWhenWell(page);
  complaints.areDue(/net::ERR_/);
  await site.kill();
  await expect(overview.old).toBeVisible();

  await isForEverybody(page);
});

test('everything can be reached and done with the keyboard alone', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  const tabTo = async (locator) => {
    await expect(async () => {
      await page.keyboard.press('Tab');
      await expect(locator).toBeFocused({ timeout: 50 });
    }).toPass({ intervals: [0] });
  };

  await tabTo(overview.forceSync);
  await page.keyboard.press('Enter');
  await expect(overview.requests.getByRole('listitem')).toContainText('Force sync.');
  await tabTo(page.locator('summary').filter({ hasText: 'Force heal…' }));
  await page.keyboard.press('Enter');
  await tabTo(overview.confirmation);
  await page.keyboard.type('HEAL');
  await page.keyboard.press('Enter');

  await expect(overview.requests.getByRole('listitem').first()).toContainText('Started "reconnect terminal"');
  await expect(new Overview(page).phase).toHaveText('Healthy');
});
