// Buttons and lights of headsets, and media keys where there is none. No real headset is at hand: see fixtures/headset.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { JABRA, PLANTRONICS, plugIn, sends } from '../fixtures/headset.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`headsets in ${name}`, () => {
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

  /** A tab of its own, which takes the phone over. */
  const withHeadset = async (headset, options) => {
    const page = await browser.newPage();
    await plugIn(page, headset, options);
    await desk.close();
    desk = await Desk.open(browser, `${trubka.url}/`, undefined, page);
    await desk.ready();
  };

  const ring = async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });
    await desk.card('ringing-in');
  };

  const open = () => until('the headset is used', () => desk.page.evaluate(() => window.trubkaHid.device.opened));

  /** Waits until the report of this number was last sent with these octets. */
  const shows = (...wanted) => until(`lights ${wanted}`, async () => {
    const sent = await desk.page.evaluate(() => window.trubkaHid.sent);
    return sent.findLast(([id]) => id === wanted[0])?.join() === wanted.join();
  }, { timeout: 5_000 }).catch(async (error) => {
    throw new Error(`${error.message}: sent ${JSON.stringify(await desk.page.evaluate(() => window.trubkaHid.sent))}`);
  });

  const muted = (wanted) => desk.page.waitForSelector(`[data-testid="mute"][aria-pressed="${wanted}"]`, { timeout: 5_000 });

  test('a Jabra answers, mutes, is followed by its lights, and hangs up', async () => {
    await withHeadset(JABRA);
    await open();
    await ring();
    await shows(2, 0b0000_1000, 0);
    await sends(desk.page, 2, 0b0000_0001, 0);
    await desk.card('talking');
    await shows(2, 0b0000_0001, 0);
    await sends(desk.page, 2, 0b0000_1001, 0);
    await sends(desk.page, 2, 0b0000_0001, 0);
    await muted(true);
    await shows(2, 0b0010_0101, 0);
    await desk.click('mute');
    await muted(false);
    await shows(2, 0b0000_0001, 0);
    await desk.click('hold');
    await desk.stack(['talking+held']);
    await shows(2, 0b0001_0001, 0);
    await sends(desk.page, 2, 0, 0);
    await desk.card('ended');
    await shows(2, 0, 0);
    await desk.tidy();
  });

  test('a Plantronics, each light in a report of its own, allowed by a click in the dialog', async () => {
    await withHeadset(PLANTRONICS, { allowed: false });
    await desk.openSound();
    await desk.click('sound-headset');
    await until('its name is shown', async () => /Blackwire 3220/.test(await desk.page.$eval('[data-testid="sound-headset-state"]', (state) => state.innerText)));
    assert.deepEqual(await desk.page.evaluate(() => window.trubkaHid.asked), [{ filters: [{ usagePage: 11 }] }]);
    await desk.closeSound();
    await ring();
    await shows(0x18, 1);
    await sends(desk.page, 8, 0b010);
    await desk.card('talking');
    await Promise.all([shows(0x17, 1), shows(0x18, 0)]);
    await sends(desk.page, 8, 0b011);
    await sends(desk.page, 8, 0b010);
    await muted(true);
    await shows(0x09, 1);
    await sends(desk.page, 8, 0b110);
    await sends(desk.page, 8, 0b010);
    await desk.stack(['talking+held']);
    await desk.click('hang-up');
    await shows(0x17, 0);
    // It tells that it is on the hook again: no wish.
    await sends(desk.page, 8, 0);
    await desk.tidy();
    await ring();
    await desk.stack(['ringing-in']);
    await desk.tidy();
  });

  test('only the tab that has the phone uses the headset', async () => {
    await withHeadset(JABRA);
    await open();
    const page = await browser.newPage();
    await plugIn(page, JABRA);
    const second = await Desk.open(browser, `${trubka.url}/`, undefined, page);
    try {
      await second.ready();
      await second.openSound();
      await until('it is told', () => second.page.$('[data-testid="sound-headset-state"]'));
      assert.equal(await second.page.evaluate(() => window.trubkaHid.device.opened), false);
    } finally {
      await second.close();
    }
  });

  test('without a headset the media keys answer, mute and hang up', async () => {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      window.trubkaKeys = {};
      const set = MediaSession.prototype.setActionHandler;
      MediaSession.prototype.setActionHandler = function keep(action, handler) {
        set.call(this, action, handler);
        window.trubkaKeys[action] = handler;
      };
    });
    await desk.close();
    desk = await Desk.open(browser, `${trubka.url}/`, undefined, page);
    await desk.ready();
    const press = async (key) => {
      await until(`${key} is listened to`, () => desk.page.evaluate((key) => Boolean(window.trubkaKeys[key]), key));
      await desk.page.evaluate((key) => window.trubkaKeys[key]({ action: key }), key);
    };
    await ring();
    await press('play');
    await desk.card('talking');
    await press('pause');
    await muted(true);
    await press('play');
    await muted(false);
    await press(name === 'chromium' ? 'hangup' : 'stop');
    await desk.card('ended');
    await until('the keys are given back', () => desk.page.evaluate(() => !window.trubkaKeys.play));
    await desk.tidy();
  });
});
