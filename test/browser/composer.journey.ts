import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pickModel, say } from './support/chat.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-composer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(
  `providers:\n  demo: { kind: demo }\n  openai: { kind: openai, api_key: "\${OPENAI_API_KEY}" }\n` +
    `database: { url: "sqlite:${folder}/s.db" }\nmodels:\n` +
    '  auto: { targets: [{ model: demo }] }\n' +
    '  text-only: { provider: demo, upstream: demo, capabilities: [tools], context_window: 128000, ' +
    'prices: [{ input: 100, output: 200 }] }\n' +
    '  far-away: { provider: openai, upstream: far-away }\n',
);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PAPER = { name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') };
const modelBox = (page: ConsolePage) => page.getByRole('combobox', { name: 'Model' });
const answered = (page: ConsolePage) => page.getByText(/→\d+ tokens/).waitFor();

describe('a new chat without keys', () => {
  it('says what to set, and shows an answer within a click', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByText('No provider has a key').waitFor();
    await page.getByText('OPENAI_API_KEY', { exact: true }).waitFor();
    const compare = page.getByRole('link', { name: 'Compare demo and demo:slow' });
    expect(await compare.getAttribute('href')).toMatch(/^\/console\/compare\?a=demo&b=demo%3Aslow&prompt=./);
    await page.getByRole('button', { name: 'Say hello' }).click();
    await answered(page);
    expect(page.url()).toMatch(/\/c\/conv_/);
  });

  it('shows a provider that breaks off, and the one that goes on', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByRole('button', { name: 'Watch a provider fail' }).click();
    await answered(page);
    await page.getByRole('article', { name: 'Answer' }).getByText('to watch a provider fail.').waitFor();
    const { data } = (await (await fetch(`${gateway.url}/v1/requests?state=ended&limit=1`)).json()) as {
      data: { attempts: { model: string; failure: unknown }[] }[];
    };
    expect(data[0]?.attempts.map(({ model, failure }) => [model, failure === null])).toEqual([
      ['demo:cut', false],
      ['demo', true],
    ]);
  });
});

describe('the box for the model', () => {
  it('is filled by typing and by arrows, and remembers', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await expect.poll(() => modelBox(page).inputValue()).toBe('auto');
    await modelBox(page).press('ArrowDown');
    await page.getByRole('listbox', { name: 'Models' }).waitFor();
    const first = await page.getByRole('listbox').getByRole('group').first().getAttribute('aria-label');
    expect(first).toBe('Groups');
    await modelBox(page).press('ArrowDown');
    const active = await modelBox(page).getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).getAttribute('role')).toBe('option');
    await modelBox(page).press('Escape');
    expect(await page.getByRole('listbox').count()).toBe(0);
    await pickModel(page, 'text-only');
    await page.reload();
    await expect.poll(() => modelBox(page).inputValue()).toBe('text-only');
  });

  it('says why a model cannot be asked, and does not take it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await expect.poll(() => modelBox(page).inputValue()).toBe('auto');
    await modelBox(page).fill('far-away');
    const option = page.getByRole('option', { name: 'far-away' });
    expect(await option.getAttribute('aria-disabled')).toBe('true');
    await option.getByText('OPENAI_API_KEY').waitFor();
    await option.dispatchEvent('click');
    await modelBox(page).press('Enter');
    await modelBox(page).press('Escape');
    expect(await modelBox(page).inputValue()).toBe('auto');
    await modelBox(page).fill('no such model');
    await page.getByText('No model fits').waitFor();
  });

  it('takes the model of the address, and keeps it for the next question', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/?model=demo:no-done');
    await expect.poll(() => modelBox(page).inputValue()).toBe('demo:no-done');
    await page.getByLabel('Message').fill('From elsewhere');
    await page.getByLabel('Message').press('Enter');
    await answered(page);
    await expect.poll(() => modelBox(page).inputValue()).toBe('demo:no-done');
  });

  it('leaves the model of the address for one that is picked', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/?model=demo:slow');
    await expect.poll(() => modelBox(page).inputValue()).toBe('demo:slow');
    await pickModel(page, 'text-only');
    expect(await modelBox(page).inputValue()).toBe('text-only');
    expect(page.url()).not.toContain('model=');
  });

  it('has pinned models on top', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'text-only');
    await page.getByRole('button', { name: 'Pin text-only' }).click();
    await page.reload();
    await modelBox(page).click();
    await page.getByRole('group', { name: 'Pinned' }).getByRole('option', { name: 'text-only' }).waitFor();
  });
});

