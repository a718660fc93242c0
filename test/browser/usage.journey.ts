import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TestGateway } from '../support/gateway.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

const folder = mkdtempSync(join(tmpdir(), 'sluice-usage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A dollar for a thousand tokens, so that a call has a cost that is seen. */
function config(file: string): string {
  return (
    'providers: { demo: { kind: demo } }\n' +
    'models:\n  dear: { provider: demo, upstream: demo, prices: [{ input: 1000, output: 1000 }] }\n' +
    `database: { url: "sqlite:${folder}/${file}.db" }\nusage: { store: sqlite }\n`
  );
}

async function usageOf(gateway: TestGateway, key?: string): Promise<{ calls: number; cost_usd: number | null }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const { total } = (await (await fetch(`${gateway.url}/v1/usage`, { headers })).json()) as {
    total: { calls: number; cost_usd: number | null };
  };
  return total;
}

describe('Usage', () => {
  const scene = useScene(config('open'));

  it('says what to do while there is no call', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/usage');
    await page.getByText('No calls in this time.').waitFor();
    await page.getByRole('link', { name: 'send one from Chat' }).waitFor();
  });

  describe('with calls', () => {
    beforeAll(async () => {
      const { gateway } = scene();
      for (const model of ['dear', 'dear', 'demo', 'demo:500'])
        await (await gateway.chat({ model, stream: true, stream_options: { include_usage: true } })).text();
      await vi.waitFor(async () => expect((await usageOf(gateway)).calls).toBe(4), { timeout: 15_000 });
    });

    it('sums them up as the gateway does, and leads to those that failed', async () => {
      const { browser, gateway } = scene();
      const { cost_usd: cost } = await usageOf(gateway);
      expect(cost).toBeGreaterThan(0);
      const page = await openPage(browser, gateway.url, '/usage');
      const all = page.getByRole('list', { name: 'All together' });
      await all.getByText('4 calls').waitFor();
      await all.getByText(`$${cost?.toFixed(4)}`).waitFor();
      await all.getByRole('link', { name: '1 failed' }).click();
      const ended = page.getByRole('table', { name: 'Ended calls' });
      await ended.getByText('demo:500').waitFor();
      expect(await ended.locator('tbody tr').count()).toBe(1);
    });

    it.each([768, 1000])('has a table that fits a page of %s pixels', async (width) => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage', { viewport: { width, height: 800 } });
      await page.getByRole('table', { name: 'Usage by model' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });

    it('has a row for each model, with its tokens as a bar, that leads to its calls', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage?range=today');
      const table = page.getByRole('table', { name: 'Usage by model' });
      const row = table.getByRole('row', { name: /^dear/ });
      await row.getByRole('img', { name: /^\d+ prompt, \d+ completion$/ }).waitFor();
      expect(await row.textContent()).toContain('100 %');
      await row.getByRole('link', { name: 'dear' }).click();
      const ended = page.getByRole('table', { name: 'Ended calls' });
      await ended.getByText('dear').first().waitFor();
      expect(await ended.locator('tbody tr').count()).toBe(2);
      await page.goBack();
      await table.waitFor();
      expect(page.url()).toContain('range=today');
    });

    it('leads from a number of a row to the calls that it counts, and names in the legend only what cost something', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage?range=today');
      const chart = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Cost per hour' }) });
      await chart.waitFor();
      expect(await chart.locator('.legend li').allTextContents()).toEqual([expect.stringContaining('dear')]);
      const row = page.getByRole('table', { name: 'Usage by model' }).getByRole('row', { name: /^demo:500/ });
      await row.getByRole('link', { name: '1 failed call' }).click();
      const ended = page.getByRole('table', { name: 'Ended calls' });
      await ended.getByText('demo:500').waitFor();
      expect(await ended.locator('tbody tr').count()).toBe(1);
      expect(await page.getByLabel('Answered by').inputValue()).toBe('demo:500');
      expect(await page.getByLabel('Outcome').inputValue()).toBe('failed');
    });

    it('keeps what is chosen in the address, and shows it again', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage');
      await page.getByLabel('Time').selectOption('the last 24 hours');
      await page.getByLabel('Clock').selectOption('UTC+05:45');
      await page.getByLabel('Split by').selectOption('outcome');
      await page
        .getByRole('table', { name: 'Usage by outcome' })
        .getByRole('link', { name: 'failed', exact: true })
        .waitFor();
      expect(new URL(page.url()).search).toBe('?range=24h&tz=%2B05%3A45&by=outcome');
      await page.reload();
      await page.getByRole('heading', { name: 'Cost per hour' }).waitFor();
      expect(await page.getByLabel('Clock').inputValue()).toBe('+05:45');
      await page.getByLabel('Time').selectOption('from … to …');
      await page.getByLabel('From', { exact: true }).fill('2020-01-01');
      await page.getByLabel('To, included').fill('2020-01-31');
      await page.getByText('No calls in this time.').waitFor();
    });

    it('has its bars as links, one stop of the Tab key with arrows inside, and the figures as a table', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage');
      const chart = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Tokens per day' }) });
      const bars = chart.getByRole('list', { name: 'Tokens per day, each with its calls' }).getByRole('link');
      await bars.last().focus();
      await page.keyboard.press('ArrowLeft');
      const figures = chart.locator('.readout');
      expect(await figures.textContent()).toMatch(/: 0$/);
      await page.keyboard.press('ArrowRight');
      expect(await figures.textContent()).toMatch(/: \d+ · prompt \d+ · completion \d+$/);
      await chart.getByText('Figures').click();
      const table = chart.getByRole('table');
      await table.waitFor();
      expect(await table.locator('tbody tr').count()).toBe(7);
      expect(await table.locator('tbody tr').first().textContent()).toContain('0');
      await bars.last().press('Enter');
      const ended = page.getByRole('table', { name: 'Ended calls' });
      await ended.getByText('dear').first().waitFor();
      expect(await ended.locator('tbody tr').count()).toBe(4);
      await page.getByLabel('Since').selectOption('an hour ago');
      expect(new URL(page.url()).search).toBe('?since=hour');
    });

    it('leaves what stands around it as it is on every page', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage');
      await page.getByRole('table', { name: 'Usage by model' }).waitFor();
      await page.keyboard.press('Control+k');
      const found = page.getByRole('dialog').getByRole('listitem');
      await found.nth(1).waitFor();
      const [one, other] = [await found.first().boundingBox(), await found.nth(1).boundingBox()];
      expect(other?.x).toBe(one?.x);
      expect(other?.y).toBeGreaterThan(one?.y ?? Number.POSITIVE_INFINITY);
    });

    it('saves the table as the gateway writes it', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage?by=provider');
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export CSV' }).click();
      const download = await saving;
      expect(download.suggestedFilename()).toMatch(/^usage-by-provider-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv$/);
      const [head, first] = readFileSync(await download.path(), 'utf8').split('\r\n');
      expect(head).toMatch(/^day,provider,calls,/);
      expect(first).toMatch(/^"\d{4}-\d\d-\d\d","demo",4,1,/);
    });

    it('says what went wrong, and tries again', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/models', {}, /500/);
      const message = 'The log is upside down.';
      const refuse = { status: 500, json: { error: { message, code: 'x' } } };
      let isBroken = true;
      await page.route(/v1\/usage/, (route) => (isBroken ? route.fulfill(refuse) : route.fallback()));
      await page.getByRole('link', { name: 'Usage' }).click();
      await page.getByText(message).waitFor();
      isBroken = false;
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('table', { name: 'Usage by model' }).waitFor();
    });

    it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
      const { browser, gateway } = scene();
      const findings = await axeFindings(browser, `${gateway.url}/console/usage`, view, async (page) => {
        await page.getByRole('table', { name: 'Usage by model' }).waitFor();
        for (const figures of await page.getByText('Figures').all()) await figures.click();
        await page.getByRole('table', { name: 'Tokens per day, figures' }).waitFor();
        expect(await fitsItsWidth(page)).toBe(true);
      });
      expect(findings).toEqual([]);
    });

    it('tells its series apart also where the system has the colours', async () => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/usage', { forcedColors: 'active' });
      await page.getByRole('table', { name: 'Usage by model' }).waitFor();
      const fills = await page.evaluate(
        '[...document.querySelectorAll(".ink")].map((ink) => getComputedStyle(ink).fill + " " + ink.nextSibling.getAttribute("d"))',
      );
      expect(new Set(fills as string[]).size).toBe(6);
    });
  });
});

