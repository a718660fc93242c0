import type { Summarizable } from '../calls/summary.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { RescueWay } from '../routing/rescue.ts';

/** One attempt of an ended call, as the usage log keeps it. */
export interface AttemptRecord {
  readonly number: number;
  readonly model: string;
  readonly provider: string;
  /** Milliseconds since the epoch. */
  readonly started_ms: number;
  /** Milliseconds. */
  readonly ttft_ms: number | null;
  readonly duration_ms: number | null;
  /** How it took up an answer that had broken off; null where it began anew. */
  readonly rescue: RescueWay | null;
  /** Of the failure; null where there was none. */
  readonly kind: string | null;
  /** The provider's, 0 when there was none. */
  readonly status: number | null;
  /** What the provider said, without secrets. */
  readonly message: string | null;
}

const MAX_MESSAGE = 300;
const MAX_NAME = 200;

/**
 * The attempts of a call that failed or needed several; null for one that went well at once: of that the record says all,
 * and most calls are so.
 */
export function attemptsOf({
  attempts,
  outcome,
}: Pick<Summarizable, 'attempts' | 'outcome'>): readonly AttemptRecord[] | null {
  const [first] = attempts;
  if (first === undefined) return null;
  const isPlain = attempts.length === 1 && first.failure === null && outcome !== 'failed';
  return isPlain ? null : attempts.map(toRecord);
}

function toRecord({ number, target, startedAt, firstTokenAt, endedAt, rescue, failure }: Attempt): AttemptRecord {
  return {
    number,
    model: target.facts.model.slice(0, MAX_NAME),
    provider: target.provider.name,
    started_ms: Math.round(startedAt),
    ttft_ms: since(startedAt, firstTokenAt),
    duration_ms: since(startedAt, endedAt),
    rescue,
    kind: failure?.kind ?? null,
    status: failure?.status ?? null,
    message: failure?.message.slice(0, MAX_MESSAGE).toWellFormed() ?? null,
  };
}

function since(from: number, to: number | null): number | null {
  return to === null ? null : Math.round((to - from) * 10) / 10;
}
