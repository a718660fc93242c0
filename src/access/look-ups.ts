import { GatewayError } from '../protocol/errors.ts';

/** How long what was looked up is good, in milliseconds, and how much of it is kept. */
export interface LookUpSettings {
  readonly cacheMs: number;
  /** How much longer it is good where the database cannot be read. */
  readonly staleMs: number;
  readonly maxCached: number;
}

/** What was not found is asked for again after this: it may be there by now. */
const MISSES_MS = 5000;
/** A flood of wrong keys must not push out what is right. */
const MAX_MISSES = 10_000;
/** A database that could not be read is asked again after this. */
const PAUSE_MS = 1000;

interface LookedUp<Value> {
  readonly value: Value;
  readonly at: number;
  /** The count of changes before it was read. */
  readonly change: number;
}

/**
 * What was looked up by one kind of name: found at once while it is fresh, looked up once for all who wait, and good for a
 * while longer where that fails. Both what is there and what is not are remembered, and bounded apart.
 */
export class LookUps<Value> {
  readonly #load: (name: string) => Promise<Value | null>;
  readonly #settings: () => LookUpSettings;
  readonly #now: () => number;
  readonly #hits = new Map<string, LookedUp<Value>>();
  readonly #misses = new Map<string, LookedUp<null>>();
  readonly #loading = new Map<string, Promise<Value | null>>();
  #change = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, never going back */
  constructor(load: (name: string) => Promise<Value | null>, settings: () => LookUpSettings, now: () => number) {
    this.#load = load;
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * What has this name, at once where it is known; null where nothing has.
   * @throws GatewayError 503 `keys_unavailable`, also as a rejection
   */
  find(name: string): Value | null | Promise<Value | null> {
    const known = this.#hits.get(name) ?? this.#misses.get(name);
    if (known !== undefined && this.#isFresh(known)) return known.value;
    // One that failed a moment ago would fail again, and would have everybody wait for it.
    if (this.#now() - this.#failedAt < PAUSE_MS) return this.#stale(name, null);
    return this.#loading.get(name) ?? this.#start(name);
  }

  /** Something has changed: what is known is looked up anew at its next use. */
  changed(): void {
    this.#change++;
    this.#misses.clear();
  }

  #isFresh({ value, at, change }: LookedUp<Value | null>): boolean {
    const goodForMs = value === null ? MISSES_MS : this.#settings().cacheMs;
    return change === this.#change && this.#now() - at < goodForMs;
  }

  #start(name: string): Promise<Value | null> {
    const loading = this.#lookUp(name).finally(() => this.#loading.delete(name));
    this.#loading.set(name, loading);
    return loading;
  }

  async #lookUp(name: string): Promise<Value | null> {
    // What changes from here on may be missing in what is read.
    const change = this.#change;
    try {
      const value = await this.#load(name);
      this.#remember(name, value, change);
      return value;
    } catch (error) {
      this.#failedAt = this.#now();
      return this.#stale(name, error);
    }
  }

  #remember(name: string, value: Value | null, change: number): void {
    const at = this.#now();
    this.#hits.delete(name);
    if (value === null) put(this.#misses, name, { value, at, change }, MAX_MISSES);
    else put(this.#hits, name, { value, at, change }, this.#settings().maxCached);
  }

  #stale(name: string, cause: unknown): Value {
    const known = this.#hits.get(name);
    const { cacheMs, staleMs } = this.#settings();
    if (known !== undefined && this.#now() - known.at < cacheMs + staleMs) return known.value;
    throw keysUnavailable(cause);
  }
}

/** Not 401: a key that cannot be looked up is not known to be wrong. */
export function keysUnavailable(cause: unknown): GatewayError {
  const message = 'The keys of this gateway cannot be read just now. Try again in a moment.';
  return new GatewayError('keys_unavailable', message, { cause });
}

/** The oldest gives way. */
function put<Value>(found: Map<string, LookedUp<Value>>, name: string, one: LookedUp<Value>, max: number): void {
  found.delete(name);
  found.set(name, one);
  if (found.size <= max) return;
  const [oldest] = found.keys();
  if (oldest !== undefined) found.delete(oldest);
}
