// The call outlives the page, the tab, the connection; the phone outlives the server.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Relay } from '../fixtures/relay.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;

describe(`survival in ${name}`, () => {
  let trubka;
  let relay;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    relay = await Relay.start(trubka.ports.http);
    chrome = await launch();
    const link = (await trubka.link()).replace(/:\d+\//, `:${relay.port}/`);
    desk = await Desk.open(chrome, link);
    await desk.ready();
    await trubka.signInAs(chrome);
  });

  after(async () => {
    await chrome?.close();
    relay?.stop();
    await trubka?.stop();
    await silence();
  });

  afterEach(() => desk.tidy());

  const talk = () => desk.talkTo('602', TONE_602);

  test('half-dead connection: audio is not interrupted, signalling is back within 3 s', async () => {
    await talk();
    const { id } = await trubka.newestCall();
    const noticing = desk.noticing();
    const cut = Date.now();
    assert.ok(relay.freeze() > 0);
    const noticed = (await noticing) - cut;
    await desk.ready();
    const back = Date.now() - cut;
    await new Promise((resolve) => { setTimeout(resolve, 1_500); });
    const gap = await desk.gap(TONE_602, cut);
    console.log(`# noticed after ${noticed} ms, back after ${back} ms, longest gap in the audio ${gap} ms`);
    assert.ok(back < 4_000, `signalling was away for ${back} ms`);
    assert.ok(gap < 400, `the audio was away for ${gap} ms`);
    await trubka.goesOn(id);
    await desk.click('hang-up');
    await until('the call is over for the far end too', async () => (await trubka.newestCall()).ended_at);
  });

  test('a connection that is cut ten times within 20 s takes neither the call nor its audio', async () => {
    await talk();
    const { id } = await trubka.newestCall();
    const began = Date.now();
    for (let i = 0; i < 10; i += 1) {
      relay.freeze();
      await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    }
    await desk.ready();
    await desk.stack(['talking']);
    const gap = await desk.gap(TONE_602, began);
    assert.ok(gap < 400, `the audio was away for ${gap} ms`);
    await trubka.goesOn(id);
  });

  test('reload while it rings in: the same call rings on', async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });
    await desk.card('ringing-in');
    await desk.page.reload();
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
  });

  test('ten tabs: one rings, all show the call, any answers', async () => {
    const origin = new URL(desk.page.url()).origin;
    const others = await Promise.all(Array.from({ length: 9 }, () => Desk.open(chrome, `${origin}/`)));
    for (const other of others) await other.ready();
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });
    for (const other of [desk, ...others]) await other.card('ringing-in');
    await others[4].page.bringToFront();
    await others[4].click('answer');
    for (const other of [desk, ...others]) await other.card('talking');
    const speaking = await Promise.all([desk, ...others].map((other) => other.page.$$eval('audio[data-trubka="remote"]', (all) => all.length)));
    assert.equal(speaking.reduce((sum, one) => sum + one, 0), 1, 'one tab has the audio');
    await others[4].click('hang-up');
    await desk.page.bringToFront();
    for (const other of others) await other.close();
  });

  test('server restart: the phone comes back by itself, the call is said to be over', async () => {
    await talk();
    await trubka.kill();
    await trubka.launch();
    const up = Date.now();
    // How soon is measured by `bench survival`.
    await desk.ready();
    console.log(`# registered ${Date.now() - up} ms after the server was up`);
    await desk.card('ended');
    await trubka.signInAs(chrome);
  });
});
