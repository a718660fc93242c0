import type { Call } from '../calls/call.ts';

/** Calls that are told at once come to about so many characters; the others follow with the next event. */
const MAX_CHARS = 256 * 1024;
/** Tokens a second are those of the last two. */
const RATE_MS = 2000;

/** What was seen of a call; nothing that would keep its content in memory. */
interface SeenCall {
  readonly id: string;
  readonly mark: string;
  readonly tokens: number;
  isTold: boolean;
}

/** Finds what has changed in the calls in flight since they were looked at last. */
export class FeedCalls {
  readonly #summarize: (call: Call) => object;
  #seen: Map<string, SeenCall> | null = null;
  /** Of the calls that have just gone: their ends are told a little later. */
  #left = new Map<string, SeenCall>();
  #tokens: { readonly at: number; readonly count: number }[] = [];
  #endedTokens = 0;
  #toldRate = 0;

  constructor(summarize: (call: Call) => object) {
    this.#summarize = summarize;
  }

  /** A call has ended: its last tokens count too. */
  ended(call: Call): void {
    const name = nameOf(call);
    const before = this.#seen?.get(name) ?? this.#left.get(name);
    this.#endedTokens += Math.max(0, tokensOf(call) - (before?.tokens ?? 0));
  }

  /** The data of an event `calls`; null where nothing has changed. @param at milliseconds */
  look(calls: readonly Call[], at: number, isFull: boolean): string | null {
    const before = this.#seen ?? new Map<string, SeenCall>();
    const seen = new Map<string, SeenCall>();
    let tokens = this.#seen === null ? 0 : this.#endedTokens;
    for (const call of calls) {
      const one = see(call, before.get(nameOf(call)), isFull);
      if (this.#seen !== null) tokens += Math.max(0, one.tokens - (before.get(nameOf(call))?.tokens ?? 0));
      seen.set(nameOf(call), one);
    }
    this.#endedTokens = 0;
    this.#left = new Map([...before].filter(([name]) => !seen.has(name)));
    this.#seen = seen;
    const changed = this.#tell(calls, seen, before);
    const gone = isFull ? [] : [...this.#left.values()].map(({ id }) => id);
    const rate = this.#rate(at, tokens);
    if (!isFull && changed.length === 0 && gone.length === 0 && rate === this.#toldRate) return null;
    this.#toldRate = rate;
    const time = JSON.stringify(new Date(at).toISOString());
    const facts = `"gone":${JSON.stringify(gone)},"in_flight":${calls.length},"tokens_per_s":${rate}`;
    return `{"at":${time},"full":${isFull},"changed":[${changed.join(',')}],${facts}}`;
  }

  /** Summaries of what is not told yet. First comes what had to wait the last time. */
  #tell(calls: readonly Call[], seen: Map<string, SeenCall>, before: Map<string, SeenCall>): string[] {
    const untold = calls.filter((call) => !seen.get(nameOf(call))?.isTold);
    const hasWaited = (call: Call): number => (before.get(nameOf(call))?.isTold === false ? 0 : 1);
    const told: string[] = [];
    let chars = 0;
    for (const call of untold.sort((one, other) => hasWaited(one) - hasWaited(other))) {
      if (chars > MAX_CHARS) break;
      const text = JSON.stringify(this.#summarize(call));
      chars += text.length;
      told.push(text);
      const one = seen.get(nameOf(call));
      if (one !== undefined) one.isTold = true;
    }
    return told;
  }

  #rate(at: number, count: number): number {
    this.#tokens.push({ at, count });
    this.#tokens = this.#tokens.filter((one) => at - one.at < RATE_MS);
    return Math.round(this.#tokens.reduce((sum, one) => sum + one.count, 0) / (RATE_MS / 1000));
  }
}

function see(call: Call, before: SeenCall | undefined, isFull: boolean): SeenCall {
  const { attempts, currentAttempt: last, firstTokenAt, responseBytes, requestBytes } = call;
  const tokens = tokensOf(call);
  const failed = attempts.filter(({ failure }) => failure !== null).length;
  const mark = `${attempts.length} ${failed} ${last?.number} ${last?.firstTokenAt} ${firstTokenAt} ${tokens} ${requestBytes} ${responseBytes}`;
  return { id: call.id, mark, tokens, isTold: !isFull && before?.isTold === true && before.mark === mark };
}

function tokensOf({ usage, spoken }: Call): number {
  return usage?.completion_tokens ?? spoken.tokens();
}

/** Two keys may use the same id. */
function nameOf({ key, id }: Call): string {
  return `${key.id}\n${id}`;
}
