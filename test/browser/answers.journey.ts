import type { Locator } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { startProvider } from '../../lab/provider.ts';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { answerAs } from './support/answers.ts';
import { pickModel, STOPPED, say } from './support/chat.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const provider = await startProvider(({ body }) => answerAs(JSON.parse(body.toString()).model));
afterAll(() => provider.close());
const PRICED = ['think', 'mute', 'cite', 'late', 'program', 'growing', 'rich'];
const scene = useScene(`
providers:
  demo: { kind: demo }
  lab: { kind: openai-compatible, base_url: "${provider.url}/v1" }
models:
${PRICED.map((name) => `  ${name}: { provider: lab, prices: [{ input: 2, output: 10 }] }`).join('\n')}
  busy: { provider: lab, fallbacks: [demo] }
  broken: { provider: demo, upstream: "demo:cut", fallbacks: [demo] }
# The journeys ask it often: it is not to be left alone.
breaker: { failures: 1000 }
retry: { max_delay: 3s }
database: { url: "sqlite:${makeTemporaryFolder('sluice-answers')}/s.db" }
`);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

function lastAnswer(page: ConsolePage) {
  return page.getByRole('article', { name: 'Answer' }).last();
}

function figuresOf(page: ConsolePage) {
  return lastAnswer(page).getByRole('list', { name: 'What this answer took' });
}

function linesOf(words: Locator): Promise<number> {
  return words.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getClientRects().length;
  });
}

describe('the figures under an answer', () => {
  it('say who answered and what it took, also after a reload, and lead to the call', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'think');
    const figures = figuresOf(page);
    await figures.getByText('20→42 tokens').waitFor();
    const texts = await figures.getByRole('link').allTextContents();
    expect(texts[0]).toBe('think');
    // 20 tokens at $2 and 42 at $10 a million.
    expect(texts).toContain('$0.00046');
    expect(texts.filter((text) => /^TTFT \d|^\d+(\.\d)? s$|tok\/s$/.test(text))).toHaveLength(3);
    await page.reload();
    await figures.waitFor();
    expect(await figures.getByRole('link').allTextContents()).toEqual(texts);
    await figures.getByRole('link', { name: '20→42 tokens' }).focus();
    await figures.getByText('20 in, none cached; 42 out; counted by the provider').waitFor();
    await figures.getByRole('link', { name: 'think' }).click();
    await page.getByRole('heading', { name: 'Call', exact: true }).waitFor();
    await page.getByText('20 tokens').waitFor();
  });

  it('are a dash where the cost is not known', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'demo:429');
    await page.getByRole('alert').waitFor();
    await figuresOf(page).getByText('cost –').waitFor();
    await lastAnswer(page)
      .getByText(/429 ×3/)
      .waitFor();
  });
});

describe('an answer that was thought and not said', () => {
  it('says so, also after a reload and when more is said', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'mute');
    const mute = page.getByRole('article', { name: 'Answer' }).first();
    await mute.getByText('The model said nothing.').waitFor();
    await figuresOf(page).getByText('20→42 tokens').waitFor();
    await page.reload();
    await mute.getByText('The model said nothing.').waitFor();
    await mute.getByText(/^Thought · 42 tokens/).waitFor();
    await say(page, 'And now?', 'demo');
    await lastAnswer(page).getByRole('button', { name: 'Branch' }).waitFor();
    await page.reload();
    await mute.getByText('The model said nothing.').waitFor();
    expect(await page.getByRole('article', { name: 'Answer' }).count()).toBe(2);
  });
});

describe('an answer that needed more than one attempt', () => {
  it('says meanwhile what the gateway waits for, and then how it came about', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'busy');
    await lastAnswer(page)
      .getByText(/busy: 429, again in \d/)
      .waitFor();
    const trail = lastAnswer(page).locator('summary', { hasText: 'answered: demo' });
    await trail.filter({ hasText: /failed: busy 429 ×\d, / }).waitFor();
    await trail.click();
    await lastAnswer(page).getByText('Slow down.').first().waitFor();
    await page.reload();
    await trail.waitFor();
  });

  it('says that the first one broke off in its middle', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'broken');
    const trail = lastAnswer(page).locator('summary', { hasText: 'answered: demo' });
    await trail.filter({ hasText: /failed: broken broke off, / }).waitFor();
  });
});

