// Popup: from the INVITE leaving the provider's socket to the second animation frame after the name
// and the number stand on the card, in Chromium, on an idle page, a different caller each time.
import fs from 'node:fs/promises';
import os from 'node:os';
import { browser as launch } from '../fixtures/browser.mjs';
import { start, until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';
import { Carrier } from './provider.mjs';
import { percentile, contacts } from './samples.mjs';

const samples = Number(process.env.SAMPLES ?? 100);
const count = Number(process.env.CONTACTS ?? 100_000);

const database = process.env.DATABASE ? ['--database', process.env.DATABASE] : [];
const given = process.env.DATA;

const data = given ?? (await fs.mkdtemp(`${os.tmpdir()}/trubka-bench-`));
if (!given) {
  const fill = start(process.env.TRUBKA, ['demo-data', '--data', data, '--contacts', String(count)]);
  if ((await fill.ended).code !== 0) throw new Error(`contacts could not be made: ${fill.text()}`);
}
const trubka = await Trubka.start({ data, args: database });
const carrier = await Carrier.start();
const chrome = await launch();
try {
  const desk = await Desk.open(chrome, await trubka.link());
  await desk.ready();
  await trubka.signInAs(chrome);
  await until('the log is summed', () => trubka.process.text().includes('the log is summed'), { timeout: 120_000 });
  const { id: line } = await trubka.api('POST', '/lines', { label: 'Bench', user: 'bench', password: 'x', domain: `127.0.0.1:${carrier.port}`, record: false });
  await carrier.registered;
  await desk.page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((task) => task.duration))).observe({ type: 'longtask' });
  });
  const times = [];
  for (const { name, number, shown } of await contacts(trubka, samples)) {
    const painted = desk.page.evaluate((name, shown) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no card for ${name}`)), 10_000);
      const look = () => {
        const text = document.querySelector('[data-testid="call-card"][data-phase="ringing-in"]')?.textContent ?? '';
        if (!text.includes(name) || !text.includes(shown)) return false;
        observer.disconnect();
        clearTimeout(timer);
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())));
        return true;
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    }), name, shown);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const call = carrier.ring(number);
    times.push((await painted) - call.sent);
    // The ring tone begins after the paint.
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    await call.end();
    // The carrier's 487 can be here before the page has seen the CANCEL: wait for the ended card.
    await desk.click('dismiss');
    await desk.noCard();
  }
  await trubka.api('DELETE', `/lines/${line}`);
  const longTasks = await desk.page.evaluate(() => window.longTasks);
  const result = {
    ring_long_tasks: longTasks.length,
    ring_longest_task_ms: Math.max(0, ...longTasks),
    popup_p50_ms: percentile(times, 50),
    popup_p95_ms: percentile(times, 95),
    popup_max_ms: percentile(times, 100),
    popup_samples: times.length,
    popup_contacts: count,
  };
  console.log(`popup, ${count} contacts, load ${os.loadavg()[0].toFixed(2)}: samples ${times.map((t) => t.toFixed(1)).join(' ')}; tasks of 50 ms and more: ${longTasks.join(' ') || 'none'}`);
  await fs.writeFile(process.env.OUT, JSON.stringify(result));
} finally {
  await chrome.close();
  carrier.stop();
  // What was given is somebody else's to delete.
  if (given) await trubka.process.stop();
  else await trubka.stop();
}
