// Power cut in the middle of a call: the record is closed with its reason, the recording is there.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { decode, heard } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`kill -9 in ${name}`, () => {
  let trubka;
  let chrome;

  before(async () => {
    trubka = await Trubka.start();
    chrome = await launch();
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  test('the record is closed with its reason and the recording is complete to within 1 s', async () => {
    const desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await desk.dial('602');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(1000, { seconds: 4 });
    const killed = Date.now();
    await trubka.kill();
    await trubka.launch();
    await trubka.signIn();
    const call = await until('the call is closed', async () => {
      const newest = await trubka.newestCall();
      return newest?.ended_at && newest;
    });
    assert.equal(call.status, 'interrupted');
    assert.match(call.sip_reason, /stopped/i);
    assert.ok(Math.abs(call.ended_at - killed) < 1_500, `ended ${killed - call.ended_at} ms before the kill`);
    const file = path.join(trubka.data, 'check.mp3');
    await fs.writeFile(file, await trubka.recording(call.id));
    const rate = 16_000;
    const [agent, client] = decode(file, rate);
    const missing = (killed - call.answered_at) / 1000 - client.length / rate;
    assert.ok(missing < 1, `${missing.toFixed(2)} s of the recording are missing`);
    assert.ok(heard(client, rate, 1000).seconds > 3, 'the client is there');
    assert.ok(heard(agent, rate, MIC_HZ).seconds > 1, 'the agent is there');
    console.log(`# recording misses ${missing.toFixed(2)} s before the kill`);
    // And the phone comes back by itself.
    await desk.ready(40_000);
  });
});
