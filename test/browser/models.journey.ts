import { describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

/** A day so many days from now, as the configuration has it. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

const LONG = 'a-model-with-a-name-that-is-longer-than-people-would-write-it-2026-11-24-preview-experimental';

const scene = useScene(
  `providers:\n  demo: { kind: demo }\n  openai: { kind: openai, api_key: "\${OPENAI_API_KEY}" }\nmodels:\n` +
    '  cheap: { provider: demo, upstream: demo, context_window: 1000, aliases: [thrifty], fallbacks: [demo], ' +
    'prices: [{ input: 1, output: 2, until: "2090-01-01" }, { input: 3, output: 4, from: "2090-01-01" }], ' +
    'shutdown: "2091-01-01" }\n' +
    `  near: { provider: demo, upstream: demo, shutdown: "${inDays(47)}" }\n` +
    `  soon: { provider: demo, upstream: demo, shutdown: "${inDays(9)}", replacement: cheap }\n` +
    '  over: { provider: demo, upstream: demo, status: shutdown, shutdown: "2026-01-01", replacement: cheap }\n' +
    `  ${LONG}: { provider: demo, upstream: demo }\n` +
    '  locked: { provider: openai, upstream: locked }\n' +
    '  able: { provider: demo, upstream: demo, context_window: 1048576, max_output_tokens: 128000, ' +
    'capabilities: [tools, vision, json_schema, reasoning], prices: [{ input: 0.25, output: 12.5 }] }\n' +
    '  pair: { strategy: weighted, targets: [{ model: cheap, weight: 3 }, { model: demo, weight: 1 }] }\n' +
    '  clever: { rules: [{ name: hands, when: { tools: true }, use: [cheap] }], otherwise: [demo] }\n',
);

describe('Models', () => {
  it('shows what each can and costs, now and next, and when it ends', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const row = page.getByRole('row', { name: /^cheap/ });
    expect(await row.textContent()).toMatch(/1,000[\s\S]*1 \/ 2[\s\S]*from 2090-01-01: 3 \/ 4[\s\S]*ends in \d+ days/);
    expect(await row.textContent()).toMatch(/also thrifty\s*then demo/);
    await page.getByText('No other provider has a key').waitFor();
  });

  it.each([768, 1000])(
    'has a table that fits, with names of abilities that are whole, %s pixels wide',
    async (width) => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/models', { viewport: { width, height: 800 } });
      await page.getByText('tools, vision, json_schema, reasoning').first().waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    },
  );

  it('warns of the end of a model, the nearer the more', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const tone = async (words: string): Promise<string | null> => page.getByText(words).getAttribute('class');
    expect([await tone('ends in 47 days'), await tone('ends in 9 days')]).toEqual(['next warn', 'next bad']);
    await page.getByRole('row', { name: /^soon/ }).getByText('use cheap instead').waitFor();
  });

  it('says why a model cannot be asked, and leaves these out when it is told to', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    await page
      .getByRole('row', { name: /^locked/ })
      .getByText(/has no key: .*OPENAI_API_KEY/)
      .waitFor();
    const over = page.getByRole('row', { name: /^over/ });
    await over.getByText("was shut down on 2026-01-01. Use 'cheap' instead.").waitFor();
    expect(await over.getByRole('link', { name: /^Try/ }).count()).toBe(0);
    await page.getByLabel('Show').selectOption('what can be asked now');
    await over.waitFor({ state: 'detached' });
    expect(await page.getByRole('row', { name: /^locked/ }).count()).toBe(0);
    expect(page.url()).toContain('show=askable');
  });

  it('shows how a group and a model with rules choose', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const pair = page.getByRole('row', { name: /^pair/ });
    await pair.getByText('group, weighted').waitFor();
    await pair.getByText('cheap × 3, demo × 1').waitFor();
    const clever = page.getByRole('row', { name: /^clever/ });
    await clever.getByText('1 rule').click();
    expect(await clever.getByRole('list').textContent()).toBe('hands: tools → cheap (order)otherwise: demo');
    // Calls are on record under the model that answered: those of these names would be none.
    expect([await pair.getByRole('link', { name: 'pair', exact: true }).count()]).toEqual([0]);
    await page
      .getByRole('row', { name: /^cheap/ })
      .getByRole('link', { name: 'cheap', exact: true })
      .waitFor();
  });

  it.each([1280, 1000, 780])('leaves short words whole beside a long name, %s pixels wide', async (width) => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models', { viewport: { width, height: 800 } });
    const status = page.getByRole('row', { name: new RegExp(`^${LONG}`) }).getByText('active', { exact: true });
    expect(await status.evaluate((word) => word.getClientRects().length)).toBe(1);
    expect(await fitsItsWidth(page)).toBe(true);
  });

  it('leads to Chat with a model', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models', {}, /404/);
    await page.getByRole('link', { name: 'Try cheap in Chat' }).click();
    await page.waitForURL(`${gateway.url}/console/?model=cheap`);
  });

  it('is searched as one types, and keeps the words in the address', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    const search = page.getByRole('searchbox');
    await search.fill('thrifty');
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
      await page.getByText('1 rule').click();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
