// A program that a test starts: waited for until it says where it listens, and never left behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Longest time until a program listens. */
const START_MAX_MS = 30_000;

export class Program {
  #child;

  constructor(name, file, log) {
    this.name = name;
    this.file = file;
    this.log = log;
  }

  /** Starts it and returns what it wrote into `readyFile`. */
  async start(args, { readyFile, env, cwd }) {
    rmSync(readyFile, { force: true });
    const log = openSync(this.log, 'a');
    const child = spawn(this.file, args, { cwd, env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    running.add(child);
    let failed;
    child.once('error', (error) => (failed = error));
    child.once('exit', () => running.delete(child));
    const deadline = Date.now() + START_MAX_MS;
    for (;;) {
      const ready = readReady(readyFile);
      if (ready) return ready;
      const over = failed ?? (child.exitCode !== null ? `it ended with ${child.exitCode}` : undefined);
      if (over || Date.now() > deadline) {
        throw new Error(`${this.name} does not run: ${over ?? 'not ready in time'}\n${this.said()}`);
      }
      await pause(20);
    }
  }

  /** Sends it this signal; where the signal ends it, waits for its end. */
  async signal(name) {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(name);
    if (name === 'SIGKILL' || name === 'SIGTERM') await ended;
  }

  /** What it has printed. */
  said() {
    try {
      return readFileSync(this.log, 'utf8');
    } catch {
      return '';
    }
  }
}

/** `undefined` until the file is there: it appears whole. */
function readReady(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
