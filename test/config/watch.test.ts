import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';
import { temporaryFolder } from '../support/config-files.ts';

/** Watches one file; each promise resolves with the number of calls so far, at the next call. */
function watching(file: string): { next(): Promise<number> } {
  let calls = 0;
  let wake = (_calls: number): void => {};
  const stop = watchConfig([file], () => wake(++calls), 30);
  onTestFinished(stop);
  return {
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}

it('watching a configuration file (reload) calls back once for changes that come together', async () => {
  const file = join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(file, 'a');
  const watch = watching(file);
  const first = watch.next();
  for (const text of ['b', 'c', 'd']) writeFileSync(file, text);
  expect(await first).toBe(1);
  const second = watch.next();
  writeFileSync(file, 'e');
  expect(await second).toBe(2);
});

it('watching a configuration file (reload) sees a file that is replaced, as editors do', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, 'a');
  const watch = watching(file);
  const called = watch.next();
  writeFileSync(join(folder, 'gateway.yaml~'), 'b');
  renameSync(join(folder, 'gateway.yaml~'), file);
  expect(await called).toBe(1);
});
