import type { GovernanceConfig } from '../config/config.ts';
import type { Quote, QuoteTerms, RequestSize } from '../limits/ask.ts';
import type { Governance } from '../limits/governance.ts';
import type { Refused, Settlement } from '../limits/ledger.ts';
import type { Booking } from '../limits/spend.ts';
import { type Awaitable, whenThere } from '../protocol/awaitable.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { changed, type ModelRequest } from '../protocol/model-request.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { Target } from '../routing/target.ts';
import type { TranslatedCall } from './call.ts';
import type { KeyScopes } from './key-scopes.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import type { AnswerReserved } from './reserved.ts';
import { type Quoting, StreamTopUp, type StreamTopUpContext } from './stream-top-up.ts';

const NANO_PER_USD = 1e9;

/** What the reservation of a translated call needs beside its line in the ledger. */
export interface AnswerReservationContext extends StreamTopUpContext {
  readonly governance: Pick<
    Governance,
    'sizeOf' | 'quoteOf' | 'askFor' | 'topUp' | 'toppedUp' | 'clampOf' | 'settlementOf' | 'toLimitError' | 'limitedBy'
  >;
  readonly rules: () => GovernanceConfig;
  /** 95 of 100 answers of a target are no longer, in tokens; null where too few were measured. */
  p95TokensOf(targetId: string): number | null;
  /** USD; null where it is not known. */
  costOf(attempt: Attempt): number | null;
}

/** What a translated call has set aside. It is changed for each attempt, and while a stream grows. */
export class AnswerReservation implements AnswerReserved, Quoting {
  readonly #call: TranslatedCall;
  readonly #entry: LedgerEntry;
  readonly #context: AnswerReservationContext;
  /** What it was admitted for: what is prepared before the first attempt may put another one in its place. */
  readonly #request: ModelRequest;
  readonly #size: RequestSize;
  /** A whole answer without a limit of its client's: nothing watches how long it gets. */
  readonly #isClampable: boolean;
  /** Null for a whole answer: nothing is told of it while it grows. */
  readonly #stream: StreamTopUp | null;
  /** Whom it was admitted for. */
  #first: Target | null = null;
  /** Why the last target that was passed over could not be paid for: what the client is told where no other one answers. */
  #refusal: { readonly error: GatewayError; readonly limitedBy: string } | null = null;
  /** Tokens of each choice that what is covered pays for; null where that is all there may be. */
  #mostTokens: number | null = null;

  constructor(call: TranslatedCall, entry: LedgerEntry, context: AnswerReservationContext) {
    const { request } = call;
    this.#call = call;
    this.#entry = entry;
    this.#context = context;
    this.#request = request;
    this.#size = context.governance.sizeOf(request);
    this.#stream = request.isStream ? new StreamTopUp(call, entry, context, this) : null;
    this.#isClampable = !request.isStream && request.maxOutputTokens === null && context.rules().budgets.clamp;
  }

  get scopes(): KeyScopes {
    return this.#entry.scopes;
  }

  get headers(): Readonly<Record<string, string>> {
    const { headers } = this.#entry;
    if (this.#refusal !== null && this.#call.error === this.#refusal.error)
      return { ...headers, 'x-sluice-limited-by': this.#refusal.limitedBy };
    return this.#mostTokens === null ? headers : { ...headers, 'x-sluice-clamped': `max_tokens=${this.#mostTokens}` };
  }

  /**
   * For the first target of the plan that can be paid for: one that cannot is passed over, as later on.
   * @returns why the call is refused; null where it is admitted
   */
  admit(): Awaitable<GatewayError | null> {
    return this.#admitFrom(0, null);
  }

  /** @param reason why those before could not be paid for: of several refusals the first is told, it is of what was asked for */
  #admitFrom(at: number, reason: GatewayError | null): Awaitable<GatewayError | null> {
    const target = this.#call.plan.targets[at];
    if (target === undefined) return reason;
    const { askFor, toLimitError } = this.#context.governance;
    const quote = this.#quoteFor(target, this.#size);
    const { told } = this.#entry;
    const ask = askFor(quote, this.#isClampable, undefined, this.#call.isPart);
    return whenThere(this.#entry.reserve(target.facts.model, ask), (answer) => {
      if (answer.outcome === 'admitted') {
        this.#first = target;
        this.#cover(target, quote, answer.nano);
        return null;
      }
      if (reason !== null) this.#entry.told = told;
      const first = reason ?? toLimitError(answer, target.facts.model);
      return isOfTarget(answer) ? this.#admitFrom(at + 1, first) : first;
    });
  }

  cover(target: Target, request: ModelRequest, isBeside: boolean): Awaitable<GatewayError | null> {
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
    this.#stream?.spoke(tokens);
  }

  quoteNow(): ReturnType<Quoting['quoteNow']> {
    const { currentAttempt, plan } = this.#call;
    const target = currentAttempt?.target ?? plan.targets[0];
    return { model: target.facts.model, quote: this.#quoteFor(target, this.#size) };
  }

  settle(): Awaitable<Booking | null> {
    const last = this.#call.attempts.at(-1);
    if (last === undefined || !runsOn(last, this.#call.request)) return this.#entry.settle(this.#spent());
    last.usage = null;
    const { nano, tokens } = this.#entry;
    const left = nano - this.#spent().nano;
    if (left > 0) last.presumedUsd = left / NANO_PER_USD;
    return this.#entry.settle({ ...this.#spent(), tokens });
  }

  #extend(
    target: Target,
    quote: Quote,
    ask: ReturnType<Governance['askFor']>,
    spentNano: number,
  ): Awaitable<GatewayError | null> {
    return whenThere(this.#entry.extend(target.facts.model, ask), (answer) => {
      if (answer.outcome === 'refused') return this.#refuse(answer, target);
      this.#cover(target, quote, this.#entry.nano - spentNano);
      return null;
    });
  }

  #refuse(answer: Refused, { facts }: Target): GatewayError {
    const { toLimitError, limitedBy } = this.#context.governance;
    const error = toLimitError(answer, facts.model);
    this.#refusal = { error, limitedBy: limitedBy(answer) };
    return error;
  }

  #cover({ facts }: Target, quote: Quote, nano: number): void {
    const { clampOf } = this.#context.governance;
    if (this.#isClampable) this.#mostTokens = clampOf(quote, nano);
    const most =
      this.#size.choices * Math.min(this.#size.maxOutputTokens ?? Infinity, facts.maxOutputTokens ?? Infinity);
    this.#stream?.begin(this.#call.spoken.tokens(), quote.outputTokens, most);
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
