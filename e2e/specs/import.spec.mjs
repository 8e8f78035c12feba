// Clients out of files: a table with mistakes, cards, duplicates made one and two again.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

/** Cyrillic letters as windows-1251 has them. */
const in1251 = (text) => Buffer.from([...text].map((c) => {
  const code = c.codePointAt(0);
  if (c === 'ё') return 0xb8;
  return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code;
}));

describe(`import in ${name}`, () => {
  let trubka;
  let browser;
  let desk;
  let folder;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'trubka-import-'));
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  const text = (testid) => desk.page.$eval(`[data-testid="${testid}"]`, (element) => element.innerText).catch(() => '');
  const choose = async (file, octets) => {
    await desk.page.goto(`${trubka.url}/contacts/import`);
    const where = path.join(folder, file);
    await fs.writeFile(where, octets);
    const input = await desk.page.waitForSelector('[data-testid="import-file"]');
    await input.uploadFile(where);
  };
  const found = async (q) => (await (await trubka.raw('GET', `/contacts?q=${encodeURIComponent(q)}`)).json()).items;

  test('a table in windows-1251 is seen, imported, its errors offered, and undone', async () => {
    await choose('clients.csv', in1251('ФИО;Телефон;Компания\r\nПодколзина Марина;8 (495) 111-22-33;Ромашка\r\nСёмин Пётр;не знаю;\r\n'));
    await until('the encoding is found', async () => /windows-1251/.test(await text('import-found')));
    assert.match(await text('import-problems'), /не знаю/);
    assert.match(await text('import-table'), /Подколзина Марина/);
    await desk.click('import-start');
    await until('one is made', async () => (await text('import-created')).trim() === '1');
    assert.equal((await text('import-failed')).trim(), '1');
    assert.equal((await found('Подколзина')).length, 1);
    const href = await desk.page.$eval('[data-testid="import-errors"]', (link) => link.getAttribute('href'));
    assert.match(await (await trubka.raw('GET', href.replace('/api/v1', ''))).text(), /Сёмин Пётр/);
    await desk.click('import-undo');
    await until('it is undone', async () => (await found('Подколзина')).length === 0);
  });

  test('cards are imported', async () => {
    await choose('cards.vcf', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Marlow\r\nTEL;TYPE=CELL:+1 202 555 0123\r\nEND:VCARD\r\n');
    await until('it is a vCard', async () => /vCard/.test(await text('import-found')));
    await desk.click('import-start');
    await until('one is made', async () => (await text('import-created')).trim() === '1');
    assert.equal((await found('Ann Marlow'))[0].phones[0].label, 'mobile');
  });

  test('what is no table is refused with a sentence', async () => {
    await choose('photo.csv', Buffer.from([0x89, 0x50, 0, 0, 1, 2, 3]));
    await until('it says so', async () => /not text/i.test(await text('import-fault')));
  });

  test('duplicates become one, and two again', async () => {
    await trubka.api('POST', '/contacts', { name: 'Ann M.', phones: ['+1 202 555 0123'], tags: ['vip'] });
    await desk.page.goto(`${trubka.url}/contacts/duplicates`);
    await until('both stand side by side', async () => /Ann M\./.test(await text('duplicate')));
    await desk.click('merge');
    await until('one is left', async () => (await found('2025550123')).length === 1);
    const [one] = await found('2025550123');
    assert.deepEqual(one.tags, ['vip']);
    await (await desk.page.waitForSelector('.toast button:not([aria-label])', { visible: true })).click();
    await until('two again', async () => (await found('2025550123')).length === 2);
  });

  test('all clients of an employee go to another with what is open, and back', async () => {
    const user = (login, name, extension) => trubka.api('POST', '/users', { login, name, role: 'agent', extension, password: 'correct horse battery' }).then((made) => made.user);
    const [leaves, stays] = [await user('lena', 'Lena Karlsen', '206'), await user('max', 'Max Herder', '207')];
    const theirs = [];
    for (const surname of ['Bratt', 'Dahl']) theirs.push(await trubka.api('POST', '/contacts', { surname, responsible: leaves.id }));
    const deal = await trubka.api('POST', '/items', { kind: 'deal', title: 'Two mills', contact: theirs[0].id, owner: leaves.id });
    await trubka.api('PUT', `/users/${leaves.id}`, { ...leaves, active: false });
    await desk.page.goto(`${trubka.url}/contacts`);
    await desk.click('contacts-more');
    await desk.click('hand-over-all');
    await until('who left is offered', () => desk.page.$$eval('#hand-over-from option', (all) => all.some((one) => /Lena Karlsen \(left\)/.test(one.innerText))));
    await desk.page.select('#hand-over-from', leaves.id);
    await until('it says how many', async () => (await text('hand-over-count')) === 'Clients: 2');
    await desk.page.select('#hand-over-to', stays.id);
    await desk.click('hand-over-now');
    const whose = async () => [...await Promise.all(theirs.map(async (one) => (await trubka.api('GET', `/contacts/${one.id}`)).responsible)), (await trubka.api('GET', `/items/${deal.id}`)).owner];
    const are = (what, wanted) => until(what, async () => (await whose()).every((one) => JSON.stringify(one).includes(wanted.name) || one === wanted.id))
      .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await whose())}`); });
    await are('they are his', stays);
    await (await desk.page.waitForSelector('.toast button:not([aria-label])', { visible: true })).click();
    await are('they are hers again', leaves);
  });

  test('a person is erased for good only after the name was typed', async () => {
    const person = await trubka.api('POST', '/contacts', { surname: 'Forgettable', first_name: 'Rune', phones: ['+4722555012'] });
    await desk.page.goto(`${trubka.url}/contacts/${person.id}`);
    await desk.click('client-more');
    await desk.click('erase-client');
    const field = await desk.page.waitForSelector('[data-testid="erase-name"]', { visible: true });
    const locked = () => desk.page.$eval('[data-testid="erase-now"]', (button) => button.disabled);
    assert.ok(await locked());
    await field.type('Rune');
    assert.ok(await locked(), 'half a name');
    const whole = (await trubka.api('GET', `/contacts/${person.id}`)).name;
    await field.click({ count: 3 });
    await field.type(whole);
    await until('it can be pressed', async () => !(await locked()));
    await desk.click('erase-now');
    await until('the list is shown', async () => new URL(desk.page.url()).pathname === '/contacts');
    assert.equal((await trubka.raw('GET', `/contacts/${person.id}`)).status, 404);
    assert.deepEqual(await found('Forgettable'), []);
    assert.deepEqual(await found('4722555012'), []);
  });
});
