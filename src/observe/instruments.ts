import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BreakerState } from '../routing/breaker.ts';

const FIRST_TOKEN_S = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];
const LATENCY_S = [0.1, 0.25, 0.5, 1, 2, 3.5, 6, 10, 20, 30, 60, 120, 300];
const GAP_S = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const OVERHEAD_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
const CANCEL_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1];

const TARGET = ['model', 'provider'] as const;

/** The labels of a target. */
export type MetricLabels = Readonly<Record<(typeof TARGET)[number], string>>;

/** Every family of ours but those that are read only at a scrape. */
export type Instruments = ReturnType<typeof createInstruments>;

/**
 * Makes the families. Names and units follow Prometheus' conventions; `model` is always one of the registry. What passes
 * through has families of its own: an upload is no slow chat. Tokens, cost and cancels are counted of both.
 */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) =>
    new Histogram<L>({ name, help, buckets, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers });
  return {
    firstToken: histogram(
      'sluice_time_to_first_token_seconds',
      'From the arrival of a streamed call to the first token of its answer, over all attempts.',
      FIRST_TOKEN_S,
      TARGET,
    ),
    duration: histogram(
      'sluice_call_duration_seconds',
      'From the arrival of a call to its last byte, over all attempts. status is the class of the HTTP status: 2xx, 4xx or 5xx; calls that the client gave up are 4xx.',
      LATENCY_S,
      [...TARGET, 'status'],
    ),
    meanGap: histogram(
      'sluice_chunk_gap_mean_seconds',
      'Mean time between the chunks of a stream, one observation per stream. Chunks that arrive in one network read count as one.',
      GAP_S,
      TARGET,
    ),
    longestGap: histogram(
      'sluice_chunk_gap_max_seconds',
      'Longest time between two chunks of a stream, one observation per stream. A client that reads slowly makes it longer.',
      GAP_S,
      TARGET,
    ),
    overhead: histogram(
      'sluice_gateway_overhead_seconds',
      'Time that the gateway itself adds to an answered call: from its arrival to the first attempt, and from what the provider gave to what the client gets.',
      OVERHEAD_S,
    ),
    cancel: histogram(
      'sluice_cancel_duration_seconds',
      'From the abort of a call (client gone, cancelled, deadline, shutdown) to the closed exchange with the provider.',
      CANCEL_S,
    ),
    calls: counter(
      'sluice_calls_total',
      'Calls that have ended, by the target that answered or was asked last. outcome: completed, failed or cancelled; status: class of the HTTP status, also where the stream had begun with 200.',
      [...TARGET, 'status', 'outcome'],
    ),
    faults: counter(
      'sluice_call_errors_total',
      'Failed calls that the provider or the gateway is to blame for: not mistakes of the client, not calls that the client gave up.',
      TARGET,
    ),
    attempts: counter(
      'sluice_attempts_total',
      'Tries of calls on targets. outcome: ok, aborted, or the kind of failure (rate-limited, timeout, server, ...).',
      [...TARGET, 'outcome'],
    ),
    retries: counter('sluice_retries_total', 'Times that the same target was asked again after it failed.', TARGET),
    fallbacks: counter(
      'sluice_fallbacks_total',
      'Times that another target was asked because this one failed before its first token.',
      TARGET,
    ),
    rescues: counter(
      'sluice_rescues_total',
      'Times that another target was asked to take up an answer that this one broke off. way: prefix, continued or aligned; result: completed or failed.',
      [...TARGET, 'way', 'result'],
    ),
    hedges: counter(
      'sluice_hedges_total',
      'Times that another target was asked beside this one, which was late with its first token. result: of the other, won, lost or failed.',
      [...TARGET, 'result'],
    ),
    anomalies: counter(
      'sluice_stream_anomalies_total',
      'Streams of providers that went wrong. kind: silent (no first token in time), stalled (silence in the middle), interrupted (cut, or unreadable), error (an error in the middle).',
      [...TARGET, 'kind'],
    ),
    tokens: counter(
      'sluice_tokens_total',
      'Tokens spent, failed and aborted attempts included. kind: prompt, completion, and of these cached and reasoning. Estimated where the provider does not count.',
      [...TARGET, 'kind'],
    ),
    cost: counter(
      'sluice_cost_usd_total',
      'US dollars spent, as far as prices are known: as told by the provider, else by the price list of the registry.',
      TARGET,
    ),
    passed: counter(
      'sluice_passthrough_requests_total',
      'Requests passed through that have ended. path: the first part of the path; model: none where no model was named; status: class of the HTTP status; outcome: completed, failed (errors of the provider too) or cancelled.',
      ['path', ...TARGET, 'status', 'outcome'],
    ),
    passedDuration: histogram(
      'sluice_passthrough_duration_seconds',
      'From the arrival of a request that is passed through to the last byte of its answer.',
      LATENCY_S,
      ['path', 'provider'],
    ),
    passedBytes: counter(
      'sluice_passthrough_bytes_total',
      'Bytes of bodies that were passed through. direction: request, response.',
      ['path', 'provider', 'direction'],
    ),
    budgetAlerts: counter(
      'sluice_budget_alerts_total',
      'Calls for which a budget had little left (level near: governance.budgets.soft_at), or, being soft, was used up (level exceeded). scope: key, org or parent; window: day, week, month or total.',
      ['scope', 'window', 'level'],
    ),
    budgetOverrun: counter(
      'sluice_budget_overrun_usd_total',
      'US dollars by which calls have overdrawn hard budgets: answers that came out longer, or dearer, than what was set aside for them.',
    ),
    reloads: counter(
      'sluice_config_reloads_total',
      'Reloads of the configuration. result: success, or failure, where the old one stays in place.',
      ['result'],
    ),
  };
}

/** What is read at a scrape. */
export interface Readings {
  readonly version: string;
  callsInFlight(): number;
  /** The breaker of each listed target. */
  breakers(): Iterable<{ readonly target: string; readonly provider: string; readonly state: BreakerState }>;
  /** Records of the usage log that could not be written. */
  lostRecords(): number;
  /** Answers that were not kept and should have been. */
  lostAnswers(): number;
}

const BREAKER_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<BreakerState, number>;

/** Makes the families that have no event of their own. */
export function createReadings(registry: Registry, readings: Readings): void {
  const registers = [registry];
  new Gauge({
    name: 'sluice_calls_in_flight',
    help: 'Calls being served now.',
    registers,
    collect() {
      this.set(readings.callsInFlight());
    },
  });
  new Gauge({
    name: 'sluice_breaker_state',
    help: 'Circuit breaker of each target of the registry: 0 closed, 1 half-open (one call probes it), 2 open (left alone).',
    labelNames: ['target', 'provider'],
    registers,
    collect() {
      this.reset();
      for (const { target, provider, state } of readings.breakers())
        this.set({ target, provider }, BREAKER_VALUES[state]);
    },
  });
  new Counter({
    name: 'sluice_usage_records_lost_total',
    help: 'Records of the usage log that could not be written: its database is full, locked or away.',
    registers,
    collect() {
      this.reset();
      this.inc(readings.lostRecords());
    },
  });
  new Counter({
    name: 'sluice_answers_lost_total',
    help: 'Answers of the Responses API that could not be kept: the database is full, locked, slow or away.',
    registers,
    collect() {
      this.reset();
      this.inc(readings.lostAnswers());
    },
  });
  new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; the labels say which Sluice runs on which Node.js.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: readings.version, node: process.version }, 1);
}
