/**
 * Photographs the pages of the console for the documentation: `npm run screenshots`, or `-- chat keys` for some of them.
 * The calls in the pictures were really made, to a provider of this machine and to the demo model.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { setup } from '../support/build.ts';
import { openStage, photograph, type Stage } from './stage.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/images');
const PHONE = { viewport: { width: 390, height: 844 } };

await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<void> {
  setup();
  const stage = await openStage();
  try {
    for (const name of stage.names) if (names.length === 0 || names.includes(name)) await takeAll(stage, name);
  } finally {
    await stage.close();
  }
}

async function takeAll(stage: Stage, name: string): Promise<void> {
  const wide = await stage.open(name);
  for (const colorScheme of ['light', 'dark'] as const) {
    await wide.emulateMedia({ colorScheme });
    await take(wide, `${name}-${colorScheme}`);
  }
  await wide.context().close();
  const narrow = await stage.open(name, PHONE);
  await take(narrow, `${name}-phone`);
  await narrow.context().close();
}

async function take(page: Page, name: string): Promise<void> {
  writeFileSync(join(FOLDER, `${name}.png`), await photograph(page));
  console.log(`docs/images/${name}.png`);
}
