import type { Governance } from '../limits/governance.ts';
import { type Awaitable, whenThere } from '../protocol/awaitable.ts';
import type { GatewayError } from '../protocol/errors.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { PassedCall } from './call.ts';
import type { KeyScopes } from './key-scopes.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { type PassedCost, type PassedTerms, passedAsk } from './passed-cost.ts';
import type { PassedReserved } from './reserved.ts';
import { StreamTopUp, type StreamTopUpContext } from './stream-top-up.ts';

const NANO_PER_USD = 1e9;

/** What the reservation of a passed call needs beside its line in the ledger. */
export interface PassedReservationContext extends StreamTopUpContext {
  readonly governance: Governance;
  termsOf(cost: PassedCost): PassedTerms;
  /** USD; null where it is not known. */
  costOf(attempt: Attempt): number | null;
}

/** What a call has set aside that passes through, for its one attempt. */
export class PassedReservation implements PassedReserved {
  readonly #call: PassedCall;
  readonly #cost: PassedCost;
  readonly #entry: LedgerEntry;
  readonly #context: PassedReservationContext;
  /** Null where its answer is not paid for by its tokens. */
  #stream: StreamTopUp | null = null;

  constructor(call: PassedCall, cost: PassedCost, entry: LedgerEntry, context: PassedReservationContext) {
    this.#call = call;
    this.#cost = cost;
    this.#entry = entry;
    this.#context = context;
  }

  get scopes(): KeyScopes {
    return this.#entry.scopes;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#entry.headers;
  }

  get presumedUsd(): number | null {
    return this.#cost.isPresumed ? this.#entry.nano / NANO_PER_USD : null;
  }

  /** @returns why the call is refused; null where it is admitted */
  admit(): Awaitable<GatewayError | null> {
    const { governance, termsOf } = this.#context;
    const { model } = this.#cost.target.facts;
    const ask = passedAsk(this.#cost, governance, termsOf(this.#cost));
    return whenThere(this.#entry.reserve(model, ask), (answer) => {
      if (answer.outcome === 'refused') return governance.toLimitError(answer, model);
      this.#watch();
      return null;
    });
  }

  get isOpen(): boolean {
    return this.#stream?.isOpen === true;
  }

  spoke(tokens: number): void {
    this.#stream?.spoke(tokens);
  }

  async cover(images: number): Promise<GatewayError | null> {
    const { governance, termsOf } = this.#context;
    const { model } = this.#cost.target.facts;
    const ask = passedAsk({ ...this.#cost, images }, governance, termsOf(this.#cost));
    const answer = await this.#entry.extend(model, ask);
    if (answer.outcome !== 'refused') return null;
    // It is the end of the call, whose client is told of this limit.
    this.#entry.told = answer;
    return governance.toLimitError(answer, model);
  }

  /** An answer that is paid for by its tokens, and has no limit of its client's, may outgrow what is set aside. */
  #watch(): void {
    const { target, size } = this.#cost;
    if (size === null || size.maxOutputTokens !== null) return;
    const { governance, termsOf } = this.#context;
    const { model, maxOutputTokens } = target.facts;
    const quoteNow = () => ({ model, quote: governance.quoteOf(size, target, termsOf(this.#cost)) });
    const { price, outputTokens } = quoteNow().quote;
    if (price === null) return;
    this.#stream = new StreamTopUp(this.#call, this.#entry, this.#context, { quoteNow });
    this.#stream.begin(0, outputTokens, size.choices * (maxOutputTokens ?? Number.POSITIVE_INFINITY));
  }

  settle(): ReturnType<PassedReserved['settle']> {
    const { governance, costOf } = this.#context;
    return this.#entry.settle(governance.settlementOf(this.#call.attempts, costOf));
  }
}
