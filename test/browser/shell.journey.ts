import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-shell-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

const SMALL = { viewport: { width: 320, height: 640 } };

async function keepConversation(title: string): Promise<void> {
  const body = JSON.stringify({ metadata: { title } });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${scene().gateway.url}/v1/conversations`, { method: 'POST', headers, body })).status).toBe(200);
}

describe('the list of commands', () => {
  it('goes to a page, a conversation and a model by a part of their names', async () => {
    const { browser, gateway } = scene();
    await keepConversation('Retry budgets explained');
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    const search = page.getByRole('textbox', { name: 'A page, a conversation or a model' });
    await page.keyboard.press('Control+k');
    await search.fill('comp');
    await search.press('Enter');
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
    // It works where something is written, too.
    await page.getByLabel('Question').press('Control+k');
    await page.getByRole('link', { name: /budgets explained/ }).waitFor();
    await search.fill('explained retry');
    await search.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/c\/conv_/);
    await page.getByRole('button', { name: 'Go to' }).click();
    await search.fill('demo:cut');
    await page.getByRole('link', { name: 'demo:cut Model' }).click();
    await page.getByRole('heading', { name: /Models/ }).waitFor();
    expect(page.url()).toContain('q=demo%3Acut');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('says that it finds nothing, closes with Escape, and gives the focus back', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    const opener = page.getByRole('button', { name: 'Go to' });
    await opener.press('Enter');
    await page.getByRole('textbox').fill('nothing like it');
    await page.getByText('Nothing has “nothing like it” in its name.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await opener.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
  });
});

describe('the keys', () => {
  it('are listed, and single letters can be switched off for good', async () => {
    const { browser, gateway } = scene();
    await (await gateway.chat({ model: 'demo' })).text();
    const page = await openPage(browser, gateway.url, '/calls');
    await page.locator('.row-link').first().waitFor();
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await list.getByText('Next row').waitFor();
    await list.getByLabel('Single letters and signs work').uncheck();
    await list.getByText('Next row (off)').waitFor();
    await list.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await page.locator('.row-link').first().waitFor();
    await page.keyboard.press('?');
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.className')).not.toBe('row-link');
    expect(await page.getByRole('dialog').count()).toBe(0);
    // The list of commands still leads to where they are switched on.
    await page.keyboard.press('Control+k');
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await list.getByLabel('Single letters and signs work').check();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.className')).toBe('row-link');
  });

  it('lead to a new chat from every page', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    // The keys are heard a moment later.
    await expect
      .poll(async () => {
        await page.keyboard.press('Control+Shift+O');
        return new URL(page.url()).pathname;
      })
      .toBe('/console/');
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  });

  it('go from row to row and open one, and are letters where something is written', async () => {
    const { browser, gateway } = scene();
    for (const id of ['first-row', 'second-row'])
      await (await gateway.chat({ model: 'demo' }, { headers: { 'x-request-id': id } })).text();
    const page = await openPage(browser, gateway.url, '/calls');
    await page.locator('.row-link').nth(1).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/calls\/first-row/);
    await page.getByLabel('Error code').press('j');
    await page.getByLabel('Error code').press('?');
    expect(await page.getByLabel('Error code').inputValue()).toBe('j?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('a list and what stands open beside it', () => {
  it('is walked through by keyboard: what is closed gives the focus back to its row', async () => {
    const { browser, gateway } = scene();
    const ids = ['walk-1', 'walk-2', 'walk-3', 'walk-4'];
    for (const id of ids) await (await gateway.chat({ model: 'demo' }, { headers: { 'x-request-id': id } })).text();
    const page = await openPage(browser, gateway.url, '/calls');
    await page.locator('.row-link').nth(3).waitFor();
    for (const _row of [1, 2]) await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/calls\/walk-3/);
    await page.getByRole('heading', { name: 'Call', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.href')).toMatch(/\/calls\/walk-3/);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/calls\/walk-2/);
    await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.href')).toMatch(/\/calls\/walk-2/);
  });
});

describe('a small screen', () => {
  it('has the pages in a bar at its bottom, and the others behind More', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health', SMALL);
    const bar = page.getByRole('navigation', { name: 'Pages' });
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    const box = await bar.boundingBox();
    expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(640);
    expect(await bar.getByRole('link').allTextContents()).toEqual(expect.arrayContaining(['Chat', 'Calls', 'Health']));
    expect(await bar.getByRole('link', { name: 'Models' }).count()).toBe(0);
    await bar.getByRole('button', { name: 'More' }).click();
    const api = page.getByRole('dialog', { name: 'More pages' }).getByRole('link', { name: 'OpenAPI description' });
    expect(await api.getAttribute('href')).toBe('/openapi.json');
    await page.getByRole('dialog', { name: 'More pages' }).getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { name: /^Models/ }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await bar.getByRole('button', { name: 'More' }).getAttribute('aria-current')).toBe('true');
  });

  it('hides nothing behind the bar, and has no target below 44 pixels in the shell', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', SMALL);
    await page.getByRole('button', { name: 'Send' }).waitFor();
    const [send, bar] = await Promise.all([
      page.getByRole('button', { name: 'Send' }).boundingBox(),
      page.getByRole('navigation', { name: 'Pages' }).boundingBox(),
    ]);
    expect((send?.y ?? 0) + (send?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);
    const targets = page.locator('header').locator('a:visible, button:visible');
    for (const target of await targets.all()) {
      const { width = 0, height = 0 } = (await target.boundingBox()) ?? {};
      expect([await target.textContent(), width >= 44 && height >= 44]).toEqual([await target.textContent(), true]);
    }
    expect(await fitsItsWidth(page)).toBe(true);
  });

  it('leaves a low window, as above a keyboard, to the page', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health', { viewport: { width: 360, height: 300 } });
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    await page.evaluate('scrollTo(0, 200)');
    expect((await page.getByRole('navigation', { name: 'Pages' }).boundingBox())?.y).toBeLessThan(0);
  });

  it.each([
    ['wide', 1280, 'border-bottom-color'],
    ['small', 320, 'border-top-color'],
  ])('marks the page that is shown with a line in forced colours, and no other: %s', async (_name, width, side) => {
    const { browser, gateway } = scene();
    const view = { forcedColors: 'active' as const, viewport: { width, height: 640 } };
    const page = await openPage(browser, gateway.url, '/health', view);
    const lineOf = (name: string): Promise<string> =>
      page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name, exact: true })
        .evaluate((link, property) => `${getComputedStyle(link).getPropertyValue(property)}`, side);
    const canvas = 'rgb(255, 255, 255)';
    expect(await lineOf('Health')).not.toBe(canvas);
    expect(await lineOf('Usage')).toBe(canvas);
  });

  it('tells beside Health how the process is', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models');
    await page.getByRole('navigation', { name: 'Pages' }).getByTitle('All is well').waitFor();
  });

  it('shows all pages in the head of a wide one', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Models' }).waitFor();
    expect(await page.getByRole('button', { name: 'More' }).count()).toBe(0);
  });
});

describe('the dialogs of the shell', () => {
  it.each(VIEWS)('are without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const address = `${gateway.url}/console/health`;
    const opened = (open: string, name: string) =>
      axeFindings(browser, address, view, async (page) => {
        await page.getByRole('heading', { name: 'Health' }).waitFor();
        await page.keyboard.press(open);
        await page.getByRole('dialog', { name }).waitFor();
        expect(await fitsItsWidth(page)).toBe(true);
      });
    expect(await opened('Control+k', 'Go to')).toEqual([]);
    expect(await opened('?', 'Keyboard shortcuts')).toEqual([]);
  });

  it('are without findings of axe where the bar is', async () => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/models`, SMALL, async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('dialog', { name: 'More pages' }).waitFor();
    });
    expect(findings).toEqual([]);
  });
});
