import { toUsd } from './budget.ts';
import type { Admitted, Refused } from './ledger.ts';
import type { RateStanding } from './rate.ts';

/** The headers of a governed answer, admitted or refused. `retry-after` stands with the error. */
export function limitHeaders(answer: Admitted | Refused): Record<string, string> {
  const { requests, tokens, budgetNano } = answer.standing;
  return {
    ...rateHeaders('requests', requests),
    ...rateHeaders('tokens', tokens),
    ...(budgetNano === null ? {} : { 'x-sluice-budget-remaining': toUsd(Math.max(0, budgetNano)) }),
    ...(answer.outcome === 'refused' ? { 'x-sluice-limited-by': limitedBy(answer) } : {}),
    ...(answer.outcome === 'admitted' && answer.alerts.some(({ level }) => level === 'exceeded')
      ? { 'x-sluice-budget': 'soft-exceeded' }
      : {}),
  };
}

/** What refused: `key:rpm`, `org:budget-day`, `parent:concurrency`; `key-model:tpm` for a limit of one model. */
export function limitedBy({ scope, hit }: Pick<Refused, 'scope' | 'hit'>): string {
  const limit = hit.limit === 'budget' ? `budget-${hit.window}` : hit.limit;
  return `${scope.role}${scope.model === null ? '' : '-model'}:${limit}`;
}

function rateHeaders(name: 'requests' | 'tokens', standing: RateStanding | null): Record<string, string> {
  if (standing === null) return {};
  return {
    [`x-ratelimit-limit-${name}`]: String(standing.limit),
    [`x-ratelimit-remaining-${name}`]: String(standing.remaining),
    [`x-ratelimit-reset-${name}`]: toReset(standing.resetMs),
  };
}

/** A duration as OpenAI writes it: `120ms`, `1.2s`, `6m0s`, `1h0m0s`. */
function toReset(exact: number): string {
  const ms = Math.ceil(exact);
  if (ms > 0 && ms < 1000) return `${ms}ms`;
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000)];
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}
