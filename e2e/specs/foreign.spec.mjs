// A telephone that nobody here wrote registers at Trubka beside its own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from '../pages/desk.mjs';
import { FOREIGN_HZ, Foreign, site } from '../pages/foreign.mjs';

describe(`JsSIP in ${name}`, () => {
  let trubka;
  let browser;
  let desk;
  let phone;
  let home;

  before(async () => {
    home = await site();
    trubka = await Trubka.start({ args: ['--sip-origins', home.url] });
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
    await trubka.api('POST', '/users', { login: 'boris', name: 'Boris', role: 'agent', extension: '205', password: 'correct horse battery' });
    const admin = trubka.cookie;
    assert.equal((await trubka.password('boris', 'correct horse battery')).status, 200);
    const account = await trubka.api('POST', '/phone/credentials');
    trubka.cookie = admin;
    phone = await Foreign.open(browser, home.url, `ws://localhost:${trubka.ports.http}/sip`, account);
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    home?.server.close();
    await silence();
  });

  test('it calls a colleague: both hear each other', async () => {
    await phone.call('101');
    await desk.page.bringToFront();
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
    await phone.is('confirmed');
    await desk.listen();
    await desk.hears(FOREIGN_HZ);
    await phone.ear.listen();
    await phone.ear.hears(MIC_HZ);
    await phone.act('terminate');
    await desk.card('ended');
    await desk.tidy();
  });

  test('a colleague calls it', async () => {
    await phone.forget();
    await desk.dial('205');
    assert.equal((await phone.is('rings')).detail, '101');
    await phone.act('answer');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(FOREIGN_HZ);
    await desk.click('hang-up');
    await phone.is('ended');
    await desk.tidy();
  });

  test('it calls over the line, holds, and goes on', async () => {
    await phone.forget();
    await phone.call('602');
    await phone.is('confirmed');
    await phone.ear.listen();
    await phone.ear.hears(1000);
    await phone.act('hold');
    await phone.is('hold');
    await until('nothing is sent while on hold', async () => {
      const before = await far();
      await new Promise((later) => setTimeout(later, 400));
      return (await far()) - before < 100;
    });
    await phone.forget();
    await phone.act('unhold');
    await phone.is('unhold');
    const before = await far();
    await until('the far end hears it again', async () => (await far()) - before > 500);
    await phone.ear.listen();
    await phone.ear.hears(1000);
  });

  /** Milliseconds the far end has heard of JsSIP's tone. */
  async function far() {
    const calls = await trubka.api('GET', '/test-network/calls');
    const heard = calls.at(-1)?.tones.find((tone) => Math.abs(tone.frequency_hz - FOREIGN_HZ) < 20);
    return heard?.heard_ms ?? 0;
  }

  test('it hands that call to a colleague', async () => {
    await phone.forget();
    await phone.act('refer', '101');
    await desk.page.bringToFront();
    await desk.card('ringing-in');
    await desk.cardSays(/602/);
    await desk.click('answer');
    await desk.card('talking');
    await phone.is('transferred');
    await phone.is('ended');
    await desk.listen();
    await desk.hears(1000);
    await desk.click('hang-up');
    const call = await until('one record holds it all', async () => {
      const newest = await trubka.newestCall();
      return newest?.ended_at && newest.recording?.state === 'ready' && newest;
    });
    assert.equal(call.employee?.extension, '101');
    await desk.tidy();
  });
});
