import { GatewayError } from '../protocol/errors.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { atOnce, type Steps } from '../protocol/turns.ts';
import type { BreakerState, Breakers } from './breaker.ts';
import { fits, type Needs, needsOf } from './needs.ts';
import type { Skipped } from './pick.ts';
import { figuresOf, type Plan, type PlanContext } from './plan.ts';
import type { Stats } from './stats.ts';
import type { Target } from './target.ts';

/** Who would answer a request, and why: what `POST /v1/router/choose` says. */
export interface Explanation {
  readonly model: string;
  readonly provider: string;
  readonly reason: string;
  /** Name of the rule that matched. */
  readonly rule: string | null;
  readonly route: string;
  /** The targets that would be asked, in order, then the others. */
  readonly candidates: readonly ExplainedTarget[];
}

/** A target, and how it stands; what is not known is null. */
export interface ExplainedTarget {
  readonly model: string;
  readonly provider: string | null;
  readonly upstream: string | null;
  readonly chosen: boolean;
  /** Why it is not asked. */
  readonly skipped: string | null;
  readonly estimated_cost_usd: number | null;
  readonly ttft_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly error_rate: number | null;
  readonly breaker: BreakerState | null;
  readonly in_flight: number;
  readonly context_window: number | null;
  /** Whether prompt and answer fit into the window. */
  readonly fits: boolean | null;
  readonly dropped_params: readonly string[];
}

/** Of the world, what planning needs and what else there is to tell. */
export interface ExplainContext extends PlanContext {
  readonly stats: Stats;
  readonly breakers: Breakers;
}

/** Tells what a plan comes to. Asks no provider and changes nothing. */
export function explain(plan: Plan, request: ModelRequest, context: ExplainContext): Explanation {
  return atOnce(explainInSteps(plan, request, context));
}

/** Explains in steps, for a large request: it is translated for each candidate. */
export function* explainInSteps(plan: Plan, request: ModelRequest, context: ExplainContext): Steps<Explanation> {
  const needs = needsOf(request);
  const { costOf } = figuresOf(request, needs, context);
  const chosen = firstAsked(plan.targets, context.breakers);
  const describe = (target: Target, skipped: string | null): ExplainedTarget => {
    const state = stateOf(target, needs, context);
    const { dropped, refusal } = translate(request, target);
    const estimated_cost_usd = roundedUsd(costOf(target));
    return {
      ...nameOf(target),
      chosen: target === chosen,
      skipped: skipped ?? refusal,
      estimated_cost_usd,
      ...state,
      dropped_params: dropped,
    };
  };
  const candidates: ExplainedTarget[] = [];
  for (const target of plan.targets) {
    candidates.push(describe(target, null));
    yield;
  }
  for (const one of plan.skipped) {
    candidates.push(one.target ? describe(one.target, one.reason) : unknown(one));
    yield;
  }
  const { model, provider } = nameOf(chosen);
  const isLater = chosen !== plan.targets[0];
  const why = isLater ? 'comes first of those whose circuit breaker is not open' : plan.reason;
  const { rule, route } = plan;
  return { model, provider, reason: `${model} ${why}.`, rule, route, candidates };
}

/** As the attempts will find it: what is broken is passed over, unless everything is. */
function firstAsked(targets: Plan['targets'], breakers: Breakers): Target {
  const whole = targets.find(({ id }) => breakers.state(id) !== 'open');
  const byFailure = targets.toSorted((a, b) => breakers.lastFailedAt(a.id) - breakers.lastFailedAt(b.id));
  return whole ?? byFailure[0] ?? targets[0];
}

function nameOf({ facts, provider }: Target) {
  return { model: facts.model, provider: provider.name, upstream: facts.upstream };
}

function stateOf({ id, facts }: Target, needs: Needs, { stats, breakers }: ExplainContext) {
  const { ttftMs, errorRate, inFlight } = stats.of(id);
  return {
    ttft_ms: ttftMs,
    error_rate: errorRate,
    breaker: breakers.state(id),
    in_flight: inFlight,
    context_window: facts.contextWindow,
    fits: fits(facts, needs),
  };
}

/** A request that cannot be said in the target's language is not asked either. */
function translate(
  request: ModelRequest,
  { provider, facts }: Target,
): { dropped: readonly string[]; refusal: string | null } {
  try {
    return { dropped: provider.chooseDialect(request, facts).request(request, facts).dropped, refusal: null };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { dropped: [], refusal: error.message };
  }
}

function unknown({ model, provider, upstream, reason }: Skipped): ExplainedTarget {
  const unmeasured = { ttft_ms: { p50: null, p95: null }, error_rate: null, breaker: null, in_flight: 0 };
  const facts = { estimated_cost_usd: null, ...unmeasured, context_window: null, fits: null, dropped_params: [] };
  return { model, provider, upstream, chosen: false, skipped: reason, ...facts };
}

/** A millionth of a cent is enough. */
function roundedUsd(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * 1e8) / 1e8;
}
