// Survival: how long a call is without audio, or the phone without its connection, after what people
// and networks do to a page. Tones are measured in the page, as the agent hears them.
import fs from 'node:fs/promises';
import os from 'node:os';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { Card, SERVER } from '../fixtures/card.mjs';
import { until } from '../fixtures/process.mjs';
import { Relay } from '../fixtures/relay.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';
import { percentile } from './samples.mjs';

const TONE_HZ = 1000;
const samples = Math.min(Number(process.env.SAMPLES ?? 30), 30);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const card = Card.plug();
const trubka = await Trubka.start({ media: SERVER });
const relay = await Relay.start(trubka.ports.http, () => card.address);
const browser = await launch({ loopback: false });
const times = { reload: [], tab_takeover: [], half_dead_signalling: [], half_dead_gap: [], address_change: [], server_restart: [] };
let desk = await Desk.open(browser, (await trubka.link()).replace(/:\d+\//, `:${relay.port}/`));
await desk.ready();
await trubka.signInAs(browser);
const origin = new URL(desk.page.url()).origin;

const talk = async () => {
  await desk.dial('602');
  await desk.card('talking');
  await desk.listen();
  await desk.hears(TONE_HZ, { seconds: 0.3 });
};

async function reload() {
  await desk.listenFromTheStart(TONE_HZ);
  for (let i = 0; i < samples; i += 1) {
    await talk();
    const left = Date.now();
    await desk.page.reload({ waitUntil: 'domcontentloaded' });
    times.reload.push((await desk.firstHeard()) - left);
    await desk.tidy();
  }
}

async function takeover() {
  for (let i = 0; i < samples; i += 1) {
    const next = await Desk.open(browser, 'about:blank');
    await next.listenFromTheStart(TONE_HZ);
    await next.page.goto(`${origin}/`);
    await next.ready();
    await desk.page.bringToFront();
    await talk();
    await next.page.bringToFront();
    const left = Date.now();
    await desk.page.close();
    desk = next;
    times.tab_takeover.push((await desk.firstHeard()) - left);
    await desk.tidy();
  }
}

async function halfDead() {
  for (let i = 0; i < samples; i += 1) {
    await talk();
    // Anywhere between two pings.
    await pause(Math.random() * 1_000);
    const noticing = desk.noticing();
    const cut = Date.now();
    relay.freeze();
    await noticing;
    await desk.ready();
    times.half_dead_signalling.push(Date.now() - cut);
    await pause(500);
    times.half_dead_gap.push(await desk.gap(TONE_HZ, cut));
    await desk.tidy();
  }
}

/** Another Wi-Fi, by turns without a word to the browser and with the cable pulled. */
async function addressChange() {
  for (let i = 0; i < samples; i += 1) {
    await talk();
    await pause(1_000 + Math.random() * 1_000);
    const cut = Date.now();
    await (i % 2 ? card.replug(300) : card.change(300));
    await until('the tone is back', async () => (await desk.page.evaluate((hz, since) => window.trubkaEar.peaks.filter((peak) => (
      peak.at > since && peak.db > -70 && Math.abs(peak.hz - hz) < 15
    )).length, TONE_HZ, cut + 2_500)) > 20, { timeout: 30_000 });
    times.address_change.push(await desk.gap(TONE_HZ, cut));
    await desk.ready();
    await desk.tidy();
  }
}

async function restart() {
  for (let i = 0; i < samples; i += 1) {
    await talk();
    await trubka.kill();
    await trubka.launch();
    const up = Date.now();
    await desk.ready();
    times.server_restart.push(Date.now() - up);
    await desk.card('ended');
    await desk.tidy();
  }
}

const all = { reload, takeover, halfDead, addressChange, restart };
const wanted = process.env.EVENTS?.split(',') ?? Object.keys(all);

try {
  for (const event of wanted) await all[event]();
  const figures = {};
  for (const [what, all] of Object.entries(times).filter(([, all]) => all.length > 0)) {
    console.log(`survival in ${name}, ${what}: n ${all.length} p50 ${percentile(all, 50)} p95 ${percentile(all, 95)} max ${percentile(all, 100)} ms, load ${os.loadavg()[0].toFixed(2)}`);
    figures[`${what}_p50_ms`] = percentile(all, 50);
    figures[`${what}_p95_ms`] = percentile(all, 95);
  }
  await fs.writeFile(process.env.OUT, JSON.stringify(figures));
} finally {
  await browser.close();
  relay.stop();
  await trubka.stop();
  card.unplug();
  await silence();
}
