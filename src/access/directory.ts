import type { LimitChanges } from './limit-changes.ts';
import { LimitWatch } from './limit-watch.ts';
import { keysUnavailable, type LookUpSettings, LookUps } from './look-ups.ts';
import type { AccessStore, FoundKey, FoundOrg } from './store.ts';

/** What a directory needs of the world. */
export interface DirectoryContext {
  /** Whether there is a database at all: one that is not there has no keys, and is not made to look. */
  readonly isThere: () => boolean;
  readonly settings: () => LookUpSettings;
  /** Milliseconds since the epoch, never going back. */
  readonly now: () => number;
  /** Told once when keys cannot be read, with null once they can again. */
  readonly trouble: (error: unknown) => void;
  /** Told what calls in flight should know of their limits, again where that fails. */
  readonly limitsChanged: (changes: LimitChanges) => Promise<void>;
}

/** So often it is looked whether another process has changed something: what changes holds within a second. */
const POLL_MS = 500;
/** So often it is put down which keys were used: that is known to the minute. */
const TOUCH_MS = 30_000;

/** Keys and organisations of the database, as calls find them: in memory, and never older than a second. */
export class Directory {
  readonly #store: AccessStore;
  readonly #context: DirectoryContext;
  readonly #keys: LookUps<FoundKey>;
  readonly #orgs: LookUps<FoundOrg>;
  readonly #limits: LimitWatch;
  readonly #timers: NodeJS.Timeout[] = [];
  #used = new Set<string>();
  /** Of the tables when they were read last; null where there is no database. */
  #version: number | null = null;
  #isThere = false;
  #isReadable = true;
  #readAt = Number.NEGATIVE_INFINITY;
  #isLocked = false;
  #polling: Promise<void> | null = null;

  constructor(store: AccessStore, context: DirectoryContext) {
    this.#store = store;
    this.#context = context;
    const { settings, now, limitsChanged } = context;
    this.#keys = new LookUps((digest) => store.findBySecret(digest), settings, now);
    this.#limits = new LimitWatch({
      changes: (seq, resetsSince) => store.limitsChangedSince(seq, resetsSince),
      tell: limitsChanged,
    });
    this.#orgs = new LookUps(async (id) => toKnown(await store.findOrgs(id)), settings, now);
  }

  /** Resolves when it is known whether there are keys, or that this cannot be known. */
  async start(): Promise<void> {
    await this.refresh();
    this.#timers.push(setInterval(() => void this.refresh(), POLL_MS).unref());
    this.#timers.push(setInterval(() => void this.touch(), TOUCH_MS).unref());
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.touch();
  }

  /**
   * Whether callers need a key: where the database holds one, or held one since the start, or may hold one because it
   * cannot be read. Deleting the last one opens nothing before a restart.
   */
  get holdsKeys(): boolean {
    return this.#isLocked || !(this.#isReadable || this.#isKnown());
  }

  /** From now on callers need a key, whatever the database holds. */
  lock(): void {
    this.#isLocked = true;
  }

  /** The key with this secret. @throws GatewayError 503 `keys_unavailable`, also as a rejection */
  find(digest: string): FoundKey | null | Promise<FoundKey | null> {
    return this.#isThere ? this.#keys.find(digest) : null;
  }

  /** What is said to a secret that can be in no table. @throws GatewayError 503 where that cannot be known */
  requireReadable(): void {
    if (!this.#isReadable) throw keysUnavailable(null);
  }

  /** An organisation of the database. @throws GatewayError 503 `keys_unavailable`, also as a rejection */
  org(id: string): FoundOrg | null | Promise<FoundOrg | null> {
    return this.#isThere ? this.#orgs.find(id) : null;
  }

  /** This process has changed something. @param hasKeys whether there is a key now */
  changed(hasKeys: boolean): void {
    this.#isThere = true;
    if (hasKeys) this.lock();
    this.#forget();
  }

  /** A key was used just now. */
  used(hash: string): void {
    this.#used.add(hash);
  }

  /** Looks whether something has changed; at the same time only once. */
  refresh(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  /** Puts down which keys were used since the last time. That it could not be done is no trouble: the next time may. */
  async touch(): Promise<void> {
    const hashes = [...this.#used];
    this.#used = new Set();
    if (hashes.length === 0 || !this.#isReadable) return;
    await this.#store.touchKeys(hashes, Math.floor(this.#context.now())).catch(() => undefined);
  }

  async #poll(): Promise<void> {
    this.#isThere = this.#context.isThere();
    try {
      const { version, hasKeys, lastEntry } = this.#isThere ? await this.#store.accessState() : NOTHING;
      if (hasKeys) this.lock();
      if (version !== this.#version) this.#forget();
      this.#version = version;
      this.#limits.look(lastEntry);
      this.#readAt = this.#context.now();
      this.#tell(true, null);
    } catch (error) {
      this.#tell(false, error);
    }
  }

  /** That there is no key, as anything else that was read, is good for a while where it cannot be read again. */
  #isKnown(): boolean {
    const { cacheMs, staleMs } = this.#context.settings();
    return this.#context.now() - this.#readAt < cacheMs + staleMs;
  }

  #forget(): void {
    this.#keys.changed();
    this.#orgs.changed();
  }

  #tell(isReadable: boolean, error: unknown): void {
    if (isReadable === this.#isReadable) return;
    this.#isReadable = isReadable;
    this.#context.trouble(error);
  }
}

const NOTHING = { version: null, hasKeys: false, lastEntry: 0 } as const;

function toKnown(found: FoundOrg): FoundOrg | null {
  return found.org === null ? null : found;
}
