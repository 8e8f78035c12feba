// Calls both ways with the test network: audio by tones, keys, ends, and what is kept of them.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { decode, heard, level, toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;
const ROBOT_HZ = 850;
const KNOWN = { name: 'Вера Соколова-Смит', phones: ['8 (495) 123-45-90'] };

describe(`calls in ${name}`, () => {
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    const link = await trubka.link();
    chrome = await launch();
    desk = await Desk.open(chrome, link);
    await desk.ready();
    await setPasswordInPage(desk);
    const signedIn = await trubka.password('admin', 'correct horse battery');
    assert.equal(signedIn.status, 200);
    await trubka.api('POST', '/contacts', KNOWN);
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  // One failure must not spoil the tests after it.
  afterEach(() => desk.tidy());

  /** The log's newest row, once it is over. */
  const ended = (status) =>
    until(`the newest call is ${status}`, async () => {
      const call = await trubka.newestCall();
      return call?.ended_at && call.status === status && call;
    });

  const farHears = (hz, ms) =>
    until(`the far end hears ${hz} Hz`, async () => {
      const far = await trubka.farCall();
      return far.tones.some((tone) => Math.abs(tone.frequency_hz - hz) < 15 && tone.heard_ms >= ms);
    });

  async function checkRecording(call, { left, right }) {
    const mp3 = await trubka.recording(call.id);
    const file = path.join(trubka.data, `${call.id}.check.mp3`);
    await fs.writeFile(file, mp3);
    const rate = 16_000;
    const [agent, client] = decode(file, rate);
    assert.ok(heard(agent, rate, left).seconds > 0.4, `left holds the agent's ${left} Hz`);
    assert.ok(heard(client, rate, right).seconds > 0.4, `right holds the client's ${right} Hz`);
    assert.ok(level(agent, rate, right) < level(client, rate, right) - 30, 'the client is not in the left channel');
    assert.ok(level(client, rate, left) < level(agent, rate, left) - 30, 'the agent is not in the right channel');
    const talked = (call.ended_at - call.answered_at) / 1000;
    assert.ok(Math.abs(agent.length / rate - talked) < 1.5, `the mp3 is as long as the talk: ${agent.length / rate} of ${talked} s`);
    return mp3;
  }

  test('a call to 602: its tone is heard here, the microphone there, and both are recorded apart', async () => {
    await desk.dial('602');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(TONE_602, { seconds: 1 });
    await farHears(MIC_HZ, 800);
    await desk.click('hang-up');
    const call = await ended('answered');
    assert.equal(call.direction, 'outgoing');
    assert.equal(call.number.e164, '602');
    assert.equal(call.hung_up_by, 'agent');
    assert.equal(call.employee.extension, '101');
    assert.ok(call.answered_at >= call.started_at && call.ended_at > call.answered_at);
    await checkRecording(call, { left: MIC_HZ, right: TONE_602 });
  });

  test('the robot calls a known number in: the card shows the name, tones flow both ways', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+74951234590', tone_hz: ROBOT_HZ, talk_secs: 60 });
    await desk.card('ringing-in');
    const text = await desk.cardSays(/Вера Соколова-Смит/);
    assert.match(text, /495\D*123-45-90/);
    assert.match(text, /Test network|Тестовая сеть/);
    await desk.click('answer');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(ROBOT_HZ, { seconds: 1 });
    await farHears(MIC_HZ, 800);
    await desk.click('hang-up');
    const call = await ended('answered');
    assert.equal(call.direction, 'incoming');
    assert.equal(call.contact.name, KNOWN.name);
    assert.equal(call.number.e164, '+74951234590');
    assert.equal((await trubka.farCall()).ended_by, 'them');
    await checkRecording(call, { left: MIC_HZ, right: ROBOT_HZ });
  });

  test('the far end hangs up: the card says so, the log says the client did', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460777', tone_hz: ROBOT_HZ, talk_secs: 2 });
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
    await desk.card('ended');
    const call = await ended('answered');
    assert.equal(call.hung_up_by, 'client');
    assert.equal(call.contact ?? null, null);
  });

  test('mute silences the microphone and gives it back', async () => {
    await desk.dial('602');
    await desk.card('talking');
    await farHears(MIC_HZ, 500);
    await desk.click('mute');
    const before = await until('silence at the far end', async () => {
      const first = toneMs(await trubka.farCall(), MIC_HZ);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const second = toneMs(await trubka.farCall(), MIC_HZ);
      return second === first && { ms: second };
    });
    await desk.click('mute');
    await farHears(MIC_HZ, before.ms + 500);
    await desk.click('hang-up');
    await ended('answered');
  });

  test('keys pressed on the keypad arrive at the far end, once each', async () => {
    await desk.dial('600');
    await desk.card('talking');
    await desk.click('keypad');
    for (const key of ['1', '5', '5', '0', '#']) await desk.click(`key-${key === '#' ? 'hash' : key}`);
    await until('the far end has the digits', async () => (await trubka.farCall()).digits === '1550#').catch(
      async () => assert.equal((await trubka.farCall()).digits, '1550#'));
    await desk.click('hang-up');
    await ended('answered');
  });

  test('digits the caller sends are kept with the call', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460019', talk_secs: 60, digits: '42' });
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
    await until('the digits are in the record', async () => (await trubka.newestCall()).digits === '42');
    await desk.click('hang-up');
    await ended('answered');
  });

  test('echo: what the microphone says comes back', async () => {
    await desk.dial('600');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(MIC_HZ, { seconds: 0.5 });
    await desk.click('hang-up');
    await ended('answered');
  });

  test('the talking clock says the time', async () => {
    await desk.dial('601');
    await desk.card('talking');
    await desk.listen();
    await desk.hearsVoice();
    await desk.click('hang-up');
    await ended('answered');
  });

  test('early media is heard before the answer', async () => {
    await desk.dial('605');
    await desk.card('early-media');
    await desk.listen();
    await desk.hears(620, { seconds: 0.5 });
    await desk.card('talking');
    await desk.hears(1000, { seconds: 0.5 });
    await desk.click('hang-up');
    await ended('answered');
  });

  for (const [number, status, words] of [
    ['603', 'busy', /busy/i],
    ['606', 'rejected', /declined/i],
    ['699', 'failed', /no such number|does not exist|not found|not in use/i],
  ]) {
    test(`a call to ${number} ends with a sentence and as "${status}"`, async () => {
      await desk.dial(number);
      await desk.card('ended');
      await desk.cardSays(words);
      const call = await ended(status);
      assert.equal(call.answered_at ?? null, null);
      assert.equal(call.recording ?? null, null);
    });
  }

  test('604 rings and nobody answers: given up by hand, the log says so', async () => {
    await desk.dial('604');
    await desk.card('ringing-out');
    await desk.click('hang-up');
    const call = await ended('cancelled');
    assert.equal(call.hung_up_by, 'agent');
    assert.equal((await trubka.farCall()).code, 487);
  });

  test('the caller gives up: the card goes with a sentence, the call is missed', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+74951234590', ring_secs: 2 });
    await desk.card('ringing-in');
    await desk.card('ended');
    await desk.cardSays(/missed|gave up|hung up/i);
    const call = await ended('no_answer');
    assert.equal(call.hung_up_by, 'client');
  });

  test('reject: the caller hears busy at once', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: null, ring_secs: 30 });
    await desk.card('ringing-in');
    await desk.cardSays(/withheld|hidden|private|anonymous/i);
    await desk.click('reject');
    const call = await ended('rejected');
    assert.equal(call.number ?? null, null);
    assert.equal((await until('the far end has an answer', async () => {
      const far = await trubka.farCall();
      return far.code && far;
    })).code, 486);
  });

  test('the log plays a recording and lists every call of this run', async () => {
    await desk.page.goto(`${trubka.url}/calls`);
    await desk.ready();
    await desk.page.waitForSelector('[data-testid="call-row"]');
    const rows = await desk.page.$$eval('[data-testid="call-row"]', (all) => all.length);
    const calls = (await trubka.api('GET', '/calls?limit=100')).items;
    assert.ok(rows >= Math.min(calls.length, 10), `${rows} rows for ${calls.length} calls`);
    const recorded = calls.find((call) => call.recording?.state === 'ready' && call.number?.e164 === '602');
    await desk.page.click(`[data-testid="call-row"][data-id="${recorded.id}"]`);
    await desk.click('player-play');
    await until('the player moves on', () => desk.page.$eval('[data-testid="player"]', (player) => Number(player.dataset.position) > 0.3));
    const file = await trubka.raw('GET', `/calls/${recorded.id}/recording?download`);
    assert.match(file.headers.get('content-disposition'), /_602_\d{4}-\d{2}-\d{2}[-_\d]*\.mp3/);
  });

  test('the page never complained', () => {
    const noise = /favicon|WebSocket connection|404|ERR_/;
    assert.deepEqual(desk.problems.filter((problem) => !noise.test(problem)), []);
  });
});


/** As the newcomer does it: the note on the desktop leads to the password. */
async function setPasswordInPage(desk) {
  await desk.click('set-password');
  const field = await desk.page.waitForSelector('[data-testid="new-password"]', { visible: true });
  await field.type('correct horse battery');
  await desk.click('save-password');
  await desk.page.waitForFunction(() => !document.querySelector('[data-testid="new-password"]'));
}
