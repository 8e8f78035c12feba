// Call set-up: a caller calls in over one trunk, Trubka decides and forwards over another, a callee
// answers at once. INVITE to 200 as the caller sees it, by a clock of nanoseconds, at steady rates; then
// the same two through Kamailio as a proxy. Trubka is a back-to-back user agent that opens media ports,
// decides by its rules and writes the record of each call; Kamailio relays with a transaction. Both in
// one run, signalling only.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort, start, until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { probe } from './prober.mjs';
import { percentile } from './samples.mjs';

/** Calls a second; the first one is the one whose figures are compared over time. */
const rates = (process.env.RATES ?? '100,200,400').split(',').map(Number);
/** Calls at the first rate; further ones last ten seconds each. */
const calls = Number(process.env.CALLS ?? 3_000);
const [CALLER, CALLEE] = ['127.0.0.2', '127.0.0.3'];
const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'trubka-setup-'));

/**
 * Through a SIP port at every rate; milliseconds from INVITE to 200, each. A call of ours that fails
 * fails the bench; one in a thousand of a peer's may, and is told.
 */
async function measure(name, port, callerPort, calleePort, { share = 0 } = {}) {
  const measured = [];
  for (const rate of rates) {
    const count = rate === rates[0] ? calls : rate * 10;
    const { times, failed } = await probe({
      target: { host: '127.0.0.1', port }, caller: { host: CALLER, port: callerPort }, callee: { host: CALLEE, port: calleePort },
      rate, calls: count,
    });
    if (failed) console.log(`setup, ${name}: ${failed} of ${count} calls failed`);
    if (failed > count * share) throw new Error(`${name}: ${failed} of ${count} calls failed at ${rate}/s`);
    const shown = [50, 95, 99, 100].map((part) => percentile(times, part, 1_000).toFixed(2));
    console.log(`setup, ${name}: ${count} calls at ${rate}/s, load ${os.loadavg()[0].toFixed(2)}, p50 ${shown[0]} p95 ${shown[1]} p99 ${shown[2]} max ${shown[3]} ms`);
    await fs.writeFile(`${process.env.OUT}.${name}.${rate}.csv`, times.join('\n'));
    measured.push(times);
  }
  return measured;
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
    return await measure('kamailio', port, callerPort, calleePort, { share: 1 / 1_000 });
  } finally {
    await kamailio.stop();
  }
}

const ours = await ofTrubka();
const theirs = await ofKamailio();
const figures = { sip_calls_per_s: rates[0], sip_setup_calls: ours[0].length };
for (const [name, measured] of [['sip_setup', ours], ['sip_setup_kamailio', theirs]]) {
  for (const [at, rate] of rates.entries()) {
    const of = at ? `${name}_at_${rate}` : name;
    for (const part of [50, 95, 99]) figures[`${of}_p${part}_ms`] = percentile(measured[at], part, 1_000);
  }
}
await fs.writeFile(process.env.OUT, JSON.stringify(figures));
