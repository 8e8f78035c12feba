// Several calls at once, and handing them on: proven by the tones each side hears.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { toneMs } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

const TONE_602 = 1000;
const ROBOT_HZ = 850;
/** The notes of the music on hold. */
const MUSIC = [523, 587, 659, 784, 880];

describe(`several calls in ${name}`, () => {
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

  const robot = (more) => trubka.api('POST', '/test-network/calls', { caller: '+442079460018', tone_hz: ROBOT_HZ, talk_secs: 120, ...more });

  /** Waits until a far end, counted from the newest, hears more of a tone than it has. */
  const farHears = async (which, hz, ms = 500) => {
    const far = async () => (await trubka.farCalls()).at(-1 - which);
    const before = toneMs(await far(), hz);
    await until(`far end ${which} hears ${hz} Hz`, async () => toneMs(await far(), hz) >= before + ms)
      .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify((await far()).tones)}`); });
  };

  const answerRobot = async () => {
    await robot();
    await desk.card('ringing-in');
    await desk.click('answer');
    await desk.card('talking');
  };

  test('hold: the other side hears music and not the microphone, and both again after', async () => {
    await answerRobot();
    await desk.listen();
    await desk.hears(ROBOT_HZ);
    await farHears(0, MIC_HZ);
    await desk.click('hold');
    await desk.stack(['talking+held']);
    await until('music', async () => {
      const far = await trubka.farCall();
      return MUSIC.filter((hz) => toneMs(far, hz) > 0).length >= 3;
    }).catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify((await trubka.farCall()).tones)}`); });
    const spoken = toneMs(await trubka.farCall(), MIC_HZ);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    assert.ok(toneMs(await trubka.farCall(), MIC_HZ) - spoken < 100, 'the microphone is not heard on hold');
    await desk.click('hold');
    await desk.stack(['talking']);
    await farHears(0, MIC_HZ);
    await desk.listen();
    await desk.hears(ROBOT_HZ);
  });

  test('a second call has the first wait; swapped by one click, each hears only its own', async () => {
    await desk.dial('602');
    await desk.card('talking');
    await robot();
    await desk.stack(['ringing-in', 'talking']);
    await desk.cardSays(/Hold and answer/);
    await desk.clickOn(0, 'answer');
    await desk.stack(['talking', 'talking+held']);
    await farHears(0, MIC_HZ);
    await desk.clickOn(1, 'resume');
    await desk.stack(['talking+held', 'talking']);
    await farHears(1, MIC_HZ);
    const robotHeard = toneMs(await trubka.farCall(), MIC_HZ);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    assert.ok(toneMs(await trubka.farCall(), MIC_HZ) - robotHeard < 100, 'who waits does not hear us');
  });

  test('blind transfer: the caller talks to the new one, our card says so and goes', async () => {
    await answerRobot();
    await desk.click('transfer');
    await desk.handOnTo('602');
    await desk.click('transfer-now');
    await desk.card('ended');
    await desk.cardSays(/Handed over to 602/);
    await until('the robot hears 602', async () => (await trubka.farCalls()).some((far) => toneMs(far, TONE_602) > 500));
  });

  test('a blind transfer to a busy number gives the call back with a word', async () => {
    await answerRobot();
    await desk.click('transfer');
    await desk.handOnTo('603');
    await desk.click('transfer-now');
    await desk.cardSays(/603 is busy\. The call is yours again/);
    await desk.listen();
    await desk.hears(ROBOT_HZ);
    await desk.stack(['talking']);
  });

  test('asked first: the caller waits with music, then the two are connected', async () => {
    await answerRobot();
    await desk.click('transfer');
    await desk.handOnTo('602');
    await desk.click('transfer-ask');
    await desk.stack(['talking', 'talking+held']);
    await desk.listen();
    await desk.clickOn(0, 'connect');
    await desk.stack(['ended', 'ended']);
    await farHears(1, TONE_602);
    await farHears(0, ROBOT_HZ);
  });

  test('three-way: each of the three hears the two others, one card stays', async () => {
    await answerRobot();
    await desk.click('add');
    await desk.handOnTo('602');
    await desk.click('add-call');
    await desk.stack(['talking', 'talking+held']);
    await desk.clickOn(0, 'join');
    await desk.stack(['talking']);
    await desk.cardSays(/Three-way call/);
    await desk.page.waitForSelector('[data-testid="members"]');
    await desk.listen();
    await desk.hearsTogether([TONE_602, ROBOT_HZ]);
    await until('the robot hears us and 602', async () => (await trubka.farCalls()).some((far) => toneMs(far, TONE_602) > 300 && toneMs(far, MIC_HZ) > 300));
    await until('602 hears us and the robot', async () => (await trubka.farCalls()).some((far) => toneMs(far, ROBOT_HZ) > 300 && toneMs(far, MIC_HZ) > 300));
  });

  test('parked: the card says where, and the call is picked up there', async () => {
    await answerRobot();
    await desk.click('transfer');
    await desk.click('park');
    await desk.card('ended');
    const [, slot] = (await desk.cardSays(/Pick up with \*(\d+)/)).match(/\*(\d+)/);
    await desk.click('dismiss');
    await desk.dial(`*${slot}`);
    await desk.card('talking');
    await desk.listen();
    await desk.hears(ROBOT_HZ);
    await farHears(0, MIC_HZ);
  });

  test('redial: Enter in the empty field brings the last number back', async () => {
    await desk.dial('603');
    await desk.card('ended');
    await desk.click('dismiss');
    await desk.page.focus('[data-testid="dial-input"]');
    await desk.page.keyboard.press('Enter');
    await until('the number is back', () => desk.page.$eval('[data-testid="dial-input"]', (field) => field.value === '603'));
    await desk.page.keyboard.press('Enter');
    await desk.card('ended');
  });

  test('rejected with a reason', async () => {
    await robot();
    await desk.card('ringing-in');
    await desk.click('reject-how');
    await desk.click('reject-decline');
    await desk.card('ended');
    const far = await until('the far end has an answer', async () => {
      const call = await trubka.farCall();
      return call.code && call;
    });
    assert.equal(far.code, 603);
  });

  test('Enter in the empty field hands nobody over, on a row it chooses, on a button it presses', async () => {
    await trubka.api('POST', '/users', { login: 'anna', name: 'Anna Orlova', role: 'agent', extension: '205', password: 'correct horse battery' });
    await desk.dial('602');
    await desk.card('talking');
    await desk.click('transfer');
    await desk.page.waitForSelector('[data-testid="hand-on-row"]', { visible: true });
    await desk.page.waitForFunction(() => document.activeElement?.dataset.testid === 'hand-on-input');
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForSelector('[data-testid="hand-on"] [role="alert"]');
    await desk.page.focus('[data-testid="hand-on-row"]');
    await desk.page.keyboard.press('Enter');
    await until('the row is chosen', () => desk.page.$eval('[data-testid="hand-on-input"]', (field) => field.value === 'Anna Orlova'));
    await desk.stack(['talking']);
    await desk.page.focus('[data-testid="park"]');
    await desk.page.keyboard.press('Enter');
    await desk.card('ended');
    await desk.cardSays(/Pick up with \*\d/);
  });

  test('by keys alone: hold, talk on, transfer', async () => {
    const alt = async (key) => {
      await desk.page.keyboard.down('Alt');
      await desk.page.keyboard.press(key);
      await desk.page.keyboard.up('Alt');
    };
    await robot();
    await desk.card('ringing-in');
    await alt('KeyA');
    await desk.card('talking');
    await alt('KeyP');
    await desk.stack(['talking+held']);
    await alt('KeyP');
    await desk.stack(['talking']);
    await alt('KeyT');
    await desk.page.waitForFunction(() => document.activeElement?.id === 'hand-on-field');
    await desk.page.keyboard.type('602');
    await desk.page.keyboard.press('Enter');
    await desk.card('ended');
    await desk.cardSays(/Handed over to 602/);
  });
});
