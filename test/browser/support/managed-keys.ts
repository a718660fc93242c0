import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { type Ask, askOf, chatWith } from '../../support/managed.ts';
import { openPage } from './page.ts';
import { type Scene, useScene } from './scene.ts';

/** An admin's key in the file. */
export const ADMIN = 'key-of-the-admin';

/** A gateway with keys of the file and others in SQLite, and a browser that looks at them. */
export interface ManagedKeys {
  readonly scene: () => Scene;
  /** A page, signed in. @param path of the console @param key an admin's, where none is given */
  open(path?: string, key?: string): Promise<Page>;
  /** Makes a key by the API. */
  make(body: object): Promise<{ readonly secret: string; readonly hash: string }>;
  /** Asks the API with this key. */
  as(secret: string): Ask;
  /** With which code a chat with this key is refused; undefined where it is answered. */
  codeOf(secret: string): Promise<unknown>;
}

/** Models with prices, one that never answers, and a key of each kind. @param name of the folder for the database */
export function useManagedKeys(name: string): ManagedKeys {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const scene = useScene(
    'providers: { demo: { kind: demo } }\n' +
      'models: { dear: { provider: demo, upstream: demo, prices: [{ input: 1000, output: 20000 }] },\n' +
      '  stuck: { provider: demo, upstream: "demo:silent", max_output_tokens: 100, prices: [{ input: 1000, output: 1000 }] } }\n' +
      `auth: { keys: [{ name: ops, key: ${ADMIN}, admin: true }, { name: caller, key: key-of-a-caller, org: acme, budget: { day: 2 } }] }\n` +
      'orgs: { acme: { limits: { rpm: 1000 } } }\n' +
      `database: { url: "sqlite:${folder}/s.db" }\nusage: { store: sqlite }\n`,
  );
  const as = (secret: string): Ask => askOf(scene().gateway.url, secret);
  return {
    scene,
    as,
    codeOf: async (secret) => (await chatWith(as(secret))).code,
    async open(path = '/keys', key = ADMIN) {
      const { browser, gateway } = scene();
      // Refusals are part of these journeys.
      const page = await openPage(browser, gateway.url, path, {}, /status of 40[01349]/);
      await signIn(page, key);
      return page;
    },
    async make(body) {
      const made = await as(ADMIN)('POST', '/v1/keys', body);
      expect(made.status).toBe(201);
      return { secret: String(made.body['key']), hash: String(made.data['hash']) };
    },
  };
}

/** Types a key into the dialog that asks for one. */
export async function signIn(page: Page, key = ADMIN): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** The row of a key that was made at run time. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole('table', { name: 'Keys', exact: true }).getByRole('row', { name });
}
