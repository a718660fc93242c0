import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import type { KeptKey } from '../../access/records.ts';
import { GatewayError } from '../../protocol/errors.ts';
import type { Services } from '../services.ts';
import { parseGrace, parseKeyChange, parseNewKey, parseReset } from './bodies.ts';
import { NOTHING_SPENT, readSpent, UNKNOWN_SPENT } from './figures.ts';
import { parseCancels, parseKeysQuery } from './queries.ts';
import { toKeyAnswer, toOwnData } from './shapes.ts';
import { listStaticKeys } from './static-keys.ts';

/** No proxy, browser or page keeps what is told once. */
const TOLD_ONCE = { 'cache-control': 'no-store' } as const;

/** What managing keys takes of the rest of the house. */
export type KeyServices = Pick<Services, 'access' | 'reports' | 'observers' | 'calls'>;

/** `POST /v1/keys`: the secret is told this once. */
export function createKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const { key, secret } = await services.access.keys.create(keyOf(response), parseNewKey(request.body));
    // Its figures are known without a database, and clients that want numbers are told the secret also while it is away.
    response
      .status(201)
      .set(TOLD_ONCE)
      .json({ data: toKeyAnswer(key, NOTHING_SPENT), key: secret });
  };
}

/** `GET /v1/keys`: keys within the caller's reach, the newest first; `static=true`: of the file. */
export function listKeys(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const query = parseKeysQuery(request.query);
    if (query.isStatic) {
      response.json(await listStaticKeys(keyOf(response), query, services));
      return;
    }
    const { keys, total } = await services.access.keys.list(keyOf(response), query);
    const spent = await readSpent(keys.map(scopeOf), services);
    response.json({ data: keys.map((key, at) => toKeyAnswer(key, spent[at] ?? UNKNOWN_SPENT)), total });
  };
}

/** `GET /v1/keys/:hash` */
export function retrieveKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const key = await services.access.keys.find(keyOf(response), hashOf(request));
    response.json({ data: await keyData(key, services) });
  };
}

/** `PATCH /v1/keys/:hash`: what is missing stays, what is null is removed. Calls in flight run on, unless `?cancel=true`. */
export function updateKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const cancels = parseCancels(request.query);
    const change = parseKeyChange(request.body);
    const key = await services.access.keys.change(keyOf(response), hashOf(request), change);
    if (cancels) services.calls.tracker.cancelScope(scopeOf(key));
    response.json({ data: await keyData(key, services) });
  };
}

/** `DELETE /v1/keys/:hash`: what it has used stays on record. Calls in flight run on, unless `?cancel=true`. */
export function deleteKey({ access, calls }: KeyServices): RequestHandler {
  return async (request, response) => {
    const cancels = parseCancels(request.query);
    const hash = hashOf(request);
    await access.keys.remove(keyOf(response), hash);
    if (cancels) calls.tracker.cancelScope(scopeOf({ hash }));
    response.json({ deleted: true });
  };
}

/** `POST /v1/keys/:hash/rotate`: another secret; the one before holds for `grace`. */
export function rotateKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const grace = parseGrace(request.body);
    const { key, secret } = await services.access.keys.rotate(keyOf(response), hashOf(request), grace);
    response.set(TOLD_ONCE).json({ data: await keyData(key, services), key: secret });
  };
}

/** `POST /v1/keys/:hash/reset`: a window of its budget begins anew. The log stays as it is. */
export function resetKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const { access, reports, observers } = services;
    const window = parseReset(request.body);
    const key = await access.keys.reset(keyOf(response), hashOf(request), window);
    observers.flush();
    await counted(reports.spend.reset(scopeOf(key), window));
    response.json({ data: await keyData(key, services) });
  };
}

/** `GET /v1/key`: the caller's own, whatever it is for. */
export function retrieveOwnKey(services: KeyServices): RequestHandler {
  return async (_request, response) => {
    const key = keyOf(response);
    const scopes = services.reports.spend.counts(key) ? key.scopes : [];
    const spent = await readSpent(
      scopes.map(({ id }) => id),
      services,
    );
    response.json({ data: toOwnData(key, spent) });
  };
}

async function keyData(key: KeptKey, services: KeyServices): Promise<object> {
  const [spent = UNKNOWN_SPENT] = await readSpent([scopeOf(key)], services);
  return toKeyAnswer(key, spent);
}

/** @throws GatewayError 503 `store_unavailable` */
async function counted(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const message = 'What was spent cannot be changed just now. Try again in a moment.';
    throw new GatewayError('store_unavailable', message, { cause: error });
  }
}

function scopeOf({ hash }: Pick<KeptKey, 'hash'>): string {
  return `key:${hash}`;
}

function keyOf({ locals }: Response): Key {
  return locals['key'] as Key;
}

function hashOf(request: Request): string {
  return String(request.params['hash']);
}
