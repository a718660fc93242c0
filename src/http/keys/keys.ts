import type { Request, RequestHandler, Response } from 'express';
import type { MadeKey } from '../../access/key-management.ts';
import type { Key } from '../../access/keys.ts';
import type { KeptKey } from '../../access/records.ts';
import type { Services } from '../services.ts';
import { requesterOf } from '../usage.ts';
import { ownUsage } from '../usage-query.ts';
import { parseGrace, parseKeyChange, parseNewKey } from './bodies.ts';
import { readSpent, type SpentFigures } from './figures.ts';
import { parseKeysQuery } from './queries.ts';
import { toKeyData, toOwnData } from './shapes.ts';

/** What managing keys takes of the rest of the house. */
export type KeyServices = Pick<Services, 'access' | 'reports' | 'calls'>;

/** `POST /v1/keys`: the secret is told this once. */
export function createKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const made = await services.access.keys.create(keyOf(response), parseNewKey(request.body));
    response.status(201).json(await madeData(made, response, services));
  };
}

/** `GET /v1/keys`: those within the caller's reach, the newest first. */
export function listKeys(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const { keys, total } = await services.access.keys.list(keyOf(response), parseKeysQuery(request.query));
    const { reports, calls } = services;
    const everybody = { key: null, org: null };
    const spentOf = await readSpent('key_hash', everybody, reports, requesterOf(response), calls.context.now());
    response.json({ data: keys.map((key) => toKeyData(key, spentOf(key.hash))), total });
  };
}

/** `GET /v1/keys/:hash` */
export function retrieveKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const key = await services.access.keys.find(keyOf(response), hashOf(request));
    response.json({ data: await keyData(key, response, services) });
  };
}

/** `PATCH /v1/keys/:hash`: what is missing stays, what is null is removed. */
export function updateKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const change = parseKeyChange(request.body);
    const key = await services.access.keys.change(keyOf(response), hashOf(request), change);
    response.json({ data: await keyData(key, response, services) });
  };
}

/** `DELETE /v1/keys/:hash`: what it has used stays on record. */
export function deleteKey({ access }: KeyServices): RequestHandler {
  return async (request, response) => {
    await access.keys.remove(keyOf(response), hashOf(request));
    response.json({ deleted: true });
  };
}

/** `POST /v1/keys/:hash/rotate`: another secret; the one before holds for `grace`. */
export function rotateKey(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const grace = parseGrace(request.body);
    const made = await services.access.keys.rotate(keyOf(response), hashOf(request), grace);
    response.json(await madeData(made, response, services));
  };
}

/** `GET /v1/key`: the caller's own, whatever it is for. */
export function retrieveOwnKey({ reports, calls }: KeyServices): RequestHandler {
  return async (_request, response) => {
    const key = keyOf(response);
    const spentOf = await readSpent(null, ownUsage(key), reports, requesterOf(response), calls.context.now());
    response.json({ data: toOwnData(key, spentOf('')) });
  };
}

async function madeData({ key, secret }: MadeKey, response: Response, services: KeyServices): Promise<object> {
  // No proxy, browser or page keeps what is told once.
  response.set('cache-control', 'no-store');
  return { data: await keyData(key, response, services), key: secret };
}

async function keyData(key: KeptKey, response: Response, services: KeyServices): Promise<object> {
  return toKeyData(key, await spentBy(key, response, services));
}

async function spentBy({ hash }: KeptKey, response: Response, { reports, calls }: KeyServices): Promise<SpentFigures> {
  const only = { key: hash, org: null };
  return (await readSpent(null, only, reports, requesterOf(response), calls.context.now()))('');
}

function keyOf({ locals }: Response): Key {
  return locals['key'] as Key;
}

function hashOf(request: Request): string {
  return String(request.params['hash']);
}
