import { describe, expect, it } from 'vitest';
import { load } from '../support/config-files.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const CONFIG =
  `providers:\n  demo: { kind: demo }\n  openai: { kind: openai, api_key: "\${OPENAI_API_KEY}" }\n` +
  'retry: { max_retries: 0 }\nbreaker: { failures: 2, open_for: 10m }\n';

describe('Health', () => {
  const scene = useScene(CONFIG);

  it('judges nothing while there is no call', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByText('No calls yet: there is nothing to judge.').waitFor();
    expect(await page.getByText('not measured yet').count()).toBe(5);
    expect(await page.getByText('met', { exact: true }).count()).toBe(0);
    expect(await page.getByRole('figure').count()).toBe(0);
  });

  it('holds the calls against the targets, and leads to those of a model', async () => {
    const { browser, gateway } = scene();
    await (await gateway.chat({ model: 'demo', stream: true })).text();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByText('met', { exact: true }).first().waitFor();
    await page.getByLabel('Of the last').selectOption('1000');
    await page.getByRole('table', { name: 'Calls by model' }).getByRole('link', { name: 'demo' }).click();
    await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor();
    expect(await page.getByLabel('Answered by').inputValue()).toBe('demo');
    await page.goBack();
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    expect(page.url()).toContain('last=1000');
  });

  it('draws the last hour by the minute, with its figures', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    const chart = page
      .getByRole('figure')
      .filter({ has: page.getByRole('heading', { name: 'First token, by minute' }) });
    await chart.getByText('p95 ≤ 1.5 s').waitFor();
    await chart.getByText('Figures').click();
    const rows = chart.getByRole('table').locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(60);
    expect((await rows.allTextContents()).filter((text) => /\d m?s/.test(text)).length).toBeGreaterThan(0);
  });

  it('says of each provider which key it lacks, what broke, and which breaker is open', async () => {
    const { browser, gateway } = scene();
    for (let times = 0; times < 2; times++) await (await gateway.chat({ model: 'demo:500' })).text();
    const page = await openPage(browser, gateway.url, '/health');
    const table = page.getByRole('table', { name: 'Providers' });
    await table.getByRole('row', { name: /^openai none set: OPENAI_API_KEY/ }).waitFor();
    const demo = table.getByRole('row', { name: /^demo wants none/ });
    await demo.getByRole('cell', { name: /^demo:500 open until/ }).waitFor();
    await demo.getByRole('cell', { name: /^500 server, .* ago$/ }).waitFor();
    await page.getByText('1 breaker open').waitFor();
    await demo.getByRole('link', { name: 'demo' }).click();
    await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor();
    expect(page.url()).toContain('provider=demo');
  });

  it('says that a reload failed', async () => {
    const { browser, gateway } = scene();
    await gateway.reload(() => load(`${CONFIG}models: { m: { provider: nobody } }\n`)).catch(() => {});
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByText(/^reload failed .* ago, 1 mistake/).waitFor();
  });

  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/health`, view, async (page) => {
      await page.getByRole('table', { name: 'Calls by model' }).waitFor();
      await page.getByRole('table', { name: 'Providers' }).waitFor();
      await page.getByText('Figures').nth(1).waitFor();
      for (const figures of await page.getByText('Figures').all()) await figures.click();
      await page.getByRole('table', { name: 'Whole answer, by minute, figures' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});

describe('Health for a key that is no admin', () => {
  const scene = useScene(`${CONFIG}auth: { keys: [{ name: team, key: key-t }] }\n`);

  it('is of its own calls, without what is of the operator', async () => {
    const { browser, gateway } = scene();
    await (await gateway.chat({ model: 'demo' }, { headers: { authorization: 'Bearer key-t' } })).text();
    const page = await openPage(browser, gateway.url, '/health', {}, /status of 401/);
    await page.getByLabel('Key', { exact: true }).fill('key-t');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('table', { name: 'Calls by provider' }).waitFor();
    await page.getByRole('figure').first().waitFor();
    expect(await page.getByRole('table', { name: 'Providers' }).count()).toBe(0);
    expect(await page.getByText(/breaker|configuration/).count()).toBe(0);
  });
});
