import { GatewayError } from '../protocol/errors.ts';
import { toUsd } from './budget.ts';
import type { BudgetHit, LimitHit, Refused } from './ledger.ts';
import type { Scope } from './scope.ts';
import type { WindowName } from './windows.ts';

const ADJECTIVES = { day: 'daily ', week: 'weekly ', month: 'monthly ', total: '' } as const satisfies Record<
  WindowName,
  string
>;
const ONLY_RAISED = 'Only its operator can raise it.';
const OWNERS = { key: 'this key', org: 'this organisation', parent: 'the parent organisation' } as const;

/**
 * The client's error for a refusal.
 * @param model the one that was to be asked
 */
export function toLimitError({ scope, hit, retryAfterMs }: Refused, model: string): GatewayError {
  switch (hit.limit) {
    case 'budget':
      return new GatewayError('budget_exceeded', budgetMessage(OWNERS[scope.role], hit));
    case 'price': {
      const message = `The budget of ${OWNERS[scope.role]} is hard, and the price of '${model}' is not known. Ask for a model whose price is listed at GET /v1/models.`;
      return new GatewayError('price_unknown', message, { param: 'model' });
    }
    case 'rpm':
    case 'tpm':
    case 'concurrency':
      return rateError(scope, hit, retryAfterMs ?? Number.POSITIVE_INFINITY);
    default:
      return hit satisfies never;
  }
}

type RateHit = Extract<LimitHit, { readonly limit: 'rpm' | 'tpm' | 'concurrency' }>;

const RATES = {
  rpm: { code: 'rate_limit_exceeded', type: 'requests', one: 'request per minute', many: 'requests per minute' },
  tpm: { code: 'rate_limit_exceeded', type: 'tokens', one: 'token per minute', many: 'tokens per minute' },
  concurrency: { code: 'concurrency_limit_exceeded', type: 'requests', one: 'call in flight', many: 'calls in flight' },
} as const;

/** @param retryAfterMs infinite under a limit of 0 */
function rateError(scope: Scope, hit: RateHit, retryAfterMs: number): GatewayError {
  const { code, type, one, many } = RATES[hit.limit];
  const limit = `${hit.most} ${hit.most === 1 ? one : many}`;
  const message =
    hit.most === 0
      ? `The limit of ${subjectOf(scope)} is ${limit}: no call passes. ${ONLY_RAISED}`
      : rateMessage(subjectOf(scope), hit, limit, `Try again in ${Math.ceil(retryAfterMs / 100) / 10} s.`);
  return new GatewayError(code, message, { type, retryAfterMs });
}

function rateMessage(subject: string, hit: RateHit, limit: string, again: string): string {
  if (hit.limit === 'concurrency')
    return `${capital(subject)} may have ${limit}. Try again when ${hit.most === 1 ? 'it' : 'one of them'} has ended.`;
  const asked = hit.limit === 'tpm' ? `, and this request needs about ${hit.asked}` : '';
  return `Rate limit of ${subject} reached: ${limit}${asked}. ${again}`;
}

function budgetMessage(
  owner: string,
  { window, mostNano, spentNano, heldNano, askedNano, beginsAnewAt }: BudgetHit,
): string {
  const used = spentNano + heldNano;
  const budget = `The ${ADJECTIVES[window]}budget of ${owner}`;
  if (mostNano === 0) return `${budget} is 0 USD: only what costs nothing passes. ${ONLY_RAISED}`;
  const sum = `${toUsd(used)} of ${toUsd(mostNano)} USD`;
  const again = toNextWindow(beginsAnewAt);
  if (used >= mostNano) return `${budget} is used up: ${sum}. ${again}`;
  return `${budget} has too little left: ${sum} are used or held by calls in flight, and this request may cost ${toUsd(askedNano)}. ${again}`;
}

function toNextWindow(at: number | null): string {
  if (at === null) return ONLY_RAISED;
  return `It begins anew on ${new Date(at).toISOString().replace('.000', '')}.`;
}

function subjectOf({ role, model }: Scope): string {
  return model === null ? OWNERS[role] : `${OWNERS[role]} for '${model}'`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
