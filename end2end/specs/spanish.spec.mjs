// Somebody who reads Spanish: every page speaks it, before it is alive, while news comes, and without scripts.

import { RECONNECT } from '../plan.mjs';
import { expect, test } from '../site.mjs';

/** Words that hold an English sentence together, and mean nothing in Spanish. Not those in ids such as `terminal.is_there`. */
const ENGLISH =
  /(?<![\p{L}\w.-])(the|is|are|was|were|of|and|not|with|have|ago|what|when|this|from|all|never|nothing|last|since|until|does|you|that|which|by|been|for|it)(?![\p{L}\w.-])/u;
const PAGES = [
  '/',
  '/targets/mt5',
  '/incidents',
  '/alerts',
  '/readiness',
  '/reports',
  '/settings',
  '/settings?of=mt5',
  '/settings/people',
  '/me',
  '/go?q=',
];

/** Everything on the page that is read or heard, but names, codes and what is typed. */
async function words(page) {
  return page.evaluate(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      // August is "ago" in short.
      if (!parentElement.closest('script, style, code, kbd, textarea, time')) found.push(data.trim());
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      if (element.closest('textarea, code')) continue;
      for (const name of ['aria-label', 'title', 'placeholder']) found.push(element.getAttribute(name) ?? '');
    }
    return found.filter(Boolean);
  });
}

async function isSpanish(page) {
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  const english = (await words(page)).filter((text) => ENGLISH.test(text.replace(/"[^"]*"/g, '')));
  expect.soft(english, page.url()).toEqual([]);
}

async function readsSpanish(page) {
  await page.context().addCookies([{ name: 'rebound_language', value: 'es', url: page.url() }]);
}

test('every page speaks the language that was chosen', async ({ page, site }) => {
  test.slow();
  await site.loginWhenWell(page);
  await page.getByTitle('Look', { exact: true }).click();

  await page.getByRole('button', { name: 'Español' }).click();

  await expect(page.getByRole('heading', { name: 'Se sincronizan las 7 cuentas.' })).toBeVisible();
  await expect(page).toHaveTitle('✓ Todo bien · Rebound');
  for (const way of PAGES) {
    await test.step(way, async () => {
      await page.goto(site.address + way);
      await isSpanish(page);
    });
  }

  await page.goto(site.address + '/');
  await page.getByTitle('Apariencia', { exact: true }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: 'All 7 accounts are syncing.' })).toBeVisible();
});

test.describe('in trouble', () => {
  test.use({ plan: { remedies: [{ ...RECONNECT, timeout: '10m', verifyWithin: '5s' }] } });

  test('what happens is told in Spanish as it happens', async ({ page, site }) => {
    await site.host.restartTakes(600_000);
    await site.loginWhenWell(page);
    await readsSpanish(page);
    await page.reload();
    await expect(page.locator('.feed')).toContainText('En vivo');

    await site.host.breakLink();

    await expect(page.locator('.phase')).toContainText('Reparación');
    await expect(page).toHaveTitle('↻ 1 en reparación · Rebound');
    await isSpanish(page);
    for (const way of ['/', '/incidents/1', '/incidents', '/alerts', '/targets/mt5']) {
      await page.goto(site.address + way);
      await isSpanish(page);
    }
  });

  test('what needs a person is told in Spanish', async ({ page, site }) => {
    await site.host.restartLies();
    await site.loginWhenWell(page);
    await readsSpanish(page);
    await page.reload();

    await site.host.breakLink();

    await expect(page.locator('.phase')).toContainText('Necesita a una persona');
    for (const way of ['/', '/incidents/1', '/alerts', '/reports']) {
      await page.goto(site.address + way);
      await isSpanish(page);
    }
  });
});

test.describe('a browser that asks for Spanish', () => {
  test.use({ locale: 'es-MX', javaScriptEnabled: false });

  test('is answered in it, without scripts', async ({ page, site }) => {
    await page.goto(site.address + '/login');
    await expect(page.locator('html')).toHaveAttribute('lang', 'es');
    await isSpanish(page);
    await page.getByLabel('Nombre').fill('admin');
    await page.getByLabel('Contraseña').fill('wrong');
    await page.getByRole('button', { name: 'Iniciar sesión' }).click();
    await expect(page.getByRole('status')).toContainText('El nombre o la contraseña no son correctos.');
    await isSpanish(page);
  });
});
