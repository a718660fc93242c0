import { collectDefaultMetrics, Registry } from 'prom-client';
import type { PassedCall, TranslatedCall } from '../calls/call.ts';
import type { ScopeAlert } from '../limits/ledger.ts';
import type { Attempt } from '../routing/attempt.ts';
import type { CallContext } from '../routing/call-context.ts';
import { type CallFigures, cancelOf, figuresOf, type Transition, transitionsOf } from './call-figures.ts';
import {
  createInstruments,
  createReadings,
  type Instruments,
  type MetricLabels,
  type Readings,
} from './instruments.ts';
import type { ModelLabel } from './model-label.ts';
import type { Observer } from './observer.ts';
import { TargetSums } from './target-sums.ts';

/** Everything that Prometheus is told. */
export interface Metrics extends Required<Omit<Observer, 'attemptBegan'>> {
  configReloaded(isGood: boolean): void;
  budgetAlert(alert: ScopeAlert): void;
  /** @param usd by how much a hard budget was overdrawn */
  budgetOverrun(usd: number): void;
  /** The exposition format of Prometheus, version 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What metrics need of the rest of the house. */
export interface MetricsContext extends Readings {
  readonly modelLabel: ModelLabel;
  /** What an attempt cost in USD; null where it is not known. */
  costOf(attempt: Attempt): number | null;
}

/** A registry of its own, so that two gateways in one process do not count for each other. */
export function createMetrics(context: MetricsContext): Metrics {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  createReadings(registry, context);
  collectDefaultMetrics({ register: registry });
  // From the start, so that the first failure is an increase.
  for (const result of ['success', 'failure']) instruments.reloads.inc({ result }, 0);
  const { modelLabel, costOf } = context;
  const sums = new TargetSums(instruments, (target) => labelsOf({ target }, modelLabel));
  const countPassed = (call: PassedCall): void => {
    const { currentAttempt } = call;
    if (currentAttempt === null) return;
    sums.spent(currentAttempt.target, currentAttempt.usage, costOf(currentAttempt));
    countPassedCall(call, labelsOf(currentAttempt, modelLabel), instruments);
  };
  return {
    attemptEnded: (course, attempt) => {
      sums.spent(attempt.target, attempt.usage, costOf(attempt));
      if (isAnswered(attempt)) sums.attemptAnswered(attempt.target);
      else countFailure(course, attempt, instruments, modelLabel);
    },
    callEnded: (call) => {
      if (call.kind === 'passed') return countPassed(call);
      const figures = figuresOf(call);
      if (call.outcome === 'completed') sums.callCompleted(figures.target);
      countCall(call, figures, instruments, modelLabel);
    },
    budgetAlert: ({ scope: { role: scope }, window, level }) => instruments.budgetAlerts.inc({ scope, window, level }),
    budgetOverrun: (usd) => instruments.budgetOverrun.inc(usd),
    configReloaded: (isGood) => instruments.reloads.inc({ result: isGood ? 'success' : 'failure' }),
    text: () => {
      sums.flush();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function labelsOf({ target }: Pick<Attempt, 'target'>, modelLabel: ModelLabel): MetricLabels {
  return { model: modelLabel(target), provider: target.provider.name };
}

function isAnswered({ failure, isAborted, firstTokenAt }: Attempt): boolean {
  return failure === null && !isAborted && firstTokenAt !== null;
}

/** An attempt that did not end as it should. */
function countFailure(
  { request }: CallContext,
  attempt: Attempt,
  { attempts, anomalies }: Instruments,
  modelLabel: ModelLabel,
): void {
  const labels = labelsOf(attempt, modelLabel);
  attempts.inc({ ...labels, outcome: attempt.failure?.kind ?? 'aborted' });
  const anomaly = request.isStream ? anomalyOf(attempt) : null;
  if (anomaly !== null) anomalies.inc({ ...labels, kind: anomaly });
}

type Anomaly = 'silent' | 'stalled' | 'interrupted' | 'error';

/** What went wrong with a stream; null for one that was refused before it began, lost a race, or did not fit. */
function anomalyOf({ failure, firstTokenAt }: Attempt): Anomaly | null {
  if (failure === null || failure.kind === 'lost-race' || failure.kind === 'other-words') return null;
  if (failure.kind === 'timeout') return firstTokenAt === null ? 'silent' : 'stalled';
  if (failure.kind === 'interrupted') return 'interrupted';
  return firstTokenAt === null ? null : 'error';
}

function countCall(call: TranslatedCall, figures: CallFigures, instruments: Instruments, modelLabel: ModelLabel): void {
  const { outcome, error } = call;
  const labels = labelsOf(figures, modelLabel);
  const withStatus = { ...labels, status: statusClass(error?.status ?? 200) };
  if (outcome !== 'completed') instruments.calls.inc({ ...withStatus, outcome });
  instruments.duration.observe(withStatus, figures.latencyMs / 1000);
  if (figures.isFault) instruments.faults.inc(labels);
  if (figures.ttftMs !== null) instruments.firstToken.observe(labels, figures.ttftMs / 1000);
  if (figures.overheadMs !== null) instruments.overhead.observe(figures.overheadMs / 1000);
  if (figures.cancelMs !== null) instruments.cancel.observe(figures.cancelMs / 1000);
  observePace(call, labels, instruments);
  if (call.attempts.length < 2) return;
  for (const step of transitionsOf(call)) countStep(step, instruments, modelLabel);
}

function countPassedCall(
  call: PassedCall,
  labels: MetricLabels,
  { passed, passedDuration, passedBytes, cancel }: Instruments,
) {
  const { path, outcome, error, status, receivedAt, endedAt, requestBytes, responseBytes } = call;
  const way = { path, provider: labels.provider };
  passed.inc({ path, ...labels, status: statusClass(error?.status ?? status), outcome });
  passedDuration.observe(way, ((endedAt ?? receivedAt) - receivedAt) / 1000);
  passedBytes.inc({ ...way, direction: 'request' }, requestBytes ?? 0);
  passedBytes.inc({ ...way, direction: 'response' }, responseBytes ?? 0);
  const cancelMs = cancelOf(call);
  if (cancelMs !== null) cancel.observe(cancelMs / 1000);
}

function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}

/** The wait between chunks: the mean and the longest, because an observation per chunk would cost more than the chunk. */
function observePace(
  { isStream, pace, firstTokenAt }: TranslatedCall,
  labels: MetricLabels,
  { meanGap, longestGap }: Instruments,
): void {
  if (!isStream || firstTokenAt === null || pace.batches < 2) return;
  meanGap.observe(labels, (pace.lastAt - firstTokenAt) / (pace.batches - 1) / 1000);
  longestGap.observe(labels, pace.maxGapMs / 1000);
}

/** Counted for the target that failed: that is where the trouble is. */
function countStep(
  { kind, from, to }: Transition,
  { retries, fallbacks, rescues, hedges }: Instruments,
  modelLabel: ModelLabel,
): void {
  const labels = labelsOf(from, modelLabel);
  if (kind === 'retry') retries.inc(labels);
  else if (kind === 'fallback') fallbacks.inc(labels);
  else if (kind === 'hedge') hedges.inc({ ...labels, result: raceOf(to) });
  else rescues.inc({ ...labels, way: to.rescue ?? 'aligned', result: to.failure === null ? 'completed' : 'failed' });
}

function raceOf({ failure }: Attempt): 'won' | 'lost' | 'failed' {
  if (failure === null) return 'won';
  return failure.kind === 'lost-race' ? 'lost' : 'failed';
}