describe('a last answer that failed', () => {
  it('is there after a reload with its error, its code and its request, and is tried again', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'demo:429');
    await lastAnswer(page).getByRole('alert').getByText('The demo model is busy').waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Try again' }).waitFor();
    await page.reload();
    await lastAnswer(page).getByRole('alert').getByText('The demo model is busy').waitFor();
    await lastAnswer(page)
      .getByText(/^\w+ · request resp_\w+$/)
      .waitFor();
    await figuresOf(page).getByText('cost –').waitFor();
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/responses'));
    await lastAnswer(page).getByRole('button', { name: 'Try again' }).click();
    expect((await sent).postDataJSON()).toMatchObject({ model: 'demo:429', input: 'Hello' });
    await page.getByText('2/2').waitFor();
  });

  it('is there with its words and its error where it broke off', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'demo:cut');
    await lastAnswer(page).getByRole('button', { name: 'Try again' }).waitFor();
    const texts = async () => [
      await lastAnswer(page).getByRole('alert').textContent(),
      await lastAnswer(page).locator('.markdown, p').first().textContent(),
    ];
    const before = await texts();
    await page.reload();
    await lastAnswer(page).getByRole('button', { name: 'Try again' }).waitFor();
    expect(await texts()).toEqual(before);
  });

  it('is missing where nothing is on record of it, and its question is tried again all the same', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'demo:429');
    const request = lastAnswer(page).getByText(/request resp_/);
    const [id] = /resp_\w+/.exec((await request.textContent()) ?? '') ?? [];
    expect((await fetch(`${gateway.url}/v1/responses/${id}`, { method: 'DELETE' })).status).toBe(200);
    await page.reload();
    await lastAnswer(page).getByText('nothing is on record of why').waitFor();
    await pickModel(page, 'think');
    await lastAnswer(page).getByRole('button', { name: 'Try again' }).click();
    await page.getByText('2/2').waitFor();
    await figuresOf(page).getByText('think', { exact: true }).waitFor();
  });
});

describe('an answer that is waited for', () => {
  it('shows dots, and after a second who is asked', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'late');
    await page.locator('.dots').waitFor();
    expect(await lastAnswer(page).textContent()).toBe('');
    await lastAnswer(page).getByText('waiting for late').waitFor();
    await lastAnswer(page).getByText('Here.').waitFor();
    expect(await page.locator('.dots').count()).toBe(0);
  });
});

describe('what stands in an answer', () => {
  it('has thoughts folded, with how long they took', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'think');
    await lastAnswer(page).getByText('Thinking…').waitFor();
    const thought = lastAnswer(page).locator('summary', { hasText: /Thought for \d+(\.\d)? (ms|s)/ });
    await thought.waitFor();
    expect(await lastAnswer(page).getByText('First I look.').isVisible()).toBe(false);
    await thought.click();
    await lastAnswer(page).getByText('First I look. Then I say.').waitFor();
    await page.reload();
    await lastAnswer(page).locator('summary', { hasText: 'Thought' }).waitFor();
  });

  it('leads from its citations to their pages, also after a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'cite');
    const cited = lastAnswer(page).getByRole('link', { name: '[1]', exact: true });
    await cited.waitFor();
    const look = async () => [await cited.getAttribute('href'), await cited.getAttribute('title')];
    expect(await look()).toEqual(['https://example.org/high', 'High water · example.org']);
    const sources = lastAnswer(page).getByRole('list', { name: 'Sources' }).getByRole('link');
    expect(await sources.allTextContents()).toEqual(['[1] High water', '[2] Low water']);
    expect(await lastAnswer(page).getByRole('link', { name: '[9]' }).count()).toBe(0);
    await page.reload();
    await cited.waitFor();
    expect(await look()).toEqual(['https://example.org/high', 'High water · example.org']);
  });

  it('has code in colours, in parts, which is copied and wrapped', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await say(page, 'Hello', 'program');
    const code = lastAnswer(page).getByRole('region', { name: 'Code, ts' });
    await code.locator('.hl-keyword').first().waitFor();
    await lastAnswer(page).getByText('The end.').waitFor();
    expect(await code.locator('.slice').count()).toBe(3);
    expect(await code.locator('.hl-keyword').count()).toBe(100);
    await lastAnswer(page).getByRole('button', { name: 'Wrap' }).click();
    expect(await code.locator('pre').evaluate((pre) => getComputedStyle(pre).whiteSpace)).toContain('pre-wrap');
    await lastAnswer(page).getByRole('button', { name: 'Copy' }).first().click();
    await lastAnswer(page).getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split('\n')).toHaveLength(100);
    expect(copied).toMatch(/^const line0 = 'a';\n/);
  });

  it('has the full parts of a fence in colours while it is open, and the last one plain', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'growing');
    const slices = lastAnswer(page).locator('.slice');
    await slices.filter({ hasText: '// soon' }).waitFor();
    await slices.first().locator('.hl-keyword').first().waitFor();
    expect(await slices.last().locator('span').count()).toBe(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(STOPPED).waitFor();
  });
});

