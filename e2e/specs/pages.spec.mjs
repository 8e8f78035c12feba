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

  test('the log tells whom a call rang, by which rule and what came of it', async () => {
    const call = (await trubka.api('GET', '/calls?direction=incoming&limit=1')).items[0];
    await desk.page.goto(`${trubka.url}/calls?call=${call.id}`);
    const path = () => desk.page.$eval('[data-testid="call-path"]', (list) => list.innerText).catch(() => '');
    await until('the path is told', async () => /Path of the call[\s\S]*Rang [\s\S]*everybody who takes calls[\s\S]*busy, 0:\d\d[\s\S]*End of the call/.test(await path()));
    await desk.page.evaluate(() => localStorage.setItem('trubka.language', '"ru"'));
    await desk.page.reload();
    await until('the path is told in Russian', async () => /Путь звонка[\s\S]*Звонили: [\s\S]*все, кто принимает звонки[\s\S]*Конец звонка/.test(await path()));
    await desk.page.evaluate(() => localStorage.setItem('trubka.language', '"en"'));
    await desk.page.reload();
    await desk.ready();
  });

  test('the dial pad offers lines and numbers, and the call goes out by the one chosen', async () => {
    const [first] = await trubka.api('GET', '/phone/lines');
    await trubka.api('POST', '/lines', { label: 'Second', user: 'alice', password: 'secret', domain: '127.0.0.1:9', number: '+74951234567' });
    await desk.click('dial-toggle');
    const choose = (label) => until(`${label} is offered`, () => desk.page.evaluate((label) => {
      const list = document.querySelector('[data-testid="call-from"]');
      const option = [...(list?.options ?? [])].find((one) => one.text.startsWith(label));
      if (!option) return false;
      list.value = option.value;
      list.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
    }, label));
    await choose('Second');
    await desk.click('dial-toggle');
    await desk.page.reload();
    await desk.ready();
    await desk.click('dial-toggle');
    await until('the choice is remembered', () => desk.page.$eval('[data-testid="call-from"]', (list) => list.selectedOptions[0].text.startsWith('Second')));
    await choose('Automatic');
    await choose(first.label);
    await desk.click('dial-toggle');
    await desk.dial('602');
    await desk.card('talking');
    assert.equal((await trubka.newestCall()).line.label, first.label);
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
