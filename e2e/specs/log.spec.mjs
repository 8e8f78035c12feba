// The call log: what it finds, what is done with what it finds, and one call in its drawer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';

const run = promisify(execFile);
const id = (testid) => `[data-testid="${testid}"]`;
const FORMULA = '=1+1';

describe(`the call log in ${name}`, () => {
  let trubka;
  let chrome;
  let desk;
  let calls;

  before(async () => {
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
    for (const number of ['602', '600']) {
      await desk.dial(number);
      await desk.card('talking');
      await new Promise((resolve) => { setTimeout(resolve, 1_500); });
      await desk.click('hang-up');
      await desk.card('ended');
      await desk.tidy();
    }
    await trubka.api('POST', '/contacts', { name: FORMULA, phones: ['+442079460977'] });
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460977', ring_secs: 2 });
    await desk.card('ringing-in');
    await until('it is missed', async () => (await trubka.newestCall()).ended_at);
    await desk.tidy();
    calls = (await trubka.api('GET', '/calls?limit=10')).items;
    for (const call of calls.filter((one) => one.direction === 'outgoing')) await trubka.recording(call.id);
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  const rows = () => desk.page.$$eval(id('call-row'), (all) => all.map((row) => row.dataset.id));
  const shows = (count) => until(`${count} calls are listed`, async () => (await rows()).length === count)
    .catch(async (error) => { throw new Error(`${error.message}: ${(await rows()).length}; ${await desk.page.$eval('.cl', (page) => page.innerText)}`); });
  const open = async (address = '/calls') => {
    await desk.page.goto(trubka.url + address);
    await desk.page.waitForSelector(id('totals'));
  };

  test('tabs and filters find calls, and the totals are those of what is found', async () => {
    await open();
    await shows(3);
    await until('the totals count them', () => desk.page.$eval(id('totals'), (bar) => /3 calls/.test(bar.innerText.replace(/\s+/g, ' '))));
    await desk.click('tab-missed');
    await shows(1);
    assert.match(await desk.page.$eval(id('call-row'), (row) => row.innerText), /Not returned/);
    await desk.click('tab-no_result');
    await shows(2);
    await desk.click('tab-all');
    await desk.page.select(id('filter-direction'), 'outgoing');
    await shows(2);
    await desk.page.reload();
    await shows(2);
  });

  test('a late answer to an earlier question does not replace what was asked for last', async () => {
    const late = await desk.page.evaluateOnNewDocument(() => {
      const ask = window.fetch;
      let first = true;
      window.fetch = async (...all) => {
        const answer = await ask.apply(window, all);
        if (first && /\/calls\?limit=/.test(all[0]?.url ?? all[0])) {
          first = false;
          await new Promise((resolve) => { setTimeout(resolve, 1_500); });
          window.wasLate = true;
        }
        return answer;
      };
    });
    await open();
    await desk.click('tab-missed');
    await shows(1);
    await desk.page.waitForFunction('window.wasLate');
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    await shows(1);
    await desk.page.removeScriptToEvaluateOnNewDocument(late.identifier);
  });

  test('a filter is kept by a name and found again as a tab', async () => {
    await open('/calls?direction=outgoing');
    await shows(2);
    await desk.click('save-view');
    await (await desk.page.waitForSelector('#view-name', { visible: true })).type('Ours');
    await desk.click('save-view-name');
    await desk.page.waitForSelector(id('view-tab'));
    await open();
    await shows(3);
    await desk.click('view-tab');
    await shows(2);
  });

  test('a result, a note on a moment and who listened stand in the drawer', async () => {
    const recorded = calls.find((one) => one.direction === 'outgoing');
    await open(`/calls?call=${recorded.id}&at=500`);
    await desk.page.waitForSelector(id('player'));
    await desk.page.select(id('call-result'), 'sale');
    await until('the result is kept', async () => (await trubka.api('GET', `/calls/${recorded.id}`)).result === 'sale');
    await until('the row says it', () => desk.page.$eval(`${id('call-row')}[data-id="${recorded.id}"]`, (row) => /Sale/.test(row.innerText)));
    await desk.click('player-note');
    await (await desk.page.waitForSelector(id('moment-text'), { visible: true })).type('good answer');
    await desk.page.keyboard.press('Enter');
    await until('the note stands', () => desk.page.$eval(id('moments'), (part) => /good answer/.test(part.innerText)).catch(() => false));
    const [note] = (await trubka.api('GET', `/items?kind=note&call=${recorded.id}`)).items;
    assert.equal(note.moment_ms, 500);
    await desk.click('call-below').catch(() => {});
  });

  test('the recordings of what is ticked come in one file whose every part opens', async () => {
    await open('/calls?direction=outgoing');
    await shows(2);
    await desk.click('tick-all');
    await desk.page.waitForSelector(id('records-zip'), { visible: true });
    const ids = await rows();
    const answer = await trubka.raw('POST', '/calls/records.zip', { ids });
    assert.equal(answer.status, 200, await (answer.ok ? '' : answer.text()));
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'trubka-zip-'));
    await fs.writeFile(path.join(folder, 'records.zip'), Buffer.from(await answer.arrayBuffer()));
    await run('unzip', ['-q', 'records.zip', '-d', 'out'], { cwd: folder });
    const names = await fs.readdir(path.join(folder, 'out'));
    assert.equal(names.length, 2);
    for (const one of names) {
      assert.match(one, /_\d+_\d{4}-\d{2}-\d{2}.*\.mp3$/);
      const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=channels', '-of', 'csv=p=0', path.join(folder, 'out', one)]);
      assert.equal(stdout.trim(), '2');
    }
    await fs.rm(folder, { recursive: true });
  });

  test('the list comes as a file in which a formula is a text', async () => {
    await open('/calls?direction=incoming');
    await shows(1);
    await desk.click('export');
    const href = await (await desk.page.waitForSelector(id('export-csv'))).evaluate((link) => link.getAttribute('href'));
    const csv = await (await fetch(trubka.url + href, { headers: { cookie: trubka.cookie } })).text();
    assert.equal(csv.trim().split('\n').length, 2, csv);
    assert.doesNotMatch(csv, /(^|[,;"])=1\+1/m);
    assert.match(csv, /1\+1/);
    const xlsx = await fetch(trubka.url + href.replace('csv', 'xlsx'), { headers: { cookie: trubka.cookie } });
    assert.equal(Buffer.from(await xlsx.arrayBuffer()).subarray(0, 2).toString(), 'PK');
    await desk.page.keyboard.press('Escape');
  });

  test('what is ticked and deleted can be brought back', async () => {
    await open();
    await shows(3);
    await desk.page.click(id('tick'));
    await desk.click('delete-calls');
    await shows(2);
    const undo = await desk.page.waitForSelector('.toast button', { visible: true });
    await undo.click();
    await shows(3);
  });
});
