import { GatewayError } from '../protocol/errors.ts';
import { toUsd } from './budget.ts';
import type { BudgetHit, Refused } from './ledger.ts';
import type { Scope } from './scope.ts';
import type { WindowName } from './windows.ts';

/** When a call that cannot be admitted at all, under a limit of 0, may ask again. */
const HOPELESS_MS = 60_000;

const ADJECTIVES = { day: 'daily ', week: 'weekly ', month: 'monthly ', total: '' } as const satisfies Record<
  WindowName,
  string
>;
const OWNERS = { key: 'this key', org: 'this organisation', parent: 'the parent organisation' } as const;

/**
 * The client's error for a refusal.
 * @param model the one that was to be asked
 */
export function toLimitError({ scope, hit, retryAfterMs: known }: Refused, model: string): GatewayError {
  const retryAfterMs = known ?? HOPELESS_MS;
  const again = `Try again in ${Math.ceil(retryAfterMs / 100) / 10} s.`;
  const owner = OWNERS[scope.role];
  switch (hit.limit) {
    case 'rpm': {
      const message = `Rate limit of ${subjectOf(scope)} reached: ${hit.most} requests per minute. ${again}`;
      return new GatewayError('rate_limit_exceeded', message, { type: 'requests', retryAfterMs });
    }
    case 'tpm': {
      const message = `Rate limit of ${subjectOf(scope)} reached: ${hit.most} tokens per minute, and this request needs about ${hit.asked}. ${again}`;
      return new GatewayError('rate_limit_exceeded', message, { type: 'tokens', retryAfterMs });
    }
    case 'concurrency': {
      const message = `${capital(subjectOf(scope))} may have ${hit.most} calls in flight. Try again when one of them has ended.`;
      return new GatewayError('concurrency_limit_exceeded', message, { retryAfterMs });
    }
    case 'budget':
      return new GatewayError('budget_exceeded', budgetMessage(owner, hit));
    case 'price': {
      const message = `The budget of ${owner} is hard, and the price of '${model}' is not known. Ask for a model whose price is listed at GET /v1/models.`;
      return new GatewayError('price_unknown', message, { param: 'model' });
    }
    default:
      return hit satisfies never;
  }
}

function budgetMessage(
  owner: string,
  { window, mostNano, spentNano, heldNano, askedNano, beginsAnewAt }: BudgetHit,
): string {
  const used = spentNano + heldNano;
  const budget = `The ${ADJECTIVES[window]}budget of ${owner}`;
  const sum = `${toUsd(used)} of ${toUsd(mostNano)} USD`;
  const again = toNextWindow(beginsAnewAt);
  if (used >= mostNano) return `${budget} is used up: ${sum}. ${again}`;
  return `${budget} has too little left: ${sum} are used or held by calls in flight, and this request may cost ${toUsd(askedNano)}. ${again}`;
}

function toNextWindow(at: number | null): string {
  if (at === null) return 'Only its operator can raise it.';
  return `It begins anew on ${new Date(at).toISOString().replace('.000', '')}.`;
}

function subjectOf({ role, model }: Scope): string {
  return model === null ? OWNERS[role] : `${OWNERS[role]} for '${model}'`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
