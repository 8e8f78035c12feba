// Both ends of measured calls: a caller that times each INVITE to its 200 by the nanosecond clock, and
// in a thread of its own a callee that answers at once. Plain SIP over UDP, as literal text.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const TALK_MS = 200;
/** RFC 3261's T1: an INVITE without any word is sent again. */
const REPEAT_MS = 500;
/** A call without a 200 after so long has failed. */
const PATIENCE_MS = 5_000;
const SDP = (host) => `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n`;

const field = (text, name) => text.match(new RegExp(`^${name}[ \t]*:[ \t]*(.*)\r$`, 'mi'))?.[1];
const fields = (text, name) => [...text.matchAll(new RegExp(`^${name}[ \t]*:[ \t]*(.*)\r$`, 'gmi'))].map(([, value]) => value);
const uriOf = (value) => value.match(/<([^>]+)>/)?.[1] ?? value.split(';')[0];

async function bound(host, port) {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

/** The answer to a request: what RFC 3261 §8.2.6.2 copies, and more. */
function answer(request, status, more = '', body = '') {
  const via = fields(request, 'Via').map((value) => `Via: ${value}\r\n`).join('');
  const to = field(request, 'To');
  const tagged = /;tag=/.test(to) || status.startsWith('1') ? to : `${to};tag=callee`;
  return `SIP/2.0 ${status}\r\n${via}From: ${field(request, 'From')}\r\nTo: ${tagged}\r\nCall-ID: ${field(request, 'Call-ID')}\r\nCSeq: ${field(request, 'CSeq')}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** Answers every INVITE with 180 and 200 at once. */
async function callee({ host, port }) {
  const socket = await bound(host, port);
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('latin1');
    const send = (message) => socket.send(message, from.port, from.address);
    if (text.startsWith('INVITE ')) {
      const routes = fields(text, 'Record-Route').map((value) => `Record-Route: ${value}\r\n`).join('');
      const contact = `Contact: <sip:${host}:${port}>\r\n`;
      send(answer(text, '180 Ringing', `${routes}${contact}`));
      send(answer(text, '200 OK', `${routes}${contact}Content-Type: application/sdp\r\n`, SDP(host)));
    } else if (!text.startsWith('ACK ') && !text.startsWith('SIP/2.0')) {
      send(answer(text, '200 OK'));
    }
  });
  parentPort.postMessage('ready');
}

/** Numbers of calls, never one twice: far ends remember the last half minute. */
let numbers = 0;

/** One call of the caller's. */
class Call {
  constructor(number, { host, port, target }) {
    Object.assign(this, { id: `m${number}-${process.pid}@${host}`, number, host, port, cseq: 1 });
    this.uri = `sip:74950000000@${target.host}:${target.port}`;
    this.to = `<${this.uri}>`;
    this.routes = [];
  }

  request(method, body = '') {
    const routes = this.routes.map((route) => `Route: ${route}\r\n`).join('');
    const type = body && 'Content-Type: application/sdp\r\n';
    return `${method} ${this.uri} SIP/2.0\r\nVia: SIP/2.0/UDP ${this.host}:${this.port};branch=z9hG4bK${method}${this.number}\r\n${routes}From: <sip:caller@${this.host}>;tag=m${this.number}\r\nTo: ${this.to}\r\nCall-ID: ${this.id}\r\nCSeq: ${this.cseq} ${method}\r\nContact: <sip:caller@${this.host}:${this.port}>\r\nMax-Forwards: 70\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`;
  }

  /** Takes the 200: where requests of the dialog go from now on (RFC 3261 §12.1.2). */
  answered(text) {
    this.to = field(text, 'To');
    this.uri = uriOf(field(text, 'Contact'));
    this.routes = fields(text, 'Record-Route').reverse();
  }
}

/**
 * `calls` calls at `rate` a second through `target`: milliseconds from INVITE to 200 of those that were
 * answered. `caller` and `callee` are `{ host, port }`.
 */
export async function probe({ target, caller, callee, rate, calls }) {
  const worker = new Worker(new URL(import.meta.url), { workerData: callee });
  await once(worker, 'message');
  const socket = await bound(caller.host, caller.port);
  const send = (message) => socket.send(message, target.port, target.host);
  const open = new Map();
  const times = [];
  let failed = 0;
  socket.on('message', (bytes, from) => {
    const now = process.hrtime.bigint();
    const text = bytes.toString('latin1');
    if (!text.startsWith('SIP/2.0')) {
      if (!text.startsWith('ACK ')) socket.send(answer(text, '200 OK'), from.port, from.address);
      return;
    }
    const call = open.get(field(text, 'Call-ID'));
    if (!call) return;
    call.heard = true;
    const code = Number(text.slice(8, 11));
    const method = field(text, 'CSeq').split(' ')[1];
    if (method === 'BYE') {
      if (code >= 200) open.delete(call.id);
    } else if (code >= 200 && code < 300) {
      if (!call.done) {
        times.push(Number(now - call.sent) / 1e6);
        call.done = true;
        call.answered(text);
        setTimeout(() => { call.cseq = 2; send(call.request('BYE')); }, TALK_MS);
      }
      call.cseq = 1;
      send(call.request('ACK'));
    } else if (code >= 300) {
      call.to = field(text, 'To');
      send(call.request('ACK'));
      open.delete(call.id);
      failed += 1;
    }
  });
  const begin = () => {
    const call = new Call(numbers++, { ...caller, target });
    const invite = call.request('INVITE', SDP(caller.host));
    open.set(call.id, call);
    call.sent = process.hrtime.bigint();
    send(invite);
    setTimeout(() => { if (!call.heard) send(invite); }, REPEAT_MS);
  };
  const start = performance.now();
  for (let number = 0; number < calls;) {
    const due = Math.min(calls, Math.floor((performance.now() - start) * rate / 1_000));
    // One at a time: a burst would measure its own queue.
    if (number < due) {
      begin();
      number += 1;
    }
    await new Promise((later) => { if (number < due) setImmediate(later); else setTimeout(later, 1); });
  }
  const end = performance.now() + PATIENCE_MS;
  while ([...open.values()].some((call) => !call.done) && performance.now() < end) await new Promise((later) => setTimeout(later, 20));
  failed += [...open.values()].filter((call) => !call.done).length;
  await new Promise((later) => setTimeout(later, 2 * TALK_MS));
  socket.close();
  await worker.terminate();
  return { times, failed };
}

if (!isMainThread && workerData?.host) await callee(workerData);