describe('Usage of a gateway with keys', () => {
  const scene = useScene(
    `${config('keys')}auth: { keys: [{ name: ops, key: key-o, admin: true }, { name: team, key: key-t }] }\n`,
  );
  beforeAll(async () => {
    const { gateway } = scene();
    for (const key of ['key-o', 'key-t', 'key-t'])
      await (await gateway.chat({ model: 'demo' }, { headers: { authorization: `Bearer ${key}` } })).text();
    await vi.waitFor(async () => expect((await usageOf(gateway, 'key-o')).calls).toBe(3), { timeout: 15_000 });
  });

  async function openAs(key: string): Promise<ConsolePage> {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/usage', {}, /status of 401/);
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    return page;
  }

  it('is split by key for an admin, and narrowed to one', async () => {
    const page = await openAs('key-o');
    await page.getByLabel('Split by').selectOption('key');
    const rows = page.getByRole('table', { name: 'Usage by key' }).locator('tbody tr');
    await rows.nth(1).waitFor();
    await page.getByRole('combobox', { name: 'Key' }).selectOption('team');
    await page.getByRole('list', { name: 'All together' }).getByText('2 calls').waitFor();
    expect(await rows.count()).toBe(1);
    expect(page.url()).toContain('key=team');
    await page.getByRole('list', { name: 'All together' }).getByRole('link', { name: '2 calls' }).click();
    await page.getByRole('table', { name: 'Ended calls' }).getByText('team').first().waitFor();
  });

  it('is that of the own key for others, who are offered no more', async () => {
    const page = await openAs('key-t');
    await page.getByText('what your key may see').waitFor();
    await page.getByRole('list', { name: 'All together' }).getByText('2 calls').waitFor();
    expect(await page.getByRole('combobox', { name: 'Key' }).count()).toBe(0);
    expect(await page.getByLabel('Split by').getByRole('option').allTextContents()).not.toContain('key');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    expect(readFileSync(await (await saving).path(), 'utf8')).toMatch(/"demo",2,0,/);
  });
});

