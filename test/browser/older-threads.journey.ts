import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage } from './support/page.ts';
import { useScene } from './support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-older-threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const scene = useScene(`providers:\n  demo: { kind: demo }\ndatabase: { url: "sqlite:${folder}/s.db" }\n`);

/** Long enough for a busy machine. */
const PATIENT = { timeout: 15_000 };

const ids: string[] = [];

async function post(path: string, body: object): Promise<{ readonly id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${scene().gateway.url}${path}`, {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { readonly id: string };
}

/** `Talk 0` is the oldest of 230. */
beforeAll(async () => {
  for (let at = 0; at < 230; at++)
    ids.push((await post('/v1/conversations', { metadata: { title: `Talk ${at}` } })).id);
});

const list = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });
const rows = (page: Page) => list(page).getByRole('listitem');
const older = (page: Page) => list(page).getByRole('button', { name: 'Older conversations' });
const link = (page: Page, at: number) => list(page).locator(`[data-thread="${ids[at]}"] a`);
const hasFocus = (page: Page, at: number) => link(page, at).evaluate((node) => node === document.activeElement);
/** The list is asked for once more, by itself. */
const polled = (page: Page) =>
  page.waitForResponse((response) => /\/v1\/conversations\?limit=100$/.test(response.url()), PATIENT);

describe('a list of more than a hundred conversations', () => {
  it('has its older ones by keyboard, and keeps them, each once, while it is asked for again', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/');
    await expect.poll(() => rows(page).count(), PATIENT).toBe(100);
    await older(page).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => rows(page).count(), PATIENT).toBe(200);
    await expect.poll(() => hasFocus(page, 129)).toBe(true);
    await older(page).press('Enter');
    await expect.poll(() => rows(page).count(), PATIENT).toBe(230);
    expect(await older(page).count()).toBe(0);
    await expect.poll(() => hasFocus(page, 29)).toBe(true);
    // An old one is used elsewhere, and moves up.
    await post(`/v1/conversations/${ids[3]}/items`, { items: [{ type: 'message', role: 'user', content: 'Again' }] });
    await expect.poll(() => rows(page).first().getByRole('link').textContent(), PATIENT).toBe('Talk 3');
    await polled(page);
    expect(await rows(page).count()).toBe(230);
    expect(await link(page, 3).count()).toBe(1);
    expect(await hasFocus(page, 29)).toBe(true);
  });

  it('loses an older one that is erased, and goes on behind one that is gone', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/', {}, /status of 400/);
    await expect.poll(() => rows(page).count(), PATIENT).toBe(100);
    const last = await rows(page).last().getAttribute('data-thread');
    // It goes while it is asked what stands behind it.
    await page.route(/after=/, async (route) => {
      await fetch(`${gateway.url}/v1/conversations/${last}`, { method: 'DELETE' });
      await route.continue();
    });
    const refused = page.waitForResponse((response) => response.status() === 400);
    await older(page).click();
    await refused;
    await link(page, 100).waitFor();
    await list(page)
      .getByRole('button', { name: /: Talk 100$/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expect.poll(() => link(page, 100).count(), PATIENT).toBe(0);
    await polled(page);
    expect(await link(page, 100).count()).toBe(0);
    expect(await hasFocus(page, 99)).toBe(true);
  });

  it('has the older ones of a search', async () => {
    const { browser, gateway } = scene();
    const page = await openPage(browser, gateway.url, '/?q=talk');
    await expect.poll(() => rows(page).count(), PATIENT).toBe(100);
    const asked = page.waitForRequest(/\/v1\/conversations\?limit=100&q=talk&after=conv_/);
    await older(page).click();
    await asked;
    await expect.poll(() => rows(page).count(), PATIENT).toBe(200);
    await list(page).getByRole('searchbox').fill('talk 77');
    await expect.poll(() => rows(page).count(), PATIENT).toBe(1);
  });
});
