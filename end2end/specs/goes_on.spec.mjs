// The page goes on by itself, and never shows what is old as if it were new.

import { mark, wasNotReloaded } from '../pages/living.mjs';
import { Overview } from '../pages/overview.mjs';
import { expect, test } from '../site.mjs';

/** What a browser notes when nobody answers. */
const NOBODY_ANSWERS = /net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|NETWORK_IO_SUSPENDED)/;

test('a server that was killed and comes back is found again by every tab', async ({ page, context, site, complaints }) => {
  const first = await site.loginWhenWell(page);
  const tab = await context.newPage();
  await tab.goto('/');
  const second = new Overview(tab);
  await expect(second.feed).toContainText('Live');
  for (const each of [page, tab]) await mark(each);
  complaints.areDue(NOBODY_ANSWERS);

  await site.kill();

  for (const view of [first, second]) {
    await expect(view.feed).toContainText('Reconnecting since');
    await expect(view.old).toBeVisible();
    await expect(view.page).toHaveTitle('◌ Old · Rebound');
    await expect(view.feed).toHaveAttribute('data-state', 'reconnecting');
  }
  const lastSeen = await first.heartbeat.getAttribute('datetime');

  await site.startAgain();

  for (const view of [first, second]) {
    await expect(view.feed).toHaveAttribute('data-state', 'live');
    await expect(view.old).toHaveCount(0);
    await expect(view.sentence).toHaveText('All 7 accounts are syncing.');
    await expect(view.page).toHaveTitle('✓ Fine · Rebound');
    const isNewer = async () => Date.parse(await view.heartbeat.getAttribute('datetime')) > Date.parse(lastSeen);
    await expect.poll(isNewer, { message: 'the heartbeat is of after the kill' }).toBe(true);
    await expect(view.page).toHaveURL('/');
    await wasNotReloaded(view.page);
  }
});

test('what was asked before the kill is known after it', async ({ page, site, complaints }) => {
  const overview = await site.loginWhenWell(page);
  await site.host.breakLink();
  await expect(overview.fact('Last heal')).toContainText('incident 1');
  complaints.areDue(NOBODY_ANSWERS);

  await site.kill();
  await expect(overview.feed).toHaveAttribute('data-state', 'reconnecting');
  await site.startAgain();

  await expect(overview.feed).toHaveAttribute('data-state', 'live');
  await expect(overview.fact('Last heal')).toContainText('incident 1');
  await expect(overview.phase).toHaveText('Healthy');
  expect(await site.incidents(page)).toHaveLength(1);
  expect(await site.host.restarts()).toBe(1);
});

test('while nobody answers a button says that nothing can be said', async ({ page, site, complaints }) => {
  const overview = await site.loginWhenWell(page);
  complaints.areDue(NOBODY_ANSWERS);
  await site.kill();
  await expect(overview.old).toBeVisible();

  await overview.forceSync.click();

  await expect(page.getByRole('status').filter({ hasText: 'The server was not reached.' })).toBeVisible();
  await expect(page).toHaveURL('/');
});

test('a server that hangs makes the page look old, not live', async ({ page, site }) => {
  const overview = await site.loginWhenWell(page);
  await mark(page);

  await site.freeze();

  await expect(overview.feed).toContainText('No news from the server since', { timeout: 40_000 });
  await expect(overview.feed).not.toContainText('Live');
  await expect(overview.old).toBeVisible();
  await expect(page).toHaveTitle('◌ Old · Rebound');
  await expect(page.getByText('This is old.')).toBeVisible();
  const lastSeen = await overview.heartbeat.getAttribute('datetime');

  await site.thaw();

  await expect(overview.feed).toHaveAttribute('data-state', 'live');
  await expect(overview.old).toHaveCount(0);
  await expect(page.getByText('This is old.')).toHaveCount(0);
  await expect(overview.heartbeat).not.toHaveAttribute('datetime', lastSeen);
  await expect(overview.sentence).toHaveText('All 7 accounts are syncing.');
  await wasNotReloaded(page);
});
