// Going about in the app: the pages come after the phone, from one address bar, while a call goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`pages in ${name}`, () => {
  let trubka;
  let browser;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    // Lost if anything below loads the page anew.
    await desk.page.evaluate(() => { window.sameDocument = true; });
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  const follow = (path) => desk.page.evaluate((path) => document.querySelector(`nav.rail a[href^="${path}"]`).click(), path);
  const title = (pattern) => until(`a page called ${pattern}`, () =>
    desk.page.$eval('main h1', (heading) => heading.innerText).then((text) => pattern.test(text)));

  test('every page opens by a click while a call goes on, and Back goes back', async () => {
    await desk.dial('602');
    await desk.card('talking');
    await follow('/calls');
    await title(/calls/i);
    await follow('/contacts');
    await title(/contacts/i);
    await follow('/settings');
    await title(/settings/i);
    await desk.page.goBack();
    await title(/contacts/i);
    await desk.page.goBack();
    await title(/calls/i);
    await desk.listen();
    await desk.hears(1000);
    await desk.tidy();
    assert.equal(await desk.page.evaluate(() => window.sameDocument), true);
  });

  test('the log follows calls as they come, and a number in it calls', async () => {
    await follow('/calls');
    await trubka.signInAs(browser);
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018' });
    await desk.card('ringing-in');
    await desk.click('reject');
    await until('the log has the call', () => desk.page.$$eval('[data-testid="call-row"]', (rows) => /Whitfield/.test(rows[0]?.innerText)));
    await desk.tidy();
    await desk.page.evaluate(() => document.querySelector('main a.tel').click());
    await desk.card(['calling', 'ringing-out', 'talking', 'ended']);
    await desk.tidy();
  });

  test('a deleted contact is brought back from another page', async () => {
    await follow('/contacts');
    const count = () => desk.page.$$eval('[data-testid="contact"]', (rows) => rows.length);
    await until('contacts are listed', count);
    const before = await count();
    await desk.click('delete-contact');
    await until('one is gone', async () => (await count()) === before - 1);
    await follow('/calls');
    await title(/calls/i);
    await desk.page.evaluate(() => [...document.querySelectorAll('.toast button')].find((button) => /undo/i.test(button.innerText)).click());
    await follow('/contacts');
    await until('it is back', async () => (await count()) === before);
  });

  test('a language chosen in the menu reaches the open page', async () => {
    await follow('/contacts');
    await title(/contacts/i);
    await desk.click('account');
    const press = (words) => desk.page.evaluate((words) =>
      [...document.querySelectorAll('.account button')].find((button) => button.innerText.includes(words)).click(), words);
    await press('Русский');
    await title(/контакты/i);
    await press('English');
    await title(/contacts/i);
    await desk.page.keyboard.press('Escape');
  });

  test('a page that is left lets its connections go', async () => {
    for (let load = 0; load < 9; load += 1) {
      await desk.page.goto(`${trubka.url}/${load % 2 ? 'calls' : ''}`, { timeout: 10_000 });
      await desk.ready();
    }
    await desk.page.goBack();
    await desk.ready();
  });

  test('a session that ended elsewhere ends on an open page', async () => {
    await follow('/contacts');
    await title(/contacts/i);
    await desk.page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
    await desk.page.type('[data-testid="contact-search"]', 'a');
    await desk.page.waitForSelector('input[type="password"]', { timeout: 10_000 });
  });
});
