import type { Request, RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import type { ShownOrg } from '../../access/org-management.ts';
import { parseNewOrg, parseOrgChange } from './bodies.ts';
import { readSpent, UNKNOWN_SPENT } from './figures.ts';
import type { KeyServices } from './keys.ts';
import { parseCancels, parseOrgsQuery } from './queries.ts';
import { toOrgData } from './shapes.ts';

/** `POST /v1/orgs` */
export function createOrg(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const org = await services.access.orgs.create(keyOf(response), parseNewOrg(request.body));
    const [data] = await orgsData([org], services);
    response.status(201).json({ data });
  };
}

/** `GET /v1/orgs`: those of the file, then the others by their ids. */
export function listOrgs(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const { offset, limit } = parseOrgsQuery(request.query);
    const { orgs, total } = await services.access.orgs.list(keyOf(response), offset, limit);
    response.json({ data: await orgsData(orgs, services), total });
  };
}

/** `GET /v1/orgs/:id` */
export function retrieveOrg(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const org = await services.access.orgs.find(keyOf(response), idOf(request));
    const [data] = await orgsData([org], services);
    response.json({ data });
  };
}

/** `PATCH /v1/orgs/:id`: what is missing stays, what is null is removed. Calls in flight run on, unless `?cancel=true`. */
export function updateOrg(services: KeyServices): RequestHandler {
  return async (request, response) => {
    const cancels = parseCancels(request.query);
    const org = await services.access.orgs.change(keyOf(response), idOf(request), parseOrgChange(request.body));
    if (cancels) services.calls.tracker.cancelScope(scopeOf(org));
    const [data] = await orgsData([org], services);
    response.json({ data });
  };
}

/** `DELETE /v1/orgs/:id`: with its teams and all their keys. Calls in flight run on, unless `?cancel=true`. */
export function deleteOrg({ access, calls }: KeyServices): RequestHandler {
  return async (request, response) => {
    const cancels = parseCancels(request.query);
    const id = idOf(request);
    await access.orgs.remove(keyOf(response), id);
    if (cancels) calls.tracker.cancelScope(scopeOf({ id }));
    response.json({ deleted: true });
  };
}

/** What an organisation has spent is its own and its teams': their calls have to pass it, too. */
async function orgsData(orgs: readonly ShownOrg[], services: KeyServices): Promise<readonly object[]> {
  const spent = await readSpent(orgs.map(scopeOf), services);
  return orgs.map((org, at) => toOrgData(org, spent[at] ?? UNKNOWN_SPENT));
}

function scopeOf({ id }: Pick<ShownOrg, 'id'>): string {
  return `org:${id}`;
}

function keyOf({ locals }: Response): Key {
  return locals['key'] as Key;
}

function idOf(request: Request): string {
  return String(request.params['id']);
}
