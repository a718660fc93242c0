import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../support/config-files.ts';
import { fitsItsWidth, openPage } from './support/page.ts';
import { useScene } from './support/scene.ts';

const LONG_NAME = 'the-key-of-the-people-who-write-the-reports';
const KEYS =
  'auth: { keys: [{ name: ops, key: key-o, admin: true }, { name: team, key: key-t, routes: [responses, conversations] },\n' +
  `  { name: ${LONG_NAME}, key: key-l }] }\n`;
const folder = mkdtempSync(join(tmpdir(), 'sluice-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const CONFIG = `providers: { demo: { kind: demo } }\n${KEYS}database: { url: "sqlite:${folder}/s.db" }\n`;
const scene = useScene(CONFIG);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;
const REFUSED = /status of 40[134]/;

async function signIn(page: ConsolePage, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
}

describe('a gateway with keys', () => {
  it('asks for one until it has one, however often Escape is pressed', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health', {}, REFUSED);
    await page.getByRole('dialog').waitFor();
    for (let times = 0; times < 3; times++) await page.keyboard.press('Escape');
    await signIn(page, 'key-wrong');
    await page.getByText('Incorrect API key.').waitFor();
    await signIn(page, 'key-o');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('ops', { exact: true }).waitFor();
  });

  it('says in Chat that the key may list no models', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/models', {}, REFUSED);
    await signIn(page, 'key-t');
    await page.getByText('team', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Chat', exact: true }).click();
    await page.locator('.composer').getByText('your key may not list them').waitFor();
  });

  it.each([320, 390, 1280])(
    'has a head of one row, however long the name of the key is, %s pixels wide',
    async (width) => {
      const { browser, gateway } = scene();
      const page = await openPage(browser, gateway.url, '/health', { viewport: { width, height: 700 } }, REFUSED);
      await signIn(page, 'key-l');
      await page.getByRole('heading', { name: 'Health' }).waitFor();
      const head = page.locator('header');
      await head.getByText(LONG_NAME).waitFor();
      expect((await head.boundingBox())?.height).toBeLessThanOrEqual(53);
      expect(await fitsItsWidth(page)).toBe(true);
    },
  );

  it('is left from behind More where the head has no room for it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health', { viewport: { width: 320, height: 640 } }, REFUSED);
    await signIn(page, 'key-o');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    expect(await page.locator('header').getByRole('button', { name: 'Sign out' }).count()).toBe(0);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out of ops' }).click();
    await page.getByRole('heading', { name: 'This gateway asks for a key' }).waitFor();
  });

  it('keeps nothing of one key for the next', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, REFUSED);
    await signIn(page, 'key-o');
    await page.getByLabel('Message').fill('Between us');
    await page.context().clearCookies();
    await page.getByRole('dialog').waitFor();
    await signIn(page, 'key-t');
    await page.getByText('team', { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel('Message').inputValue()).toBe('');
    await page.getByLabel('Message').fill('And this');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual([]);
  });

  it('says why a session may not come in any more, and lets another key in', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/health', {}, REFUSED);
    await signIn(page, 'key-t');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    await gateway.reload(() => load(`${CONFIG}console: { admin_only: true }\n`));
    await page.reload();
    await page.getByRole('dialog').getByText('for keys with admin: true').waitFor();
    await signIn(page, 'key-o');
    await page.getByRole('heading', { name: 'Health' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
