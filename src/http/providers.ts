import type { RequestHandler } from 'express';
import type { Key } from '../access/keys.ts';
import type { ProviderConfig } from '../config/config.ts';
import type { FailureKind } from '../protocol/failure-kinds.ts';
import type { Provider } from '../providers/provider.ts';
import type { BreakerState } from '../routing/breaker.ts';
import type { ExplainContext } from '../routing/explain.ts';
import type { LastFailure, TargetStats } from '../routing/stats.ts';
import type { Target } from '../routing/target.ts';
import { requireAdmin } from './route-check.ts';
import type { Services, Snapshot } from './services.ts';

/** A provider of `GET /v1/providers`, and how it has been doing. Times are ISO 8601, durations milliseconds. */
export interface ProviderBody {
  readonly name: string;
  readonly kind: ProviderConfig['entry']['kind'];
  /** Whether it can be asked. */
  readonly configured: boolean;
  /** The variable that its key wants and that is not set. */
  readonly env: string | null;
  readonly keys: { readonly total: number; readonly resting: number };
  /** Calls that it is answering. */
  readonly in_flight: number;
  /** Of models that are listed; none where it cannot be asked. */
  readonly targets: readonly TargetBody[];
  readonly last_failure: {
    readonly kind: FailureKind;
    readonly status: number;
    readonly target: string;
    readonly at: string;
  } | null;
}

/** One way to serve a model. */
export interface TargetBody {
  /** `provider/upstream-id` */
  readonly target: string;
  readonly breaker: BreakerState;
  /** Until when an open breaker lets nothing in. */
  readonly until: string | null;
  readonly ttft_ms: TargetStats['ttftMs'];
  readonly error_rate: number | null;
}

/** `GET /v1/providers`: who is asked for answers, and how they do; for an admin. */
export function listProviders(services: Pick<Services, 'snapshot' | 'calls' | 'routing'>): RequestHandler {
  return (_request, response) => {
    requireAdmin(response.locals['key'] as Key, 'GET /v1/providers');
    const snapshot = services.snapshot();
    const inFlight = services.calls.tracker.byProvider();
    const targets = targetsByProvider(snapshot);
    const bodies = [...snapshot.config.providers.values()].flatMap((config): ProviderBody[] => {
      const provider = snapshot.providers.get(config.name);
      if (provider === undefined) return [];
      const own = targets.get(config.name) ?? [];
      return [toProviderBody(config, provider, own, inFlight.get(config.name) ?? 0, services)];
    });
    response.json(bodies);
  };
}

/** Each target once, whichever models it serves. */
function targetsByProvider({ registry }: Snapshot): ReadonlyMap<string, readonly Target[]> {
  const all = registry.list().flatMap(({ targets }) => targets);
  const once = new Map(all.map((target) => [target.id, target])).values();
  return Map.groupBy(once, ({ provider }) => provider.name);
}

function toProviderBody(
  { name, entry, missingKey }: ProviderConfig,
  provider: Provider,
  targets: readonly Target[],
  inFlight: number,
  { calls, routing }: Pick<Services, 'calls' | 'routing'>,
): ProviderBody {
  const failure = routing.stats.lastFailureOf(name);
  return {
    name,
    kind: entry.kind,
    configured: provider.disabledBecause === null,
    env: missingKey,
    keys: { total: provider.apiKeys.length, resting: calls.context.providerKeys.resting(provider) },
    in_flight: inFlight,
    targets: targets.map((target) => toTargetBody(target, routing)),
    last_failure: failure && toFailureBody(failure),
  };
}

function toTargetBody({ id }: Target, { breakers, stats }: ExplainContext): TargetBody {
  const { ttftMs, errorRate } = stats.of(id);
  const until = breakers.openUntil(id);
  return {
    target: id,
    breaker: breakers.state(id),
    until: until === null ? null : toTime(until),
    ttft_ms: ttftMs,
    error_rate: errorRate,
  };
}

function toFailureBody({ kind, status, target, at }: LastFailure): ProviderBody['last_failure'] {
  return { kind, status, target, at: toTime(at) };
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
