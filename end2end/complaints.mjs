// What pages complain about: console warnings and errors (a violated security policy and a failed hydration are among
// them), uncaught errors, panics.

export class Complaints {
  #all = [];
  #due = [];

  /** Listens to every page of this context. */
  of(context) {
    context.on('console', (message) => {
      if (message.type() !== 'warning' && message.type() !== 'error') return;
      this.#all.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#all.push(`uncaught: ${error.error().stack ?? error.error()}`));
  }

  /** From now on this is what must be expected, e.g. because the server is dead. */
  areDue(...patterns) {
    this.#due.push(...patterns);
  }

  get unexpected() {
    return this.#all.filter((text) => !this.#due.some((pattern) => pattern.test(text)));
  }
}
