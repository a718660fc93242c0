import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pickModel, say } from './support/chat.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(
  'providers:\n  demo: { kind: demo }\nmodels:\n' +
    '  priced: { provider: demo, upstream: demo, prices: [{ input: 2, output: 8 }] }\n' +
    `database: { url: "sqlite:${folder}/s.db" }\n`,
);

/** Long enough for a busy machine. */
const PATIENT = { timeout: 15_000 };

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

/** Every answer is whole, and stored: each has what can be made of it. */
const answered = (page: ConsolePage, count: number) =>
  expect.poll(() => page.getByRole('button', { name: 'Branch', exact: true }).count(), PATIENT).toBe(count);
const questions = (page: ConsolePage) => page.getByRole('article', { name: 'You' });
const list = (page: ConsolePage) => page.getByRole('navigation', { name: 'Conversations' });
const hasFocus = (node: Element) => node === document.activeElement;

/** A conversation with so many messages, of which none is like another. */
async function makeThread(url: string, title: string, messages: number): Promise<string> {
  const post = async (path: string, body: object): Promise<{ id: string }> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return (await response.json()) as { id: string };
  };
  const { id } = await post('/v1/conversations', { metadata: { title } });
  const items = Array.from({ length: messages }, (_, at) => ({
    ...{ type: 'message', role: at % 2 === 0 ? 'user' : 'assistant' },
    content: `Message ${at}. ${'Words that fill a line or two of it. '.repeat(at % 2 === 0 ? 1 : 12)}`,
  }));
  for (let from = 0; from < messages; from += 20)
    await post(`/v1/conversations/${id}/items`, { items: items.slice(from, from + 20) });
  return id;
}

describe('the versions of an answer', () => {
  it('are made by asking again, and by another model, and a reload shows what was shown', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Versions, please');
    await answered(page, 1);
    await page.getByRole('button', { name: 'Again', exact: true }).click();
    await page.getByText('2/2').waitFor();
    await answered(page, 1);
    const sent = page.waitForRequest((request) => request.url().endsWith('/v1/responses'));
    await page.getByRole('button', { name: 'Again with …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask again' });
    await dialog.getByRole('combobox', { name: 'Model' }).fill('demo:no-done');
    await dialog.getByRole('option', { name: 'demo:no-done' }).waitFor();
    await dialog.getByRole('combobox', { name: 'Model' }).press('Enter');
    await dialog.getByLabel('Effort').selectOption('high');
    await dialog.getByRole('button', { name: 'Ask again' }).click();
    expect((await sent).postDataJSON()).toMatchObject({ model: 'demo:no-done', reasoning: { effort: 'high' } });
    await page.getByText('3/3').waitFor();
    await answered(page, 1);
    await page.getByRole('link', { name: 'Version 2 of 3' }).click();
    await page.getByText('2/3').waitFor();
    await page.reload();
    await page.getByText('2/3').waitFor();
    expect(await questions(page).count()).toBe(1);
    expect(await list(page).getByRole('link', { name: 'Versions, please' }).count()).toBe(1);
  });

  it('are made by changing a question, in the middle as at the beginning', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    for (const [at, text] of ['One', 'Two', 'Three'].entries()) {
      await say(page, text);
      await answered(page, at + 1);
    }
    await questions(page).nth(1).getByRole('button', { name: 'Edit' }).click();
    const box = page.getByLabel('Your question, changed');
    expect(await box.inputValue()).toBe('Two');
    await box.fill('Two, otherwise');
    await box.press('Enter');
    await page.getByText('2/2').waitFor();
    await answered(page, 2);
    expect(await questions(page).locator('p').allTextContents()).toEqual(['One', 'Two, otherwise']);
    await page.reload();
    await page.getByText('2/2').waitFor();
    await page.getByRole('link', { name: 'Version 1 of 2' }).click();
    await expect.poll(() => questions(page).locator('p').allTextContents()).toEqual(['One', 'Two', 'Three']);
  });

  it('leave a branch alone, which is a conversation of its own', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'A trunk');
    await answered(page, 1);
    await page.getByRole('button', { name: 'Branch', exact: true }).click();
    await page.getByRole('heading', { name: 'A trunk (branch)' }).waitFor();
    await answered(page, 1);
    await list(page).getByRole('link', { name: 'A trunk (branch)' }).waitFor();
    await list(page).getByRole('link', { name: 'A trunk', exact: true }).waitFor();
    await say(page, 'Only here');
    await answered(page, 2);
    await list(page).getByRole('link', { name: 'A trunk', exact: true }).click();
    await page.getByRole('heading', { name: 'A trunk', exact: true }).waitFor();
    expect(await page.getByText('Only here').count()).toBe(0);
  });
});

