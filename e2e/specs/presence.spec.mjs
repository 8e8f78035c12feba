// Who takes calls: said in one browser, seen in the other, obeyed by routing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from '../pages/desk.mjs';

const PASSWORD = 'correct horse battery';

describe(`who takes calls in ${name}`, () => {
  let trubka;
  let browsers;
  let mine;
  let annas;

  before(async () => {
    trubka = await Trubka.start();
    browsers = [await launch(), await launch()];
    mine = await Desk.open(browsers[0], await trubka.link());
    await mine.ready();
    await trubka.signInAs(browsers[0]);
    await trubka.api('POST', '/users', { login: 'anna', name: 'Anna Orlova', role: 'agent', extension: '205', password: PASSWORD });
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((one) => one.close()));
    await trubka?.stop();
    await silence();
  });

  /** What the list beside the desktop says of Anna. */
  const anna = (pattern) => until(`Anna is ${pattern}`, () => mine.page.$$eval('[data-testid="colleague"]',
    (rows) => rows.map((row) => row.innerText).find((row) => row.includes('Anna Orlova')) ?? '').then((text) => pattern.test(text)));

  const say = async (desk, what, minutes) => {
    if (!(await desk.page.$('[data-testid^="say-"]'))) await desk.click('phone-state');
    await desk.click(`say-${what}`);
    if (minutes !== undefined) await desk.click(`lasts-${minutes}`);
  };

  test('a colleague comes, says lunch for half an hour, and is seen to', async () => {
    await mine.page.reload();
    await mine.ready();
    await anna(/not reachable/i);
    annas = await Desk.open(browsers[1], `${trubka.url}/sign-in`);
    await (await annas.page.waitForSelector('input[autocomplete="username"]', { visible: true })).type('anna');
    await (await annas.page.waitForSelector('input[type="password"]', { visible: true })).type(PASSWORD);
    await annas.page.keyboard.press('Enter');
    await annas.ready();
    await anna(/available/i);
    await say(annas, 'lunch', 30);
    await anna(/lunch until \d\d?:\d\d/i);
    await until('her own page says so', () => annas.page.$eval('[data-testid="phone-state"]', (pill) => /lunch until/i.test(pill.innerText)));
    await annas.page.reload();
    await annas.ready();
    await until('also after a reload', () => annas.page.$eval('[data-testid="phone-state"]', (pill) => /lunch until/i.test(pill.innerText)));
  });

  test('who is at lunch is not rung, and rings again when back', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', ring_secs: 20 });
    await mine.card('ringing-in');
    assert.equal(await annas.page.$('[data-testid="call-card"]'), null);
    await mine.click('reject');
    await mine.tidy();
    await say(annas, 'available');
    await anna(/available/i);
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', ring_secs: 20 });
    await annas.card('ringing-in');
    await annas.click('answer');
    await annas.card('talking');
    await anna(/on a call/i);
    await annas.click('hang-up');
    await anna(/available/i);
    await Promise.all([mine.tidy(), annas.tidy()]);
  });

  test('a click on a colleague calls, and do not disturb is told to the caller', async () => {
    await say(annas, 'do_not_disturb');
    await anna(/do not disturb/i);
    await annas.page.keyboard.press('Escape');
    await mine.page.$$eval('[data-testid="colleague"] button', (buttons) => buttons.find((one) => one.innerText.includes('Anna')).click());
    const text = await mine.card('ended');
    assert.match(text, /disturb|not reachable|unavailable/i);
    await mine.tidy();
    await say(annas, 'available');
    await mine.page.$$eval('[data-testid="colleague"] button', (buttons) => buttons.find((one) => one.innerText.includes('Anna')).click());
    await annas.card('ringing-in');
    await annas.click('answer');
    await Promise.all([mine.card('talking'), annas.card('talking')]);
    await mine.click('hang-up');
    await Promise.all([mine.tidy(), annas.tidy()]);
  });
});
