import type { EndedBody } from '../feed/wire.ts';
import { dollars, plural } from '../parts/format.ts';

/** What is known of a call's cost; null or undefined where nothing is on record, or not yet read. */
type Costed = Pick<EndedBody, 'cost_usd' | 'cost_source'> | null | undefined;

/** What answers cost together, in a few words, and how far that is known. */
export function costSum(calls: readonly Costed[]): { readonly text: string; readonly hint: string } {
  const known = calls.flatMap((call) => (call && call.cost_usd !== null ? [call] : []));
  const usd = known.length === 0 ? null : known.reduce((sum, call) => sum + (call.cost_usd ?? 0), 0);
  const isEstimate = known.some((call) => call.cost_source === 'estimate');
  const unknown = calls.length - known.length;
  const hint = `What ${plural(calls.length, 'answer')} cost together`;
  return {
    text: `Σ ${dollars(usd, isEstimate)}${usd !== null && unknown > 0 ? ' +' : ''}`,
    hint: unknown === 0 ? hint : `${hint}; of ${unknown} it is not known`,
  };
}
