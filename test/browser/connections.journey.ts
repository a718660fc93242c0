import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STOPPED, say as sayHere } from './support/chat.ts';
import { openPage, openTab, setHidden } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-connections-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(
  `providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\nresponses: { max_background: 20 }\n`,
);

type ConsolePage = Awaited<ReturnType<typeof openPage>>;

async function say(page: ConsolePage, text: string, model: string): Promise<void> {
  await sayHere(page, text, model);
  await page.waitForURL(/\/c\/conv_/);
}

/** Tabs of one browser, each with an answer that has begun and does not end by itself. */
async function answering(tabs: number): Promise<readonly ConsolePage[]> {
  const { browser, gateway } = scene();
  const pages = [await openPage(browser, gateway.url, '/')];
  while (pages.length < tabs) pages.push(await openTab(pages[0] as ConsolePage, gateway.url, '/'));
  for (const page of pages) await say(page, 'Never end', 'demo:stall');
  return pages;
}

async function running(): Promise<number> {
  const { data } = (await (await fetch(`${scene().gateway.url}/v1/requests`)).json()) as { data: unknown[] };
  return data.length;
}

/** A way to the gateway that can be cut, as by the sudden end of its process. */
async function cuttableWay(): Promise<{ readonly url: string; readonly cut: () => void }> {
  const open = new Set<Socket>();
  const server = createServer((here) => {
    const there = connect(Number(new URL(scene().gateway.url).port), '127.0.0.1');
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => open.delete(one));
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

/** When so many calls are left, in milliseconds since the epoch. */
async function untilRunning(left: number): Promise<number> {
  await expect.poll(running, { interval: 5, timeout: 15_000 }).toBe(left);
  return Date.now();
}

async function streamsOf(page: ConsolePage): Promise<readonly string[]> {
  const held = (await page.evaluate(
    'navigator.locks.query().then(({ held }) => held.map(({ name }) => name))',
  )) as string[];
  return held.filter((name) => name.startsWith('sluice-stream-')).sort();
}

/** Ends what a journey has left running. */
async function endAll(): Promise<void> {
  const { url } = scene().gateway;
  const { data } = (await (await fetch(`${url}/v1/requests`)).json()) as { data: { id: string }[] };
  await Promise.all(data.map(({ id }) => fetch(`${url}/v1/requests/${id}`, { method: 'DELETE' })));
}

describe('the connections of a browser', () => {
  it('are four for answers, and Stop reaches the gateway at once while six are given', async () => {
    const pages = await answering(6);
    await expect.poll(running).toBe(6);
    const [first, , , , , last] = pages as [
      ConsolePage,
      ConsolePage,
      ConsolePage,
      ConsolePage,
      ConsolePage,
      ConsolePage,
    ];
    await expect.poll(() => streamsOf(first)).toHaveLength(4);
    for (const [page, left] of [
      [first, 5],
      [last, 4],
    ] as const) {
      const ending = untilRunning(left);
      await page.evaluate("addEventListener('click', () => { globalThis.clickedAt = Date.now(); }, true)");
      await page.getByRole('button', { name: 'Stop' }).click();
      const tookMs = (await ending) - ((await page.evaluate('globalThis.clickedAt')) as number);
      console.info(`Stop with six answers in six tabs: the call was over ${tookMs} ms after the click`);
      // Without a connection of its own it would wait for an answer to end, a third of a minute.
      expect(tookMs).toBeLessThan(8000);
      await page.getByText(STOPPED).waitFor();
    }
    await endAll();
  });

  it('give a fifth answer whole at its end, and stream it once one is free', async () => {
    const pages = await answering(4);
    const fifth = await openTab(pages[0] as ConsolePage, scene().gateway.url, '/');
    await say(fifth, 'Whole, please', 'demo');
    await fifth.getByText(/→\d+ tokens/).waitFor();
    await fifth.getByRole('article', { name: 'Answer' }).getByText('Whole, please').waitFor();
    await fifth.getByRole('link', { name: 'New chat' }).click();
    await say(fifth, 'Never end either', 'demo:stall');
    await expect.poll(running).toBe(5);
    await fifth.locator('.answer-waiting', { hasText: /\w/ }).waitFor();
    await (pages[0] as ConsolePage).getByRole('button', { name: 'Stop' }).click();
    await fifth
      .getByRole('article', { name: 'Answer' })
      .getByText(/\w+ \w+/)
      .first()
      .waitFor();
    await fifth.locator('.answer-waiting', { hasText: /\w/ }).waitFor({ state: 'detached' });
    await endAll();
  });

  it('are let go by a tab that was out of sight for ten seconds, whose answer is taken up where it was', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, `Slowly, please: ${'and so on '.repeat(12)}`, 'demo:slow');
    await page.getByRole('article', { name: 'Answer' }).getByText(/\w{3}/).first().waitFor();
    expect(await streamsOf(page)).toHaveLength(1);
    await setHidden(page, true);
    await expect.poll(() => streamsOf(page), { timeout: 15_000 }).toEqual([]);
    expect([await running(), await page.getByRole('alert').count()]).toEqual([1, 0]);
    await setHidden(page, false);
    await page.getByText(/→\d+ tokens/).waitFor({ timeout: 40_000 });
    const shown = await page.getByRole('article', { name: 'Answer' }).locator('p').first().textContent();
    await page.reload();
    await page.getByRole('article', { name: 'Answer' }).waitFor();
    expect(await page.getByRole('article', { name: 'Answer' }).locator('p').first().textContent()).toBe(shown);
  });

  it('are all taken when a tab comes back to its answer, which says so and is whole at its end', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await say(page, `Slowly, please: ${'and so on '.repeat(16)}`, 'demo:slow');
    const answer = page.getByRole('article', { name: 'Answer' });
    await answer.getByText(/\w{3}/).first().waitFor();
    await setHidden(page, true);
    await expect.poll(() => streamsOf(page), { timeout: 15_000 }).toEqual([]);
    for (let others = 0; others < 4; others++)
      await say(await openTab(page, gateway.url, '/'), 'Never end', 'demo:stall');
    await expect.poll(() => streamsOf(page)).toHaveLength(4);
    await setHidden(page, false);
    await answer.getByText('Four answers are streamed already: the rest comes at its end.').waitFor();
    await page.getByText(/→\d+ tokens/).waitFor({ timeout: 40_000 });
    expect(await answer.getByText('Four answers').count()).toBe(0);
    await endAll();
  });

  it('are counted by each tab for itself where the browser has no locks, and the feed is done without', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await page.addInitScript('delete Navigator.prototype.locks;');
    await page.reload();
    expect(await page.evaluate("'locks' in navigator")).toBe(false);
    for (let answers = 0; answers < 4; answers++) {
      await say(page, 'Never end', 'demo:stall');
      await page.getByRole('article', { name: 'Answer' }).getByText(/\w{3}/).first().waitFor();
      await page.getByRole('link', { name: 'New chat' }).click();
    }
    await say(page, 'The fifth', 'demo:stall');
    await expect.poll(running).toBe(5);
    await page.locator('.answer-waiting', { hasText: /\w/ }).waitFor();
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByText('asked for every second').waitFor();
    await expect.poll(() => page.getByRole('table', { name: 'Calls in flight' }).locator('tbody tr').count()).toBe(5);
    await endAll();
  });
});

describe('an answer whose gateway is gone', () => {
  it('is waited for, and nothing is claimed of it', async () => {
    const way = await cuttableWay();
    const page = await openPage(scene().browser, way.url, '/', {}, /ERR_|network/i);
    await say(page, 'Never end', 'demo:stall');
    const answer = page.getByRole('article', { name: 'Answer' });
    await answer.getByText(/\w{3}/).first().waitFor();
    way.cut();
    await page.getByRole('alert').filter({ hasText: 'The gateway cannot be reached' }).waitFor();
    await answer.getByText('Reconnecting', { exact: true }).waitFor();
    await endAll();
  });
});
