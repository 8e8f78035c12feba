// Three minutes of ringing at a far end that never answers: given up by itself, told in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

test(`a call nobody answers ends with a sentence in ${name}`, async () => {
  const trubka = await Trubka.start();
  const chrome = await launch();
  try {
    const desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
    await desk.dial('604');
    await desk.card('ringing-out');
    await desk.card('ended', 200_000);
    await desk.cardSays(/no answer|not answer|nobody answered/i);
    const call = await until('the call is over', async () => {
      const newest = await trubka.newestCall();
      return newest?.ended_at && newest;
    });
    assert.equal(call.status, 'no_answer');
    assert.ok(call.ended_at - call.started_at > 150_000);
    console.log(`# it rang ${Math.round((call.ended_at - call.started_at) / 1000)} s`);
  } finally {
    await chrome.close();
    await trubka.stop();
    await silence();
  }
});
