import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import type { KeptTurn, NewItem, NewResponse, TurnPlace } from '../../src/conversations/records.ts';
import { THREADS } from '../../src/conversations/room.ts';
import type { ThreadStore } from '../../src/conversations/store.ts';
import { createDatabase } from '../../src/database/engines.ts';
import { textOf } from '../../src/database/operation.ts';
import { temporaryFolder } from '../support/config-files.ts';
import { createPostgresDatabase, NO_POSTGRES } from '../support/postgres.ts';

/** The engines on which every test of the store runs. */
export const ENGINES: readonly (readonly [string, boolean, () => string | Promise<string>])[] = [
  ['SQLite', false, () => join(temporaryFolder(), 'sluice.db')],
  ['Postgres', NO_POSTGRES, createPostgresDatabase],
];

export async function openThreads(createUrl: () => string | Promise<string>): Promise<ThreadStore> {
  const config = parseDatabaseUrl(await createUrl());
  if (config === null) throw new Error('The test has no URL.');
  const database = await createDatabase(config, { threads: THREADS });
  onTestFinished(() => database.close());
  return database.stores.threads;
}

export const OWNER = 'key:a';
const DAY = 86_400_000;

/** A response that ended well at `at`, and expires a day later. */
export function responseOf(id: string, at: number, parts: Partial<NewResponse> = {}): NewResponse {
  return {
    id,
    owner: OWNER,
    key: 'a',
    status: 'completed',
    isBackground: false,
    isStreamed: false,
    createdAt: at,
    expiresAt: at + DAY,
    body: JSON.stringify({ id }),
    worker: null,
    leaseUntil: null,
    remote: null,
    ...parts,
  };
}

export function item(id: string, type = 'message', words = id): NewItem {
  return { id, type, body: JSON.stringify({ id, type }), state: null, words };
}

/** A turn that asks `<id>-in` and is answered `<id>-out`. */
export function turnOf(id: string, place: TurnPlace, at = 1000, parts: Partial<NewResponse> = {}): KeptTurn {
  return {
    response: responseOf(id, at, parts),
    completedAt: at,
    place,
    newThread: `thr_${id}`,
    input: [item(`${id}-in`)],
    output: [item(`${id}-out`)],
  };
}

/** Puts down a response as a child of another one. */
export async function commitChild(store: ThreadStore, parent: string, id: string, at = 1000): Promise<void> {
  const found = await store.find(OWNER, parent);
  if (found === null || found.response.thread === null || found.response.turn === null) throw new Error('No parent.');
  const { thread, turn } = found.response;
  await store.commit(turnOf(id, { kind: 'child', thread, turn }, at));
}

/** The ids of what a child of this response knows. */
export async function contextIds(store: ThreadStore, id: string): Promise<readonly string[] | string> {
  const found = await store.find(OWNER, id);
  if (found === null) return 'unknown';
  const { items, missing } = await store.contextOf(found.response, true);
  return missing === null ? idsIn(items) : `without ${missing}`;
}

/** @param items as a JSON list */
export function idsIn(items: string | Uint8Array): readonly string[] {
  return (JSON.parse(textOf(items)) as { id: string }[]).map(({ id }) => id);
}
