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

  it('is at most 26 for the colours of code, which are loaded with the first block of a language', () => {
    const colours = filesOf('src/markdown/highlight.ts');
    expect(sizeOf(colours)).toBeGreaterThan(0);
    expect(sizeOf([...colours].filter((file) => !filesOf('index.html').has(file)))).toBeLessThanOrEqual(26);
  });

  it.each([
    ['a new chat', 'src/pages/chat/page.tsx', 60],
    ['a conversation', 'src/pages/chat/thread-view.tsx', 60],
  ])('is for %s, which the chat loads as soon as it is there, at most what it may be', (_what, view, most) => {
    const files = ['index.html', 'src/pages/chat/page.tsx', view].flatMap((name) => [...filesOf(name)]);
    expect(manifest[view]).toBeDefined();
    expect(sizeOf(new Set(files))).toBeLessThanOrEqual(most);
  });

  it('is at most 8 for the styles of a view, and 10 for those of all together', () => {
    const isStyle = (file: string): boolean => file.endsWith('.css');
    const pages = manifest['index.html']?.dynamicImports ?? [];
    for (const page of pages) {
      const view = new Set([...filesOf('index.html'), ...filesOf(page)].filter(isStyle));
      expect([page, sizeOf(view) <= 8]).toEqual([page, true]);
    }
    const all = new Set(Object.values(manifest).flatMap(({ css = [] }) => css));
    expect(sizeOf(all)).toBeLessThanOrEqual(10);
  });
});
