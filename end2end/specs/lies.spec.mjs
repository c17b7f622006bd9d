// A heal that lies: a person is needed, and says that he has seen it.

import { Overview } from '../pages/overview.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

test.use({ plan: { remedies: [{ ...RECONNECT, verifyWithin: '5s' }] } });

test.beforeEach(({ site }) => site.host.restartLies());

test('a heal that lies is found out, and a person is told what to do', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);

  await site.host.breakLink();

  await expect(overview.phase).toHaveText('Needs a person');
  await expect(overview.phaseDetail).toContainText('A person is needed: ');
  await expect(overview.sentence).toContainText('A person is needed: ');
  await expect(page).toHaveTitle('● 1 in trouble · Rebound');
  await expect(overview.steps).toContainText('Done, it says');
  await expect(overview.steps).toContainText('Did not help');
  await expect(overview.banners.getByRole('heading', { level: 2 })).toHaveText(/^Critical MT5 bridge: a person is needed/);
  await expect(overview.banners).toContainText('Look at the host by hand');
  await expect(overview.banners).toContainText('Stopped because: ');
  await expect(overview.alerts).toContainText('Look at the host by hand');
  await expect(page.getByText(/recovered after/)).toHaveCount(0);
  const mail = await site.host.mail('a person is needed');
  expect(mail.text).toContain('Look at the host by hand');
  await wasNotReloaded(page);
});

test('an acknowledged banner is gone for everybody', async ({ page, site, somebodyElse }) => {
  const mine = await site.loginWhenWell(page);
  const other = await somebodyElse();
  const theirs = await site.loginWhenWell(other);
  for (const tab of [page, other]) await mark(tab);
  await site.host.breakLink();
  for (const view of [mine, theirs]) {
    await expect(view.phase).toHaveText('Needs a person');
    await expect(view.trouble).toBeVisible();
  }

  await mine.acknowledge.click();

  for (const view of [mine, theirs]) {
    await expect(view.trouble).toHaveCount(0);
    await expect(view.alerts).toContainText('Seen by admin');
    await expect(view.phase, 'seen is not healed').toHaveText('Needs a person');
    await expect(view.page).toHaveTitle('● 1 in trouble · Rebound');
  }
  // Nor does it come back with the next news, or for somebody who comes later.
  const beat = await theirs.heartbeat.getAttribute('datetime');
  await expect(theirs.heartbeat).not.toHaveAttribute('datetime', beat);
  await expect(theirs.trouble).toHaveCount(0);
  for (const tab of [page, other]) await wasNotReloaded(tab);
  await other.reload();
  await expect(new Overview(other).phase).toHaveText('Needs a person');
  await expect(new Overview(other).trouble).toHaveCount(0);
});
