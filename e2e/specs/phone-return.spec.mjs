// The call outlives its page and its tab: whoever comes after takes it up by itself.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;
const RINGBACK_HZ = 425;
const PASSWORD = 'correct horse battery';

describe(`coming back in ${name}`, () => {
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await silence();
  });

  afterEach(() => desk.tidy());

  const talk = () => desk.talkTo('602', TONE_602);
  const heardMs = async () => toneMs(await trubka.farCall(), MIC_HZ);
  const farHearsOn = async () => {
    const before = await heardMs();
    await until('the far end hears us', async () => (await heardMs()) >= before + 300);
  };

  test('reload in a call: the same call goes on by itself, muted as it was', async () => {
    await talk();
    const { id } = await trubka.newestCall();
    await desk.click('mute');
    await desk.listenFromTheStart(TONE_602);
    const left = Date.now();
    await desk.page.reload();
    const heard = (await desk.firstHeard()) - left;
    console.log(`# audio to audio ${heard} ms`);
    await desk.stack(['talking']);
    assert.ok(heard < 4_000, `${heard} ms`);
    await trubka.goesOn(id);
    const spoken = await heardMs();
    await new Promise((resolve) => { setTimeout(resolve, 800); });
    assert.ok((await heardMs()) - spoken < 100, 'muted still');
    await desk.click('mute');
    await farHearsOn();
    await desk.click('hang-up');
    assert.equal((await until('the call is over', async () => {
      const call = await trubka.newestCall();
      return call.ended_at && call;
    })).id, id);
  });

  test('a note that is being typed outlives the reload, and the server has it', async () => {
    await talk();
    await desk.page.waitForSelector('[data-testid="card-note"]');
    await desk.page.keyboard.down('Alt');
    await desk.page.keyboard.press('KeyN');
    await desk.page.keyboard.up('Alt');
    const note = 'Delivery on Friday, not before 9';
    await desk.page.keyboard.type(note);
    // Before the first pause: only the browser has it.
    await desk.page.reload();
    await desk.stack(['talking']);
    await until('the note is there again', () => desk.page.$eval('[data-testid="card-note"]', (field, note) => field.value === note, note));
    await until('the server has it', async () => (await trubka.newestCall()).note === note);
    await desk.click('hang-up');
    await desk.card('ended');
    assert.equal(await desk.page.$eval('[data-testid="card-note"]', (field) => field.value), note);
  });

  test('reload on hold: it waits still, and talks on when wanted', async () => {
    await talk();
    await desk.click('hold');
    await desk.stack(['talking+held']);
    await desk.page.reload();
    await desk.stack(['talking+held']);
    await desk.click('hold');
    await desk.stack(['talking']);
    await farHearsOn();
  });

  test('reload while it rings out: the call goes on', async () => {
    await desk.dial('604');
    await desk.card('ringing-out');
    const { id } = await trubka.newestCall();
    await desk.page.reload();
    await desk.card(['ringing-out', 'early-media'], 5_000);
    await desk.stack(['early-media']);
    await trubka.goesOn(id);
  });

  /** Hands a call on to a number that rings and never answers. */
  const handOnInVain = async () => {
    await desk.click('transfer');
    await desk.handOnTo('604');
    await desk.click('transfer-now');
    await until('604 rings', async () => (await trubka.farCalls()).length > 1);
  };

  test('reload while the call is handed on: it comes back into the transfer, which goes on without it', async () => {
    await talk();
    const { id } = await trubka.newestCall();
    await handOnInVain();
    await desk.page.reload();
    await desk.stack(['talking']);
    await desk.listen();
    await desk.hears(RINGBACK_HZ);
    await desk.click('hang-up');
    await trubka.goesOn(id);
  });

  const rings = async () => {
    await trubka.api('POST', '/test-network/calls', { caller: '+442079460018', talk_secs: 60 });
    await desk.card('ringing-in');
  };
  const waits = async () => {
    await talk();
    await desk.click('hold');
    await desk.stack(['talking+held']);
  };
  const hearsAgain = async (hz) => {
    await desk.stack(['talking']);
    await desk.listen();
    await desk.hears(hz);
  };
  for (const [moment, begin, goesOn] of [
    ['it rings in', rings, async () => {
      await desk.card('ringing-in');
      await desk.click('answer');
      await desk.stack(['talking']);
    }],
    ['it rings out', () => desk.dial('604').then(() => desk.card('ringing-out')), () => desk.stack(['early-media'])],
    ['it is on hold', waits, async () => {
      await desk.stack(['talking+held']);
      await desk.click('hold');
      await hearsAgain(TONE_602);
    }],
    ['it is handed on', () => talk().then(handOnInVain), () => hearsAgain(RINGBACK_HZ)],
  ]) {
    test(`the leading tab is closed while ${moment}: the next one has the call`, async () => {
      const second = await Desk.open(chrome, `${new URL(desk.page.url()).origin}/`);
      await second.ready();
      await desk.page.bringToFront();
      await begin();
      const { id } = await trubka.newestCall();
      await second.page.bringToFront();
      await desk.page.close();
      desk = second;
      await goesOn();
      await trubka.goesOn(id);
    });
  }

  test('every tab shows the call and can act on it; the next one takes over when the first goes', async () => {
    const second = await Desk.open(chrome, `${new URL(desk.page.url()).origin}/`);
    await second.ready();
    await desk.page.bringToFront();
    await talk();
    const { id } = await trubka.newestCall();
    await second.stack(['talking']);
    await second.page.bringToFront();
    await second.click('mute');
    await until('muted in both', () => desk.page.$('[data-testid="mute"][aria-pressed="true"]'));
    await second.click('mute');
    const left = Date.now();
    await desk.page.close();
    desk = second;
    await until('the call is there', async () => (await second.cards())[0]?.phase === 'talking' && !(await second.cards())[0].returning);
    await second.listen();
    await second.hears(TONE_602, { seconds: 0.2 });
    console.log(`# heard again ${Date.now() - left} ms after the first tab was closed`);
    await trubka.goesOn(id);
    await farHearsOn();
    await second.click('hang-up');
  });

  test('a tab nobody looks at takes over: the call is kept, and heard once it is looked at', async () => {
    const second = await Desk.open(chrome, `${new URL(desk.page.url()).origin}/`);
    await second.ready();
    const other = await chrome.newPage();
    await desk.page.bringToFront();
    await talk();
    const { id } = await trubka.newestCall();
    await other.bringToFront();
    await desk.page.close();
    desk = second;
    await until('the call is on its way or there', async () => (await second.cards())[0]?.phase === 'talking');
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    await trubka.goesOn(id);
    await second.page.bringToFront();
    const looked = Date.now();
    await until('the call is there', async () => !(await second.cards())[0].returning);
    await second.listen();
    await second.hears(TONE_602, { seconds: 0.2 });
    console.log(`# heard ${Date.now() - looked} ms after the tab was looked at`);
    await trubka.goesOn(id);
    await other.close();
  });

  test('who signs out in one tab is signed out in all, and who signs in in one is in all', async () => {
    await trubka.api('PUT', '/me/password', { new: PASSWORD });
    const { origin } = new URL(desk.page.url());
    const second = await Desk.open(chrome, `${origin}/`);
    await second.ready();
    await second.click('account');
    await second.click('sign-out');
    // A tab behind another one paints nothing, so nothing that waits for a frame would end.
    const isIn = (page, wanted) => until(`signed ${wanted ? 'in' : 'out'}`, async () => Boolean(await page.$('[data-testid="account"]')) === wanted);
    await isIn(second.page, false);
    await isIn(desk.page, false);
    await (await second.page.waitForSelector('input[autocomplete="username"]', { visible: true })).type('admin');
    await (await second.page.waitForSelector('input[type="password"]', { visible: true })).type(PASSWORD);
    await second.page.keyboard.press('Enter');
    await second.ready();
    await isIn(desk.page, true);
    await second.page.close();
    await desk.page.bringToFront();
    await desk.ready();
  });
});
