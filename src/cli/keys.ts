import { randomBytes } from 'node:crypto';
import { ACCESS_ROOM, type Access, createAccess, type Manager } from '../access/access.ts';
import type { MadeKey } from '../access/key-management.ts';
import { windowOf } from '../access/limits.ts';
import type { KeptKey } from '../access/records.ts';
import type { Environment } from '../config/environment.ts';
import { loadAccess } from '../config/load.ts';
import { createDatabase } from '../database/engines.ts';
import { parseGrace, parseNewKey, parseReset } from '../http/keys/bodies.ts';
import { spentFigures, UNKNOWN_SPENT } from '../http/keys/figures.ts';
import { GatewayError } from '../protocol/errors.ts';
import type { SpendBook } from '../usage/spend-book.ts';
import { USAGE_ROOM } from '../usage/usage-room.ts';
import { CommandLineError } from './command-line-error.ts';
import { createKeptSpend } from './kept-spend.ts';
import type { KeysFlags, KeysOptions } from './keys-arguments.ts';
import { keyData, keyText, listText, type OrgState, type ShownKey } from './keys-text.ts';
import { toText } from './table.ts';

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
  const database = await createDatabase(config, { access: ACCESS_ROOM, usage: USAGE_ROOM });
  const now = (): number => Date.now();
  const passthrough = { default: null, isShared: true, reserveUsd: 0, bodyLimitBytes: 0 };
  const access = createAccess(database.stores.access, {
    config: () => ({ keys: [], orgs, passthrough, keyLookUps: NO_CACHE }),
    isThere: database.isThere,
    now,
    random: randomBytes,
    forget: () => undefined,
    limitsChanged: async () => undefined,
    database: config.shown,
    // What goes wrong is told by the command itself.
    notes: { info: () => undefined, error: () => undefined },
  });
  try {
    const spend = createKeptSpend(database.stores.usage, now);
    return await carryOut({ management: access.keys, orgs: access.orgs, spend }, options);
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

/** The keys of a database, and what they have spent. */
interface KeyBook {
  readonly management: Access['keys'];
  readonly orgs: Pick<Access['orgs'], 'find'>;
  readonly spend: Pick<SpendBook, 'read' | 'reset'>;
}

async function carryOut(book: KeyBook, options: KeysOptions): Promise<string> {
  const { management } = book;
  const { action, flags, isJson } = options;
  if (action === 'create')
    return madeAnswer(book, await management.create(OPERATOR, parseNewKey(toBody(flags))), isJson);
  if (action === 'list') {
    const query = { orgId: flags.org ?? null, includesDisabled: true, words: null, offset: 0, limit: MAX_LISTED };
    const { keys: found, total } = await management.list(OPERATOR, query);
    const spent = await spentFigures(found.map(scopeOf), book.spend);
    const shown = found.map((key, at) => ({ key, spent: spent[at] ?? UNKNOWN_SPENT }));
    if (isJson) return json({ data: shown.map(keyData), total });
    return listText(shown, total, await orgStates(found, book));
  }
  const { hash } = await management.findBeginning(OPERATOR, options.hash);
  switch (action) {
    case 'show':
      return keyAnswer(book, await management.find(OPERATOR, hash), isJson);
    case 'disable':
    case 'enable':
      return keyAnswer(book, await management.change(OPERATOR, hash, { isDisabled: action === 'disable' }), isJson);
    case 'rotate':
      return madeAnswer(book, await management.rotate(OPERATOR, hash, parseGrace({ grace: flags.grace })), isJson);
    case 'reset':
      return keyAnswer(book, await reset(book, hash, flags.window), isJson);
    case 'delete':
      await management.remove(OPERATOR, hash);
      return isJson ? json({ deleted: true }) : toText([`deleted ${hash}`]);
    default:
      return action satisfies never;
  }
}

/** Of the organisations of these keys, by id: those whose keys are refused, and why. */
async function orgStates(listed: readonly KeptKey[], { orgs }: KeyBook): Promise<ReadonlyMap<string, OrgState>> {
  const stateOf = async (id: string): Promise<OrgState | null> => {
    const org = await orgs.find(OPERATOR, id).catch(nullIfGone);
    if (org === null) return 'org gone';
    if (org.isDisabled) return 'org disabled';
    return org.parentId === null ? null : stateOf(org.parentId);
  };
  const ids = [...new Set(listed.flatMap(({ orgId }) => orgId ?? []))];
  const states = await Promise.all(ids.map(async (id) => [id, await stateOf(id)] as const));
  return new Map(states.flatMap(([id, state]) => (state === null ? [] : [[id, state]])));
}

function nullIfGone(error: unknown): null {
  if (error instanceof GatewayError && error.code === 'not_found') return null;
  throw error;
}

/** A window begins anew: where none is named that of the limit. */
async function reset({ management, spend }: KeyBook, hash: string, named: string | undefined): Promise<KeptKey> {
  const { limits } = await management.find(OPERATOR, hash);
  if (named === undefined && limits.limit == null)
    throw new CommandLineError('keys reset: expected --window day, week, month or total: this key has no limit');
  const window = parseReset({ window: named ?? windowOf(limits) });
  const key = await management.reset(OPERATOR, hash, window);
  await spend.reset(scopeOf(key), window);
  return key;
}

/** Flags as the body of `POST /v1/keys`. */
function toBody(flags: KeysFlags): object {
  const { name, kind, org: org_id, models, routes, expires: expires_at, limit, rpm, tpm } = flags;
  const given = {
    ...{ name, kind, org_id, expires_at, limit_reset: flags['limit-reset'] },
    models: toList('models', models),
    routes: toList('routes', routes),
    limit: toNumber(limit),
    rpm_limit: toNumber(rpm),
    tpm_limit: toNumber(tpm),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** @throws CommandLineError where nothing is named: no list of models allows every one */
function toList(flag: 'models' | 'routes', text: string | undefined): readonly string[] | undefined {
  const parts = text?.split(',').map((part) => part.trim());
  if (parts?.includes('')) {
    const example = flag === 'models' ? 'gpt-*,auto' : 'chat,embeddings';
    throw new CommandLineError(
      `--${flag}: expected names with a comma between them, as in '${example}', found '${text}'`,
    );
  }
  return parts;
}

/** What is no number is judged with everything else. */
function toNumber(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

async function madeAnswer(book: KeyBook, { key, secret }: MadeKey, isJson: boolean): Promise<string> {
  const shown = await withSpent(book, key);
  return isJson ? json({ data: keyData(shown), key: secret }) : keyText(shown, secret);
}

async function keyAnswer(book: KeyBook, key: KeptKey, isJson: boolean): Promise<string> {
  const shown = await withSpent(book, key);
  return isJson ? json({ data: keyData(shown) }) : keyText(shown, null);
}

async function withSpent({ spend }: KeyBook, key: KeptKey): Promise<ShownKey> {
  const [spent = UNKNOWN_SPENT] = await spentFigures([scopeOf(key)], spend);
  return { key, spent };
}

function scopeOf({ hash }: Pick<KeptKey, 'hash'>): string {
  return `key:${hash}`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
