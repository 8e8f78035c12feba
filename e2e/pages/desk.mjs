// The agent's page as a person sees it.
import { until } from '../fixtures/process.mjs';

const id = (testid) => `[data-testid="${testid}"]`;

export class Desk {
  /** Opens a link in a fresh tab, or the one given, `prepare`d; `problems` collects what the page complains of. */
  static async open(browser, url, prepare = async () => {}, page = undefined) {
    const self = new Desk();
    self.page = page ?? (await browser.newPage());
    self.problems = [];
    self.page.on('pageerror', (error) => self.problems.push(String(error?.message ?? error)));
    self.page.on('console', (message) => {
      if (message.type() === 'error') self.problems.push(message.text());
    });
    await prepare(self.page);
    await self.page.goto(url);
    return self;
  }

  /** Waits until the phone is registered. */
  async ready(timeout = 20_000) {
    await this.page.waitForSelector(`${id('phone-state')}[data-state="ready"]`, { timeout });
  }

  /** When the phone is next seen not to be ready. From within: it may be over before anybody outside has looked. */
  async noticing() {
    return this.page.evaluate((selector) => new Promise((resolve) => {
      const pill = document.querySelector(selector);
      const look = () => {
        if (pill.dataset.state === 'ready') return;
        observer.disconnect();
        resolve(Date.now());
      };
      const observer = new MutationObserver(look);
      observer.observe(pill, { attributes: true });
    }), id('phone-state'));
  }

  async click(testid) {
    const element = await this.page.waitForSelector(id(testid), { visible: true });
    await element.click();
  }

  /** Types a number into the phone and calls it. */
  async dial(number) {
    if (!(await this.page.$(id('dial-input')))) await this.click('dial-toggle');
    const field = await this.page.waitForSelector(id('dial-input'), { visible: true });
    await field.click({ count: 3 });
    await field.type(number);
    await this.click('dial-button');
  }

  /** Waits for a call card in one of these phases and returns its text. */
  async card(phases, timeout = 15_000) {
    const list = [phases].flat();
    const selector = list.map((phase) => `${id('call-card')}[data-phase="${phase}"]`).join(',');
    const element = await this.page.waitForSelector(selector, { timeout }).catch(async (error) => {
      const phase = await this.page.$eval(id('call-card'), (card) => card.dataset.phase).catch(() => 'none');
      throw new Error(`no card in ${list.join('/')}, it is: ${phase}; ${this.problems.join('; ')} (${error.message})`);
    });
    return element.evaluate((card) => card.innerText);
  }

  /** Waits for a text anywhere on a card; that card's text. */
  async cardSays(pattern, timeout = 10_000) {
    return until(`a card says ${pattern}`, async () => {
      const cards = await this.cards().catch(() => []);
      return cards.map((card) => card.text).find((text) => pattern.test(text));
    }, { timeout });
  }

  async noCard(timeout = 15_000) {
    await this.page.waitForFunction(
      (selector) => !document.querySelector(selector), { timeout }, id('call-card'));
  }

  /** Calls a number that plays a tone, and hears it. */
  async talkTo(number, hz) {
    await this.dial(number);
    await this.card('talking');
    await this.listen();
    await this.hears(hz);
  }

  /** Starts to listen to what the loudspeaker plays; `heard(hz)` then says for how long a tone was there. */
  async listen() {
    await this.page.waitForFunction(
      () => document.querySelector('audio[data-trubka="remote"]')?.srcObject?.getAudioTracks().length, {});
    await this.page.evaluate(async () => {
      window.trubkaEar?.stop();
      const stream = document.querySelector('audio[data-trubka="remote"]').srcObject;
      const context = new AudioContext();
      const source = context.createMediaStreamSource(stream);
      const analyser = context.createAnalyser();
      analyser.fftSize = 4096;
      analyser.smoothingTimeConstant = 0;
      source.connect(analyser);
      const bins = new Float32Array(analyser.frequencyBinCount);
      const peaks = [];
      const timer = setInterval(() => {
        analyser.getFloatFrequencyData(bins);
        let best = 0;
        for (let i = 1; i < bins.length; i += 1) if (bins[i] > bins[best]) best = i;
        peaks.push({ at: Date.now(), hz: (best * context.sampleRate) / analyser.fftSize, db: bins[best] });
      }, 50);
      const level = (hz) => bins[Math.round((hz * analyser.fftSize) / context.sampleRate)];
      window.trubkaEar = { peaks, level, stop: () => { clearInterval(timer); context.close(); } };
      await context.resume();
    });
  }

