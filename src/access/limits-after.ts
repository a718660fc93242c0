import { recordOf } from '../protocol/json.ts';
import type { KeptLimits, KeptModelLimits } from './limits.ts';

/** What is changed of limits; null removes, also all limits of a model. */
export interface LimitsChange extends Omit<KeptLimits, 'model_limits'> {
  readonly model_limits?: Readonly<Record<string, KeptModelLimits | null>> | null;
}

/**
 * Limits with a change made, inside as well: of budgets each window and of models each limit that it does not name stays, and
 * what it sets to null is removed. What is empty then is missing.
 */
export function limitsAfter(before: KeptLimits, change: LimitsChange): KeptLimits {
  return membersAfter(before, change);
}

function membersAfter(before: object, change: object): object {
  const members = new Map<string, unknown>(Object.entries(before).filter(([, value]) => value !== null));
  for (const [name, wanted] of Object.entries(change)) {
    const after = isGroup(wanted) ? membersAfter(recordOf(members.get(name)), wanted) : wanted;
    if (after === null || (isGroup(after) && Object.keys(after).length === 0)) members.delete(name);
    else members.set(name, after);
  }
  return Object.fromEntries(members);
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
