import type { GovernedScope } from '../access/limits.ts';
import type { GovernanceConfig } from '../config/config.ts';
import type { Governance } from '../limits/governance.ts';
import type { ScopeTerms } from '../limits/ledger.ts';
import { GatewayError } from '../protocol/errors.ts';
import { KeyScopes } from './key-scopes.ts';

/** A scope that the ledger is to know, and what stands on it. */
export interface NewScope extends Pick<ScopeTerms, 'version' | 'limits'> {
  readonly id: string;
}

/** What makes scopes known to the ledger. */
export interface ScopeBookContext {
  readonly governance: Pick<Governance, 'ledger' | 'modelScope'>;
  readonly rules: () => GovernanceConfig;
  /** Makes scopes with money known to the ledger, with all that they have spent so far. */
  seed(scopes: readonly NewScope[]): Promise<void>;
}

/** Sees to it that the ledger knows the scopes of the callers, and their limits of now. */
export class ScopeBook {
  readonly #context: ScopeBookContext;
  /** By what the key says of them: a key that was changed says it anew. */
  readonly #known = new WeakMap<readonly GovernedScope[], KeyScopes>();

  constructor(context: ScopeBookContext) {
    this.#context = context;
  }

  /** The scopes of a caller. What changed of their limits is told to the ledger before. */
  async of(governed: readonly GovernedScope[]): Promise<KeyScopes> {
    const rules = this.#context.rules();
    const known = this.#known.get(governed);
    if (known?.rules === rules) return known;
    const { ledger, modelScope } = this.#context.governance;
    const scopes = new KeyScopes(governed, rules, modelScope);
    const ids = scopes.ids();
    const readings = await ledger.read(ids);
    // One that the ledger does not know is made known with what was spent, when it is asked for.
    for (const [at, id] of ids.entries()) if (readings[at]) await ledger.change(id, scopes.termsOf(id));
    this.#known.set(governed, scopes);
    return scopes;
  }

  /** Makes scopes known that the ledger has not heard of. @throws GatewayError 503 `limits_unavailable` */
  async introduce(ids: readonly string[], scopes: KeyScopes): Promise<void> {
    const { governance, seed } = this.#context;
    const accounts = ids.filter((id) => scopes.hasMoney(id));
    if (accounts.length > 0) await seed(accounts.map((id) => ({ id, ...scopes.termsOf(id) }))).catch(unavailable);
    for (const id of ids) if (!scopes.hasMoney(id)) await governance.ledger.change(id, scopes.termsOf(id));
  }
}

function unavailable(cause: unknown): never {
  const message = 'It cannot be read now how much of its budget your key has used. Try again in a moment.';
  throw new GatewayError('limits_unavailable', message, { cause, retryAfterMs: 1000 });
}
