import type { GovernedBudget, GovernedLimits, GovernedRates, GovernedScope } from '../access/limits.ts';
import type { GovernanceConfig } from '../config/config.ts';
import type { Limits, ScopeTerms } from '../limits/ledger.ts';
import type { Scope } from '../limits/scope.ts';

type Terms = Omit<ScopeTerms, 'spent'>;

/** The scopes of one caller as the ledger knows them, with what stands on each: made once for all its calls. */
export class KeyScopes {
  /** What it was made from: other rules take another one. */
  readonly rules: GovernanceConfig;
  readonly #base: readonly Scope[];
  /** By model, where one has limits of its own. */
  readonly #ofModel = new Map<string, readonly Scope[]>();
  readonly #terms = new Map<string, Terms>();
  readonly #cuts = new Set<string>();
  readonly #modelScope: ModelScope;

  constructor(governed: readonly GovernedScope[], rules: GovernanceConfig, modelScope: ModelScope) {
    this.rules = rules;
    this.#modelScope = modelScope;
    this.#base = governed.map(({ id, role }) => ({ id, role, model: null }));
    for (const { id, role, version, limits } of governed) {
      this.#terms.set(id, { version, limits: toLimits(limits, rules) });
      if ((limits?.onExhausted ?? rules.budgets.onExhausted) === 'cut') this.#cuts.add(id);
      for (const [model, rates] of Object.entries(limits?.models ?? {})) {
        const scope = modelScope({ id, role, model: null }, model);
        this.#ofModel.set(model, [...(this.#ofModel.get(model) ?? this.#base), scope]);
        this.#terms.set(scope.id, { version, limits: toLimits({ ...rates, budget: null }, rules) });
      }
    }
  }

  /** Of a call that this model answers. */
  of(model: string): readonly Scope[] {
    return this.#ofModel.get(model) ?? this.#base;
  }

  /** False for what limits one model alone. */
  hasMoney(id: string): boolean {
    return this.#base.some((scope) => scope.id === id);
  }

  /** All of them, by their ids. */
  ids(): readonly string[] {
    return [...this.#terms.keys()];
  }

  /** What stands on scopes that were changed since. A model that they limit no more is not limited from the next attempt on. */
  renew(newer: KeyScopes): void {
    const isChanged = ({ id }: Scope): boolean =>
      newer.hasMoney(id) && newer.termsOf(id).version > this.termsOf(id).version;
    for (const owner of this.#base.filter(isChanged)) {
      const ids = [...this.#ofModel.keys()].map((model) => this.#modelScope(owner, model).id);
      this.#drop(new Set(ids.filter((id) => !newer.#terms.has(id))));
    }
    for (const [id, terms] of newer.#terms) {
      const known = this.#terms.get(id);
      if (known === undefined || terms.version <= known.version) continue;
      this.#terms.set(id, terms);
      if (newer.#cuts.has(id)) this.#cuts.add(id);
      else this.#cuts.delete(id);
    }
  }

  /** What stands on a scope. */
  termsOf(id: string): Terms {
    return this.#terms.get(id) ?? { version: 0, limits: toLimits(null, this.rules) };
  }

  /** Whether a stream that this scope has no money for any more is cut. */
  cuts({ id }: Pick<Scope, 'id'>): boolean {
    return this.#cuts.has(id);
  }

  #drop(ids: ReadonlySet<string>): void {
    for (const id of ids) this.#terms.delete(id);
    for (const [model, scopes] of this.#ofModel) {
      const left = scopes.filter(({ id }) => !ids.has(id));
      if (left.length < scopes.length) this.#ofModel.set(model, left);
    }
  }
}

type ModelScope = (scope: Scope, model: string) => Scope;

function toLimits(
  limits: (GovernedRates & Pick<GovernedLimits, 'budget'>) | null,
  { limits: { burst, countsCached }, budgets }: GovernanceConfig,
): Limits {
  return {
    rpm: limits?.rpm ?? null,
    tpm: limits?.tpm ?? null,
    concurrency: limits?.concurrency ?? null,
    burst: limits?.burst ?? burst,
    countsCached,
    budget: toBudget(limits?.budget ?? null, budgets.softAt),
  };
}

function toBudget(budget: GovernedBudget | null, softAt: number): Limits['budget'] {
  return budget && { ...budget, softAt: budget.softAt ?? softAt };
}