describe('the model that is picked', () => {
  it('is explained before anything is sent, which spends nothing', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'auto');
    await page.getByLabel('Message').fill('Who would say this?');
    const asked = page.waitForRequest((request) => request.url().endsWith('/router/choose'));
    await page.getByRole('button', { name: 'Why?' }).click();
    const dialog = page.getByRole('dialog', { name: 'Why this model' });
    await dialog.getByRole('table', { name: 'Candidates' }).getByRole('row', { name: /demo/ }).waitFor();
    expect((await asked).postDataJSON()).toMatchObject({
      model: 'auto',
      messages: [{ role: 'user', content: 'Who would say this?' }],
    });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Message').inputValue()).toBe('Who would say this?');
  });
});

describe('the settings', () => {
  it('go with the question, and stay with the conversation', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Temperature').fill('3');
    await drawer.getByText('from 0 to 2; found “3”').waitFor();
    expect(await drawer.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await drawer.getByLabel('Temperature').fill('0.5');
    await drawer.getByLabel('Instructions').fill('Be short.');
    await drawer.getByRole('button', { name: 'Save' }).click();
    const sent = page.waitForRequest((request) => request.url().endsWith('/v1/responses'));
    await say(page, 'Tuned a little', 'demo');
    expect((await sent).postDataJSON()).toMatchObject({ temperature: 0.5, instructions: 'Be short.', stream: true });
    await answered(page);
    await page.reload();
    await page.getByRole('button', { name: 'Settings (2)' }).waitFor();
    await page.getByRole('link', { name: 'New chat' }).click();
    await page.getByRole('button', { name: 'Settings', exact: true }).waitFor();
  });

  it('give a question back whose answer is stopped and is not to be kept', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Keep what was said when I stop it').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await say(page, 'Say it, and forget it', 'demo:stall');
    await page.getByRole('article', { name: 'Answer' }).getByText(/\w{3}/).first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Not kept: the answer was stopped.').waitFor();
    await expect.poll(() => page.getByLabel('Message').inputValue()).toBe('Say it, and forget it');
    await page.reload();
    await page.getByRole('button', { name: 'Settings (1)' }).waitFor();
    await page.getByRole('heading', { name: 'Say it, and forget it' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
  });

  it('have whole sentences read aloud while they come, in every conversation', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Have screen readers read whole sentences').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      new MutationObserver(() => {
        const words = document.querySelector('p[aria-live]')?.textContent ?? '';
        if (words !== '' && heard.at(-1) !== words) heard.push(words);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await say(page, 'One. Two', 'demo:slow');
    await answered(page);
    // Paragraphs end without a space in the one, and with one in the other.
    const packed = (text: unknown): string => String(text).replace(/\s/g, '');
    const answer = await page.getByRole('article', { name: 'Answer' }).locator('.markdown').textContent();
    const heard = async () => packed(await page.evaluate('globalThis.heard.join("")'));
    await expect.poll(heard).toBe(packed(answer));
    expect(await page.evaluate('globalThis.heard.length')).toBeGreaterThan(1);
  });

  it('open also while the gateway is away', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    const isThere = () =>
      page.evaluate(() =>
        performance.getEntriesByType('resource').some(({ name }) => name.includes('settings-drawer')),
      );
    await expect.poll(isThere, { timeout: 15_000 }).toBe(true);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Temperature').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('answer at once and whole where nothing is streamed', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Show the answer while it is written').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    const sent = page.waitForRequest((request) => request.url().endsWith('/v1/responses'));
    await say(page, 'All at once', 'demo');
    expect((await sent).postDataJSON()).toMatchObject({ stream: false, background: true });
    await answered(page);
    await page.getByRole('article', { name: 'Answer' }).getByText('All at once').waitFor();
  });
});

