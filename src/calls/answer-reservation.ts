import type { GovernanceConfig } from '../config/config.ts';
import type { Quote, QuoteTerms, RequestSize } from '../limits/ask.ts';
import type { Governance } from '../limits/governance.ts';
import type { Refused, Settlement } from '../limits/ledger.ts';
import type { Booking } from '../limits/spend.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { changed, type ModelRequest } from '../protocol/model-request.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Target } from '../routing/target.ts';
import { abortCall, type TranslatedCall } from './call.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import type { AnswerReserved } from './reserved.ts';
import { StreamCover } from './stream-cover.ts';

const NANO_PER_USD = 1e9;

/** What the reservation of a translated call needs beside its line in the ledger. */
export interface AnswerReservationContext {
  readonly governance: Pick<
    Governance,
    'sizeOf' | 'quoteOf' | 'askFor' | 'topUp' | 'clampOf' | 'settlementOf' | 'toLimitError'
  >;
  readonly rules: () => GovernanceConfig;
  readonly now: () => number;
  /** 95 of 100 answers of a target are no longer, in tokens; null where too few were measured. */
  p95TokensOf(targetId: string): number | null;
  /** USD; null where it is not known. */
  costOf(attempt: Attempt): number | null;
  reportBug(error: unknown, requestId: string | null): void;
}

/** What a translated call has set aside. It is changed for each attempt, and while a stream grows. */
export class AnswerReservation implements AnswerReserved {
  readonly #call: TranslatedCall;
  readonly #entry: LedgerEntry;
  readonly #context: AnswerReservationContext;
  /** What it was admitted for: what is prepared before the first attempt may put another one in its place. */
  readonly #request: ModelRequest;
  readonly #size: RequestSize;
  /** A whole answer without a limit of its client's: nothing watches how long it gets. */
  readonly #isClampable: boolean;
  readonly #stream = new StreamCover();
  /** Whom it was admitted for. */
  #first: Target | null = null;
  /** Tokens of each choice that what is covered pays for; null where that is all there may be. */
  #mostTokens: number | null = null;

  constructor(call: TranslatedCall, entry: LedgerEntry, context: AnswerReservationContext) {
    const { request } = call;
    this.#call = call;
    this.#entry = entry;
    this.#context = context;
    this.#request = request;
    this.#size = context.governance.sizeOf(request);
    this.#isClampable = !request.isStream && request.maxOutputTokens === null && context.rules().budgets.clamp;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers } = this.#entry;
    return this.#mostTokens === null ? headers : { ...headers, 'x-sluice-clamped': `max_tokens=${this.#mostTokens}` };
  }

