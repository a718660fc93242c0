import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(
  'providers:\n  demo: { kind: demo }\nmodels:\n' +
    '  cheap: { provider: demo, upstream: demo, prices: [{ input: 2, output: 8 }] }\n' +
    '  dear: { provider: demo, upstream: "demo:slow", prices: [{ input: 5, output: 20 }] }\n' +
    `database: { url: "sqlite:${folder}/s.db" }\n`,
);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

const SEND = { name: 'Send to both' };

/** What lists of calls have in them, as far as it is looked at. */
interface Listed {
  readonly model: string;
  readonly state: string;
  readonly usage: { readonly prompt_tokens: number } | null;
  readonly completion_tokens: number;
  readonly cost_usd: number;
}

async function listed(path: string): Promise<readonly Listed[]> {
  const { data } = (await (await fetch(scene().gateway.url + path)).json()) as { data: Listed[] };
  return data;
}

/** Fills the page by its address, and sends. */
async function compared(a: string, b: string, prompt: string, complaints?: RegExp): Promise<ConsolePage> {
  const { browser, gateway } = scene();
  const query = new URLSearchParams({ a, b, prompt });
  const page = await openPage(browser, gateway.url, `/compare?${query}`, {}, complaints);
  await page.getByRole('button', SEND).click();
  return page;
}