describe('the head of a conversation', () => {
  it('has its title, which can be changed, and what else can be done with it', async () => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, 'A first title', 2);
    const page = await openPage(browser, gateway.url, `/c/${id}`);
    const pen = page.getByRole('button', { name: 'Change the title' });
    await pen.click();
    await page.getByLabel('Title', { exact: true }).fill('Not this one');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'A first title' }).waitFor();
    await expect.poll(() => pen.evaluate(hasFocus)).toBe(true);
    await pen.click();
    await page.getByLabel('Title', { exact: true }).fill('A second title');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A second title' }).waitFor();
    await list(page).getByRole('link', { name: 'A second title' }).waitFor();
    await page.getByRole('button', { name: 'More of this conversation' }).click();
    const dialog = page.getByRole('dialog', { name: 'Conversation' });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    await list(page).getByRole('link', { name: 'A second title' }).waitFor({ state: 'detached' });
  });

  it('has the sum of what its answers cost, as far as that is known', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'What does it cost?', 'priced');
    const costs = page.locator('[aria-describedby$="-cost"]');
    await costs.waitFor();
    const one = Number((await costs.textContent())?.slice(1));
    expect(one).toBeGreaterThan(0);
    await page.locator('.sum', { hasText: `What 1 answer cost together: Σ $${one}` }).waitFor();
    await say(page, 'And this?', 'demo');
    await answered(page, 2);
    await page.locator('.sum', { hasText: /What 2 answers cost together: Σ \$/ }).waitFor();
    const id = await makeThread(gateway.url, 'Of nobody', 4);
    await page.goto(`${gateway.url}/console/c/${id}`);
    await page.locator('.sum', { hasText: 'What 2 answers cost together; of 2 it is not known: Σ –' }).waitFor();
  });
});

describe('the list of conversations', () => {
  it('finds words, and keeps them in the address', async () => {
    const { browser, gateway } = scene();
    await makeThread(gateway.url, 'Of tides', 2);
    await makeThread(gateway.url, 'Of sluices', 2);
    const page = await openPage(browser, gateway.url, '/');
    await list(page).getByRole('searchbox').fill('tides');
    await expect.poll(() => list(page).getByRole('listitem').count()).toBe(1);
    await list(page).getByRole('link', { name: 'Of tides' }).click();
    await page.getByRole('heading', { name: 'Of tides' }).waitFor();
    expect(page.url()).toMatch(/\/c\/conv_\w+\?q=tides$/);
    await list(page).getByRole('searchbox').fill('nothing of the kind');
    await list(page).getByText('Nothing was said with').waitFor();
  });

  it('calls one otherwise', async () => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, 'Before', 2);
    const page = await openPage(browser, gateway.url, `/c/${id}`);
    await list(page)
      .getByRole('button', { name: /: Before$/ })
      .click();
    await page.getByRole('dialog').getByLabel('Title').fill('After');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('heading', { name: 'After' }).waitFor();
    await list(page).getByRole('link', { name: 'After' }).waitFor();
  });

  it.each([
    ['another one', '/'],
    ['the one that is shown', '/c/'],
  ])('erases %s after a question, and goes to the next row', async (_name, path) => {
    const { browser, gateway } = scene();
    const made = new Map<string, string>();
    for (const title of ['Stays below', 'Goes', 'Stays above'])
      made.set(title, await makeThread(gateway.url, title, 2));
    const page = await openPage(browser, gateway.url, path === '/' ? path : `${path}${made.get('Goes')}`);
    await page.getByLabel('Message').waitFor();
    await list(page)
      .getByRole('button', { name: /: Goes$/ })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('This cannot be undone').waitFor();
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await expect.poll(() => list(page).getByRole('link', { name: 'Goes' }).count(), PATIENT).toBe(0);
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
    const next = list(page).locator(`[data-thread="${made.get('Stays below')}"] a`);
    expect(await next.evaluate(hasFocus)).toBe(true);
  });

  it('writes one into a file', async () => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, 'On paper', 2);
    const page = await openPage(browser, gateway.url, '/');
    await list(page)
      .getByRole('button', { name: /: On paper$/ })
      .click();
    for (const [name, part] of [
      ['Export as Markdown', '# On paper'],
      ['Export as JSON', `"id":"${id}"`],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByRole('dialog').getByRole('button', { name }).click();
      expect(readFileSync(await (await download).path(), 'utf8')).toContain(part);
    }
  });
});

