// What strangers and other sites cannot do.

import { createServer } from 'node:http';
import { once } from 'node:events';

import { expect, test as base } from '../site.mjs';

const test = base.extend({
  /** A site of somebody else, on this machine: cookies do not tell ports apart, so this is the harder case. */
  elsewhere: async ({}, use) => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><link rel="icon" href="data:,"><title>Elsewhere</title><p>Elsewhere</p>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use(server.address().port);
    server.closeAllConnections();
    server.close();
  },
});

/** Everything that changes something, as forms send it. */
const CHANGES = [
  ['/api/ui/test-alert', ''],
  ['/api/ui/force-sync', 'target=mt5'],
  ['/api/ui/force-heal', 'target=mt5&confirm=HEAL'],
  ['/api/ui/acknowledge', 'alert=1'],
  ['/api/ui/stop-heal', 'target=mt5'],
  ['/api/ui/pause', 'target=mt5&hours=1'],
  ['/api/ui/pause', 'hours=1'],
  ['/api/ui/resume', 'target=mt5'],
  ['/api/ui/start-maintenance', 'target=mt5&hours=1&name=x'],
  ['/api/ui/end-maintenance', 'target=mt5'],
  ['/api/ui/dry-run', 'target=mt5&dry_run=on'],
  ['/api/ui/declare-move', 'target=mt5&hours=4'],
  ['/api/v1/test-alert', ''],
  ['/api/v1/targets/mt5/force-sync', ''],
  ['/api/v1/targets/mt5/force-heal', ''],
  ['/api/v1/targets/mt5/stop-heal', ''],
  ['/api/v1/targets/mt5/pause', ''],
  ['/api/v1/targets/mt5/dry-run', ''],
  ['/api/v1/targets/mt5/declare-move', ''],
  ['/api/v1/targets/mt5/maintenance/start', ''],
  ['/api/v1/pause', ''],
  ['/api/v1/maintenance/start', ''],
  ['/api/system/test-alert', ''],
  ['/logout', ''],
];

async function nothingWasAsked(page, site) {
  const board = await site.board(page);
  expect(board.requests).toEqual([]);
  expect(board.targets[0].phase).toBe('Healthy');
  expect(await site.host.mails()).toEqual([]);
  expect(await site.host.restarts()).toBe(0);
}

for (const name of ['127.0.0.1', 'localhost']) {
  test(`a page at ${name} with another port cannot change anything`, async ({ page, context, site, elsewhere, complaints }) => {
    await site.loginWhenWell(page);
    const foreign = await context.newPage();
    await foreign.goto(`http://${name}:${elsewhere}/`);
    complaints.areDue(/status of 40[13]/, /net::ERR_(FAILED|BLOCKED)/);

    for (const [path, body] of CHANGES) {
      const sent = foreign.waitForRequest(site.address + path);
      const answer = await foreign.evaluate(
        ({ url, body }) =>
          fetch(url, {
            method: 'POST',
            mode: 'no-cors',
            credentials: 'include',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body,
          }).then((response) => response.type, () => 'nothing'),
        { url: site.address + path, body },
      );
      await sent;
      expect(answer, `what ${path} lets the other site see`).toBe('nothing');
    }

    await nothingWasAsked(page, site);
  });

  test(`a form at ${name} with another port cannot change anything`, async ({ page, context, site, elsewhere, complaints }) => {
    await site.loginWhenWell(page);
    const foreign = await context.newPage();
    await foreign.goto(`http://${name}:${elsewhere}/`);
    complaints.areDue(/status of 40[13]/);

    const answered = foreign.waitForResponse((response) => response.url() === `${site.address}/api/ui/force-heal`);
    await foreign.evaluate((action) => {
      const form = Object.assign(document.createElement('form'), { action, method: 'post' });
      for (const [name, value] of [['target', 'mt5'], ['confirm', 'HEAL']]) {
        form.append(Object.assign(document.createElement('input'), { name, value }));
      }
      document.body.append(form);
      form.submit();
    }, `${site.address}/api/ui/force-heal`);
    expect((await answered).status()).toBe(403);

    await nothingWasAsked(page, site);
  });
}

test('no page of another site may show ours in a frame', async ({ page, context, site, elsewhere, complaints }) => {
  await site.login(page);
  const foreign = await context.newPage();
  await foreign.goto(`http://127.0.0.1:${elsewhere}/`);
  complaints.areDue(/Refused to (display|frame)|frame-ancestors|Framing .* violates/);

  await foreign.evaluate((src) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src }));
  }, site.address + '/');

  await expect.poll(() => foreign.frames()[1]?.url()).toMatch(/^chrome-error:/);
});

test('a request that does not say where it comes from changes nothing', async ({ page, site }) => {
  await site.loginWhenWell(page);

  for (const origin of [undefined, 'https://elsewhere.example', 'null']) {
    const headers = origin === undefined ? {} : { origin };
    for (const [path, body] of CHANGES) {
      const sent = { headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, data: body, maxRedirects: 0 };
      const answer = await page.request.post(site.address + path, sent);
      expect(answer.status(), `${path} from ${origin}`).toBe(403);
    }
  }

  await nothingWasAsked(page, site);
});

test('nothing is changed by following a link', async ({ page, site, complaints }) => {
  await site.loginWhenWell(page);
  complaints.areDue(/status of 40[45]/);

  for (const [path, body] of CHANGES) {
    const answer = await page.request.get(`${site.address}${path}?${body}`, { maxRedirects: 0 });
    expect([404, 405], `GET ${path}: ${answer.status()}`).toContain(answer.status());
  }

  await nothingWasAsked(page, site);
});

test('no script can read the session', async ({ page, context, site }) => {
  await site.loginWhenWell(page);

  const [cookie, ...others] = await context.cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).toBe('[{},{}]');
});

test('a stranger gets nothing but the login', async ({ page, site }) => {
  for (const path of ['/', '/incidents/1', '/no-such-page']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/login/);
  }
  for (const path of ['/api/v1/board', '/api/v1/feed', '/api/v1/incidents', '/api/v1/alerts', '/api/ui/board']) {
    const answer = await page.request.fetch(site.address + path, { method: path.startsWith('/api/ui') ? 'POST' : 'GET' });
    expect(answer.status(), path).toBe(401);
  }
});

test('a script or style that is not ours does not run', async ({ page, site, complaints }) => {
  const headers = (await page.goto('/login')).headers();
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-inline');
  expect(policy).not.toContain("'unsafe-eval'");
  expect(headers['x-content-type-options']).toBe('nosniff');

  await site.login(page);
  complaints.areDue(/Content Security Policy/);
  const blocked = await page.evaluate(async () => {
    const violations = [];
    const two = new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        violations.push(event.effectiveDirective);
        if (violations.length === 2) resolve();
      });
    });
    const injected = document.createElement('div');
    injected.innerHTML = '<img src="data:," onerror="window.foreignRan = true"><b style="color: red">injected</b>';
    document.body.append(injected);
    await two;
    return { violations: violations.sort(), ran: window.foreignRan === true };
  });
  expect(blocked).toEqual({ violations: ['script-src-attr', 'style-src-attr'], ran: false });
});
