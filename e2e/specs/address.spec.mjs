// The computer's address changes in mid-call: another Wi-Fi, the cable pulled. The call goes on.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { Card, SERVER } from '../fixtures/card.mjs';
import { until } from '../fixtures/process.mjs';
import { Relay } from '../fixtures/relay.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

describe(`another address in ${name}`, () => {
  let card;
  let trubka;
  let relay;
  let chrome;
  let desk;

  before(async () => {
    card = Card.plug();
    trubka = await Trubka.start({ media: SERVER });
    relay = await Relay.start(trubka.ports.http, () => card.address);
    chrome = await launch({ loopback: false });
    desk = await Desk.open(chrome, (await trubka.link()).replace(/:\d+\//, `:${relay.port}/`));
    await desk.ready();
    await trubka.signInAs(chrome);
  });

  after(async () => {
    await chrome?.close();
    relay?.stop();
    await trubka?.stop();
    card?.unplug();
    await silence();
  });

  afterEach(() => desk.tidy());

  /** Waits until the tone was heard for a second after a moment; the longest silence since another. */
  const heardAgain = async (after, since) => {
    await until('the tone is back', () => desk.page.evaluate((hz, after) => window.trubkaEar.peaks.filter((peak) => (
      peak.at > after && peak.db > -70 && Math.abs(peak.hz - hz) < 15
    )).length > 20, TONE_602, after), { timeout: 30_000 });
    const gap = await desk.gap(TONE_602, since);
    console.log(`# the audio was away for ${gap} ms`);
    return gap;
  };

  const farHears = async () => {
    const heard = async () => toneMs(await trubka.farCall(), MIC_HZ);
    const before = await heard();
    await until('the far end hears us', async () => (await heard()) >= before + 300);
  };

  for (const [what, change] of [
    ['another address is there', (between) => card.change(between)],
    ['the cable is pulled and another plugged in', (between) => card.replug(between)],
  ]) {
    test(`${what} in mid-call: the same call is heard again by itself`, async () => {
      await desk.talkTo('602', TONE_602);
      const { id } = await trubka.newestCall();
      await pause(1_500);
      const cut = Date.now();
      await change(300);
      const gap = await heardAgain(cut + 2_500, cut);
      assert.ok(gap < 4_000, `the audio was away for ${gap} ms`);
      await desk.ready();
      await farHears();
      await trubka.goesOn(id);
    });
  }

  test('the address changes ten times within 20 s: the call lives', async () => {
    await desk.talkTo('602', TONE_602);
    const { id } = await trubka.newestCall();
    for (let i = 0; i < 10; i += 1) {
      await card.replug(800);
      await pause(1_200);
    }
    const settled = Date.now();
    await heardAgain(settled + 1_000, settled);
    await desk.ready();
    await farHears();
    await trubka.goesOn(id);
  });
});
