// Everybody can use the pages: rules of WCAG 2 A and AA, in light and dark, on a phone and on a wide screen.

import { isForEverybody } from '../everybody.mjs';
import { IncidentPage } from '../pages/incident.mjs';
import { Overview } from '../pages/overview.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

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
