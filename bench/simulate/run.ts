import { createChance, exponential, logNormal } from '../../lab/chance.ts';
import { chatFace } from '../../src/languages/chat/client-face.ts';
import { toUsage } from '../../src/protocol/delta.ts';
import { type Failure, toFailure } from '../../src/protocol/failure.ts';
import type { ModelRequest } from '../../src/protocol/model-request.ts';
import { atOnce } from '../../src/protocol/turns.ts';
import { type Attempt, createAttempt } from '../../src/routing/attempt.ts';
import { createBreakers } from '../../src/routing/breaker.ts';
import { createRetryBudgets } from '../../src/routing/budget.ts';
import { Failover } from '../../src/routing/failover.ts';
import { createPlan } from '../../src/routing/plan.ts';
import type { Registry } from '../../src/routing/registry.ts';
import { createStats } from '../../src/routing/stats.ts';
import type { Target } from '../../src/routing/target.ts';
import { estimatedPrice } from '../../src/usage/cost.ts';
import { drawOutcome, type Outcome, PROVIDERS, type ProviderName } from './providers.ts';
import { createTimeline } from './timeline.ts';

const SEED = 20_261_124;
const START = Date.parse('2026-11-24T00:00:00Z');
const CALLS = 20_000;
/** Five calls a second, on average. */
const BETWEEN_MS = 200;
const PROMPT_TOKENS = 800;
const ANSWER_TOKENS = 250;

/** What came of the calls of one row. */
export interface Tally {
  readonly calls: number;
  served: number;
  attempts: number;
  usd: number;
  /** From the arrival of the call, over all attempts; of those that were served. */
  readonly ttfts: number[];
  readonly firstAsked: Map<string, number>;
}

interface SimulatedCall {
  readonly request: ModelRequest;
  readonly answerTokens: number;
  readonly arrivedAt: number;
  readonly route: Failover;
  /** Two attempts of which none has spoken. */
  race: { readonly first: Attempt; readonly rival: Attempt } | null;
}

/** Sends the same calls at the same times to a model, in time that costs nothing. */
export function simulate(registry: Registry, model: string): Tally {
  const timeline = createTimeline(START);
  const { now, after } = timeline;
  const [arrivals, fate, random] = [createChance(SEED), createChance(SEED + 1), createChance(SEED + 2)];
  const [stats, breakers, budgets] = [createStats(now), createBreakers(now), createRetryBudgets(now)];
  const world = {
    stats,
    breakers,
    budgets,
    now,
    random,
    priceOf: estimatedPrice,
    providerKeys: { canReplace: () => false },
  };
  const caller = { id: 'anonymous', mayUse: null, keyName: 'anonymous', header: () => undefined };
  const tally: Tally = { calls: CALLS, served: 0, attempts: 0, usd: 0, ttfts: [], firstAsked: new Map() };

  const arrive = (number: number): void => {
    if (number > CALLS) return;
    const promptTokens = logNormal(PROMPT_TOKENS, 0.7, arrivals);
    const answerTokens = Math.round(logNormal(ANSWER_TOKENS, 0.6, arrivals));
    after(exponential(BETWEEN_MS, arrivals), () => arrive(number + 1));
    const content = 'word'.repeat(promptTokens);
    const { request } = atOnce(chatFace.parse({ model, messages: [{ role: 'user', content }], stream: true }));
    const plan = createPlan(registry, request, caller, world);
    const route = new Failover(plan, now() + plan.targets[0].policy.timeouts.totalMs, world);
    const first = route.target;
    tally.firstAsked.set(first.provider.name, (tally.firstAsked.get(first.provider.name) ?? 0) + 1);
    ask({ request, answerTokens, arrivedAt: now(), route, race: null }, first);
  };

  /** @param late the attempt beside which this one is made */
  const ask = (call: SimulatedCall, target: Target, late: Attempt | null = null): void => {
    const { request, answerTokens, arrivedAt, route } = call;
    const attempt = createAttempt(++tally.attempts, target, [], now(), { isHedge: late !== null });
    if (late) call.race = { first: late, rival: attempt };
    stats.attemptBegan({ request }, attempt);
    const outcome = draw(target, answerTokens);
    if (outcome.ttftMs !== null) {
      after(outcome.ttftMs, () => {
        if (attempt.failure) return;
        attempt.firstTokenAt = now();
        tally.ttfts.push(now() - arrivedAt);
        decide(call, attempt, null);
      });
    }
    after(outcome.endMs, () => {
      if (attempt.failure) return;
      attempt.failure = outcome.failure && toFailure(outcome.failure, 'simulated');
      stats.attemptEnded({ request }, attempt);
      if (attempt.failure === null) {
        pay(call, target, answerTokens);
        tally.served++;
        route.succeeded();
        route.end();
        return;
      }
      if (decide(call, attempt, attempt.failure)) return;
      const step = route.afterFailure(attempt.failure);
      if (step.kind === 'give-up') route.end();
      else after(step.kind === 'again' ? step.afterMs : 0, () => ask(call, step.target));
    });
    const { hedgeAfter } = target.policy;
    const lateAfterMs = hedgeAfter === 'p95' ? stats.lateAfterMs(target.id) : hedgeAfter;
    if (lateAfterMs === null) return;
    after(lateAfterMs, () => {
      const rival = attempt.firstTokenAt === null && attempt.failure === null ? route.hedge() : null;
      if (rival) ask(call, rival, attempt);
    });
  };

  /** Ends a race by the first word, or the failure, of one of the two. @returns false where there is none */
  const decide = (call: SimulatedCall, attempt: Attempt, failure: Failure | null): boolean => {
    const { race, route } = call;
    if (race === null) return false;
    call.race = null;
    const isFirst = attempt === race.first;
    if (isFirst === (failure === null)) route.primaryWon(failure);
    else route.backupWon(failure);
    if (failure === null) lose(call, isFirst ? race.rival : race.first);
    return true;
  };

  const lose = (call: SimulatedCall, attempt: Attempt): void => {
    attempt.failure = toFailure('lost-race', 'simulated');
    stats.attemptEnded(call, attempt);
    pay(call, attempt.target, 0);
  };

  const pay = ({ request }: SimulatedCall, target: Target, completion: number): void => {
    const prompt = Math.round((request.messages[0]?.content?.length ?? 0) / 4);
    tally.usd += estimatedPrice(target, toUsage({ prompt, completion }), now()) ?? 0;
  };

  /** A first token that comes too late is not waited for. */
  const draw = (target: Target, tokens: number): Outcome => {
    const name = target.provider.name as ProviderName;
    const outcome = drawOutcome(name, tokens, stats.inFlightOf(target.id), now() - START, fate);
    const { firstTokenMs } = target.policy.timeouts;
    const isLate = (outcome.ttftMs ?? outcome.endMs) > firstTokenMs;
    return isLate ? { ttftMs: null, endMs: firstTokenMs, failure: 'timeout' } : outcome;
  };

  arrive(1);
  timeline.run();
  return tally;
}

/** Everybody there is, for the shares of a row. */
export const NAMES: readonly string[] = Object.keys(PROVIDERS);
