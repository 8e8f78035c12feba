// SIP parsing: sip-core as WebAssembly (built as the app is) beside JsSIP's parser, in one page of
// one Chromium, in alternating rounds. Each gets the message as the string a WebSocket delivers.
import fs from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser as launch } from '../fixtures/browser.mjs';
import { JSSIP, provideRequire } from '../fixtures/common-js.mjs';
import { percentile } from './samples.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const MESSAGES = ['invite', 'ringing', 'ok', 'challenge', 'bye'];
const ROUNDS = 9;
const ROUND_MS = 400;

const messages = await Promise.all(MESSAGES.map(async (name) => {
  const text = await fs.readFile(path.join(here, '../parse-bench/messages', `${name}.sip`), 'utf8');
  return text.replaceAll('\n', '\r\n');
}));
const glue = await fs.readFile(path.join(process.env.PARSER, 'parse_bench.js'), 'utf8');
const wasm = (await fs.readFile(path.join(process.env.PARSER, 'parse_bench_bg.wasm'))).toString('base64');

// The glue wants a page with an address.
const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
});
await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });

const chrome = await launch({ mic: 'none' });
try {
  const page = await chrome.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  page.on('pageerror', (error) => console.error(error.message));
  await page.addScriptTag({ content: glue });
  await provideRequire(page, JSSIP);
  await page.evaluate(prepare, wasm);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(await page.evaluate(measure, messages, ROUND_MS));
  }
  const median = (name) => percentile(rounds.map((round) => round[name]), 50);
  const [ours, theirs] = [median('ours'), median('theirs')];
  console.log(`sip: rounds ${JSON.stringify(rounds)}, load ${os.loadavg()[0].toFixed(2)}`);
  await fs.writeFile(process.env.OUT, JSON.stringify({
    sip_parse_wasm_per_s: Math.round(ours),
    jssip_parse_per_s: Math.round(theirs),
    sip_parse_ratio_vs_jssip: Math.round((ours / theirs) * 100) / 100,
  }));
} finally {
  await chrome.close();
  server.close();
}

/* global wasm_bindgen */
/** In the page: starts the WebAssembly, and finds JsSIP's parser. */
async function prepare(wasm) {
  await wasm_bindgen({ module_or_path: Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0)) });
  window.jssip = window.require('jssip/lib/Parser');
}

/** In the page: messages a second of both. */
function measure(messages, time) {
  const rate = (read) => {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < time) {
      for (const message of messages) {
        if (!read(message)) throw new Error(`not read: ${message.slice(0, 20)}`);
        count += 1;
      }
    }
    return (count / (performance.now() - start)) * 1000;
  };
  const agent = {};
  return {
    ours: rate((message) => wasm_bindgen.read_text(message)),
    theirs: rate((message) => window.jssip.parseMessage(message, agent)),
  };
}
