// A person lays a hand on healing: stops it, pauses it, chooses a remedy, plans work. With JavaScript and without.

import { isForEverybody, isForEverybodyWithoutScript } from '../everybody.mjs';
import { comesToShow, mark, wasNotReloaded } from '../pages/living.mjs';
import { RECONNECT, RESTART } from '../plan.mjs';
import { expect, test } from '../site.mjs';

/** The phone: the harder case for every form. */
const PHONE = [360];

for (const living of [true, false]) {
  test.describe(living ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled: living, viewport: { width: 360, height: 900 } });

    // The browser fetches the wasm ahead and notes that no script wanted it.
    test.beforeEach(({ complaints }) => complaints.areDue(/rebound\.wasm was preloaded using link preload but not used/));

    /** Logs in when all is well, with the page marked so that a reload is found out. */
    const start = async (site, page) => {
      const overview = living ? await site.loginWhenWell(page) : await site.login(page);
      await expect.poll(async () => (await site.board(page)).sentence).toBe('All 7 accounts are syncing.');
      await page.reload();
      if (living) await expect(overview.feed).toContainText('Live');
      await mark(page);
      return overview;
    };
    const everybodyCan = async (page, somebodyElse) => {
      if (living) await isForEverybody(page, PHONE);
      else await isForEverybodyWithoutScript(page, await somebodyElse({ javaScriptEnabled: true }), PHONE);
    };
    const shows = (page, check) => comesToShow(page, living, check);
    const ends = async (page) => {
      if (living) await wasNotReloaded(page);
    };

    test.describe('while a remedy takes its time', () => {
      test.use({ plan: { remedies: [{ ...RECONNECT, timeout: '32s', verifyWithin: '5s' }] } });

      test('a heal is stopped, and starts again only by hand', async ({ page, site, somebodyElse }) => {
        await site.host.restartTakes(600_000);
        const overview = await start(site, page);
        await expect(overview.stopHeal, 'nothing is to be stopped').toHaveCount(0);
        await site.host.breakLink();
        await site.isIn(page, 'Healing');
        await shows(page, (options) => expect(overview.stopHeal).toBeVisible(options));
        await everybodyCan(page, somebodyElse);

        await overview.stopHeal.click();

        await shows(page, async (options) => {
          await expect(overview.requests.getByRole('listitem').first()).toContainText('Stop the heal.', options);
          await expect(overview.requests.getByRole('listitem').first()).toContainText('admin', options);
          await expect(overview.steps).toContainText('Stopped', options);
          await expect(page.getByText('Healing was stopped').first()).toBeVisible(options);
        });
        await site.isIn(page, 'Needs a person');
        await shows(page, async (options) => {
          await expect(overview.phaseDetail).toContainText('admin stopped healing of this incident', options);
          await expect(overview.stopHeal).toHaveCount(0, options);
        });
        expect(await site.host.restarts(), 'no second remedy').toBe(1);
        await everybodyCan(page, somebodyElse);
        await ends(page);
      });
    });

    test('healing is paused, and goes on', async ({ page, site, somebodyElse }) => {
      const overview = await start(site, page);
      await overview.more.click();
      await everybodyCan(page, somebodyElse);
      const form = overview.form('Pause healing');
      await form.getByRole('radio', { name: '4 h', exact: true }).check();

      await form.getByRole('button', { name: 'Pause healing' }).click();

      await shows(page, async (options) => {
        await expect(overview.holds).toContainText(/Healing is paused until .*by admin\. Watching and alerts go on/, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('Pause healing.', options);
      });
      const until = Date.parse(new Date((await site.board(page)).targets[0].pause.until).toISOString());
      expect(Math.abs(until - Date.now() - 4 * 3_600_000), 'four hours from now').toBeLessThan(60_000);
      await site.host.breakLink();
      await site.isIn(page, 'Paused');
      await shows(page, (options) => expect(overview.phaseDetail).toContainText('admin paused healing', options));
      expect(await site.host.restarts(), 'nothing is healed by itself').toBe(0);
      await everybodyCan(page, somebodyElse);

      await overview.resume.click();

      await expect.poll(() => site.host.restarts()).toBe(1);
      await site.isIn(page, 'Healthy');
      await shows(page, async (options) => {
        await expect(overview.resume).toHaveCount(0, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('Resume healing.', options);
      });
      await ends(page);
    });

    test('planned work is begun with a name, heals nothing and tells nobody, and is ended', async ({ page, site, somebodyElse }) => {
      const overview = await start(site, page);
      await overview.more.click();
      const form = overview.form('Planned work');
      await overview.workName.fill('Windows updates');

      await form.getByRole('button', { name: 'Start planned work' }).click();

      await shows(page, async (options) => {
        await expect(overview.holds).toContainText(/Planned work: Windows updates, until .*Nothing is healed, nobody is told/, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('Planned work: Windows updates.', options);
        await expect(page.getByRole('region', { name: 'Planned work' })).toContainText('Windows updates on MT5 bridge', options);
      });
      await site.host.breakLink();
      await site.isIn(page, 'Maintenance');
      await shows(page, (options) => expect(overview.phase).toContainText('Maintenance', options));
      expect(await site.host.restarts()).toBe(0);
      expect(await site.host.mails()).toEqual([]);
      await everybodyCan(page, somebodyElse);

      await site.host.repair('link_lost');
      await overview.endWork.click();

      await site.isIn(page, 'Healthy');
      await shows(page, async (options) => {
        await expect(overview.endWork).toHaveCount(0, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('End planned work.', options);
      });
      expect(await site.host.mails()).toEqual([]);
      await ends(page);
    });

    test.describe('with two remedies', () => {
      test.use({ plan: { remedies: [RECONNECT, RESTART] } });

      test('the remedy of a forced heal is chosen', async ({ page, site, somebodyElse }) => {
        const overview = await start(site, page);
        await overview.forceHeal.click();
        await expect(overview.remedy('The first that can help')).toBeChecked();
        await expect(page.getByRole('group', { name: 'Which remedy' })).toContainText('restart bridge');
        await everybodyCan(page, somebodyElse);
        await overview.remedy('restart bridge').check();
        await overview.confirmation.fill('HEAL');

        await overview.startHeal.click();

        await shows(page, async (options) => {
          await expect(overview.requests.getByRole('listitem').first()).toContainText('Force heal with "restart bridge".', options);
          await expect(overview.requests.getByRole('listitem').first()).toContainText('Started "restart bridge" (medium).', options);
        });
        await shows(page, (options) => expect(overview.recent).toContainText('recovered after "restart bridge"', options));
        expect(await site.host.restarts()).toBe(1);
        await ends(page);
      });
    });

    test('a page says why a target is as it is', async ({ page, site, somebodyElse }) => {
      await site.host.restartLies();
      const overview = await start(site, page);
      await overview.why.click();
      await expect(overview.answer('Why is it in this phase?')).toHaveText('Healthy: No check fails.');
      await expect(overview.answer('What is it waiting for?')).toHaveText('Nothing.');
      await site.host.breakLink();
      await site.isIn(page, 'Verifying');

      await shows(page, async (options) => {
        await overview.why.isVisible();
        await expect(overview.answer('Why is it in this phase?')).toContainText('terminal.broker_link: the terminal has lost its connection', options);
      });
      await expect(overview.answer('Why is it in this phase?')).toContainText('The fault lies in the link to the broker.');
      await expect(overview.answer('What would heal it?')).toContainText('"reconnect terminal" (soft): was tried in this incident.');
      if (!living) await overview.why.click();
      await expect(overview.answer('When is the next look?'), 'what was unfolded stays unfolded').toBeVisible();
      await everybodyCan(page, somebodyElse);
      await ends(page);
    });

    test('a dry run shows what would be done, and does nothing', async ({ page, site, somebodyElse }) => {
      const overview = await start(site, page);
      await overview.more.click();

      await page.getByRole('button', { name: 'Dry run on' }).click();

      await shows(page, (options) => expect(overview.holds).toContainText('Dry run. Everything is decided and shown; nothing is done.', options));
      await site.host.breakLink();
      await site.isIn(page, 'Needs a person');
      await shows(page, (options) => expect(overview.phaseDetail).toContainText('dry run: "reconnect terminal" would have been started', options));
      expect(await site.host.restarts()).toBe(0);

      await overview.more.click();
      await page.getByRole('button', { name: 'As configured' }).click();

      await expect.poll(() => site.host.restarts()).toBe(1);
      await ends(page);
    });

    test('moved capital of some accounts is declared, and taken back', async ({ page, site, somebodyElse }) => {
      const overview = await start(site, page);
      await overview.more.click();
      const form = overview.form('Moved capital');
      await form.getByRole('checkbox', { name: '1000001' }).check();
      await form.getByRole('checkbox', { name: '1000003' }).check();

      await form.getByRole('button', { name: 'Declare moved capital' }).click();

      await shows(page, async (options) => {
        await expect(overview.holds).toContainText(/Capital of 1000001, 1000003 is moved until .*says admin/, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('Declare moved capital of 2 accounts.', options);
      });
      await page.getByRole('button', { name: 'Take back' }).click();
      await shows(page, async (options) => {
        await expect(page.getByText(/Capital of .* is moved/)).toHaveCount(0, options);
        await expect(overview.requests.getByRole('listitem').first()).toContainText('Take back moved capital.', options);
      });
      await ends(page);
    });
  });
}
