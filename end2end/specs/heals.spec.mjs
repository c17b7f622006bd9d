// A person sees what broke and how it heals.

import { IncidentPage } from '../pages/incident.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

test.use({ plan: { remedies: [{ ...RECONNECT, verifyAfter: '3s', verifyWithin: '20s' }] } });

test.describe('with stages long enough to be read on a busy machine', () => {
  test.use({ plan: { remedies: [{ ...RECONNECT, timeout: '60s', verifyAfter: '20s', verifyWithin: '60s' }] } });

  test('a lost link is told, healed and proven, live', async ({ page, site }) => {
    test.slow();
    const restart = 25_000;
    await site.host.restartTakes(restart);
    const overview = await site.loginWhenWell(page);
    await mark(page);

    await site.host.breakLink();

    await expect(overview.trouble).toBeVisible();
    await expect(overview.phase).toContainText('Healing');
    await expect(overview.phaseDetail).toContainText('Healing: "reconnect terminal" is running (attempt 1).');
    await expect(page).toHaveTitle('↻ 1 healing · Rebound');
    await expect(page.getByRole('heading', { name: 'Incident 1', exact: true })).toBeVisible();
    await expect(overview.steps).toHaveCount(1);
    await expect(overview.steps).toContainText('Attempt 1: reconnect terminal');
    await expect(overview.steps).toContainText('Running');
    const story = page.getByText(/^Story \(\d+\)$/);
    const seen = page.getByRole('group').filter({ has: story }).getByText('Seen', { exact: true }).first();
    await story.click();
    await expect(seen).toBeVisible();

    // A quick machine has looked at all of the above long before the restart is done.
    await expect(overview.phase).toContainText('Verifying', { timeout: restart + 20_000 });
    await expect(overview.steps).toContainText('Done, it says');
    await expect(overview.steps).toContainText('Observations must prove it');
    await expect(seen, 'what was unfolded stays unfolded').toBeVisible();
    await expect(overview.sentence).not.toContainText('are syncing');

    await expect(overview.phase).toHaveText('Healthy', { timeout: 60_000 });
    await expect(overview.sentence).toHaveText(/^All 7 accounts are syncing\. Last heal under a minute ago, took \d+ s\.$/);
    await expect(overview.trouble).toHaveCount(0);
    await expect(overview.banners.getByRole('heading', { level: 2 })).toHaveText(/recovered after "reconnect terminal"/);
    await expect(page).toHaveTitle('✓ Fine · Rebound');
    await wasNotReloaded(page);
  });
});

test('one trouble is one incident, told once and once over', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);

  await site.host.breakLink();

  const over = overview.recent.getByRole('row').filter({ has: page.getByRole('rowheader') });
  await expect(over).toHaveCount(1);
  await expect(over.getByRole('cell', { name: /recovered after/ })).toHaveText(/^recovered after "reconnect terminal", healed in \d+ s$/);
  await expect(over.getByRole('cell').last()).toHaveText(/^\d+ s$/);
  await expect(overview.fact('Last heal')).toHaveText(/^\d+ s ago, took \d+ s: incident 1$/);
  await expect(overview.fact('Budget')).toContainText('1 of 5 used in the last hour');
  await expect(overview.uptime).toHaveAccessibleName(/down \d+ s once/);

  const alerts = overview.alerts.getByRole('listitem').filter({ has: page.locator('strong') });
  await expect(alerts).toHaveCount(2);
  for (const alert of await alerts.all()) {
    await expect(alert.getByRole('listitem')).toHaveText(/^email\s*delivered/);
    await expect(alert.getByRole('link', { name: 'Incident 1' })).toBeVisible();
  }
  await expect(alerts.first()).toContainText('recovered after "reconnect terminal"');
  await expect(alerts.last()).toContainText('Critical');
  await expect(alerts.last()).toContainText('Over since');
  expect(await site.incidents(page)).toHaveLength(1);
  expect(await site.host.mails()).toHaveLength(2);
  expect(await site.host.restarts()).toBe(1);
  await wasNotReloaded(page);
});

test('the page of the incident tells the whole story', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await site.host.breakLink();
  await expect(overview.fact('Last heal')).toContainText('incident 1');

  await overview.fact('Last heal').getByRole('link').click();

  await expect(page).toHaveURL('/incidents/1');
  for (const arrival of ['by the link', 'by the address']) {
    await test.step(arrival, async () => {
      const incident = new IncidentPage(page);
      await expect(incident.title).toHaveText('Incident 1 of MT5 bridge');
      await expect(page).toHaveTitle('✓ Fine · Incident 1 · Rebound');
      await expect(page.getByText('Over', { exact: true })).toBeVisible();
      for (const figure of ['Downtime', 'Time to detect', 'Time to heal']) {
        await expect(incident.fact(figure)).toHaveText(/^\d+ s$/);
      }
      await expect(incident.fact('Last seen good').getByRole('time')).toBeVisible();
      await expect(incident.part('What failed')).toContainText('terminal.broker_link');
      const done = incident.part('What was done');
      await expect(done).toContainText('Attempt 1: reconnect terminal');
      await expect(done).toContainText('Done, it says');
      await expect(done).toContainText('Proven');
      for (const kind of ['Seen', 'Judged', 'Told', 'Planned', 'Done', 'Proven']) {
        await expect(incident.story.filter({ has: page.getByText(kind, { exact: true }) }).first()).toBeVisible();
      }
    });
    await page.goto('/incidents/1');
  }
  await new IncidentPage(page).back.click();
  await expect(overview.feed).toContainText('Live');
});
