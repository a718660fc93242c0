import { describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const scene = useScene(
  'providers:\n  demo: { kind: demo }\nmodels:\n  cheap: { provider: demo, upstream: demo, context_window: 1000, ' +
    'prices: [{ input: 1, output: 2, until: "2090-01-01" }, { input: 3, output: 4, from: "2090-01-01" }], ' +
    'shutdown: "2091-01-01" }\n',
);

describe('Models', () => {
  it('shows what each can and costs, now and next, and when it ends', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const row = page.getByRole('row', { name: 'cheap' });
    expect(await row.textContent()).toMatch(/1,000[\s\S]*1 \/ 2[\s\S]*from 2090-01-01: 3 \/ 4[\s\S]*ends in \d+ days/);
    await page.getByText('No other provider has a key').waitFor();
  });

  it('is searched as one types, and keeps the words in the address', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const search = page.getByRole('searchbox');
    await search.fill('cheap');
    expect(await page.getByRole('table', { name: 'Models' }).locator('tbody tr').count()).toBe(1);
    await search.fill('cheap and nothing');
    await page.getByText('No model fits').waitFor();
    await page.reload();
    await page.getByText('No model fits').waitFor();
  });

  it('is there where Chat cannot be, which says why', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /404/);
    await page.getByText('This gateway keeps no conversations').waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('table', { name: 'Models' }).waitFor();
  });

  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/models`, view, async (page) => {
      await page.getByRole('table', { name: 'Models' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
