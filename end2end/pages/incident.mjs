// The page at /incidents/{id}.

export class IncidentPage {
  constructor(page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1 });
    this.back = page.getByRole('link', { name: 'Overview' });
  }

  fact(word) {
    return this.page.locator(`xpath=//dt[normalize-space()="${word}"]/following-sibling::dd`);
  }

  /** A part of the page by its title. */
  part(title) {
    return this.page.locator('section').filter({ has: this.page.getByRole('heading', { level: 2, name: title }) });
  }

  /** The lines of the story, in order. */
  get story() {
    return this.part('The whole story').getByRole('listitem');
  }
}
