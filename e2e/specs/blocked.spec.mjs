// Networks that block UDP, or everything but 443: the audio takes another way.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { keepConnections, selectedPair } from '../fixtures/connections.mjs';
import { Firewall } from '../fixtures/firewall.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;
const ROBOT_HZ = 850;
/** Media has an address of its own, so that rules for it touch nothing else. */
const MEDIA = '127.8.0.1';

describe(`blocked UDP in ${name}`, () => {
  const firewall = new Firewall();
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start({ media: MEDIA });
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link(), keepConnections);
    await desk.ready();
    await trubka.signInAs(chrome);
  });

  after(async () => {
    firewall.clear();
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  afterEach(async () => {
    firewall.clear();
    await desk.tidy();
  });

  const blockUdp = () => {
    firewall.add(`-p udp -d ${MEDIA} -j DROP`);
    firewall.add(`-p udp -s ${MEDIA} -j DROP`);
  };

  const farHears = async (ms = 600) => {
    const before = toneMs(await trubka.farCall(), MIC_HZ);
    await until(`the far end hears ${MIC_HZ} Hz`, async () => toneMs(await trubka.farCall(), MIC_HZ) >= before + ms);
  };

  /** The way the browser says, and the way the card says. */
  const goesBy = async (protocol) => {
    await until(`the audio goes by ${protocol}`, async () => (await selectedPair(desk.page)).local.protocol === protocol);
    await desk.page.waitForSelector(`[data-testid="call-card"][data-way="${protocol}"]`);
  };

  test('with everything open the audio goes by UDP', async () => {
    await desk.talkTo('602', TONE_602);
    await goesBy('udp');
    assert.equal((await selectedPair(desk.page)).remote.protocol, 'udp');
  });

  test('UDP blocked: a call out goes over TCP, with tones both ways', async () => {
    blockUdp();
    const began = Date.now();
    await desk.talkTo('602', TONE_602);
    console.log(`# heard ${Date.now() - began} ms after dialling`);
    await farHears();
    await goesBy('tcp');
    assert.equal((await selectedPair(desk.page)).remote.protocol, 'tcp');
  });

  test('UDP blocked: a call in goes over TCP, with tones both ways', async () => {
    blockUdp();
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', tone_hz: ROBOT_HZ, talk_secs: 60 });
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(ROBOT_HZ);
    await farHears();
    await goesBy('tcp');
  });

  test('UDP that is blocked in the middle of a call: it moves to TCP, and goes on', async () => {
    await desk.talkTo('602', TONE_602);
    await goesBy('udp');
    const { id } = await trubka.newestCall();
    const cut = Date.now();
    blockUdp();
    await goesBy('tcp');
    await desk.listen();
    await desk.hears(TONE_602);
    await farHears();
    console.log(`# on TCP ${Date.now() - cut} ms after UDP was cut`);
    await trubka.goesOn(id);
  });

  test('a TCP connection that dies: the call finds another, and goes on', async () => {
    blockUdp();
    await desk.talkTo('602', TONE_602);
    await goesBy('tcp');
    const { id } = await trubka.newestCall();
    const ports = connectionsTo(trubka.ports.media);
    assert.ok(ports.length > 0);
    for (const port of ports) firewall.add(`-p tcp -d ${MEDIA} --sport ${port} -j REJECT --reject-with tcp-reset`);
    await until('they are dead', () => !connectionsTo(trubka.ports.media).some((port) => ports.includes(port)), { timeout: 60_000 });
    await desk.listen();
    await desk.hears(TONE_602, { timeout: 30_000 });
    await farHears();
    await goesBy('tcp');
    await trubka.goesOn(id);
  });
});

/** Local ports of the established connections to a port of the media address. */
function connectionsTo(port) {
  const listed = execFileSync('ss', ['-Htn', 'state', 'established', `dst ${MEDIA} and dport = :${port}`]).toString();
  return [...listed.matchAll(/:(\d+)\s+127\.8\.0\.1:/g)].map((found) => Number(found[1]));
}
