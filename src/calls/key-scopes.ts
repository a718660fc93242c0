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

  constructor(governed: readonly GovernedScope[], rules: GovernanceConfig, modelScope: ModelScope) {
    this.rules = rules;
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

  /** What stands on a scope. */
  termsOf(id: string): Terms {
    return this.#terms.get(id) ?? { version: 0, limits: toLimits(null, this.rules) };
  }

  /** Whether a stream that this scope has no money for any more is cut. */
  cuts({ id }: Pick<Scope, 'id'>): boolean {
    return this.#cuts.has(id);
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
