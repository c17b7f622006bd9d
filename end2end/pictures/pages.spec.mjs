// Every page as people see it: in light and dark, on a desk and on a phone, in `docs/pictures`.

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { LoginPage } from '../pages/login.mjs';
import { PeoplePage } from '../pages/people.mjs';
import { RECONNECT, service } from '../plan.mjs';
import { PASSWORD, expect, test } from '../site.mjs';

const FOLDER = resolve(import.meta.dirname, '../../docs/pictures');
const VIEWS = [
  { view: 'desk', width: 1440, height: 900 },
  { view: 'phone', width: 390, height: 844 },
];
const LOOKS = ['light', 'dark'];
const NOBODY = '127.0.0.1:1';

mkdirSync(FOLDER, { recursive: true });

/** One picture for each view and look. */
async function pictures(page, name, { whole = false } = {}) {
  for (const { view, width, height } of VIEWS) {
    await page.setViewportSize({ width, height });
    for (const look of LOOKS) {
      await page.emulateMedia({ colorScheme: look, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${FOLDER}/${name}-${view}-${look}.png`, fullPage: whole });
    }
  }
}

const isLive = (page) => expect(page.locator('[data-state]')).toContainText('Live');

test('the login', async ({ page }) => {
  await page.goto('/login');
  await expect(new LoginPage(page).button).toBeVisible();
  await pictures(page, 'login');
});

test.describe('one bridge', () => {
  test.use({ plan: { remedies: [{ ...RECONNECT, verifyAfter: '6s', verifyWithin: '60s' }] } });

  test('all is well, and then it is healed', async ({ page, site }) => {
    test.slow();
    const overview = await site.loginWhenWell(page);
    await pictures(page, 'overview-well');

    await site.host.breakLink();
    await expect(overview.phase).toContainText('Verifying');
    await pictures(page, 'overview-healing');
    await site.isIn(page, 'Healthy');

    await page.goto('/incidents/1');
    await isLive(page);
    await pictures(page, 'incident');

    // Numbers are kept by the minute.
    await page.goto('/targets/mt5?range=1h');
    const drawn = page.getByRole('img', { name: /^Response time/ });
    await expect(async () => {
      await page.reload();
      await expect(drawn).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 150_000 });
    await pictures(page, 'target', { whole: true });

    await page.goto('/settings?of=mt5');
    await isLive(page);
    await pictures(page, 'settings');
    await page.getByLabel('terminal.broker_link: failures').fill('7');
    await page.getByLabel('Cooldown').fill('20m');
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await expect(page.getByText('2 settings would change.')).toBeVisible();
    await pictures(page, 'review');

    await page.goto('/readiness');
    await isLive(page);
    const drills = page.getByRole('region', { name: 'Fire drills' });
    await drills.getByRole('button', { name: 'Rehearse now' }).click();
    await expect(drills.locator('.drill-held')).toContainText('passed', { timeout: 40_000 });
    await drills.locator('.drill-held summary').click();
    await pictures(page, 'drill');

    await page.goto('/settings/people');
    const people = new PeoplePage(page);
    await people.adds('anna', 'operator');
    // Without the password that was made up.
    await page.goto('/settings/people');
    await expect(people.person('anna')).toContainText('Added by admin');
    await pictures(page, 'people');
  });
});

test.describe('a platform', () => {
  const names = ['Web front end', 'Trading API', 'Database', 'GitHub', 'Price feed', 'Risk service', 'Reports', 'Copy trader'];
  const more = (host) => {
    const address = new URL(host.bridge).host;
    return names
      .map((name) => service(name.toLowerCase().replaceAll(' ', '-'), name, name === 'Copy trader' ? NOBODY : address))
      .join('');
  };
  const status = '\n[status_page]\nshow = true\ntitle = "Example trading"\n';
  test.use({ plan: { more: (host) => more(host) + status } });

  test('many targets, one of them in trouble', async ({ page, site }) => {
    await page.goto('/');
    await new LoginPage(page).submit(PASSWORD);
    await isLive(page);
    await expect(page.locator('#target-copy-trader')).toContainText('Needs a person');
    await expect(page.locator('.rows > li').filter({ hasText: 'Healthy' })).toHaveCount(8);
    await pictures(page, 'platform');
    for (const name of ['incidents', 'alerts', 'readiness', 'reports']) {
      await page.goto(`/${name}`);
      await isLive(page);
      await pictures(page, name);
    }
    await page.goto('/status');
    await expect(page.getByRole('heading', { name: 'Example trading', level: 1 })).toBeVisible();
    await pictures(page, 'status');
  });
});
