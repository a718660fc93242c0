import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STOPPED, say } from './support/chat.ts';
import { axeFindings, fitsItsWidth, openPage, VIEWS } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-chat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

async function inFlight(url: string): Promise<unknown[]> {
  return ((await (await fetch(`${url}/v1/requests`)).json()) as { data: unknown[] }).data;
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
    expect(await answer.locator('.markdown').locator('img, script, iframe, a[href^="javascript"]').count()).toBe(0);
    // A picture is a way to it, and not loaded.
    const links = answer.locator('.markdown').getByRole('link');
    expect(await links.count()).toBe(1);
    expect(await links.getAttribute('href')).toBe('http://foreign.example/i.png');
    await answer.getByText('onerror=alert(1)').waitFor();
  });

  it('stops an answer, keeps what was said, and goes on', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Never mind', 'demo:silent');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(STOPPED).waitFor();
    // What was wished for is no error.
    await page.getByRole('article', { name: 'Answer' }).getByText('demo:silent').first().waitFor();
    expect(await page.getByText('request_cancelled').count()).toBe(0);
    await say(page, 'And now', 'demo');
    await page.getByText(/→\d+ tokens/).waitFor();
    expect(await inFlight(gateway.url)).toEqual([]);
  });

  it('says in the list that an answer is coming, and at its end no longer', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Until it ends', 'demo:stall');
    const row = page.getByRole('listitem').filter({ hasText: 'Until it ends' });
    await row.getByText('answering').waitFor();
    // So often the list is read by itself: this end is not one of its times.
    await page.waitForResponse(/\/v1\/conversations\?/);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(STOPPED).waitFor();
    await row.getByText('answering').waitFor({ state: 'detached', timeout: 3000 });
  });

  it('reads a conversation again whose answer could not be stopped', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    await say(page, 'Wait for me', 'demo:silent');
    // A question that has not left yet would be taken back.
    await page.getByText('waiting for demo:silent').waitFor();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Stop' }).click();
    const notice = page.getByRole('alert').filter({ hasText: 'The answer may still run' });
    await notice.waitFor();
    await page.context().setOffline(false);
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(STOPPED).waitFor();
    expect(await page.getByRole('alert').allTextContents()).toEqual([]);
  });

  it('goes on with an answer after a reload in its middle', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, 'Slowly, please', 'demo:slow');
    // Before the gateway has the question it is one that was not sent.
    await expect.poll(() => inFlight(gateway.url)).toHaveLength(1);
    await page.reload();
    await page.getByRole('article', { name: 'You' }).getByText('Slowly, please').waitFor();
    // It takes 13 s by itself.
    await page.getByText(/→\d+ tokens/).waitFor({ timeout: 40_000 });
    await page.getByRole('article', { name: 'Answer' }).getByText('You said:').waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
  });

  it('leaves what could not be sent where it was, also over a reload', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /ERR_INTERNET_DISCONNECTED/);
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('demo');
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
