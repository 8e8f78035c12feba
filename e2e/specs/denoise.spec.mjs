// Only the voice: noise suppression of our own, both ways.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { SoundServer } from '../fixtures/sound.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`only the voice in ${name}`, () => {
  let sound;
  let trubka;
  let browser;
  let desk;

  before(async () => {
    sound = await SoundServer.start({ speakers: ['Desk'], microphones: [['Hiss']] });
    trubka = await Trubka.start();
    browser = await launch({ mic: 'real', sound: sound.address });
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
    await sound?.stop();
  });

  const level = () => desk.page.$eval('[data-testid="sound-level"]', (bar) => Number(bar.getAttribute('aria-valuenow')));

  test('it is fetched by who switches it on only', async () => {
    const fetched = () => desk.page.evaluate(() => performance.getEntriesByType('resource').some((one) => /denoise/.test(one.name)));
    assert.equal(await fetched(), false);
    await desk.openSound();
    await desk.click('sound-clean');
    await until('it is there', fetched);
    await desk.click('sound-clean');
  });

  test('noise of the microphone is taken out of one\'s own voice', async () => {
    const ear = sound.listen('Desk');
    try {
      await desk.openSound();
      for (const one of ['echo', 'noise', 'gain']) await desk.click(`sound-${one}`);
      await until('the noise is heard', async () => (await level()) > 30);
      const oneself = async () => {
        await desk.soundStep('sound-try', 'playing');
        const began = Date.now() + 500;
        await desk.page.waitForSelector('[data-testid="sound-try-state"]:not([data-step="playing"])', { timeout: 15_000 });
        return ear.loudness(began);
      };
      const noisy = await oneself();
      await desk.click('sound-clean');
      await until('the noise is gone', async () => (await level()) < 30, { timeout: 20_000 });
      const clean = await oneself();
      console.log(`# noise at ${noisy.toFixed(0)} dB, then at ${clean.toFixed(0)} dB`);
      assert.ok(clean < noisy - 12);
      await desk.closeSound();
    } finally {
      ear.stop();
    }
  });

  test('a voice of the other side comes through, switched in mid-call', async () => {
    await desk.dial('601');
    await desk.card('talking');
    await desk.openSound();
    await desk.click('sound-clean-theirs');
    await desk.listen();
    const tracks = () => desk.page.$eval('audio[data-trubka="remote"]', (audio) => audio.srcObject.getAudioTracks()[0].id);
    const cleaned = await tracks();
    await desk.hearsVoice();
    await desk.click('sound-clean-theirs');
    await until('it comes as it is sent', async () => (await tracks()) !== cleaned);
    await desk.closeSound();
    await desk.tidy();
  });

  test('what it costs', async () => {
    const ms = await desk.page.evaluate(async () => {
      const module = await WebAssembly.compile(await (await fetch('/denoise_bg.wasm')).arrayBuffer());
      const imports = {};
      for (const one of WebAssembly.Module.imports(module)) (imports[one.module] ??= {})[one.name] = () => {};
      const wasm = (await WebAssembly.instantiate(module, imports)).exports;
      const frames = 1_000;
      const began = performance.now();
      for (let i = 0; i < frames; i += 1) {
        const frame = new Float32Array(wasm.memory.buffer, wasm.frame(), 480);
        for (let at = 0; at < 480; at += 1) frame[at] = (Math.random() - 0.5) * 8_000;
        wasm.process();
      }
      return (performance.now() - began) / (frames / 100);
    });
    console.log(`# ${ms.toFixed(1)} ms of processor for a second of audio`);
    assert.ok(ms < 500, `${ms} ms for a second`);
  });
});
