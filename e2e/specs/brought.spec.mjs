// A call that a colleague passes on brings its card: the client, who brings it, and the notes typed so far.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { decode, heard, toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const PASSWORD = 'correct horse battery';
const CLIENT = 'Hannah Whitfield';
const CLIENT_HZ = 850;
const NOTE = 'wants two';
/** Samples a second a recording is looked at with. */
const RATE = 16_000;

describe(`a call that is passed on in ${name}`, () => {
  let trubka;
  let browsers;
  let mine;
  let annas;

  before(async () => {
    trubka = await Trubka.start();
    browsers = [await launch(), await launch()];
    mine = await Desk.open(browsers[0], await trubka.link());
    await mine.ready();
    await trubka.signInAs(browsers[0]);
    await trubka.api('POST', '/users', { login: 'anna', name: 'Anna Orlova', role: 'agent', extension: '205', password: PASSWORD });
    annas = await Desk.open(browsers[1], `${trubka.url}/sign-in`);
    await (await annas.page.waitForSelector('input[autocomplete="username"]', { visible: true })).type('anna');
    await (await annas.page.waitForSelector('input[type="password"]', { visible: true })).type(PASSWORD);
    await annas.page.keyboard.press('Enter');
    await annas.ready();
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((one) => one.close()));
    await trubka?.stop();
    await silence();
  });

  afterEach(() => Promise.all([mine.tidy(), annas.tidy()]));

  /** A client has called in over the line, we have answered and noted something; the call's id. */
  const talking = async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', tone_hz: CLIENT_HZ, talk_secs: 120 });
    await mine.card('ringing-in');
    await mine.click('answer');
    await mine.card('talking');
    await until('Anna is not rung any more', async () => (await annas.cards()).every((card) => card.phase === 'ended'));
    await annas.tidy();
    const note = await mine.page.waitForSelector('[data-testid="card-note"]', { visible: true });
    await note.type(NOTE);
    await until('the note is kept', async () => (await trubka.newestCall()).note === NOTE);
    return (await trubka.newestCall()).id;
  };

  const handOn = async (how) => {
    await mine.click('transfer');
    await mine.handOnTo('205');
    await mine.click(how);
  };

  const head = (desk) => desk.page.$eval('[data-testid="call-card"]', (card) => [card.querySelector('.call__name').innerText, card.querySelector('.call__sub').innerText].join('\n'));

  /** Anna's newest card names the client and who brings the call, and no extension. */
  const namesTheClient = async (how) => {
    const text = await until('the card names the client', async () => {
      const now = await head(annas);
      return now.startsWith(CLIENT) && now;
    }).catch(async (error) => { throw new Error(`${error.message}: ${await head(annas)}`); });
    assert.match(text, new RegExp(`${how} You · \\+44 20 7946 0018`));
    assert.doesNotMatch(text, /\b101\b/, 'not the colleague’s extension');
  };

  const isNoted = () => until('the note is on the card', () => annas.page.$eval('[data-testid="brought-note"]', (part, note) => part.innerText === note, NOTE).catch(() => false));
  const isInTheField = () => until('the note is in its field', () => annas.page.$eval('[data-testid="card-note"]', (field, note) => field.value === note, NOTE).catch(() => false));

  const annaTalks = async () => {
    await annas.listen();
    await annas.hears(CLIENT_HZ);
    const clientHeard = async () => (await trubka.farCalls()).map((far) => toneMs(far, MIC_HZ)).at(-1);
    const before = await clientHeard();
    await until('the client hears Anna', async () => (await clientHeard()) >= before + 500);
  };

  /** One call of this client is in the log since `before`, and it is Anna's. */
  const isHers = async (id) => {
    const call = await until('the call is hers', async () => {
      const now = await trubka.api('GET', `/calls/${id}`);
      return now.employee.name === 'Anna Orlova' && now;
    });
    assert.equal(call.note, NOTE);
    assert.equal(call.contact.name, CLIENT);
    const { items } = await trubka.api('GET', '/calls?limit=50');
    const since = items.filter((one) => one.started_at >= call.started_at && one.direction !== 'internal');
    assert.deepEqual(since.map((one) => one.id), [id], 'one record throughout');
  };

  /** The log has one row of it, its drawer the path with both employees and one recording of the whole talk. */
  const isOneInTheLog = async (id) => {
    const call = await trubka.api('GET', `/calls/${id}`);
    const file = path.join(trubka.data, 'heard.mp3');
    await fs.writeFile(file, await trubka.recording(id));
    const sides = decode(file);
    const talk = (call.ended_at - call.answered_at) / 1000;
    assert.ok(Math.abs(sides[0].length / RATE - talk) < 1.5, `${sides[0].length / RATE} s of ${talk} s`);
    const client = Math.max(...sides.map((side) => heard(side, RATE, CLIENT_HZ).seconds));
    assert.ok(client > talk * 0.8, `the client throughout: ${client} of ${talk} s`);
    const last = Math.max(...sides.map((side) => heard(side.subarray(-2 * RATE), RATE, MIC_HZ).seconds));
    assert.ok(last >= 0.5, `Anna at its end: ${last} s`);
    await mine.tidy();
    await mine.page.goto(`${trubka.url}/calls?call=${id}`);
    await mine.page.waitForSelector('[data-testid="player"]', { visible: true });
    assert.equal((await mine.page.$$('[data-testid="player"]')).length, 1);
    const clients = await mine.page.$$eval('[data-testid="call-row"]', (rows, name) => rows.filter((row) => row.innerText.includes(name)).map((row) => row.dataset.id), CLIENT);
    assert.deepEqual(clients, [id]);
    const way = await mine.page.$eval('[data-testid="call-path"]', (part) => part.innerText);
    assert.match(way, /You[\s\S]*Handed over to[^\n]*Anna Orlova/);
    await mine.page.goto(trubka.url);
    await mine.ready();
  };

  test('asked first, Anna sees the client, who asks and the note from the first ring, also after a reload, and keeps the call', async () => {
    const id = await talking();
    await handOn('transfer-ask');
    await annas.card('ringing-in');
    await namesTheClient('from');
    await isNoted();
    await annas.page.reload();
    await annas.card('ringing-in');
    await namesTheClient('from');
    await isNoted();
    await annas.click('answer');
    await annas.card('talking');
    await namesTheClient('from');
    await isNoted();
    await mine.stack(['talking', 'talking+held']);
    assert.match(await head(mine), /Anna Orlova|205/, 'who asks sees whom');
    await mine.clickOn(0, 'connect');
    await mine.stack(['ended', 'ended']);
    await annaTalks();
    await isInTheField();
    assert.match(await head(annas), new RegExp(CLIENT));
    await isHers(id);
    await annas.click('hang-up');
    await annas.card('ended');
    await isOneInTheLog(id);
  });

  test('unannounced, Anna sees the same while it rings, and we do not see it on our card', async () => {
    const id = await talking();
    await handOn('transfer-now');
    await annas.card('ringing-in');
    await namesTheClient('from');
    await isNoted();
    assert.doesNotMatch(await head(mine), /from/);
    await annas.click('answer');
    await annas.card('talking');
    await isInTheField();
    await annaTalks();
    await isHers(id);
  });

  test('parked, it brings whoever picks it up the client, who parked it and the note', async () => {
    const id = await talking();
    await mine.click('transfer');
    await mine.click('park');
    const [, slot] = (await mine.cardSays(/Pick up with \*(\d+)/)).match(/\*(\d+)/);
    await annas.dial(`*${slot}`);
    await annas.card('talking');
    await namesTheClient('parked by');
    await isInTheField();
    await annaTalks();
    assert.doesNotMatch(await head(mine), /parked by/);
    await isHers(id);
  });
});
