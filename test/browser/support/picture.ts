import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { expect } from 'vitest';

/** The most that may differ, in percent of the pixels: ids and beginnings of keys, which are others each time, are 0.08. */
const MAX_PERCENT = 0.2;
const KEPT = join(import.meta.dirname, '../../../docs/images');
/** Where to look when pictures differ. */
const DIFFERING = join(tmpdir(), 'sluice-differing-pictures');

/** Compares what a page looks like with its picture in the documentation. @param name of the file */
export function expectPicture(taken: Buffer, name: string): void {
  const [before, now] = [PNG.sync.read(readFileSync(join(KEPT, `${name}.png`))), PNG.sync.read(taken)];
  const { width, height } = now;
  expect({ width, height }, name).toEqual({ width: before.width, height: before.height });
  const difference = new PNG({ width, height });
  const pixels = pixelmatch(before.data, now.data, difference.data, width, height);
  const percent = (100 * pixels) / (width * height);
  if (percent <= MAX_PERCENT) return;
  mkdirSync(DIFFERING, { recursive: true });
  writeFileSync(join(DIFFERING, `${name}.png`), taken);
  writeFileSync(join(DIFFERING, `${name}-difference.png`), PNG.sync.write(difference));
  const [page] = name.split('-');
  expect.fail(
    `${percent.toFixed(2)} % of docs/images/${name}.png differ, ${MAX_PERCENT} % may. What it looks like now, and where it ` +
      `differs, is in ${DIFFERING}. Where that is meant: npm run screenshots -- ${page}`,
  );
}
