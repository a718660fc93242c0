import { LRUCache } from 'lru-cache';
import type { FailureKind } from '../protocol/failure-kinds.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import type { Attempt } from './attempt.ts';
import { isTargetToBlame } from './permit.ts';

/** Targets remembered at most: clients can name models that are not listed. */
const MAX_TARGETS = 2000;
/** Providers remembered at most: a reload may bring others. */
const MAX_PROVIDERS = 1000;
/** Attempts per target that percentiles and the error rate look back on. */
const WINDOW = 100;
/** Fewer say nothing about what happens once in twenty times. */
const MIN_SAMPLES = 20;
/** A measurement counts half after so long: providers have bad hours, not bad characters. */
const HALF_LIFE_MS = 20_000;

/** What was measured of one target, as people read it; null where nothing was. */
export interface TargetStats {
  /** Of streams. */
  readonly ttftMs: { readonly p50: number | null; readonly p95: number | null };
  /** From 0 to 1; of attempts that said something about the target. */
  readonly errorRate: number | null;
  readonly inFlight: number;
}

/** What of a call decides where an attempt is counted. */
export interface MeasuredCall {
  readonly request: Pick<ModelRequest, 'isStream'>;
}

/** Why a provider last failed to answer, and when. */
export interface LastFailure {
  readonly kind: FailureKind;
  /** The provider's HTTP status; 0 where there was none. */
  readonly status: number;
  /** The target that failed. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Measures the targets: how soon they speak, how often they fail, how much they have to do. */
export interface Stats {
  attemptBegan(call: MeasuredCall, attempt: Attempt): void;
  attemptEnded(call: MeasuredCall, attempt: Attempt): void;
  of(targetId: string): TargetStats;
  /**
   * A decayed mean of the time to the first token, or to the whole answer for what is not streamed; a failure counts
   * as the longest wait that the target is allowed. Milliseconds; null when it was never measured.
   */
  speedOf(targetId: string, isStream: boolean): number | null;
  inFlightOf(targetId: string): number;
  /** The last failure that was the provider's own; null where it had none. */
  lastFailureOf(providerName: string): LastFailure | null;
  /** 95 of 100 whole answers are no longer, in tokens of all their choices. Null as long as it cannot be told. */
  p95TokensOf(targetId: string): number | null;
  /** When the target is late with its first token: later than nearly always. Null as long as it cannot be told. */
  lateAfterMs(targetId: string): number | null;
}

interface Track {
  readonly streamed: DecayedMean;
  readonly whole: DecayedMean;
  /** The last ones, in no order. */
  readonly ttfts: number[];
  readonly failures: boolean[];
  /** Of answers, in tokens. */
  readonly lengths: number[];
  answered: number;
  /** Of the lengths, as it was when there were so many answers. */
  p95Tokens: number | null;
  p95At: number;
  measured: number;
  judged: number;
  inFlight: number;
}

interface DecayedMean {
  sum: number;
  weight: number;
  at: number;
}

/** @param now milliseconds since the epoch */
export function createStats(now: () => number): Stats {
  const tracks = new LRUCache<string, Track>({ max: MAX_TARGETS });
  const failures = new LRUCache<string, LastFailure>({ max: MAX_PROVIDERS });
  const trackOf = (id: string): Track => {
    let track = tracks.get(id);
    if (track === undefined) {
      track = createTrack();
      tracks.set(id, track);
    }
    return track;
  };
  return {
    attemptBegan: (_course, { target }) => void trackOf(target.id).inFlight++,
    attemptEnded({ request }, attempt) {
      const track = trackOf(attempt.target.id);
      // A track that was forgotten meanwhile has not counted the beginning.
      track.inFlight = Math.max(0, track.inFlight - 1);
      judge(track, attempt, request.isStream, now());
      const { failure, target } = attempt;
      if (failure === null || !isTargetToBlame(failure)) return;
      const { kind, status } = failure;
      failures.set(target.provider.name, { kind, status, target: target.id, at: now() });
    },
    of(id) {
      const track = tracks.get(id);
      if (track === undefined) return { ttftMs: { p50: null, p95: null }, errorRate: null, inFlight: 0 };
      const { ttfts, failures, inFlight } = track;
      const failed = failures.filter(Boolean).length;
      const errorRate = failures.length === 0 ? null : Math.round((failed / failures.length) * 10_000) / 10_000;
      return { ttftMs: { p50: percentile(ttfts, 0.5), p95: percentile(ttfts, 0.95) }, errorRate, inFlight };
    },
    speedOf(id, isStream) {
      const track = tracks.get(id);
      const mean = isStream ? track?.streamed : track?.whole;
      return mean === undefined || mean.weight === 0 ? null : mean.sum / mean.weight;
    },
    p95TokensOf(id) {
      const track = tracks.get(id);
      return track === undefined || track.answered < MIN_SAMPLES ? null : longAnswerOf(track);
    },
    inFlightOf: (id) => tracks.get(id)?.inFlight ?? 0,
    lastFailureOf: (name) => failures.get(name) ?? null,
    lateAfterMs(id) {
      const ttfts = tracks.get(id)?.ttfts ?? [];
      return ttfts.length < MIN_SAMPLES ? null : percentile(ttfts, 0.95);
    },
  };
}

function createTrack(): Track {
  const [streamed, whole] = [
    { sum: 0, weight: 0, at: 0 },
    { sum: 0, weight: 0, at: 0 },
  ];
  const lengths = { lengths: [], answered: 0, p95Tokens: null, p95At: 0 };
  return { streamed, whole, ttfts: [], failures: [], measured: 0, judged: 0, inFlight: 0, ...lengths };
}

/** An attempt that was aborted before its first token says nothing, and neither does a bad request. */
function judge(track: Track, attempt: Attempt, isStream: boolean, at: number): void {
  const { startedAt, firstTokenAt, failure, target, isHedge, isAborted, usage } = attempt;
  const isFault = failure !== null && isTargetToBlame(failure);
  if (isFault || (failure === null && firstTokenAt !== null)) track.failures[track.judged++ % WINDOW] = isFault;
  if (failure === null && !isAborted && usage !== null)
    track.lengths[track.answered++ % WINDOW] = usage.completion_tokens;
  const mean = isStream ? track.streamed : track.whole;
  const { firstTokenMs, responseMs } = target.policy.timeouts;
  // Who was late and lost a race for it would have taken longer yet: left out, it would come to look fast.
  const spokeAt = firstTokenAt ?? (failure?.kind === 'lost-race' && !isHedge ? at : null);
  if (spokeAt !== null) {
    add(mean, spokeAt - startedAt, at);
    if (isStream) track.ttfts[track.measured++ % WINDOW] = spokeAt - startedAt;
  } else if (isFault) add(mean, Math.max(isStream ? firstTokenMs : responseMs, at - startedAt), at);
}

/** Sorted anew once in so many answers: every call asks that has limits. */
function longAnswerOf(track: Track): number | null {
  if (track.p95Tokens === null || track.answered - track.p95At >= MIN_SAMPLES) {
    track.p95Tokens = percentile(track.lengths, 0.95);
    track.p95At = track.answered;
  }
  return track.p95Tokens;
}

function add(mean: DecayedMean, value: number, at: number): void {
  const kept = 0.5 ** (Math.max(0, at - mean.at) / HALF_LIFE_MS);
  mean.sum = mean.sum * kept + value;
  mean.weight = mean.weight * kept + 1;
  mean.at = at;
}

/** By nearest rank. */
function percentile(values: readonly number[], share: number): number | null {
  const value = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
