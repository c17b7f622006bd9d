// The page at /login.

export class LoginPage {
  constructor(page) {
    this.page = page;
    this.name = page.getByLabel('Name');
    this.password = page.getByLabel('Password');
    this.button = page.getByRole('button', { name: 'Log in' });
    this.notice = page.getByRole('status');
  }

  async submit(password, name = 'admin') {
    await this.name.fill(name);
    await this.password.fill(password);
    await this.button.click();
  }
}
