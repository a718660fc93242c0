import { tokensPerSecond } from '../../answer/call-figures.ts';
import type { Completion } from '../../answer/completion.ts';
import type { EndedBody } from '../../feed/wire.ts';

/** What an answer came to; null is what is not known. */
export interface Figures {
  /** Milliseconds, as the gateway measured: without the way to the browser. */
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly tokensPerSecond: number | null;
  readonly input: number | null;
  readonly output: number | null;
  /** The tokens are counted by the gateway, where the provider has not said. */
  readonly isEstimate: boolean;
  readonly costUsd: number | null;
  /** By the source of the cost: it may be an estimate where the tokens are not. */
  readonly isCostEstimate: boolean;
  readonly attempts: number | null;
}

/** The figures of an answer: tokens from its stream, the rest from the record of its call. */
export function figuresOf({ tokens }: Pick<Completion, 'tokens'>, record: EndedBody | null | undefined): Figures {
  const output = tokens?.output ?? record?.completion_tokens ?? null;
  const ttftMs = record?.ttft_ms ?? null;
  const totalMs = record?.age_ms ?? null;
  return {
    ttftMs,
    totalMs,
    tokensPerSecond: tokensPerSecond(output, ttftMs, totalMs),
    input: tokens?.input ?? record?.usage?.prompt_tokens ?? null,
    output,
    isEstimate: record?.usage_source === 'estimate',
    costUsd: record?.cost_usd ?? null,
    isCostEstimate: record?.cost_source === 'estimate',
    attempts: record?.attempt_count ?? null,
  };
}
