import type { RequestHandler } from 'express';
import type { Key } from '../access/keys.ts';
import { GatewayError } from '../protocol/errors.ts';
import { isRecord } from '../protocol/json.ts';
import { requireAdmin } from './route-check.ts';
import type { Services } from './services.ts';

/** `GET /v1/config`: the configuration that runs, without its secrets; for an admin. */
export function showConfig({ configuration }: Pick<Services, 'configuration'>): RequestHandler {
  return (_request, response) => {
    requireAdmin(response.locals['key'] as Key, 'GET /v1/config');
    response.set('cache-control', 'no-store').json(configuration.show());
  };
}

/** The shipped files have 66 KB. */
const MAX_CHARS = 512 * 1024;
const MAX_FILES = 10;

/** `POST /v1/config/check`: what is wrong with these files; nothing is taken up. For an admin. */
export function checkConfig({ configuration }: Pick<Services, 'configuration'>): RequestHandler {
  return async (request, response) => {
    requireAdmin(response.locals['key'] as Key, 'POST /v1/config/check');
    response.json(await configuration.check(filesOf(request.body)));
  };
}

function filesOf(body: unknown): ReadonlyMap<string, string> {
  const files = isRecord(body) ? body['files'] : undefined;
  if (!isRecord(files)) throw wrongFiles('expected texts by the names of their files: {"files":{"gateway.yaml":"…"}}');
  const entries = Object.entries(files).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw wrongFiles(`expected a text for '${name.slice(0, 60)}'`);
    return [name, text];
  });
  if (entries.length < 1 || entries.length > MAX_FILES) throw wrongFiles(`expected 1 to ${MAX_FILES} files`);
  if (entries.reduce((sum, [, text]) => sum + text.length, 0) > MAX_CHARS)
    throw wrongFiles(`expected at most ${MAX_CHARS} characters in all`);
  return new Map(entries);
}

function wrongFiles(what: string): GatewayError {
  return new GatewayError('invalid_value', `files: ${what}.`, { param: 'files' });
}
