import type { Page } from 'playwright-core';
import { look, type Seen } from './probe.ts';
import { openWindow, type Stage } from './stage.ts';

/** A page that reads an answer of 200 tokens a second and draws nothing: what this browser can do at best. */
export async function watchIdlePage(stage: Stage, forMs: number, slowed = 1): Promise<Seen> {
  const page = await openIdlePage(stage, slowed);
  await look(page);
  await page.waitForTimeout(forMs);
  const seen = await look(page);
  await page.context().close();
  return seen;
}

/** The page itself, with an empty box to type into. */
export async function openIdlePage(stage: Stage, slowed = 1): Promise<Page> {
  const page = await openWindow(stage, slowed);
  // A path of the gateway without the policy of the console.
  await page.goto(`${stage.gateway.url}/healthz`);
  await page.evaluate(async () => {
    document.body.replaceChildren(document.createElement('textarea'));
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'mixed-slow', input: 'Hello', stream: true });
    const answer = await fetch('/v1/responses', { method: 'POST', headers, body });
    const reader = answer.body?.getReader();
    const read = async (): Promise<void> => {
      for (;;) if ((await reader?.read())?.done !== false) return;
    };
    void read();
  });
  return page;
}
