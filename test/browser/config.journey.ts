import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { startBrowser } from './support/browser.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';

const SECRET = 'sk-the-key-of-a-provider';
const ENV = { UP_KEY: 'sk-of-the-environment' };
const MAIN = `registry: models.yaml
# a comment
# of
# several
# lines, ${SECRET}
server: { port: 0, drain: 0ms }
usage: { store: none }
responses: { store: off }
providers:
  demo: { kind: demo }
  up: { kind: openai-compatible, base_url: http://127.0.0.1:9/v1, api_key: "\${UP_KEY}", headers: { x-more: ${SECRET} } }
  gemini: { kind: gemini, api_key: "\${GEMINI_KEY}" }
`;
const MODELS = `models:\n${Array.from({ length: 60 }, (_model, at) => `  m${at}: { provider: demo }\n`).join('')}`;

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
const path = join(folder, 'gateway.yaml');
const load = () => loadConfig({ path, env: ENV });
let browser: Awaited<ReturnType<typeof startBrowser>>;
let gateway: Gateway;

beforeAll(async () => {
  writeFileSync(path, MAIN);
  writeFileSync(join(folder, 'models.yaml'), MODELS);
  browser = await startBrowser();
  gateway = await startGateway(load(), pino({ enabled: false }), '0.0.0', () => ENV);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Has the gateway read these files, and puts the good ones back. */
async function reloadWith(main: string, models = MODELS): Promise<void> {
  writeFileSync(path, main);
  writeFileSync(join(folder, 'models.yaml'), models);
  await gateway.reload(load).catch(() => undefined);
  writeFileSync(path, MAIN);
  writeFileSync(join(folder, 'models.yaml'), MODELS);
}

describe('Config', () => {
  it('shows the files without secrets, line by line, and which variables are set', async () => {
    const page = await openPage(browser, gateway.url, '/config');
    const file = page.getByRole('region', { name: 'gateway.yaml, as it was loaded' });
    await file.getByText(/\$\{UP_KEY\}set"/).waitFor();
    await file.getByText(/\$\{GEMINI_KEY\}not set"/).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    expect(await file.locator('[data-number="6"]').textContent()).toBe('server: { port: 0, drain: 0ms }\n');
    expect(await file.getByText('4 lines without a setting').count()).toBe(1);
    await page.getByText('None since the start').waitFor();
    await page.getByText("provider 'gemini' has no key").waitFor();
    expect(await page.getByRole('region', { name: 'models.yaml, as it was loaded' }).count()).toBe(0);
  });

  it('leads from a mistake of the last reload to its line', async () => {
    await reloadWith(MAIN, MODELS.replace('m40: { provider: demo }', 'm40: { provider: dmeo }'));
    const page = await openPage(browser, gateway.url, '/config');
    const mistakes = page.getByRole('list', { name: 'Mistakes of the last reload' });
    expect(await mistakes.textContent()).toMatch(/models\.yaml:42:\d+.*found 'dmeo'\. Did you mean demo\?$/);
    await mistakes.getByRole('button').click();
    const line = page.getByRole('region', { name: 'models.yaml, as it was loaded' }).locator('[data-number="42"]');
    await expect.poll(() => line.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await line.textContent()).toBe('  m40: { provider: demo }\n');
    await page.getByRole('heading', { name: 'models.yaml' }).click();
    await line.waitFor({ state: 'detached' });
    await mistakes.getByRole('button').click();
    await expect.poll(() => line.evaluate((element) => element === document.activeElement)).toBe(true);
    await reloadWith(MAIN);
    await page.reload();
    await page.getByText('the files were taken up').waitFor();
  });

  it('says that a file has changed since it was loaded', async () => {
    const page = await openPage(browser, gateway.url, '/config');
    writeFileSync(path, `${MAIN}# more\n`);
    await page.reload();
    await page.getByText('not known: a file was changed since').waitFor();
    await page.getByText('The disk has another file now').waitFor();
    writeFileSync(path, MAIN);
  });

  it('checks a file that is pasted, marks what is wrong, and keeps none of it', async () => {
    const page = await openPage(browser, gateway.url, '/config');
    const field = page.getByLabel('Text in place of gateway.yaml');
    const button = page.getByRole('button', { name: 'Check it' });
    await field.waitFor();
    expect(await button.isDisabled()).toBe(true);
    const wrong = `${'# a line\n'.repeat(100)}sevrer: { port: 1 }\n`;
    await field.fill(wrong);
    await button.click();
    await page.getByText('1 mistake in gateway.yaml').waitFor();
    const mistakes = page.getByRole('list', { name: 'Mistakes that were found' });
    expect(await mistakes.textContent()).toMatch(/^gateway\.yaml:101:1.*Did you mean server\?$/);
    await mistakes.getByRole('button').click();
    const marked =
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)';
    await expect.poll(() => page.evaluate(marked)).toBe('sevrer: { port: 1 }');
    expect(await page.evaluate('document.activeElement.scrollTop')).toBeGreaterThan(1000);
    await field.fill(wrong.replace('sevrer', 'server'));
    await page.getByText('Changed since: check it again.').waitFor();
    await button.click();
    await page.getByText('No mistake was found in gateway.yaml.').waitFor();
    expect(await page.evaluate('[Object.keys(localStorage), Object.keys(sessionStorage), location.href]')).toEqual([
      [],
      [],
      `${gateway.url}/console/config`,
    ]);
  });

  it('says why a text that is too large is not checked, and keeps it', async () => {
    const page = await openPage(browser, gateway.url, '/config', {}, /status of 400/);
    const field = page.getByLabel('Text in place of gateway.yaml');
    const large = '#'.repeat(600_000);
    await field.fill(large);
    await page.getByRole('button', { name: 'Check it' }).click();
    await page.getByText('expected at most 524288 characters in all').waitFor();
    expect((await field.inputValue()).length).toBe(large.length);
  });

  it.each(VIEWS)('is without findings of axe %s, with mistakes', async (_name, view) => {
    await reloadWith('sevrer: {}\n');
    const findings = await axeFindings(browser, `${gateway.url}/console/config`, view, async (page) => {
      await page.getByRole('list', { name: 'Mistakes of the last reload' }).waitFor();
      await page.getByLabel('Text in place of gateway.yaml').fill('sevrer: {}\n');
      await page.getByRole('button', { name: 'Check it' }).click();
      await page.getByRole('list', { name: 'Mistakes that were found' }).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    await reloadWith(MAIN);
    expect(findings).toEqual([]);
  });
});
