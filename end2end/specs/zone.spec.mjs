// Times are those of whoever reads: also in sentences, with UTC on hover.

import { expect, test } from '../site.mjs';

/** The clock in New York at this time of UTC: five hours before it in winter, four in summer. */
const inNewYork = (clock) => {
  const at = new Date(`${new Date().toISOString().slice(0, 10)}T${clock}Z`);
  return at.toLocaleTimeString('en-GB', { timeZone: 'America/New_York' });
};

test.describe('a reader in New York', () => {
  test.use({ plan: { cooldown: '10m' }, timezoneId: 'America/New_York' });

  test('reads the times in sentences as those of his own clock', async ({ page, site }) => {
    const overview = await site.loginWhenWell(page);
    await site.host.breakLink();
    await expect(overview.recent).toContainText('healed in', { timeout: 60_000 });
    const says = overview.fact('If forced now');
    await expect(says).toContainText('It would not start before');
    const time = says.locator('[title$=" UTC"]');
    const [shown, utc] = [await time.textContent(), await time.getAttribute('title')];
    expect(utc).toMatch(/^\d\d:\d\d:\d\d UTC$/);
    expect(shown).toBe(inNewYork(utc.replace(' UTC', '')));
  });
});

test.describe('without JavaScript', () => {
  test.use({ plan: { cooldown: '10m' }, timezoneId: 'America/New_York', javaScriptEnabled: false });
  // The browser fetches the wasm ahead and notes that no script wanted it.
  test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

  test('they are those of UTC, and say so', async ({ page, site }) => {
    const overview = await site.login(page);
    await site.host.breakLink();
    const isHealed = async () => (await site.board(page)).targets[0].heal.last !== null;
    await expect.poll(isHealed, { timeout: 60_000 }).toBe(true);
    await page.reload();
    await expect(overview.fact('If forced now')).toContainText(/It would not start before \d\d:\d\d:\d\d UTC:/);
  });
});