describe('what can be done with an answer', () => {
  it('is asked again of the model that it was asked of, whoever gave it and is picked now, also after a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    const asked = async (): Promise<string> => {
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/responses'),
      );
      await lastAnswer(page).getByRole('button', { name: 'Again', exact: true }).click();
      return (await sent).postDataJSON().model;
    };
    await say(page, 'Hello', 'busy');
    await figuresOf(page).getByText('demo', { exact: true }).waitFor();
    expect(await asked()).toBe('busy');
    await page.getByText('2/2').waitFor();
    await figuresOf(page).getByText('demo', { exact: true }).waitFor();
    await page.reload();
    await figuresOf(page).waitFor();
    await pickModel(page, 'late');
    await lastAnswer(page).getByRole('button', { name: 'Again with …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask again' });
    await expect.poll(() => dialog.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('busy');
    await page.keyboard.press('Escape');
    expect(await asked()).toBe('busy');
    await page.getByText('3/3').waitFor();
  });

  it('is copied as it is written', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await say(page, 'In **bold**', 'demo');
    await figuresOf(page).waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Copy' }).click();
    await lastAnswer(page).getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^You said: "In \*\*bold\*\*"\./);
  });

  it('explains why this model, and spends nothing', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'busy');
    await figuresOf(page).waitFor();
    const ended = async () => (await (await fetch(`${gateway.url}/v1/requests?state=ended`)).json()).data.length;
    const before = await ended();
    await lastAnswer(page).getByRole('button', { name: 'Why this model' }).click();
    const dialog = page.getByRole('dialog', { name: 'Why this model' });
    const rows = dialog.getByRole('table', { name: 'Candidates' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.locator('th').allTextContents()).toEqual(['busy · lab', 'demo · demo']);
    // Words are whole, and all columns are seen.
    expect(await linesOf(dialog.getByRole('columnheader', { name: 'Breaker' }))).toBe(1);
    expect(await linesOf(rows.first().getByText('closed', { exact: true }))).toBe(1);
    const box = dialog.getByRole('region', { name: 'Candidates' });
    expect(await box.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await ended()).toBe(before);
  });

  it('shows the request as a program, with the address of this page and no key', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, "It's me", 'demo');
    await figuresOf(page).waitFor();
    await lastAnswer(page).getByRole('button', { name: 'Code' }).click();
    const dialog = page.getByRole('dialog', { name: 'This request as a program' });
    await dialog.getByText(`curl ${gateway.url}/v1/responses`).waitFor();
    expect(await dialog.textContent()).toContain('$SLUICE_API_KEY');
    await dialog.getByLabel('Python').check();
    await dialog.getByText('from openai import OpenAI').waitFor();
    await dialog.getByLabel('TypeScript').check();
    await dialog.getByText('client.responses.create').waitFor();
  });
});

describe('what an answer is written in', () => {
  it('loads no picture, and leads to it with the name of its host', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'rich');
    await figuresOf(page).waitFor();
    const picture = lastAnswer(page).getByRole('link', { name: 'tides: image from evil.example – open' });
    expect(await picture.getAttribute('href')).toBe('https://evil.example/leak.png?said=all');
    expect(await picture.getAttribute('rel')).toBe('noopener noreferrer');
    // One within a link is a word of it.
    expect(await lastAnswer(page).getByRole('link', { name: '[image: badge]' }).count()).toBe(1);
  });

  it('has columns at their sides, ticks without bullets, and room around a line', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Hello', 'rich');
    await figuresOf(page).waitFor();
    const answer = lastAnswer(page);
    const sides = await answer
      .locator('td')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).textAlign));
    expect(sides).toEqual(['center', 'end']);
    expect(await answer.getByRole('checkbox', { name: 'Done' }).isChecked()).toBe(true);
    expect(await answer.getByRole('checkbox', { name: 'To do' }).isChecked()).toBe(false);
    expect(await answer.locator('li').first().textContent()).toBe('written');
    const [code, line] = [await answer.locator('.code-block').boundingBox(), await answer.locator('hr').boundingBox()];
    expect((line?.y ?? 0) - (code?.y ?? 0) - (code?.height ?? 0)).toBeGreaterThanOrEqual(8);
  });
});

describe('axe', () => {
  it.each(VIEWS)(
    'finds nothing %s in answers with all that stands around them, and in their dialogs',
    async (_name, view) => {
      const { browser, gateway } = scene();
      const look = (prepare: (page: ConsolePage) => Promise<void>): Promise<readonly string[]> =>
        axeFindings(browser, `${gateway.url}/console/`, view, async (page) => {
          await prepare(page);
          expect(await fitsItsWidth(page)).toBe(true);
        });
      const ask = async (page: ConsolePage): Promise<void> => {
        await say(page, 'Hello', 'cite');
        await figuresOf(page).waitFor();
      };
      const answers = await look(async (page) => {
        await ask(page);
        await say(page, 'Hello', 'think');
        await lastAnswer(page).locator('summary').click();
        await figuresOf(page).waitFor();
        await say(page, 'Hello', 'busy');
        await lastAnswer(page).locator('summary').click();
        await say(page, 'Hello', 'program');
        await lastAnswer(page).locator('.hl-keyword').first().waitFor();
        await figuresOf(page).waitFor();
      });
      const why = await look(async (page) => {
        await ask(page);
        await lastAnswer(page).getByRole('button', { name: 'Why this model' }).click();
        await page.getByRole('table', { name: 'Candidates' }).waitFor();
      });
      const code = await look(async (page) => {
        await ask(page);
        await lastAnswer(page).getByRole('button', { name: 'Code' }).click();
        await page.getByRole('dialog').locator('.hl-string').first().waitFor();
      });
      expect({ answers, why, code }).toEqual({ answers: [], why: [], code: [] });
    },
  );
});
