// How a call sounds: the sign on its card, what is stored with it, and the check before it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { violations } from '../fixtures/access.mjs';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { block, delay, heal, lose, loseOnLines } from '../fixtures/network.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';
import { precheck } from '../pages/precheck.mjs';

const TONE_602 = 1000;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

describe(`sound quality in ${name}`, () => {
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
  });

  after(async () => {
    heal();
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  afterEach(async () => {
    heal();
    await desk.tidy();
  });

  /** What the card says of the sound. */
  const sign = () => desk.page.evaluate(() => {
    const text = (id) => document.querySelector(`[data-testid="${id}"]`)?.innerText.trim() ?? '';
    const button = document.querySelector('[data-testid="quality"]');
    const number = (pattern) => Number(button?.title.match(pattern)?.[1] ?? NaN);
    return {
      word: text('quality'), bars: button?.dataset.bars, advice: text('quality-advice'), said: document.querySelector('[data-testid="quality-said"]')?.textContent ?? '',
      mos: number(/MOS ([\d.]+)/), loss: number(/loss ([\d.]+)/), jitter: number(/jitter (\d+)/), trip: number(/round trip (\d+)/),
    };
  });

  const signIs = async (what, is, timeout = 40_000) => {
    let last;
    await until(what, async () => {
      last = await sign();
      return is(last);
    }, { timeout, every: 250 }).catch((error) => { throw new Error(`${error.message}; it is ${JSON.stringify(last)}`); });
    return last;
  };

  const legs = async (id) => (await trubka.api('GET', `/calls/${id}/quality`)).legs;

  /** Hangs up; the legs of the call once everything is stored. */
  const ended = async (is = () => true) => {
    await desk.click('hang-up');
    const { id } = await trubka.newestCall();
    let last;
    await until('the figures are stored', async () => {
      last = await legs(id);
      const own = last.find((leg) => leg.witness === 'browser');
      const call = await trubka.api('GET', `/calls/${id}`);
      const talked = ((call.ended_at ?? Infinity) - call.answered_at) / 1000;
      return own?.total?.secs >= talked - 12 && last.some((leg) => !leg.extension && leg.total) && is(last);
    }, { timeout: 15_000 }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
    return { id, own: last.find((leg) => leg.witness === 'browser'), end: last.find((leg) => leg.witness === 'gateway' && leg.extension), line: last.find((leg) => !leg.extension) };
  };

  test('a good call is good: four bars, no advice, and the figures are stored for both legs', async () => {
    // A browser that has just begun, or a computer with something else to do, plays a call late and
    // says so truthfully: that is no good call, and the next one is looked at.
    const call = async () => {
      await desk.talkTo('602', TONE_602);
      await signIs('the sign says Good', (now) => now.word === 'Good' && now.bars === '4' && now.loss < 1 && now.mos >= 4.2 && now.advice === '', 60_000);
      await pause(6_000);
      await desk.click('quality');
      await signIs('a click tells more', (now) => /Nothing to do/.test(now.advice));
      return ended();
    };
    const isGood = ({ own, line }) => own.incidents.length === 0
      && [own.total.heard, own.total.said, line.total.heard].every((way) => way.loss_permille < 10 && way.mos_tenths >= 42);
    let seen = await call();
    for (let more = 3; more > 0 && !isGood(seen); more -= 1) {
      console.log(`# not a good call: ${JSON.stringify([seen.own.total, seen.line.total, seen.own.incidents])}`);
      await desk.tidy();
      seen = await call();
    }
    assert.ok(isGood(seen), JSON.stringify([seen.own.total, seen.line.total, seen.own.incidents]));
    const { id, own } = seen;
    assert.equal(own.way, 'udp');
    assert.equal(own.codec, 'g711');
    await desk.tidy();
    await desk.page.goto(`${trubka.url}/calls?call=${id}`);
    await desk.page.waitForSelector('[data-testid="quality-mos"]');
    const told = await desk.page.$eval('[data-testid="call-quality"]', (part) => part.innerText);
    assert.match(told, /4\.[2-5] of 5[\s\S]*MOS, good[\s\S]*0\.\d %[\s\S]*Loss[\s\S]*ms[\s\S]*Jitter/);
    assert.deepEqual(await violations(desk.page), []);
    await desk.page.click('[data-testid="call-quality"] summary');
    const all = await desk.page.$eval('[data-testid="call-quality"] tbody', (part) => part.innerText);
    assert.match(all, /You, browser[\s\S]*G711, UDP, direct[\s\S]*You, at the server[\s\S]*Line/);
    await desk.page.goto(trubka.url);
    await desk.ready();
  });

  test('a network that loses 5 % is named with its figure, on the card and in the record', async () => {
    await desk.talkTo('602', TONE_602);
    lose(trubka.ports.media, { up: 0.05, down: 0.05 });
    const bad = await signIs('advice names the loss', (now) => /Your network drops/.test(now.advice));
    assert.match(bad.advice, /Your network drops \d+(\.\d)? %/);
    await pause(20_000);
    const shown = await sign();
    assert.ok(shown.loss >= 3 && shown.loss <= 9, `the worse of two windows of 10 s: ${shown.loss}`);
    const began = Date.now();
    await pause(Math.max(0, 12_000 - (Date.now() - began)));
    const { own, end } = await ended();
    // The slots that were wholly lossy.
    const lossy = own.slots.slice(2, -1);
    const mean = (of) => lossy.map(of).reduce((sum, one) => sum + one, 0) / lossy.length;
    const heard = mean((slot) => slot.heard.loss_permille);
    const said = mean((slot) => slot.said?.loss_permille ?? 50);
    console.log(`# set 50, heard ${heard}, said ${said}, at the server ${JSON.stringify(end.total)}`);
    assert.ok(heard >= 30 && heard <= 70, `heard ${heard}`);
    assert.ok(said >= 30 && said <= 70, `said ${said}`);
    assert.ok(end.total.said.loss_permille >= 20, 'the server saw it too');
  });

  test('loss beyond the server is not ours: the other side’s network is named', async () => {
    await desk.talkTo('602', TONE_602);
    loseOnLines(0.08);
    const far = await signIs('advice names the other side', (now) => /other side/.test(now.advice));
    assert.match(far.advice, /The other side’s network drops \d+(\.\d)? %/);
    await pause(6_000);
    const { own, line, end } = await ended();
    assert.ok(line.total.heard.loss_permille >= 30 && line.total.heard.loss_permille <= 110, JSON.stringify(line.total));
    assert.ok(end.total.said.loss_permille < 10, 'our own way to the server is good');
    assert.ok(own.total.heard.loss_permille >= 30, 'and still it is heard');
  });

  test('a long way is told with what it does, and uneven packets raise the jitter', async () => {
    await delay(trubka.ports.media, { ms: 180, jitter: 60 });
    await desk.talkTo('602', TONE_602);
    const late = await signIs('advice names the delay', (now) => /late/.test(now.advice));
    assert.ok(late.trip >= 360 && late.trip <= 560, `${late.trip} ms there and back`);
    assert.match(late.advice, /You hear each other [2-9]\d\d ms late/);
    assert.ok(late.jitter >= 5, `${late.jitter} ms of jitter`);
    await pause(8_000);
    const { own } = await ended();
    assert.ok(own.total.round_trip_ms >= 360, JSON.stringify(own.total));
    assert.ok(own.total.heard.mos_tenths < 42, 'delay costs');
  });

  test('a reload in mid-call keeps one series and says when the page came back', async () => {
    await desk.talkTo('602', TONE_602);
    await pause(14_000);
    await desk.page.reload();
    await desk.stack(['talking']);
    await signIs('the sign is back', (now) => now.word === 'Good', 30_000);
    await pause(12_000);
    const { own } = await ended();
    const at = own.slots.map((slot) => slot.at);
    assert.equal(new Set(at).size, at.length, 'no slot twice');
    assert.deepEqual(at, [...at].sort((a, b) => a - b));
    const gaps = at.slice(1).map((one, i) => one - at[i]);
    assert.ok(gaps.every((gap) => gap >= 9_000 && gap <= 21_000), `${gaps}`);
    assert.deepEqual(own.incidents.map((met) => met.kind), ['page_back']);
    assert.ok(own.total.secs >= 20, JSON.stringify(own.total));
    await desk.tidy();
    await desk.page.goto(`${trubka.url}/calls?call=${(await trubka.newestCall()).id}`);
    await until('the page’s return stands on the timeline', () => desk.page.$eval('[data-testid="call-path"]', (part) => /You: the page took the call up again/.test(part.innerText)).catch(() => false));
    await desk.page.goto(trubka.url);
    await desk.ready();
  });

  test('a bad call is found by the log’s filter', async () => {
    await desk.talkTo('602', TONE_602);
    lose(trubka.ports.media, { up: 0.3, down: 0.3 });
    const bad = await signIs('the sign says Bad', (now) => now.word === 'Bad' && now.bars === '1');
    assert.match(bad.said, /Sound: Bad|Your network drops/, 'and it is said aloud');
    await signIs('what to do is said too', (now) => /Your network drops/.test(now.said));
    await pause(12_000);
    heal();
    const { id } = await ended();
    await desk.tidy();
    await desk.page.goto(`${trubka.url}/calls`);
    await desk.click('filter-bad');
    let last;
    await until('the bad calls are listed', async () => {
      const listed = (await trubka.api('GET', '/calls?bad_quality=true')).items.map((call) => call.id);
      const rows = await desk.page.$$eval('[data-testid="call-row"]', (all) => all.map((row) => row.dataset.id));
      last = { listed, rows, call: id };
      // On a busy machine others of this run may have sounded bad too.
      return listed.includes(id) && JSON.stringify(listed) === JSON.stringify(rows);
    }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
    await desk.page.goto(trubka.url);
    await desk.ready();
  });

  test('the check before a call: all is well, step by step, and no call is made', async () => {
    const before = (await trubka.api('GET', '/calls')).items.length;
    const told = await precheck(desk.page, trubka.url);
    assert.equal(told.verdict, 'Ready for calls.', JSON.stringify(told));
    assert.match(told.microphone.text, /Heard, loudness \d+ of 100/);
    assert.match(told.signalling.text, /There and back in \d+ ms/);
    assert.equal(told.udp.mark, 'good');
    assert.match(told.sound.text, /Came back well. MOS 4\.\d/);
    assert.match(await desk.page.$eval('[data-testid="precheck-way"]', (way) => way.innerText), /UDP/);
    assert.deepEqual(await violations(desk.page), []);
    assert.equal((await trubka.api('GET', '/calls')).items.length, before);
    await desk.page.goto(trubka.url);
    await desk.ready();
  });

  test('the check says that UDP is blocked, which port, and what that means', async () => {
    block(trubka.ports.media);
    const told = await precheck(desk.page, trubka.url);
    assert.equal(told.udp.mark, 'bad');
    assert.match(told.udp.text, new RegExp(`UDP port ${trubka.ports.media} of the server`));
    assert.equal(told.verdict, 'Not everything is as it should be.');
    heal();
    await desk.page.goto(trubka.url);
    await desk.ready();
  });

  for (const [mic, mark, words] of [['denied', 'bad', /The browser refuses it/], ['silent', 'bad', /Your microphone is silent/]]) {
    test(`the check with a microphone that is ${mic} says so`, async () => {
      const other = await launch({ mic });
      try {
        const link = await other.newPage();
        const cookies = await chrome.cookies();
        await other.setCookie(...cookies.map(({ name: key, value, domain, path }) => ({ name: key, value, domain, path })));
        const told = await precheck(link, trubka.url);
        assert.equal(told.microphone.mark, mark, JSON.stringify(told));
        assert.match(told.microphone.text, words);
        assert.equal(told.udp.mark, mic === 'denied' ? 'open' : 'good', 'without permission browsers hide addresses');
        assert.equal(told.verdict, 'Not everything is as it should be.');
      } finally {
        await other.close();
      }
    });
  }

  test('a silent microphone is named during the call', async () => {
    const other = await launch({ mic: 'silent' });
    try {
      const cookies = await chrome.cookies();
      await other.setCookie(...cookies.map(({ name: key, value, domain, path }) => ({ name: key, value, domain, path })));
      const quiet = await Desk.open(other, trubka.url);
      await quiet.ready();
      await quiet.dial('602');
      await quiet.card('talking');
      const advice = () => quiet.page.$eval('[data-testid="quality-advice"]', (part) => part.innerText).catch(() => '');
      await until('the card says so', async () => /Your microphone is silent/.test(await advice()), { timeout: 30_000 });
      await quiet.click('mute');
      await until('a muted one is meant to be silent', async () => !/silent/.test(await advice()), { timeout: 20_000 });
      await quiet.click('hang-up');
    } finally {
      await other.close();
    }
  });
});
