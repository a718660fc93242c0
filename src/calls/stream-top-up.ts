import type { Quote } from '../limits/ask.ts';
import type { Governance } from '../limits/governance.ts';
import { GatewayError } from '../protocol/errors.ts';
import { abortCall, type Call } from './call.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { StreamCover } from './stream-cover.ts';

/** What a stream that grows needs beside its line in the ledger. */
export interface StreamTopUpContext {
  readonly governance: Pick<Governance, 'topUp' | 'toppedUp' | 'toLimitError'>;
  readonly now: () => number;
  reportBug(error: unknown, requestId: string | null): void;
}

/** Knows what the answer of a call may cost. */
export interface Quoting {
  /** Of the target that answers now. */
  quoteNow(): { readonly model: string; readonly quote: Quote };
}

/** Sees to it that a stream never gives what was not set aside before: more is asked for beside its way. */
export class StreamTopUp {
  readonly #call: Call;
  readonly #entry: LedgerEntry;
  readonly #context: StreamTopUpContext;
  readonly #quoting: Quoting;
  readonly #cover = new StreamCover();

  constructor(call: Call, entry: LedgerEntry, context: StreamTopUpContext, quoting: Quoting) {
    this.#call = call;
    this.#entry = entry;
    this.#context = context;
    this.#quoting = quoting;
  }

  /** Whether the stream may come to give more than is set aside. */
  get isOpen(): boolean {
    return Number.isFinite(this.#cover.askAt);
  }

  /** See {@link StreamCover}. */
  begin(spoken: number, outputTokens: number, most: number): void {
    this.#cover.begin(spoken, outputTokens, most);
  }

  /** @param tokens that the stream has given so far */
  spoke(tokens: number): void {
    if (tokens < this.#cover.askAt) return;
    this.#cover.pause();
    this.#grow(tokens).catch((error: unknown) => this.#failed(error, tokens));
  }

  async #grow(spoken: number): Promise<void> {
    const { topUp, toppedUp, toLimitError } = this.#context.governance;
    const { nano, tokens, scopes } = this.#entry;
    const before = { nano, tokens };
    const { model, quote } = this.#quoting.quoteNow();
    const answer = await this.#entry.extend(model, topUp(quote, before));
    if (answer.outcome === 'extended') this.#cover.granted(toppedUp(quote, before, answer.nano));
    else if (answer.outcome === 'refused' && this.#cover.refused(spoken) && scopes.cuts(answer.scope))
      abortCall(this.#call, toLimitError(answer, model), this.#context.now());
  }

  /** Where it cannot be read what was spent, no answer is cut for that: it is asked once more at the end of what is paid for. */
  #failed(error: unknown, spoken: number): void {
    if (error instanceof GatewayError) this.#cover.refused(spoken);
    else this.#context.reportBug(error, this.#call.id);
  }
}
