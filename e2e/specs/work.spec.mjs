// Clients and work as people do it: from an unknown number to a client with a deal and a task, two at one
// contact, many at once and back, a deal over the board, files, and finding things again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

const id = (testid) => `[data-testid="${testid}"]`;

describe(`clients and work in ${name}`, () => {
  let trubka;
  let browser;
  let desk;
  let page;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    page = desk.page;
    await trubka.signInAs(browser);
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  const open = (path) => page.goto(`${trubka.url}${path}`);
  const words = (selector) => page.$eval(selector, (element) => element.innerText).catch(() => '');
  const says = (selector, pattern) => until(`${selector} says ${pattern}`, async () => pattern.test(await words(selector)))
    .catch(async (error) => { throw new Error(`${error.message}: ${await words(selector)}`); });
  const fill = async (selector, text) => {
    const field = await page.waitForSelector(selector, { visible: true });
    await field.click({ count: 3 });
    await field.type(text);
  };
  const toast = (pattern) => until(`a toast says ${pattern}`, () => page.$$eval('.toast', (all) => all.map((one) => one.innerText).join('\n')).then((text) => pattern.test(text)));
  const undo = () => page.evaluate(() => [...document.querySelectorAll('.toast button')].findLast((button) => /undo/i.test(button.innerText)).click());
  const rows = () => page.$$eval(id('contact'), (all) => all.map((row) => row.innerText));
  const contact = (draft) => trubka.api('POST', '/contacts', draft);

  test('an unknown number becomes a contact with a deal and a task, all on the client\'s page', async () => {
    await open('/contacts?new=%2B79035550199');
    await fill(id('contact-surname'), 'Ветрова');
    await fill(id('contact-first'), 'Ольга');
    await desk.click('save-contact');
    await says(id('client-name'), /Ветрова/);
    await desk.click('new-deal');
    await fill(id('item-title'), 'Two grinders');
    await fill(id('item-sum'), '120 000,50');
    await desk.click('save-item');
    await says('.c__r', /Two grinders[\s\S]*120\s000\.50\s₽/);
    await desk.click('compose-task');
    await fill(id('compose-text'), 'Call about delivery');
    await desk.click('compose-add');
    await says('.c__r', /Call about delivery/);
    await desk.click('compose-note');
    await fill(id('compose-text'), 'Wants them before December');
    await page.keyboard.press('Enter');
    await says('.tl', /Wants them before December/);
    await page.evaluate(() => document.querySelector('[data-testid="task"] input').click());
    await toast(/Call about delivery/);
    await says('.tl', /Task done/);
  });

  test('two change one contact: what both changed is shown, and nothing typed is lost', async () => {
    const made = await contact({ first_name: 'Pair', position: 'Buyer', phones: ['+79035550201'] });
    await open(`/contacts/${made.id}`);
    await desk.click('edit-fields');
    await fill(id('contact-position'), 'Head of purchasing');
    await trubka.api('PUT', `/contacts/${made.id}`, { first_name: 'Pair', position: 'Chief', phones: ['+79035550201'], tags: ['vip'], version: made.version });
    await desk.click('save-contact');
    await says(id('conflict'), /Position[\s\S]*Head of purchasing[\s\S]*Chief/);
    assert.equal(await page.$eval(id('contact-position'), (field) => field.value), 'Head of purchasing');
    await desk.click('save-contact');
    await until('mine is saved beside the other one\'s tag', async () => {
      const now = await trubka.api('GET', `/contacts/${made.id}`);
      return now.position === 'Head of purchasing' && now.tags.includes('vip');
    });
  });

  test('a field is changed where it stands', async () => {
    const made = await contact({ first_name: 'Place', phones: ['+79035550202'] });
    await open(`/contacts/${made.id}`);
    await desk.click('field-position');
    await page.keyboard.type('Barista');
    await page.keyboard.press('Enter');
    await until('it is saved', async () => (await trubka.api('GET', `/contacts/${made.id}`)).position === 'Barista');
  });

  test('many are changed at once and brought back, and a view is kept by name', async () => {
    for (const number of [0, 1, 2]) await contact({ surname: `Bulk${number}`, phones: [`+7903555030${number}`] });
    await open('/contacts');
    await fill(id('contact-search'), 'Bulk');
    await until('three are found', async () => (await rows()).length === 3)
      .catch(async (error) => { throw new Error(`${error.message}: ${await page.$eval(id('contact-search'), (field) => field.value)}, ${page.url()}, ${await rows()}, ${desk.problems}`); });
    await desk.click('tick-all');
    await says(id('bulk'), /3 selected/);
    await desk.click('bulk-delete');
    await until('they are gone', async () => (await rows()).length === 0);
    await undo();
    await until('they are back', async () => (await rows()).length === 3);
    await desk.click('save-view');
    await fill(id('view-name'), 'Bulk people');
    await desk.click('save-view-name');
    await open('/contacts');
    await until('everybody is listed', async () => (await rows()).length > 3);
    await until('the view is there', () => page.$$eval(id('view-tab'), (tabs) => tabs.some((tab) => tab.innerText === 'Bulk people')));
    await page.evaluate((selector) => [...document.querySelectorAll(selector)].find((tab) => tab.innerText === 'Bulk people').click(), id('view-tab'));
    await until('it shows the same three', async () => (await rows()).length === 3);
  });

  test('the list is walked by keys: arrows, Space ticks, Enter opens', async () => {
    await open('/contacts?q=Bulk');
    await until('three are found', async () => (await rows()).length === 3);
    await page.focus(`${id('contact')}[data-at="0"]`);
    const at = (row) => until(`row ${row} has the focus`, () => page.evaluate((row) => document.activeElement.dataset.at === row, row));
    await page.keyboard.press('ArrowDown');
    await at('1');
    await page.keyboard.press(' ');
    await says(id('bulk'), /1 selected/);
    await page.keyboard.press('ArrowDown');
    await at('2');
    await page.keyboard.press('Enter');
    await says(id('client-name'), /Bulk2/);
  });

  test('a deal goes over the board by keys, and back by Undo', async () => {
    const deal = await trubka.api('POST', '/items', { kind: 'deal', title: 'Board deal', amount: 100 });
    await open('/deals');
    const card = await page.waitForSelector(`${id('deal-card')}[data-id="${deal.id}"]`);
    await card.focus();
    await page.keyboard.down('Alt');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.up('Alt');
    await until('it is won', async () => (await trubka.api('GET', `/items/${deal.id}`)).state === 'won');
    await page.waitForSelector(`${id('stage')}[data-stage="won"] [data-id="${deal.id}"]`);
    await toast(/Board deal/);
    await undo();
    await until('it goes on', async () => (await trubka.api('GET', `/items/${deal.id}`)).state === 'in_progress');
  });

  test('a file is sent and looked at; a page among the files never runs', async () => {
    const made = await contact({ first_name: 'Files', phones: ['+79035550204'] });
    await open(`/contacts/${made.id}`);
    await page.waitForSelector(id('file-input'));
    const add = (file, type, text) => page.$eval(id('file-input'), (input, file, type, text) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], file, { type }));
      input.files = data.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, file, type, Buffer.from(text).toString('base64'));
    const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await add('plan.png', 'image/png', pixel);
    await says(id('files'), /plan\.png/);
    await desk.click('open-file');
    await until('the picture is shown', () => page.$eval(id('preview'), (image) => image.naturalWidth === 1));
    await page.keyboard.press('Escape');
    await add('evil.html', 'text/html', '<script>window.opener ? window.opener.ran = true : window.ran = true</script>');
    await says(id('files'), /evil\.html/);
    const [stored] = (await trubka.api('GET', `/files?contact=${made.id}`)).filter((file) => file.name === 'evil.html');
    const answer = await trubka.raw('GET', `/files/${stored.id}/content`);
    assert.match(answer.headers.get('content-disposition') ?? '', /^attachment/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(await page.evaluate(() => window.ran), undefined);
  });

  test('the search finds a client with a slip of the finger and by a part of a number', async () => {
    await contact({ surname: 'Whitfordson', first_name: 'Arthur', phones: ['+442079460777'] });
    const find = async (text, pattern) => {
      await page.keyboard.down('Control');
      await page.keyboard.press('KeyK');
      await page.keyboard.up('Control');
      await fill('#search-field', text);
      await says('#search-list', pattern);
    };
    await open('/contacts');
    await until('contacts are listed', async () => (await rows()).length > 0);
    await find('Whitfrodson', /Whitfordson/);
    await page.keyboard.press('Escape');
    await find('9460777', /Whitfordson/);
    await says('#search-list mark', /946 0777/);
    await page.keyboard.press('Enter');
    await says(id('client-name'), /Whitfordson/);
  });

  test('a missed call is told by the bell and taken from Unsorted in one step', async () => {
    await open('/unsorted');
    await desk.ready();
    await trubka.api('POST', '/test-network/calls', { caller: '+79035550777', ring_secs: 2 });
    await desk.card('ringing-in');
    await desk.noCard(30_000).catch(() => desk.tidy());
    await until('it is in Unsorted', async () => /555-07-77/.test(await words(id('unsorted'))), { timeout: 20_000 });
    await desk.click('bell');
    await says('.bell__pop', /Missed call/);
    await page.keyboard.press('Escape');
    await desk.click('accept');
    await fill(id('take-name'), 'Fresh Caller');
    await desk.click('take');
    await says(id('client-name'), /Fresh Caller/);
    await says('.c__r', /Open deals\s*1/);
    assert.equal((await trubka.api('GET', '/items?kind=unsorted&open=true')).items.length, 0);
  });

  test('a field and a stage of one\'s own are set up and used', async () => {
    await open('/settings/fields');
    await desk.click('add-field');
    await fill(id('field-label'), 'Tax number');
    await desk.click('save-work');
    await toast(/Saved/);
    const made = await contact({ first_name: 'Fields', phones: ['+79035550205'] });
    await open(`/contacts/${made.id}`);
    await says('.c__l', /Tax number/);
    await open('/settings/deals');
    await desk.click('add-stage');
    await desk.click('save-work');
    await toast(/Saved/);
    await open('/deals');
    await until('the board has the stage', () => page.$$eval(id('stage'), (all) => all.length === 4));
  });
});
