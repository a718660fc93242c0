import { priceAt, ratesFor } from '../config/prices.ts';
import type { ModelFacts } from '../languages/dialect.ts';
import { estimateUsage, isCounted } from '../protocol/estimate.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Target } from '../routing/target.ts';
import { toNano } from './budget.ts';
import type { Ask } from './ledger.ts';

/** How large a request may turn out, whoever answers it: made once for each that is sent. */
export interface RequestSize {
  /** At most. */
  readonly promptTokens: number;
  readonly hasAudio: boolean;
  /** Of each choice, as the client limits it; null where it does not. */
  readonly maxOutputTokens: number | null;
  readonly choices: number;
}

/** What a price depends on beside the request. */
export interface QuoteTerms {
  /** Milliseconds since the epoch: the prices of that day hold. */
  readonly at: number;
  /** 95 of 100 answers of this model are no longer, in tokens; null where too few were measured. */
  readonly p95Tokens: number | null;
  /** Whether what has no price counts as nothing. */
  readonly allowsUnpriced: boolean;
}

/** What a request may cost at one target. */
export interface Quote {
  readonly promptTokens: number;
  /** Of all choices. */
  readonly outputTokens: number;
  readonly choices: number;
  /** Null where the price is not known. Rates are in nano-USD a token. */
  readonly price: { readonly promptNano: number; readonly outputRate: number } | null;
}

/** What was spent, or set aside. */
export interface Sum {
  readonly nano: number;
  readonly tokens: number;
}

/** The estimate is so much too low at worst. */
const MARGIN = 1.15;
/** What a picture, a sound or a file may have beyond what it is estimated at. */
const TOKENS_PER_PART = 1500;
/** What an answer without a limit is taken for: four times a long one of its model, and within these. */
const TIMES_P95 = 4;
const LEAST_OUTPUT = 1024;
const MOST_OUTPUT = 16_384;
/** What a stream asks for that has used half of what was set aside. */
const TOP_UP_TOKENS = 1024;
/** Where less is left it takes what there is, down to so much: for a few words more it would ask with every one of them. */
const LEAST_TOP_UP = 16;
/** An answer cut shorter than this is of no use. */
const SHORTEST_ANSWER = 16;
/** No request gives more, whatever it asks for: far beyond it the sums of what is set aside would lose the small ones. */
const MOST_OUTPUT_ASKED = 1_000_000_000;
/** A USD per million tokens is so much a token. */
const NANO_PER_TOKEN = 1000;
const NOTHING: Sum = { nano: 0, tokens: 0 };

/** Estimates the prompt, which takes no time where that was done before. */
export function sizeOf(request: ModelRequest): RequestSize {
  let parts = 0;
  let hasAudio = false;
  for (const message of request.messages) {
    if (typeof message.content === 'string') continue;
    for (const part of message.content) {
      if (isCounted(part)) parts += 1;
      if (part.type === 'audio') hasAudio = true;
    }
  }
  return {
    promptTokens: Math.ceil(MARGIN * estimateUsage(request, 0).prompt_tokens) + parts * TOKENS_PER_PART,
    hasAudio,
    maxOutputTokens: request.maxOutputTokens,
    choices: request.choiceCount,
  };
}

/** What a request may cost at a target, by the rates of the tier that its prompt reaches. */
export function quoteOf(
  { promptTokens, hasAudio, maxOutputTokens, choices }: RequestSize,
  { prices, facts }: Pick<Target, 'prices'> & { readonly facts: Pick<ModelFacts, 'maxOutputTokens'> },
  { at, p95Tokens, allowsUnpriced }: QuoteTerms,
): Quote {
  const typical = Math.min(Math.max(LEAST_OUTPUT, Math.ceil(TIMES_P95 * (p95Tokens ?? 0))), MOST_OUTPUT);
  const ofOne = Math.min(maxOutputTokens ?? typical, facts.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const outputTokens = Math.min(choices * ofOne, MOST_OUTPUT_ASKED);
  const entry = priceAt(prices, at);
  if (entry === null) {
    const price = allowsUnpriced ? { promptNano: 0, outputRate: 0 } : null;
    return { promptTokens, outputTokens, choices, price };
  }
  const rates = ratesFor(promptTokens, entry);
  // Nothing is taken to come out of a cache, all of it to go into one.
  const inputRate = Math.max(rates.input, rates.cache_write ?? 0, hasAudio ? (rates.audio_input ?? 0) : 0);
  const outputRate = Math.max(rates.output, rates.reasoning ?? 0) * NANO_PER_TOKEN;
  const price = { promptNano: Math.ceil(promptTokens * inputRate * NANO_PER_TOKEN), outputRate };
  return { promptTokens, outputTokens, choices, price };
}

/**
 * What to set aside for a request.
 * @param isClampable a whole answer without a limit of its client's: it can be made shorter, and is watched by nothing else
 * @param spent what its call has spent so far, or has set aside for an attempt that still runs
 * @param isPart its call is a part of another open one
 */
export function askFor(quote: Quote, isClampable: boolean, spent = NOTHING, isPart = false): Ask {
  const { price, promptTokens, outputTokens, choices } = quote;
  const tokens = spent.tokens + promptTokens + outputTokens;
  if (price === null) return { nano: null, leastNano: null, tokens, isPart };
  const nanoFor = (output: number): number => spent.nano + price.promptNano + Math.ceil(output * price.outputRate);
  const nano = nanoFor(outputTokens);
  const leastNano = isClampable ? Math.min(nano, nanoFor(choices * SHORTEST_ANSWER)) : nano;
  return { nano, leastNano, tokens, isPart };
}

/** What to set aside where the price of one thing is known, such as an image; or a guess, for what cannot be told. */
export function flatAsk(usd: number, tokens = 0): Ask {
  const nano = toNano(usd);
  return { nano, leastNano: nano, tokens };
}

/** What a stream wants to have set aside that comes to the end of what is. */
export function topUp({ price }: Quote, reserved: Sum): Ask {
  const tokens = reserved.tokens + TOP_UP_TOKENS;
  if (price === null) return { nano: null, leastNano: null, tokens };
  const nanoFor = (output: number): number => reserved.nano + Math.ceil(output * price.outputRate);
  return { nano: nanoFor(TOP_UP_TOKENS), leastNano: nanoFor(LEAST_TOP_UP), tokens };
}

/**
 * How many tokens a stream may give more than before.
 * @param nano what is set aside now, all in all: less than was asked for where less was left
 */
export function toppedUp({ price }: Quote, reserved: Sum, nano: number): number {
  if (price === null || price.outputRate === 0) return TOP_UP_TOKENS;
  return Math.min(TOP_UP_TOKENS, Math.floor((nano - reserved.nano) / price.outputRate));
}

/**
 * The most tokens of each choice that what was set aside pays for; null when that is all that the answer was taken for,
 * and nothing has to be told to the provider.
 * @param nano what was admitted, without what the call had spent before
 */
export function clampOf({ price, outputTokens, choices }: Quote, nano: number): number | null {
  if (price === null || price.outputRate === 0) return null;
  const affordable = Math.floor((nano - price.promptNano) / price.outputRate / choices);
  return affordable * choices >= outputTokens ? null : affordable;
}
