import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Failure } from '../protocol/failure.ts';
import { FAILURE_KINDS } from '../protocol/failure-kinds.ts';
import type { Provider } from '../providers/provider.ts';

/** Keys remembered at most: those of past configurations are among them. */
const MAX_KEYS = 10_000;

/** A key of a provider, for one request. */
export interface PoolKey {
  readonly value: string;
  /** From 1, as in the configuration: this much of a key may be told. */
  readonly number: number;
}

/**
 * The keys of the providers; one that failed rests for a while, and the others go on. Where all rest, the one that rests
 * least is used. Knows keys by provider and value, so that a reload changes nothing for those that stay.
 */
export interface KeyPool {
  /** Each key in turn. Null for a provider without keys. */
  next(provider: Provider): PoolKey | null;
  /** Always the same key, as long as it does not rest: what is stored under one key is not found with another. */
  pinned(provider: Provider): PoolKey | null;
  failed(provider: Provider, key: PoolKey, failure: Pick<Failure, 'kind' | 'retryAfterMs'>): void;
  /** How many of its keys rest now. */
  resting(provider: Provider): number;
  /** True when the failure may be the key's own, and another does not rest. */
  canReplace(provider: Provider, failure: Pick<Failure, 'kind'>): boolean;
}

const MARK_CHARS = 16;

/** What tells a key from others, and does not tell the key. */
export function markOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, MARK_CHARS);
}

/** The key of a provider with this mark; null where it has none such. */
export function findKey({ apiKeys }: Pick<Provider, 'apiKeys'>, mark: string): PoolKey | null {
  const index = apiKeys.findIndex((key) => markOf(key) === mark);
  const value = apiKeys[index];
  return value === undefined ? null : { value, number: index + 1 };
}

/** @param now milliseconds since the epoch */
export function createKeyPool(now: () => number): KeyPool {
  const turns = new LRUCache<string, number>({ max: MAX_KEYS });
  const restingUntil = new LRUCache<string, number>({ max: MAX_KEYS });
  const nameOf = ({ name, baseUrl }: Provider, key: string): string => `${name}\n${baseUrl}\n${key}`;
  const restOf = (provider: Provider, key: string): number =>
    Math.max(0, (restingUntil.get(nameOf(provider, key)) ?? 0) - now());
  const pick = (provider: Provider, from: number): PoolKey | null => {
    const { apiKeys } = provider;
    const [only] = apiKeys;
    if (only === undefined) return null;
    if (apiKeys.length === 1) return { value: only, number: 1 };
    const keys = apiKeys.map((value, index) => ({ value, number: index + 1 }));
    const order = [...keys.slice(from), ...keys.slice(0, from)];
    const rests = order.map(({ value }) => restOf(provider, value));
    return order[rests.indexOf(Math.min(...rests))] ?? null;
  };
  return {
    next(provider) {
      const { name, apiKeys } = provider;
      const key = pick(provider, (turns.get(name) ?? 0) % apiKeys.length);
      if (key !== null && apiKeys.length > 1) turns.set(name, key.number);
      return key;
    },
    pinned: (provider) => pick(provider, 0),
    resting: (provider) => provider.apiKeys.filter((key) => restOf(provider, key) > 0).length,
    failed(provider, { value }, { kind, retryAfterMs }) {
      const usual = FAILURE_KINDS[kind].keyRestMs;
      if (usual === null) return;
      const rest = (kind === 'rate-limited' && retryAfterMs) || usual;
      restingUntil.set(nameOf(provider, value), now() + rest);
    },
    canReplace: (provider, { kind }) =>
      FAILURE_KINDS[kind].keyRestMs !== null && provider.apiKeys.some((value) => restOf(provider, value) === 0),
  };
}
