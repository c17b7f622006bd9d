// Somebody leaves the page open. Whatever happens meanwhile, each figure on it is the one that the API tells.

import { isDeepStrictEqual } from 'node:util';

import { shown, told } from '../pages/figures.mjs';
import { mark, wasNotReloaded } from '../pages/living.mjs';
import { expect, test } from '../site.mjs';

/** How long it is left open, in seconds. `REBOUND_TEST_MINUTES=30` leaves it open for half an hour. */
const SPAN = 60 * Number(process.env.REBOUND_TEST_MINUTES ?? 1.5);

/** How old a board may be that the page still shows, on a machine that is busy. */
const BEHIND_MAX_MS = 8_000;

/** How long page and API may differ beyond that. */
const AGREE_WITHIN_MS = 10_000;

/** How far apart the shares of time may be that two looks of a few seconds apart tell, in the first minutes of a server. */
const UPTIME_APART_MAX = 8;

/** What goes wrong, one after the other: what only looks bad, what a restart heals and what a person must mend. */
const FAULTS = ['one_account_failing', 'link_lost', 'slow', 'null_balances', 'trading_off', 'process_down'];

// Long enough between two looks that the page and the API can be read in between, on a machine that is busy.
test.use({ plan: { interval: '3s' } });

test('left open while things break and heal, the page tells what the API tells', async ({ page, site }) => {
  test.setTimeout((SPAN + 120) * 1_000);
  const overview = await site.loginWhenWell(page);
  await mark(page);
  await overview.unfold();

  let compared = 0;
  const read = [];
  const seen = { phases: new Set(), verdicts: new Set() };
  const compare = async () => {
    let board;
    await expect(async () => {
      read.push(await site.board(page));
      const now = await shown(page);
      board = await site.board(page);
      read.push(board);
      // News is on its way to the page while the two are read: it shows one of the boards of the last moments.
      while (read[0].at < board.at - BEHIND_MAX_MS) read.shift();
      const { uptime, ...rest } = now;
      const figures = read.map((one) => told(one));
      const same = figures.find(({ uptime: _, ...one }) => isDeepStrictEqual(rest, one));
      if (!same) expect(now).toEqual(told(board));
      // It is a share of the time up to now, so it is another one in each second.
      if (uptime !== same.uptime) expect(Math.abs(parseFloat(uptime) - parseFloat(same.uptime))).toBeLessThan(UPTIME_APART_MAX);
    }).toPass({ timeout: AGREE_WITHIN_MS, intervals: [10] });
    compared += 1;
    seen.phases.add(board.targets[0].phase);
    for (const check of board.targets[0].checks) seen.verdicts.add(check.verdict);
    return board;
  };

  const first = await compare();
  const end = first.at + SPAN * 1_000;
  const spell = Math.floor((SPAN * 1_000) / FAULTS.length);
  for (const [index, fault] of FAULTS.entries()) {
    const repairedAt = first.at + index * spell + spell / 2;
    await site.host.fault(fault);
    while ((await compare()).at < repairedAt);
    await site.host.repair(fault);
    while ((await compare()).at < Math.min(repairedAt + spell / 2, end));
  }

  // Which phases are met between two looks is chance; that it was more than one or two is not.
  expect([...seen.phases]).toContain('Healthy');
  expect(seen.phases.size, [...seen.phases].join()).toBeGreaterThan(2);
  expect([...seen.verdicts]).toEqual(expect.arrayContaining(['Up', 'Degraded', 'Down', 'Unknown']));
  expect(compared, 'often enough').toBeGreaterThan(SPAN / 4);
  await wasNotReloaded(page);
});
