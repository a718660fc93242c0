import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openStage, photograph, type Stage } from './screenshots/stage.ts';
import { openPage } from './support/page.ts';
import { expectPicture } from './support/picture.ts';
import { expectReading } from './support/reading.ts';
import { useScene } from './support/scene.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** What is opened on a page, and read by itself. */
type Opening = readonly [name: string, open: (page: Page) => Promise<Locator>];

const dialogOf = async (page: Page, button: string): Promise<Locator> => {
  await page.getByRole('button', { name: button }).last().click();
  return page.getByRole('dialog');
};

const OPENINGS: Readonly<Record<string, readonly Opening[]>> = {
  chat: [
    ['chat-why', (page) => dialogOf(page, 'Why this model')],
    ['chat-again', (page) => dialogOf(page, 'Again with …')],
    ['chat-settings', (page) => dialogOf(page, 'Settings')],
  ],
  models: [
    ['commands', (page) => dialogOf(page, 'Go to')],
    [
      'shortcuts',
      async (page) => {
        await page.keyboard.press('?');
        return page.getByRole('dialog');
      },
    ],
  ],
  keys: [['keys-new', (page) => dialogOf(page, 'New key')]],
};

/** What makes a page short enough to be reviewed. */
const SHORTENED: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  calls: async (page) => {
    await page.getByLabel('Key', { exact: true }).fill('ops');
    await page.keyboard.press('Enter');
    const others = page.getByRole('table', { name: 'Ended calls' }).getByText('mobile');
    await others.first().waitFor({ state: 'detached' });
  },
};

// In the order of the pictures.
describe.each(['chat', 'calls', 'usage', 'health', 'models', 'keys', 'config', 'compare'])('the page %s', (name) => {
  let page: Page;
  beforeAll(async () => {
    page = await stage.open(name);
  });
  afterAll(() => page?.context().close());

  it.each(['light', 'dark'] as const)('looks in the %s as in the documentation', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expectPicture(await photograph(page), `${name}-${colorScheme}`);
  });

  it('reads as before', async () => {
    await SHORTENED[name]?.(page);
    await expectReading(page.locator('body'), name);
  });

  it.each(OPENINGS[name] ?? [])('reads as before where %s is open', async (opening, open) => {
    const opened = await open(page);
    try {
      await expectReading(opened, opening);
    } finally {
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'detached' });
    }
  });
});

describe('a gateway that knows its visitor not yet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-aria-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const demo = useScene(`providers: { demo: { kind: demo } }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

  it('reads as before where only the demo model answers', async () => {
    const { browser, gateway } = demo();
    const page = await openPage(browser, gateway.url, '/', {}, /404/);
    await page.getByText('No provider has a key').waitFor();
    await expectReading(page.locator('body'), 'demo');
  });

  it('reads as before where it asks for a key', async () => {
    const page = await openPage(stage.browser, stage.scene.url, '/', {}, /401/);
    await expectReading(page.getByRole('dialog'), 'sign-in');
  });

  it('reads as before behind More, on a small screen', async () => {
    const { browser, gateway } = demo();
    const page = await openPage(browser, gateway.url, '/health', { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await expectReading(page.getByRole('dialog'), 'more');
  });
});