describe('a long conversation', () => {
  it('shows its end first, and the rest without moving what is read', async () => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, 'Two hundred', 200);
    const page = await openPage(browser, gateway.url, '/');
    // The second page waits until the reader is somewhere.
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/\/items\?.*after=/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${gateway.url}/console/c/${id}`);
    await page.getByText('Message 199.').waitFor();
    expect(await page.getByRole('article').count()).toBe(50);
    const isAtEnd = () => page.evaluate(() => innerHeight + scrollY >= document.documentElement.scrollHeight - 60);
    await expect.poll(isAtEnd).toBe(true);
    await page.mouse.move(600, 300);
    await page.mouse.wheel(0, -2500);
    await page.getByRole('button', { name: 'Newest' }).waitFor();
    const place = () =>
      page.evaluate(() => {
        const rows = [...document.querySelectorAll('article')];
        const first = rows.find((row) => row.getBoundingClientRect().top > 100);
        return { text: first?.textContent?.slice(0, 12), top: first?.getBoundingClientRect().top ?? 0 };
      });
    await page.waitForTimeout(300);
    const before = await place();
    release();
    await expect.poll(() => page.getByRole('article').count()).toBe(200);
    const after = await place();
    expect(after.text).toBe(before.text);
    expect(Math.abs(after.top - before.top)).toBeLessThanOrEqual(2);
    await page.getByRole('button', { name: 'Newest' }).click();
    await page.getByText('Message 199.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Newest' }).count()).toBe(0);
  });

  it('puts a question that is sent into the upper third, and follows until the reader goes up', async () => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, 'Follow me', 20);
    const page = await openPage(browser, gateway.url, `/c/${id}`);
    await page.getByText('Message 19.').waitFor();
    await say(page, 'Where am I?', 'demo');
    await answered(page, 11);
    const question = questions(page).last();
    const top = () => question.evaluate((node) => node.getBoundingClientRect().top / innerHeight);
    await expect.poll(top).toBeCloseTo(1 / 3, 1);
    const long = Array.from({ length: 60 }, (_, at) => `line ${at}`).join('\n\n');
    await pickModel(page, 'demo:slow');
    await page.getByLabel('Message').fill(long);
    await page.getByLabel('Message').press('Enter');
    const answer = page.getByRole('article', { name: 'Answer' }).last();
    await answer.getByText('line 1', { exact: true }).waitFor();
    expect(await answer.evaluate((node) => node.getBoundingClientRect().bottom < innerHeight)).toBe(true);
    await page.mouse.move(600, 300);
    const followed = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, -1500);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeLessThan(followed - 1000);
    const at = await page.evaluate(() => scrollY);
    await answer.getByText('line 4', { exact: true }).waitFor();
    expect(await page.evaluate(() => scrollY)).toBe(at);
    await page.getByRole('button', { name: 'Stop' }).click();
  });
});

describe('a conversation with all that can be done in it', () => {
  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const id = await makeThread(gateway.url, `Judged ${_name}`, 4);
    const states: readonly ((page: ConsolePage) => Promise<void>)[] = [
      async (page) => {
        await page.getByRole('button', { name: 'Again', exact: true }).last().click();
        await page.getByText('2/2').waitFor();
        await page.getByText(/→\d+ tokens/).waitFor();
      },
      async (page) => {
        await page.getByRole('button', { name: 'Again with …' }).last().click();
        await page.getByRole('dialog').waitFor();
      },
      async (page) => {
        await page.getByRole('button', { name: 'More of this conversation' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      },
      async (page) => page.getByRole('button', { name: 'Edit' }).last().click(),
    ];
    for (const prepare of states) {
      const findings = await axeFindings(browser, `${gateway.url}/console/c/${id}`, view, async (page) => {
        await prepare(page);
        expect(await fitsItsWidth(page)).toBe(true);
      });
      expect(findings).toEqual([]);
    }
  });
});
