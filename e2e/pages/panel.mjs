// The settings panel as a person sees it.
import { until } from '../fixtures/process.mjs';

const id = (testid) => `[data-testid="${testid}"]`;

export class Panel {
  constructor(page, url) {
    this.page = page;
    this.url = url;
  }

  /** Opens a section and waits for its heading. */
  async open(section) {
    await this.page.goto(`${this.url}/settings/${section}`);
    await this.page.waitForSelector('.set__head', { timeout: 20_000 });
  }

  /** Sets the language for the pages opened after this. */
  async speak(language) {
    await this.page.evaluate((language) => localStorage.setItem('trubka.language', JSON.stringify(language)), language);
  }

  async click(testid) {
    const element = await this.page.waitForSelector(id(testid), { visible: true });
    await element.evaluate((found) => found.scrollIntoView({ block: 'center' }));
    await element.click();
  }

  /** Replaces what stands in a field. */
  async type(testid, text) {
    const field = await this.page.waitForSelector(id(testid), { visible: true });
    await field.evaluate((found) => {
      found.scrollIntoView({ block: 'center' });
      found.focus();
      found.select();
    });
    await this.page.keyboard.press('Backspace');
    await field.type(text);
  }

  /** Puts a long text into a field at once. */
  async paste(testid, text) {
    await this.page.waitForSelector(id(testid), { visible: true });
    await this.page.$eval(id(testid), (field, text) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }, text);
  }

  async value(testid) {
    return this.page.$eval(id(testid), (field) => field.value);
  }

  async text(testid, around) {
    return this.page.$eval(id(testid), (found, around) => (around ? found.closest(around) : found).innerText, around);
  }

  /** Waits until a part, or what stands around it, says something. */
  async says(testid, pattern, timeout = 15_000, around = undefined) {
    let last = '';
    await until(`${testid} says ${pattern}`, async () => {
      last = await this.text(testid, around).catch(() => '');
      return pattern.test(last);
    }, { timeout }).catch((error) => {
      throw new Error(`${error.message}; it says: ${last}`);
    });
  }

  /** Whether a row says something. */
  async row(testid, pattern) {
    const rows = await this.page.$$eval(id(testid), (all) => all.map((row) => row.innerText));
    return rows.some((row) => pattern.test(row));
  }

  /** Presses a button in the row that says something. */
  async edit(testid, pattern, button) {
    await until(`there is a row ${pattern}`, () => this.row(testid, pattern));
    await this.page.evaluate((rows, source, button) => {
      const row = [...document.querySelectorAll(rows)].find((one) => new RegExp(source).test(one.innerText));
      row.querySelector(button).click();
    }, id(testid), pattern.source, id(button));
  }

  /** Chooses from a list by its words. */
  async pick(testid, pattern, select = 'select') {
    await until(`${testid} offers ${pattern}`, () => this.page.evaluate((selector, source) => {
      const list = document.querySelector(selector);
      const option = [...(list?.options ?? [])].find((one) => new RegExp(source).test(one.text));
      if (!option) return false;
      list.value = option.value;
      list.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
    }, `${id(testid)} ${select}`, pattern.source));
  }

  /** What is shown once. */
  async secrets() {
    await this.page.waitForSelector(id('secret'));
    return this.page.$$eval(id('secret'), (all) => all.map((one) => one.innerText.trim()));
  }

  /** Presses Undo in the newest toast. */
  async undo() {
    const button = await this.page.waitForSelector('.toast .btn--acc', { visible: true });
    await button.click();
  }

  /** Reads the API as the person who is signed in on the page. */
  async get(route) {
    return this.page.evaluate(async (route) => (await fetch(`/api/v1${route}`)).json(), route);
  }
}
