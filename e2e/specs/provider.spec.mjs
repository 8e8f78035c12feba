// The same calls through a provider and with a far end that nobody here wrote.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browser as launch, MIC_HZ, name, silence } from '../fixtures/browser.mjs';
import { PERSON, PERSON_HZ, Provider, TRUNK } from '../fixtures/provider.mjs';
import { until } from '../fixtures/process.mjs';
import { Trubka } from '../fixtures/server.mjs';
import { decode, heard } from '../fixtures/tones.mjs';
import { Desk } from '../pages/desk.mjs';

describe(`Kamailio and baresip in ${name}`, () => {
  let provider;
  let trubka;
  let chrome;
  let desk;

  before(async () => {
    provider = await Provider.start();
    trubka = await Trubka.start();
    chrome = await launch();
    desk = await Desk.open(chrome, await trubka.link());
    await desk.ready();
    await trubka.signInAs(chrome);
    const [demo] = await lines();
    await trubka.api('DELETE', `/lines/${demo.id}`);
    await trubka.api('POST', '/contacts', { name: 'Ashdown Roasters', phones: ['+44 20 7946 0955'] });
  });

  after(async () => {
    await chrome?.close();
    await trubka?.stop();
    await provider?.stop();
    await silence();
  });

  const lines = async () => {
    const list = await trubka.api('GET', '/lines');
    return list.items ?? list;
  };

  const personHeard = (hz) =>
    until(`the person heard ${hz} Hz`, async () => {
      const file = await provider.heardFile();
      if (!file) return false;
      const [channel] = decode(file, 8_000);
      return heard(channel, 8_000, hz).seconds > 0.5;
    }, { every: 500 });

  test('a wrong password at the provider is told in words, the right one registers', async () => {
    const draft = { label: 'Kamailio', ...TRUNK, domain: provider.domain };
    const line = await trubka.api('POST', '/lines', { ...draft, password: 'wrong' });
    await until('the line is refused', async () => (await lines())[0].registration.state === 'failed');
    await trubka.api('PUT', `/lines/${line.id}`, draft);
    await until('the line is registered', async () => (await lines())[0].registration.state === 'registered');
  });

  test('a call out: tones both ways', async () => {
    await desk.dial(PERSON);
    await desk.card('talking');
    await desk.listen();
    await desk.hears(PERSON_HZ, { seconds: 0.8 });
    await desk.hears(PERSON_HZ, { seconds: 2 });
    await desk.click('hang-up');
    await personHeard(MIC_HZ);
    const call = await until('the call is over', async () => {
      const newest = await trubka.newestCall();
      return newest?.ended_at && newest;
    });
    assert.equal(call.status, 'answered');
    assert.equal(call.hung_up_by, 'agent');
    assert.equal(call.line.label, 'Kamailio');
  });

  test('a call in: the card shows the name, tones both ways, the person hangs up', async () => {
    await provider.command('dial', `sip:${TRUNK.number}@${provider.domain}`);
    await desk.card('ringing-in');
    await desk.cardSays(/Ashdown Roasters/);
    await desk.click('answer');
    await desk.card('talking');
    await desk.listen();
    await desk.hears(PERSON_HZ, { seconds: 2 });
    await provider.command('hangup');
    await desk.card('ended');
    await personHeard(MIC_HZ);
    const call = await trubka.newestCall();
    assert.equal(call.direction, 'incoming');
    assert.equal(call.status, 'answered');
    assert.equal(call.hung_up_by, 'client');
    assert.equal(call.contact.name, 'Ashdown Roasters');
  });
});
