import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** One import line: `isType` when nothing of it is left at run time. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

/** Each room may use what stands before it. */
const LINE = [
  'protocol',
  'languages',
  'providers',
  'upstream',
  'routing',
  'calls',
  'http',
  'gateway.ts',
  'cli',
  'main.js',
];
/** Rooms beside the line: they use the language of the house, and only the two that compose it use them. */
const BESIDE = ['config', 'database', 'conversations', 'access', 'limits', 'usage', 'observe'];
const COMPOSERS = ['gateway.ts', 'cli'];

/** Rules about settings that need no files: what a duration is, which policy wins, which name is near. */
const PURE_CONFIG = [
  'config/config.ts',
  'config/database-url.ts',
  'config/nearest.ts',
  'config/origin.ts',
  'config/prices.ts',
  'config/units.ts',
];

/** What every room with tables tells its operations by: they are run by the engines. */
const OPERATIONS = ['database/operation.ts', 'database/operation-store.ts'];

/** The libraries and parts of Node that the inner rooms use at run time; none of them does I/O. */
const PURE_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  protocol: ['eventsource-parser', 'zod'],
  languages: ['lru-cache', 'node:querystring', 'zod'],
  routing: ['lru-cache'],
  calls: ['node:events'],
};

const MAX_LINES = 250;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join('src', file), 'utf8')]));
const imports = files.flatMap(importsOf);
const inside = imports.filter(({ to }) => to.endsWith('.ts') && roomOf(to) !== undefined);
const outside = imports.filter(({ to }) => !to.endsWith('.ts'));