describe('Usage for who manages an organisation', () => {
  const scene = useScene(
    `${config('orgs')}auth: { keys: [{ name: member, key: key-m, org: acme }, { name: stranger, key: key-s },\n` +
      '  { name: chief, key: key-c, kind: management, org: acme }] }\norgs: { acme: {} }\n',
  );

  it('is that of its keys, and leads to no list of calls, which would be empty', async () => {
    const { browser, gateway } = scene();
    for (const key of ['key-m', 'key-s'])
      await (await gateway.chat({ model: 'demo' }, { headers: { authorization: `Bearer ${key}` } })).text();
    const page = await openPage(browser, gateway.url, '/usage', {}, /status of 401/);
    await page.getByLabel('Key', { exact: true }).fill('key-c');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('list', { name: 'All together' }).getByText('1 call', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Usage by model' }).getByText('demo', { exact: true }).waitFor();
    expect(await page.locator('main a[href*="/calls"]').count()).toBe(0);
  });
});

describe('a gateway without a usage log', () => {
  const scene = useScene();

  it.each(VIEWS)('says which setting it is, without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/usage`, view, async (page) => {
      await page.getByText('usage.store: none').waitFor();
      expect(await page.getByRole('button', { name: 'Export CSV' }).count()).toBe(0);
    });
    expect(findings).toEqual([]);
  });
});
