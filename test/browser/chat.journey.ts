import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-chat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

async function say(page: ConsolePage, text: string, model = 'demo'): Promise<void> {
  await page.getByLabel('Model').selectOption(model);
  await page.getByLabel('Message').fill(text);
  await page.getByLabel('Message').press('Enter');
}

describe('Chat', () => {
  it('answers, and has an address that shows the same after a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Tell me of **budgets**');
    await page.getByText(/→\d+ tokens/).waitFor();
    expect(page.url()).toMatch(/\/console\/c\/conv_/);
    expect(await page.getByLabel('Message').inputValue()).toBe('');
    await page.getByRole('link', { name: 'Tell me of **budgets**' }).waitFor();
    await page.reload();
    await page.getByRole('article', { name: 'Answer' }).locator('strong', { hasText: 'budgets' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
  });

  it('keeps the list, and the focus in it, while another conversation is opened', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'The first of two');
    await page.getByText(/→\d+ tokens/).waitFor();
    await page.getByRole('link', { name: 'New chat' }).click();
    const link = page.getByRole('link', { name: 'The first of two' }).first();
    await link.evaluate((node) => node.setAttribute('data-seen', 'yes'));
    await link.click();
    await page.getByRole('article', { name: 'You' }).waitFor();
    await page.waitForResponse(/\/v1\/conversations\?/);
    expect(await link.getAttribute('data-seen')).toBe('yes');
  });

  it('runs and loads nothing of what an answer has in it', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(
      page,
      '<img src=x onerror=alert(1)> <script>alert(1)</script> ![i](http://foreign.example/i.png) [x](javascript:alert(1))',
    );
    await page.getByText(/→\d+ tokens/).waitFor();
    const answer = page.getByRole('article', { name: 'Answer' });
    expect(await answer.locator('img, script, iframe, a').count()).toBe(0);
    await answer.getByText('onerror=alert(1)').waitFor();
  });

  it('stops an answer, keeps what was said, and goes on', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Never mind', 'demo:silent');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    await say(page, 'And now', 'demo');
    await page.getByText(/→\d+ tokens/).waitFor();
    const calls = (await (await fetch(`${gateway.url}/v1/requests`)).json()) as { data: unknown[] };
    expect(calls.data).toEqual([]);
  });

  it('reads a conversation again whose answer could not be stopped', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    await say(page, 'Wait for me', 'demo:silent');
    await page.waitForURL(/\/c\/conv_/);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Stop' }).click();
    const notice = page.getByRole('alert').filter({ hasText: 'The answer may still run' });
    await notice.waitFor();
    await page.context().setOffline(false);
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('goes on with an answer after a reload in its middle', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Slowly, please', 'demo:slow');
    await page.waitForURL(/\/c\/conv_/);
    await page.reload();
    await page.getByRole('article', { name: 'You' }).getByText('Slowly, please').waitFor();
    await page.getByText(/→\d+ tokens/).waitFor();
    await page.getByRole('article', { name: 'Answer' }).getByText('You said:').waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
  });

  it('leaves what could not be sent where it was, also over a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.getByRole('option', { name: 'demo', exact: true }).waitFor({ state: 'attached' });
    await page.context().setOffline(true);
    await page.getByLabel('Message').fill('Not yet');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText(/^Not sent:/).waitFor();
    await page.context().setOffline(false);
    await page.reload();
    expect(await page.getByLabel('Message').inputValue()).toBe('Not yet');
  });

  it.each(VIEWS)('is without findings of axe %s', async (_name, view) => {
    const { browser, gateway } = scene();
    const findings = await axeFindings(browser, `${gateway.url}/console/`, view, async (page) => {
      await say(
        page,
        'A [link](https://example.org/) and `code` and\n\n```js\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |',
      );
      await page.getByText(/→\d+ tokens/).waitFor();
      expect(await fitsItsWidth(page)).toBe(true);
    });
    expect(findings).toEqual([]);
  });
});
