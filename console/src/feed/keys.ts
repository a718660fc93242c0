import { getJson, send } from './client.ts';
import type { KeyBody, OrgBody, StaticKeyBody } from './wire.ts';

/** A part of a list, and how many there are in all. */
export interface Listed<T> {
  readonly data: readonly T[];
  readonly total: number;
}

/** Which keys are looked for. */
export interface KeyFilter {
  /** In the name, or where the hash begins. */
  readonly words: string;
  /** An organisation; empty for all. */
  readonly org: string;
  readonly withDisabled: boolean;
}

/** A window of a budget. */
export type BudgetWindow = 'day' | 'week' | 'month' | 'total';

/** A key with its secret, which the gateway tells this once. */
export interface MadeKey {
  readonly data: KeyBody;
  readonly key: string;
}

/** As many as the gateway lists at once. */
const MOST = 100;

/** Keys made at run time, the newest first. */
export function listKeys(
  { words, org, withDisabled }: KeyFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  abort: AbortSignal,
): Promise<Listed<KeyBody>> {
  const query = new URLSearchParams({ offset: String(offset), limit: String(limit), q: words, org_id: org });
  if (withDisabled) query.set('include_disabled', 'true');
  return getJson(`/v1/keys?${query}`, abort);
}

/** The first hundred keys of the file. */
export function listStaticKeys({ words, org }: KeyFilter, abort: AbortSignal): Promise<Listed<StaticKeyBody>> {
  const query = new URLSearchParams({ static: 'true', limit: String(MOST), q: words, org_id: org });
  return getJson(`/v1/keys?${query}`, abort);
}

/** The first hundred organisations and teams: what stands in the file comes first. */
export function listOrgs(abort: AbortSignal): Promise<Listed<OrgBody>> {
  return getJson(`/v1/orgs?limit=${MOST}`, abort);
}

/** @throws ApiError 404 */
export async function readKey(hash: string, abort: AbortSignal): Promise<KeyBody> {
  return (await getJson<{ data: KeyBody }>(pathOf(hash), abort)).data;
}

/** @param body in the words of the API @throws ApiError */
export function createKey(body: object): Promise<MadeKey> {
  return ask('POST', '/v1/keys', body);
}

/** What is missing stays, what is null is removed. @param endsCalls whether its calls in flight end @throws ApiError */
export async function changeKey(hash: string, change: object, endsCalls = false): Promise<void> {
  await ask('PATCH', `${pathOf(hash)}?cancel=${endsCalls}`, change);
}

/** Another secret. @param grace how long the one before holds, as `24h` @throws ApiError */
export function rotateKey(hash: string, grace: string): Promise<MadeKey> {
  return ask('POST', `${pathOf(hash)}/rotate`, { grace });
}

/** A window of its budget begins anew. @throws ApiError */
export async function resetSpend(hash: string, window: BudgetWindow): Promise<void> {
  await ask('POST', `${pathOf(hash)}/reset`, { window });
}

/** @param endsCalls whether its calls in flight end @throws ApiError */
export async function deleteKey(hash: string, endsCalls: boolean): Promise<void> {
  await ask('DELETE', `${pathOf(hash)}?cancel=${endsCalls}`);
}

/** @throws ApiError */
export async function createOrg(body: object): Promise<void> {
  await ask('POST', '/v1/orgs', body);
}

/** What is missing stays, what is null is removed. @throws ApiError */
export async function changeOrg(id: string, change: object): Promise<void> {
  await ask('PATCH', `/v1/orgs/${encodeURIComponent(id)}`, change);
}

/** With its teams and all their keys. @param endsCalls whether their calls in flight end @throws ApiError */
export async function deleteOrg(id: string, endsCalls: boolean): Promise<void> {
  await ask('DELETE', `/v1/orgs/${encodeURIComponent(id)}?cancel=${endsCalls}`);
}

/** How many keys these organisations have, disabled ones too. @throws ApiError */
export async function countKeys(orgs: readonly string[], abort: AbortSignal): Promise<number> {
  const none = { offset: 0, limit: 1 };
  const lists = orgs.map((org) => listKeys({ words: '', org, withDisabled: true }, none, abort));
  return (await Promise.all(lists)).reduce((sum, { total }) => sum + total, 0);
}

function pathOf(hash: string): string {
  return `/v1/keys/${encodeURIComponent(hash)}`;
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const sent = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await send(path, { method, ...sent })).json() as Promise<T>;
}
