import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPage, openTab, requestsOf, setHidden } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-live-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

/** A call that runs until the journey is finished. */
function keepRunning(id: string, model = 'demo:silent'): void {
  const ending = new AbortController();
  const init = { headers: { 'x-request-id': id }, signal: ending.signal };
  const call = scene()
    .gateway.chat({ model, stream: true }, init)
    .then((response) => response.text())
    .catch(() => undefined);
  onTestFinished(async () => {
    ending.abort();
    await call;
  });
}

async function callOnce(id: string): Promise<void> {
  await (await scene().gateway.chat({ model: 'demo' }, { headers: { 'x-request-id': id } })).text();
}

const isLive = (page: ConsolePage): Promise<void> => page.getByText('live', { exact: true }).waitFor();
const rowOf = (page: ConsolePage, id: string) => page.locator(`a[href*="/calls/${id}?"]`);

describe('the live feed', () => {
  it('tells two tabs over one connection, which the second takes over, and asks for nothing else', async () => {
    const { browser, gateway } = scene();
    const first = await openPage(browser, gateway.url, '/calls');
    await isLive(first);
    const second = await openTab(first, gateway.url, '/models');
    const asked = requestsOf(second);
    await second.getByRole('link', { name: 'Calls', exact: true }).click();
    await isLive(second);
    keepRunning('of-two-tabs');
    for (const page of [first, second]) {
      await rowOf(page, 'of-two-tabs').waitFor();
      await page.getByRole('navigation', { name: 'Pages' }).getByText('(1)').waitFor();
    }
    expect(asked.filter((path) => path === '/v1/live')).toEqual([]);
    const takingOver = second.waitForRequest(/\/v1\/live$/);
    await first.close();
    expect((await takingOver).headers()['last-event-id']).toMatch(/^\d+$/);
    keepRunning('after-the-first');
    await rowOf(second, 'after-the-first').waitFor();
    // Once when the page was opened, and once more when the feed was on: nothing was asked for again and again.
    expect(asked.filter((path) => path === '/v1/requests').length).toBeLessThanOrEqual(3);
  });

  it('is let go by a tab that was out of sight for ten seconds, and taken up when it is looked at', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    await isLive(page);
    const ended = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/v1/live'));
    await setHidden(page, true);
    await ended;
    keepRunning('unseen');
    const again = page.waitForRequest(/\/v1\/live$/);
    await setHidden(page, false);
    await again;
    await rowOf(page, 'unseen').waitFor();
  });

  it('is done without where it is refused: the pages ask every second', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models', {}, /status of 429/);
    const full = { error: { message: 'The live feed has its 32 readers.', code: 'concurrency_limit_exceeded' } };
    await page.route('**/v1/live', (route) => route.fulfill({ status: 429, json: full }));
    await page.goto(`${gateway.url}/console/calls`);
    await page.getByText('asked for every second').waitFor();
    keepRunning('asked-for');
    await rowOf(page, 'asked-for').waitFor();
    await page.getByText('asked for every second').waitFor();
  });

  it('changes calls in place: what they have said, how old they are, and that they have gone', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls');
    await isLive(page);
    keepRunning('stalling', 'demo:stall');
    const row = page.getByRole('row').filter({ has: rowOf(page, 'stalling') });
    await row.getByText('streaming').waitFor();
    await expect.poll(() => row.locator('td').first().textContent()).toMatch(/^([2-9]\.\d|\d\d) s$/);
    await row.getByRole('button', { name: /^Cancel/ }).click();
    // Under the pointer it stays where it is, and there is no button left to hit.
    await row.getByText('over', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Ended calls' }).locator('a[href*="/calls/stalling?"]').waitFor();
    await page.mouse.move(0, 0);
    await page.getByText('No call is running.').waitFor();
  });
});

describe('ended calls', () => {
  it('wait while the pointer is in the table, and while the page is paused', async () => {
    const { browser, gateway } = scene();
    await callOnce('first-of-all');
    const page = await openPage(browser, gateway.url, '/calls');
    await isLive(page);
    await rowOf(page, 'first-of-all').hover();
    await callOnce('hovered-over');
    const waiting = page.getByRole('button', { name: '1 new', exact: true });
    await waiting.waitFor();
    expect(await rowOf(page, 'hovered-over').count()).toBe(0);
    await waiting.click();
    await rowOf(page, 'hovered-over').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    keepRunning('not-shown');
    await callOnce('paused');
    await waiting.waitFor();
    expect([await rowOf(page, 'paused').count(), await rowOf(page, 'not-shown').count()]).toEqual([0, 0]);
    await waiting.click();
    await rowOf(page, 'paused').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await rowOf(page, 'not-shown').waitFor();
  });

  it('are shown by the filters of the page', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/calls?outcome=failed');
    await isLive(page);
    await callOnce('went-well');
    const headers = { 'x-request-id': 'went-wrong' };
    await (await gateway.chat({ model: 'demo:500', fallbacks: [] }, { headers })).text();
    await rowOf(page, 'went-wrong').waitFor();
    expect(await rowOf(page, 'went-well').count()).toBe(0);
  });

  it('are looked for once where there is none of the name', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models', {}, /status of 404/);
    const asked = requestsOf(page);
    await page.goto(`${gateway.url}/console/calls/no-such-call?owner=anonymous`);
    await page.getByText('No call that is kept has this id').waitFor();
    await isLive(page);
    const before = asked.filter((path) => path.startsWith('/v1/requests')).length;
    await callOnce('a-second-later');
    await rowOf(page, 'a-second-later').waitFor();
    await page.waitForTimeout(1500);
    expect(asked.filter((path) => path.startsWith('/v1/requests')).length).toBe(before);
    await callOnce('no-such-call');
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('region', { name: 'Attempts' }).waitFor();
  });
});

describe('Health', () => {
  it('is told of calls as they end', async () => {
    const { browser, gateway } = scene();
    const counted = async (): Promise<number> =>
      ((await (await fetch(`${gateway.url}/metrics/performance`)).json()) as { calls: number }).calls;
    const page = await openPage(browser, gateway.url, '/health');
    // A call is counted a moment after its client has its end.
    const seesOneMore = async (id: string): Promise<void> => {
      const before = await counted();
      await callOnce(id);
      await expect.poll(counted).toBeGreaterThan(before);
      const sums = page.getByText(/^\d+ calls?, /);
      const shown = async (): Promise<number> => Number.parseInt((await sums.textContent()) ?? '', 10);
      await expect.poll(async () => (await shown()) === (await counted())).toBe(true);
    };
    keepRunning('seen-by-health');
    // The number comes by the feed alone.
    await page.getByRole('navigation', { name: 'Pages' }).getByText('(1)').waitFor();
    await seesOneMore('for-health');
    const asked = requestsOf(page);
    await seesOneMore('and-another');
    await page.getByRole('list', { name: 'The process' }).getByText('1 in flight').waitFor();
    expect(asked).not.toContain('/metrics/performance');
  });
});
