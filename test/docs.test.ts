import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Router } from 'express';
import { describe, expect, it } from 'vitest';
import { HELP } from '../src/cli/help.ts';
import { JSON_SCHEMAS } from '../src/config/json-schema.ts';
import { createApp } from '../src/http/app.ts';
import { PASSTHROUGH_PATHS } from '../src/http/passthrough/paths.ts';
import type { Services } from '../src/http/services.ts';
import { MEANINGS } from '../src/protocol/errors.ts';
import { FAILURE_KINDS, type FailureKind } from '../src/protocol/failure-kinds.ts';

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const DECISIONS = PAGES.filter((page) => page.startsWith('docs/decisions/'));
const API = readFileSync('docs/api.md', 'utf8');
const SETTINGS = readFileSync('docs/settings.md', 'utf8');

/** The cells of the tables under a heading, row by row, without their heads. */
function rowsUnder(page: string, heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return rows.map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

/** What stands between backticks. */
function codeIn(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

describe('the documentation pages', () => {
  it('begin with a README of ten minutes', () => {
    expect(readFileSync('README.md', 'utf8').split(/\s+/).length).toBeLessThanOrEqual(1950);
  });

  it.each(PAGES)('have valid links: %s', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, path, anchor]) => {
      const target = path === '' ? page : join(dirname(page), path ?? '');
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

describe('the records: ARCHITECTURE, CONTRIBUTING, decisions, bargains and debugging', () => {
  const pages = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/bargains.md', 'docs/debugging.md', ...DECISIONS];

  it.each(pages)('name no file that is gone: %s', (page) => {
    const named = codeIn(readFileSync(page, 'utf8')).filter((code) => /^[\w.-]+(\/[\w.-]+)+\.[jt]s$/.test(code));
    expect(named.filter((file) => !existsSync(file) && !existsSync(join('src', file)))).toEqual([]);
  });

  it.each(DECISIONS)('say why, what else there was, what follows and when it may go: %s', (page) => {
    const parts = [...readFileSync(page, 'utf8').matchAll(/^\*\*(\w[\w ]*)(?:\.\*\*|\*\* when|\*\*)/gm)].map(
      ([, part]) => part,
    );
    expect(parts).toEqual(['Context', 'Alternatives', 'Consequence', 'Undo when', 'Held by']);
  });

  it.each(DECISIONS)('are reached from ARCHITECTURE: %s', (page) => {
    expect(readFileSync('ARCHITECTURE.md', 'utf8')).toContain(`](${page})`);
  });
});

describe('the table of bargains', () => {
  const rows = rowsUnder(readFileSync('docs/bargains.md', 'utf8'), 'The table').slice(1);
  const guards = rows.flatMap(([bargain, , , guard = '']) =>
    [...guard.matchAll(/`(test\/[^`]+)`(?: \*([^*]+)\*)?/g)].map(([, file = '', title = '']) => ({
      bargain,
      file,
      title,
    })),
  );

  it('has a guarding test or benchmark for each', () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.filter(([, , , guard = '']) => !/`(test\/|npm run )/.test(guard))).toEqual([]);
  });

  it.each(guards)('names a test that exists: $file $title', ({ file, title }) => {
    expect(title).not.toBe('');
    expect(readFileSync(file, 'utf8')).toContain(title);
  });
});

/** As GitHub makes them from headings. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the changelog', () => {
  it('begins with what is unreleased, then the version of the package with its day', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    const [unreleased, latest] = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, head]) => head,
    );
    expect(unreleased).toBe('[Unreleased]');
    expect(latest).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
    expect(latest).toContain(`[${version}]`);
  });

  it('has each kind of change once a version', () => {
    const versions = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m).slice(1);
    const kinds = versions.map((text) => [...text.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind));
    for (const of of kinds) expect(of).toEqual([...new Set(of)]);
  });
});

describe('the documented table of failures', () => {
  const rows = rowsUnder(readFileSync('docs/failover.md', 'utf8'), 'What is tried').slice(1);
  const listed = rows.flatMap(([kinds, , again, next, error]) =>
    codeIn(kinds).map((kind) => ({ kind, again, next, error })),
  );

  it('has every failure kind that a provider can cause', () => {
    const kinds = Object.entries(FAILURE_KINDS).filter(([, { blames }]) => blames !== 'gateway');
    expect(listed.map(({ kind }) => kind).sort()).toEqual(kinds.map(([kind]) => kind).sort());
  });

  it.each(listed)(
    'says of $kind whether it is retried, passed on to a fallback, and with which error code it ends',
    (row) => {
      const { again, next, code } = FAILURE_KINDS[row.kind as FailureKind];
      expect(row.again).toMatch(again ? /^yes/ : /^no/);
      expect(row.next).toMatch({ yes: /^yes/, no: /^no/, larger: /larger window/ }[next]);
      // The provider's own words have the provider's own code.
      if (row.kind !== 'invalid-request') expect(codeIn(row.error)).toContain(code);
    },
  );
});

describe('the documented table of endpoints', () => {
  const documented = rowsUnder(API, 'Endpoints').flatMap(([cell]) =>
    codeIn(cell).map((code) => code.replace(/\?.*$/, '')),
  );

  it('has every path that the app serves, and no other', () => {
    const app = createApp({} as Services);
    // What answers with 405 stands for all methods at once.
    const routes = (app.router as unknown as Router).stack.flatMap(({ route }) => route ?? []);
    const served = routes.flatMap(({ path, stack }) => {
      const methods = new Set(stack.map(({ method }) => method.toUpperCase()));
      return methods.size === 1 ? [`${[...methods][0]} ${path}`] : [];
    });
    const ours = new Set(served.map((line) => line.replace('*id', ':id')));
    expect(new Set([...documented].filter((code) => code.includes(' ')))).toEqual(ours);
  });

  it('has every passthrough path', () => {
    expect(documented.filter((code) => code.startsWith('/')).sort()).toEqual([...PASSTHROUGH_PATHS].sort());
  });
});

describe('the documented table of error codes', () => {
  it('has every error code, with its HTTP status, and no other', () => {
    const documented = rowsUnder(API, 'Errors')
      .slice(1)
      .flatMap(([codes, status]) => codeIn(codes).map((code) => [code, Number.parseInt(status ?? '', 10)]));
    const ours = Object.entries(MEANINGS).map(([code, { status }]) => [code, status]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(ours));
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The settings that a schema knows, as pages write them: `auth.keys[].name`, `providers.<name>.kind`. */
function settingsOf(schema: Schema, path = ''): string[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, of]) => settingsOf(of, path ? `${path}.${name}` : name)),
    ...(typeof schema.additionalProperties === 'object'
      ? settingsOf(schema.additionalProperties, `${path}.<name>`)
      : []),
    ...(schema.items ? settingsOf(schema.items, `${path}[]`) : []),
    ...(schema.anyOf ?? []).flatMap((of) => settingsOf(of, path)),
  ];
  return below.length > 0 ? below : [path];
}

