// A number that was never read is never zero.

import { mark, wasNotReloaded } from '../pages/living.mjs';
import { expect, test } from '../site.mjs';

/** An amount of nothing. A share of time such as `0.00 %` is none. */
const NOTHING = /[$€£]\s?0|(?<![\d.,])-?0\.00(?! %)|\bNaN\b|\bnull\b|\bNone\b \w{3}\b/;

for (const fault of ['null_balances', 'placeholders']) {
  test.describe(fault, () => {
    test.use({ plan: { faults: [fault], remedies: [] } });

    test('what was never read is a dash and is called so', async ({ page, site }) => {
      const overview = await site.login(page);
      await expect(overview.feed).toContainText('Live');
      await expect(overview.accountRows).toHaveCount(7);

      for (const row of await overview.accountRows.all()) {
        const [state, balance, equity, read] = await row.getByRole('cell').all();
        await expect(state).toHaveText('Not read');
        for (const cell of [balance, equity, read]) await expect(cell).toHaveText(/^—\s*never read$/);
      }
      expect(await page.locator('body').innerText()).not.toMatch(NOTHING);
      await expect(overview.sentence).not.toContainText('accounts are syncing.');
      await expect(page).not.toHaveTitle(/Fine/);
      for (const account of (await site.board(page)).targets[0].accounts) {
        expect(account).toMatchObject({ balance: null, equity: null, read_at: null, live: false });
      }
    });

    test('the server itself renders no zero either', async ({ somebodyElse, site }) => {
      const page = await somebodyElse({ javaScriptEnabled: false });
      const overview = await site.login(page);
      await expect
        .poll(async () => (await site.board(page)).targets[0].accounts.map((account) => account.state))
        .toEqual(Array(7).fill('Not read'));

      await page.reload();

      await expect(overview.accountRows).toHaveCount(7);
      for (const row of await overview.accountRows.all()) await expect(row.getByRole('cell').nth(1)).toContainText('—');
      expect(await page.locator('body').innerText()).not.toMatch(NOTHING);
    });

    test('numbers appear when they are truly read', async ({ page, site }) => {
      const overview = await site.login(page);
      await expect(overview.account(1000001)).toContainText('Not read');
      await mark(page);

      await site.host.repair(fault);

      await expect(overview.account(1000001).getByRole('cell').first()).toHaveText('Syncing');
      await expect(overview.account(1000001).getByRole('cell').nth(1)).toHaveText(/^[1-9][\d,]*\.\d\d/);
      await wasNotReloaded(page);
    });
  });
}

test.describe('after a true read', () => {
  test.use({ plan: { remedies: [] } });

  test('the last true balance stays and looks old', async ({ page, site }) => {
    const overview = await site.loginWhenWell(page);

    await site.host.fault('null_balances');

    const row = overview.account(1000001);
    await expect(row.getByRole('cell').first()).toHaveText('Not read');
    await expect(row.getByRole('cell').nth(1)).toHaveText(/^[1-9][\d,]*\.\d\d/);
    await expect(row.getByRole('cell').nth(3)).toContainText('last read');
  });
});
