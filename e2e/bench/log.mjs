// A full house: pages of the log with filters and totals, cards of callers and search, asked over HTTP
// one after the other; the memory of the server after all of it. With DATABASE, on that PostgreSQL.
import fs from 'node:fs/promises';
import os from 'node:os';
import { start } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Carrier } from './provider.mjs';
import { contacts as spread, percentile } from './samples.mjs';

const samples = Number(process.env.SAMPLES ?? 100);
const contacts = Number(process.env.CONTACTS ?? 1_000_000);
const calls = Number(process.env.CALLS ?? contacts);
const database = process.env.DATABASE ? ['--database', process.env.DATABASE] : [];
const given = process.env.DATA;

const data = given ?? (await fs.mkdtemp(`${os.tmpdir()}/trubka-bench-`));
if (!given) {
  const fill = start(process.env.TRUBKA, ['demo-data', '--data', data, '--contacts', String(contacts), '--calls', String(calls), ...database]);
  if ((await fill.ended).code !== 0) throw new Error(`the house could not be filled: ${fill.text()}`);
}
process.env.RUST_LOG = 'info,trubka::calls::about=debug';
const trubka = await Trubka.start({ data, args: database });
const carrier = await Carrier.start();
const seconds = (from) => performance.now() - from;

async function timed(list) {
  const times = [];
  const slowest = { ms: 0, what: '' };
  for (const what of list) {
    const from = performance.now();
    for (const route of [what].flat()) await trubka.api('GET', route);
    const ms = seconds(from);
    times.push(ms);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what: String(what) });
  }
  return { times, slowest };
}

/** Filters as people set them, each on other days, numbers and employees. */
function pages(found) {
  const day = 86_400_000;
  const now = Date.now();
  const filters = [
    () => '',
    (i) => `&from=${now - (i % 7 + 1) * day}`,
    (i) => `&from=${now - 30 * day}&to=${now - (i % 20) * day}`,
    () => '&status=no_answer',
    () => '&missed_not_returned=true',
    () => '&direction=outgoing&has_recording=false',
    (i) => `&result=${['sale', 'refusal', 'quote'][i % 3]}`,
    (i) => `&employee=${201 + (i % 20)}`,
    () => '&employee=me',
    () => '&min_ms=300000',
    (i) => `&employee=${201 + (i % 20)}&direction=incoming&from=${now - 30 * day}`,
    (i) => `&q=${found[i % found.length].number.slice(-7)}`,
    (i) => `&q=${encodeURIComponent(found[i % found.length].name.split(' ').pop())}`,
    (i) => `&contact=${found[i % found.length].id}`,
  ];
  return Array.from({ length: samples * 2 }, (_, i) => {
    const filter = filters[i % filters.length](i);
    return [`/calls?limit=50${filter}`, `/calls/totals?${filter.slice(1)}`];
  });
}

try {
  await trubka.signIn();
  const found = await spread(trubka, 500);
  for (const one of found) one.id = (await trubka.api('GET', `/contacts?limit=1&q=${one.number}`)).items[0]?.id;
  const log = await timed(pages(found.filter((one) => one.id)));
  // As typed, letter by letter.
  const typed = found.slice(0, samples).flatMap(({ name, number }, i) => {
    const text = i % 3 === 0 ? number.slice(-7) : name;
    return Array.from({ length: Math.min(text.length, 10) - 2 }, (_, at) => text.slice(0, at + 3));
  });
  const address = (await trubka.raw('GET', '/search?q=abc')).ok ? '/search' : '/contacts';
  const search = await timed(typed.slice(0, samples * 4).map((text) => `${address}?q=${encodeURIComponent(text)}`));

  await trubka.api('POST', '/lines', { label: 'Bench', user: 'bench', password: 'x', domain: `127.0.0.1:${carrier.port}`, record: false });
  await carrier.registered;
  for (const { number } of found.slice(0, samples)) {
    const call = carrier.ring(number);
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    await call.end();
  }
  const cards = [...trubka.process.text().matchAll(/a card was read.*?took_us=(\d+)/g)].map((match) => Number(match[1]) / 1000);
  if (cards.length < samples / 2) throw new Error(`only ${cards.length} cards were read`);
  const status = await fs.readFile(`/proc/${trubka.process.pid}/status`, 'utf8');
  const result = {
    log_page_p95_ms: percentile(log.times, 95),
    log_page_max_ms: percentile(log.times, 100),
    search_p95_ms: percentile(search.times, 95),
    search_max_ms: percentile(search.times, 100),
    card_p95_ms: percentile(cards, 95, 1000),
    card_max_ms: percentile(cards, 100, 1000),
    server_rss_mb: Math.round(Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024),
  };
  console.log(`${contacts} contacts, ${calls} calls, load ${os.loadavg()[0].toFixed(2)}; slowest page ${log.slowest.what}; slowest search ${search.slowest.what}`);
  console.log(result);
  if (process.env.OUT) await fs.writeFile(process.env.OUT, JSON.stringify(result));
} finally {
  carrier.stop();
  await trubka.stop();
  if (!given) await fs.rm(data, { recursive: true, force: true });
}
