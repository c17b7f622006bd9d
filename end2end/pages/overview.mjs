// The page at /, with one target.

export class Overview {
  constructor(page) {
    this.page = page;
    this.sentence = page.getByRole('heading', { level: 1 });
    /** How new the page is; `data-state` is its stable name. */
    this.feed = page.locator('[data-state]');
    this.serverTime = page.getByText('Server time').locator('xpath=..').getByRole('time');
    this.old = page.getByRole('alert').filter({ hasText: 'What you see is old.' });
    this.notice = page.getByRole('status').filter({ has: page.locator('strong') });
    this.banners = page.getByRole('region', { name: 'Needs attention' });
    this.target = page.getByRole('heading', { level: 2, name: 'MT5 bridge', exact: true });
    this.phase = this.target.locator('xpath=following-sibling::p[1]');
    this.phaseDetail = this.target.locator('xpath=following-sibling::p[2]');
    this.heartbeat = this.fact('Heartbeat').getByRole('time');
    this.uptime = page.getByRole('img', { name: 'Last 24 hours' });
    this.accounts = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'Balance' }) });
    this.checks = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'Verdict' }) });
    this.recent = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'How it ended' }) });
    this.steps = page.getByRole('listitem').filter({ hasText: /^(Attempt \d+|Not started): / });
    this.requests = page.getByRole('list', { name: 'Asked lately' });
    this.alerts = page.getByRole('region', { name: 'Last alerts' });
    this.forceSync = page.getByRole('button', { name: 'Force sync' });
    this.testAlert = page.getByRole('button', { name: 'Test alert' });
    this.forceHeal = page.getByText('Force heal…');
    this.confirmation = page.getByLabel(/to confirm:$/);
    this.liftCooldown = page.getByLabel(/^The cooldown holds/);
    this.startHeal = page.getByRole('button', { name: 'Start the heal now' });
    this.stopHeal = page.getByRole('button', { name: 'Stop the heal' });
    this.more = page.getByText('More…', { exact: true });
    this.why = page.getByText('Why is it like this?');
    this.holds = page.getByRole('list', { name: 'On hold' });
    this.resume = page.getByRole('button', { name: 'Resume healing' });
    this.endWork = page.getByRole('button', { name: 'End planned work' });
    this.workName = page.getByLabel('What is done');
    this.ledger = page.getByRole('table').filter({ has: page.getByRole('columnheader', { name: 'Came back' }) });
    this.logout = page.getByRole('button', { name: 'Log out' });
  }

  /** What stands beside this word. */
  fact(word) {
    return this.page.locator(`xpath=//dt[normalize-space()="${word}"]/following-sibling::dd`);
  }

  /** The part of the operator's forms with this title. */
  form(title) {
    return this.page.getByRole('heading', { level: 3, name: title, exact: true }).locator('xpath=..');
  }

  /** The answer to this question about the target. */
  answer(question) {
    return this.fact(question);
  }

  /** The choice of this remedy in the form that forces a heal. */
  remedy(name) {
    return this.page.getByRole('group', { name: 'Which remedy' }).getByRole('radio', { name });
  }

  account(id) {
    return this.accounts.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: String(id) }) });
  }

  check(name) {
    return this.checks.getByRole('row').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** The lines of the account table, without its head. */
  get accountRows() {
    return this.accounts.getByRole('row').filter({ has: this.page.getByRole('rowheader') });
  }

  /** The banner about the target's trouble. */
  get trouble() {
    return this.banners.getByRole('heading', { level: 2, name: /^Critical MT5 bridge: / });
  }

  get acknowledge() {
    return this.banners.getByRole('button', { name: 'Acknowledge' });
  }

  /** Opens everything that is folded. */
  async unfold() {
    const folded = this.page.locator('details:not([open], [hidden]) > summary');
    while ((await folded.count()) > 0) await folded.first().click();
  }
}
