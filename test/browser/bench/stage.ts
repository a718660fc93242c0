import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startGatewayProcess } from '../../../lab/gateway.ts';
import type { Server } from '../../../lab/server-process.ts';
import { startBrowser } from '../support/browser.ts';
import { installProbe } from './probe.ts';
import { type BenchUpstream, MODELS, startUpstream } from './upstream.ts';

/** What all figures are measured with. */
export interface Stage {
  readonly browser: Browser;
  readonly gateway: Server;
  readonly upstream: BenchUpstream;
  close(): Promise<void>;
}

/** Starts the provider, a gateway before it in a process of its own, and the browser. */
export async function openStage(): Promise<Stage> {
  const upstream = await startUpstream();
  const models = MODELS.map((model) => `  ${model}: { provider: lab }\n`).join('');
  const settings = `providers:\n  lab: { kind: openai-compatible, base_url: ${upstream.url}/v1 }\nmodels:\n${models}`;
  const gateway = await startGatewayProcess(settings, { log: 'warn' });
  const browser = await startBrowser();
  const close = async (): Promise<void> => {
    await browser.close();
    gateway.stop();
    await upstream.close();
  };
  return { browser, gateway, upstream, close };
}

/** A window of its own with a probe in it; slowed so many times, if told so. */
export async function openWindow({ browser }: Stage, slowed = 1): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  return openTab(context, slowed);
}

/** Another tab beside others. */
export async function openTab(context: BrowserContext, slowed = 1): Promise<Page> {
  const page = await context.newPage();
  await installProbe(page);
  if (slowed > 1) await slowDown(page, slowed);
  return page;
}

/** Makes the processor so many times slower for a page. */
async function slowDown(page: Page, rate: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

/** Asks a model in a new conversation, and waits for its answer to begin. */
export async function askIn(page: Page, { gateway }: Stage, model: string): Promise<void> {
  await page.goto(`${gateway.url}/console/?model=${model}`);
  await askAgain(page);
}

/** Asks what was asked before, in the conversation that is shown. */
export async function askAgain(page: Page): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill('A long answer, please');
  await page.getByRole('button', { name: 'Send' }).click();
  // More answers than a browser has streams for are told when they are whole.
  await page.locator('[aria-busy=true] .markdown :text-matches("[a-z]"), .answer-waiting').first().waitFor();
}

/** Resolves when so many letters of the answer are in the page. */
export async function untilLetters(page: Page, letters: number): Promise<void> {
  await page.waitForFunction(
    (count) => (document.querySelector('.markdown')?.textContent?.length ?? 0) >= count,
    letters,
    { polling: 250, timeout: 60_000 },
  );
}