describe('the documented tables of settings', () => {
  const known = [...new Set(settingsOf(JSON_SCHEMAS['gateway.schema.json']() as Schema))];
  const ofModels = known.filter((path) => path.startsWith('models.<name>.'));
  const main = rowsUnder(SETTINGS, 'The main file').slice(1);
  const POLICIES = /^(providers|models)\.<name>\.(timeouts|retry|fallback|breaker|rescue|hedge)\b/;

  it('have every setting of the main file', () => {
    const text = main.map((row) => row.join(' ')).join('\n');
    const words = new Set(codeIn(text).flatMap((code) => [code, code.split('.').at(-1) ?? '']));
    const wanted = known.filter((path) => !path.startsWith('models.') && !POLICIES.test(path));
    const missing = wanted.filter((path) => {
      const [whole, last] = [
        path.replace(/\[\]$/, ''),
        path
          .replace(/(\[\]|\.<name>)$/, '')
          .split('.')
          .at(-1) ?? '',
      ];
      return !words.has(whole) && !words.has(last);
    });
    expect(missing).toEqual([]);
  });

  it('have no unknown setting', () => {
    const strays = main
      .flatMap(([cell]) => codeIn(cell))
      .filter((code) => code.includes('.'))
      .map((code) => code.replace('<id>', '<name>'))
      .filter(
        (code) => !known.some((path) => path === code || path.startsWith(`${code}.`) || path.startsWith(`${code}[`)),
      );
    expect(strays).toEqual([]);
  });

  it('have every setting of a model, and no other', () => {
    const first = (path: string): string => /^models\.<name>\.([a-z_]+)/.exec(path)?.[1] ?? '';
    const wanted = new Set(ofModels.filter((path) => !POLICIES.test(path)).map(first));
    const documented = rowsUnder(SETTINGS, 'A model')
      .slice(1)
      .flatMap(([cell]) => codeIn(cell).map((code) => code.replace(/\[\].*$/, '')));
    expect(new Set(documented)).toEqual(wanted);
  });
});

describe('the documented table of commands', () => {
  const table = rowsUnder(SETTINGS, 'Command line')
    .slice(1)
    .map(([cell]) => codeIn(cell));

  it('has the commands and flags of --help, and no other', () => {
    const documented = table.flat().flatMap((code) => /^(-{1,2}[a-z-]+|[a-z]+)/.exec(code)?.[0] ?? []);
    const commands = [...HELP.matchAll(/^ {2}sluice \[?([a-z]+)/gm)].map(([, name]) => name ?? '');
    const flags = [...HELP.matchAll(/(?<![\w-])-{1,2}[a-z][a-z-]*/g)].map(([flag]) => flag);
    expect(new Set(documented)).toEqual(new Set([...commands, ...flags]));
  });
});
