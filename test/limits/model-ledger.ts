import type { Ask, Limits, Settlement } from '../../src/limits/ledger.ts';
import { WINDOWS, type WindowIds, windowsAt } from '../../src/limits/windows.ts';

interface ModelCall {
  scopes: readonly string[];
  readonly ids: WindowIds;
  nano: number;
  tokens: number;
  /** Null as long as it is open. */
  spent: number | null;
}

/** What a ledger has to say, the slow way: every figure is a sum over all calls that ever were. */
export class ModelLedger {
  readonly calls = new Map<string, ModelCall>();
  readonly limits = new Map<string, Limits>();
  /** Theoretical arrival times, by scope and limit. */
  readonly #arrivals = new Map<string, number>();

  change(scope: string, limits: Limits, now: number): void {
    const before = this.limits.get(scope) ?? limits;
    for (const name of ['rpm', 'tpm'] as const) {
      const owed = this.#owed(scope, name, now) * ((before[name] ?? 1) / (limits[name] ?? 1));
      this.#arrivals.set(scope + name, now + owed);
    }
    this.limits.set(scope, limits);
  }

  reserve(id: string, scopes: readonly string[], ask: Ask, now: number): readonly string[] {
    const obstacles = scopes.flatMap((scope) => this.#obstacles(scope, ask, now));
    if (obstacles.length > 0) return obstacles;
    const nano = Math.min(ask.nano ?? 0, ...scopes.map((scope) => this.left(scope, now)));
    for (const scope of scopes) this.#take(scope, 1, ask.tokens, now);
    this.calls.set(id, { scopes, ids: windowsAt(now), nano, tokens: ask.tokens, spent: null });
    return [];
  }

  extend(id: string, ask: Ask, added: readonly string[], now: number): readonly string[] {
    const call = this.#open(id);
    const more = (ask.nano ?? 0) - call.nano;
    const short = call.scopes.filter((scope) => more > 0 && more > this.left(scope, now));
    const obstacles = added.flatMap((scope) => this.#obstacles(scope, ask, now));
    if (short.length + obstacles.length > 0) return [...short.map((scope) => `${scope} budget`), ...obstacles];
    for (const scope of call.scopes) this.#take(scope, 0, Math.max(0, ask.tokens - call.tokens), now);
    call.nano = Math.max(call.nano, ask.nano ?? 0);
    call.tokens = Math.max(call.tokens, ask.tokens);
    for (const scope of added) this.#take(scope, 1, call.tokens, now);
    call.scopes = [...call.scopes, ...added];
    return [];
  }

  settle(id: string, { nano, tokens, cachedTokens }: Settlement): void {
    const call = this.#open(id);
    call.spent = nano;
    for (const scope of call.scopes) {
      const { tpm } = this.#limitsOf(scope);
      const real = tokens - cachedTokens - call.tokens;
      if (tpm !== null) this.#arrivals.set(`${scope}tpm`, this.#arrival(scope, 'tpm') + (real * 60_000) / tpm);
    }
  }

  inFlight(scope: string): number {
    return this.#of(scope).filter(({ spent }) => spent === null).length;
  }

  held(scope: string): number {
    return sum(this.#of(scope).map(({ spent, nano }) => (spent === null ? nano : 0)));
  }

  spent(scope: string, window: number, now: number): number {
    const current = this.#of(scope).filter(({ ids }) => ids[window] === windowsAt(now)[window]);
    return sum(current.map(({ spent }) => spent ?? 0));
  }

  /** What a hard budget still has. */
  left(scope: string, now: number): number {
    const { budget } = this.#limitsOf(scope);
    if (budget?.on !== 'hard') return Number.POSITIVE_INFINITY;
    const used = WINDOWS.map((_, at) => this.spent(scope, at, now) + this.held(scope));
    return Math.min(...WINDOWS.map((name, at) => (budget[name] ?? Number.POSITIVE_INFINITY) - (used[at] ?? 0)));
  }

  #obstacles(scope: string, { leastNano, tokens }: Ask, now: number): string[] {
    const { rpm, tpm, concurrency, burst } = this.#limitsOf(scope);
    const isPast = (name: 'rpm' | 'tpm', most: number | null, weight: number): boolean => {
      const owed = this.#owed(scope, name, now);
      return most !== null && owed > 0 && owed + (weight * 60_000) / most > 60_000 * burst;
    };
    return [
      ...((leastNano ?? 0) > this.left(scope, now) ? [`${scope} budget`] : []),
      ...(isPast('rpm', rpm, 1) ? [`${scope} rpm`] : []),
      ...(isPast('tpm', tpm, tokens) ? [`${scope} tpm`] : []),
      ...(this.inFlight(scope) >= (concurrency ?? Number.POSITIVE_INFINITY) ? [`${scope} concurrency`] : []),
    ];
  }

  #take(scope: string, requests: number, tokens: number, now: number): void {
    const { rpm, tpm } = this.#limitsOf(scope);
    const add = (name: 'rpm' | 'tpm', most: number | null, weight: number): void => {
      if (most !== null && (weight > 0 || name === 'tpm')) {
        this.#arrivals.set(scope + name, Math.max(this.#arrival(scope, name), now) + (weight * 60_000) / most);
      }
    };
    add('rpm', rpm, requests);
    add('tpm', tpm, tokens);
  }

  #arrival(scope: string, name: 'rpm' | 'tpm'): number {
    return this.#arrivals.get(scope + name) ?? 0;
  }

  #owed(scope: string, name: 'rpm' | 'tpm', now: number): number {
    return Math.max(0, this.#arrival(scope, name) - now);
  }

  #of(scope: string): ModelCall[] {
    return [...this.calls.values()].filter(({ scopes }) => scopes.includes(scope));
  }

  #open(id: string): ModelCall {
    const call = this.calls.get(id);
    if (call === undefined || call.spent !== null) throw new Error(`${id} is not open`);
    return call;
  }

  #limitsOf(scope: string): Limits {
    const limits = this.limits.get(scope);
    if (limits === undefined) throw new Error(`${scope} is unknown`);
    return limits;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
