import { randomBytes } from 'node:crypto';
import { ACCESS_ROOM, type Access, createAccess, type Manager } from '../access/access.ts';
import type { MadeKey } from '../access/key-management.ts';
import type { KeptKey } from '../access/records.ts';
import type { Environment } from '../config/environment.ts';
import { loadAccess } from '../config/load.ts';
import { createDatabase } from '../database/engines.ts';
import { parseGrace, parseNewKey } from '../http/keys/bodies.ts';
import { UNKNOWN_SPENT } from '../http/keys/figures.ts';
import { toKeyData } from '../http/keys/shapes.ts';
import { GatewayError } from '../protocol/errors.ts';
import { CommandLineError } from './command-line-error.ts';
import type { KeysFlags, KeysOptions } from './keys-arguments.ts';
import { alignColumns, toText } from './table.ts';

/** Who sits at the machine of the database manages all of it. */
const OPERATOR: Manager = { name: 'command line', actor: 'command line', hash: null, manages: 'everything' };
const MAX_LISTED = 1000;

/**
 * Keys in the database of a configuration, made and managed without a running gateway: the first one, and those of people
 * without a browser. Gateways at that database know of a change within a second.
 * @throws CommandLineError
 */
export async function keys(options: KeysOptions, env: Environment): Promise<string> {
  const { orgs, database: config } = loadAccess({ path: options.configPath, env });
  const database = await createDatabase(config, { access: ACCESS_ROOM });
  const now = (): number => Date.now();
  const passthrough = { default: null, isShared: true, reserveUsd: 0, bodyLimitBytes: 0 };
  const access = createAccess(database.stores.access, {
    config: () => ({ keys: [], orgs, passthrough, keyLookUps: NO_CACHE }),
    isThere: database.isThere,
    now,
    random: randomBytes,
    forget: () => undefined,
    database: config.shown,
    // What goes wrong is told by the command itself.
    notes: { info: () => undefined, error: () => undefined },
  });
  try {
    return await carryOut(access, options);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const reason = error.cause instanceof Error ? ` (${config.shown}: ${error.cause.message})` : '';
    throw new CommandLineError(`keys ${options.action}: ${error.message.replace(/\.$/, '')}${reason}`, {
      cause: error,
    });
  } finally {
    await database.close();
  }
}

const NO_CACHE = { cacheMs: 0, staleMs: 0, maxCached: 1 };

async function carryOut({ keys: management }: Access, options: KeysOptions): Promise<string> {
  const { action, flags, isJson } = options;
  if (action === 'create') return madeText(await management.create(OPERATOR, parseNewKey(toBody(flags))), isJson);
  if (action === 'list') {
    const query = { orgId: flags.org ?? null, includesDisabled: true, offset: 0, limit: MAX_LISTED };
    const { keys: found, total } = await management.list(OPERATOR, query);
    return isJson ? json({ data: found.map(data), total }) : toText(listLines(found, total));
  }
  const { hash } = await management.findBeginning(OPERATOR, options.hash);
  switch (action) {
    case 'show':
      return keyText(await management.find(OPERATOR, hash), isJson);
    case 'disable':
    case 'enable':
      return keyText(await management.change(OPERATOR, hash, { isDisabled: action === 'disable' }), isJson);
    case 'rotate':
      return madeText(await management.rotate(OPERATOR, hash, parseGrace({ grace: flags.grace })), isJson);
    case 'delete':
      await management.remove(OPERATOR, hash);
      return isJson ? json({ deleted: true }) : toText([`deleted ${hash}`]);
    default:
      return action satisfies never;
  }
}

/** Flags as the body of `POST /v1/keys`. */
function toBody(flags: KeysFlags): object {
  const { name, kind, org: org_id, models, routes, expires: expires_at, limit, rpm, tpm } = flags;
  const given = {
    ...{ name, kind, org_id, expires_at, limit_reset: flags['limit-reset'] },
    models: models?.split(','),
    routes: routes?.split(','),
    limit: toNumber(limit),
    rpm_limit: toNumber(rpm),
    tpm_limit: toNumber(tpm),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** What is no number is judged with everything else. */
function toNumber(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function madeText({ key, secret }: MadeKey, isJson: boolean): string {
  if (isJson) return json({ data: data(key), key: secret });
  return toText([
    ...keyLines(key),
    '',
    `key          ${secret}`,
    '             shown this once: only its digest is kept',
  ]);
}

function keyText(key: KeptKey, isJson: boolean): string {
  return isJson ? json({ data: data(key) }) : toText(keyLines(key));
}

function keyLines(key: KeptKey): string[] {
  const { usage: _usage, ...shown } = data(key);
  const told = Object.entries(shown).filter(([name, value]) => value !== null && !name.startsWith('usage_'));
  return told.map(([name, value]) => `${name.padEnd(12)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
}

function listLines(found: readonly KeptKey[], total: number): string[] {
  const head = ['hash', 'name', 'kind', 'org', 'label', 'state', 'last used'];
  const rows = found.map((key) => [
    key.hash.slice(0, 12),
    key.name,
    key.kind,
    key.orgId ?? '-',
    key.label,
    stateOf(key),
    key.lastUsedAt === null ? '-' : new Date(key.lastUsedAt).toISOString().slice(0, 16),
  ]);
  const lines = alignColumns([head, ...rows], () => false);
  return total > found.length ? [...lines, '', `Only the newest ${found.length} of ${total} are shown.`] : lines;
}

function stateOf({ isDisabled, expiresAt }: KeptKey): string {
  if (isDisabled) return 'disabled';
  return expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'ok';
}

function data(key: KeptKey): Readonly<Record<string, unknown>> {
  return toKeyData(key, UNKNOWN_SPENT) as Readonly<Record<string, unknown>>;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
