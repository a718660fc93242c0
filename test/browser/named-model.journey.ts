import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { signIn } from './support/managed-keys.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const KEY = 'key-that-may-not-list';
const POOR = 'key-without-conversations';
const scene = useScene(
  'providers: { demo: { kind: demo } }\n' +
    `auth: { keys: [{ name: team, key: ${KEY}, routes: [responses, conversations] }, { name: poor, key: ${POOR}, routes: [chat, models, responses] }] }\n` +
    `database: { url: "sqlite:${makeTemporaryFolder('sluice-named-model')}/s.db" }\n`,
);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

const answer = (page: ConsolePage) => page.getByRole('article', { name: 'Answer' }).last();

describe('a key that may have no conversations', () => {
  it.each(VIEWS)('is told what is missing, and nothing is asked for, %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const asked: string[] = [];
    const findings = await axeFindings(browser, `${gateway.url}/console/`, view, async (page) => {
      page.on('request', (request) => asked.push(request.url()));
      await signIn(page, POOR);
      await page.getByText('Chat needs what your key is not granted, the route conversations.').waitFor();
      await page.getByRole('main').getByRole('link', { name: 'Compare' }).waitFor();
      expect(await page.getByLabel('Message').count()).toBe(0);
    });
    expect(asked.filter((url) => url.includes('/v1/conversations'))).toEqual([]);
    expect(findings).toEqual([]);
  });
});

describe('a key that may not list the models', () => {
  it('asks a model that is named, is told why, and asks it again after a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /status of 40[134]/);
    await signIn(page, KEY);
    const name = page.getByRole('textbox', { name: 'Model' });
    await page.getByText('your key may not list them').waitFor();
    await page.getByLabel('Message').fill('Hello');
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    await name.fill('nothing-of-the-kind');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('nothing-of-the-kind').waitFor();
    await name.fill('demo');
    await page.getByLabel('Message').press('Enter');
    await answer(page).getByText('You said: "Hello".').waitFor();
    await page.reload();
    await expect.poll(() => name.inputValue()).toBe('demo');
    await answer(page).getByRole('button', { name: 'Again with …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask again' });
    await dialog.getByRole('textbox', { name: 'Model' }).fill('demo:slow');
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/responses'));
    await dialog.getByRole('button', { name: 'Ask again' }).click();
    expect((await sent).postDataJSON().model).toBe('demo:slow');
    await page.getByText('2/2').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
  });

  it.each(VIEWS)('finds a box without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/`, view, async (page) => {
      await signIn(page, KEY);
      await page.getByText('your key may not list them').waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
