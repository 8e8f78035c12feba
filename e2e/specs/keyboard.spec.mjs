// A working day without a mouse: thirty things done with keys alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`by keyboard alone in ${name}`, () => {
  let trubka;
  let browser;
  let desk;
  let done = 0;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
    await desk.page.evaluate(() => {
      window.pointed = 0;
      addEventListener('pointerdown', () => { window.pointed += 1; }, true);
    });
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  const key = async (...keys) => {
    const last = keys.pop();
    for (const held of keys) await desk.page.keyboard.down(held);
    await desk.page.keyboard.press(last);
    for (const held of keys.reverse()) await desk.page.keyboard.up(held);
  };
  const type = (text) => desk.page.keyboard.type(text);
  const focused = (selector) => until(`the focus is on ${selector}`, () =>
    desk.page.evaluate((selector) => Boolean(document.activeElement?.matches(selector)), selector));
  const there = (selector) => until(`${selector} is there`, () => desk.page.$(selector));
  const gone = (selector) => until(`${selector} is gone`, async () => !(await desk.page.$(selector)));
  /** Tab until it is reached; no more than a person would bear. */
  const tabTo = async (selector, most = 60) => {
    for (let i = 0; i < most; i += 1) {
      const where = await desk.page.evaluate((selector) => {
        if (document.activeElement.matches(selector)) return 'here';
        const wanted = document.querySelector(selector);
        return wanted && document.activeElement.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING ? 'before' : 'after';
      }, selector);
      if (where === 'here') return;
      await (where === 'before' ? key('Shift', 'Tab') : key('Tab'));
    }
    throw new Error(`Tab does not reach ${selector}`);
  };
  const act = async (what, work) => {
    await work().catch((error) => { throw new Error(`${what}: ${error.message}`); });
    done += 1;
  };
  const rings = () => trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });

  test('calls: dial, mute, hold, keys, note, second call, hand over, reject', async () => {
    await act('go to the number field', async () => { await key('Alt', 'KeyC'); await focused('#dial-field'); });
    await act('type a number', () => type('602'));
    await act('call it', async () => { await key('Enter'); await desk.card('talking'); });
    await act('mute', async () => { await key('Alt', 'KeyM'); await there('[data-testid="mute"][aria-pressed="true"]'); });
    await act('talk on', async () => { await key('Alt', 'KeyM'); await there('[data-testid="mute"][aria-pressed="false"]'); });
    await act('hold', async () => { await key('Alt', 'KeyP'); await desk.stack(['talking+held']); });
    await act('resume', async () => { await key('Alt', 'KeyP'); await desk.stack(['talking']); });
    await act('open the keypad', async () => { await key('Alt', 'KeyK'); await focused('#keypad'); });
    await act('send digits', async () => { await type('12#'); await desk.cardSays(/12#/); });
    await act('close the keypad', async () => { await key('Alt', 'KeyK'); await gone('#keypad'); });
    await act('write a note', async () => { await key('Alt', 'KeyN'); await focused('[data-testid="card-note"]'); await type('calls back on Friday'); });
    await act('open the panel to hand on', async () => { await key('Alt', 'KeyT'); await focused('#hand-on-field'); });
    await act('close it', async () => { await key('Escape'); await gone('#hand-on-field'); });
    await act('answer a second call', async () => { await rings(); await there('[data-phase="ringing-in"]'); await key('Alt', 'KeyA'); await desk.stack(['talking', 'talking+held']); });
    await act('hang up the one in talk', async () => { await key('Alt', 'KeyX'); await until('one is left', async () => (await desk.cards()).filter((card) => card.phase === 'talking').length === 1); });
    await act('go to a card', async () => { await key('Alt', 'Digit1'); await focused('[data-testid="call-card"] button'); });
    await act('take the other off hold', async () => { await key('Alt', 'KeyP'); await until('it talks', async () => (await desk.cards()).some((card) => card.phase === 'talking' && !card.held)); });
    await act('hand it over', async () => { await key('Alt', 'KeyT'); await focused('#hand-on-field'); await type('602'); await key('Enter'); await desk.cardSays(/Handed over to 602/); });
    await desk.tidy();
    await act('reject a call', async () => { await rings(); await desk.card('ringing-in'); await key('Alt', 'KeyX'); await desk.card('ended'); });
    await desk.tidy();
  });

  /** Where the focus is in the menu that is open: its place from 0, and how many there are. */
  const item = () => desk.page.evaluate(() => {
    const items = [...document.querySelectorAll('[role="menu"] [role^="menuitem"]')];
    return { at: items.indexOf(document.activeElement), last: items.length - 1 };
  });
  const isAt = (wanted) => until(`the focus is at ${wanted}`, async () => {
    const { at, last } = await item();
    return last > 0 && at === (wanted < 0 ? last + 1 + wanted : wanted);
  }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await item())}`); });

  /** Every key of WAI-ARIA's menu button, with the focus on the button at first. */
  const goesRound = async (button) => {
    for (const [opener, first] of [['Enter', 0], [' ', 0], ['ArrowDown', 0], ['ArrowUp', -1]]) {
      await key(opener);
      await isAt(first);
      await key('Escape');
      await gone('[role="menu"]');
      await focused(button);
    }
    await key('ArrowDown');
    await isAt(0);
    for (const [pressed, wanted] of [['ArrowDown', 1], ['ArrowUp', 0], ['ArrowUp', -1], ['ArrowDown', 0], ['End', -1], ['Home', 0]]) {
      await key(pressed);
      await isAt(wanted);
    }
  };

  test('menus: opened, gone round and left by keys, each with the focus back on its button', async () => {
    await tabTo('[data-testid="phone-state"]');
    await goesRound('[data-testid="phone-state"]');
    await key('Tab');
    await gone('[role="menu"]');
    await focused('[data-testid="bell"]');
    await key('Tab');
    await focused('[data-testid="account"]');
    await goesRound('[data-testid="account"]');
    await key('Escape');
    await focused('[data-testid="account"]');
    await tabTo('[data-testid="phone-state"]');
    await act('say lunch by keys', async () => {
      await key('ArrowDown');
      await isAt(0);
      for (let i = 0; i < 6 && !(await desk.page.$('[data-testid="say-lunch"]:focus')); i += 1) await key('ArrowDown');
      await focused('[data-testid="say-lunch"]');
      await key('Enter');
      await there('[data-testid="say-lunch"][aria-checked="true"]');
    });
    await act('and that one is back', async () => {
      await key('Home');
      await focused('[data-testid="say-available"]');
      await key('Enter');
      await gone('[role="menu"]');
      await focused('[data-testid="phone-state"]');
    });
    await rings();
    await desk.card('ringing-in');
    await tabTo('[data-testid="reject-how"]');
    await goesRound('[data-testid="reject-how"]');
    await act('reject with a reason', async () => { await key('End'); await key('Enter'); await desk.card('ended'); });
    await desk.tidy();
    assert.equal(await desk.page.evaluate(() => window.pointed), 0);
  });

  test('pages: search, contact, log, player, settings, account, help', async () => {
    await act('search', async () => { await key('Control', 'KeyK'); await focused('#search-field, [type="search"]'); await type('Hannah'); await there('[role="option"]'); });
    await act('choose what was found', async () => { await key('ArrowDown'); await there('[role="option"][aria-selected="true"]'); });
    await act('open it', async () => { await key('Enter'); await gone('[role="option"]'); });
    await act('show all keys', async () => { await desk.page.evaluate(() => document.activeElement?.blur()); await type('?'); await there('dialog[open], [role="dialog"]'); });
    await act('close the list', async () => { await key('Escape'); await gone('dialog[open], [role="dialog"]'); });
    await act('go to the log', async () => { await tabTo('nav a[href="/calls"]'); await key('Enter'); await there('[data-testid="call-row"]'); });
    await act('open a call', async () => { await tabTo('[data-testid="call-row"], [data-testid="call-row"] *'); await key('Enter'); await there('[data-testid="call-note"]'); });
    await act('read the note', async () => { await tabTo('[data-testid="call-note"]'); });
    await act('close the call', async () => { await key('Escape'); await gone('[data-testid="call-note"]'); });
    await act('go to the settings', async () => { await tabTo('nav a[href^="/settings"]'); await key('Enter'); await there('.set__head'); await until('the page is settled', () => desk.page.evaluate(() => !document.querySelector('[aria-busy="true"]'))); });
    await act('open the account', async () => { await tabTo('[data-testid="account"]'); await key('Enter'); await there('.account'); });
    await act('close it', async () => { await key('Escape'); await gone('.account'); await focused('[data-testid="account"]'); });
    console.log(`# ${done} actions`);
    assert.ok(done >= 30, `${done} actions`);
    assert.equal(await desk.page.evaluate(() => window.pointed), 0);
  });
});
