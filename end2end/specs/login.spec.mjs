// A person logs in and out.

import { LoginPage } from '../pages/login.mjs';
import { Overview } from '../pages/overview.mjs';
import { PASSWORD, expect, test } from '../site.mjs';

test('a wrong password is told, the right one leads in', async ({ page }) => {
  const login = new LoginPage(page);
  await page.goto('/');
  await expect(page).toHaveURL(/\/login/);
  await expect(page).toHaveTitle('Log in · Rebound');
  await expect(login.notice).toHaveCount(0);

  await login.submit('not-the-password');

  await expect(login.notice).toContainText('Name or password is wrong.');
  await expect(login.password).toHaveValue('');
  await login.submit(PASSWORD);
  await expect(page).toHaveURL('/');
  await expect(new Overview(page).target).toBeVisible();
});

test('a wrong name is told like a wrong password', async ({ page }) => {
  const login = new LoginPage(page);
  await page.goto('/login');

  await login.submit(PASSWORD, 'somebody');

  await expect(login.notice).toContainText('Name or password is wrong.');
});

test('after the login the page is shown that was wanted', async ({ page }) => {
  const login = new LoginPage(page);
  await page.goto('/?from=mail');
  await login.submit('not-the-password');
  await expect(login.notice).toBeVisible();

  await login.submit(PASSWORD);

  await expect(page).toHaveURL('/?from=mail');
  await expect(new Overview(page).target).toBeVisible();
});

test('the login never leads to another site', async ({ page, site }) => {
  for (const away of ['//elsewhere.example/', 'https://elsewhere.example/', '/\\elsewhere.example']) {
    await page.goto(`/login?next=${encodeURIComponent(away)}`);
    await new LoginPage(page).submit(PASSWORD);
    await expect(page).toHaveURL(site.address + '/');
  }
});

test('a logout is not told as a failure', async ({ page, site }) => {
  const overview = await site.login(page);
  await expect(overview.feed).toHaveAttribute('data-state', 'live');

  await overview.logout.click();

  await expect(page).toHaveURL(/\/login/);
  await expect(new LoginPage(page).button).toBeVisible();
  await expect(page.getByText('That did not work.')).toHaveCount(0, { timeout: 2_000 });
});

test('a session ends with the logout', async ({ page, context, site }) => {
  const overview = await site.login(page);
  await expect(overview.feed).toHaveAttribute('data-state', 'live');
  const kept = await context.cookies();

  await overview.logout.click();

  await expect(page).toHaveURL(/\/login/);
  await expect(new LoginPage(page).button).toBeVisible();
  await page.goto('/');
  await expect(page).toHaveURL(/\/login/);
  const cookie = kept.map(({ name, value }) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${site.address}/api/v1/board`, { headers: { cookie } });
  expect(answer.status, 'an ended session opens nothing').toBe(401);
});

test('too many wrong passwords are slowed down, and told so', async ({ page }) => {
  const login = new LoginPage(page);
  await page.goto('/login');
  for (let time = 0; time < 5; time += 1) {
    await login.submit('not-the-password');
    await expect(login.notice).toBeVisible();
    await expect(login.password).toHaveValue('');
  }

  await login.submit('not-the-password');

  await expect(login.notice).toContainText('There were too many tries.');
});
