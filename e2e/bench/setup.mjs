// Call set-up: SIPp calls in over one trunk, Trubka forwards over another, SIPp answers. INVITE to
// 200 as the caller sees it, at a steady rate; then the same two SIPps through Kamailio as a proxy.
// Trubka is a back-to-back user agent that opens media ports, decides by its rules and writes the
// record of each call; Kamailio relays with a transaction. Both in one run, signalling only.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort, start, until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { percentile } from './samples.mjs';

const rate = Number(process.env.RATE ?? 100);
const calls = Number(process.env.CALLS ?? 3_000);
const TALK_MS = 200;
const [CALLER, CALLEE] = ['127.0.0.2', '127.0.0.3'];
const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'trubka-setup-'));

/**
 * `rate` calls a second through a SIP port; milliseconds from INVITE to 200, each. A call of ours that
 * fails fails the bench; a peer's may, up to `failures`, and is told.
 */
async function measure(name, port, callerPort, calleePort, { failures = 0 } = {}) {
  const folder = path.join(dir, name);
  await fs.mkdir(folder);
  const callee = start('sipp', ['-sn', 'uas', '-i', CALLEE, '-p', calleePort, '-nostdin'], { cwd: folder });
  const caller = start('sipp', [
    '-sn', 'uac', '-i', CALLER, '-p', callerPort, `127.0.0.1:${port}`, '-s', '74950000000',
    '-r', rate, '-m', calls, '-l', rate * 10, '-d', TALK_MS, '-trace_rtt', '-rtt_freq', '1', '-timeout', '120s', '-timer_resol', '1', '-nostdin',
  ].map(String), { cwd: folder });
  try {
    const { code } = await caller.ended;
    const failed = Number(caller.text().match(/Failed call\s+\|\s+\d+\s+\|\s+(\d+)\s*\n(?![\s\S]*Failed call)/)?.[1] ?? Number.NaN);
    if (code !== 0) console.log(`setup, ${name}: SIPp ended with ${code}, ${failed} calls failed`);
    if (code !== 0 && !(failed <= failures)) throw new Error(`${name}: ${caller.text().slice(-2_000)}`);
  } finally {
    await callee.stop();
  }
  const file = (await fs.readdir(folder)).find((file) => file.endsWith('_rtt.csv'));
  const lines = (await fs.readFile(path.join(folder, file), 'utf8')).trim().split('\n').slice(1);
  const times = lines.map((line) => Number(line.split(';')[1])).filter(Number.isFinite);
  if (times.length < calls) throw new Error(`${name}: ${times.length} of ${calls} calls were set up`);
  console.log(`setup, ${name}: ${calls} calls at ${rate}/s, load ${os.loadavg()[0].toFixed(2)}, p50 ${percentile(times, 50)} p95 ${percentile(times, 95)} p99 ${percentile(times, 99)} max ${percentile(times, 100)} ms`);
  await fs.writeFile(`${process.env.OUT}.${name}.csv`, lines.join('\n'));
  return times;
}

async function ofTrubka() {
  const trubka = await Trubka.start();
  try {
    await trubka.signIn();
    const [callerPort, calleePort] = [await freePort(), await freePort()];
    const trunk = (label, address, more) => trubka.api('POST', '/lines', {
      mode: 'advanced', label, user: label.toLowerCase(), domain: address, trunk: true,
      sources: [address.split(':')[0]], record: false, ...more,
    });
    const out = await trunk('Out', `${CALLEE}:${calleePort}`, {});
    await trubka.api('PUT', `/lines/${out.id}/default`);
    await trunk('In', `${CALLER}:${callerPort}`, {
      plan: { stages: [], forward: { number: '+74951112233', secs: 15 } },
    });
    return await measure('trubka', trubka.ports.sip, callerPort, calleePort);
  } finally {
    await trubka.stop();
  }
}

async function ofKamailio() {
  const [port, callerPort, calleePort] = [await freePort(), await freePort(), await freePort()];
  const file = path.join(dir, 'kamailio.cfg');
  await fs.writeFile(file, `#!KAMAILIO
debug=0
log_stderror=yes
children=2
listen=udp:127.0.0.1:${port}
dns=off
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
  if (has_totag()) { loose_route(); t_relay_to_udp("${CALLEE}", "${calleePort}"); exit; }
  if (is_method("INVITE")) { record_route(); t_relay_to_udp("${CALLEE}", "${calleePort}"); exit; }
}
`);
  const kamailio = start('kamailio', ['-f', file, '-DD', '-E', '-m', '64', '-M', '8', '-w', dir, '-Y', dir]);
  try {
    await until('Kamailio listens', async () => {
      const table = await fs.readFile('/proc/net/udp', 'utf8');
      return table.toUpperCase().includes(`0100007F:${port.toString(16).padStart(4, '0').toUpperCase()}`);
    });
    return await measure('kamailio', port, callerPort, calleePort, { failures: calls / 1_000 });
  } finally {
    await kamailio.stop();
  }
}

const began = performance.now();
const ours = await ofTrubka();
const seconds = (performance.now() - began) / 1000;
const theirs = await ofKamailio();
await fs.writeFile(process.env.OUT, JSON.stringify({
  sip_setup_p50_ms: percentile(ours, 50),
  sip_setup_p95_ms: percentile(ours, 95),
  sip_setup_p99_ms: percentile(ours, 99),
  sip_setup_kamailio_p50_ms: percentile(theirs, 50),
  sip_setup_kamailio_p99_ms: percentile(theirs, 99),
  sip_calls_per_s: rate,
  sip_setup_calls: ours.length,
  sip_setup_seconds_s: Math.round(seconds),
}));
