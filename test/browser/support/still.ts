import type { Page } from 'playwright-core';

/** Between two looks at a page that is to stand still. */
const BETWEEN_MS = 150;
const MAX_LOOKS = 50;

/** What is seen of a page when it is seen twice in a row. @throws Error when the page does not come to rest */
export async function whenStill<T extends string | Buffer>(page: Page, look: () => Promise<T>): Promise<T> {
  let last = await look();
  for (let looks = 1; looks < MAX_LOOKS; looks++) {
    await page.waitForTimeout(BETWEEN_MS);
    const next = await look();
    if (Buffer.from(next).equals(Buffer.from(last))) return next;
    last = next;
  }
  throw new Error(`${page.url()} does not come to rest`);
}
