// The check before a call, as a person reads it.
import { until } from '../fixtures/process.mjs';

const steps = (page) => page.$$eval('[data-testid="precheck"] li', (all) => Object.fromEntries(all.map((one) => [one.dataset.step.split('.').at(-1), { mark: one.dataset.mark, text: one.innerText }])));

/** Runs it: a mark and a text for each step, and the verdict. */
export async function precheck(page, url) {
  await page.goto(`${url}/settings/check`);
  const run = await page.waitForSelector('[data-testid="precheck-run"]', { visible: true });
  await run.click();
  await until('the check is done', () => page.$eval('[data-testid="precheck-verdict"]', (verdict) => verdict.innerText !== ''), { timeout: 45_000 })
    .catch(async (error) => { throw new Error(`${error.message}: ${JSON.stringify(await steps(page))}`); });
  return { ...await steps(page), verdict: await page.$eval('[data-testid="precheck-verdict"]', (verdict) => verdict.innerText) };
}
