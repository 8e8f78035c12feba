// Ten minutes behind another tab, with a browser that slows such tabs down as it does for people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { start, until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

const MINUTES = Number(process.env.MINUTES ?? 10);
/** What puppeteer switches off, and people have on. */
const AS_PEOPLE_HAVE_IT = [
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
];

/** A screen nobody looks at: a browser without one does not know what is in front. */
async function screen() {
  const server = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp']);
  const display = await until('the screen', () => server.text().match(/^(\d+)$/m)?.[1]);
  return { display: `:${display}`, stop: () => server.stop() };
}

test(`a call rings within a second after ${MINUTES} minutes behind another tab in ${name}`, { skip: name === 'firefox' && 'Chromium slows tabs down most' }, async () => {
  const xvfb = await screen();
  const trubka = await Trubka.start();
  const chrome = await launch({
    headless: false, ignoreDefaultArgs: AS_PEOPLE_HAVE_IT, env: { DISPLAY: xvfb.display },
  });
  try {
    const desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
    await desk.page.evaluate(() => {
      window.ticks = [];
      const tick = () => {
        window.ticks.push(Date.now());
        setTimeout(tick, 1_000);
      };
      tick();
    });
    const other = await chrome.newPage();
    await other.goto('about:blank');
    await other.bringToFront();
    await until('the phone is hidden', () => desk.page.evaluate(() => document.visibilityState === 'hidden'));
    await new Promise((resolve) => { setTimeout(resolve, MINUTES * 60_000); });
    assert.equal(await desk.page.evaluate(() => document.visibilityState), 'hidden');
    const ticks = await desk.page.evaluate(() => window.ticks.filter((at) => at > Date.now() - 120_000).length);
    console.log(`# a chained timeout of 1 s fired ${ticks} times in the last two minutes`);
    assert.ok(ticks <= 4, `${ticks} times in two minutes: the tab is not slowed down`);
    const began = Date.now();
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 30 });
    await until('it rings', () => desk.page.$('[data-testid="call-card"][data-phase="ringing-in"]'), { every: 10, timeout: 20_000 });
    const rang = Date.now() - began;
    console.log(`# it rang after ${rang} ms`);
    assert.ok(rang < 1_000, `${rang} ms`);
  } finally {
    await chrome.close();
    await trubka.stop();
    await silence();
    await xvfb.stop();
  }
});
