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
    await page.getByText(`curl ${gateway.url}/v1/chat/completions`).waitFor();
    await page.getByRole('button', { name: 'Copy' }).waitFor();
    expect(await page.getByRole('link', { name: 'Send one from Chat' }).getAttribute('href')).toBe('/console/');
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

/** Over how many lines the first characters of an element go. */
function linesOfFirst(element: Node, length: number): number {
  const range = document.createRange();
  range.setStart(element.firstChild as Node, 0);
  range.setEnd(element.firstChild as Node, length);
  return range.getClientRects().length;
}

describe('Calls', () => {
  it('shows a call while it runs, and cancels it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    const call = gateway.chat({ model: 'demo:silent' }, { headers: { 'x-request-id': 'to-be-cancelled' } });
    const running = page.getByRole('table', { name: 'Calls in flight' });
    await running.getByText('demo:silent').waitFor();
    await running.getByRole('button', { name: 'Cancel demo:silent, to-be-cancelled' }).click();
    expect((await call).status).toBe(499);
    // It keeps its place while the pointer is on it.
    await page.mouse.move(0, 0);
    await page.getByText('No call is running.').waitFor();
    const ended = page.getByRole('table', { name: 'Ended calls' });
    await ended.getByText('cancelled').waitFor();
  });

  it.each([780, 1000, 1130, 1280])(
    'has its times whole and fits beside an open call, %s pixels wide',
    async (width) => {
      const { browser, gateway } = scene();
      await (await gateway.chat({ model: 'demo' }, { headers: { 'x-request-id': 'measured' } })).text();
      const page = await openPage(browser, gateway.url, '/calls/measured', { viewport: { width, height: 800 } });
      const row = page.getByRole('table', { name: 'Ended calls' }).getByRole('row', { name: /demo/ }).first();
      await row.waitFor();
      await page.getByRole('complementary').getByText('completed').waitFor();
      // The time breaks into its clock and AM or PM, and not within the clock.
      const time = row.getByRole('time');
      const clock = (await time.textContent())?.split(' ')[0] ?? '';
      expect(await time.evaluate(linesOfFirst, clock.length)).toBe(1);
      expect(await page.locator('.lists').evaluate((lists) => lists.scrollWidth - lists.clientWidth)).toBe(0);
      expect(await fitsItsWidth(page)).toBe(true);
    },
  );

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

  it('passes over filters that cannot be, and finds a call by its id and by the model that was asked for', async () => {
    const { browser, gateway } = scene();
    const headers = { 'x-request-id': 'by-its-id' };
    await (await gateway.chat({ model: 'demo:500', fallbacks: ['demo'] }, { headers })).text();
    const page = await openPage(browser, gateway.url, '/calls?slower_than_ms=abc&outcome=zzz&since=foo');
    const rows = page.getByRole('table', { name: 'Ended calls' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await page.getByLabel('Outcome').inputValue()).toBe('');
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByLabel('Id', { exact: true }).fill('by-its-id');
    await page.getByLabel('Model', { exact: true }).fill('demo:500');
    await page.keyboard.press('Tab');
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(1);
    await rows.getByText('demo:500 → demo').waitFor();
    expect(page.url()).toContain('id=by-its-id&model=demo%3A500');
  });

  it('leads from a call to the conversation that it is of', async () => {
    const { browser, gateway } = scene();
    const post = async (path: string, body: object): Promise<{ readonly id: string }> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    const { id } = await post('/v1/conversations', { metadata: { title: 'A first one' } });
    const answer = await post('/v1/responses', { model: 'demo', input: 'Hello', conversation: id });
    const page = await openPage(browser, gateway.url, `/calls/${answer.id}`, {}, /404/);
    await page.getByRole('link', { name: 'Open in Chat' }).click();
    await page.getByRole('log').getByText('Hello').first().waitFor();
    expect(page.url()).toBe(`${gateway.url}/console/c/${id}`);
    await fetch(`${gateway.url}/v1/conversations/${id}`, { method: 'DELETE' });
    const asked = page.waitForResponse(`${gateway.url}/v1/conversations/${id}`);
    await page.goto(`${gateway.url}/console/calls/${answer.id}`);
    expect((await asked).status()).toBe(404);
    expect(await page.getByRole('link', { name: 'Open in Chat' }).count()).toBe(0);
  });

  it('keeps the rows of running calls in their places while the focus is among them', async () => {
    const { browser, gateway } = scene();
    const ending = new AbortController();
    const ask = (id: string) =>
      gateway
        .chat({ model: 'demo:silent' }, { headers: { 'x-request-id': id }, signal: ending.signal })
        .catch(() => {});
    const page = await openPage(browser, gateway.url, '/calls');
    const calls = [ask('first-held'), ask('second-held')];
    const running = page.getByRole('table', { name: 'Calls in flight' });
    await expect.poll(() => running.locator('tbody tr').count(), { timeout: 10_000 }).toBe(2);
    await running.getByRole('link').nth(1).focus();
    await fetch(`${gateway.url}/v1/requests/first-held`, { method: 'DELETE' });
    await running.getByText('over').waitFor();
    expect(await running.locator('tbody tr').count()).toBe(2);
    await page.getByLabel('Outcome').focus();
    await expect.poll(() => running.locator('tbody tr').count(), { timeout: 10_000 }).toBe(1);
    ending.abort();
    await Promise.all(calls);
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
