import type { SomeCall } from '../feed/calls.ts';
import { duration } from '../parts/format.ts';

type Attempt = SomeCall['attempts'][number];

/** A step on the way to an answer: an attempt, or several alike one after the other. */
export interface TrailStep {
  readonly end: 'answered' | 'failed' | 'stopped';
  readonly model: string;
  /** What went wrong, how often and after how long; empty where nothing did. */
  readonly words: string;
}

/** The way to an answer, where there was more than one attempt or the only one failed; else nothing. */
export function trailOf({ attempts, state }: Pick<SomeCall, 'attempts' | 'state'>): readonly TrailStep[] {
  if (attempts.length < 2 && !attempts[0]?.failure) return [];
  const runs: Attempt[][] = [];
  for (const attempt of attempts) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && isAlike(last[0], attempt)) last.push(attempt);
    else runs.push([attempt]);
  }
  return runs.map((run) => toStep(run, state === 'completed' ? 'answered' : 'stopped'));
}

function isAlike(one: Attempt, other: Attempt): boolean {
  return one.failure !== null && one.model === other.model && wordOf(one) === wordOf(other);
}

/** @param end of an attempt that did not fail */
function toStep(run: readonly Attempt[], end: TrailStep['end']): TrailStep {
  const [first] = run;
  if (!first?.failure) return { end, model: first?.model ?? '', words: '' };
  const often = run.length > 1 ? ` ×${run.length}` : '';
  const took = run.reduce((sum, { duration_ms: ms }) => sum + (ms ?? 0), 0);
  return { end: 'failed', model: first.model, words: `${wordOf(first)}${often}, ${duration(took)}` };
}

/** The status that came, else the kind of failure; that an answer broke off in its middle says more than either. */
function wordOf({ failure, ttft_ms: ttft }: Attempt): string {
  if (failure === null) return '';
  if (ttft !== null) return 'broke off';
  return failure.status > 0 ? String(failure.status) : failure.kind;
}
