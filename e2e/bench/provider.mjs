// A provider in forty lines for measuring: it takes any REGISTER and sends INVITEs at known times.
import dgram from 'node:dgram';

export class Carrier {
  static async start() {
    const self = new Carrier();
    self.socket = dgram.createSocket('udp4');
    self.waiting = new Map();
    await new Promise((resolve) => self.socket.bind(0, '127.0.0.1', resolve));
    self.port = self.socket.address().port;
    self.registered = new Promise((resolve) => {
      self.socket.on('message', (data, from) => self.take(data.toString(), from, resolve));
    });
    return self;
  }

  take(text, from, registered) {
    const head = (name) => text.match(new RegExp(`^${name}: *(.*)$`, 'mi'))?.[1].trim();
    if (text.startsWith('REGISTER')) {
      const contact = head('Contact');
      this.contact = contact.match(/<([^>]+)>/)[1];
      this.send(['SIP/2.0 200 OK', ...vias(text), `From: ${head('From')}`, `To: ${head('To')};tag=c`,
        `Call-ID: ${head('Call-ID')}`, `CSeq: ${head('CSeq')}`, `Contact: ${contact.split(';expires')[0]};expires=3600`,
        'Content-Length: 0'], from);
      this.peer = from;
      registered();
    } else if (text.startsWith('SIP/2.0')) {
      const code = Number(text.slice(8, 11));
      const call = this.waiting.get(head('Call-ID'));
      if (call && code >= 200 && /INVITE/.test(head('CSeq'))) {
        this.send(request('ACK', call, `To: ${head('To')}`), from);
        call.done?.();
      }
    }
  }

  send(lines, to) {
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    this.socket.send(bytes, to.port, to.address);
  }

  /** Sends an INVITE and returns when it was sent, ms since 1970 with fractions; `end()` cancels it. */
  ring(caller) {
    const id = `bench-${caller}-${Math.random().toString(36).slice(2)}`;
    const call = { id, caller, contact: this.contact, branch: `z9hG4bK${id}` };
    this.waiting.set(id, call);
    const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
      `m=audio ${40_000} RTP/AVP 8 0 101`, 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000', ''].join('\r\n');
    const head = request('INVITE', call, `To: <${call.contact}>`).slice(0, -1);
    const bytes = Buffer.from([...head, `Contact: <sip:${caller}@127.0.0.1:${this.port}>`,
      'Content-Type: application/sdp', `Content-Length: ${sdp.length}`, '', sdp].join('\r\n'));
    const sent = performance.timeOrigin + performance.now();
    this.socket.send(bytes, this.peer.port, this.peer.address);
    const over = new Promise((resolve) => { call.done = resolve; });
    return {
      sent,
      end: () => {
        this.send(request('CANCEL', call, `To: <${call.contact}>`), this.peer);
        return over;
      },
    };
  }

  stop() {
    this.socket.close();
  }
}

function vias(text) {
  return text.split('\r\n').filter((line) => /^via:/i.test(line));
}

function request(method, call, to) {
  return [`${method} ${call.contact} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:9;branch=${call.branch};rport`,
    'Max-Forwards: 70', `From: <sip:${call.caller}@127.0.0.1>;tag=f`, to, `Call-ID: ${call.id}`,
    `CSeq: 1 ${method}`, 'Content-Length: 0'];
}
