// Bad input and missing things: each a clear sentence, nothing lost, nothing crashed.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`trouble in ${name}`, () => {
  let trubka;

  before(async () => {
    trubka = await Trubka.start();
  });

  after(async () => {
    await trubka?.stop();
    await silence();
  });

  test('without a microphone a call is refused with a sentence, and still comes in', async () => {
    const chrome = await launch({ mic: 'none' });
    try {
      const desk = await Desk.open(chrome, await trubka.link());
      await trubka.process.text();
      await desk.ready();
      await desk.dial('602');
      await until('the page says what is wrong', async () =>
        /microphone/i.test(await desk.page.$eval('[data-testid="dock"]', (dock) => dock.innerText)));
      await desk.page.evaluate(async () => {
        await fetch('/api/v1/me/password', {
          method: 'PUT', headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ new: 'correct horse battery' }),
        });
      });
      assert.equal((await trubka.password('admin', 'correct horse battery')).status, 200);
      await trubka.api('POST', '/test-network/calls', { caller: '+442079460018' });
      await desk.card('ringing-in');
      await desk.click('reject');
    } finally {
      await chrome.close();
    }
  });

  test('a denied microphone is told with its remedy', async () => {
    const chrome = await launch({ mic: 'denied' });
    try {
      const desk = await Desk.open(chrome, `${trubka.url}/sign-in`);
      await signIn(desk, 'admin', 'correct horse battery');
      await desk.ready();
      await desk.dial('602');
      await until('the page says what is wrong', async () =>
        /microphone/i.test(await desk.page.$eval('[data-testid="dock"]', (dock) => dock.innerText)));
    } finally {
      await chrome.close();
    }
  });

  test('a wrong password is refused with a sentence, the right one signs in', async () => {
    const chrome = await launch();
    try {
      const desk = await Desk.open(chrome, `${trubka.url}/sign-in`);
      await signIn(desk, 'admin', 'wrong horse battery');
      await until('the page says what is wrong', async () =>
        /password/i.test(await desk.page.$eval('[role="alert"]', (alert) => alert.innerText)));
      await signIn(desk, 'admin', 'correct horse battery');
      await desk.ready();
    } finally {
      await chrome.close();
    }
  });

  test('garbage on the SIP and media ports in the middle of a call harms nothing', async () => {
    const chrome = await launch();
    try {
      const desk = await Desk.open(chrome, `${trubka.url}/sign-in`);
      await signIn(desk, 'admin', 'correct horse battery');
      await desk.ready();
      await desk.dial('602');
      await desk.card('talking');
      await garbage(trubka.ports.sip);
      await garbage(trubka.ports.media);
      await desk.listen();
      await desk.hears(1000, { seconds: 1 });
      const reply = await ask(trubka.ports.sip, 'OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport\r\nCSeq: nonsense\r\nContent-Length: 0\r\n\r\n');
      assert.match(reply, /^SIP\/2\.0 400 /);
      await desk.click('hang-up');
    } finally {
      await chrome.close();
    }
  });

  test('nobody without an account makes a call through the SIP port', async () => {
    const reply = await ask(trubka.ports.sip, [
      'INVITE sip:602@127.0.0.1 SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKfraud;rport',
      'Max-Forwards: 70', 'From: <sip:101@trubka>;tag=1', 'To: <sip:602@127.0.0.1>', 'Call-ID: fraud@x',
      'CSeq: 1 INVITE', 'Contact: <sip:101@127.0.0.1:9>', 'Content-Length: 0', '', '',
    ].join('\r\n'), (text) => !/^SIP\/2\.0 1/.test(text));
    assert.match(reply, /^SIP\/2\.0 40[137] /);
  });
});

async function signIn(desk, login, password) {
  for (const [field, text] of [['login', login], ['password', password]]) {
    const input = await desk.page.waitForSelector(`[data-testid="${field}"]`, { visible: true });
    await input.click({ count: 3 });
    await input.type(text);
  }
  await desk.click('sign-in');
}

async function garbage(port) {
  const socket = dgram.createSocket('udp4');
  const send = (bytes) => new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
  for (let i = 0; i < 300; i += 1) {
    await send(Buffer.from(Array.from({ length: 1 + ((i * 37) % 900) }, (_, k) => (i * 131 + k * k * 7) & 255)));
  }
  await send(Buffer.from('INVITE sip: SIP/2.0\r\n: \r\n\r\n'));
  socket.close();
}

function ask(port, text, wanted = () => true) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error('no answer on the SIP port'));
    }, 5_000);
    socket.on('message', (message) => {
      if (!wanted(message.toString())) return;
      clearTimeout(timer);
      socket.close();
      resolve(message.toString());
    });
    socket.send(text, port, '127.0.0.1');
  });
}
