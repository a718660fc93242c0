import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const MAX_LINES = 250;

function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((file) => /\.tsx?$/.test(file)).map((file) => join(folder, file));
}

const files = filesIn('console/src');

interface ConsoleImport {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

function importsOf(from: string): ConsoleImport[] {
  const text = readFileSync(from, 'utf8');
  const fixed = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;']*?from\s+)?'([^']+)'/gm);
  const late = text.matchAll(/\bimport\('([^']+)'\)/g);
  const found = [...fixed].map(([, type, to = '']) => ({ from, to: resolve(from, to), isType: type !== undefined }));
  return [...found, ...[...late].map(([, to = '']) => ({ from, to: resolve(from, to), isType: false }))];
}

function resolve(from: string, to: string): string {
  return to.startsWith('.') ? normalize(join(dirname(from), to)) : to;
}

const imports = files.flatMap(importsOf);
const toLine = ({ from, to }: ConsoleImport): string => `${from} imports ${to}`;
const pageOf = (file: string): string | undefined => /^console\/src\/pages\/([^/]+)\//.exec(file)?.[1];

describe('the console', () => {
  it('knows the gateway by its types alone, and these in one file', () => {
    const ofGateway = imports.filter(({ to }) => to.startsWith('src/'));
    expect(ofGateway.filter(({ isType }) => !isType).map(toLine)).toEqual([]);
    expect([...new Set(ofGateway.map(({ from }) => from))]).toEqual(['console/src/feed/wire.ts']);
  });

  it('is not known to the gateway', () => {
    const wrong = filesIn('src')
      .flatMap(importsOf)
      .filter(({ to }) => to.startsWith('console/'));
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('has pages that know no other page, and are known to the program alone', () => {
    const wrong = imports.filter(
      ({ from, to }) => pageOf(to) !== undefined && pageOf(from) !== pageOf(to) && from !== 'console/src/main.tsx',
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('loads each page when it is gone to', () => {
    const main = readFileSync('console/src/main.tsx', 'utf8');
    expect(main).not.toMatch(/^import [^;]*pages\//m);
  });

  it('makes nothing from text, and writes nothing but the theme, drafts and one choice of keys into a storage', () => {
    const unsafe = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|\beval\(|new Function|srcdoc/;
    const texts = files.map((file) => [file, readFileSync(file, 'utf8')] as const);
    expect(texts.filter(([, text]) => unsafe.test(text)).map(([file]) => file)).toEqual([]);
    const stores = texts.filter(([, text]) => /localStorage|sessionStorage|indexedDB/.test(text)).map(([file]) => file);
    expect(stores.sort()).toEqual([
      'console/src/app/drafts.ts',
      'console/src/app/shortcuts.ts',
      'console/src/app/theme.ts',
    ]);
  });

  it(`has files of at most ${MAX_LINES} lines`, () => {
    expect(files.filter((file) => readFileSync(file, 'utf8').split('\n').length - 1 > MAX_LINES)).toEqual([]);
  });
});
