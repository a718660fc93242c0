import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-calls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

describe('the first visit', () => {
  it('is led to the console, and says what to do while there is no call', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.goto(gateway.url);
    expect(page.url()).toBe(`${gateway.url}/console/`);
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByText('No call is running.').waitFor();
    await page.getByText('No calls yet. Send one:').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('has a page for an address that is none', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/nothing/here');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'Back to the beginning' }).click();
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  });

  it('keeps the colours that were chosen', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    await page.getByRole('button', { name: /^Colours: auto/ }).click();
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    await page.reload();
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(20, 23, 26)');
  });
});

describe('Calls', () => {
  it('shows a call while it runs, and cancels it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    const call = gateway.chat({ model: 'demo:silent' }, { headers: { 'x-request-id': 'to-be-cancelled' } });
    const running = page.getByRole('table', { name: 'Calls in flight' });
    await running.getByText('demo:silent').waitFor();
    await running.getByRole('button', { name: 'Cancel demo:silent, to-be-cancelled' }).click();
    expect((await call).status).toBe(499);
    await page.getByText('No call is running.').waitFor();
    const ended = page.getByRole('table', { name: 'Ended calls' });
    await ended.getByText('cancelled').waitFor();
  });

  it('opens a rescued call with its attempts, at an address of its own, and closes with Escape', async () => {
    const { browser, gateway } = scene();
    const headers = { 'x-request-id': 'rescued-one' };
    await (await gateway.chat({ model: 'demo:500', fallbacks: ['demo'] }, { headers })).text();
    const page = await openPage(browser, gateway.url, '/calls?model=demo');
    await page.getByRole('table', { name: 'Ended calls' }).getByRole('link', { name: 'demo:500 → demo' }).click();
    const attempts = page.getByRole('region', { name: 'Attempts' });
    await attempts.getByText('The demo model broke.').first().waitFor();
    await page.reload();
    await attempts.getByText('The demo model broke.').first().waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('heading', { name: 'Call', exact: true }).press('Escape');
    await attempts.waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${gateway.url}/console/calls?model=demo`);
  });

  it('says that no call fits the filters, and keeps them in the address', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    await page.getByLabel('Outcome').selectOption('failed');
    await page.getByLabel('Error code').fill('upstream_timeout');
    await page.keyboard.press('Tab');
    await page.getByText('No call fits these filters.').waitFor();
    expect(page.url()).toContain('outcome=failed&error_code=upstream_timeout');
  });

  it('says when the gateway is away, and goes on when it is back', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls', {}, /ERR_INTERNET_DISCONNECTED/);
    await page.getByText('No call is running.').waitFor();
    await page.context().setOffline(true);
    await page.getByText('The gateway cannot be reached').waitFor();
    await page.context().setOffline(false);
    await page.getByText('The gateway cannot be reached').waitFor({ state: 'detached' });
  });

  it.each(VIEWS)('is without findings of axe %s, with a call in flight and one open', async (_name, view) => {
    const { browser, gateway } = scene();
    const id = `axe-${_name.replaceAll(' ', '-')}`;
    const ending = new AbortController();
    const call = gateway.chat({ model: 'demo:silent' }, { headers: { 'x-request-id': id }, signal: ending.signal });
    const findings = await axeFindings(browser, `${gateway.url}/console/calls`, view, async (page) => {
      await page.getByRole('table', { name: 'Calls in flight' }).getByRole('link').first().click();
      await page.getByRole('region', { name: 'Attempts' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    ending.abort();
    await call.catch(() => {});
    expect(findings).toEqual([]);
  });

  it('loses no row between the pages when more calls end', async () => {
    const { browser, gateway } = scene();
    const call = async (): Promise<string> => (await gateway.chat({ model: 'demo' })).text();
    await Promise.all(Array.from({ length: 60 }, call));
    const page = await openPage(browser, gateway.url, '/calls?model=demo');
    await page.getByRole('button', { name: 'Older calls' }).click();
    // In the table the pointer would hold its rows.
    await page.mouse.move(0, 0);
    const rows = page.getByRole('table', { name: 'Ended calls' }).locator('tbody tr');
    await rows.nth(59).waitFor();
    const before = await rows.count();
    await call();
    await rows.nth(before).waitFor();
    expect(await rows.count()).toBe(before + 1);
  });
});