describe('files', () => {
  it('are chips before, and pictures after they were sent, also after a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'demo');
    await page
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'dot.png', mimeType: 'image/png', buffer: PIXEL },
        PAPER,
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
      ]);
    const chips = page.getByRole('list', { name: 'Files of the question' });
    await chips.getByText('dot.png').waitFor();
    await page.getByRole('alert').getByText('notes.txt is text/plain').waitFor();
    await page.getByText('2 files').waitFor();
    await page.getByLabel('Message').fill('What is in them?');
    await page.getByLabel('Message').press('Enter');
    await answered(page);
    const asked = page.getByRole('article', { name: 'You' });
    expect(await asked.getByRole('img').getAttribute('src')).toMatch(/^data:image\/png;base64,/);
    await asked.getByText('paper.pdf').waitFor();
    await page.reload();
    await asked.getByRole('img').waitFor();
    await asked.getByText('paper.pdf').waitFor();
  });

  it('are taken from the clipboard and from a drop, and large pictures are made smaller', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'demo');
    await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 3000, height: 1000 });
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
      const data = new DataTransfer();
      data.items.add(new File([blob as Blob], 'wide.jpg', { type: 'image/jpeg' }));
      const box = document.querySelector('textarea');
      box?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    const chips = page.getByRole('list', { name: 'Files of the question' });
    await expect.poll(() => chips.getByRole('listitem').count()).toBe(2);
    const width = await chips
      .locator('img')
      .first()
      .evaluate((node) => (node as HTMLImageElement).naturalWidth);
    expect(width).toBe(2048);
    await chips.getByRole('button', { name: 'Remove wide.jpg' }).first().click();
    expect(await chips.getByRole('listitem').count()).toBe(1);
  });

  it('make models grey that cannot read them', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'text-only');
    await page.locator('input[type=file]').setInputFiles([PAPER]);
    await page.getByText('text-only: It reads no PDF.').waitFor();
    await modelBox(page).fill('text-only');
    expect(await page.getByRole('option', { name: 'text-only' }).getAttribute('aria-disabled')).toBe('true');
  });
});

describe('the keyboard', () => {
  it('goes to the box with a slash, to a new chat, and to the last question', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'By keyboard', 'demo');
    await answered(page);
    await page.getByRole('link', { name: 'By keyboard' }).focus();
    await page.keyboard.press('/');
    const box = page.getByLabel('Message');
    await expect.poll(() => box.evaluate((node) => node === document.activeElement)).toBe(true);
    await page.getByRole('button', { name: 'Branch', exact: true }).waitFor();
    await box.press('ArrowUp');
    expect(await page.getByLabel('Your question, changed').inputValue()).toBe('By keyboard');
    await page.keyboard.press('Escape');
    await box.waitFor();
    await page.keyboard.press('Control+Shift+O');
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  });

  it('shows what sending may cost before it costs it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await pickModel(page, 'text-only');
    await page.getByLabel('Message').fill('a'.repeat(400));
    await page.getByText('≈100 tok ≈$0.0100').waitFor();
  });
});

describe('what could not be sent', () => {
  it('comes back into the box, and is sent again by a click', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    await say(page, 'First', 'demo');
    await answered(page);
    await page.context().setOffline(true);
    await page.getByLabel('Message').fill('Second');
    await page.getByLabel('Message').press('Enter');
    const notice = page.getByRole('alert').filter({ hasText: 'Not sent' });
    await notice.waitFor();
    await expect.poll(() => page.getByLabel('Message').inputValue()).toBe('Second');
    await page.context().setOffline(false);
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('article', { name: 'Answer' }).getByText('You said: "Second"').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('');
    expect(await page.getByRole('article', { name: 'You' }).count()).toBe(2);
  });
});

describe('what is around a question', () => {
  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const states: readonly ((page: ConsolePage) => Promise<void>)[] = [
      async (page) => page.getByText('No provider has a key').waitFor(),
      async (page) => {
        await modelBox(page).click();
        await page.getByRole('listbox', { name: 'Models' }).waitFor();
      },
      async (page) => {
        await page.getByRole('button', { name: 'Settings', exact: true }).click();
        await page.getByRole('dialog').waitFor();
      },
      async (page) => {
        await page.locator('input[type=file]').setInputFiles([PAPER]);
        await page.getByText('paper.pdf').waitFor();
      },
    ];
    for (const prepare of states) {
      const findings = await axeFindings(browser, `${gateway.url}/console/`, view, async (page) => {
        await prepare(page);
        expect(await fitsItsWidth(page)).toBe(true);
      });
      expect(findings).toEqual([]);
    }
  });
});
