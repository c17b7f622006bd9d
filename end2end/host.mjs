// The simulated MetaTrader host: what can be done to it, and what it saw.

import { expect } from '@playwright/test';

export class Host {
  constructor(ready) {
    this.bridge = ready.bridge;
    this.github = ready.github;
    this.smtp = ready.smtp;
    this.control = ready.control;
  }

  /** The terminal loses the broker. */
  async breakLink() {
    await this.fault('link_lost');
  }

  async fault(name) {
    await this.#ask('PUT', `/faults/${name}`, {});
  }

  async repair(name) {
    await this.#ask('DELETE', `/faults/${name}`);
  }

  /** A restart says that it worked, and changes nothing. */
  async restartLies() {
    await this.#ask('PUT', '/restart', { mode: 'lies' });
  }

  /** A restart works and answers only after this time. */
  async restartTakes(ms) {
    await this.#ask('PUT', '/restart', { mode: 'slow', delay_ms: ms });
  }

  /** How often somebody asked for a restart. */
  async restarts() {
    return (await this.#ask('GET', '/state')).restart.calls_total;
  }

  /** How the mail server behaves from now on. */
  async mailMode(mode) {
    await this.#ask('PUT', '/smtp', { mode });
  }

  async mails() {
    return this.#ask('GET', '/mails');
  }

  /** The first mail whose subject has these words, once it is there. */
  async mail(words) {
    let found;
    const look = async () => {
      found = (await this.mails()).find((mail) => mail.subject.includes(words));
      return found?.subject;
    };
    await expect.poll(look, { message: `a mail about "${words}"` }).toBeDefined();
    return found;
  }

  async #ask(method, path, body) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(this.control.replace(/\/$/, '') + path, { method, ...sent });
    if (!answer.ok) throw new Error(`the simulated host refuses ${method} ${path}: ${await answer.text()}`);
    return answer.json();
  }
}
