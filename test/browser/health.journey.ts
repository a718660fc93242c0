import { describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const scene = useScene();

describe('Health', () => {
  it('judges nothing while there is no call', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByText('No calls yet: there is nothing to judge.').waitFor();
    expect(await page.getByText('not measured yet').count()).toBe(5);
    expect(await page.getByText('met', { exact: true }).count()).toBe(0);
  });

  it('holds the calls against the targets, and leads to those of a model', async () => {
    const { browser, gateway } = scene();
    await (await gateway.chat({ model: 'demo', stream: true })).text();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByText('met', { exact: true }).first().waitFor();
    await page.getByLabel('Of the last').selectOption('1000');
    await page.getByRole('table', { name: 'Calls by model' }).getByRole('link', { name: 'demo' }).click();
    await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor();
    expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe('demo');
    await page.goBack();
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    expect(page.url()).toContain('last=1000');
  });

  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/health`, view, async (page) => {
      await page.getByRole('table', { name: 'Calls by model' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
