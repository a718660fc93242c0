import { createUpstreamClient, type UpstreamClient } from './client.ts';
import { createKeyPool, type KeyPool } from './key-pool.ts';

/** The way to the providers: connections and keys, which a reload keeps. */
export interface Upstream {
  readonly client: UpstreamClient;
  readonly providerKeys: KeyPool;
}

/** @param now milliseconds since the epoch */
export function createUpstream(now: () => number): Upstream {
  return { client: createUpstreamClient(), providerKeys: createKeyPool(now) };
}
