import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../support/console.ts';

/** An entry of Vite's manifest. */
interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

const BUILT = 'dist/console';
let manifest: Readonly<Record<string, Chunk>> = {};

beforeAll(() => {
  buildConsole();
  manifest = JSON.parse(readFileSync(join(BUILT, 'manifest.json'), 'utf8'));
}, 120_000);

/** A chunk, what it imports, and the styles of all: the files that are loaded with it. */
function filesOf(name: string, seen: Set<string> = new Set()): Set<string> {
  const { file = '', imports = [], css = [] } = manifest[name] ?? {};
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const style of css) seen.add(style);
  for (const other of imports) filesOf(other, seen);
  return seen;
}

/** Kilobytes as sent with gzip. */
function sizeOf(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + statSync(join(BUILT, `${file}.gz`)).size, 0) / 1000;
}

describe('what a first view loads, in KB with gzip', () => {
  it('is at most 16 for the shell', () => {
    const shell = [...filesOf('index.html')].filter((file) => file.endsWith('.js'));
    expect(shell).not.toEqual([]);
    expect(sizeOf(shell)).toBeLessThanOrEqual(16);
  });

  it('is at most 34 for the chat and 10 for another page; with the shell 60 and 36', () => {
    const pages = manifest['index.html']?.dynamicImports ?? [];
    expect(pages.length).toBeGreaterThanOrEqual(4);
    const shell = filesOf('index.html');
    for (const page of pages) {
      const isChat = page === 'src/pages/chat/page.tsx';
      const own = [...filesOf(page)].filter((file) => !shell.has(file));
      expect([page, sizeOf(own.filter((file) => file.endsWith('.js'))) <= (isChat ? 34 : 10)]).toEqual([page, true]);
      expect([page, sizeOf(new Set([...shell, ...own])) <= (isChat ? 60 : 36)]).toEqual([page, true]);
    }
  });

  it('is at most 8 for all styles', () => {
    const styles = new Set(Object.values(manifest).flatMap(({ css = [] }) => css));
    expect(sizeOf(styles)).toBeLessThanOrEqual(8);
  });
});
