// Size: octets (brotli) the browser fetched before the phone was registered, and the time from
// navigation to that, each on a fresh profile of Chromium.
import fs from 'node:fs/promises';
import os from 'node:os';
import { browser as launch } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { percentile } from './samples.mjs';

const rounds = Math.min(Number(process.env.SAMPLES ?? 10), 20);
const trubka = await Trubka.start();
const times = [];
let octets = 0;
try {
  await trubka.signIn();
  await trubka.api('PUT', '/me/password', { new: 'correct horse battery' });
  for (let round = 0; round < rounds; round += 1) {
    const chrome = await launch();
    try {
      const [name, value] = trubka.cookie.split('=');
      await chrome.setCookie({ name, value, domain: 'localhost', path: '/', httpOnly: true });
      const page = await chrome.newPage();
      const client = await page.createCDPSession();
      await client.send('Network.enable');
      let fetched = 0;
      client.on('Network.loadingFinished', (event) => { fetched += event.encodedDataLength; });
      const began = performance.now();
      await page.goto(trubka.url, { waitUntil: 'commit' }).catch(() => page.goto(trubka.url));
      await page.waitForSelector('[data-testid="phone-state"][data-state="ready"]', { timeout: 30_000 });
      times.push(performance.now() - began);
      octets = Math.max(octets, fetched);
    } finally {
      await chrome.close();
    }
  }
  console.log(`size: ${octets} octets; registered after ${times.map((t) => t.toFixed(0)).join(' ')} ms, load ${os.loadavg()[0].toFixed(2)}`);
  await fs.writeFile(process.env.OUT, JSON.stringify({
    download_brotli_kb: Math.round(octets / 100) / 10,
    registered_p50_ms: percentile(times, 50),
    registered_max_ms: percentile(times, 100),
  }));
} finally {
  await trubka.stop();
}