  /** Waits until a tone was the loudest thing for this long. */
  async hears(hz, { seconds = 0.5, timeout = 15_000 } = {}) {
    await until(`the page plays ${hz} Hz`, () => this.page.evaluate((hz, count) => {
      const near = window.trubkaEar.peaks.filter((peak) => peak.db > -70 && Math.abs(peak.hz - hz) < 15);
      return near.length >= count;
    }, hz, seconds * 20), { timeout }).catch(async (error) => {
      const peaks = await this.page.evaluate(() => window.trubkaEar.peaks.slice(-10));
      throw new Error(`${error.message}: last peaks ${JSON.stringify(peaks)}`);
    });
  }

  /** Waits until several tones are heard at once. */
  async hearsTogether(tones, timeout = 15_000) {
    const levels = () => this.page.evaluate((tones) => tones.map((hz) => window.trubkaEar.level(hz)), tones);
    await until(`the page plays ${tones.join(' and ')} Hz`, async () => (await levels()).every((db) => db > -60), { timeout })
      .catch(async (error) => { throw new Error(`${error.message}: ${await levels()} dB`); });
  }

  /** The longest time without a tone since a moment, in milliseconds. */
  async gap(hz, since) {
    return this.page.evaluate((hz, since) => {
      const heard = window.trubkaEar.peaks.filter((peak) => peak.at >= since && peak.db > -70 && Math.abs(peak.hz - hz) < 15);
      const times = [since, ...heard.map((peak) => peak.at), Date.now()];
      return Math.max(...times.slice(1).map((at, i) => at - times[i]));
    }, hz, since);
  }

  /** Every page loaded in this tab from now on listens by itself and notes when it first hears a tone. */
  async listenFromTheStart(hz) {
    await this.page.evaluateOnNewDocument((hz) => {
      // Firefox takes over a second to start one: that is no time the agent would wait.
      const context = new AudioContext();
      const look = setInterval(() => {
        const stream = document.querySelector('audio[data-trubka="remote"]')?.srcObject;
        if (!stream?.getAudioTracks().length) return;
        clearInterval(look);
        const analyser = context.createAnalyser();
        analyser.fftSize = 2048;
        analyser.smoothingTimeConstant = 0;
        context.createMediaStreamSource(stream).connect(analyser);
        const bins = new Float32Array(analyser.frequencyBinCount);
        const listen = setInterval(() => {
          analyser.getFloatFrequencyData(bins);
          const near = bins[Math.round((hz * analyser.fftSize) / context.sampleRate)];
          if (near > -60) {
            window.trubkaFirstHeard = Date.now();
            clearInterval(listen);
            context.close();
          }
        }, 20);
      }, 20);
    }, hz);
  }

  /** When this page first heard the tone. */
  async firstHeard(timeout = 15_000) {
    return until('the tone is heard again', () => this.page.evaluate(() => window.trubkaFirstHeard), { timeout })
      .catch(async (error) => { throw new Error(`${error.message}: ${await this.page.evaluate(() => document.querySelector('[data-testid="dock"]')?.innerText)}; ${this.problems.join('; ')}`); });
  }