function importsOf(file: string): Import[] {
  const text = texts.get(file) ?? '';
  const lines = text.matchAll(/^(?:import|export)\s+(type\s)?([^;']*?)from\s+'([^']+)'/gm);
  const fixed = [...lines].map(([, type, names = '', to = '']) => {
    const isType = type !== undefined || (/\{/.test(names) && namesIn(names).every((name) => name.startsWith('type ')));
    return { from: file, to: resolve(file, to), isType };
  });
  const late = [...text.matchAll(/\bimport\('([^']+)'\)/g)];
  const bare = [...text.matchAll(/^import\s+'([^']+)'/gm)];
  return [...fixed, ...[...late, ...bare].map(([, to = '']) => ({ from: file, to: resolve(file, to), isType: false }))];
}

function namesIn(braces: string): string[] {
  const names = braces.replace(/[{}]/g, '').split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

function resolve(file: string, to: string): string {
  return to.startsWith('.') ? normalize(join(dirname(file), to)) : to;
}

function roomOf(file: string): string | undefined {
  const [room] = file.split('/');
  return [...LINE, ...BESIDE].find((known) => known === room);
}

function toLine({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** Imports of one room by another. */
function crossing(isMeant: (from: string, to: string, line: Import) => boolean): Import[] {
  return inside.filter((line) => {
    const [from = '', to = ''] = [roomOf(line.from), roomOf(line.to)];
    return from !== to && isMeant(from, to, line);
  });
}

describe('who may import whom', () => {
  it('has every file in a known room', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('goes one way along the line, types included', () => {
    const wrong = crossing((from, to) => LINE.includes(from) && LINE.indexOf(to) > LINE.indexOf(from));
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('lets the rooms beside the line use, at run time, only the protocol, what is pure in the configuration, and the operations of the database', () => {
    const wrong = crossing(
      (from, to, line) =>
        BESIDE.includes(from) &&
        !line.isType &&
        to !== 'protocol' &&
        !PURE_CONFIG.includes(line.to) &&
        !OPERATIONS.includes(line.to),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('lets only the composers know the rooms beside it at run time, but for the pure rules of the configuration', () => {
    const wrong = crossing(
      (from, to, line) =>
        LINE.includes(from) &&
        BESIDE.includes(to) &&
        !line.isType &&
        !COMPOSERS.includes(from) &&
        !(PURE_CONFIG.includes(line.to) && LINE.indexOf(from) >= LINE.indexOf('providers')),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('keeps settings, keys and logs out of the protocol and the dialects, even as types', () => {
    const wrong = crossing((from, to) => ['protocol', 'languages'].includes(from) && BESIDE.includes(to));
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('keeps keys, usage and logs out of everything below the calls, even as types', () => {
    const wrong = crossing(
      (from, to) =>
        ['providers', 'upstream', 'routing'].includes(from) &&
        ['database', 'conversations', 'access', 'usage', 'observe'].includes(to),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('keeps limits out of everything below the attempt loop, even as types', () => {
    const wrong = crossing((from, to) => ['providers', 'upstream'].includes(from) && to === 'limits');
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('lets only the composers make providers and connections; the others know them as types', () => {
    const made = ['providers/index.ts', 'upstream/client.ts', 'upstream/upstream.ts'];
    const wrong = crossing((from, _to, line) => made.includes(line.to) && !line.isType && !COMPOSERS.includes(from));
    expect(wrong.map(toLine)).toEqual([]);
  });
});

describe('the composition root', () => {
  it('imports each room at most once, types included', () => {
    const rooms = inside.filter(({ from }) => from === 'gateway.ts').map(({ to }) => roomOf(to));
    expect(rooms.filter((room, at) => rooms.indexOf(room) !== at)).toEqual([]);
  });
});

describe('services', () => {
  it('are taken in facets: only the app and its server know all of them', () => {
    const takesAll = /\bServices\b/;
    const takers = files.filter((file) =>
      takesAll.test(codeOf(file).replace(/Pick<Services,|^import .*|export interface Services\b/gm, '')),
    );
    expect(takers.sort()).toEqual(['http/app.ts', 'http/http-server.ts']);
  });
});

describe('the halves of a language: the face (client-*), and the dialect', () => {
  const isFace = (file: string): boolean => /^languages\/[a-z]+\/client-/.test(file);

  it('stay apart: a face knows the words of its language, and no dialect', () => {
    const wrong = inside.filter(
      ({ from, to }) =>
        isFace(from) &&
        dirname(to) !== 'languages' &&
        to.startsWith('languages/') &&
        !(dirname(to) === dirname(from) && (isFace(to) || ['words.ts', 'schema.ts'].includes(basename(to)))),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('stay apart: no dialect knows a face, nor a provider', () => {
    const wrong = inside.filter(
      ({ from, to }) => isFace(to) && !isFace(from) && ['languages', 'providers'].includes(roomOf(from) ?? ''),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });
});

describe('names and circles', () => {
  it('gives every type a name of its own, local ones included', () => {
    const places = new Map<string, string[]>();
    for (const file of files) {
      const declared = codeOf(file).matchAll(/^(?:export )?(?:abstract )?(?:interface|type|class) (\w+)/gm);
      for (const [, name = ''] of declared) places.set(name, [...(places.get(name) ?? []), file]);
    }
    expect([...places].filter(([, where]) => where.length > 1)).toEqual([]);
  });

  it('has no circle of imports, types included', () => {
    const open = new Set(files);
    // What imports nothing that is still open is in no circle; what is left over in the end imports itself.
    const isFree = (file: string): boolean => !inside.some(({ from, to }) => from === file && open.has(to));
    for (let free = files.filter(isFree); free.length > 0; free = [...open].filter(isFree))
      for (const file of free) open.delete(file);
    expect([...open]).toEqual([]);
  });
});

describe('libraries', () => {
  it('are dependencies of the package: the image has no others', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
    const wrong = outside.filter(({ to }) => !to.startsWith('node:') && !(to in dependencies));
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('gives the inner rooms nothing that does I/O', () => {
    const wrong = outside.filter(({ from, to, isType }) => {
      const allowed = PURE_LIBRARIES[roomOf(from) ?? ''];
      return allowed !== undefined && !isType && !allowed.includes(to);
    });
    expect(wrong.map(toLine)).toEqual([]);
  });

  it.each([
    ['undici', 'upstream'],
    ['express', 'http'],
    ['http-proxy-middleware', 'http'],
    ['yaml', 'config'],
    ['pg', 'database'],
    ['pino-pretty', 'observe'],
    ['prom-client', 'observe'],
    ['@opentelemetry/api', 'observe'],
    ['@opentelemetry/sdk-trace', 'observe'],
  ])('knows %s in %s alone, even as a type', (library, room) => {
    const wrong = outside.filter(({ from, to }) => to === library && roomOf(from) !== room);
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('makes the logger in observe alone; the composers know it as a type', () => {
    const mayName = ['observe', ...COMPOSERS];
    const wrong = outside.filter(
      ({ from, to, isType }) =>
        to === 'pino' && (isType ? !mayName.includes(roomOf(from) ?? '') : roomOf(from) !== 'observe'),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('lets node:http be imported by name only as a type', () => {
    // By name it would load Node's own fetch and web sockets as well.
    expect(outside.filter(({ to, isType }) => to === 'node:http' && !isType).map(toLine)).toEqual([]);
  });

  it('has no clock, chance or process in what is pure', () => {
    const impure = /\b(Date\.now|new Date\(\)|performance\.|Math\.random|randomUUID|setTimeout|process\.|console\.)/;
    const pure = files.filter((file) => ['protocol', 'languages', 'routing', 'limits'].includes(roomOf(file) ?? ''));
    expect(pure.filter((file) => impure.test(codeOf(file)))).toEqual([]);
  });
});

describe('vendors', () => {
  const index = 'providers/index.ts';
  const contract = 'providers/provider.ts';
  const vendors = inside
    .filter(({ from, to }) => from === index && dirname(to) === 'providers' && to !== contract)
    .map(({ to }) => basename(to, '.ts'))
    .sort((a, b) => b.length - a.length);
  const vendorOf = (file: string): string | undefined => {
    const name = dirname(file) === 'providers' ? basename(file, '.ts') : '';
    return vendors.find((vendor) => name === vendor || name.startsWith(`${vendor}-`));
  };

  it('are files of their own, beside the contract and the list', () => {
    const others = files.filter((file) => dirname(file) === 'providers' && vendorOf(file) === undefined);
    expect(others.sort()).toEqual([index, contract]);
  });

  it('are imported by the list and by their own files alone', () => {
    const wrong = inside.filter(
      ({ from, to }) => vendorOf(to) !== undefined && from !== index && vendorOf(from) !== vendorOf(to),
    );
    expect(wrong.map(toLine)).toEqual([]);
  });

  it('are called by name in no room of the line but their own', () => {
    const named = new RegExp(`'(${vendors.join('|')})'`);
    const rooms = ['protocol', 'languages', 'upstream', 'routing', 'calls', 'http', 'gateway.ts'];
    const wrong = files.filter((file) => rooms.includes(roomOf(file) ?? '') && named.test(codeOf(file)));
    expect(wrong).toEqual([]);
  });
});

describe('every file', () => {
  it(`has at most ${MAX_LINES} lines`, () => {
    const long = files.filter((file) => (texts.get(file) ?? '').split('\n').length - 1 > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('says what its types are', () => {
    expect(files.filter((file) => /(?:[:<|&,(]|\bas)\s*any\b/.test(codeOf(file)))).toEqual([]);
  });

  it('is named as a noun of the house, in kebab case', () => {
    const vague = /^(utils?|helpers?|common|types|manager|service)$/;
    const wrong = files.filter((file) => {
      const name = basename(file, '.ts');
      return vague.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
    });
    expect(wrong).toEqual([]);
  });

  it('explains what it exports', () => {
    expect(files.flatMap(undocumentedIn)).toEqual([]);
  });
});

/**
 * Exports without a docstring, but for type aliases that say all in one line and for factories of a contract that
 * stands in the same file: what `createX(): X` promises is said at `X`.
 */
function undocumentedIn(file: string): string[] {
  const lines = (texts.get(file) ?? '').split('\n');
  return lines.flatMap((line, at) => {
    const name = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|interface|type) (\w+)/.exec(line)?.[1];
    if (name === undefined || /\*\/$/.test(lines[at - 1] ?? '')) return [];
    const isAlias = /^export type .*;$/.test(line);
    const made = /\): (\w+) \{$/.exec(line)?.[1];
    const isFactory = name === `create${made}` && lines.some((other) => other.startsWith(`export interface ${made} `));
    return isAlias || isFactory ? [] : [`${file}: ${name}`];
  });
}

/** The file without its comments. */
function codeOf(file: string): string {
  return (texts.get(file) ?? '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
