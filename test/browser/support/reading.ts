import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { whenStill } from './still.ts';
import { withoutChance } from './without-chance.ts';

const HINT = 'It reads otherwise than before. Where that is meant: npm run test:browser -- aria --update';

/**
 * Compares roles, names and texts, as a screen reader has them, with those that are kept in `aria/`.
 * @param name of the file, without its ending
 */
export async function expectReading(shown: Locator, name: string): Promise<void> {
  const text = await whenStill(shown.page(), () => shown.ariaSnapshot());
  await expect(`${withoutChance(text)}\n`, HINT).toMatchFileSnapshot(
    `${import.meta.dirname}/../aria/${name}.aria.yaml`,
  );
}
