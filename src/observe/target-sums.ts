import type { Usage } from '../protocol/delta.ts';
import type { Target } from '../routing/target.ts';
import type { Instruments, MetricLabels } from './instruments.ts';

/** Targets kept at most between two scrapes: a reload makes new ones, and clients can name models that are not listed. */
const MAX_TARGETS = 100;

type Counters = Pick<Instruments, 'attempts' | 'calls' | 'tokens' | 'cost'>;

/** What the attempts and calls of a target came to since the last scrape. */
class Sums {
  readonly labels: MetricLabels;
  attempts = 0;
  calls = 0;
  prompt = 0;
  completion = 0;
  cached = 0;
  reasoning = 0;
  usd = 0;

  constructor(labels: MetricLabels) {
    this.labels = labels;
  }
}

/**
 * Adds up what is counted of every call that goes well, and tells it at a scrape. prom-client puts a key together
 * from names and values for each count, and there are five of them to a call.
 */
export class TargetSums {
  readonly #instruments: Counters;
  readonly #labelsOf: (target: Target) => MetricLabels;
  readonly #byTarget = new Map<Target, Sums>();

  constructor(instruments: Counters, labelsOf: (target: Target) => MetricLabels) {
    this.#instruments = instruments;
    this.#labelsOf = labelsOf;
  }

  /** An attempt that ended as it should. */
  attemptAnswered(target: Target): void {
    this.#of(target).attempts++;
  }

  /** A call that ended as it should. */
  callCompleted(target: Target): void {
    this.#of(target).calls++;
  }

  /** @param usd null where the price is not known */
  spent(target: Target, usage: Usage | null, usd: number | null): void {
    const sums = this.#of(target);
    if (usd) sums.usd += usd;
    if (usage === null) return;
    sums.prompt += usage.prompt_tokens;
    sums.completion += usage.completion_tokens;
    sums.cached += usage.prompt_tokens_details['cached_tokens'] ?? 0;
    sums.reasoning += usage.completion_tokens_details['reasoning_tokens'] ?? 0;
  }

  /** Tells all that was added up. */
  flush(): void {
    for (const sums of this.#byTarget.values()) this.#tellOne(sums);
    this.#byTarget.clear();
  }

  #of(target: Target): Sums {
    const known = this.#byTarget.get(target);
    if (known) return known;
    if (this.#byTarget.size >= MAX_TARGETS) this.flush();
    const sums = new Sums(this.#labelsOf(target));
    this.#byTarget.set(target, sums);
    return sums;
  }

  #tellOne({ labels, attempts, calls, prompt, completion, cached, reasoning, usd }: Sums): void {
    const { attempts: tries, calls: ends, tokens, cost } = this.#instruments;
    if (attempts > 0) tries.inc({ ...labels, outcome: 'ok' }, attempts);
    if (calls > 0) ends.inc({ ...labels, status: '2xx', outcome: 'completed' }, calls);
    for (const [kind, count] of Object.entries({ prompt, completion, cached, reasoning }))
      if (count > 0) tokens.inc({ ...labels, kind }, count);
    if (usd > 0) cost.inc(labels, usd);
  }
}
