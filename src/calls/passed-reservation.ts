import type { Governance } from '../limits/governance.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { PassedCall } from './call.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { type PassedCost, type PassedTerms, passedAsk } from './passed-cost.ts';
import type { PassedReserved } from './reserved.ts';

const NANO_PER_USD = 1e9;

/** What the reservation of a passed call needs beside its line in the ledger. */
export interface PassedReservationContext {
  readonly governance: Governance;
  termsOf(cost: PassedCost): PassedTerms;
  /** USD; null where it is not known. */
  costOf(attempt: Attempt): number | null;
}

/** What a call has set aside that passes through: once, for its one attempt. */
export class PassedReservation implements PassedReserved {
  readonly #call: PassedCall;
  readonly #cost: PassedCost;
  readonly #entry: LedgerEntry;
  readonly #context: PassedReservationContext;

  constructor(call: PassedCall, cost: PassedCost, entry: LedgerEntry, context: PassedReservationContext) {
    this.#call = call;
    this.#cost = cost;
    this.#entry = entry;
    this.#context = context;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#entry.headers;
  }

  get presumedUsd(): number | null {
    return this.#cost.isPresumed ? this.#entry.nano / NANO_PER_USD : null;
  }

  /** @returns why the call is refused; null where it is admitted */
  async admit(): Promise<GatewayError | null> {
    const { governance, termsOf } = this.#context;
    const { model } = this.#cost.target.facts;
    const answer = await this.#entry.reserve(model, passedAsk(this.#cost, governance, termsOf(this.#cost)));
    return answer.outcome === 'refused' ? governance.toLimitError(answer, model) : null;
  }

  settle(): ReturnType<PassedReserved['settle']> {
    const { governance, costOf } = this.#context;
    return this.#entry.settle(governance.settlementOf(this.#call.attempts, costOf));
  }
}
