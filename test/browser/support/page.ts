import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Long enough for a busy machine; what does not come by then does not come. */
const WAIT_MS = 15_000;

/** How a page is looked at. */
export type View = Pick<BrowserContextOptions, 'colorScheme' | 'forcedColors' | 'viewport'>;

/** The ways in which every page is judged. */
export const VIEWS: readonly (readonly [name: string, view: View])[] = [
  ['in the light', { colorScheme: 'light' }],
  ['in the dark', { colorScheme: 'dark' }],
  ['at 320 pixels', { viewport: { width: 320, height: 640 } }],
];

/**
 * A page of the console in a context of its own. When the test is finished it fails for anything that the browser
 * complained of, and for any request that left the gateway.
 * @param allowed complaints that belong to the journey, such as a refused key
 */
export async function openPage(
  browser: Browser,
  url: string,
  path: string,
  view: View = {},
  allowed: RegExp = /^$/,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...view });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints = watch(page, url);
  onTestFinished(async () => {
    await context.close();
    expect(complaints.filter((text) => !allowed.test(text))).toEqual([]);
  });
  await page.goto(`${url}/console${path}`);
  return page;
}

/** Another tab of the same browser as the page: with its session, its locks and its connections. It is judged likewise. */
export async function openTab(beside: Page, url: string, path: string, allowed: RegExp = /^$/): Promise<Page> {
  const page = await beside.context().newPage();
  const complaints = watch(page, url);
  onTestFinished(() => expect(complaints.filter((text) => !allowed.test(text))).toEqual([]));
  await page.goto(`${url}/console${path}`);
  return page;
}

/** As if another tab or window came before the page, or went away again. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    const { document } = globalThis as unknown as { document: EventTarget };
    const facts = { hidden, visibilityState: hidden ? 'hidden' : 'visible' };
    for (const [name, value] of Object.entries(facts))
      Object.defineProperty(document, name, { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

/** The paths that the page asks for from now on. */
export function requestsOf(page: Page): readonly string[] {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  return asked;
}

function watch(page: Page, url: string): readonly string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) complaints.push(`left the gateway: ${request.url()}`);
  });
  return complaints;
}

/**
 * What axe finds wrong with a page, as rule and place. In a context of its own, as the policy of the page lets in no
 * script of others. @param prepare brings the page into the state that is judged
 */
export async function axeFindings(
  browser: Browser,
  address: string,
  view: View,
  prepare: (page: Page) => Promise<void>,
): Promise<readonly string[]> {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 800 }, ...view });
  context.setDefaultTimeout(WAIT_MS);
  try {
    const page = await context.newPage();
    await page.goto(address);
    await prepare(page);
    await page.evaluate(AXE);
    return await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  } finally {
    await context.close();
  }
}

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** True when the page does not scroll sideways. */
export async function fitsItsWidth(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
}
