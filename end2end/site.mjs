// What every spec starts from: a simulated host and a Rebound of its own, and a browser whose complaints fail the test.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { test as base, expect } from '@playwright/test';

import { Complaints } from './complaints.mjs';
import { Host } from './host.mjs';
import { LoginPage } from './pages/login.mjs';
import { Overview } from './pages/overview.mjs';
import { PASSWORD, SECRETS, USUAL, configuration } from './plan.mjs';
import { Program } from './process.mjs';

const target = resolve(import.meta.dirname, '../target');
const REBOUND = process.env.REBOUND_BIN ?? join(target, 'debug/rebound');
const SIMULATOR = process.env.REBOUND_SIM_BIN ?? join(target, 'debug/rebound-sim');
const SITE = process.env.REBOUND_SITE ?? join(target, 'site');

/** A running Rebound with the host that it watches. */
export class Site {
  #plan;
  #folder;
  #simulator;
  #server;

  constructor(plan) {
    this.#plan = { ...USUAL, ...plan };
    this.#folder = mkdtempSync(join(tmpdir(), 'rebound-end2end-'));
    this.#simulator = new Program('the simulated host', SIMULATOR, join(this.#folder, 'host.log'));
    this.#server = new Program('rebound', REBOUND, join(this.#folder, 'rebound.log'));
  }

  async start() {
    const readyFile = join(this.#folder, 'host.json');
    const args = ['serve', '--listen', '127.0.0.1:0', '--restart-token', SECRETS.RESTART_TOKEN, '--ready-file', readyFile];
    this.host = new Host(await this.#simulator.start(args, { readyFile, env: process.env }));
    for (const fault of this.#plan.faults) await this.host.fault(fault);
    await this.#serve('127.0.0.1:0');
  }

  /** The same address and the same store as before. */
  async startAgain() {
    await this.#serve(new URL(this.address).host);
  }

  async #serve(listen) {
    const config = join(this.#folder, 'rebound.toml');
    writeFileSync(config, configuration(this.#plan, this.host, listen));
    const readyFile = join(this.#folder, 'ready.json');
    const env = { ...process.env, ...SECRETS, REBOUND_SITE: SITE };
    const args = ['serve', '--config', config, '--ready-file', readyFile];
    const ready = await this.#server.start(args, { readyFile, env, cwd: this.#folder });
    this.address = ready.address;
  }

  /** Ends the server as a power failure does. */
  async kill() {
    await this.#server.signal('SIGKILL');
  }

  /** Nothing of the server runs, but its connections stand. */
  async freeze() {
    await this.#server.signal('SIGSTOP');
  }

  async thaw() {
    await this.#server.signal('SIGCONT');
  }

  /** Logs in, and waits until the Overview is there. */
  async login(page) {
    await page.goto(this.address + '/');
    await new LoginPage(page).submit(PASSWORD);
    const overview = new Overview(page);
    await expect(overview.feed).toBeVisible();
    return overview;
  }

  /** Logs in, and waits until everything is seen to be well. */
  async loginWhenWell(page) {
    const overview = await this.login(page);
    await expect(overview.feed).toContainText('Live');
    await expect(overview.sentence).toHaveText('All 7 accounts are syncing.');
    return overview;
  }

  /** The newest board, as a program reads it with the page's session. */
  async board(page) {
    return this.#json(page, '/api/v1/board');
  }

  async incidents(page) {
    return this.#json(page, '/api/v1/incidents');
  }

  /** Waits until the only target is in this phase; for pages that do not go on by themselves. */
  async isIn(page, phase) {
    await expect.poll(async () => (await this.board(page)).targets[0].phase, { timeout: 40_000 }).toBe(phase);
  }

  async #json(page, path) {
    const answer = await page.request.get(this.address + path);
    expect(answer.status(), path).toBe(200);
    return answer.json();
  }

  async stop() {
    await this.#server.signal('SIGKILL');
    await this.#simulator.signal('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What both programs printed, for somebody who wonders why a test failed. */
  logs() {
    return { 'rebound.log': this.#server.said(), 'host.log': this.#simulator.said() };
  }
}

export const test = base.extend({
  /** What is different from the usual plan; see `USUAL`. */
  plan: [{}, { option: true }],

  site: async ({ plan }, use, testInfo) => {
    const site = new Site(plan);
    try {
      await site.start();
      await use(site);
    } finally {
      if (testInfo.status !== testInfo.expectedStatus) {
        for (const [name, body] of Object.entries(site.logs())) await testInfo.attach(name, { body, contentType: 'text/plain' });
      }
      await site.stop();
    }
  },

  baseURL: async ({ site }, use) => use(site.address),

  /** Warnings, errors and panics of every page; any fails the test, unless the test said before that it is due. */
  complaints: [
    async ({}, use) => {
      const complaints = new Complaints();
      await use(complaints);
      expect(complaints.unexpected, 'no page complains').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, complaints }, use) => {
    complaints.of(context);
    await use(context);
  },

  /** Opens a browser of somebody else: it shares nothing with the first. */
  somebodyElse: async ({ browser, complaints, baseURL }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      complaints.of(context);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },
});

export { expect, PASSWORD };
