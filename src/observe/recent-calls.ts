import type { TranslatedCall } from '../calls/call.ts';
import type { TargetsConfig } from '../config/config.ts';
import { figuresOf, transitionsOf } from './call-figures.ts';
import type { ModelLabel } from './model-label.ts';
import type { Observer } from './observer.ts';
import {
  type BucketRange,
  type CallTotals,
  type Goals,
  type PerformanceBucket,
  type Sample,
  startOf,
  toBuckets,
  toCallTotals,
  toGoals,
} from './performance-report.ts';

const MAX_CALLS = 10_000;

/** Some calls, held against the targets. */
export interface PerformanceSummary extends CallTotals {
  readonly targets: Goals;
}

/** The answer of `GET /metrics/performance`. Times in milliseconds. */
export interface PerformanceReport extends PerformanceSummary {
  readonly by_provider: Readonly<Record<string, CallTotals>>;
  readonly by_model: Readonly<Record<string, CallTotals>>;
}

/** The last chat calls: remembering one costs the same however many there are; the sums are made when they are asked for. */
export interface RecentCalls extends Required<Pick<Observer, 'callEnded'>> {
  /** No more calls than this are remembered. */
  readonly maxCalls: number;
  /**
   * @param lastN how many calls to look at, from the newest back
   * @param keyId whose: those of one key that are among the remembered ones; null means everybody's
   */
  report(lastN: number, keyId: string | null): PerformanceReport;
  /**
   * By time, the oldest first. Stretches that the remembered calls do not reach back to are left out.
   * @param keyId as above
   */
  series(range: BucketRange, keyId: string | null): readonly PerformanceBucket[];
  /** Of everybody's, without providers and models. */
  summary(lastN: number): PerformanceSummary;
}

/** @param targets the goals that hold when the report is asked for */
export function createRecentCalls(modelLabel: ModelLabel, targets: () => TargetsConfig): RecentCalls {
  const ring: Sample[] = [];
  let next = 0;
  // Newest first. Those of one key are picked out when it asks, which is seldom: a list for each key would cost every
  // call, and would have to be bounded anew.
  const last = (count: number, keyId: string | null): Sample[] => {
    const found: Sample[] = [];
    for (let back = 1; back <= ring.length && found.length < count; back++) {
      const sample = ring.at((next - back) % MAX_CALLS);
      if (sample && (keyId === null || sample.key === keyId)) found.push(sample);
    }
    return found;
  };
  return {
    maxCalls: MAX_CALLS,
    callEnded(call) {
      // An upload of an hour is no slow answer: what passes through has figures of its own.
      if (call.kind !== 'translated') return;
      ring[next] = toSample(call, modelLabel);
      next = (next + 1) % MAX_CALLS;
    },
    report(lastN, keyId) {
      const samples = last(lastN, keyId);
      const group = toCallTotals(samples);
      return {
        ...group,
        by_provider: grouped(samples, ({ provider }) => provider),
        by_model: grouped(samples, ({ model }) => model),
        targets: toGoals(group, samples, targets()),
      };
    },
    series(range, keyId) {
      const start = startOf(range);
      const oldest = ring.length < MAX_CALLS ? undefined : ring[next];
      // What ended before it is forgotten: of the stretch in which it ended only a part is known.
      const forgotten = oldest === undefined ? 0 : Math.floor((oldest.at - start) / range.bucketMs) + 1;
      const samples = last(MAX_CALLS, keyId).filter(({ at }) => at >= start);
      return toBuckets(samples, range).slice(Math.max(0, forgotten));
    },
    summary(lastN) {
      const samples = last(lastN, null);
      const group = toCallTotals(samples);
      return { ...group, targets: toGoals(group, samples, targets()) };
    },
  };
}

function grouped(samples: readonly Sample[], nameOf: (sample: Sample) => string): Readonly<Record<string, CallTotals>> {
  const groups = [...Map.groupBy(samples, nameOf)].sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(groups.map(([name, members]) => [name, toCallTotals(members)]));
}

function toSample(call: TranslatedCall, modelLabel: ModelLabel): Sample {
  const { target, ttftMs, latencyMs, cancelMs, isFault } = figuresOf(call);
  let prompt = 0;
  let completion = 0;
  // What failed and was aborted was spent as well.
  for (const { usage } of call.attempts) {
    prompt += usage?.prompt_tokens ?? 0;
    completion += usage?.completion_tokens ?? 0;
  }
  return {
    at: call.endedAt ?? call.receivedAt,
    key: call.key.id,
    provider: target.provider.name,
    model: modelLabel(target),
    ttftMs,
    latencyMs: call.outcome === 'completed' ? latencyMs : null,
    cancelMs,
    isFault,
    prompt,
    completion,
    retries: call.attempts.length < 2 ? 0 : transitionsOf(call).filter(({ kind }) => kind === 'retry').length,
  };
}
