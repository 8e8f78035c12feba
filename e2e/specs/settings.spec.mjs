// The settings panel as an administrator uses it: a line, a dial rule, a colleague.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Carrier } from '../bench/provider.mjs';
import { Certificates } from '../fixtures/certificates.mjs';
import { DeskPhone } from '../fixtures/desk-phone.mjs';
import { browser as launch, name, silence } from '../fixtures/browser.mjs';
import { until } from '../fixtures/process.mjs';
import { Registrar } from '../fixtures/registrar.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { Desk } from '../pages/desk.mjs';
import { Panel } from '../pages/panel.mjs';

/** By user name at the registrar, which is also the code it refuses with. */
const SENTENCES = {
  en: [
    ['wrong', /403 Forbidden Wrong user or password\./],
    ['403', /403 Forbidden The provider forbids it/],
    ['404', /404 Not Found The provider does not know this user/],
    ['408', /408 Request Timeout The provider's server gave up waiting/],
    ['423', /423 Interval Too Brief The provider wants a longer registration\. Set it to 7200 seconds/],
    ['503', /503 Service Unavailable The provider's server is out of order or overloaded/],
    ['nowhere', /There is no such name: no-such-host\.invalid\.|No name server answered\./],
  ],
  ru: [
    ['wrong', /403 Forbidden Неверный пользователь или пароль\./],
    ['403', /403 Forbidden Оператор отказал, не спросив пароля/],
    ['404', /404 Not Found Оператор не знает такого пользователя/],
    ['408', /408 Request Timeout Сервер оператора не дождался ответа/],
    ['423', /423 Interval Too Brief Оператору нужен больший срок регистрации\. Поставьте 7200 секунд/],
    ['503', /503 Service Unavailable Сервер оператора неисправен или перегружен/],
    ['nowhere', /Такого имени нет: no-such-host\.invalid\.|Ни один сервер имён не ответил\./],
  ],
};

/** By what is wrong with the certificate. */
const CERTIFICATES = {
  en: {
    stranger: /The certificate of 127\.0\.0\.1 is signed by nobody who is trusted here\./,
    name: /The certificate is for another name than 127\.0\.0\.1\./,
    expired: /The certificate of 127\.0\.0\.1 is out of date\./,
    early: /The certificate of 127\.0\.0\.1 is not valid yet\./,
  },
  ru: {
    stranger: /Сертификат 127\.0\.0\.1 подписан тем, кому здесь не доверяют\./,
    name: /Сертификат выдан не для 127\.0\.0\.1\./,
    expired: /Срок сертификата 127\.0\.0\.1 истёк\./,
    early: /Сертификат 127\.0\.0\.1 ещё не действует\./,
  },
};

describe(`settings in ${name}`, () => {
  let trubka;
  let chrome;
  let carrier;
  let registrar;
  let certificates;
  let desk;
  let panel;

  before(async () => {
    carrier = await Carrier.start();
    registrar = await Registrar.start();
    certificates = await Certificates.start();
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    panel = new Panel(desk.page, trubka.url);
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    carrier?.stop();
    registrar?.stop();
    certificates?.stop();
    await silence();
  });

  test('a line is set up simply, checked, saved and shown as registered', async () => {
    await panel.open('lines');
    await panel.click('add-line');
    await panel.click('mode-simple');
    await panel.type('line-user', '4711');
    await panel.type('line-password', 'secret word');
    await panel.type('line-domain', `127.0.0.1:${carrier.port}`);
    await panel.type('line-label', 'Office');
    await panel.click('run-check');
    await panel.says('check-answer', /Registered\. Calls will come in\./);
    assert.match(await panel.text('check-result'), /REGISTER, 200 OK/);
    await panel.click('save-line');
    await until('the line is registered', () => panel.row('line', /Office[\s\S]*Registered/));
  });

  test('the line to the test network is checked from the list, with the steps it took', async () => {
    await panel.open('lines');
    await panel.edit('line', /Test network/, 'check-line');
    await panel.says('check-answer', /Registered\. Calls will come in\./);
    assert.match(await panel.text('check-result'), /REGISTER, 401: asked for the password[\s\S]*REGISTER, 200 OK/);
  });

  for (const [language, sentences] of Object.entries(SENTENCES)) {
    test(`what a provider refuses is told in words: ${language}`, async () => {
      await panel.speak(language);
      await panel.open('lines');
      await panel.click('add-line');
      await panel.click('mode-simple');
      await panel.type('line-password', 'not this one');
      for (const [user, sentence] of sentences) {
        const domain = user === 'nowhere' ? 'no-such-host.invalid' : `127.0.0.1:${registrar.port}`;
        await panel.type('line-user', user);
        await panel.type('line-domain', domain);
        await panel.click('run-check');
        await panel.says('check-answer', sentence, 40_000);
      }
      await panel.speak('en');
    });
  }

  for (const [language, sentences] of Object.entries(CERTIFICATES)) {
    test(`what is wrong with a certificate is told in words: ${language}`, async () => {
      await panel.speak(language);
      await panel.open('lines');
      await panel.click('add-line');
      await panel.click('mode-advanced');
      await panel.type('line-user', 'alice');
      await panel.type('line-password', 'secret word');
      await panel.type('line-domain', '127.0.0.1');
      await panel.pick('line-transport', /TLS/, '');
      await panel.paste('line-tls-ca', certificates.pem);
      for (const [wrong, sentence] of Object.entries(sentences)) {
        await panel.type('line-host', `127.0.0.1:${certificates.ports[wrong]}`);
        await panel.click('run-check');
        await panel.says('check-answer', sentence);
      }
      await panel.speak('en');
    });
  }

  test('what cannot be is said while it is typed', async () => {
    await panel.open('lines');
    await panel.click('add-line');
    await panel.click('mode-advanced');
    await panel.type('line-host', 'sip:100@example');
    await panel.says('line-host', /host or host:port/, undefined, '.field');
    await panel.click('save-line');
    await panel.says('line-user', /Fill this in/, undefined, '.field');
  });

  test('auto-replace shows what becomes of a number, and why a pattern is refused', async () => {
    await panel.open('lines');
    await panel.edit('line', /Office/, 'edit-line');
    await panel.click('mode-advanced');
    await panel.click('add-rewrite');
    await panel.type('rewrite-pattern', '^\\+7([0-9]{10})$');
    await panel.type('rewrite-replacement', '8\\1');
    await panel.says('rewrite-example', /\+7\d+ → 8\d{10}/);
    await panel.type('rewrite-pattern', '^\\+7([0-9]{10}$');
    await panel.says('rewrite-example', /Sign 5: This \( is never closed\./);
    await panel.type('rewrite-pattern', '^\\+7([0-9]{10})$');
    await panel.says('changes', /Auto-replace/);
    await panel.click('save-line');
    await until('the rule is kept', async () => {
      const office = (await panel.get('/lines')).find((line) => line.label === 'Office');
      return (await panel.get(`/lines/${office.id}`)).settings.rewrites.length === 1;
    });
  });

  test('why a pattern is refused is told in Russian', async () => {
    await panel.speak('ru');
    await panel.open('lines');
    await panel.edit('line', /Office/, 'edit-line');
    await panel.click('mode-advanced');
    await panel.type('rewrite-pattern', '^[7');
    await panel.says('rewrite-example', /Знак 2: Эта \[ не закрыта\./);
    await panel.speak('en');
  });

  test('a line has extra rules and directions of its own', async () => {
    await panel.open('lines');
    await panel.edit('line', /Office/, 'edit-line');
    await panel.click('mode-advanced');
    await panel.page.$eval('[data-testid="line-dial"]', (part) => { part.open = true; });
    await panel.click('line-own-patterns');
    await panel.click('add-pattern');
    await panel.type('pattern-text', '_9XX');
    await panel.click('line-own-directions');
    await panel.click('all-international');
    await panel.click('save-line');
    await until('the rules are kept', async () => {
      const office = (await panel.get('/lines')).find((line) => line.label === 'Office');
      const { dial } = (await panel.get(`/lines/${office.id}`)).settings;
      return dial.patterns?.[0]?.pattern === '_9XX' && dial.directions?.all_international === false;
    });
  });

  test('single prices are added, changed and removed', async () => {
    const office = (await panel.get('/lines')).find((line) => line.label === 'Office');
    const prices = async () => (await panel.get(`/lines/${office.id}/tariffs`)).rows.map((row) => [row.prefix, row.minute_micros]);
    await panel.open('lines');
    await panel.edit('line', /Office/, 'edit-line');
    await panel.click('tab-prices');
    for (const [prefix, minute] of [['+7', '3'], ['7 495', '1,40']]) {
      await panel.click('add-price');
      await panel.type('price-prefix', prefix);
      await panel.type('price-minute', minute);
      await panel.click('save-price');
      await panel.page.waitForSelector('[data-testid="typed-price"]', { hidden: true });
    }
    assert.deepEqual(await prices(), [['+7', 3_000_000], ['+7495', 1_400_000]]);
    await panel.edit('tariff', /\+7495/, 'edit-price');
    await panel.type('price-minute', '1.5');
    await panel.click('save-price');
    await until('the price is changed', async () => (await prices())[1][1] === 1_500_000);
    await panel.edit('tariff', /\+7495/, 'remove-price');
    await until('the price is gone', async () => (await prices()).length === 1);
  });

  test('a dial rule is changed, a number tried step by step, a forbidden one refused', async () => {
    await panel.open('numbers');
    await panel.type('area', '812');
    await panel.type('local', '7');
    await panel.type('never', '+7809');
    await panel.type('try-number', '123-45-67');
    await panel.click('try');
    await panel.says('try-steps', /Area code 812 put before[\s\S]*\+78121234567/);
    await panel.says('try-verdict', /The call goes out by [\s\S]*INVITE sip:/);
    await panel.click('save-numbers');
    await until('the rule is kept', async () => (await panel.get('/settings/numbers')).settings.dial.area_code === '812');
    await panel.says('stops', /\+7809 stops:[\s\S]*Russia/);
    await panel.type('try-number', '8 809 505-00-11');
    await panel.click('try');
    await panel.says('try-verdict', /The call is not made[\s\S]*Never call \+7809/);
  });

  test('a number is blocked, let in again, and blocked by Undo', async () => {
    await panel.open('numbers');
    await panel.type('block-number', '8 900 111-22-33');
    await panel.click('block');
    await panel.says('blocked', /\+7 900 111-22-33/);
    await panel.click('unblock');
    await until('nobody is blocked', async () => (await panel.get('/blocked-numbers')).length === 0);
    await panel.undo();
    await panel.says('blocked', /\+7 900 111-22-33/);
  });

  test('a colleague is added with the next free extension and signs in', async () => {
    await panel.open('users');
    await panel.click('add-user');
    await panel.type('user-name', 'Ilya Berg');
    await panel.type('user-login', 'ilya');
    await until('an extension is offered', async () => /^\d+$/.test(await panel.value('user-extension')));
    const offered = await panel.value('user-extension');
    const [first] = await panel.get('/users');
    await panel.type('user-extension', first.extension);
    await panel.says('user-extension', new RegExp(`${first.extension}\\. Free is ${offered}`), undefined, '.field');
    await panel.type('user-extension', offered);
    await panel.click('save-user');
    const [login, password] = await panel.secrets();
    assert.equal(login, 'ilya');
    await panel.click('close-secret');
    assert.equal((await trubka.password('ilya', password)).status, 200);
    assert.equal((await trubka.api('GET', '/session')).extension, offered);
  });

  test('a desk phone gets its secret once, a group its members', async () => {
    await panel.open('users');
    await panel.edit('user', /Ilya Berg/, 'edit-user');
    await panel.click('sip-password');
    const shown = await panel.secrets();
    assert.ok(shown.at(-1).length >= 10, 'a password is shown');
    await panel.click('close-secret');
    await panel.says('user-state', /desk phone/, undefined, 'table');
    await panel.open('groups');
    await panel.click('add-group');
    await panel.type('group-name', 'Sales');
    await panel.pick('group-members', /Ilya Berg/);
    await panel.click('save-group');
    await panel.says('group', /Sales[\s\S]*Ilya Berg/);
  });

  test('who is locked out after wrong passwords is shown, and let in again by a click', async () => {
    await panel.open('lock-outs');
    await until('nobody is', () => panel.page.$eval('.set__main', (main) => /Nobody is locked out/.test(main.innerText)));
    await trubka.signInAs(chrome);
    const ilya = (await trubka.api('GET', '/users')).find((user) => user.login === 'ilya');
    const account = await trubka.api('POST', `/users/${ilya.id}/sip-password`);
    const phone = await DeskPhone.connect(trubka.ports.sip, account.username);
    try {
      assert.equal(await phone.register(account.password), 200);
      const stranger = await DeskPhone.connect(trubka.ports.sip, account.username);
      for (let wrong = 0; wrong < 10; wrong += 1) assert.equal(await stranger.register('wrong'), 403);
      assert.equal(await stranger.register(account.password), 403, 'locked out');
      await until('who, why, since and until', () => panel.row('lock-out',
        new RegExp(`127\\.0\\.0\\.1 → ${account.username} \\(Ilya Berg\\)[\\s\\S]*10 wrong passwords[\\s\\S]*\\d\\d:\\d\\d–\\d\\d:\\d\\d`)));
      await panel.click('unlock');
      await until('the list is empty again', () => panel.page.$eval('.set__main', (main) => /Nobody is locked out/.test(main.innerText)));
      assert.equal(await stranger.register(account.password), 200);
      stranger.close();
      await panel.speak('ru');
      await panel.open('lock-outs');
      await until('in Russian', () => panel.page.$eval('.set__main', (main) => /Никто не заблокирован/.test(main.innerText)));
    } finally {
      phone.close();
      await panel.speak('en');
    }
  });

  test('a list that cannot be read says so, and is read again', async () => {
    await panel.open('lock-outs');
    await until('it is read', () => panel.page.$eval('.set__main', (main) => /Nobody is locked out/.test(main.innerText)));
    // It is read every ten seconds.
    await panel.page.evaluate(() => {
      window.realFetch = window.fetch;
      window.fetch = (request) => (request.url.includes('/lock-outs') ? Promise.reject(new TypeError('no network')) : window.realFetch(request));
    });
    const again = '.set__main .empty .btn';
    await panel.page.waitForSelector(again, { timeout: 20_000 });
    await panel.page.evaluate(() => { window.fetch = window.realFetch; });
    await panel.page.click(again);
    await until('it is there again', () => panel.page.$eval('.set__main', (main) => /Nobody is locked out/.test(main.innerText)));
  });

  test('reasons not to take calls are added, renamed, put in order and removed', async () => {
    await panel.open('presence');
    await panel.says('add-reason', /Add a reason/);
    assert.match(await panel.page.$eval('.set__main', (main) => main.innerText), /No own reasons yet/);
    const add = async (name, change = async () => {}) => {
      await panel.click('add-reason');
      await panel.type('reason-name', name);
      await change();
      await panel.click('save-reason');
    };
    await add('Doctor');
    await until('it is listed', () => panel.row('reason', /Doctor[\s\S]*Away/));
    await add('Stock-taking', async () => {
      await panel.page.select('[data-testid="reason-state"]', 'do_not_disturb');
      await panel.type('reason-minutes', '90');
      await panel.click('reason-offered');
    });
    await until('so is the other', () => panel.row('reason', /Stock-taking[\s\S]*Do not disturb · 90 min · calls still ring/));
    await add('Doctor');
    await panel.says('reason-name', /There is a reason with this name already/, undefined, '.field');
    await panel.page.keyboard.press('Escape');
    const kept = async () => (await panel.get('/presence-reasons')).map((one) => one.name).join();
    await panel.edit('reason', /Stock-taking/, 'reason-up');
    await until('the order is kept', async () => (await kept()) === 'Stock-taking,Doctor');
    await panel.edit('reason', /Doctor/, 'edit-reason');
    await panel.type('reason-name', 'Dentist');
    await panel.click('save-reason');
    await until('the name is kept', async () => (await kept()) === 'Stock-taking,Dentist');
    await panel.edit('reason', /Stock-taking/, 'delete-reason');
    await panel.click('confirm');
    await until('one is left', async () => (await kept()) === 'Dentist');
    await until('also on the page', () => panel.row('reason', /Dentist/));
    assert.equal(await panel.row('reason', /Stock-taking/), false);
  });

  test('what happens by itself is switched on and off', async () => {
    await panel.open('presence');
    await panel.click('away-rule');
    await panel.type('away-after', '0');
    await panel.click('save-rules');
    await panel.says('away-after', /From 1 to 480/, undefined, '.field');
    await panel.type('away-after', '15');
    await panel.click('wrap-up-rule');
    await panel.type('wrap-up-for', '45');
    await panel.click('save-rules');
    const kept = async () => JSON.stringify(await panel.get('/settings/presence'));
    await until('both are kept', async () => (await kept()) === '{"away_after_secs":900,"wrap_up_secs":45}');
    await panel.open('presence');
    await until('and shown', async () => (await panel.value('away-after').catch(() => '')) === '15' && (await panel.value('wrap-up-for')) === '45');
    await panel.click('away-rule');
    await panel.click('wrap-up-rule');
    await panel.click('save-rules');
    await until('both are off', async () => (await kept()) === '{"away_after_secs":null,"wrap_up_secs":null}');
  });

  test('a line rings its plan: the responsible, then a group, then a number outside', async () => {
    await panel.open('lines');
    await panel.edit('line', /Office/, 'edit-line');
    await panel.click('tab-plan');
    await panel.click('plan-own');
    await panel.pick('stage', /Sales/, 'select[aria-label="Group"]');
    await panel.click('plan-forward');
    await panel.type('forward-number', '+7 921 555-00-10');
    await panel.click('save-line');
    await until('the plan is kept', async () => {
      const office = (await panel.get('/lines')).find((line) => line.label === 'Office');
      const { plan } = (await panel.get(`/lines/${office.id}`)).settings;
      return plan?.responsible_secs === 10 && plan.stages[0].group && plan.forward.secs === 15;
    });
    assert.deepEqual(desk.problems.filter((problem) => !/status of 4\d\d/.test(problem)), []);
  });
});
