// The phone in a small window that stays above others, where the browser has one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`the small window in ${name}`, () => {
  let trubka;
  let browser;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  const exists = () => desk.page.evaluate(() => 'documentPictureInPicture' in window);
  /** Runs in the small window. */
  const there = (what, ...args) => desk.page.evaluate(
    (body, args) => new Function('own', 'args', body)(documentPictureInPicture.window, args), what, args);

  test('it is offered where it exists, and nowhere else', async () => {
    await desk.click('account');
    assert.equal(Boolean(await desk.page.$('[data-testid="mini"]')), await exists());
    await desk.page.keyboard.press('Escape');
  });

  test('a call is answered and ended in it, and the phone comes back when it is closed', { skip: name === 'firefox' && 'it has none' }, async () => {
    await desk.click('account');
    await desk.click('mini');
    await until('the phone is in it', () => there('return Boolean(own?.document.querySelector("[data-testid=dock]"))'));
    assert.equal(await desk.page.$('[data-testid="dock"]'), null);
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });
    const card = (phase) => until(`the card is ${phase}`, () =>
      there('return own.document.querySelector("[data-testid=call-card]")?.dataset.phase === args[0]', phase));
    await card('ringing-in');
    const look = await there('const own_card = own.document.querySelector("[data-testid=call-card]"); return own.getComputedStyle(own_card).borderRadius');
    assert.notEqual(look, '0px');
    await there('own.document.querySelector("[data-testid=answer]").click()');
    await card('talking');
    await there('own.document.querySelector("[data-testid=hang-up]").click()');
    await card('ended');
    await there('own.close()');
    await desk.page.waitForSelector('[data-testid="dock"]');
    await desk.card('ended');
  });
});
