import { randomBytes } from 'node:crypto';

import { createAccess } from '../../src/access/access.ts';
import type { NewKey } from '../../src/access/key-management.ts';
import { ACCESS } from '../../src/access/room.ts';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import { createDatabase } from '../../src/database/engines.ts';
import { type JsonRecord, parseJson, recordOf } from '../../src/protocol/json.ts';
import { LOOK_UPS } from './access.ts';
import { runGateway, type TestGateway } from './gateway.ts';
import { whenFree } from './when-free.ts';

/** What a gateway said. */
export interface ManagedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonRecord;
  readonly data: JsonRecord;
  readonly code: unknown;
}

/** Asks with this key. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ManagedAnswer>;

/** A gateway over a database, with a management key that was there before it. */
export interface ManagedScene {
  readonly gateway: TestGateway;
  readonly url: string;
  /** Manages everything. */
  readonly boss: Ask;
  readonly bossKey: string;
  as(secret: string): Ask;
  /** Makes a key, as its secret and its hash. */
  make(body: object): Promise<{ secret: string; hash: string; ask: Ask }>;
}

const NEW_KEY: NewKey = {
  kind: 'management',
  name: 'boss',
  orgId: null,
  isDisabled: false,
  expiresAt: null,
  limits: {},
  models: null,
  routes: null,
  metadata: {},
};

/** Makes a key in a database as another process does. */
export async function makeKeyElsewhere(databaseUrl: string, parts: Partial<NewKey> = {}): Promise<string> {
  const config = parseDatabaseUrl(databaseUrl);
  if (config === null) throw new Error('The test has no URL.');
  const database = await createDatabase(config, { access: ACCESS });
  const passthrough = { default: null, isShared: false, reserveUsd: 0, bodyLimitBytes: 0 };
  const { keys } = createAccess(database.stores.access, {
    config: () => ({ keys: [], orgs: new Map(), passthrough, keyLookUps: LOOK_UPS }),
    isThere: () => true,
    now: Date.now,
    random: randomBytes,
    forget: () => undefined,
    limitsChanged: async () => undefined,
    database: databaseUrl,
    notes: { info: () => undefined, error: () => undefined },
  });
  const manager = { name: 'test', hash: null, manages: 'everything' as const };
  try {
    // A gateway may write to the same file meanwhile.
    const { secret } = await whenFree(() => keys.create(manager, { ...NEW_KEY, ...parts }));
    return secret;
  } finally {
    await database.close();
  }
}

/** @param rest of the configuration */
export async function openManaged(
  databaseUrl: string,
  rest = '',
  store: 'sqlite' | 'none' = 'sqlite',
): Promise<ManagedScene> {
  const bossKey = await makeKeyElsewhere(databaseUrl);
  const gateway = await runGateway(
    `providers: { demo: { kind: demo }, other: { kind: demo } }\nserver: { drain: 0ms }\n${rest}\n` +
      `database: { url: ${JSON.stringify(databaseUrl)} }\nusage: { store: ${store} }\n`,
  );
  const as = (secret: string): Ask => askOf(gateway.url, secret);
  const boss = as(bossKey);
  return {
    gateway,
    url: gateway.url,
    boss,
    bossKey,
    as,
    async make(body) {
      const made = await boss('POST', '/v1/keys', { name: 'made', ...body });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      const secret = String(made.body['key']);
      return { secret, hash: String(made.data['hash']), ask: as(secret) };
    },
  };
}

/** A chat of one word. */
export function chatWith(
  ask: Ask,
  model = 'demo',
  headers: Readonly<Record<string, string>> = {},
): Promise<ManagedAnswer> {
  return ask('POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] }, headers);
}

export function askOf(url: string, secret: string | null): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(secret === null ? {} : { authorization: `Bearer ${secret}` }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const parsed = recordOf(parseJson(await response.text()));
    return {
      status: response.status,
      headers: response.headers,
      body: parsed,
      data: recordOf(parsed['data']),
      code: recordOf(parsed['error'])['code'],
    };
  };
}