  /**
   * For the first target of the plan that can be paid for: one that cannot is passed over, as later on.
   * @returns why the call is refused; null where it is admitted
   */
  async admit(): Promise<GatewayError | null> {
    const { askFor, toLimitError } = this.#context.governance;
    let reason: GatewayError | null = null;
    for (const target of this.#call.plan.targets) {
      const quote = this.#quoteFor(target, this.#size);
      const { headers } = this.#entry;
      const ask = { ...askFor(quote, this.#isClampable), isPart: this.#call.isPart };
      const answer = await this.#entry.reserve(target.facts.model, ask);
      if (answer.outcome === 'admitted') {
        this.#first = target;
        this.#cover(target, quote, answer.nano);
        return null;
      }
      // Of several refusals the first is told: it is of what was asked for.
      if (reason !== null) this.#entry.headers = headers;
      reason ??= toLimitError(answer, target.facts.model);
      if (!isOfTarget(answer)) break;
    }
    return reason;
  }

  cover(target: Target, request: ModelRequest, isBeside: boolean): GatewayError | null | Promise<GatewayError | null> {
    const isAdmitted = target === this.#first && request === this.#request;
    if (isAdmitted && this.#call.attempts.length === 0 && !isBeside) return null;
    const { askFor, sizeOf } = this.#context.governance;
    const quote = this.#quoteFor(target, request === this.#request ? this.#size : sizeOf(request));
    // What runs beside it may still cost all that was set aside.
    const spent = isBeside ? { nano: this.#entry.nano, tokens: this.#entry.tokens } : this.#spent();
    const ask = askFor(quote, this.#isClampable, spent);
    if (!this.#entry.covers(target.facts.model, ask)) return this.#extend(target, quote, ask, spent.nano);
    this.#cover(target, quote, this.#entry.nano - spent.nano);
    return null;
  }

  clamped(request: ModelRequest): ModelRequest {
    return this.#mostTokens === null ? request : changed(request, { maxOutputTokens: this.#mostTokens });
  }

  spoke(tokens: number): void {
    if (tokens < this.#stream.askAt) return;
    this.#stream.pause();
    this.#grow(tokens).catch((error: unknown) => this.#context.reportBug(error, this.#call.id));
  }

  settle(): Promise<Booking | null> {
    const last = this.#call.attempts.at(-1);
    if (last === undefined || !runsOn(last, this.#call.request)) return this.#entry.settle(this.#spent());
    last.usage = null;
    const { nano, tokens } = this.#entry;
    const left = nano - this.#spent().nano;
    if (left > 0) last.presumedUsd = left / NANO_PER_USD;
    return this.#entry.settle({ ...this.#spent(), tokens });
  }

  async #extend(
    target: Target,
    quote: Quote,
    ask: ReturnType<Governance['askFor']>,
    spentNano: number,
  ): Promise<GatewayError | null> {
    const answer = await this.#entry.extend(target.facts.model, ask);
    if (answer.outcome === 'refused') return this.#context.governance.toLimitError(answer, target.facts.model);
    this.#cover(target, quote, this.#entry.nano - spentNano);
    return null;
  }

  #cover({ facts }: Target, quote: Quote, nano: number): void {
    const { clampOf } = this.#context.governance;
    if (this.#isClampable) this.#mostTokens = clampOf(quote, nano);
    const most =
      this.#size.choices * Math.min(this.#size.maxOutputTokens ?? Infinity, facts.maxOutputTokens ?? Infinity);
    this.#stream.begin(this.#call.spoken.tokens(), quote.outputTokens, most);
  }

  /** Asks for more, so that a stream never gives what was not set aside before. */
  async #grow(spoken: number): Promise<void> {
    const call = this.#call;
    const target = call.currentAttempt?.target ?? call.plan.targets[0];
    const { topUp, toLimitError } = this.#context.governance;
    const { nano, tokens } = this.#entry;
    const ask = topUp(this.#quoteFor(target, this.#size), { nano, tokens });
    const answer = await this.#entry.extend(target.facts.model, ask);
    if (answer.outcome === 'extended') this.#stream.granted(ask.tokens - tokens);
    else if (answer.outcome === 'refused' && this.#stream.refused(spoken) && this.#entry.scopes.cuts(answer.scope))
      abortCall(call, toLimitError(answer, target.facts.model), this.#context.now());
  }

  #spent(): Settlement {
    const { governance, costOf } = this.#context;
    return governance.settlementOf(this.#call.attempts, costOf);
  }

  #quoteFor(target: Target, size: RequestSize): Quote {
    return this.#context.governance.quoteOf(size, target, this.#termsOf(target));
  }

  #termsOf({ id }: Target): QuoteTerms {
    const { now, rules, p95TokensOf } = this.#context;
    return { at: now(), p95Tokens: p95TokensOf(id), allowsUnpriced: rules().budgets.allowsUnpriced };
  }
}

/**
 * What a provider runs in the background by itself goes on when the call has ended: what it came to is never told here, and it
 * counts for all that was set aside.
 */
function runsOn({ target, firstTokenAt, usage, isEstimated }: Attempt, { origin }: ModelRequest): boolean {
  const isPutOff = target.provider.keepsResponses && origin.remote !== undefined && origin.body['background'] === true;
  return isPutOff && (usage === null ? firstTokenAt !== null : isEstimated);
}

/** Another target may be within the limits: it is cheaper, or has limits of its own. */
function isOfTarget({ hit, scope }: Refused): boolean {
  return hit.limit === 'budget' || hit.limit === 'price' || scope.model !== null;
}
