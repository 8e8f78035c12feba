// The telephone at another SIP server than Trubka's gateway.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { PERSON_HZ } from '../fixtures/provider.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { decode, heard } from '../fixtures/tones.mjs';
import { ACCOUNT, BOB, WebProvider } from '../fixtures/web-provider.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;

describe(`at another server in ${name}`, () => {
  let provider;
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    provider = await WebProvider.start();
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
    await desk.page.goto(`${new URL(desk.page.url()).origin}/settings/profile`);
    await desk.ready();
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await provider?.stop();
    await silence();
  });

  const fill = async (testid, text) => {
    const field = await desk.page.waitForSelector(`[data-testid="${testid}"]`, { visible: true });
    await field.click({ count: 3 });
    await desk.page.keyboard.press('Backspace');
    await field.type(text);
  };

  const personHeard = (hz) =>
    until(`the person heard ${hz} Hz`, async () => {
      const file = await provider.heardFile();
      const [channel] = file ? decode(file, 8_000) : [];
      return channel && heard(channel, 8_000, hz).seconds > 0.5;
    }, { every: 500 });

  const says = (testid, pattern) =>
    until(`${testid} says ${pattern}`, async () =>
      pattern.test(await desk.page.$eval(`[data-testid="${testid}"]`, (element) => element.innerText)));

  test('what cannot be an address is named', async () => {
    await desk.click('own-server-edit');
    await fill('server-address', `http://127.0.0.1:${provider.port}`);
    await fill('server-user', ACCOUNT.user);
    await desk.click('own-server-save');
    const fault = await desk.page.waitForSelector('#server-address-d[role="alert"]');
    assert.match(await fault.evaluate((element) => element.innerText), /wss:\/\//);
  });

  test('a wrong password is told in words', async () => {
    await fill('server-address', provider.websocket);
    await fill('server-password', 'wrong');
    await desk.click('own-server-save');
    await until('the refusal is told', async () =>
      /The phone was refused/.test(await desk.page.$eval('body', (body) => body.innerText)));
  });

  test('with the right one it is registered there, also after a reload', async () => {
    await desk.click('own-server-edit');
    await fill('server-password', ACCOUNT.password);
    await desk.click('own-server-save');
    await desk.ready();
    await says('own-server', /web@127\.0\.0\.1/);
    await desk.page.reload();
    await desk.ready();
  });

  test('it calls there: the card names the contact, tones both ways', async () => {
    await trubka.api('POST', '/contacts', { name: 'Walter Young', phones: [BOB] });
    await desk.dial(BOB);
    await desk.card('talking');
    await desk.cardSays(/Walter Young\s+15550200/);
    await desk.listen();
    await desk.hears(PERSON_HZ, { seconds: 2 });
    await desk.click('hang-up');
    await desk.card('ended');
    await personHeard(MIC_HZ);
  });

  test('it is called there: the card names the contact from the ring on, tones both ways, the far end hangs up', async () => {
    await provider.command('dial', `sip:${ACCOUNT.number}@${provider.domain}`);
    await desk.card('ringing-in');
    await desk.cardSays(/Walter Young\s+15550200/);
    assert.match(await desk.page.title(), /Walter Young/);
    await desk.click('answer');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(PERSON_HZ, { seconds: 2 });
    await provider.command('hangup');
    await desk.card('ended');
    await personHeard(MIC_HZ);
  });

  test('a contact made from its card names the call at once', async () => {
    const { items } = await trubka.api('GET', `/contacts?number=${BOB}`);
    await trubka.api('DELETE', `/contacts/${items[0].id}`);
    await desk.dial(BOB);
    await desk.card('talking');
    await desk.cardSays(/15550200[\s\S]*Not in contacts/i);
    await fill('new-contact-name', 'Robert');
    await desk.click('new-contact');
    await desk.cardSays(/Robert\s+15550200/);
    await desk.click('hang-up');
    await desk.card('ended');
  });

  test('and comes back to Trubka', async () => {
    await desk.click('own-server-off');
    await says('own-server', /This Trubka/);
    await desk.ready();
    await desk.talkTo('602', TONE_602);
    await desk.click('hang-up');
    assert.equal((await trubka.newestCall()).number.e164, '602');
  });
});
