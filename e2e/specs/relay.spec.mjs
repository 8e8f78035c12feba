// A network that lets nothing but 443 through: the audio goes over coturn.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { keepConnections, selectedPair } from '../fixtures/connections.mjs';
import { Firewall } from '../fixtures/firewall.mjs';
import { until } from '../fixtures/process.mjs';
import { ADDRESS, NAME, RelayServer, SECRET, user } from '../fixtures/relay-server.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';
import { precheck } from '../pages/precheck.mjs';

const TONE_602 = 1000;
const MEDIA = '127.8.0.1';
const URLS = { tcp: `turn:${ADDRESS}:443?transport=tcp`, tls: `turns:${NAME}:443?transport=tcp` };
const LIFETIME = 40;

let relay;

before(async () => {
  relay = await RelayServer.start(MEDIA);
});

after(async () => {
  await relay?.stop();
  await silence();
});

for (const [protocol, url] of Object.entries(URLS)) {
  describe(`only 443 is open, a relay by ${protocol} in ${name}`, () => {
    const firewall = new Firewall();
    let trubka;
    let chrome;
    let desk;

    before(async () => {
      const args = ['--turn-url', url, '--turn-secret', SECRET, '--turn-lifetime', `${LIFETIME}`];
      trubka = await Trubka.start({ media: MEDIA, args });
      chrome = await launch({ names: [NAME], authority: relay.authority });
      desk = await Desk.open(chrome, await trubka.link(), keepConnections);
      await desk.ready();
      await trubka.signInAs(chrome);
    });

    after(async () => {
      firewall.clear();
      await chrome?.close();
      await trubka?.stop();
    });

    afterEach(async () => {
      firewall.clear();
      await desk.tidy();
    });

    /** Of the media only what comes from the relay gets through, and to the relay only 443. */
    const blockAllBut443 = () => {
      firewall.add(`-s ${ADDRESS} -j ACCEPT`);
      firewall.add(`-s ${MEDIA} -d ${ADDRESS} -j ACCEPT`);
      firewall.add(`-p tcp -d ${ADDRESS} --dport 443 -j ACCEPT`);
      for (const address of [ADDRESS, MEDIA]) firewall.add(`-d ${address} -j DROP`);
      firewall.add(`-s ${MEDIA} -j DROP`);
    };

    test('a call goes over the relay, with tones both ways', async () => {
      blockAllBut443();
      await desk.talkTo('602', TONE_602);
      await until(`the far end hears ${MIC_HZ} Hz`, async () => toneMs(await trubka.farCall(), MIC_HZ) > 600);
      const { local } = await selectedPair(desk.page);
      assert.deepEqual([local.candidateType, local.relayProtocol], ['relay', protocol]);
      await desk.page.waitForSelector(`[data-testid="call-card"][data-way="turn-${protocol}"]`);
      assert.match(relay.text(), /peer 127\.8\.0\.1 lifetime updated/, 'coturn relays to the media address');
    });

    test('with everything open the audio goes straight to the server', async () => {
      await desk.talkTo('602', TONE_602);
      await desk.page.waitForSelector('[data-testid="call-card"][data-way="udp"]');
    });

    test('the page gets a user whose time is limited, and new ones before it is over', async () => {
      await desk.talkTo('602', TONE_602);
      const given = () => desk.page.evaluate(() => window.trubkaConnections.at(-1).getConfiguration().iceServers[0]);
      const first = await given();
      const [ends] = first.username.split(':').map(Number);
      const now = Date.now() / 1000;
      assert.ok(ends > now && ends <= now + LIFETIME + 1, `${first.username} at ${now}`);
      assert.equal(first.credential, user(ends).credential);
      const renewed = await until('the running call has another user', async () => {
        const { username } = await given();
        return username !== first.username && Number(username.split(':')[0]);
      }, { timeout: LIFETIME * 1000 });
      assert.ok(Date.now() / 1000 < ends, 'the first one is good still');
      assert.ok(renewed > ends);
    });

    test('coturn refuses a user whose time is over', async () => {
      const now = Math.floor(Date.now() / 1000);
      const good = await gather(desk.page, { urls: [url], ...user(now + 60) });
      assert.ok(good.relays > 0, `a good user gets a relay: ${JSON.stringify(good)}`);
      const late = await gather(desk.page, { urls: [url], ...user(now - 60) });
      assert.equal(late.relays, 0);
      assert.ok(late.errors.includes(401), `${late.errors}`);
      assert.match(relay.text(), new RegExp(`user <${now - 60}:101>: .*error 401`));
    });
  });
}

describe(`the check before a call with a relay in ${name}`, () => {
  const url = URLS.tcp;
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start({ media: MEDIA, args: ['--turn-url', url, '--turn-secret', SECRET] });
    chrome = await launch({ names: [NAME], authority: relay.authority });
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
  });

  test('it says that audio gets through, and over which relay', async () => {
    const told = await precheck(desk.page, trubka.url);
    assert.equal(told.turn.mark, 'good', JSON.stringify(told));
    assert.ok(told.turn.text.includes(`Gets through, by ${url}`), told.turn.text);
    assert.equal(told.verdict, 'Ready for calls.');
  });

  test('when coturn is stopped it says which relay does not answer and what to do, in both languages', async () => {
    await relay.stop();
    const told = await precheck(desk.page, trubka.url);
    assert.equal(told.udp.mark, 'good', JSON.stringify(told));
    assert.equal(told.turn.mark, 'bad', JSON.stringify(told));
    assert.ok(told.turn.text.includes(`No relay answers: ${url}`), told.turn.text);
    assert.match(told.turn.text, /administrator see that the relay \(coturn\) runs/);
    assert.equal(told.verdict, 'Not everything is as it should be.');
    await desk.click('account');
    await desk.click('language-ru');
    await until('it is said in Russian', () => desk.page.$eval('[data-step="precheck.turn"]', (step) => /Ретранслятор не отвечает: turn:.*запущен/.test(step.innerText)));
  });
});

/** How many relayed candidates a page gets with this server, and what errors. */
function gather(page, server) {
  return page.evaluate(async (server) => {
    // Firefox uses all addresses of the computer only for a page that has the microphone.
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const connection = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
    const errors = [];
    let relays = 0;
    connection.addEventListener('icecandidateerror', (event) => errors.push(event.errorCode));
    const gathered = new Promise((resolve) => {
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (!candidate) resolve();
        else if (/ typ relay /.test(candidate.candidate)) relays += 1;
      });
    });
    connection.addTransceiver('audio');
    await connection.setLocalDescription(await connection.createOffer());
    await Promise.race([gathered, new Promise((resolve) => { setTimeout(resolve, 10_000); })]);
    connection.close();
    stream.getTracks().forEach((track) => track.stop());
    return { relays, errors };
  }, server);
}