describe('Compare', () => {
  it('is filled by its address, says the price, and sends nothing by itself', async () => {
    const { browser, gateway } = scene();
    const before = (await listed('/v1/requests?state=ended')).length;
    const page = await openPage(browser, gateway.url, '/compare?a=cheap&b=dear&prompt=What+are+you%3F');
    await page.getByText(/Both calls are real: ≈\$0\.01/).waitFor();
    await page.getByText(/^Price: ≈\$0\.00\d+ for an answer of usual length$/).waitFor();
    expect(await page.getByLabel('Question').inputValue()).toBe('What are you?');
    expect(await page.getByRole('combobox', { name: 'First model' }).inputValue()).toBe('cheap');
    expect(await page.getByRole('combobox', { name: 'Second model' }).inputValue()).toBe('dear');
    expect(await listed('/v1/requests?state=ended')).toHaveLength(before);
    expect(await listed('/v1/requests')).toEqual([]);
  });

  it('streams both at the same time, and says who was faster, cheaper and longer', async () => {
    const page = await compared('cheap', 'dear', 'Side by side');
    const [one, other] = [page.getByRole('region', { name: 'cheap' }), page.getByRole('region', { name: 'dear' })];
    await other.getByText('You said').waitFor();
    await one.getByText('Judged when both are complete.').waitFor();
    expect((await listed('/v1/requests')).map(({ model }) => model)).toEqual(['dear']);
    await one.getByText(/^\S+ s faster, \$0\.0\d+ cheaper, as long\.$/).waitFor();
    await other.getByText(/^\S+ s slower, \$0\.0\d+ dearer, as long\.$/).waitFor();
    const [call] = await listed('/v1/requests?state=ended&model=cheap');
    const figures = await one.locator('dd').allTextContents();
    const { usage = null, completion_tokens: said, cost_usd: cost } = call as Listed;
    expect(figures.slice(3)).toEqual([`${usage?.prompt_tokens}→${said}`, `$${cost.toPrecision(2)}`]);
    expect(await listed('/v1/conversations')).toEqual([]);
  });

  it('marks a cost by the source of the cost, and tokens by theirs', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=cheap&b=demo&prompt=What+for%3F');
    // Such records are of what a provider runs on by itself: its tokens are not known, and what was set aside counts.
    await page.route(/\/v1\/requests\?state=ended/, async (route) => {
      const response = await route.fetch();
      const { data, ...rest } = (await response.json()) as { readonly data: readonly object[] };
      await route.fulfill({
        response,
        json: { ...rest, data: data.map((one) => ({ ...one, cost_source: 'estimate' })) },
      });
    });
    await page.getByRole('button', SEND).click();
    const figures = page.getByRole('region', { name: 'cheap' }).locator('dd');
    await figures.getByText(/^≈\$0\.0\d+$/).waitFor();
    await figures.getByText(/^\d+→\d+$/).waitFor();
    await page.getByText(/ ≈\$0\.0\d+ dearer/).waitFor();
  });

  it('asks each model with settings of its own', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=demo&b=demo');
    const first = page.getByRole('group', { name: 'First model' });
    await first.getByText('Settings').click();
    await first.getByLabel('Effort').selectOption('low');
    await first.getByLabel('Temperature').fill('0.3');
    await first.getByLabel('Max tokens').fill('7');
    await first.getByLabel('System prompt').fill('Be brief');
    await page.getByLabel('Question').fill('Twice');
    const bodies: Record<string, unknown>[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/chat/completions'))
        bodies.push(request.postDataJSON() as Record<string, unknown>);
    });
    await page.getByLabel('Question').press('Enter');
    await page.getByRole('region', { name: 'demo (1)' }).getByText('Cut off: it had no more tokens.').waitFor();
    await page.getByRole('region', { name: 'demo (2)' }).getByText('You said: "Twice"').waitFor();
    const question = { role: 'user', content: 'Twice' };
    const shared = { model: 'demo', stream: true, stream_options: { include_usage: true } };
    expect(bodies).toEqual([
      {
        ...shared,
        messages: [{ role: 'system', content: 'Be brief' }, question],
        ...{ reasoning_effort: 'low', temperature: 0.3, max_completion_tokens: 7 },
      },
      { ...shared, messages: [question] },
    ]);
  });

  it('shows why one answer failed, with what it had said, while the other goes on', async () => {
    const page = await compared('demo:cut', 'dear', 'Half of it');
    const cut = page.getByRole('region', { name: 'demo:cut' });
    const [problem, text] = [cut.getByRole('alert'), cut.getByRole('log')];
    await problem.getByText('upstream_stream_interrupted').waitFor();
    await problem.getByText(/request console_\d+/).waitFor();
    await text.getByText('You said: "Half of it".').waitFor();
    const other = page.getByRole('region', { name: 'dear' });
    await other.getByText('watch a provider fail.').waitFor();
    await other.getByText('The other failed: not judged.').waitFor();
    await problem.getByRole('button', { name: 'Try again' }).click();
    await cut.getByText('Waiting …').or(text.getByText('You said')).first().waitFor();
    await problem.getByText('upstream_stream_interrupted').waitFor();
    expect(await listed('/v1/requests?state=ended&model=demo:cut')).toHaveLength(2);
  });

  it('shows a refusal before the first word with its status in words', async () => {
    const page = await compared('demo:429', 'demo', 'No', /429/);
    const refused = page.getByRole('region', { name: 'demo:429' }).getByRole('alert');
    await refused.getByText('rate_limit_exceeded').waitFor();
    await page.getByRole('region', { name: 'demo', exact: true }).getByText('You said').waitFor();
  });

  it('stops one before its first byte, and the other by itself', async () => {
    const page = await compared('demo:silent', 'dear', 'Enough');
    const silent = page.getByRole('region', { name: 'demo:silent' });
    await silent.getByRole('button', { name: 'Stop demo:silent' }).click();
    await silent.getByText('Stopped before it said anything.').waitFor();
    await expect.poll(async () => (await listed('/v1/requests')).map(({ model }) => model)).toEqual(['dear']);
    const slow = page.getByRole('region', { name: 'dear' });
    await slow.getByText('You said').waitFor();
    await page.getByRole('button', { name: 'Stop both' }).click();
    await slow.getByText('Stopped.').waitFor();
    await expect.poll(() => listed('/v1/requests')).toEqual([]);
    await slow.getByText('You said').waitFor();
    await page.getByRole('button', SEND).waitFor();
    const ended = await listed('/v1/requests?state=ended&limit=2');
    expect(ended.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  it('hides the names until they are revealed', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=cheap&b=demo:cut&prompt=Guess');
    await page.getByLabel('Blind').check();
    await page.getByRole('button', SEND).click();
    const answers = page.getByRole('region', { name: 'Answers' });
    await answers.getByText('upstream_stream_interrupted').waitFor();
    await answers.locator('dd', { hasText: '$' }).nth(1).waitFor();
    expect(await answers.getByRole('heading').allTextContents()).toEqual(['Answer 1', 'Answer 2']);
    expect(await answers.getByRole('link').count()).toBe(0);
    await page.getByRole('button', { name: 'Reveal the names' }).click();
    expect((await answers.getByRole('heading').allTextContents()).sort()).toEqual(['cheap', 'demo:cut']);
    expect(await answers.getByRole('link', { name: /^Its call/ }).count()).toBe(2);
  });

  it('goes on with one answer as a conversation', async () => {
    const page = await compared('demo', 'cheap', 'Shall we go on?');
    await page.getByRole('button', { name: 'Continue with this one: demo' }).click();
    await page.waitForURL(/\/c\/conv_/);
    await page.getByRole('article', { name: 'You' }).getByText('Shall we go on?').waitFor();
    await page.getByRole('article', { name: 'Answer' }).getByText('You said: "Shall we go on?"').waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
    expect(await listed('/v1/conversations')).toHaveLength(1);
  });

  it('keeps what is not sent over a reload, and what is answered over a look at another page', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?prompt=From+the+address');
    await page.getByLabel('Question').fill('Not yet');
    await page.getByRole('combobox', { name: 'Second model' }).selectOption('dear');
    await page.reload();
    expect(await page.getByLabel('Question').inputValue()).toBe('Not yet');
    expect(await page.getByRole('combobox', { name: 'Second model' }).inputValue()).toBe('dear');
    await page.getByRole('button', SEND).click();
    await page.getByRole('region', { name: 'dear' }).getByText('Waiting …').waitFor();
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByRole('table', { name: 'Calls in flight' }).getByText('dear').waitFor();
    await page.goBack();
    await page
      .getByRole('region', { name: 'dear' })
      .getByText(/slower/)
      .waitFor();
  });

  it('says when nothing could be sent, keeps the question, and asks again', async () => {
    const { browser, gateway } = scene();
    const address = '/compare?a=demo&b=cheap&prompt=Are+you+there%3F';
    const page = await openPage(browser, gateway.url, address, {}, /ERR_INTERNET_DISCONNECTED/);
    await page.getByText(/Both calls are real: ≈/).waitFor();
    // What shows answers is loaded with the first of them.
    await page.getByRole('button', SEND).click();
    await page
      .getByRole('button', { name: /^Continue/ })
      .nth(1)
      .waitFor();
    await page.context().setOffline(true);
    await page.getByRole('button', SEND).click();
    const answer = page.getByRole('region', { name: 'demo', exact: true });
    await answer.getByText('The gateway cannot be reached.').waitFor();
    expect(await page.getByLabel('Question').inputValue()).toBe('Are you there?');
    await page.context().setOffline(false);
    await answer.getByRole('button', { name: 'Try again' }).click();
    await answer.getByText('You said: "Are you there?"').waitFor();
  });

  it('says that an answer may still run when it could not be stopped, and stops it later', async () => {
    const page = await compared('demo:silent', 'demo', 'Wait', /ERR_INTERNET_DISCONNECTED/);
    const silent = page.getByRole('region', { name: 'demo:silent' });
    await expect.poll(async () => (await listed('/v1/requests')).length).toBe(1);
    await page.context().setOffline(true);
    await silent.getByRole('button', { name: 'Stop demo:silent' }).click();
    const problem = silent.getByRole('alert').filter({ hasText: 'The answer may still run' });
    await problem.waitFor();
    await page.context().setOffline(false);
    await problem.getByRole('button', { name: 'Try again' }).click();
    await problem.waitFor({ state: 'detached' });
    await expect.poll(() => listed('/v1/requests')).toEqual([]);
  });

  it('says before it is sent that a model is not known', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/compare?a=demoo&b=demo&prompt=Hello', {}, /400|404/);
    await page.getByRole('group', { name: 'First model' }).getByText(/demoo/).last().waitFor();
    await page.getByText('Both calls are real: –').waitFor();
    expect(await page.getByRole('combobox', { name: 'First model' }).inputValue()).toBe('demoo');
  });

  it('shows one answer at a time where it is narrow', async () => {
    const { browser, gateway } = scene();
    const view = { viewport: { width: 320, height: 640 } };
    const page = await openPage(browser, gateway.url, '/compare?a=demo&b=cheap&prompt=Small', view);
    await page.getByRole('button', SEND).click();
    await page.getByRole('tabpanel', { name: 'demo' }).getByText('You said').waitFor();
    const top = async () => (await page.getByRole('region', { name: 'Answers' }).boundingBox())?.y ?? 640;
    await expect.poll(top).toBeLessThan(450);
    expect(await page.getByRole('tabpanel').count()).toBe(1);
    await page.getByRole('tab', { name: 'demo' }).press('ArrowRight');
    await page.getByRole('tabpanel', { name: 'cheap' }).getByText('You said').waitFor();
    expect(await page.getByRole('tab', { name: 'cheap' }).getAttribute('aria-selected')).toBe('true');
  });

  it.each(VIEWS)('is without findings of axe %s, with an answer and a failure', async (_name, view) => {
    const { browser, gateway } = scene();
    const address = `${gateway.url}/console/compare?a=cheap&b=demo:cut&prompt=Look`;
    const findings = await axeFindings(browser, address, view, async (page) => {
      await page.getByText('Settings').first().click();
      await page.getByRole('button', SEND).click();
      await page.getByText('upstream_stream_interrupted').waitFor({ state: 'attached' });
      await page.getByText('The other failed: not judged.').waitFor({ state: 'attached' });
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
