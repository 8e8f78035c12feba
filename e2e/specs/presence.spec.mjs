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
    await until('her own page says so', () => annas.page.$eval('[data-testid="phone-state"]', (pill) => /lunch until/i.test(pill.innerText)));
    await annas.page.reload();
    await annas.ready();
    await anna(/lunch \d\d?:\d\d–\d\d?:\d\d/i);
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

  /** What the list beside the desktop says of Anna stays so. */
  const staysAvailable = async (ms, meanwhile) => {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      await meanwhile();
      const people = await trubka.api('GET', '/colleagues');
      assert.equal(people.find((one) => one.name === 'Anna Orlova').presence.availability, 'available');
    }
  };

  const rules = (wanted) => trubka.api('PUT', '/settings/presence', wanted);

  test('a reason of the house is chosen by its name, seen with its time, and stays when it is removed', async () => {
    await annas.page.keyboard.press('Escape');
    const doctor = await trubka.api('POST', '/presence-reasons', { name: 'At the doctor', availability: 'away' });
    await trubka.api('POST', '/presence-reasons', { name: 'Stock-taking', availability: 'do_not_disturb', minutes: 90 });
    await annas.click('phone-state');
    const choose = async (name) => {
      await until(`the menu offers ${name}`, () => annas.page.$$eval('[data-testid="say-reason"]',
        (all, name) => all.find((one) => one.innerText.includes(name))?.click() ?? all.some((one) => one.innerText.includes(name)), name));
    };
    await choose('Stock-taking');
    await anna(/Stock-taking \d\d?:\d\d–\d\d?:\d\d/);
    await choose('At the doctor');
    await anna(/At the doctor since \d\d?:\d\d/);
    await until('her own page says so', () => annas.page.$eval('[data-testid="phone-state"]', (pill) => /At the doctor/.test(pill.innerText)));
    await trubka.api('PUT', `/presence-reasons/${doctor.id}`, { name: 'At the dentist', availability: 'away' });
    await anna(/At the dentist since/);
    await trubka.api('DELETE', `/presence-reasons/${doctor.id}`);
    await annas.page.reload();
    await annas.ready();
    await anna(/At the dentist since/);
    await until('hers still does', () => annas.page.$eval('[data-testid="phone-state"]', (pill) => /At the dentist/.test(pill.innerText)));
    await annas.click('phone-state');
    await until('what is gone is not offered', () => annas.page.$$eval('[data-testid="say-reason"]',
      (all) => all.length === 1 && all[0].innerText.includes('Stock-taking')));
    await annas.click('say-available');
    await anna(/available/i);
  });

  test('wrap-up follows a call, and ends by itself or with a click', async () => {
    const talk = async () => {
      await mine.dial('205');
      await annas.card('ringing-in');
      await annas.click('answer');
      await Promise.all([mine.card('talking'), annas.card('talking')]);
      await annas.click('hang-up');
    };
    await rules({ wrap_up_secs: 4 });
    await talk();
    await anna(/wrap-up/i);
    await anna(/available/i);
    await Promise.all([mine.tidy(), annas.tidy()]);
    await rules({ wrap_up_secs: 3600 });
    await talk();
    await anna(/wrap-up/i);
    await annas.click('end-wrap-up');
    await anna(/available/i);
    await until('the button is gone', async () => !(await annas.page.$('[data-testid="end-wrap-up"]')));
    await rules({});
    await Promise.all([mine.tidy(), annas.tidy()]);
  });

  test('who touches nothing in any tab is away, and back at the first touch', { timeout: 120_000 }, async () => {
    await say(annas, 'available');
    await anna(/available/i);
    const second = await browsers[1].newPage();
    await second.goto(trubka.url);
    await second.waitForSelector('[data-testid="phone-state"][data-state="ready"]');
    await second.bringToFront();
    // The part that looks for signs of life is fetched after the phone.
    await until('both tabs have it', async () => {
      const fetched = (page) => page.evaluate(() => performance.getEntriesByType('resource').some((one) => one.name.includes('/me/activity')));
      return (await fetched(second)) && (await fetched(annas.page));
    });
    await rules({ away_after_secs: 10 });
    let x = 10;
    await staysAvailable(15_000, async () => {
      x += 10;
      await second.mouse.move(x, 300);
      await new Promise((resolve) => setTimeout(resolve, 700));
    });
    await anna(/away since/i);
    await second.mouse.move(600, 320);
    await anna(/available/i);
    await second.close();
    await annas.page.bringToFront();
    await say(annas, 'away');
    await anna(/away since/i);
    await annas.page.mouse.move(640, 340);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await anna(/away since/i);
    await rules({});
    await say(annas, 'available');
    await anna(/available/i);
  });
});
