// A full house: pages of the log with filters and totals, cards of callers and search, asked over HTTP
// one after the other; the memory of the server after all of it. With DATABASE, on that PostgreSQL.
import fs from 'node:fs/promises';
import os from 'node:os';
import { start, until } from '../fixtures/process.mjs';
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
process.env.NO_COLOR = '1';
const trubka = await Trubka.start({ data, args: database });
const carrier = await Carrier.start();

/** Asks for one after the other: times in milliseconds, and those of each kind. */
async function timed(list) {
  const times = [];
  const kinds = {};
  for (const { kind, routes } of list) {
    const from = performance.now();
    for (const route of routes) await trubka.api('GET', route);
    const ms = performance.now() - from;
    times.push(ms);
    (kinds[kind] ??= []).push(ms);
  }
  return { times, kinds };
}

/** Octets of the server's memory, in MB: `VmRSS` now, `VmHWM` at most. */
async function memory(field) {
  const status = await fs.readFile(`/proc/${trubka.process.pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024);
}

/** Filters as people set them, each on other days, numbers and employees. */
function pages(found) {
  const day = 86_400_000;
  const now = Date.now();
  const filters = {
    all: () => '',
    since: (i) => `&from=${now - (i % 7 + 1) * day}`,
    between: (i) => `&from=${now - 30 * day}&to=${now - (i % 20) * day}`,
    unanswered: () => '&status=no_answer',
    'not returned': () => '&missed_not_returned=true',
    'no recording': () => '&direction=outgoing&has_recording=false',
    result: (i) => `&result=${['sale', 'refusal', 'quote'][i % 3]}`,
    employee: (i) => `&employee=${201 + (i % 20)}`,
    mine: () => '&employee=me',
    long: () => '&min_ms=300000',
    'employee and days': (i) => `&employee=${201 + (i % 20)}&direction=incoming&from=${now - 30 * day}`,
    'part of a number': (i) => `&q=${found[i % found.length].number.slice(-7)}`,
    'part of a name': (i) => `&q=${encodeURIComponent(found[i % found.length].name.split(' ').pop())}`,
    client: (i) => `&contact=${found[i % found.length].id}`,
  };
  const kinds = Object.entries(filters);
  return Array.from({ length: samples * 2 }, (_, i) => {
    const [kind, filter] = kinds[i % kinds.length];
    return page(kind, filter(i));
  });
}

function page(kind, filter) {
  return { kind, routes: [`/calls?limit=50${filter}`, `/calls/totals?${filter.slice(1)}`] };
}

/** As typed, letter by letter; every third time a number, every third time with a wrong letter. */
function typed(found) {
  return found.flatMap(({ name, number }, i) => {
    const wrong = name.replace(/(.{3})./, '$1x');
    const text = [number.slice(-7), name, wrong][i % 3];
    const kind = ['number', 'name', 'wrong letter'][i % 3];
    return Array.from({ length: Math.min(text.length, 10) - 2 }, (_, at) => ({
      kind,
      routes: [`/search?q=${encodeURIComponent(text.slice(0, at + 3))}`],
    }));
  });
}

function tell(what, { kinds }) {
  console.log(what);
  for (const [kind, times] of Object.entries(kinds)) {
    const [middle, late, last] = [50, 95, 100].map((percent) => percentile(times, percent));
    console.log(`  ${kind}: p50 ${middle}, p95 ${late}, max ${last} ms of ${times.length}`);
  }
}

const load = () => os.loadavg()[0].toFixed(2);
try {
  await trubka.signIn();
  await until('the log is summed', () => trubka.process.text().includes('the log is summed'), { timeout: 120_000 });
  const idle = { now: await memory('VmRSS'), most: await memory('VmHWM') };
  console.log(`${contacts} contacts, ${calls} calls; ${idle.now} MB once the log is summed, ${idle.most} MB at most until then`);
  const found = await spread(trubka, 500);
  for (const one of found) one.id = (await trubka.api('GET', `/contacts?limit=1&q=${one.number}`)).items[0]?.id;
  const log = await timed(pages(found.filter((one) => one.id)));
  tell(`log, load ${load()}`, log);
  // A name that one of sixteen clients has.
  const families = [...new Set(found.map(({ name }) => name.split(' ')[1]))];
  const common = await timed(families.map((family) => page('a common name', `&q=${encodeURIComponent(family)}`)));
  tell(`log, load ${load()}`, common);
  const search = await timed(typed(found).slice(0, samples * 4));
  tell(`search, load ${load()}`, search);

  const { id: line } = await trubka.api('POST', '/lines', { label: 'Bench', user: 'bench', password: 'x', domain: `127.0.0.1:${carrier.port}`, record: false });
  await carrier.registered;
  for (const { number } of found.slice(0, samples)) {
    const call = carrier.ring(number);
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    await call.end();
  }
  await trubka.api('DELETE', `/lines/${line}`);
  const cards = [...trubka.process.text().matchAll(/a card was read.*?took_us=(\d+)/g)].map((match) => Number(match[1]) / 1000);
  if (cards.length < samples / 2) throw new Error(`only ${cards.length} cards were read`);
  const result = {
    log_page_p95_ms: percentile(log.times, 95),
    log_page_max_ms: percentile(log.times, 100),
    search_p95_ms: percentile(search.times, 95),
    search_max_ms: percentile(search.times, 100),
    card_p95_ms: percentile(cards, 95, 1000),
    card_p50_ms: percentile(cards, 50, 1000),
    card_max_ms: percentile(cards, 100, 1000),
    log_common_name_p95_ms: percentile(common.times, 95),
    server_idle_rss_mb: idle.now,
    server_rss_mb: await memory('VmRSS'),
    server_peak_rss_mb: await memory('VmHWM'),
  };
  console.log(`cards, load ${load()}`);
  console.log(result);
  if (process.env.OUT) await fs.writeFile(process.env.OUT, JSON.stringify(result));
} finally {
  carrier.stop();
  // What was given is somebody else's to delete.
  if (given) await trubka.process.stop();
  else await trubka.stop();
  if (!given) await fs.rm(data, { recursive: true, force: true });
}
