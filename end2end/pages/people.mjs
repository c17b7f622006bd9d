// The page at /settings/people.

export class PeoplePage {
  constructor(page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1, name: 'People and keys' });
    this.notice = page.getByRole('status');
    this.secret = page.locator('.secret-text');
    this.name = page.getByLabel('Name', { exact: true });
    this.role = page.getByLabel('Role', { exact: true });
    this.add = page.getByRole('button', { name: 'Add', exact: true });
    this.keyName = page.getByLabel('Name of the program');
    this.makeKey = page.getByRole('button', { name: 'Make the key' });
    this.changes = page.getByRole('heading', { name: 'What was changed' }).locator('xpath=..').getByRole('listitem');
  }

  person(name) {
    return this.page.locator(`#person-${name}`);
  }

  key(name) {
    return this.page.getByRole('listitem').filter({ hasText: name }).filter({ hasText: 'rbk_' }).filter({ hasText: 'Made by' });
  }

  /** Adds somebody, and returns the password that is shown this once. */
  async adds(name, role) {
    await this.name.fill(name);
    await this.role.selectOption(role);
    await this.add.click();
    return this.secret.innerText();
  }

  /** Opens what can be changed about somebody and presses a button there. */
  async changesPerson(name, button) {
    await this.person(name).getByText(`Change ${name}…`).click();
    await this.person(name).getByRole('button', { name: button }).click();
  }
}
