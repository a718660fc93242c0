import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestHandler, Response } from 'express';
import { GatewayError } from '../protocol/errors.ts';
import type { Services } from './services.ts';

/** One place from `src/http` and from `dist/http`. */
const BUILT = join(import.meta.dirname, '../../dist/console');

const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof ENCODINGS;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Nothing but what the gateway serves runs, loads or is sent to; and no page is made from text (Trusted Types). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const SAFETY = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Names with a hash of the content: what is under one never changes. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;

const NOT_BUILT =
  'The console is not built. In a clone: npm ci && npm start (its build needs the development dependencies); the npm ' +
  'package and the image have it. The API works without it.\n';

/** A file as it is sent, in each encoding that the build has made. */
interface ConsoleFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly encoded: Readonly<Partial<Record<Encoding, Buffer>>>;
}

type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

/**
 * `GET /console/…`: the browser's program, each file read once. Paths that are no file's are pages of it, and get the
 * index. There is no data in it, so it is open to everybody.
 * @param folder where the build is
 */
export function serveConsole(folder: string = BUILT): RequestHandler {
  let files: ConsoleFiles | null = null;
  return async (request, response) => {
    if (request.path === '/console') return response.redirect('/console/');
    files ??= await readFiles(folder);
    const index = files?.get('index.html');
    if (files === null || index === undefined) return void response.status(503).type('text/plain').send(NOT_BUILT);
    const name = request.path.slice('/console/'.length);
    const file = files.get(name);
    if (file === undefined && name.startsWith('assets/')) {
      throw new GatewayError('unknown_url', `The console has no file ${name.slice(0, 100)}. Load its page anew.`);
    }
    const keeping = HASHED.test(name) && file !== undefined ? 'public, max-age=31536000, immutable' : 'no-store';
    sendFile(response, file ?? index, keeping, encodingFor(request.get('accept-encoding')));
  };
}

/** `GET /`: leads browsers to the console, unless it is switched off, and tells programs what is here. */
export function showIndex({ lifecycle, snapshot }: Pick<Services, 'lifecycle' | 'snapshot'>): RequestHandler {
  return (request, response) => {
    const { isEnabled } = snapshot().config.console;
    response.vary('accept');
    if (isEnabled && request.get('accept')?.includes('text/html')) return response.redirect('/console/');
    const links = {
      ...(isEnabled && { console: '/console/' }),
      openapi: '/openapi.json',
      models: '/v1/models',
      health: '/health',
      ready: '/ready',
      metrics: '/metrics',
    };
    response.json({ object: 'index', name: 'sluice', version: lifecycle.version, links });
  };
}

/** Null where nothing is built: looked at again with the next request, as someone may build it. */
async function readFiles(folder: string): Promise<ConsoleFiles | null> {
  const names = await namesIn(folder);
  const shown = names.filter((name) => TYPES[extensionOf(name)] !== undefined);
  if (shown.length === 0) return null;
  return new Map(await Promise.all(shown.map(async (name) => [name, await readOne(folder, name, names)] as const)));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readOne(folder: string, name: string, names: readonly string[]): Promise<ConsoleFile> {
  const encoded: Partial<Record<Encoding, Buffer>> = {};
  for (const [encoding, ending] of Object.entries(ENCODINGS)) {
    if (names.includes(name + ending)) encoded[encoding as Encoding] = await readFile(join(folder, name + ending));
  }
  return { type: TYPES[extensionOf(name)] ?? '', plain: await readFile(join(folder, name)), encoded };
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function sendFile(response: Response, file: ConsoleFile, keeping: string, wanted: readonly Encoding[]): void {
  const encoding = wanted.find((one) => file.encoded[one] !== undefined);
  const body = (encoding && file.encoded[encoding]) ?? file.plain;
  response.set({ ...SAFETY, 'content-type': file.type, 'cache-control': keeping }).vary('accept-encoding');
  if (encoding !== undefined) response.set('content-encoding', encoding);
  response.send(body);
}

/** The best first, of those that a browser takes. */
function encodingFor(accepted = ''): readonly Encoding[] {
  const taken = accepted.split(',').filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part));
  const names = taken.map((part) => part.split(';', 1)[0]?.trim().toLowerCase());
  return (['br', 'gzip'] as const).filter((encoding) => names.includes(encoding));
}
