import { toUsd } from './budget.ts';
import type { Admitted, Extended, Refused } from './ledger.ts';

/** The headers of a governed answer, by what the ledger said last of its call. `retry-after` stands with the error. */
export function limitHeaders(answer: Admitted | Extended | Refused): Record<string, string> {
  const { requests, tokens, budgetNano } = answer.standing;
  // One object with names that stand here: names that are put together, and spread, take ten times as long.
  const headers: Record<string, string> = {};
  if (requests !== null) {
    headers['x-ratelimit-limit-requests'] = String(requests.limit);
    headers['x-ratelimit-remaining-requests'] = String(requests.remaining);
    headers['x-ratelimit-reset-requests'] = toReset(requests.resetMs);
  }
  if (tokens !== null) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.limit);
    headers['x-ratelimit-remaining-tokens'] = String(tokens.remaining);
    headers['x-ratelimit-reset-tokens'] = toReset(tokens.resetMs);
  }
  if (budgetNano !== null) headers['x-sluice-budget-remaining'] = toUsd(Math.max(0, budgetNano));
  if (answer.outcome === 'refused') headers['x-sluice-limited-by'] = limitedBy(answer);
  else if (answer.alerts.some(({ level }) => level === 'exceeded')) headers['x-sluice-budget'] = 'soft-exceeded';
  return headers;
}

/** What refused: `key:rpm`, `org:budget-day`, `parent:concurrency`; `key-model:tpm` for a limit of one model. */
export function limitedBy({ scope, hit }: Pick<Refused, 'scope' | 'hit'>): string {
  const limit = hit.limit === 'budget' ? `budget-${hit.window}` : hit.limit;
  return `${scope.role}${scope.model === null ? '' : '-model'}:${limit}`;
}

/** A duration as OpenAI writes it: `120ms`, `1.2s`, `6m0s`, `1h0m0s`. */
function toReset(exact: number): string {
  const ms = Math.ceil(exact);
  if (ms > 0 && ms < 1000) return `${ms}ms`;
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (ms < 60_000) return seconds;
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000)];
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}
