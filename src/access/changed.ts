import { changesBetween } from './audit.ts';
import { resetsNothing } from './limits.ts';
import { type LimitsChange, limitsAfter } from './limits-after.ts';
import type { KeptKey, KeptOrg } from './records.ts';

/**
 * A key or an organisation with a change made, and the very one where that changes nothing; `no-limit` where it says when a
 * limit begins anew that there is not.
 * @param at milliseconds since the epoch
 */
export function changedFrom<Kept extends KeptKey | KeptOrg>(
  before: Kept,
  change: Omit<Partial<Kept>, 'limits'> & { readonly limits?: LimitsChange },
  at: number,
): Kept | 'no-limit' {
  const wanted = change.limits ?? {};
  if (resetsNothing(before.limits, wanted)) return 'no-limit';
  const after = { ...before, ...change, limits: limitsAfter(before.limits, wanted) };
  const isChanged = Object.keys(changesBetween(before, after)).length > 0;
  return isChanged ? { ...after, version: before.version + 1, updatedAt: at } : before;
}
