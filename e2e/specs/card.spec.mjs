// The call card tells who calls before anybody answers, and what is left to do after it takes two keys.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

const PASSWORD = 'correct horse battery';
const KNOWN = { surname: 'Громов', first_name: 'Игорь', phones: ['8 812 555-01-42'], tags: ['VIP'], status: 'key_account', emails: [{ value: 'gromov@ligovsky.example' }] };
const KNOWN_NUMBER = '+78125550142';
const id = (testid) => `[data-testid="${testid}"]`;

describe(`the call card in ${name}`, () => {
  let trubka;
  let browsers;
  let mine;
  let annas;
  let client;

  before(async () => {
    trubka = await Trubka.start();
    browsers = [await launch(), await launch()];
    mine = await Desk.open(browsers[0], await trubka.link());
    await mine.ready();
    await trubka.signInAs(browsers[0]);
    await trubka.api('POST', '/users', { login: 'anna', name: 'Anna Orlova', role: 'agent', extension: '205', password: PASSWORD });
    annas = await Desk.open(browsers[1], `${trubka.url}/sign-in`);
    await (await annas.page.waitForSelector('input[autocomplete="username"]', { visible: true })).type('anna');
    await (await annas.page.waitForSelector('input[type="password"]', { visible: true })).type(PASSWORD);
    await annas.page.keyboard.press('Enter');
    await annas.ready();
    client = await trubka.api('POST', '/contacts', KNOWN);
    const about = { contact: client.id };
    await trubka.api('POST', '/items', { kind: 'deal', title: 'Coffee points on 4 floors', amount: 231000000, ...about });
    await trubka.api('POST', '/items', { kind: 'task', title: 'Send the contract', due_at: Date.now() + 3_600_000, ...about });
    await trubka.api('POST', '/items', { kind: 'request', title: 'Grinder, floor 2', ...about });
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((one) => one.close()));
    await trubka?.stop();
    await silence();
  });

  afterEach(() => Promise.all([mine.tidy(), annas.tidy()]));

  const rings = (caller, ring_secs = 60) => trubka.api('POST', '/test-network/calls', { caller, tone_hz: 850, talk_secs: 120, ring_secs });

  const answered = async (desk) => {
    await desk.click('answer');
    await desk.card('talking');
    return (await trubka.newestCall()).id;
  };

  const call = (wanted, what, is) => until(what, async () => {
    const now = await trubka.api('GET', `/calls/${wanted}`);
    return is(now) && now;
  }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await trubka.api('GET', `/calls/${wanted}`))}`); });

  const items = (query) => trubka.api('GET', `/items?${query}`).then((page) => page.items);

  test('a known client with an open deal rings: the card says it all with the ring, without a question to the server', async () => {
    await mine.page.waitForNetworkIdle({ idleTime: 300, timeout: 15_000 }).catch(() => {});
    const asked = [];
    const listen = (request) => { if (/\/api\/v1\/(contacts|items|calls)(\?|\/[^/]*\/timeline)|\/contacts\//.test(request.url())) asked.push(request.url()); };
    mine.page.on('request', listen);
    await rings(KNOWN_NUMBER);
    await mine.card('ringing-in');
    const text = await mine.cardSays(/Coffee points/).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await mine.cards())}; ${mine.problems.join('; ')}`); });
    mine.page.off('request', listen);
    for (const part of [/Громов/, /VIP/, /Key account/, /gromov@ligovsky\.example/, /2[\s,.]?310[\s,.]?000/, /Send the contract/, /Grinder, floor 2/]) assert.match(text, part);
    assert.deepEqual(asked, []);
    await mine.click('answer');
    await mine.card('talking');
    await mine.click('card-tab-history');
    await mine.page.waitForSelector(id('card-history'));
    await mine.cardSays(/Coffee points on 4 floors/);
    await mine.click('card-tab-client');
    await mine.cardSays(/Send the contract/);
    await mine.click('card-fold');
    await mine.page.waitForSelector(id('card-unfold'));
    await mine.click('card-unfold');
    await mine.page.waitForSelector(id('card-tab-client'));
  });

  test('what is said at the stage of the deal is set up in the settings and stands on the card', async () => {
    const page = mine.page;
    await page.goto(`${trubka.url}/settings/deals`);
    const summary = await page.waitForSelector('.wk__script summary', { visible: true });
    await summary.click();
    const field = await page.waitForSelector(id('stage-script'), { visible: true });
    await field.type('Ask how many floors there are.');
    await mine.click('save-work');
    const script = () => trubka.api('GET', '/work').then((work) => work.pipelines[0].stages[0].script);
    await until('it is saved', async () => (await script()) === 'Ask how many floors there are.');
    await page.goto(trubka.url);
    await mine.ready();
    await rings(KNOWN_NUMBER);
    await answered(mine);
    await mine.click('card-tab-script');
    await until('the card says it', () => page.$eval(id('card-script'), (part) => /Coffee points on 4 floors[\s\S]*Ask how many floors there are\./.test(part.innerText)).catch(() => false));
    await mine.click('card-tab-client');
    await mine.click('hang-up');
  });

  test('two agents, one client: the second sees who talks with him', async () => {
    await rings(KNOWN_NUMBER);
    await mine.card('ringing-in');
    await answered(mine);
    await annas.tidy();
    await rings(KNOWN_NUMBER);
    await annas.card('ringing-in');
    await until('Anna sees who talks with him', () => annas.page.$eval(id('card-talking'), (part) => /You/.test(part.innerText)).catch(() => false))
      .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await annas.cards())}`); });
  });

  test('an unknown caller becomes a contact with a deal and a task in a few clicks', async () => {
    await rings('+442079460990');
    await mine.card('ringing-in');
    const field = await mine.page.waitForSelector(id('new-contact-name'), { visible: true });
    await field.click({ count: 3 });
    await field.type('Oliver Finch');
    await mine.click('new-contact');
    await mine.cardSays(/Oliver Finch/);
    const of = await answered(mine);
    const note = await mine.page.waitForSelector(id('card-note'), { visible: true });
    await note.type('wants two machines');
    await mine.click('card-task-new');
    await (await mine.page.waitForSelector(id('make-title'), { visible: true })).type('Send the offer');
    await mine.click('card-make-do');
    const [task] = await until('the task is made', async () => { const found = (await items(`kind=task&call=${of}`)); return found.length && found; });
    assert.equal(task.title, 'Send the offer');
    assert.equal(task.contact.name, 'Oliver Finch');
    assert.equal(await mine.page.$eval(id('card-note'), (area) => area.value), 'wants two machines', 'what was typed elsewhere stays');
    await mine.click('hang-up');
    await mine.card('ended');
    const deal = await until('the rule made a deal', async () => (await items(`kind=deal&contact=${task.contact.id}`))[0]);
    assert.equal(deal.call, of);
  });

  test('the number of an unknown caller is attached to a contact there is', async () => {
    await rings('+442079460991');
    await mine.card('ringing-in');
    await mine.click('attach');
    await (await mine.page.waitForSelector(id('attach-find'), { visible: true })).type('Громов');
    await mine.click('attach-to');
    await mine.cardSays(/Громов/);
    const now = await trubka.api('GET', `/contacts/${client.id}`);
    assert.ok(now.phones.some((phone) => phone.e164 === '+442079460991'));
  });

  test('after the call two keys are enough: its result and the end of it', async () => {
    await rings(KNOWN_NUMBER);
    await mine.card('ringing-in');
    const of = await answered(mine);
    await mine.click('hang-up');
    await mine.page.waitForSelector(id('wrap-save'), { visible: true });
    await mine.page.evaluate(() => document.activeElement?.blur());
    await mine.page.keyboard.press('2');
    await call(of, 'the result is kept', (now) => now.result === 'appointment');
    await mine.page.keyboard.down('Alt');
    await mine.page.keyboard.press('KeyS');
    await mine.page.keyboard.up('Alt');
    await mine.noCard();
  });

  test('a result that is required is asked for in a sentence; the next call becomes a task', async () => {
    const work = await trubka.api('GET', '/work');
    await trubka.api('PUT', '/settings/work', { ...work, result_required: true });
    await rings(KNOWN_NUMBER);
    await mine.card('ringing-in');
    const of = await answered(mine);
    await mine.click('hang-up');
    await mine.page.waitForSelector(id('wrap-save'), { visible: true });
    await mine.click('wrap-save');
    await until('it says what is missing', () => mine.page.$eval(id('wrap-fault'), (part) => /result/.test(part.innerText)).catch(() => false));
    await mine.page.click(`${id('wrap-result')}[data-key="thinking"]`);
    await mine.click('next-tomorrow');
    await mine.click('wrap-save');
    await mine.noCard();
    await call(of, 'the result is kept', (now) => now.result === 'thinking');
    const [task] = await until('the next call is a task', async () => { const found = await items(`kind=task&call=${of}`); return found.length && found; });
    assert.equal(new Date(task.due_at).getHours(), 10);
    await trubka.api('PUT', '/settings/work', { ...(await trubka.api('GET', '/work')), result_required: false });
  });

  test('notes typed while the network is cut and the page is loaded again are there', async () => {
    await rings(KNOWN_NUMBER);
    await mine.card('ringing-in');
    const of = await answered(mine);
    const note = await mine.page.waitForSelector(id('card-note'), { visible: true });
    await mine.page.setRequestInterception(true);
    const cut = (request) => (request.method() === 'PATCH' ? request.abort() : request.continue());
    mine.page.on('request', cut);
    await note.type('wants delivery before 1 Dec');
    await until('it says that it is kept here', () => mine.page.$eval(id('call-card'), (card) => /server answers|Kept/i.test(card.innerText)));
    assert.equal((await trubka.api('GET', `/calls/${of}`)).note, '');
    mine.page.off('request', cut);
    await mine.page.setRequestInterception(false);
    await mine.page.reload();
    await mine.card('talking');
    await until('the note is in its field', () => mine.page.$eval(id('card-note'), (area) => area.value === 'wants delivery before 1 Dec').catch(() => false));
    await call(of, 'the server has it', (now) => now.note === 'wants delivery before 1 Dec');
  });

  test('a missed call stands on the home page with a notice and in Unsorted', async () => {
    await rings('+442079460992', 2);
    await mine.card('ringing-in');
    await until('the robot gives up', async () => (await trubka.newestCall()).ended_at);
    const missed = await trubka.newestCall();
    await mine.page.waitForSelector(id('missed-row'), { visible: true });
    await until('it is in Unsorted', async () => (await items('kind=unsorted&open=true')).some((one) => one.call === missed.id));
    await until('there is a notice', async () => (await trubka.api('GET', '/notices')).items.some((one) => one.call === missed.id));
  });

  test('a missed call is called back from the home page: it is closed with who and when, and nobody is asked to return it', async () => {
    const missing = () => trubka.api('GET', '/calls?missed_not_returned=true').then((page) => page.items.map((one) => one.id));
    await rings('602', 2);
    await mine.card('ringing-in');
    await until('the robot gives up', async () => (await trubka.newestCall()).ended_at);
    const missed = await trubka.newestCall();
    await mine.tidy();
    await mine.page.goto(trubka.url);
    const row = `${id('missed-row')}[data-id="${missed.id}"]`;
    await mine.page.waitForSelector(row, { visible: true });
    await mine.page.click(`${row} ${id('missed-call-back')}`);
    await mine.card('talking');
    await until('Anna sees who calls back', async () => (await trubka.api('GET', `/calls/${missed.id}`)).calling_back?.name === 'You');
    await mine.click('hang-up');
    await mine.card('ended');
    const closed = await call(missed.id, 'it is closed', (now) => now.returned);
    assert.equal(closed.returned.by.name, 'You');
    assert.ok(closed.returned.at >= missed.ended_at, JSON.stringify(closed.returned));
    assert.ok(!(await missing()).includes(missed.id));
    await until('the row is gone', async () => (await mine.page.$(row)) === null);
    assert.deepEqual((await items('kind=unsorted&open=true')).filter((one) => one.call === missed.id), []);
    await mine.page.goto(`${trubka.url}/calls?call=${missed.id}`);
    await until('the log says who called back', () => mine.page.$eval(id('call-drawer'), (drawer) => /Returned[\s\S]*You/i.test(drawer.innerText)).catch(() => false))
      .catch(async (error) => { throw new Error(`${error.message}: ${await mine.page.$eval(id('call-drawer'), (drawer) => drawer.innerText).catch(String)}`); });
    await mine.page.goto(trubka.url);
    await mine.ready();
  });

  test('the phone stands where its owner set it; with pop-ups off a card comes when it is wanted', async () => {
    const { page } = mine;
    const profile = async () => {
      await page.goto(`${trubka.url}/settings/profile`);
      await mine.ready();
      await page.waitForSelector(id('pop-up-opens'), { visible: true });
    };
    const set = async (testid, value) => {
      const field = await page.waitForSelector(id(testid), { visible: true });
      await field.click({ count: 3 });
      await field.type(String(value));
    };
    const edges = (selector) => page.$eval(selector, (part) => {
      const at = part.getBoundingClientRect();
      return [window.innerWidth - at.right, window.innerHeight - at.bottom].map(Math.round).join();
    });
    await profile();
    await set('pop-up-right', '200');
    await set('pop-up-bottom', '90');
    await until('the phone has moved', async () => (await edges('.dock')) === '200,90');
    await set('pop-up-bottom', 'far');
    await page.waitForSelector(`${id('pop-up-bottom')}[aria-invalid="true"]`);
    assert.equal(await edges('.dock'), '200,90', 'what is no offset changes nothing');
    await page.goto(trubka.url);
    await mine.ready();
    await rings('+442079460992');
    await mine.card('ringing-in');
    assert.match(await edges(id('call-card')), /^200,/);
    await mine.click('reject');
    await annas.tidy();
    await mine.tidy();

    await profile();
    await page.$eval(id('pop-up-opens'), (box) => box.click());
    await page.goto(trubka.url);
    await mine.ready();
    const before = (await trubka.newestCall()).id;
    await rings('+442079460993');
    const line = await page.waitForSelector(id('held-card'), { visible: true });
    assert.match(await line.evaluate((line) => line.innerText), /0993/);
    assert.equal(await page.$(id('call-card')), null, 'no card opens by itself');
    await mine.click('show-card');
    await mine.card('ringing-in');
    const of = await answered(mine);
    assert.notEqual(of, before, 'the call is logged as before');
    await mine.click('hang-up');
    await mine.card('ended');
    await mine.tidy();
    await rings('+442079460994');
    await page.waitForSelector(id('held-card'), { visible: true });
    assert.equal(await page.$(id('call-card')), null, 'the next one waits again');
    await page.keyboard.down('Alt');
    await page.keyboard.press('KeyA');
    await page.keyboard.up('Alt');
    await mine.card('talking');
    assert.equal(await page.$(id('held-card')), null);
    await mine.tidy();

    await profile();
    await page.$eval(id('pop-up-opens'), (box) => box.click());
    await set('pop-up-right', '16');
    await set('pop-up-bottom', '16');
    await until('the phone is back', async () => (await edges('.dock')) === '16,16');
  });
});
