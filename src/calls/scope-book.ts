import type { ChangedScope } from '../access/limit-changes.ts';
import type { GovernedScope } from '../access/limits.ts';
import type { GovernanceConfig } from '../config/config.ts';
import type { Governance } from '../limits/governance.ts';
import type { ScopeReading, ScopeTerms } from '../limits/ledger.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import { GatewayError } from '../protocol/errors.ts';
import { KeyScopes } from './key-scopes.ts';

/** A scope that the ledger is to know, and what stands on it. */
export interface NewScope extends Pick<ScopeTerms, 'version' | 'limits'> {
  readonly id: string;
}

/**
 * A call in flight. What it was admitted under is not always what is known of its key by now: other rules were loaded since,
 * or it came together with the first one.
 */
export interface RunningCall {
  readonly key: { readonly scopes: readonly GovernedScope[] };
  /** Null before it is admitted. */
  readonly reservation: { readonly scopes: KeyScopes } | null;
}

/** What makes scopes known to the ledger. */
export interface ScopeBookContext {
  readonly governance: Pick<Governance, 'ledger' | 'modelScope'>;
  readonly rules: () => GovernanceConfig;
  /** Makes scopes with money known to the ledger, with all that they have spent so far. */
  seed(scopes: readonly NewScope[]): Promise<void>;
}

/** Scopes that are being made known: all calls that need them wait for the same work. */
interface Seeding {
  readonly version: number;
  readonly rules: GovernanceConfig;
  /** Settles in time, whatever becomes of the work. */
  readonly done: Promise<void>;
}

/**
 * So long a call waits at most for a database to say what was spent. One that is well takes milliseconds; a call that is told
 * to come back finds the answer there, because the work goes on.
 */
const LONGEST_SEED_MS = 2000;

/** Sees to it that the ledger knows the scopes of the callers, and their limits of now. */
export class ScopeBook {
  readonly #context: ScopeBookContext;
  /** By what the key says of them: a key that was changed says it anew. */
  readonly #known = new WeakMap<readonly GovernedScope[], KeyScopes>();
  /** By scope, until the work has ended: also when it is late, and then no call waits for it any more. */
  readonly #seeding = new Map<string, Seeding>();

  constructor(context: ScopeBookContext) {
    this.#context = context;
  }

  /** The scopes of a caller. What changed of their limits is told to the ledger before. */
  of(governed: readonly GovernedScope[]): Awaitable<KeyScopes> {
    const rules = this.#context.rules();
    const known = this.#known.get(governed);
    return known?.rules === rules ? known : this.#learn(governed, rules);
  }

  async #learn(governed: readonly GovernedScope[], rules: GovernanceConfig): Promise<KeyScopes> {
    const scopes = new KeyScopes(governed, rules, this.#context.governance.modelScope);
    await this.#tell(scopes);
    this.#known.set(governed, scopes);
    return scopes;
  }

  /**
   * Takes limits that were changed, also for calls that run.
   * @param running the calls in flight
   */
  async renew(changed: readonly ChangedScope[], running: Iterable<RunningCall>): Promise<void> {
    const scopes = changed.map((scope): GovernedScope => ({ ...scope, role: 'key' }));
    const newer = new KeyScopes(scopes, this.#context.rules(), this.#context.governance.modelScope);
    await this.#tell(newer);
    const renewed = new Set<KeyScopes | undefined>();
    for (const { key, reservation } of running) renewed.add(this.#known.get(key.scopes)).add(reservation?.scopes);
    for (const scopes of renewed) scopes?.renew(newer);
  }

  /** One that the ledger does not know is made known with what was spent, when it is asked for. */
  async #tell(scopes: KeyScopes): Promise<void> {
    const { ledger } = this.#context.governance;
    const ids = scopes.ids();
    const readings = await ledger.read(ids);
    for (const [at, id] of ids.entries()) if (readings[at]) await ledger.change(id, scopes.termsOf(id));
  }

  /** Makes scopes known that the ledger has not heard of. @throws GatewayError 503 `limits_unavailable` */
  async introduce(ids: readonly string[], scopes: KeyScopes): Promise<void> {
    const { ledger } = this.#context.governance;
    const withMoney = ids.filter((id) => scopes.hasMoney(id));
    await Promise.all(
      withMoney.map((id) => this.#seed(id, scopes).catch((error: unknown) => this.#openUnseeded(id, scopes, error))),
    );
    for (const id of ids) if (!scopes.hasMoney(id)) await ledger.change(id, scopes.termsOf(id));
  }

  /** Where money is not limited it can be read later what was spent: the ledger asks for it as soon as there is a budget. */
  async #openUnseeded(id: string, scopes: KeyScopes, error: unknown): Promise<void> {
    const { ledger } = this.#context.governance;
    const terms = scopes.termsOf(id);
    if (terms.limits.budget !== null) throw error;
    await ledger.change(id, { ...terms, spent: null });
    // These terms may be older than those that hold, which may have a budget.
    const [reading] = await ledger.read([id]);
    if (reading && !reading.isSeeded && hasBudget(reading)) throw error;
  }

  #seed(id: string, scopes: KeyScopes): Promise<void> {
    const { rules } = scopes;
    const { version, limits } = scopes.termsOf(id);
    const running = this.#seeding.get(id);
    if (running?.version === version && running.rules === rules) return running.done;
    const work = this.#context.seed([{ id, version, limits }]);
    const seeding = { version, rules, done: inTime(work) };
    this.#seeding.set(id, seeding);
    const ended = (): void => {
      if (this.#seeding.get(id) === seeding) this.#seeding.delete(id);
    };
    work.then(ended, ended);
    return seeding.done;
  }
}

function hasBudget({ windows }: ScopeReading): boolean {
  return Object.values(windows).some(({ limitNano }) => limitNano !== null);
}

/** Settles with the work, or before where that is late. @throws GatewayError as a rejection */
function inTime(work: Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = (): void => reject(unavailable(new Error(`The database did not say so within ${LONGEST_SEED_MS} ms.`)));
  const timer = setTimeout(late, LONGEST_SEED_MS);
  work.then(resolve, (error: unknown) => reject(unavailable(error))).finally(() => clearTimeout(timer));
  return promise;
}

function unavailable(cause: unknown): GatewayError {
  const message = 'It cannot be read now how much of its budget your key has used. Try again in a moment.';
  return new GatewayError('limits_unavailable', message, { cause, retryAfterMs: 1000 });
}