  /** What the cards say, newest first: phase, on hold, coming back. */
  async cards() {
    return this.page.$$eval(id('call-card'), (all) => all.map((card) => ({
      phase: card.dataset.phase, held: card.dataset.held === 'true', returning: card.dataset.returning === 'true', text: card.innerText,
    })));
  }

  /** Waits until the cards are so: each a phase, `phase+held` for one on hold; newest first. */
  async stack(wanted, timeout = 15_000) {
    const names = (cards) => cards.map((card) => card.phase + (card.held ? '+held' : '') + (card.returning ? '+returning' : ''));
    let last = [];
    return until(`the cards are ${wanted.join(', ')}`, async () => {
      last = names(await this.cards());
      return last.join() === wanted.join();
    }, { timeout }).catch((error) => { throw new Error(`${error.message}; they are ${last.join(', ')}`); });
  }

  /** Presses a button on one of the cards, counted from the newest. */
  async clickOn(card, testid) {
    await until(`card ${card} has ${testid}`, () => this.page.evaluate((cards, button, at) => {
      const found = document.querySelectorAll(cards)[at]?.querySelector(button);
      found?.click();
      return Boolean(found);
    }, id('call-card'), id(testid), card));
  }

  /** Types into the panel from which a call is handed on. */
  async handOnTo(text) {
    const field = await this.page.waitForSelector(id('hand-on-input'), { visible: true });
    await field.type(text);
  }

  /** Waits until something like a voice was heard: loud enough, and of more than one pitch. */
  async hearsVoice(timeout = 15_000) {
    await until('the page plays a voice', () => this.page.evaluate(() => {
      const loud = window.trubkaEar.peaks.filter((peak) => peak.db > -60);
      return loud.length >= 10 && new Set(loud.map((peak) => Math.round(peak.hz / 20))).size >= 4;
    }), { timeout });
  }

  /** Opens the dialog of the devices unless it is open. */
  async openSound() {
    if (await this.page.$(id('sound'))) return;
    await this.click('open-sound');
    await this.page.waitForSelector(id('sound'), { visible: true });
  }

  async closeSound() {
    if (await this.page.$(id('sound'))) await this.click('sound-close');
    await this.page.waitForFunction((selector) => !document.querySelector(selector), {}, id('sound'));
  }

  /** Chooses a device by its words for `microphone`, `speaker` or `ringer`; '' is the first of the list. */
  async choose(role, words) {
    await this.openSound();
    await until(`${role} ${words} can be chosen`, () => this.page.evaluate((field, words) => {
      const select = document.querySelector(field);
      const option = [...(select?.options ?? [])].find((one) => (words ? one.text === words : one.value === ''));
      if (!option) return false;
      select.value = option.value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
    }, id(`sound-${role}`), words)).catch(async (error) => {
      const offered = await this.page.$$eval(`${id(`sound-${role}`)} option`, (all) => all.map((one) => one.text));
      throw new Error(`${error.message}: ${offered.join(', ')}; ${this.problems.join('; ')}`);
    });
    await until(`${role} ${words} is chosen`, async () => !words || (await this.chosen(role)) === words);
  }

  /** The device chosen for a role, in words. */
  async chosen(role) {
    await this.openSound();
    return this.page.$eval(id(`sound-${role}`), (select) => select.selectedOptions[0]?.text);
  }

  /** Presses a button of the dialog, if one is named, and waits until the test is so far. */
  async soundStep(button, step) {
    if (button) await this.click(button);
    await this.page.waitForSelector(`${id('sound-try-state')}[data-step="${step}"]`, { timeout: 15_000 });
  }

  /** Ends and removes whatever calls are left. */
  async tidy() {
    await until('no card is left', () => this.page.evaluate(() => {
      const press = (name) => document.querySelectorAll(`[data-testid="${name}"]`).forEach((button) => button.click());
      press('hang-up');
      press('reject');
      press('dismiss');
      return !document.querySelector('[data-testid="call-card"]');
    }), { every: 200 });
  }

  async close() {
    await this.page.close();
  }
}
