// Another browser telephone: JsSIP on a page of its own, which plays one tone and hears others.
import http from 'node:http';
import { JSSIP, provideRequire } from '../fixtures/common-js.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from './desk.mjs';

/** What it plays, Hz. */
export const FOREIGN_HZ = 1300;

/** A web site that is not ours. */
export async function site() {
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>JsSIP</title>');
  });
  await new Promise((listening) => { server.listen(0, 'localhost', listening); });
  return { server, url: `http://localhost:${server.address().port}` };
}

export class Foreign {
  /** Opens the page and registers. `account` is what `POST /phone/credentials` gave. */
  static async open(browser, url, socket, account) {
    const self = new Foreign();
    self.page = await browser.newPage();
    self.ear = new Desk();
    self.ear.page = self.page;
    await self.page.goto(url);
    await provideRequire(self.page, JSSIP);
    await self.page.evaluate(start, socket, account, FOREIGN_HZ);
    await self.page.bringToFront();
    await self.is('registered');
    return self;
  }

  /** Waits until JsSIP has said this. */
  async is(event, timeout = 15_000) {
    return until(`JsSIP says ${event}`, () => this.page.evaluate((event) => window.said.find((said) => said.event === event), event), { timeout })
      .catch(async (error) => { throw new Error(`${error.message}; it said ${JSON.stringify(await this.page.evaluate(() => window.said))}`); });
  }

  /** Forgets what was said so far. */
  forget() {
    return this.page.evaluate(() => { window.said.length = 0; });
  }

  call(number) {
    return this.page.evaluate((number) => window.dial(number), number);
  }

  /** Does something with the call: `answer`, `hold`, `unhold`, `terminate`, `refer`. */
  act(what, argument) {
    return this.page.evaluate((what, argument) => window.act(what, argument), what, argument);
  }
}

/** In the page. */
async function start(socket, account, hz) {
  window.said = [];
  const JsSIP = window.require('jssip');
  // Firefox gathers local addresses only for pages that use the microphone.
  window.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const context = new AudioContext();
  await context.resume();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.frequency.value = hz;
  tone.connect(out);
  tone.start();
  const audio = document.createElement('audio');
  audio.dataset.trubka = 'remote';
  audio.autoplay = true;
  document.body.append(audio);
  const say = (event, detail) => window.said.push({ event, detail });
  let session;
  const follow = (found) => {
    session = found;
    for (const event of ['progress', 'accepted', 'confirmed', 'ended', 'failed', 'hold', 'unhold']) {
      session.on(event, (data) => say(event, data?.cause ?? data?.originator));
    }
    const watch = (connection) => connection.addEventListener('track', ({ track }) => {
      audio.srcObject = new MediaStream([track]);
    });
    if (session.connection) watch(session.connection);
    session.on('peerconnection', ({ peerconnection }) => watch(peerconnection));
  };
  const ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(socket)],
    uri: `sip:${account.username}@${account.domain}`,
    password: account.password, display_name: account.display_name, session_timers: true,
  });
  ua.on('registered', () => say('registered'));
  ua.on('registrationFailed', ({ cause }) => say('refused', cause));
  ua.on('newRTCSession', (data) => {
    if (data.originator !== 'remote') return;
    follow(data.session);
    say('rings', data.request.from.uri.user);
  });
  const media = { mediaStream: out.stream, pcConfig: { iceServers: [] } };
  window.dial = (number) => {
    follow(ua.call(`sip:${number}@${account.domain}`, { ...media, mediaConstraints: { audio: true, video: false } }));
  };
  window.act = (what, argument) => {
    if (what === 'answer') session.answer(media);
    else if (what === 'refer') {
      session.refer(`sip:${argument}@${account.domain}`, {
        eventHandlers: {
          accepted: () => say('transferred'), failed: (data) => say('not transferred', data?.status_line?.status_code),
          requestSucceeded: () => say('transfer taken'), requestFailed: () => say('transfer refused'),
        },
      });
    } else session[what]();
  };
  ua.start();
}
