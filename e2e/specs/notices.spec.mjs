// A call while another window is in front, and numbers of other web pages.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { until } from '../fixtures/process.mjs';
import { Desk } from '../pages/desk.mjs';

/** What the caller plays, Hz. */
const ROBOT_HZ = 1300;

describe(`behind other windows in ${name}`, () => {
  let trubka;
  let browser;
  let desk;
  let other;

  before(async () => {
    trubka = await Trubka.start();
    browser = await launch();
    // In Chromium this refuses whatever is not named; Firefox knows no such name.
    const allowed = name === 'chromium' ? ['notifications', 'microphone'] : ['notifications'];
    await browser.defaultBrowserContext().overridePermissions(trubka.url, allowed);
    desk = await Desk.open(browser, await trubka.link());
    await desk.ready();
    await trubka.signInAs(browser);
  });

  after(async () => {
    await browser?.close();
    await trubka?.stop();
    await silence();
  });

  /** Another tab in front of the phone. */
  const cover = async () => {
    other = await browser.newPage();
    await other.bringToFront();
    await until('the phone is hidden', () => desk.page.evaluate(() => document.visibilityState === 'hidden'));
  };

  const uncover = async () => {
    await other.close();
    await desk.page.bringToFront();
    await until('the phone is seen', () => desk.page.evaluate(() => document.visibilityState === 'visible'));
  };

  const notices = () => desk.page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready;
    return (await worker.getNotifications()).map(({ title, body, tag, actions }) =>
      ({ title, body, tag, actions: (actions ?? []).map((one) => one.action) }));
  });

  // The number may be shown before the name is known; Firefox keeps to what it showed first.
  const known = name === 'firefox' ? /Whitfield|7946/ : /Whitfield/;
  const notice = () => until('a notification', async () =>
    (await notices()).find((one) => known.test(one.title)));
  const none = () => until('no notification', async () => (await notices()).length === 0);

  /** What the system does when a button of the notification is pressed. */
  const press = async (action) => {
    const target = await browser.waitForTarget((one) => one.type() === 'service_worker');
    const worker = await target.worker();
    await worker.evaluate(async (action) => {
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action }));
    }, action);
  };

  const ring = () => trubka.api('POST', '/test-network/calls', { caller: '+442079460018', tone_hz: ROBOT_HZ, talk_secs: 60 });

  test('a call that rings in a hidden page shows a notification, which goes with the call', async () => {
    await cover();
    await ring();
    const shown = await notice();
    assert.match(shown.title, /Incoming call: /);
    await until('the icon of the tab rings', () =>
      desk.page.$eval('link[rel=icon]', (icon) => icon.getAttribute('href') === '/icon-ringing.svg'));
    if (name === 'chromium') assert.deepEqual(shown.actions, ['answer', 'reject']);
    await desk.page.evaluate(() => document.querySelector('[data-testid="reject"]').click());
    await none();
    await until('the icon is the usual one', () =>
      desk.page.$eval('link[rel=icon]', (icon) => icon.getAttribute('href') === '/icon.svg'));
    await uncover();
    await desk.tidy();
  });

  test('none is shown while the page is seen', async () => {
    await ring();
    await desk.card('ringing-in');
    assert.deepEqual(await notices(), []);
    await desk.click('reject');
    await desk.tidy();
  });

  // Firefox shows no buttons, and its protocol for tests reaches no service worker.
  if (name === 'chromium') {
    test('the call is answered by the notification', async () => {
      await cover();
      await ring();
      await notice();
      await press('answer');
      await desk.card('talking');
      await none();
      await uncover();
      await desk.listen();
      await desk.hears(ROBOT_HZ);
      await desk.tidy();
    });

    test('and rejected', async () => {
      await cover();
      await ring();
      await notice();
      await press('reject');
      await desk.card('ended');
      await none();
      const call = await trubka.newestCall();
      assert.notEqual(call.status, 'answered');
      await uncover();
      await desk.tidy();
    });
  }

  test('a telephone link of another page fills the number in and calls nobody by itself', async () => {
    const before = (await trubka.newestCall()).id;
    await desk.page.goto(`${trubka.url}/?call=${encodeURIComponent('tel:+44 20 7946 0018')}`);
    await desk.ready();
    const field = await desk.page.waitForSelector('[data-testid="dial-input"]', { visible: true });
    assert.equal(await field.evaluate((input) => input.value), '+442079460018');
    assert.equal(await desk.page.evaluate(() => location.search), '');
    assert.equal(await desk.page.$('[data-testid="call-card"]'), null);
    assert.equal((await trubka.newestCall()).id, before);
  });

  test('what is no number is not taken from the address', async () => {
    await desk.page.goto(`${trubka.url}/?call=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
    await desk.ready();
    assert.equal(await desk.page.$eval('[data-testid="dial-input"]', (input) => input.value), '');
  });

  test('it can be installed: manifest, icons, a worker that keeps nothing', async () => {
    const manifest = await (await fetch(`${trubka.url}/app.webmanifest`)).json();
    assert.equal(manifest.display, 'standalone');
    for (const { src, type } of manifest.icons) {
      const icon = await fetch(`${trubka.url}${src}`);
      assert.equal(icon.status, 200, src);
      assert.equal(icon.headers.get('content-type'), type, src);
    }
    const worker = await fetch(`${trubka.url}/sw.js`);
    assert.equal(worker.headers.get('cache-control'), 'no-cache');
    assert.equal(await desk.page.evaluate(async () => (await caches.keys()).length), 0);
  });
});
