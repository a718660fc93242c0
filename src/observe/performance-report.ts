import type { TargetsConfig } from '../config/config.ts';

/** What is remembered of a call. Times in milliseconds, null where it has none. */
export interface Sample {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number;
  /** Name of the client's key. */
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly ttftMs: number | null;
  /** Of answered calls alone: a quick refusal would make the answers look faster than they are. */
  readonly latencyMs: number | null;
  readonly cancelMs: number | null;
  readonly isFault: boolean;
  readonly prompt: number;
  readonly completion: number;
  readonly retries: number;
}

/** Null where there was nothing to measure. */
export type Percentiles = Readonly<Record<'p50' | 'p90' | 'p95' | 'p99', number | null>>;

/** Some calls, summed up. */
export interface CallTotals {
  readonly calls: number;
  readonly ttft: Percentiles;
  readonly latency: Percentiles;
  readonly tokens: { readonly prompt: number; readonly completion: number; readonly total: number };
  readonly errors: { readonly count: number; readonly rate: number | null };
  readonly retries: { readonly count: number };
}

/** What should be, what is, and whether that is good enough; nothing measured is. */
export interface GoalCheck {
  readonly target: number;
  readonly value: number | null;
  readonly passing: boolean;
}

/** Each promise with its check. Times in milliseconds. */
export type Goals = Readonly<
  Record<'ttft_p95' | 'latency_p50' | 'latency_p95' | 'error_rate' | 'cancel_p95', GoalCheck>
> & { readonly passing: boolean };

/** Sums up; percentiles by nearest rank. */
export function toCallTotals(samples: readonly Sample[]): CallTotals {
  const prompt = sum(samples, (sample) => sample.prompt);
  const completion = sum(samples, (sample) => sample.completion);
  const faults = sum(samples, ({ isFault }) => Number(isFault));
  return {
    calls: samples.length,
    ttft: toPercentiles(samples, ({ ttftMs }) => ttftMs),
    latency: toPercentiles(samples, ({ latencyMs }) => latencyMs),
    tokens: { prompt, completion, total: prompt + completion },
    errors: { count: faults, rate: samples.length === 0 ? null : rounded(faults / samples.length, 4) },
    retries: { count: sum(samples, ({ retries }) => retries) },
  };
}

/** The calls that ended within a stretch of time. Times in milliseconds. */
export interface PerformanceBucket {
  /** Its beginning, ISO 8601. */
  readonly at: string;
  readonly calls: number;
  readonly errors: number;
  readonly ttft: Pick<Percentiles, 'p50' | 'p95'>;
  readonly latency: Pick<Percentiles, 'p50' | 'p95'>;
}

/** Which stretches of time: `count` of them, of which the last one has `now` in it. Milliseconds. */
export interface BucketRange {
  readonly bucketMs: number;
  readonly count: number;
  readonly now: number;
}

/** When the first stretch begins. They begin where the clock of UTC has a whole number of them. */
export function startOf({ bucketMs, count, now }: BucketRange): number {
  return (Math.floor(now / bucketMs) - count + 1) * bucketMs;
}

/** Sums up each stretch, the oldest first, also those in which nothing ended. @param samples none from before the first */
export function toBuckets(samples: readonly Sample[], range: BucketRange): PerformanceBucket[] {
  const { bucketMs, count } = range;
  const start = startOf(range);
  const found = Map.groupBy(samples, ({ at }) => Math.floor((at - start) / bucketMs));
  return Array.from({ length: count }, (_, index) => {
    const inside = found.get(index) ?? [];
    const { calls, errors, ttft, latency } = toCallTotals(inside);
    const at = new Date(start + index * bucketMs).toISOString();
    return { at, calls, errors: errors.count, ttft: middleAndEdge(ttft), latency: middleAndEdge(latency) };
  });
}

function middleAndEdge({ p50, p95 }: Percentiles): Pick<Percentiles, 'p50' | 'p95'> {
  return { p50, p95 };
}

/** Holds the calls, summed up before, against the targets. */
export function toGoals(
  { ttft, latency, errors }: CallTotals,
  samples: readonly Sample[],
  wanted: TargetsConfig,
): Goals {
  const cancel = toPercentiles(samples, ({ cancelMs }) => cancelMs);
  const checks = {
    ttft_p95: atMost(wanted.ttftP95Ms, ttft.p95),
    latency_p50: atMost(wanted.latencyP50Ms, latency.p50),
    latency_p95: atMost(wanted.latencyP95Ms, latency.p95),
    error_rate: below(wanted.errorRate, errors.rate),
    cancel_p95: below(wanted.cancelP95Ms, cancel.p95),
  };
  return { ...checks, passing: Object.values(checks).every(({ passing }) => passing) };
}

function atMost(target: number, value: number | null): GoalCheck {
  return { target, value, passing: value === null || value <= target };
}

function below(target: number, value: number | null): GoalCheck {
  return { target, value, passing: value === null || value < target };
}

function toPercentiles(samples: readonly Sample[], timeOf: (sample: Sample) => number | null): Percentiles {
  const times = Float64Array.from(samples.map(timeOf).filter((time) => time !== null)).sort();
  const at = (share: number): number | null => {
    const time = times[Math.ceil(share * times.length) - 1];
    return time === undefined ? null : rounded(time, 1);
  };
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

function sum(samples: readonly Sample[], numberOf: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + numberOf(sample), 0);
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
